"""One call: from a claimed batch to receipts in the ledger, whatever the sender answers, and whether it does.

claim    the batch is in our hands, its request is written; a crash gives it back
leave    its turn has come: committed as *calling* just before the request leaves, without who left meanwhile
send     the request, and what came back
record   written down, tried again should the database be busy: this reply does not come twice
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NoReturn

from sqlalchemy import Connection

import subscribers
from digest.deliver import brakes, identity
from digest.deliver.allowance import LOOK_AGAIN, Allowance
from digest.deliver.message import Links, personalise_all
from digest.deliver.pace import Turn, Way
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
from digest.model import DeliveryState, Issue, Message, Newsletter, Receipt, Recipient, Rendered
from digest.store import issues, ledger
from digest.store.database import Database
from digest.store.ledger import Claim

LinksFor = Callable[[Issue], Links]

#: A batch is called so many seconds before its turn at most: in the meantime nothing can overtake or stop it.
HORIZON = 0.02
#: A batch that was throttled or refused in passing is tried again after this, the longer the more often it was.
TRY_AGAIN = timedelta(seconds=2)
#: After so many tries a batch that keeps failing is all that a person need look at, when nothing else is left.
TRIES = 12
#: Approved issues whose editions a long-lived worker keeps at hand.
KEPT = 4
#: A reply in hand is worth writing down even if the database is busy or full: so many tries, a second apart.
RECORD_TRIES = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """A batch in our hands, whose request is written: it waits for its turn."""

    claim: Claim
    issue: Issue
    rendered: Rendered
    messages: Sequence[Message]
    #: None where messages leave one by one only.
    prepared: Prepared | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Leaving:
    """A batch that is called: its request may leave at its turn."""

    ready: Ready
    #: None when nobody is left who may be mailed.
    turn: Turn | None
    #: When it was committed as calling.
    called_at: datetime
    #: Readers who are not mailed although they were planned: they left, or were suppressed.
    skipped: int = 0


class Calls:
    def __init__(
        self,
        database: Database,
        sender: Sender,
        singly: Singly | None,
        allowance: Allowance,
        *,
        links_for: LinksFor,
        newsletters: Mapping[str, Newsletter],
        lease: float,
        clock: Callable[[], datetime],
    ) -> None:
        """`lease` is in seconds: so long after a call its worker is taken for dead when it says nothing."""
        self._db = database
        self._sender = sender
        self._singly = singly
        self._allowance = allowance
        self._links_for = links_for
        self._newsletters = newsletters
        self._lease = lease
        self._clock = clock
        #: Fingerprint of an issue → edition id → what was approved.
        self._approved: dict[str, dict[int, Rendered]] = {}

    # --- Claim ---------------------------------------------------------------------------------------------

    def claim(self, issue: Issue) -> Ready | None:
        """The issue's next batch, its request written; None when none may go now.

        Raises NotApproved, or whatever kept its request from being written, after the issue was paused for it.
        """
        with self._pausing(issue), self._db.write("claim") as conn:
            claim = ledger.claim(conn, issue.id, worker=identity.my_name(), lease=self._lease, now=self._clock())
            if claim is None:
                return None
            claim, rendered = self._edition(conn, claim)
            recipients = ledger.planned(conn, claim)
        with self._pausing(issue, claim):
            return self._write(claim, issue, rendered, recipients)

    def release(self, ready: Ready) -> None:
        """Give a batch back that did not leave."""
        with self._db.write("release") as conn:
            ledger.release(conn, ready.claim)

    def _edition(self, conn: Connection, claim: Claim) -> tuple[Claim, Rendered]:
        """What the batch's readers get: what was approved last. Raises NotApproved unless it is stored as approved."""
        known = self._approved.get(claim.fingerprint)
        if known is None:
            found = issues.editions(conn, claim.issue_id)
            brakes.approved(issues.get(conn, claim.issue_id), [edition.rendered for edition in found])
            known = {edition.id: edition.rendered for edition in found}
            # The few last ones are enough: an issue is done before its newsletter's next one begins.
            self._approved = dict(list(self._approved.items())[-KEPT:]) | {claim.fingerprint: known}
        if claim.edition_id not in known:
            # Throttled, say, and back after the issue was corrected.
            ledger.repoint(conn, claim.issue_id, {rendered.edition: key for key, rendered in known.items()})
            claim = replace(claim, edition_id=ledger.edition_of(conn, claim))
        if claim.edition_id not in known:
            raise NotApproved(
                f"Issue {claim.issue_id} has readers for whom nothing is approved.",
                hint=f"Look at it with `digest preview {claim.issue_id}` and approve it again.",
            )
        return claim, known[claim.edition_id]

    def _write(self, claim: Claim, issue: Issue, rendered: Rendered, recipients: Sequence[Recipient]) -> Ready:
        messages = personalise_all(
            rendered,
            recipients,
            self._links_for(issue),
            issue=issue.id,
            attempt=claim.attempt,
            newsletter=self._newsletters[issue.newsletter],
        )
        bulk = self._singly is None or self._allowance.way is not Way.SINGLE
        prepared = self._sender.prepare(rendered, messages) if bulk and messages else None
        return Ready(claim=claim, issue=issue, rendered=rendered, messages=messages, prepared=prepared)

    @contextmanager
    def _pausing(self, issue: Issue, claim: Claim | None = None) -> Iterator[None]:
        """Nothing has left. What goes wrong here pauses the issue, and the batch in hand is given back."""
        try:
            yield
        except (StoreError, _Early):
            raise
        except Exception as mistake:
            with self._db.write("pause") as conn:
                if claim is not None:
                    ledger.release(conn, claim)
                self._take_pause(conn, issue.id, _in_words(mistake))
            raise

    # --- Leave ---------------------------------------------------------------------------------------------

    def leave(self, ready: Ready) -> Leaving | float | None:
        """Commit that the request leaves now.

        Returns the moment of the batch's turn (seconds since 1970) while that is not near, and None when the batch is
        not ours any more, its issue has stopped, or the quota is used up.
        """
        try:
            with self._pausing(ready.issue, ready.claim), self._db.write("call") as conn:
                return self._leave(conn, ready)
        except _Early as early:
            return early.moment

    def _leave(self, conn: Connection, ready: Ready) -> Leaving | None:
        now = self._clock()
        ids = [message.recipient.subscriber_id for message in ready.messages]
        out = subscribers.why_not(conn, ready.issue.newsletter, ids, at=now, however_often=True)
        gone: dict[int, str] = {}
        if out:
            ready, gone = self._without(ready, out)
        turn = None
        if ready.messages:
            turn = self._allowance.reserve(conn, len(ready.messages))
            if turn is None:
                ledger.release(conn, ready.claim)
                hold = self._allowance.hold(conn, len(ready.messages))
                issues.change(conn, ready.issue.id, hold=hold.why, held_until=hold.until)
                return None
            if turn.go_at > self._clock().timestamp() + HORIZON:
                raise _Early(turn.go_at)
        if not ledger.call(conn, ready.claim, lease=self._lease + _lasts(turn), now=now):
            ledger.release(conn, ready.claim)
            if turn is not None:
                self._allowance.return_turn(conn, len(ready.messages))
            return None
        # Now that the batch is surely ours: another worker may have mailed them meanwhile.
        ledger.skip(conn, ready.claim, gone, now=now)
        if turn is None:
            ledger.record(conn, ready.claim, [], now=now)
        return Leaving(ready=ready, turn=turn, called_at=now, skipped=len(out))

    def _without(self, ready: Ready, out: Mapping[int, str]) -> tuple[Ready, dict[int, str]]:
        """The batch without who may not be mailed any more, and why by position."""
        recipients = [message.recipient for message in ready.messages]
        staying = [one for one in recipients if one.subscriber_id not in out]
        gone = {one.position: out[one.subscriber_id] for one in recipients if one.subscriber_id in out}
        return self._write(ready.claim, ready.issue, ready.rendered, staying), gone

    # --- Send ----------------------------------------------------------------------------------------------

    def send(self, leaving: Leaving, *, stop: Callable[[], bool]) -> list[Receipt]:
        """Let a called batch leave at its turn, and write down what came back, whatever that is.

        Where readers are mailed one by one, those that are left once `stop` says so are planned again.
        Raises AccountError or what a sender could not explain, after the issue was paused with that as its hold.
        """
        if leaving.turn is None:
            return []
        ready, turn = leaving.ready, leaving.turn
        if self._singly is not None and (turn.singly or ready.prepared is None):
            return self._send_singly(leaving, turn, self._singly, stop)
        # At most the horizon, even if the clock is set back at this very moment.
        time.sleep(min(HORIZON, max(0.0, turn.go_at - self._clock().timestamp())))
        return self._send_bulk(ready, turn, latest=self._latest(leaving))

    def _latest(self, leaving: Leaving) -> float:
        """The moment, in seconds since 1970, after which nothing of the batch leaves any more.

        A machine that sleeps for an hour wakes up in the middle of a call: by then others took the batch for lost, SES
        knew nothing of it, and it may have been sent by somebody else.
        """
        return leaving.called_at.timestamp() + _lasts(leaving.turn) + self._lease / 2

    def _send_singly(self, leaving: Leaving, turn: Turn, singly: Singly, stop: Callable[[], bool]) -> list[Receipt]:
        ready = leaving.ready
        receipts, trouble = singly.send(
            ready.rendered,
            ready.messages,
            start=turn.go_at,
            seconds=turn.seconds,
            latest=self._latest(leaving),
            stop=stop,
        )
        self._record(ready.claim, receipts)
        again = sum(receipt.state is DeliveryState.PLANNED for receipt in receipts)
        if again:
            self._allowance.give_back(again, ease=isinstance(trouble, PaceError), turn=turn)
        if trouble is not None and not isinstance(trouble, PaceError) and not self._may_go_without(trouble):
            self.stop_for(ready.issue.id, trouble)
        return receipts

    def _may_go_without(self, trouble: SenderError) -> bool:
        """Who may make bulk calls only goes on with those: nobody was mailed by the single ones."""
        forbidden = isinstance(trouble, AccountError) and trouble.forbidden
        return forbidden and self._allowance.without_singles(trouble.message)

    def _send_bulk(self, ready: Ready, turn: Turn, *, latest: float) -> list[Receipt]:
        """All of them in one call."""
        assert ready.prepared is not None  # noqa: S101  # `send` has seen to it
        try:
            receipts = self._sender.send(replace(ready.prepared, latest=latest))
        except DoubtError as doubt:
            receipts = _all(ready.messages, DeliveryState.UNCERTAIN, doubt.message)
        except SenderError as refused:
            return self._refused(ready, turn, refused)
        except Exception as mistake:
            # Our own mistake, in the middle of a call: nobody knows what left.
            why = _in_words(mistake)
            self._record(ready.claim, _all(ready.messages, DeliveryState.UNCERTAIN, why), pause=why)
            raise
        again = [receipt for receipt in receipts if receipt.state is DeliveryState.PLANNED]
        self._record(ready.claim, receipts, stuck=again[0].reason if again else "")
        if again:
            self._allowance.give_back(len(again), ease=True, turn=turn)
        return receipts

    def _refused(self, ready: Ready, turn: Turn, refused: SenderError) -> list[Receipt]:
        """The whole call was refused: nobody was mailed, and nobody is marked as failed."""
        receipts = _all(ready.messages, DeliveryState.PLANNED, refused.message)
        self._record(ready.claim, receipts)
        too_much = isinstance(refused, PaceError)
        limit = refused.limit if isinstance(refused, PaceError) else "rate"
        self._allowance.give_back(len(ready.messages), ease=too_much, limit=limit, turn=turn)
        if not too_much:
            self.stop_for(ready.issue.id, refused)
        return receipts

    # --- Record --------------------------------------------------------------------------------------------

    def _record(self, claim: Claim, receipts: Sequence[Receipt], *, pause: str = "", stuck: str = "") -> None:
        """Write receipts down, and pause the issue in the same step when there is a reason to.

        `stuck` is why some readers did not pass: a reason once they were tried often and nobody else is left.
        A busy or full database is tried again: this reply will not come twice.
        """
        for tries_left in reversed(range(RECORD_TRIES)):
            try:
                with self._db.write("record") as conn:
                    now = self._clock()
                    wait = TRY_AGAIN * min(claim.attempt, TRIES)
                    ledger.record(conn, claim, receipts, now=now, try_again=now + wait)
                    if stuck and claim.attempt >= TRIES and ledger.is_last(conn, claim):
                        pause = f"some readers of a batch did not pass {claim.attempt} times: {stuck}"
                    if pause:
                        self._take_pause(conn, claim.issue_id, pause)
            except StoreError:
                if not tries_left:
                    raise
                time.sleep(1)
            else:
                return

    def stop_for(self, issue_id: int, error: SenderError) -> None:
        """The account cannot send: the issue waits where time mends it, and pauses where a person must."""
        if not (isinstance(error, AccountError) and error.waits):
            self.pause(issue_id, error)
        with self._db.write("hold") as conn:
            # Not before the account said so itself: others use its quota too, and nobody knows when they did.
            issues.change(conn, issue_id, hold=error.message, held_until=self._clock() + LOOK_AGAIN)

    def pause(self, issue_id: int, error: DigestError) -> NoReturn:
        """Pause an issue for what a person must mend, and raise it."""
        with self._db.write("pause") as conn:
            self._take_pause(conn, issue_id, error.message)
        raise error

    def _take_pause(self, conn: Connection, issue_id: int, why: str) -> None:
        with suppress(IllegalStep):  # another worker may have paused it just now
            issue = issues.get(conn, issue_id)
            issues.take(conn, issue, Step.PAUSE, actor="delivery", at=self._clock(), detail=why, hold=why)


class _Early(Exception):  # undoes the step; nobody but `leave` sees it
    def __init__(self, moment: float) -> None:
        self.moment = moment


def _lasts(turn: Turn | None) -> float:
    """Seconds for which single messages leave; a lease begins after the last."""
    return turn.seconds if turn is not None and turn.singly else 0.0


def _all(messages: Sequence[Message], state: DeliveryState, reason: str) -> list[Receipt]:
    return [Receipt(position=one.recipient.position, state=state, reason=reason) for one in messages]  # type: ignore[arg-type]


def _in_words(mistake: Exception) -> str:
    if isinstance(mistake, DigestError):
        return mistake.message
    return f"an error of the program: {type(mistake).__name__}: {mistake}"
