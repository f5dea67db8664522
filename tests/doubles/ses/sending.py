"""SendEmail and SendBulkEmail: what SES checks, in which order, and what it takes."""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from tests.doubles.ses import limits
from tests.doubles.ses.account import SIMULATOR, Account
from tests.doubles.ses.content import Contents, Pairs, pairs
from tests.doubles.ses.errors import TOO_FAST, TOO_MANY_CALLS, TOO_MANY_TODAY, SesError, bad_request
from tests.doubles.ses.mail import Call, Mail, Mailbox

Json = dict[str, Any]


class Sending:
    """Takes mail for an account into a mailbox."""

    def __init__(self, account: Account, mailbox: Mailbox, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._account = account
        self._mailbox = mailbox
        self._clock = clock
        self._contents = Contents(account)
        self._run = uuid.uuid4().hex
        self._numbers = itertools.count(1)
        self.throttled = 0

    def bulk(self, request: Json, size: int, ordered: Mapping[str, str]) -> Json:
        """`ordered` has statuses that the test wants for some addresses ("*": for all)."""
        now = self._clock()
        entries = request.get("BulkEmailEntries") or []
        template = (request.get("DefaultContent") or {}).get("Template")
        if not entries or template is None:
            raise bad_request("DefaultContent.Template and at least one entry are required.")
        if len(entries) > limits.MAX_ENTRIES:
            raise bad_request(f"Bulk email entries must not exceed {limits.MAX_ENTRIES}.")
        if "TemplateContent" in template and size > limits.MAX_INLINE_REQUEST:
            raise bad_request("The request with inline template content must not exceed 1 MB.")
        self._may_send(request)
        call = self._contents.of_template(request, template, "SendBulkEmail")
        recipients = [_checked(entry) for entry in entries]
        if not self._account.passes_bulk_call(now):
            self.throttled += 1
            raise SesError("TooManyRequestsException", TOO_MANY_CALLS)
        self._pace(now, sum(map(len, recipients)))
        taken: list[Mail] = []
        results = [
            self._entry(entry, to, call, ordered=ordered, taken=taken)
            for entry, to in zip(entries, recipients, strict=True)
        ]
        self._mailbox.take(taken)
        return {"BulkEmailEntryResults": results}

    def single(self, request: Json, size: int) -> Json:
        now = self._clock()
        if size > limits.MAX_MESSAGE:
            raise bad_request("Message length is more than 40 MB.")
        self._may_send(request)
        tags = request.get("EmailTags") or []
        limits.check_tags(tags)
        given = self._contents.of_email(request)
        to = limits.recipients(request.get("Destination") or {}) or list(given.to)
        if not to or not all(to):
            raise bad_request("Invalid email address." if to else "Destination is required.")
        self._insist_verified([limits.check_sender(given.call.sender)])
        self._insist_verified([address for address in to if not self._account.may_receive(address)])
        self._pace(now, len(to))
        if self._account.left_today(now) < _counted(to):
            raise SesError(self._account.quota_code, TOO_MANY_TODAY)
        self._account.count(now, _counted(to))
        mail = self._mail(given.call, to, None, given.headers, tags)
        self._mailbox.take([mail])
        return {"MessageId": mail.message_id}

    def _may_send(self, request: Json) -> None:
        account = self._account
        if account.enforcement == "SHUTDOWN":
            raise SesError("AccountSuspendedException", "Account is suspended.")
        if not account.sending_enabled:
            raise SesError("SendingPausedException", "Email sending is paused for this account.")
        name = request.get("ConfigurationSetName")
        if name and name not in account.configuration_sets:
            raise SesError("NotFoundException", f"Configuration set <{name}> does not exist.")
        if sender := request.get("FromEmailAddress"):
            self._insist_verified([limits.check_sender(sender)])
        elif "Raw" not in (request.get("Content") or {}):
            raise bad_request("FromEmailAddress is required.")

    def _insist_verified(self, addresses: list[str]) -> None:
        unverified = [address for address in addresses if not self._account.verified(address)]
        if unverified:
            raise SesError("MessageRejected", _not_verified(unverified))

    def _pace(self, now: float, recipients: int) -> None:
        if self._account.left_today(now) <= 0:
            raise SesError(self._account.quota_code, TOO_MANY_TODAY)
        if not self._account.passes_rate(now, recipients):
            self.throttled += 1
            raise SesError("TooManyRequestsException", TOO_FAST)

    def _entry(self, entry: Json, to: list[str], call: Call, *, ordered: Mapping[str, str], taken: list[Mail]) -> Json:
        """One result; what is accepted is added to `taken`."""
        if not all(to):
            return {"Status": "INVALID_PARAMETER", "Error": "Invalid email address."}
        if ordered and (status := next((ordered[address] for address in (*to, "*") if address in ordered), "")):
            return {"Status": status, "Error": f"Ordered by the test: {status}."}
        unverified = [address for address in to if not self._account.may_receive(address)]
        if unverified:
            return {"Status": "MESSAGE_REJECTED", "Error": _not_verified(unverified)}
        counted, now = _counted(to), self._clock()
        if self._account.left_today(now) < counted:
            return {"Status": "ACCOUNT_DAILY_QUOTA_EXCEEDED", "Error": TOO_MANY_TODAY}
        self._account.count(now, counted)
        content = (entry.get("ReplacementEmailContent") or {}).get("ReplacementTemplate") or {}
        data = content.get("ReplacementTemplateData")
        mail = self._mail(call, to, data, pairs(entry.get("ReplacementHeaders")), entry.get("ReplacementTags") or [])
        taken.append(mail)
        return {"Status": "SUCCESS", "MessageId": mail.message_id}

    def _mail(self, call: Call, to: list[str], data: str | None, headers: Pairs, tags: list[dict[str, str]]) -> Mail:
        at = time.time()
        suppressed = self._account.suppressed
        return Mail(
            call=call,
            to=tuple(to),
            message_id=self._message_id(at),
            at=at,
            own_data=data,
            own_headers=headers,
            tags={tag["Name"]: tag["Value"] for tag in tags},
            suppressed=suppressed.get(to[0].lower(), "") if suppressed else "",
        )

    def _message_id(self, at: float) -> str:
        """In the look of SES's: the moment, an id of its own, a counter."""
        run = self._run
        number = next(self._numbers)
        return f"{int(at * 1000):016x}-{run[:8]}-{run[8:12]}-{run[12:16]}-{run[16:20]}-{number:012x}-000000"


def _checked(entry: Json) -> list[str]:
    """The entry's recipients, once all that the model prescribes is found to be right."""
    limits.check_headers(entry.get("ReplacementHeaders") or [])
    limits.check_tags(entry.get("ReplacementTags") or [])
    content = (entry.get("ReplacementEmailContent") or {}).get("ReplacementTemplate") or {}
    if len(content.get("ReplacementTemplateData") or "") > limits.MAX_DATA:
        raise bad_request("ReplacementTemplateData is too long.")
    to = limits.recipients(entry.get("Destination") or {})
    if not to:
        raise bad_request("Destination is required.")
    return to


def _counted(to: list[str]) -> int:
    """The simulator's addresses do not count to the quota."""
    return sum(not address.endswith(SIMULATOR) for address in to)


def _not_verified(addresses: list[str]) -> str:
    named = ", ".join(addresses)
    return f"Email address is not verified. The following identities failed the check in region US-EAST-1: {named}"
