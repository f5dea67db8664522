"""Amazon SES through its v2 API: many readers with one SendBulkEmail, or one SendEmail for each.

Each call leaves once: boto3 left alone repeats a call whose answer was lost, and SES has no token that would make the
second call harmless; fifty readers would get the issue up to five times. What may be tried again is decided by
`digest.deliver.outcome` and done by the worker.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Literal

from digest.deliver import mime, outcome
from digest.deliver.message import addresses, first_fault, parts_of
from digest.deliver.outcome import Answer
from digest.deliver.senders import ses_request as request_of
from digest.deliver.senders.port import Prepared
from digest.deliver.senders.receipts import in_order
from digest.deliver.senders.ses_wire import Wire
from digest.errors import DoubtError, PaceError, SenderError
from digest.model import Account, Message, Receipt, Rendered

_UNLIMITED = -1
#: One message for each call, so that the pace is kept and doubt about a call is doubt about one reader.
_SINGLE_BATCH = 1

_ACCOUNT = "/v2/email/account"
_BULK = "/v2/email/outbound-bulk-emails"
_SINGLE = "/v2/email/outbound-emails"


class SesSender:
    """Sends through Amazon SES. Safe for threads; connects when it is first used, so a dry run needs no account."""

    name = "ses"

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        region: str = "",
        configuration_set: str = "",
        mode: Literal["bulk", "single"] = "bulk",
        connections: int = 10,
        connect_timeout: float = 5.0,
        read_timeout: float = 30.0,
    ) -> None:
        self.batch_size = request_of.MAX_ENTRIES if mode == "bulk" else _SINGLE_BATCH
        self._clock = clock
        self._configuration_set = configuration_set
        self._mode = mode
        self._connect = partial(
            Wire,
            region=region,
            connections=connections,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
        )
        self._lock = threading.Lock()
        self._connected: Wire | None = None

    def account(self) -> Account:
        try:
            found = self._ask("GET", _ACCOUNT)
        except _Failed as failed:
            error = failed.as_error()
            if isinstance(error, DoubtError):
                # Nothing was to be sent, so there is nothing to doubt.
                error = PaceError(error.message, code=error.code, hint="The account will be asked again.")
            raise error from failed.__cause__
        return _account(found)

    def prepare(self, rendered: Rendered, messages: Sequence[Message]) -> Prepared:
        build = self._bulk if self._mode == "bulk" else self._single
        to, refused = addresses(messages)
        fault = first_fault(rendered, messages)
        good = [(message, address) for message, address in zip(messages, to, strict=True) if address]
        requests, total, fault = ([], 0, fault) if fault or not good else build(rendered, good)
        return Prepared(
            positions=tuple(message.recipient.position for message in messages),
            total_bytes=total,
            refused=refused,
            fault=fault,
            compose=lambda index: self._eml(rendered, messages[index]),
            weigh=lambda index: parts_of(rendered).size(messages[index]),
            request=requests,
        )

    def send(self, prepared: Prepared) -> list[Receipt]:
        prepared.insist()
        going = [position for position in prepared.positions if position not in prepared.refused]
        send = self._send_bulk if self._mode == "bulk" else self._send_single
        answers = send(prepared.request, going, prepared.latest) if going else []
        return in_order(prepared, outcome.receipts(answers))

    def close(self) -> None:
        with self._lock:
            if self._connected is not None:
                self._connected.close()
                self._connected = None

    def _bulk(self, rendered: Rendered, good: Sequence[tuple[Message, str]]) -> tuple[list[bytes], int, str]:
        messages, to = zip(*good, strict=True)
        body = request_of.bulk(rendered, messages, to, configuration_set=self._configuration_set)
        size, fault = len(body), ""
        if len(good) > request_of.MAX_ENTRIES:
            fault = f"{len(good)} messages are more than the {request_of.MAX_ENTRIES} that SES takes in one call."
        elif size > request_of.MAX_REQUEST:
            fault = f"the request has {size:,} bytes; SES takes {request_of.MAX_REQUEST:,}. Make the issue shorter."
        return [body], size, fault

    def _single(self, rendered: Rendered, good: Sequence[tuple[Message, str]]) -> tuple[list[bytes], int, str]:
        name = self._configuration_set
        bodies = [request_of.single(rendered, message, to, configuration_set=name) for message, to in good]
        return bodies, sum(map(len, bodies)), ""

    def _eml(self, rendered: Rendered, message: Message) -> bytes:
        # SES writes its own Date and Message-ID over these.
        at = self._clock()
        ident = mime.message_id(message, domain="email.amazonses.com", at=at)
        return mime.eml(rendered, message, date=at, message_id=ident, mark_tags=False)

    def _send_bulk(self, bodies: list[bytes], positions: Sequence[int], latest: float) -> list[Answer]:
        try:
            reply = self._ask("POST", _BULK, bodies[0], latest=latest)
        except _Failed as failed:
            if failed.row.kind is not outcome.Kind.PERSON:
                raise failed.as_error() from failed.__cause__
            row = failed.row if len(positions) == 1 else outcome.ONE_OF_MANY
            return [Answer(position, row, code=failed.code, text=failed.text) for position in positions]
        results = reply.get("BulkEmailEntryResults")
        if not isinstance(results, list) or len(results) != len(positions):
            text = f"{len(results) if isinstance(results, list) else 'no'} results for {len(positions)} messages"
            raise outcome.error(outcome.UNREADABLE, code="results", text=text)
        return [_entry(position, result) for position, result in zip(positions, results, strict=True)]

    def _send_single(self, bodies: list[bytes], positions: Sequence[int], latest: float) -> list[Answer]:
        answers: list[Answer] = []
        for body, position in zip(bodies, positions, strict=True):
            answer = self._send_one(body, position, latest)
            answers.append(answer)
            if answer.row and answer.row.kind is not outcome.Kind.PERSON:
                break  # the rest would meet the same, or must wait
        if len(answers) == 1 and (row := answers[0].row) and row.kind is not outcome.Kind.PERSON:
            raise outcome.error(row, code=answers[0].code, text=answers[0].text)
        return answers + [
            Answer(position, outcome.NOT_TRIED, code="not tried") for position in positions[len(answers) :]
        ]

    def _send_one(self, body: bytes, position: int, latest: float) -> Answer:
        try:
            reply = self._ask("POST", _SINGLE, body, latest=latest)
        except _Failed as failed:
            return Answer(position, failed.row, code=failed.code, text=failed.text)
        if not (ident := reply.get("MessageId")):
            return Answer(position, outcome.UNREADABLE, code="results", text="no message id")
        return Answer(position, None, message_id=ident)

    def _ask(self, method: str, path: str, body: bytes = b"", *, latest: float = math.inf) -> dict[str, Any]:
        """One call. Whatever goes wrong comes out as `_Failed` with its row of the table."""
        try:
            wire = self._wire()
            request = wire.sign(method, path, body)
        except Exception as problem:  # settings, credentials, profile
            raise _not_left(problem) from problem
        # After signing: AWS refuses a signature of five minutes ago, so sleeping from here on does no harm either.
        if self._clock().timestamp() > latest:
            raise _Failed(outcome.OVERSLEPT, "late", "")
        try:
            reply = wire.send(request)
        except Exception as lost:  # whatever it is, the request may have left: the table decides
            raise _Failed(outcome.of_exception(lost, left=True), type(lost).__name__, str(lost)) from lost
        if reply.is_error:
            code, text = reply.error()
            raise _Failed(outcome.of_call(code, reply.status, text), code, text)
        try:
            return reply.fields()
        except ValueError as unreadable:
            raise _Failed(outcome.UNREADABLE, "answer", str(unreadable)) from unreadable

    def _wire(self) -> Wire:
        with self._lock:
            if self._connected is None:
                self._connected = self._connect()
            return self._connected


class _Failed(Exception):
    def __init__(self, row: outcome.Row, code: str, text: str) -> None:
        super().__init__(code, text)
        self.row, self.code, self.text = row, code, text

    def as_error(self) -> SenderError:
        return outcome.error(self.row, code=self.code, text=self.text)


def _not_left(problem: Exception) -> _Failed:
    """What went wrong before our own request left."""
    from botocore.exceptions import ClientError

    if isinstance(problem, ClientError):  # AWS refuses to give us the credentials of a role
        about = problem.response.get("Error", {})
        status = int(problem.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400))
        code, text = str(about.get("Code", "")), str(about.get("Message", ""))
        row = outcome.of_call(code, status, text)
    else:
        code, text = type(problem).__name__, str(problem)
        row = outcome.of_exception(problem, left=False)
    # A lost answer is that of a question for credentials: no reader's mail is in doubt.
    return _Failed(outcome.UNREACHABLE if row.kind is outcome.Kind.DOUBT else row, code, text)


def _entry(position: int, result: Any) -> Answer:
    if not isinstance(result, dict) or not (status := result.get("Status")):
        return Answer(position, outcome.UNREADABLE, code="results", text="no status")
    status, text = str(status), str(result.get("Error") or "")
    row = outcome.of_status(status, text)
    return Answer(position, row, message_id=result.get("MessageId") or "", code=status, text=text)


def _account(found: dict[str, Any]) -> Account:
    quota = found.get("SendQuota") or {}
    per_day = quota.get("Max24HourSend", _UNLIMITED)
    status = str(found.get("EnforcementStatus") or "HEALTHY")
    notes = []
    if not found.get("ProductionAccessEnabled", True):
        notes.append("The account is in the sandbox: only verified addresses can be mailed.")
    if status != "HEALTHY":
        notes.append(f"AWS has put the account under {status.lower()}.")
    enabled = bool(found.get("SendingEnabled", True)) and status != "SHUTDOWN"
    if not enabled:
        notes.append("Sending is switched off for the account.")
    return Account(
        max_rate=float(quota.get("MaxSendRate", 1.0)),
        max_per_day=None if per_day == _UNLIMITED else int(per_day),
        sent_last_day=int(quota.get("SentLast24Hours", 0)),
        sending_enabled=enabled,
        note=" ".join(notes),
    )
