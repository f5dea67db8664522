"""Connections that go to an address already checked, and that end when their time is up.

httpx gives a time limit to each single read, so a server that sends one byte now and then can hold it for ever, and it
resolves the host by itself, a second time. httpcore, the engine below it, lets us bring our own connections; these keep
the host's name for TLS and the Host header, and cut every wait to what is left until the deadline.
"""

from __future__ import annotations

import math
import ssl
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

#: Seconds on a clock that never goes back, such as `time.monotonic`.
Clock = Callable[[], float]


class Term:
    """Until when a whole gathering may go on. It may be ended sooner; threads that wait notice within a moment."""

    def __init__(self, seconds: float = math.inf, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    @property
    def left(self) -> float:
        return self._end - self._clock()

    @property
    def is_over(self) -> bool:
        return self.left <= 0

    def end(self) -> None:
        self._end = -math.inf


class Deadline:
    """The moment by which everything about one document must be done."""

    def __init__(self, seconds: float, clock: Clock, term: Term | None = None) -> None:
        self._clock = clock
        self._end = clock() + seconds
        self._term = term or Term(clock=clock)

    def shift(self, seconds: float) -> None:
        """Later by what was spent on waiting for a turn: that is no fault of the document's."""
        self._end += seconds

    def cut(self, timeout: float | None) -> float:
        """`timeout`, or what is left if that is less. Raises httpcore.ReadTimeout when nothing is left."""
        left = min(self._end - self._clock(), self._term.left)
        if left <= 0:
            raise httpcore.ReadTimeout("the time for the whole document is up")
        return left if timeout is None else min(timeout, left)


class CheckedBackend(httpcore.NetworkBackend):
    """Connects to one of the given addresses, whatever host the connection is for."""

    def __init__(self, addresses: Iterable[str], deadline: Deadline) -> None:
        self._addresses = tuple(addresses)
        self._deadline = deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        trouble: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in self._addresses:
            try:
                stream = self._sockets.connect_tcp(
                    address, port, self._deadline.cut(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                trouble = failed
            else:
                return _TimedStream(stream, self._deadline)
        raise trouble


class _TimedStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.cut(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.cut(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._deadline.cut(timeout))
        return _TimedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
