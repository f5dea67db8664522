"""What the sender's account allows, asked every minute and shared by all workers through one row."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from digest.deliver import pace, warmup
from digest.deliver.pace import Limits, Way
from digest.deliver.senders.port import Sender
from digest.deliver.warmup import WarmUp
from digest.errors import AccountError, Limit, SenderError, StoreError
from digest.store import paces, sending
from digest.store.database import Database

log = logging.getLogger(__name__)

#: How often the account is asked, and how often a process looks whether another one did, in seconds.
ASK_EVERY = 60.0
LOOK_EVERY = 5.0
#: Readers of a batch that goes out one by one: three commits for all of them, not for each.
BATCH = 50
#: How long an issue waits for the 24-hour quota when nobody can know when there is room again.
LOOK_AGAIN = timedelta(minutes=15)
#: A quota that is used up to this part by ourselves is freed by what we sent yesterday; else others use it too.
OURS = 0.95


@dataclass(frozen=True, kw_only=True, slots=True)
class Hold:
    """Why an issue waits, in words, and until when."""

    why: str
    until: datetime


class Allowance:
    def __init__(
        self,
        database: Database,
        sender: Sender,
        *,
        limits: Limits = Limits(),  # noqa: B008  # frozen
        warm_up: WarmUp | None = None,
        clock: Callable[[], datetime],
    ) -> None:
        self._db = database
        self._sender = sender
        self._limits = limits
        self._warm_up = warm_up
        self._clock = clock
        #: In seconds since 1970.
        self._looked_at = 0.0
        self._has_asked = False
        self._rate = 0.0

    @property
    def rate(self) -> float:
        """Recipients per second, as last seen."""
        return self._rate

    @property
    def way(self) -> Way:
        """How batches may leave; bulk calls alone once single messages turned out not to be permitted."""
        return self._limits.way

    @property
    def is_warming_up(self) -> bool:
        return warmup.is_ahead(self._warm_up, self._clock())

    def ask(self) -> pace.Pace:
        """Ask the account now. Raises AccountError when it may not send at all."""
        self._has_asked = True
        account = self._sender.account()
        if not account.sending_enabled:
            raise AccountError(
                f"The {self._sender.name} account may not send now: {account.note or 'sending is disabled'}.",
                hint="Nobody was marked failed. Mend the account, then resume the issue.",
            )
        with self._db.write("ask") as conn:
            fresh = pace.refreshed(
                paces.read(conn, self._sender.name),
                max_rate=self._limits.rate(account.max_rate),
                quota=account.max_per_day,
                quota_left=account.remaining,
                now=self._now(),
            )
            if self._warm_up is not None:
                # What is counted turn by turn is too much after a crash, and too little on a plan's first day.
                fresh = replace(fresh, day_count=sending.since(conn, warmup.day_of(self._clock())))
            paces.write(conn, self._sender.name, fresh)
        return fresh

    def refresh(self) -> None:
        """Ask when this process never did, or nobody did for a minute.

        An account that does not answer changes nothing, unless nobody ever knew it. A process asks before its first
        batch although another one may just have: connecting takes a second, and batches whose turns come meanwhile
        would leave all at once.
        """
        now = self._now()
        if abs(now - self._looked_at) < LOOK_EVERY:
            return
        self._looked_at = now
        known = self._known()
        if known is None or not self._has_asked or abs(now - known.checked_at) > ASK_EVERY:
            known = self._ask_again(known)
        self._rate = known.rate

    def batch_size(self) -> int:
        """Recipients in one batch of an issue that is frozen now."""
        known = self._known() or self.ask()
        return size_of_batches(self._sender, self._limits, known, warmup.largest_batch(self._warm_up, self._clock()))

    def next_turn(self, conn: Connection) -> float:
        """The moment, in seconds since 1970, at which the next turn would begin; in the past when one is free at once.

        A look, not a reservation: it locks nothing and raises nothing. A worker that takes a batch only when its turn
        is near leaves the turns after that to whatever is more urgent by then; one that reserves at once, together
        with its fellows, books seconds ahead at a slow account, and breaking news would wait behind them.
        """
        known = paces.look(conn, self._sender.name)
        return 0.0 if known is None else pace.next_turn(known, way=self._limits.way)

    def reserve(self, conn: Connection, size: int) -> pace.Turn | None:
        """Reserve a turn for `size` recipients; None when the quota or the day is used up: `hold` says until when."""
        now = self._clock()
        turn = pace.reserve(
            self._insist(conn),
            size,
            now.timestamp(),
            calls_per_second=self._limits.calls_per_second,
            way=self._limits.way,
            day_cap=warmup.cap_at(self._warm_up, now),
        )
        if turn is not None:
            paces.write(conn, self._sender.name, turn.pace)
        return turn

    def hold(self, conn: Connection, size: int) -> Hold:
        """Why there is no turn for `size` recipients, and until when."""
        now = self._clock()
        known = pace.of_day(self._insist(conn), now.timestamp())
        cap = warmup.cap_at(self._warm_up, now)
        if cap is not None and not pace.has_day(known, size, cap):
            until = warmup.next_day(now)
            why = f"warm-up: {cap:,} readers a day now, and today has had its share; on from {_said(until)}"
            return Hold(why=why, until=until)
        return self._quota_hold(conn, known, size, now)

    def give_back(self, size: int, *, ease: bool = False, limit: Limit = "rate", turn: pace.Turn | None = None) -> None:
        """`size` recipients were not accepted after all; `ease` when that was for too much of `limit` in `turn`."""
        with self._db.write("give back") as conn:
            self.return_turn(conn, size, ease=ease, limit=limit, turn=turn)

    def return_turn(
        self, conn: Connection, size: int, *, ease: bool = False, limit: Limit = "rate", turn: pace.Turn | None = None
    ) -> None:
        """`give_back` within a transaction that is open already."""
        known = paces.read(conn, self._sender.name)
        if known is None:
            return
        known = pace.give_back(known, size)
        if ease:
            calls = self._limits.calls_per_second
            known = pace.throttled(known, turn, self._now(), limit=limit, calls_per_second=calls)
        paces.write(conn, self._sender.name, known)

    def without_singles(self, why: str) -> bool:
        """Single messages are not permitted: from now on bulk calls alone. False when there is no other way."""
        if self._limits.way is Way.SINGLE:
            return False
        if self._limits.way is Way.MIXED:
            log.warning("Bulk calls alone from now on, at what they allow: single messages are refused: %s", why)
            self._limits = replace(self._limits, way=Way.BULK)
        return True

    def _quota_hold(self, conn: Connection, known: pace.Pace, size: int, now: datetime) -> Hold:
        """What we sent a day ago frees the quota. Where others use it too, nobody knows when: look again soon."""
        until = None
        if known.quota and known.quota_left is not None:
            ours = sending.since(conn, now - timedelta(hours=24))
            if ours >= OURS * (known.quota - known.quota_left):
                until = sending.when_freed(conn, size - known.quota_left, now=now)
        if until is None:
            return Hold(why="the account's 24-hour quota is used up", until=now + LOOK_AGAIN)
        # Never at once: SES's count may lag behind ours.
        until = max(until, now + timedelta(minutes=1))
        return Hold(why=f"the account's 24-hour quota is used up; on from {_said(until)}", until=until)

    def _insist(self, conn: Connection) -> pace.Pace:
        known = paces.read(conn, self._sender.name)
        if known is None:
            raise StoreError("The account's rate is not known.", hint="Run the command again.")
        return known

    def _ask_again(self, known: pace.Pace | None) -> pace.Pace:
        try:
            return self.ask()
        except SenderError as error:
            if known is None or isinstance(error, AccountError):
                raise
            log.warning("The %s account could not be asked what it allows: %s", self._sender.name, error)
            with self._db.write("ask later") as conn:
                paces.write(conn, self._sender.name, replace(known, checked_at=self._now()))
            return known

    def _known(self) -> pace.Pace | None:
        with self._db.read() as conn:
            return paces.look(conn, self._sender.name)

    def _now(self) -> float:
        return self._clock().timestamp()


def size_of_batches(sender: Sender, limits: Limits, known: pace.Pace, per_day: int | None) -> int:
    """Recipients in one batch: what the sender takes in a call, or in a row of single messages, within the limits."""
    most = BATCH if limits.way is Way.SINGLE else sender.batch_size
    days = [cap for cap in (known.quota, per_day) if cap]
    return pace.batch_size(most, known.max_rate, per_day=min(days) if days else None)


def _said(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
