"""The pump: threads that carry batches, one of which looks for work while the others are in the middle of a call.

Who looks waits until a turn is near before it takes a batch. So no batch is held for longer than it takes to write
its request, whatever the rate: breaking news, a pause or a kill find next to nothing on its way.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from digest.deliver import brakes, identity
from digest.deliver.allowance import Allowance
from digest.deliver.call import HORIZON, Calls, Leaving, Ready
from digest.deliver.lanes import GLANCE, Lanes
from digest.deliver.progress import Progress, Tally
from digest.errors import AccountError, Brake, StoreError
from digest.issue.lifecycle import Step
from digest.model import BatchState, Issue, IssueState
from digest.store import deliveries, issues, ledger
from digest.store.database import Database

Watch = Callable[[Issue, Progress], object]

#: A batch is taken so many seconds before its turn: as long as it takes to write its request.
LEAD = 0.03
#: Bounces and complaints come for hours; they are looked at every so many seconds.
BRAKES_EVERY = 5.0
_OPEN = (BatchState.PLANNED, BatchState.CLAIMED, BatchState.CALLING)


class Pump:
    """Carries the batches of some lanes. Made for one `run`."""

    def __init__(
        self,
        database: Database,
        calls: Calls,
        allowance: Allowance,
        lanes: Lanes,
        *,
        marks: brakes.Reputation,
        stop: threading.Event,
        watch: Watch,
        clock: Callable[[], datetime],
    ) -> None:
        self._db = database
        self._calls = calls
        self._allowance = allowance
        self._lanes = lanes
        self._marks = marks
        self._halt = _Halt(stop)
        self._watch = watch
        self._clock = clock
        #: Held by the thread that looks for work.
        self._front = threading.Lock()
        #: From this moment on (seconds since 1970) a turn is free, as far as this process knows.
        self._free_from = math.inf
        self._counting = threading.Lock()
        #: Issue id → when it was tidied last, on the machine's monotonic clock.
        self._tidied: dict[int, float] = {}
        self._tallies: dict[int, tuple[Issue, Tally]] = {}
        #: Issue id → what it met that a person must mend.
        self.troubles: dict[int, Exception] = {}

    def run(self, threads: int) -> None:
        """Until the lanes need nobody any more, or until told to stop. Raises StoreError; the ledger is in order then.

        What befell one issue is in `troubles`; the others went on.
        """
        # Before the first batch: this connects to the sender, and batches that waited for it would leave all at once.
        self._refresh()
        with ThreadPoolExecutor(threads, thread_name_prefix="deliver") as pool:
            lives = [pool.submit(self._live) for _ in range(threads)]
            try:
                self._look_after(lives)
            except BaseException:
                self._halt.set()
                raise
        for life in lives:
            life.result()

    def _look_after(self, lives: list[Future[None]]) -> None:
        looked_at = time.monotonic()
        while wait(lives, timeout=GLANCE).not_done:
            self._refresh()
            self._report()
            if time.monotonic() - looked_at >= BRAKES_EVERY:
                looked_at = time.monotonic()
                self._brake()
        self._report()

    def _refresh(self) -> None:
        try:
            self._allowance.refresh()
        except AccountError as error:
            for issue in self._lanes.now():
                with self._caring_for(issue):
                    self._calls.stop_for(issue.id, error)

    def _brake(self) -> None:
        """What readers' servers and readers say while an issue is on its way may be reason to stop it."""
        for issue in self._lanes.now():
            with self._caring_for(issue):
                with self._db.read() as conn:
                    seen = deliveries.glance(conn, issue.id)
                    found = deliveries.unsent(conn, issue.id) if seen.refused else []
                try:
                    brakes.reputation(
                        issue, self._marks, accepted=seen.accepted, bounced=seen.bounced, complained=seen.complained
                    )
                    for one in found:
                        brakes.not_sent(
                            issue, self._marks, edition=one.edition, called=one.called, unsent=one.readers, why=one.why
                        )
                except Brake as brake:
                    self._calls.pause(issue.id, brake)

    def _report(self) -> None:
        for issue, tally in list(self._tallies.values()):
            self._watch(issue, tally.progress(self._allowance.rate))

    # --- A thread's life -----------------------------------------------------------------------------------

    def _live(self) -> None:
        try:
            while (leaving := self._next()) is not None:
                issue = leaving.ready.issue
                with self._caring_for(issue):
                    receipts = self._calls.send(leaving, stop=partial(self._is_off, issue))
                    self._tally(issue).count(receipts, skipped=leaving.skipped)
        except BaseException:
            self._halt.set()  # a thread that meets an error halts the others; they end after the call in hand
            raise

    def _next(self) -> Leaving | None:
        """The next batch that leaves; None when there is nothing more to do here. One thread looks at a time."""
        with self._front:
            while not self._halt.is_set() and self._lanes.now():
                if self._turn_is_near() and (leaving := self._take()) is not None:
                    return leaving
        return None

    def _turn_is_near(self) -> bool:
        """Wait for the next turn, a glance at most: who is more urgent by then goes first."""
        now = self._clock().timestamp()
        if self._free_from <= now:
            return True
        with self._db.read() as conn:
            left = self._allowance.next_turn(conn) - LEAD - now
        if left > 0:
            self._halt.wait(min(left, GLANCE))
        return left <= GLANCE and not self._halt.is_set()

    def _take(self) -> Leaving | None:
        """The next batch, called; None when there is none, or when it could not leave."""
        ended = False
        for issue in self._lanes.now():
            if self._is_overtaken(issue):
                break
            ready = leaving = None
            with self._caring_for(issue):
                ready = self._calls.claim(issue)
                if ready is not None:
                    self._tally(issue)
                    leaving = self._leave(ready)
            if ready is not None or issue.id in self.troubles:
                return leaving
            ended |= self._tidy(issue)
        if not ended:
            self._halt.wait(GLANCE)
        return None

    def _leave(self, ready: Ready) -> Leaving | None:
        """The batch, called as soon as its turn is near; None when it does not leave after all."""
        while isinstance(found := self._calls.leave(ready), float):
            self._halt.wait(min(GLANCE, max(0.0, found - HORIZON / 2 - self._clock().timestamp())))
            if self._halt.is_set() or self._is_overtaken(ready.issue):
                self._calls.release(ready)
                return None
        if found is not None and found.turn is not None:
            self._free_from = found.turn.pace.next_free
        return found

    def _is_off(self, issue: Issue) -> bool:
        """Told to stop, or the issue was paused, cancelled or held."""
        return self._halt.is_set() or all(other.id != issue.id for other in self._lanes.now())

    def _is_overtaken(self, issue: Issue) -> bool:
        """Breaking news has a batch that waits, perhaps for its turn in another process."""
        urgent = [other for other in self._lanes.now() if other.urgent and not issue.urgent]
        if not urgent:
            return False
        with self._db.read() as conn:
            return any(ledger.is_waiting(conn, other.id, now=self._clock()) for other in urgent)

    def _tidy(self, issue: Issue) -> bool:
        """None of its batches may go now: take over from workers that died; True when nobody is left and it ended."""
        if time.monotonic() - self._tidied.get(issue.id, -GLANCE) < GLANCE:
            return False
        self._tidied[issue.id] = time.monotonic()
        now = self._clock()
        with self._db.write("finish") as conn:
            ledger.reap(conn, now=now, is_dead=identity.is_dead, issue_id=issue.id)
            # Locked: of two workers one finishes it, and a reply that comes now is counted.
            found = issues.get(conn, issue.id, lock=True)
            counts = ledger.open_batches(conn, issue.id)
            ended = found.state is IssueState.SENDING and not any(counts.get(state) for state in _OPEN)
            if ended:
                issues.take(
                    conn, found, Step.FINISH, actor="delivery", at=now, finished_at=now, hold="", held_until=None
                )
        self._lanes.look_again()
        return ended

    # --- What these share ----------------------------------------------------------------------------------

    def _tally(self, issue: Issue) -> Tally:
        with self._counting:
            if issue.id not in self._tallies:
                with self._db.read() as conn:
                    before, seen = deliveries.figures(conn, issue.id), deliveries.glance(conn, issue.id)
                since = seen.standing_since(issue.started_at)
                stood_still = (self._clock() - since).total_seconds() if since else 0.0
                self._tallies[issue.id] = (issue, Tally(before, stood_still=stood_still))
            return self._tallies[issue.id][1]

    @contextmanager
    def _caring_for(self, issue: Issue) -> Iterator[None]:
        """What befalls one issue is kept for whoever called, and costs the others nothing."""
        try:
            yield
        except StoreError:
            raise
        except Exception as trouble:  # noqa: BLE001 (whatever it is; the issue is paused by now)
            self.troubles.setdefault(issue.id, trouble)
            self._lanes.leave_out(issue.id)


class _Halt:
    """Set when the caller says stop, or when one thread met an error that concerns all."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._mine = threading.Event()

    def is_set(self) -> bool:
        return self._stop.is_set() or self._mine.is_set()

    def set(self) -> None:
        self._mine.set()

    def wait(self, seconds: float) -> None:
        self._stop.wait(seconds)
