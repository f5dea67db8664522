"""The server behind `SmtpDouble`: one thread for each connection, replies scripted by step and recipient."""

from __future__ import annotations

import base64
import socketserver
import ssl
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Literal

from tests.doubles.served import Served

#: Key and certificate for 127.0.0.1, made for these tests and worth nothing elsewhere.
CERTIFICATE = Path(__file__).with_name("loopback.pem")

Step = Literal["hello", "login", "mail", "rcpt", "data", "end"]


@dataclass(frozen=True, slots=True)
class Accepted:
    sender: str
    to: str
    data: bytes
    #: Number of the connection that it came by, from 1.
    connection: int
    encrypted: bool

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.data, policy=policy.default)


@dataclass
class Script:
    """What the server does other than say yes."""

    #: (step, recipient or "") → reply, such as "550 5.1.1 no such person".
    replies: dict[tuple[Step, str], str] = field(default_factory=dict)
    #: (step, recipient or "") where the connection ends without a reply.
    drops: set[tuple[Step, str]] = field(default_factory=set)

    def reply(self, step: Step, to: str, usual: str) -> str | None:
        """None is to hang up."""
        if (step, to) in self.drops or (step, "") in self.drops:
            return None
        return self.replies.get((step, to)) or self.replies.get((step, "")) or usual


class SmtpDouble(Served):
    """with SmtpDouble() as server: … server.port, server.accepted"""

    def __init__(
        self, *, security: Literal["none", "starttls", "tls"] = "none", login: tuple[str, str] | None = None
    ) -> None:
        self.security = security
        self.login = login
        self.script = Script()
        self.accepted: list[Accepted] = []
        self.connections = 0
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(CERTIFICATE)
        super().__init__(_Server(self))

    def to(self, address: str) -> list[Accepted]:
        return [mail for mail in self.accepted if mail.to == address]

    def refuse(self, step: Step, reply: str, *, to: str = "") -> None:
        self.script.replies[step, to] = reply

    def drop(self, step: Step, *, to: str = "") -> None:
        """Hang up at this step; at "end" the message was accepted before."""
        self.script.drops.add((step, to))


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, double: SmtpDouble) -> None:
        self.double = double
        super().__init__(("127.0.0.1", 0), _Conversation)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away, or does not trust the certificate, is no error of the test."""


class _HangUp(Exception):
    pass


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, _Server)
        self.double = self.server.double
        self.double.connections += 1
        self.number = self.double.connections
        self.encrypted = False
        self.sender = self.to = ""
        if self.double.security == "tls":
            self._encrypt()
        try:
            self._answer("hello", "220 loopback ready")
            while line := self.rfile.readline():
                if not self._command(line.decode("utf-8", "replace").strip()):
                    return
        except (_HangUp, ConnectionError):
            return

    def finish(self) -> None:
        super().finish()
        # A wrapped socket is not the one that the server knows and closes.
        self.connection.close()

    def _command(self, line: str) -> bool:
        """False when the conversation is over."""
        verb, _, rest = line.partition(" ")
        match verb.upper():
            case "EHLO" | "HELO":
                self._say(self._abilities())
            case "STARTTLS":
                self._say("220 go ahead")
                self._encrypt()
            case "AUTH":
                self._log_in(rest)
            case "MAIL":
                self.sender = _address(rest)
                self._answer("mail", "250 ok")
            case "RCPT":
                self.to = _address(rest)
                self._answer("rcpt", "250 ok")
            case "DATA":
                self._data()
            case "RSET" | "NOOP":
                self._say("250 ok")
            case "QUIT":
                self._say("221 bye")
                return False
            case _:
                self._say("500 what?")
        return True

    def _data(self) -> None:
        if self._answer("data", "354 go on") != "354 go on":
            return
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return
            lines.append(line[1:] if line.startswith(b".") else line)
        script = self.double.script
        if script.reply("end", self.to, "250") in (None, "250"):
            mail = Accepted(self.sender, self.to, b"".join(lines), self.number, self.encrypted)
            self.double.accepted.append(mail)
        self._answer("end", "250")

    def _log_in(self, rest: str) -> None:
        name, password = base64.b64decode(rest.partition(" ")[2]).decode().split("\0")[1:]
        good = self.double.login == (name, password)
        self._answer("login", "235 welcome" if good else "535 5.7.8 Authentication credentials invalid")

    def _abilities(self) -> str:
        able = ["loopback"]
        if self.double.security == "starttls" and not self.encrypted:
            able.append("STARTTLS")
        if self.double.login:
            able.append("AUTH PLAIN")
        return "\r\n".join([f"250-{ability}" for ability in able] + ["250 8BITMIME"])

    def _answer(self, step: Step, usual: str) -> str:
        reply = self.double.script.reply(step, self.to if step in ("rcpt", "data", "end") else "", usual)
        if reply is None:
            raise _HangUp
        self._say(reply)
        return reply

    def _say(self, text: str) -> None:
        self.connection.sendall(text.encode() + b"\r\n")

    def _encrypt(self) -> None:
        secured = self.double.tls.wrap_socket(self.request, server_side=True)
        self.rfile.close()
        self.request = self.connection = secured
        self.rfile = secured.makefile("rb")
        self.encrypted = True


def _address(rest: str) -> str:
    return rest[rest.index("<") + 1 : rest.index(">")]
