"""As much of HTTP/1.1 as an SDK speaks: keep-alive, Content-Length, one request at a time on a connection.

Written out because a framework would take longer for a request than all of the double's own work.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from http import HTTPStatus

from tests.doubles.ses.service import Reply

Answer = Callable[[str, str, bytes, Mapping[str, str]], Reply]


class Connection(asyncio.Protocol):
    """One client. `open_connections` holds all of them, so that closing the server closes each."""

    def __init__(self, answer: Answer, open_connections: set[Connection]) -> None:
        self._answer = answer
        self._open = open_connections
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._open.discard(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._next()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _next(self) -> None:
        """Answer the request that is complete, if one is and none is being answered."""
        if self._busy or (end := self._buffer.find(b"\r\n\r\n")) < 0:
            return
        head = self._buffer[:end].decode("latin-1")
        start, *lines = head.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        stop = end + 4 + int(headers.get("content-length", "0"))
        if len(self._buffer) < stop:
            return
        body = bytes(self._buffer[end + 4 : stop])
        del self._buffer[:stop]
        method, target, _ = start.split(" ", 2)
        self._busy = True
        reply = self._answer(method, target, body, headers)
        if reply.delay:
            asyncio.get_running_loop().call_later(reply.delay, self._reply, reply)
        else:
            self._reply(reply)

    def _reply(self, reply: Reply) -> None:
        if self._transport is None or reply.then == "silence":
            return
        if reply.then == "drop":
            self._transport.abort()
            return
        phrase = HTTPStatus(reply.status).phrase
        lines = [f"HTTP/1.1 {reply.status} {phrase}", "Content-Type: application/json"]
        lines += [f"{name}: {value}" for name, value in reply.headers]
        lines += [f"Content-Length: {len(reply.body)}", "", ""]
        self._transport.write("\r\n".join(lines).encode("latin-1") + reply.body)
        self._busy = False
        if self._buffer:
            self._next()
