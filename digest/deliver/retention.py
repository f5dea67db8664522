"""Retention: who got an issue, and what they did with it, is kept for a set time, and then only figures remain.

Who signed up and never confirmed is erased as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import subscribers
from digest.store import people, retention
from digest.store.database import Database

#: How often it is looked for what is old.
EVERY = timedelta(hours=1)
#: Readers that are deleted by one commit: a second, in which nobody else writes to SQLite.
_PORTION = 20_000
#: … and people who never confirmed: each of them is looked for in several tables.
_FEW = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Pruned:
    """What was deleted."""

    issues: int = 0
    readers: int = 0
    notices: int = 0
    #: Something is left that is as old.
    more: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Unconfirmed:
    """Who never confirmed."""

    erased: int = 0
    #: On another newsletter, or once on one: they only lost the place that they never confirmed.
    dropped: int = 0
    more: bool = False


class Retention:
    def __init__(
        self,
        database: Database,
        *,
        keep: timedelta | None,
        unconfirmed: timedelta | None = None,
        clock: Callable[[], datetime],
    ) -> None:
        """`keep` is how long, `unconfirmed` how long somebody may take to confirm; None for ever."""
        self._db = database
        self._keep = keep
        self._unconfirmed = unconfirmed
        self._clock = clock
        self._looked_at: datetime | None = None

    def is_due(self) -> bool:
        if self._keep is None and self._unconfirmed is None:
            return False
        now, last = self._clock(), self._looked_at
        # A clock that was set back does not put it off.
        return last is None or not timedelta(0) <= now - last < EVERY

    def erase_unconfirmed(
        self, stop: Callable[[], bool] = lambda: False, *, before: datetime | None = None
    ) -> Unconfirmed:
        """Erase who signed up long ago and never confirmed, a few at a time, until `stop`."""
        now = self._clock()
        old = before or (now - self._unconfirmed if self._unconfirmed is not None else None)
        erased = dropped = 0
        while old is not None:
            if stop():
                return Unconfirmed(erased=erased, dropped=dropped, more=True)
            with self._db.write("erase unconfirmed") as conn:
                gone = subscribers.drop_unconfirmed(conn, before=old, at=now, limit=_FEW)
                for one in gone:
                    if one.erased:
                        people.erase(conn, one.subscriber_id, one.address)
            if not gone:
                break
            whole = sum(one.erased for one in gone)
            erased, dropped = erased + whole, dropped + len(gone) - whole
        return Unconfirmed(erased=erased, dropped=dropped)

    def prune(self, stop: Callable[[], bool] = lambda: False, *, before: datetime | None = None, actor: str) -> Pruned:
        """Delete what was kept long enough, a portion at a time, until `stop`; what is left is begun anew later."""
        now = self._clock()
        old = before or (now - self._keep if self._keep is not None else None)
        if old is None:
            self._looked_at = now
            return Pruned()
        with self._db.write("prune") as conn:
            notices = retention.drop_notices(conn, old)
        issues = readers = 0
        while (issue := self._oldest(old)) is not None:
            count, whole = self._unname(issue, stop)
            readers += count
            if not whole:
                return Pruned(issues=issues, readers=readers, notices=notices, more=True)
            with self._db.write("prune") as conn:
                retention.close(conn, issue, actor=actor, now=now)
            issues += 1
        self._looked_at = now
        return Pruned(issues=issues, readers=readers, notices=notices)

    def _oldest(self, before: datetime) -> int | None:
        with self._db.read() as conn:
            return retention.oldest(conn, before)

    def _unname(self, issue: int, stop: Callable[[], bool]) -> tuple[int, bool]:
        """How many readers of the issue were deleted, and whether those are all."""
        with self._db.read() as conn:
            last = retention.last_position(conn, issue)
        count = 0
        for first in range(1, last + 1, _PORTION):
            if stop():
                return count, False
            with self._db.write("prune") as conn:
                count += retention.unname(conn, issue, first, first + _PORTION - 1)
        return count, True
