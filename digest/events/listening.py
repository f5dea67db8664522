"""Listening: the queue is read, what silence proves is settled, and what was kept long enough is deleted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from digest.events.record import Recorder
from digest.events.silence import Silence
from digest.store import responses
from digest.store.database import Database

if TYPE_CHECKING:  # boto3 loads when there is a queue
    from digest.events.sqs import Queue, Reader

#: How often silence is listened to, and how often what is old is deleted.
SETTLE_EVERY = timedelta(minutes=1)
PRUNE_EVERY = timedelta(hours=1)


@dataclass(kw_only=True, slots=True)
class Told:
    """What a spell of listening came to."""

    events: int = 0
    #: Uncertain readers that were settled by silence.
    settled: int = 0
    pruned: int = 0
    #: What an operator should know.
    said: list[str] = field(default_factory=list)

    @property
    def something(self) -> bool:
        return bool(self.events or self.settled or self.pruned)


class Listening:
    def __init__(
        self,
        database: Database,
        queue: Queue | None,
        recorder: Recorder,
        silence: Silence,
        *,
        keep: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        """`keep` is how long each reader's events are kept."""
        self._db = database
        self._queue = queue
        self._recorder = recorder
        self._silence = silence
        self._keep = keep
        self._clock = clock
        self._reading: Reader | None = None
        self._settled_at: datetime | None = None
        self._pruned_at: datetime | None = None

    def is_due(self) -> bool:
        """Whether there may be something to do: with a queue always."""
        return self._queue is not None or self._is_time(self._settled_at, SETTLE_EVERY)

    def listen(self, stop: Callable[[], bool], *, patience: int | None = None) -> Told:
        """Read until the queue is empty or `stop`; then settle and delete, when it is time. Raises SenderError.

        `patience` is how many seconds an empty queue is listened to; None for the usual.
        """
        told = Told()
        if self._is_time(self._settled_at, SETTLE_EVERY):
            self._settled_at = self._clock()
            told.settled = self._settle(told)
        if self._is_time(self._pruned_at, PRUNE_EVERY):
            self._pruned_at = self._clock()
            told.pruned = self.prune(stop)
        if self._queue is not None:
            self._read(self._queue, stop, patience, told)
        return told

    def _read(self, queue: Queue, stop: Callable[[], bool], patience: int | None, told: Told) -> None:
        from digest.events.sqs import PATIENCE, Reader

        if self._reading is None:
            self._reading = Reader(queue, self._recorder)
        done = self._reading.read(stop, patience=PATIENCE if patience is None else patience)
        told.events = done.new + done.again + done.aside
        told.said += done.warnings
        if done.aside:
            told.said.append(
                f"{done.aside} message(s) of the queue could not be read; `digest events status` shows them"
            )

    def _settle(self, told: Told) -> int:
        # What says that somebody was mailed may be among what SQS gave up on: then silence proves nothing.
        if self._silence.resends and self._queue is not None and self._queue.dead_letters():
            return 0
        settled = 0
        for issue, count in self._silence.settle().items():
            told.said.append(f"Issue {issue}: SES never accepted {count} uncertain reader(s); they are mailed again")
            settled += count
        return settled

    def prune(self, stop: Callable[[], bool] = lambda: False, *, before: datetime | None = None) -> int:
        """Delete what was kept long enough, an issue at a time, and keep the figures; how many events."""
        old = before or self._clock() - self._keep
        with self._db.write("prune") as conn:
            pruned = responses.prune_rest(conn, old)
        while not stop():
            with self._db.write("prune") as conn:
                issue = responses.oldest_to_prune(conn, old)
                if issue is None:
                    break
                pruned += responses.prune_issue(conn, issue)
        return pruned

    def _is_time(self, last: datetime | None, every: timedelta) -> bool:
        now = self._clock()
        return last is None or not timedelta(0) <= now - last < every

    def close(self) -> None:
        if self._reading is not None:
            self._reading.close()
