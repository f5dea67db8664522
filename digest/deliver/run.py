"""Delivering an issue: claim, wait for the turn, say that it leaves, send, write down. Again until nobody is left.

Any number of threads and processes may do this for the same issue at the same time; the ledger keeps them apart.
Every step is committed before the next begins, so kill -9 at any line leaves each reader mailed once, not yet
mailed, or listed as uncertain.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from enum import Enum, auto

import subscribers
from digest.deliver import brakes, identity
from digest.deliver.allowance import Allowance
from digest.deliver.call import Calls, LinksFor
from digest.deliver.freeze import Frozen, freeze
from digest.deliver.pace import Limits, Turn
from digest.deliver.progress import Progress, Tally
from digest.deliver.senders.port import Sender
from digest.deliver.singly import Singly
from digest.deliver.warmup import WarmUp
from digest.errors import (
    AccountError,
    NotApproved,
)
from digest.issue.lifecycle import Step
from digest.model import (
    BatchState,
    Figures,
    Issue,
    IssueState,
    Newsletter,
    Recipient,
)
from digest.store import deliveries, issues, ledger
from digest.store.database import Database, Overtaken
from digest.store.ledger import Claim

#: How often a waiting worker looks whether it should stop, in seconds.
GLANCE = 0.2


class Did(Enum):
    """What one round of a worker came to."""

    SENT = auto()
    NOTHING_READY = auto()
    STOPPED = auto()


class Delivery:
    """Carries issues from their rosters to a sender."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        links_for: LinksFor,
        newsletters: Mapping[str, Newsletter],
        *,
        workers: int = 4,
        lease: float = 60.0,
        audience_jump: float = 1.5,
        limits: Limits = Limits(),  # noqa: B008  # frozen
        warm_up: WarmUp | None = None,
        single: Sender | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`lease` is in seconds. A way that is MIXED or SINGLE needs `single`, which sends one by one."""
        self._db = database
        self._sender = sender
        self._links_for = links_for
        self._newsletters = newsletters
        self._workers = workers
        self._lease = lease
        self._jump = audience_jump
        self._clock = clock
        self.allowance = Allowance(
            database,
            sender,
            limits=limits,
            warm_up=warm_up,
            clock=clock,
        )
        self._singly = Singly(single) if single is not None else None
        self._calls = Calls(
            database,
            sender,
            self._singly,
            self.allowance,
            links_for=links_for,
            newsletters=newsletters,
            clock=clock,
        )

    # --- For callers ---------------------------------------------------------------------------------------

    def start(self, issue_id: int, *, actor: str) -> Frozen:
        """Freeze an approved issue's roster; it is sending from then on. Raises NotApproved, Brake, IllegalStep."""
        self.allowance.ask()
        batch_size = self.allowance.batch_size()
        try:
            return self._freeze(issue_id, batch_size, actor)
        except Overtaken:
            # By another worker that started it, most likely: the second look says so.
            return self._freeze(issue_id, batch_size, actor)

    def _freeze(self, issue_id: int, batch_size: int, actor: str) -> Frozen:
        # Of one moment: who begins to give while a long list is frozen is in one edition all the same.
        with self._db.write(one_moment=True) as conn:
            return freeze(
                conn,
                issues.get(conn, issue_id),
                batch_size=batch_size,
                audience_jump=self._jump,
                best_first=self.allowance.is_warming_up,
                actor=actor,
                now=self._clock(),
            )

    def deliver(
        self, issue_id: int, *, stop: threading.Event, progress: Callable[[Progress], None] = lambda _: None
    ) -> Figures:
        """Send a frozen issue until every reader is taken care of, it is paused or cancelled, or `stop` is set.

        May be called again after any crash, and by several processes at once. Raises AccountError, NotApproved or
        what a sender could not explain, after the issue was paused with that as its hold; StoreError without.
        """
        self._open(issue_id)
        self._refresh(issue_id)
        tally = Tally(self.figures(issue_id))
        halt = _Halt(stop)
        with ThreadPoolExecutor(self._workers, thread_name_prefix="deliver") as pool:
            pumps = [pool.submit(self._pump, issue_id, halt, tally) for _ in range(self._workers)]
            try:
                self._watch(pumps, issue_id, lambda: progress(tally.progress(self.allowance.rate)))
            except BaseException:
                halt.set()
                raise
        for pump in pumps:
            pump.result()
        return self.figures(issue_id)

    def close(self) -> None:
        """End the threads for single messages and close their sender; `sender` belongs to whoever made it."""
        if self._singly is not None:
            self._singly.close()

    def figures(self, issue_id: int) -> Figures:
        with self._db.read() as conn:
            return deliveries.figures(conn, issue_id)

    def _open(self, issue_id: int) -> None:
        """Before the first batch: a hold that is over is gone, and what is stored is what was approved."""
        with self._db.write() as conn:
            issue = issues.get(conn, issue_id)
            if issue.state is not IssueState.SENDING:
                return
            if issue.held_until and issue.held_until <= self._clock():
                issues.change(conn, issue_id, hold="", held_until=None)
            editions = issues.editions(conn, issue_id)
        try:
            brakes.approved(issue, [edition.rendered for edition in editions])
        except NotApproved as changed:
            self._calls.pause(issue_id, changed.message)
            raise
        self._calls.editions |= {edition.id: edition.rendered for edition in editions}

    def _refresh(self, issue_id: int) -> None:
        try:
            self.allowance.refresh()
        except AccountError as error:
            self._calls.stop_for(issue_id, error)

    def _watch(self, pumps: Sequence[Future[None]], issue_id: int, report: Callable[[], None]) -> None:
        # A thread that meets an error halts the others; they end after the call in hand.
        while wait(pumps, timeout=GLANCE).not_done:
            self._refresh(issue_id)
            report()
        report()

    # --- A worker's life -----------------------------------------------------------------------------------

    def _pump(self, issue_id: int, halt: _Halt, tally: Tally) -> None:
        """Rounds until nothing is left to do. An error that is not one reader's halts every thread."""
        try:
            while not halt.is_set():
                did = self._round(issue_id, halt, tally)
                if did is Did.NOTHING_READY and not self._wait_for_work(issue_id, halt):
                    return
        except BaseException:
            halt.set()
            raise

    def _round(self, issue_id: int, halt: _Halt, tally: Tally) -> Did:
        claimed = self._claim(issue_id)
        if claimed is None:
            return Did.NOTHING_READY
        claim, turn = claimed
        if not self._wait_until(turn.go_at, halt):
            with self._db.write() as conn:
                ledger.release(conn, claim)
            self.allowance.give_back(claim.size, ease=False)
            return Did.STOPPED
        issue, recipients, skipped = self._call(claim)
        receipts = self._calls.let_go(claim, turn, issue, recipients) if recipients else []
        tally.count(receipts, skipped=skipped)
        return Did.SENT

    def _claim(self, issue_id: int) -> tuple[Claim, Turn] | None:
        """A batch and its turn; None when there is none now."""
        now = self._clock()
        with self._db.write() as conn:
            claim = ledger.claim(conn, issue_id, worker=identity.my_name(), lease=self._lease, now=now)
            if claim is None:
                return None
            turn = self.allowance.reserve(conn, claim.size)
            if turn is None:
                ledger.release(conn, claim)
                hold = self.allowance.hold(conn, claim.size)
                issues.change(conn, issue_id, hold=hold.why, held_until=hold.until)
                return None
            if turn.go_at - now.timestamp() > self._lease / 2:
                # A long wait for the turn, at a rate that was eased off, must not cost the claim.
                ledger.keep(conn, claim, until=datetime.fromtimestamp(turn.go_at, UTC) + timedelta(seconds=self._lease))
        return claim, turn

    def _call(self, claim: Claim) -> tuple[Issue, list[Recipient], int]:
        """Commit that the request leaves now: those who may still be mailed, and how many may not."""
        now = self._clock()
        with self._db.write() as conn:
            issue = issues.get(conn, claim.issue_id)
            if not ledger.call(conn, claim, lease=self._lease, now=now):
                ledger.release(conn, claim)
                self.allowance.return_turn(conn, claim.size)
                return issue, [], 0
            recipients = ledger.planned(conn, claim)
            out = subscribers.why_not(conn, issue.newsletter, [recipient.subscriber_id for recipient in recipients])
            gone = {r.position: out[r.subscriber_id] for r in recipients if r.subscriber_id in out}
            ledger.skip(conn, claim, gone, now=now)
            staying = [recipient for recipient in recipients if recipient.position not in gone]
            if not staying:
                ledger.record(conn, claim, [], now=now)
        return issue, staying, len(gone)

    # --- Waiting -------------------------------------------------------------------------------------------

    def _wait_until(self, moment: float, halt: _Halt) -> bool:
        """False when told to stop meanwhile."""
        while (left := moment - self._clock().timestamp()) > 0:
            if halt.wait(min(left, GLANCE)):
                return False
        return True

    def _wait_for_work(self, issue_id: int, halt: _Halt) -> bool:
        """Wait while others hold batches or planned ones must wait; False when this issue needs no worker now."""
        now = self._clock()
        with self._db.write() as conn:
            ledger.reap(conn, now=now, is_dead=identity.is_dead, issue_id=issue_id)
            # Locked: of two workers one finishes it, and a reply that comes now is counted.
            issue = issues.get(conn, issue_id, lock=True)
            if issue.state is not IssueState.SENDING or (issue.held_until and issue.held_until > now):
                return False
            counts = ledger.open_batches(conn, issue_id)
            if not any(counts.get(state) for state in _OPEN):
                issues.take(
                    conn, issue, Step.FINISH, actor="delivery", at=now, finished_at=now, hold="", held_until=None
                )
                return False
        halt.wait(GLANCE)
        return True


_OPEN = (BatchState.PLANNED, BatchState.CLAIMED, BatchState.CALLING)


class _Halt:
    """Set when the caller says stop, or when one thread met an error that concerns all."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._mine = threading.Event()

    def is_set(self) -> bool:
        return self._stop.is_set() or self._mine.is_set()

    def set(self) -> None:
        self._mine.set()

    def wait(self, seconds: float) -> bool:
        self._stop.wait(seconds)
        return self.is_set()
