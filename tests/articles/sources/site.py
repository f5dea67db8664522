"""A web site on this machine, told by each test what to answer."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, urlsplit


@dataclass
class Request:
    path: str
    query: dict[str, list[str]]
    headers: Mapping[str, str]


@dataclass
class Reply:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    #: Writes the body itself, slowly or badly.
    write: Callable[[BaseHTTPRequestHandler], None] | None = None


class Site:
    """Listens on a free port of 127.0.0.1 for as long as the `with` lasts."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        #: How often its robots.txt was asked for, which `requests` leaves out.
        self.robots_asked = 0
        self._replies: dict[str, Callable[[Request], Reply]] = {}
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                request = Request(parts.path, parse_qs(parts.query), {k.lower(): v for k, v in self.headers.items()})
                if parts.path == "/robots.txt":
                    site.robots_asked += 1
                else:
                    site.requests.append(request)
                answer = site._replies.get(parts.path)
                reply = answer(request) if answer else Reply(b"nothing here", 404, {"Content-Type": "text/plain"})
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(OSError):  # the reader had enough
                    reply.write(self) if reply.write else self.wfile.write(reply.body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.host = f"127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        # Polling often, so that leaving does not wait half a second.
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def answers(self, path: str, answer: Callable[[Request], Reply]) -> str:
        self._replies[path] = answer
        return self.url(path)

    def has(
        self, path: str, body: str | bytes, kind: str = "text/html; charset=utf-8", *, status: int = 200, **headers: str
    ) -> str:
        raw = body.encode() if isinstance(body, str) else body
        all_headers = {"Content-Type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.answers(path, lambda _: Reply(raw, status, all_headers))

    def redirects(self, path: str, target: str, status: int = 302) -> str:
        return self.answers(path, lambda _: Reply(b"", status, {"Location": target}))

    def asked(self, path: str) -> int:
        return sum(1 for request in self.requests if request.path == path)
