"""From an HTTP request to SES's answer: which call it is, which fault strikes it, how an error is written."""

from __future__ import annotations

import json
import re
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from tests.doubles.ses.account import Account
from tests.doubles.ses.errors import SesError, bad_request
from tests.doubles.ses.faults import AFTER, Fault, Faults
from tests.doubles.ses.language import MissingVariable
from tests.doubles.ses.mail import Mailbox
from tests.doubles.ses.management import Management
from tests.doubles.ses.sending import Sending

Json = dict[str, Any]

#: Method and path → operation. A group in the path is the call's first argument.
_ROUTES: tuple[tuple[str, re.Pattern[str], str], ...] = tuple(
    (method, re.compile(f"/v2/email/{path}"), operation)
    for method, path, operation in (
        ("POST", "outbound-bulk-emails", "SendBulkEmail"),
        ("POST", "outbound-emails", "SendEmail"),
        ("GET", "account", "GetAccount"),
        ("PUT", "account/sending", "PutAccountSendingAttributes"),
        ("GET", "identities/([^/]+)", "GetEmailIdentity"),
        ("PUT", "suppression/addresses", "PutSuppressedDestination"),
        ("GET", "suppression/addresses", "ListSuppressedDestinations"),
        ("GET", "suppression/addresses/([^/]+)", "GetSuppressedDestination"),
        ("DELETE", "suppression/addresses/([^/]+)", "DeleteSuppressedDestination"),
        ("POST", "templates", "CreateEmailTemplate"),
        ("GET", "templates", "ListEmailTemplates"),
        ("GET", "templates/([^/]+)", "GetEmailTemplate"),
        ("PUT", "templates/([^/]+)", "UpdateEmailTemplate"),
        ("DELETE", "templates/([^/]+)", "DeleteEmailTemplate"),
        ("POST", "templates/([^/]+)/render", "TestRenderEmailTemplate"),
        ("POST", "configuration-sets", "CreateConfigurationSet"),
        ("GET", "configuration-sets/([^/]+)", "GetConfigurationSet"),
        ("DELETE", "configuration-sets/([^/]+)", "DeleteConfigurationSet"),
        ("POST", "list-configuration-sets", "ListConfigurationSets"),
        ("POST", "configuration-sets/([^/]+)/event-destinations", "CreateConfigurationSetEventDestination"),
        ("GET", "configuration-sets/([^/]+)/event-destinations", "GetConfigurationSetEventDestinations"),
        (
            "PUT",
            "configuration-sets/([^/]+/event-destinations/[^/]+)",
            "UpdateConfigurationSetEventDestination",
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Reply:
    status: int = 200
    body: bytes = b"{}"
    headers: tuple[tuple[str, str], ...] = ()
    #: "drop" closes the connection without an answer; "silence" keeps it open and says nothing.
    then: Literal["answer", "drop", "silence"] = "answer"
    #: Seconds until it leaves.
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as an operation sees it."""

    request: Json
    #: Bytes of the body.
    size: int
    #: What the path names.
    named: str
    query: dict[str, list[str]]
    #: Statuses that a fault wants for some bulk entries.
    ordered: dict[str, str]


@dataclass
class Service:
    """An account's SES: its state, and one answer for each request."""

    account: Account
    mailbox: Mailbox
    faults: Faults = field(default_factory=Faults)
    #: Seconds that every answer takes; SES needs 0.04 to 0.06.
    latency: float = 0.0
    #: Seconds for which the signature of a request is good.
    signature_age: float = 300.0
    clock: Callable[[], float] = time.monotonic
    calls: Counter[str] = field(default_factory=Counter)
    #: Held while a call is answered, so that a test's thread sees whole calls.
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.sending = sending = Sending(self.account, self.mailbox, clock=self.clock)
        self.management = manage = Management(self.account, clock=self.clock)
        self._operations: dict[str, Callable[[Asked], Json]] = {
            "SendBulkEmail": lambda asked: sending.bulk(asked.request, asked.size, asked.ordered),
            "SendEmail": lambda asked: sending.single(asked.request, asked.size),
            "GetAccount": lambda _: manage.get_account(),
            "PutAccountSendingAttributes": lambda asked: manage.put_sending(asked.request),
            "GetEmailIdentity": lambda asked: manage.get_identity(asked.named),
            "PutSuppressedDestination": lambda asked: manage.put_suppressed(asked.request),
            "ListSuppressedDestinations": lambda asked: manage.list_suppressed(asked.query),
            "GetSuppressedDestination": lambda asked: manage.get_suppressed(asked.named),
            "DeleteSuppressedDestination": lambda asked: manage.delete_suppressed(asked.named),
            "CreateEmailTemplate": lambda asked: manage.create_template(asked.request),
            "ListEmailTemplates": lambda _: manage.list_templates(),
            "GetEmailTemplate": lambda asked: manage.get_template(asked.named),
            "UpdateEmailTemplate": lambda asked: manage.update_template(asked.named, asked.request),
            "DeleteEmailTemplate": lambda asked: manage.delete_template(asked.named),
            "TestRenderEmailTemplate": lambda asked: manage.render_template(asked.named, asked.request),
            "CreateConfigurationSet": lambda asked: manage.create_configuration_set(asked.request),
            "GetConfigurationSet": lambda asked: manage.get_configuration_set(asked.named),
            "DeleteConfigurationSet": lambda asked: manage.delete_configuration_set(asked.named),
            "ListConfigurationSets": lambda _: manage.list_configuration_sets(),
            "CreateConfigurationSetEventDestination": lambda asked: manage.create_destination(
                asked.named, asked.request
            ),
            "GetConfigurationSetEventDestinations": lambda asked: manage.get_destinations(asked.named),
            "UpdateConfigurationSetEventDestination": lambda asked: manage.update_destination(
                asked.named, asked.request
            ),
        }

    def expired(self, signed: str) -> Reply | None:
        """The refusal of a request that was signed too long ago; `signed` is when, as AWS writes it."""
        now = datetime.now(UTC)
        at = datetime.strptime(signed, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if signed else now
        if abs((now - at).total_seconds()) <= self.signature_age:
            return None
        text = f"Signature expired: {signed} is now earlier than {now:%Y%m%dT%H%M%SZ}"
        return _error(SesError("InvalidSignatureException", text, 403), delay=self.latency)

    def answer(self, method: str, target: str, body: bytes) -> Reply:
        url = urlsplit(target)
        with self.lock:
            for wanted, path, operation in _ROUTES:
                if method == wanted and (found := path.fullmatch(url.path)):
                    self.calls[operation] += 1
                    named = unquote(found[1]) if found.groups() else ""
                    return self._strike(operation, named, parse_qs(url.query), body)
        return _error(SesError("UnknownOperationException", f"{method} {url.path}", 404))

    def _strike(self, operation: str, named: str, query: dict[str, list[str]], body: bytes) -> Reply:
        """The answer, unless a fault wants otherwise."""
        fault = self.faults.next(operation)
        if fault and fault.kind == "close":
            return Reply(then="drop", delay=self.latency)
        if fault and fault.kind == "refuse":
            return _error(SesError(fault.code, fault.message, fault.status), delay=self.latency)
        ordered = fault.entries if fault else {}
        try:
            asked = Asked(_parsed(body), len(body), named, query, ordered)
            said = self._operations[operation](asked)
        except SesError as error:
            return _error(error, delay=self.latency)
        except MissingVariable as missing:
            return _error(bad_request(str(missing)), delay=self.latency)
        if fault and fault.kind in AFTER:
            return _spoilt(fault, said, delay=self.latency)
        return Reply(body=json.dumps(said).encode(), delay=self.latency)


def _parsed(body: bytes) -> Json:
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        raise SesError("SerializationException", "The body is not JSON.") from None
    if not isinstance(request, dict):
        raise SesError("SerializationException", "The body is not an object.")
    return request


def _error(error: SesError, *, delay: float = 0.0) -> Reply:
    """As SES writes it: the code in a header, so that the client's own exception classes fire."""
    body = json.dumps({"__type": error.code, "message": error.message}).encode()
    return Reply(error.http_status, body, (("x-amzn-ErrorType", error.code),), delay=delay)


def _spoilt(fault: Fault, said: Json, *, delay: float) -> Reply:
    """The answer of a call that was carried out, as the fault lets it arrive."""
    match fault.kind:
        case "drop":
            return Reply(then="drop", delay=delay)
        case "silence":
            return Reply(then="silence")
        case "garble":
            return Reply(body=b"<html>not what you expected", delay=delay)
        case "short":
            results = said.get("BulkEmailEntryResults", [])
            return Reply(body=json.dumps({"BulkEmailEntryResults": results[:-1]}).encode(), delay=delay)
        case _:
            status = fault.status or 500
            return Reply(status, b"", (("x-amzn-RequestId", str(uuid.uuid4())),), delay=delay)
