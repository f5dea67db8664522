"""Turns of single mails: a notice takes its share of the account's rate from the row that issues take theirs from.

A turn is one recipient and batches take turns of a second at most, so a notice waits for a second or two in the middle
of an issue to a million, and the issue gives way to it. A warm-up does not hold notices up: somebody waits for a link.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from digest.deliver.allowance import Allowance
from digest.deliver.pace import Turn
from digest.errors import PaceError, SenderError
from digest.store.database import Database

#: Seconds that a turn is waited for; one that begins later is given back, and the mail is put off.
PATIENCE = 20.0


class Turns:
    def __init__(self, database: Database, allowance: Allowance, *, clock: Callable[[], datetime]) -> None:
        self._db = database
        self._allowance = allowance
        self._clock = clock

    def take(self, stop: threading.Event) -> Turn | None:
        """A turn that has begun when this returns; None when `stop` says to end.

        Raises SenderError when there is none to be had: the account may not send, or its quota is used up.
        """
        self._allowance.refresh()
        if not self._allowance.rate:
            raise SenderError("What the account allows is not known yet.")
        with self._db.write("turn of notice") as conn:
            turn = self._allowance.reserve(conn, 1)
        if turn is None:
            raise SenderError("The account's 24-hour quota is used up.")
        ahead = turn.go_at - self._clock().timestamp()
        if ahead > PATIENCE or stop.wait(max(0.0, ahead)):
            self._allowance.give_back(1)
            if ahead > PATIENCE:
                raise SenderError(f"The next turn begins in {ahead:.0f} seconds only.")
            return None
        return turn

    def give_back(self, turn: Turn, error: SenderError | None = None) -> None:
        """Nobody was mailed in this turn after all; slower from now on when `error` is that it was too fast."""
        too_much = isinstance(error, PaceError)
        self._allowance.give_back(
            1, ease=too_much, limit=error.limit if isinstance(error, PaceError) else "rate", turn=turn
        )
