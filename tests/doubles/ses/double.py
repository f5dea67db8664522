"""The SES double as a test holds it: a server in a thread, and its state as plain attributes."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from tests.doubles.ses.account import Account
from tests.doubles.ses.control import PREFIX, Control, reset, stats
from tests.doubles.ses.events import Event, events_of
from tests.doubles.ses.faults import Fault, Kind
from tests.doubles.ses.http import Connection
from tests.doubles.ses.mail import Mail, Mailbox
from tests.doubles.ses.service import Reply, Service


class SesDouble:
    """Speaks SES v2 on a port of its own.

    with SesDouble(rate=200) as ses:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", ses.url)
    """

    def __init__(
        self,
        *,
        rate: float = 0.0,
        quota: float = -1.0,
        bulk_calls: float = 0.0,
        strict: bool = False,
        latency: float = 0.0,
        signature_age: float = 300.0,
        identities: set[str] | None = None,
        keep: Literal["all", "tally"] = "all",
        log: Path | None = None,
        port: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """0 and -1 are no limits; `strict` allows no bursts; `clock` counts seconds for rate and quota."""
        self.account = Account(rate=rate, quota=quota, bulk_calls=bulk_calls, strict=strict, identities=identities)
        self.service = Service(self.account, Mailbox(keep=keep, log=log), latency=latency, clock=clock)
        self.service.signature_age = signature_age
        self._control = Control(self.service)
        self._port = port
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._stop: asyncio.Event | None = None

    # --- What was accepted ---------------------------------------------------------------------------------

    @property
    def mails(self) -> list[Mail]:
        """All accepted mail, in the order of acceptance."""
        with self.service.lock:
            return list(self.service.mailbox.mails)

    def to(self, address: str) -> list[Mail]:
        return [mail for mail in self.mails if address in mail.to]

    @property
    def events(self) -> list[Event]:
        return [event for mail in self.mails for event in events_of(mail)]

    @property
    def accepted(self) -> int:
        return self.service.mailbox.accepted

    def calls(self, operation: str) -> int:
        """How many requests came for an operation, answered or not."""
        return self.service.calls[operation]

    @property
    def stats(self) -> dict[str, Any]:
        with self.service.lock:
            return stats(self.service)

    # --- What goes wrong -----------------------------------------------------------------------------------

    def fault(self, kind: Kind, **fields: Any) -> None:
        """Plan a fault; the fields are those of `Fault`."""
        with self.service.lock:
            self.service.faults.add(Fault(kind=kind, **fields))

    def refuse(self, code: str, message: str = "", **fields: Any) -> None:
        """Nothing is accepted, and SES says why."""
        self.fault("refuse", code=code, message=message, **fields)

    def fail_entries(self, statuses: dict[str, str], **fields: Any) -> None:
        """Bulk entries to these addresses ("*": all) get these statuses; the others are accepted."""
        self.fault("entries", operation="SendBulkEmail", entries=statuses, **fields)

    def recover(self) -> None:
        """No more faults."""
        with self.service.lock:
            self.service.faults.clear()

    def reset(self) -> None:
        with self.service.lock:
            reset(self.service)

    # --- The server ----------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=lambda: asyncio.run(self.serve()), name="ses-double", daemon=True)
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the SES double did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._loop is not None
        assert self._stop is not None
        assert self._thread is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    async def serve(self) -> None:
        """Answer until stopped. `url` is known once `wait_ready` returns."""
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        connections: set[Connection] = set()
        server = await self._loop.create_server(
            lambda: Connection(self._answer, connections), "127.0.0.1", self._port, backlog=512
        )
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        try:
            await self._stop.wait()
        finally:
            server.close()
            for connection in list(connections):
                connection.close()
            await asyncio.sleep(0)
            await server.wait_closed()
            self.service.mailbox.close()

    def stop(self) -> None:
        """Called in the server's own thread, by a signal."""
        if self._stop is not None:
            self._stop.set()

    @property
    def ready(self) -> threading.Event:
        return self._ready

    def _answer(self, method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        if target.startswith(PREFIX):
            return self._control.answer(method, target, body)
        expired = self.service.expired(headers.get("x-amz-date", ""))
        return expired or self.service.answer(method, target, body)
