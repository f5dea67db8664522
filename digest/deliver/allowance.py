"""What the sender's account allows, asked every minute and shared by all workers through one row."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from digest.deliver import pace
from digest.deliver.senders.port import Sender
from digest.errors import AccountError, SenderError, StoreError
from digest.store import paces
from digest.store.database import Database

log = logging.getLogger(__name__)

#: How often the account is asked, and how often a process looks whether another one did, in seconds.
ASK_EVERY = 60.0
LOOK_EVERY = 5.0
#: Readers of a batch that goes out one by one: three commits for all of them, not for each.
BATCH = 50


class Allowance:
    def __init__(
        self,
        database: Database,
        sender: Sender,
        *,
        max_rate: float,
        calls_per_second: float = 0.0,
        way: pace.Way = pace.Way.BULK,
        clock: Callable[[], datetime],
    ) -> None:
        """`max_rate` caps what the account allows, in recipients per second; 0 is no cap.

        `calls_per_second` limits calls, however many recipients each has; 0 is no limit.
        """
        self._db = database
        self._sender = sender
        self._cap = max_rate
        self._calls = calls_per_second
        self._way = way
        self._clock = clock
        self._looked_at = 0.0
        self._rate = 0.0

    @property
    def rate(self) -> float:
        """Recipients per second, as last seen."""
        return self._rate

    def ask(self) -> pace.Pace:
        """Ask the account now. Raises AccountError when it may not send at all."""
        account = self._sender.account()
        if not account.sending_enabled:
            raise AccountError(
                f"The {self._sender.name} account may not send now: {account.note or 'sending is disabled'}.",
                hint="Nobody was marked failed. Mend the account, then resume the issue.",
            )
        rate = min(account.max_rate, self._cap) if self._cap else account.max_rate
        with self._db.write() as conn:
            fresh = pace.refreshed(
                paces.read(conn, self._sender.name),
                max_rate=max(rate, 0.01),
                quota_left=account.remaining,
                now=self._now(),
            )
            paces.write(conn, self._sender.name, fresh)
        return fresh

    def refresh(self) -> None:
        """Ask when nobody did for a minute. An account that does not answer changes nothing, unless it never did."""
        if time.monotonic() - self._looked_at < LOOK_EVERY:
            return
        self._looked_at = time.monotonic()
        known = self._known()
        if known is None or self._now() - known.checked_at > ASK_EVERY:
            known = self._ask_again(known)
        self._rate = known.rate

    def batch_size(self) -> int:
        """Recipients in one batch of an issue that is frozen now."""
        known = self._known() or self.ask()
        most = BATCH if self._way is pace.Way.SINGLE else self._sender.batch_size
        return pace.batch_size(most, known.max_rate)

    def next_turn(self, conn: Connection) -> float:
        """The moment, in seconds since 1970, at which the next turn would begin; in the past when one is free at once.

        A look, not a reservation: it locks nothing and raises nothing. A worker that takes a batch only when its turn
        is near leaves the turns after that to whatever is more urgent by then; one that reserves at once, together
        with its fellows, books seconds ahead at a slow account, and breaking news would wait behind them.
        """
        known = paces.look(conn, self._sender.name)
        return 0.0 if known is None else pace.next_turn(known, way=self._way)

    def reserve(self, conn: Connection, size: int) -> pace.Turn | None:
        """Reserve a turn for `size` recipients; None when the quota is used up."""
        known = paces.read(conn, self._sender.name)
        if known is None:
            raise StoreError("The account's rate is not known.", hint="Run the command again.")
        turn = pace.reserve(
            known,
            size,
            self._now(),
            calls_per_second=self._calls,
            way=self._way,
        )
        if turn is not None:
            paces.write(conn, self._sender.name, turn.pace)
        return turn

    def give_back(self, size: int, *, ease: bool) -> None:
        """`size` recipients were not accepted after all; `ease` when that was for going too fast."""
        with self._db.write() as conn:
            self.return_turn(conn, size, ease=ease)

    def return_turn(self, conn: Connection, size: int, *, ease: bool = False) -> None:
        """`give_back` within a transaction that is open already."""
        known = paces.read(conn, self._sender.name)
        if known is not None:
            known = pace.give_back(known, size)
            paces.write(conn, self._sender.name, pace.ease_off(known, self._now()) if ease else known)

    def _ask_again(self, known: pace.Pace | None) -> pace.Pace:
        try:
            return self.ask()
        except SenderError as error:
            if known is None or isinstance(error, AccountError):
                raise
            log.warning("The %s account could not be asked what it allows: %s", self._sender.name, error)
            with self._db.write() as conn:
                paces.write(conn, self._sender.name, replace(known, checked_at=self._now()))
            return known

    def _known(self) -> pace.Pace | None:
        with self._db.read() as conn:
            return paces.look(conn, self._sender.name)

    def _now(self) -> float:
        return self._clock().timestamp()
