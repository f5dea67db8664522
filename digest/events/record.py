"""Recording: messages come in by any way, are read as events, and folded; one commit, or nothing.

What nobody can read is set aside with the reason, and a message that the database will not have is told from its
neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from digest.errors import InputError, StoreError
from digest.events import ses
from digest.events.fold import Policy, Recorded, fold
from digest.model import Event
from digest.store import events as inbox
from digest.store.database import Database


class Recorder:
    """Takes messages from any way in. Safe for threads."""

    def __init__(self, database: Database, policy: Policy, *, clock: Callable[[], datetime]) -> None:
        self._db = database
        self._policy = policy
        self._clock = clock

    def take(self, bodies: Sequence[str], *, way: str) -> Recorded:
        """Record messages; all of it is committed when this returns. Raises StoreError, and nothing was.

        What the database will not have for what it is, alone, is set aside.
        """
        try:
            return self._commit(bodies, way)
        except StoreError:
            if len(bodies) == 1:
                raise
        # One of them may be at fault, or the database be away: that shows at the first.
        return sum((self._take_one(body, way) for body in bodies), Recorded())

    def _take_one(self, body: str, way: str) -> Recorded:
        try:
            return self._commit([body], way)
        except StoreError as error:
            refused = error.message.startswith("The database refused")
            if not refused:
                raise
            with self._db.write("aside") as conn:
                inbox.set_aside(conn, body, way=way, reason=error.message, now=self._clock())
            return Recorded(aside=1)

    def _commit(self, bodies: Sequence[str], way: str) -> Recorded:
        events, odd = read_all(bodies)
        now = self._clock()
        with self._db.write("events") as conn:
            done = fold(conn, events, self._policy, now=now)
            for body, reason in odd:
                done.aside += inbox.set_aside(conn, body, way=way, reason=reason, now=now)
            inbox.heard(conn, way, now=now)
        return done


def read_all(bodies: Iterable[str]) -> tuple[list[Event], list[tuple[str, str]]]:
    """The events in messages of a queue or a hook; and those messages that are none, each with the reason."""
    from digest.events.sns import unwrapped

    events: list[Event] = []
    odd: list[tuple[str, str]] = []
    for body in bodies:
        try:
            events += ses.read(unwrapped(body))
        except InputError as error:
            odd.append((body, error.message))
    return events, odd
