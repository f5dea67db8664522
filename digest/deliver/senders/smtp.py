"""Any SMTP server, one connection for a batch, one message after the other.

Each step of a message is awaited by itself, because only that says how far it came: before the end of the data
nothing was accepted and it may be tried again; after it, a lost answer is doubt.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from digest.deliver import outcome
from digest.deliver.message import plain_address
from digest.deliver.outcome import Answer, Row
from digest.deliver.senders import letters
from digest.deliver.senders.letters import Letter
from digest.deliver.senders.port import Prepared
from digest.deliver.senders.receipts import in_order
from digest.errors import SenderError
from digest.model import Account, Message, Receipt, Rendered


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """Where and how to reach it."""

    host: str
    port: int = 587
    #: "starttls" upgrades a plain connection and insists on it; "tls" is encrypted from the first byte (port 465).
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: str = ""
    timeout: float = 30.0
    #: How we introduce ourselves; empty is this machine's name. Asking DNS for it may take many seconds.
    hello: str = ""
    #: Certificates to trust; None is the system's.
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class _Envelope:
    sender: str
    letters: list[Letter]


#: When the very first message meets one of these, so does the batch.
_WHOLE_BATCH = (outcome.Kind.ACCOUNT, outcome.Kind.PACE, outcome.Kind.RETRY)


class SmtpSender:
    """Sends by SMTP. Safe for threads: each `send` has a connection of its own."""

    name = "smtp"

    def __init__(
        self, server: Server, *, clock: Callable[[], datetime], max_rate: float = 10.0, batch_size: int = 50
    ) -> None:
        """`max_rate` is what the server's owner allows, in recipients per second: SMTP has no way to ask."""
        self.batch_size = batch_size
        self._server = server
        self._clock = clock
        self._max_rate = max_rate

    def account(self) -> Account:
        return Account(max_rate=self._max_rate)

    def prepare(self, rendered: Rendered, messages: Sequence[Message]) -> Prepared:
        prepared = letters.prepare(rendered, messages, at=self._clock())
        if prepared.fault:
            return prepared
        envelope = _Envelope(plain_address(rendered.envelope.sender_address), prepared.request)
        return replace(prepared, request=envelope)

    def send(self, prepared: Prepared) -> list[Receipt]:
        prepared.insist()
        envelope: _Envelope = prepared.request
        if not envelope.letters:
            return in_order(prepared, [])
        connection = self._connect()
        try:
            prepared.insist_in_time(self._clock())
            answers = _converse(connection, envelope)
        finally:
            _hang_up(connection)
        return in_order(prepared, outcome.receipts(answers))

    def close(self) -> None:
        """Nothing is held open between batches."""

    def _connect(self) -> smtplib.SMTP:
        try:
            return self._open()
        except smtplib.SMTPResponseException as refusal:
            text = _words(refusal.smtp_error)
            row = outcome.of_reply("hello", refusal.smtp_code, text)
            raise outcome.error(row, code=str(refusal.smtp_code), text=text) from refusal
        except ssl.SSLError as problem:
            raise _unreached(outcome.SMTP_TLS, problem) from problem
        except smtplib.SMTPNotSupportedError as problem:
            raise _unreached(outcome.SMTP_UNABLE, problem) from problem
        except (OSError, smtplib.SMTPException) as problem:
            raise _unreached(outcome.SMTP_UNREACHABLE, problem) from problem

    def _open(self) -> smtplib.SMTP:
        server = self._server
        tls = server.tls or ssl.create_default_context()
        where = (server.host, server.port, server.hello or _own_name())
        connection: smtplib.SMTP
        if server.security == "tls":
            connection = smtplib.SMTP_SSL(*where, timeout=server.timeout, context=tls)
        else:
            connection = smtplib.SMTP(*where, timeout=server.timeout)
        try:
            if server.security == "starttls":
                connection.starttls(context=tls)
            connection.ehlo_or_helo_if_needed()
            if server.username:
                connection.login(server.username, server.password)
        except BaseException:
            connection.close()
            raise
        return connection


def _converse(connection: smtplib.SMTP, envelope: _Envelope) -> list[Answer]:
    """An answer for each letter; after the first that ends the connection the rest were not tried."""
    answers: list[Answer] = []
    for letter in envelope.letters:
        answer = _deliver(connection, envelope.sender, letter)
        answers.append(answer)
        if answer.row is not None and not _goes_on(connection, answer.row):
            break
    rest = envelope.letters[len(answers) :]
    first = answers[0]
    if rest and len(answers) == 1 and first.row and first.row.kind in _WHOLE_BATCH:
        raise outcome.error(first.row, code=first.code, text=first.text)
    return answers + [Answer(letter.message.recipient.position, outcome.NOT_TRIED, code="not tried") for letter in rest]


def _deliver(connection: smtplib.SMTP, sender: str, letter: Letter) -> Answer:
    """One message, step by step."""
    position = letter.message.recipient.position
    data = letter.build()
    ended = False
    try:
        for step, command, wanted in (
            ("mail", f"MAIL FROM:<{sender}>", (250,)),
            ("rcpt", f"RCPT TO:<{letter.to}>", (250, 251)),  # 251: will be passed on
            ("data", "DATA", (354,)),
        ):
            code, said = connection.docmd(command)
            if code not in wanted:
                return _refusal(position, step, code, _words(said))
        ended = True  # once the first byte is on its way the last may be, too
        connection.send(_dotted(data))
        code, said = connection.getreply()
    except (OSError, smtplib.SMTPException) as problem:
        row = outcome.LOST if ended else outcome.SMTP_UNREACHABLE
        return Answer(position, row, code=type(problem).__name__, text=str(problem))
    if code != 250:
        return _refusal(position, "end", code, _words(said))
    return Answer(position, None, message_id=letter.message_id)


def _refusal(position: int, step: str, code: int, text: str) -> Answer:
    return Answer(position, outcome.of_reply(step, code, text), code=str(code), text=text)


def _goes_on(connection: smtplib.SMTP, row: Row) -> bool:
    """Whether the next letter may be tried after one that did not go."""
    if row.kind not in (outcome.Kind.PERSON, outcome.Kind.RETRY):
        return False
    try:
        return connection.rset()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


def _hang_up(connection: smtplib.SMTP) -> None:
    # What was accepted is known by now; a server that does not say goodbye changes nothing.
    with suppress(OSError, smtplib.SMTPException):
        connection.quit()
    connection.close()


def _dotted(data: bytes) -> bytes:
    """The message as SMTP carries it: lines that begin with a dot get a second one, and a lone dot ends it."""
    if data.startswith(b"."):
        data = b"." + data
    return data.replace(b"\r\n.", b"\r\n..") + b".\r\n"


def _unreached(row: Row, problem: Exception) -> SenderError:
    return outcome.error(row, code=type(problem).__name__, text=str(problem))


def _own_name() -> str:
    name = socket.gethostname()
    return name if "." in name else "[127.0.0.1]"


def _words(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
