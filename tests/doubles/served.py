"""A server of the standard library in a thread of its own, on this machine: what the doubles have in common."""

from __future__ import annotations

import socketserver
import threading
from types import TracebackType
from typing import Self

#: Seconds between two looks at whether it should end.
_GLANCE = 0.05


class Served:
    """Answers within `with`."""

    def __init__(self, server: socketserver.TCPServer) -> None:
        self._server = server
        self._thread = threading.Thread(target=self.serve, name=type(self).__name__, daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def serve(self) -> None:
        self._server.serve_forever(_GLANCE)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)
