"""What may stand on the way to SES and answers as told: a proxy, a TLS end, a connection that ends at a bad moment."""

from __future__ import annotations

import socket
import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.doubles.served import Served

ACCEPTED = b'{"MessageId": "0102", "BulkEmailEntryResults": [{"Status": "SUCCESS", "MessageId": "0102"}]}'


@dataclass(frozen=True, slots=True)
class Seen:
    target: str
    headers: dict[str, str]
    body: bytes
    #: Port that the client called from: one for each connection.
    connection: int


@dataclass(kw_only=True)
class Answer:
    status: int = 200
    body: bytes = ACCEPTED
    headers: dict[str, str] = field(default_factory=dict)
    #: "answer"; "vanish" reads the request and hangs up; "part" hangs up within the body; "then close" after it.
    does: str = "answer"


class Gateway(Served):
    """with Gateway(Answer(does="vanish")) as gateway: … After the last answer it goes on with plain acceptance."""

    def __init__(self, *answers: Answer, certificate: Path | None = None) -> None:
        self.answers = list(answers)
        self.seen: list[Seen] = []
        #: Released each time that a connection has ended on our side.
        self.hung_up = threading.Semaphore(0)
        self.scheme = "https" if certificate else "http"
        server = _Server(self)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        super().__init__(server)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # A client may keep its connection for as long as it likes.
    block_on_close = False

    def __init__(self, gateway: Gateway) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.gateway = gateway

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        super().shutdown_request(request)
        self.gateway.hung_up.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up, as one without trust in our certificate does, is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        gateway = self.server.gateway
        body = self.rfile.read(int(self.headers["Content-Length"]))
        gateway.seen.append(Seen(self.path, dict(self.headers), body, self.client_address[1]))
        answer = gateway.answers.pop(0) if gateway.answers else Answer()
        self.close_connection = answer.does != "answer"
        if answer.does == "vanish":
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body[: len(answer.body) // 2] if answer.does == "part" else answer.body)

    def log_message(self, *_: object) -> None:
        """Tests say what they see."""
