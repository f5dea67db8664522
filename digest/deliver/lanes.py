"""Lanes: the issues that are on their way, and whose batches go first. Breaking news overtakes a running digest."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime

from digest.model import Issue
from digest.store import issues
from digest.store.database import Database

#: How old a look at the issues may be, in seconds: how soon breaking news overtakes and a pause is seen.
GLANCE = 0.2


class Lanes:
    """What one round of delivering looks after; asked by all its threads."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime], only: int | None = None) -> None:
        """`only` is the issue to look after, and breaking news before it; None is all that are sending."""
        self._db = database
        self._clock = clock
        self._only = only
        self._lock = threading.Lock()
        self._left_out: set[int] = set()
        self._lanes: tuple[Issue, ...] = ()
        self._looked_at = -GLANCE

    def now(self) -> tuple[Issue, ...]:
        """The issues whose batches may go, the most urgent first; empty when there is nothing more to look after."""
        with self._lock:
            if time.monotonic() - self._looked_at >= GLANCE:
                self._lanes = self._look()
                self._looked_at = time.monotonic()
            return self._lanes

    def leave_out(self, issue_id: int) -> None:
        """Look after the others only: this one met something that a person must mend."""
        with self._lock:
            self._left_out.add(issue_id)
            self._looked_at = -GLANCE

    def look_again(self) -> None:
        """What is known is out of date."""
        with self._lock:
            self._looked_at = -GLANCE

    def _look(self) -> tuple[Issue, ...]:
        now = self._clock()
        with self._db.read() as conn:
            sending = issues.on_their_way(conn)
        if any(issue.held_until and issue.held_until <= now for issue in sending):
            with self._db.write("wake") as conn:
                issues.end_holds(conn, now=now)
        free = [issue for issue in sending if not (issue.held_until and issue.held_until > now)]
        free = [issue for issue in free if issue.id not in self._left_out]
        if self._only is not None:
            if all(issue.id != self._only for issue in free):
                return ()
            free = [issue for issue in free if issue.urgent or issue.id == self._only]
        return tuple(free)
