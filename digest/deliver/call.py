"""One call: from a batch's recipients to receipts in the ledger, whatever the sender answers, and whether it does."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Connection

from digest.deliver.allowance import Allowance
from digest.deliver.message import Links, personalise_all
from digest.deliver.pace import Turn
from digest.deliver.senders.port import Prepared, Sender
from digest.deliver.singly import Singly
from digest.errors import AccountError, DigestError, DoubtError, IllegalStep, PaceError, SenderError, StoreError
from digest.issue.lifecycle import Step
from digest.model import DeliveryState, Issue, Message, Newsletter, Receipt, Recipient, Rendered
from digest.store import issues, ledger
from digest.store.database import Database
from digest.store.ledger import Claim

T = TypeVar("T")
LinksFor = Callable[[Issue], Links]

#: How long an issue waits for the 24-hour quota before it looks again.
QUOTA_WAIT = timedelta(minutes=15)
#: A batch that was throttled or refused in passing is tried again after this, the longer the more often it was.
TRY_AGAIN = timedelta(seconds=2)
#: After so many tries of the same batch a person should look: something does not pass.
TRIES = 12
#: A reply in hand is worth writing down even if the database is busy or full: so many tries, a second apart.
RECORD_TRIES = 20


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
        clock: Callable[[], datetime],
    ) -> None:
        self._db = database
        self._sender = sender
        self._singly = singly
        self._allowance = allowance
        self._links_for = links_for
        self._newsletters = newsletters
        self._clock = clock
        #: Edition id → what was approved, put here before the first batch.
        self.editions: dict[int, Rendered] = {}

    def let_go(self, claim: Claim, turn: Turn, issue: Issue, recipients: Sequence[Recipient]) -> list[Receipt]:
        """Let a batch leave, and write down what came back, whatever that is.

        Raises AccountError or what a sender could not explain, after the issue was paused with that as its hold.
        """
        if not turn.singly or self._singly is None:
            return self._send(claim, issue, recipients)
        rendered = self.editions[claim.edition_id]
        messages = self._ours(claim, recipients, lambda: self._messages(claim, issue, rendered, recipients))
        receipts, trouble = self._singly.send(rendered, messages, start=turn.go_at, seconds=turn.seconds)
        self._record(claim, receipts)
        again = sum(receipt.state is DeliveryState.PLANNED for receipt in receipts)
        if again:
            self._allowance.give_back(again, ease=isinstance(trouble, PaceError))
        if trouble is not None and not isinstance(trouble, PaceError):
            self.stop_for(claim.issue_id, trouble)
        return receipts

    def _send(self, claim: Claim, issue: Issue, recipients: Sequence[Recipient]) -> list[Receipt]:
        """All of them in one call."""
        prepared = self._ours(claim, recipients, lambda: self._prepare(claim, issue, recipients))
        try:
            receipts = self._sender.send(prepared)
        except DoubtError as doubt:
            receipts = _all(recipients, DeliveryState.UNCERTAIN, doubt.message)
        except SenderError as refused:
            self._record(claim, receipts := _all(recipients, DeliveryState.PLANNED, refused.message))
            self._allowance.give_back(len(recipients), ease=isinstance(refused, PaceError))
            if not isinstance(refused, PaceError):
                self.stop_for(claim.issue_id, refused)
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
            self._allowance.give_back(len(again), ease=True)
        return receipts

    def _prepare(self, claim: Claim, issue: Issue, recipients: Sequence[Recipient]) -> Prepared:
        rendered = self.editions[claim.edition_id]
        return self._sender.prepare(rendered, self._messages(claim, issue, rendered, recipients))

    def _ours(self, claim: Claim, recipients: Sequence[Recipient], work: Callable[[], T]) -> T:
        """Work before anything leaves. Should it fail, the readers stay planned and the issue pauses."""
        try:
            return work()
        except Exception as mistake:
            self._record(claim, _all(recipients, DeliveryState.PLANNED, ""), pause=_in_words(mistake))
            raise

    def _messages(
        self, claim: Claim, issue: Issue, rendered: Rendered, recipients: Sequence[Recipient]
    ) -> list[Message]:
        return personalise_all(
            rendered,
            recipients,
            self._links_for(issue),
            issue=issue.id,
            attempt=claim.attempt,
            newsletter=self._newsletters[issue.newsletter],
        )

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

    def stop_for(self, issue_id: int, error: SenderError) -> None:
        """The account cannot send: the issue waits where time mends it, and pauses where a person must."""
        if not (isinstance(error, AccountError) and error.waits):
            self.pause(issue_id, error.message)
            raise error
        with self._db.write() as conn:
            issues.change(conn, issue_id, hold=error.message, held_until=self._clock() + QUOTA_WAIT)

    def pause(self, issue_id: int, why: str) -> None:
        with self._db.write() as conn:
            self._take_pause(conn, issue_id, why)

    def _take_pause(self, conn: Connection, issue_id: int, why: str) -> None:
        with suppress(IllegalStep):  # another worker may have paused it just now
            issue = issues.get(conn, issue_id)
            issues.take(conn, issue, Step.PAUSE, actor="delivery", at=self._clock(), detail=why, hold=why)


def _all(recipients: Sequence[Recipient], state: DeliveryState, reason: str) -> list[Receipt]:
    return [Receipt(position=one.position, state=state, reason=reason) for one in recipients]  # type: ignore[arg-type]


def _in_words(mistake: Exception) -> str:
    if isinstance(mistake, DigestError):
        return mistake.message
    return f"an error of the program: {type(mistake).__name__}: {mistake}"
