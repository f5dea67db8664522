"""Work in the threads of one process: the dispatcher that needs nothing beside the database.

Nudges stay within the process. What other processes made necessary is found by a tick each second, and several
processes may run on one database: claims, leases, steps and pace are in there.
"""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import Future
from functools import partial
from typing import Any

from sqlalchemy import Connection, event

from digest.work.hands import hands, in_thread
from digest.work.port import GLANCE, GRACE, Handlers, Kind

log = logging.getLogger(__name__)

#: Seconds between ticks.
TICK = 1.0

Nudge = tuple[Kind, str]


class Threads:
    def __init__(self, *, drafts: int = 4, tick: float = TICK) -> None:
        """`drafts` newsletters are gathered and drafted at once; `tick` is in seconds."""
        self._drafts = drafts
        self._tick = tick
        #: In the order they came; a dict, since it is a set with an order.
        self._waiting: dict[Nudge, None] = {}
        self._running: set[Nudge] = set()
        self._change = threading.Condition()
        #: Where this dispatcher keeps what a transaction said until it is committed.
        self._said, self._committed = f"digest.said.{id(self)}", f"digest.committed.{id(self)}"

    def nudge(self, conn: Connection, kind: Kind, key: str = "") -> None:
        if not event.contains(conn.engine, "checkin", self._on_checkin):
            event.listen(conn.engine, "checkin", self._on_checkin)
        if not conn.info.get(self._said):
            # SQLAlchemy tells of a commit before it is done. Afterwards the connection goes back to its pool.
            event.listen(conn, "commit", self._on_commit)
            event.listen(conn, "rollback", self._on_rollback)
        conn.info.setdefault(self._said, []).append((kind, key))

    def _on_commit(self, conn: Connection) -> None:
        conn.info.setdefault(self._committed, []).extend(conn.info.pop(self._said, []))

    def _on_rollback(self, conn: Connection) -> None:
        conn.info.pop(self._said, None)

    def _on_checkin(self, _: object, record: Any) -> None:
        # A commit that failed leaves no connection to give back, or a needless nudge.
        for nudge in record.info.pop(self._committed, []):
            self._add(nudge)

    # --- The loop ------------------------------------------------------------------------------------------

    def run(self, handlers: Handlers, stop: threading.Event) -> None:
        ticks_at = time.monotonic()
        while not stop.is_set():
            if time.monotonic() >= ticks_at:
                ticks_at = time.monotonic() + self._tick
                self._add((Kind.TICK, ""))
            with self._change:
                while (nudge := self._next()) is not None:
                    self._start(nudge, handlers, stop)
                self._change.wait(GLANCE)
        self._wait_for_the_rest()

    def close(self) -> None:
        """Nothing is kept: what waits is found again by whoever looks next."""

    def _add(self, nudge: Nudge) -> None:
        with self._change:
            self._waiting[nudge] = None
            self._change.notify_all()

    def _next(self) -> Nudge | None:
        """The first that waits and for which a hand is free; what runs already waits until it is done."""
        for nudge in self._waiting:
            busy = sum(kind is nudge[0] for kind, _ in self._running)
            if nudge not in self._running and busy < hands(nudge[0], self._drafts):
                return nudge
        return None

    def _start(self, nudge: Nudge, handlers: Handlers, stop: threading.Event) -> None:
        kind, key = nudge
        del self._waiting[nudge]
        self._running.add(nudge)
        work = in_thread(partial(handlers[kind], key, stop), f"{kind} {key}".strip())
        work.add_done_callback(partial(self._done, nudge))

    def _done(self, nudge: Nudge, work: Future[None]) -> None:
        if error := work.exception():
            log.error("%s %s failed", *nudge, exc_info=error)
        with self._change:
            self._running.discard(nudge)
            self._change.notify_all()

    def _wait_for_the_rest(self) -> None:
        until = time.monotonic() + GRACE
        with self._change:
            while self._running and (time.monotonic() < until or any(k is not Kind.DRAFT for k, _ in self._running)):
                self._change.wait(GLANCE)
