"""Delivering an issue: claim, wait for the turn, say that it leaves, send, write down. Again until nobody is left.

Any number of threads and processes may do this for the same issue at the same time; the ledger keeps them apart.
Every step is committed before the next begins, so kill -9 at any line leaves each reader mailed once, not yet
mailed, or listed as uncertain.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from enum import Enum, auto

from sqlalchemy import Connection

import subscribers
from digest.deliver import brakes, identity
from digest.deliver.allowance import Allowance
from digest.deliver.freeze import Frozen, freeze
from digest.deliver.message import Links, personalise
from digest.deliver.pace import Turn
from digest.deliver.progress import Progress, Tally
from digest.deliver.senders.port import Prepared, Sender
from digest.deliver.singly import Singly
from digest.errors import (
    AccountError,
    DigestError,
    DoubtError,
    IllegalStep,
    NotApproved,
    PaceError,
    SenderError,
    StoreError,
)
from digest.issue.lifecycle import Step
from digest.model import (
    BatchState,
    DeliveryState,
    Figures,
    Issue,
    IssueState,
    Message,
    Newsletter,
    Receipt,
    Recipient,
    Rendered,
)
from digest.store import issues, ledger
from digest.store.database import Database, Overtaken
from digest.store.ledger import Claim

#: How long an issue waits for the 24-hour quota before it looks again.
QUOTA_WAIT = timedelta(minutes=15)
QUOTA_GONE = "the account's 24-hour quota is used up"
#: A batch that was throttled or refused in passing is tried again after this, the longer the more often it was.
TRY_AGAIN = timedelta(seconds=2)
#: After so many tries of the same batch a person should look: something does not pass.
TRIES = 12
#: How often a waiting worker looks whether it should stop, in seconds.
GLANCE = 0.2
#: A reply in hand is worth writing down even if the database is busy or full: so many tries, a second apart.
RECORD_TRIES = 20

LinksFor = Callable[[Issue], Links]


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
        max_rate: float = 0.0,
        calls_per_second: float = 0.0,
        single: Sender | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`lease` is in seconds; `max_rate` caps what the account allows, in recipients per second (0: no cap).

        `calls_per_second` limits the sender's calls apart from that (0: no limit); where it keeps the rate from being
        used, `single` sends the rest one by one.
        """
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
            max_rate=max_rate,
            calls_per_second=calls_per_second,
            may_go_singly=single is not None,
            clock=clock,
        )
        self._singly = Singly(single) if single is not None else None
        self._editions: dict[int, Rendered] = {}

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
        """End the threads for single messages; the senders belong to whoever made them."""
        if self._singly is not None:
            self._singly.close()

    def figures(self, issue_id: int) -> Figures:
        with self._db.read() as conn:
            return ledger.figures(conn, issue_id)

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
            self._pause(issue_id, changed.message)
            raise
        self._editions |= {edition.id: edition.rendered for edition in editions}

    def _refresh(self, issue_id: int) -> None:
        try:
            self.allowance.refresh()
        except AccountError as error:
            self._stop_for(issue_id, error)

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
        receipts = self._let_go(claim, turn, issue, recipients) if recipients else []
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
                issues.change(conn, issue_id, hold=QUOTA_GONE, held_until=now + QUOTA_WAIT)
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

    # --- Sending, and what came of it ----------------------------------------------------------------------

    def _let_go(self, claim: Claim, turn: Turn, issue: Issue, recipients: Sequence[Recipient]) -> list[Receipt]:
        if not turn.singly or self._singly is None:
            return self._send(claim, issue, recipients)
        rendered = self._editions[claim.edition_id]
        messages = self._messages(claim, issue, rendered, recipients)
        receipts, trouble = self._singly.send(rendered, messages, start=turn.go_at, seconds=turn.seconds)
        self._record(claim, receipts)
        again = sum(receipt.state is DeliveryState.PLANNED for receipt in receipts)
        if again:
            self.allowance.give_back(again, ease=isinstance(trouble, PaceError))
        if trouble is not None and not isinstance(trouble, PaceError):
            self._stop_for(claim.issue_id, trouble)
        return receipts

    def _send(self, claim: Claim, issue: Issue, recipients: Sequence[Recipient]) -> list[Receipt]:
        """Let the request leave, and write down what came back, whatever that is."""
        prepared = self._prepare(claim, issue, recipients)
        try:
            receipts = self._sender.send(prepared)
        except DoubtError as doubt:
            receipts = _all(recipients, DeliveryState.UNCERTAIN, doubt.message)
        except SenderError as refused:
            self._record(claim, receipts := _all(recipients, DeliveryState.PLANNED, refused.message))
            self.allowance.give_back(len(recipients), ease=isinstance(refused, PaceError))
            if not isinstance(refused, PaceError):
                self._stop_for(claim.issue_id, refused)
            return receipts
        except Exception as mistake:
            # Our own mistake, in the middle of a call: nobody knows what left.
            why = _in_words(mistake)
            self._record(claim, _all(recipients, DeliveryState.UNCERTAIN, why), pause=why)
            raise
        again = [receipt for receipt in receipts if receipt.state is DeliveryState.PLANNED]
        stuck = again and claim.attempt % TRIES == 0
        why = f"{len(again)} reader(s) of a batch did not pass {TRIES} times: {again[0].reason}" if stuck else ""
        self._record(claim, receipts, pause=why)
        if again:
            self.allowance.give_back(len(again), ease=True)
        return receipts

    def _prepare(self, claim: Claim, issue: Issue, recipients: Sequence[Recipient]) -> Prepared:
        rendered = self._editions[claim.edition_id]
        try:
            return self._sender.prepare(rendered, self._messages(claim, issue, rendered, recipients))
        except Exception as mistake:
            # Nothing left yet, and the next try would fail alike.
            self._record(claim, _all(recipients, DeliveryState.PLANNED, ""), pause=_in_words(mistake))
            raise

    def _messages(
        self, claim: Claim, issue: Issue, rendered: Rendered, recipients: Sequence[Recipient]
    ) -> list[Message]:
        links = self._links_for(issue)
        reader = self._newsletters[issue.newsletter].reader
        return [
            personalise(
                rendered,
                recipient,
                links,
                issue=issue.id,
                attempt=claim.attempt,
                newsletter=issue.newsletter,
                fallback_name=reader,
            )
            for recipient in recipients
        ]

    def _record(self, claim: Claim, receipts: Sequence[Receipt], *, pause: str = "") -> None:
        """Write receipts down, and pause the issue in the same step when there is a reason to.

        A busy or full database is tried again: this reply will not come twice.
        """
        for tries_left in reversed(range(RECORD_TRIES)):
            try:
                with self._db.write() as conn:
                    now = self._clock()
                    wait = TRY_AGAIN * min(claim.attempt, TRIES)
                    ledger.record(conn, claim, receipts, now=now, try_again=now + wait)
                    if pause:
                        self._take_pause(conn, claim.issue_id, pause)
            except StoreError:
                if not tries_left:
                    raise
                time.sleep(1)
            else:
                return

    def _stop_for(self, issue_id: int, error: SenderError) -> None:
        """The account cannot send: the issue waits where time mends it, and pauses where a person must."""
        if not (isinstance(error, AccountError) and error.waits):
            self._pause(issue_id, error.message)
            raise error
        with self._db.write() as conn:
            issues.change(conn, issue_id, hold=error.message, held_until=self._clock() + QUOTA_WAIT)

    def _pause(self, issue_id: int, why: str) -> None:
        with self._db.write() as conn:
            self._take_pause(conn, issue_id, why)

    def _take_pause(self, conn: Connection, issue_id: int, why: str) -> None:
        with suppress(IllegalStep):  # another worker may have paused it just now
            issue = issues.get(conn, issue_id)
            issues.take(conn, issue, Step.PAUSE, actor="delivery", at=self._clock(), detail=why, hold=why)

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


def _all(recipients: Sequence[Recipient], state: DeliveryState, reason: str) -> list[Receipt]:
    return [Receipt(position=one.position, state=state, reason=reason) for one in recipients]  # type: ignore[arg-type]


def _in_words(mistake: Exception) -> str:
    if isinstance(mistake, DigestError):
        return mistake.message
    return f"an error of the program: {type(mistake).__name__}: {mistake}"


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
