"""What a worker put off, and what it says: shared by all its kinds of work."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from digest.errors import DigestError
from digest.work.port import Kind

log = logging.getLogger(__name__)

#: How long after the database did not answer it is asked again.
LOOK_AGAIN = timedelta(seconds=10)
#: How long an issue is left alone after the account or the database did not answer.
SEND_AGAIN = timedelta(minutes=1)
#: How long after a failure drafting is tried again.
DRAFT_AGAIN = timedelta(minutes=10)
#: Longer is nothing put off.
MOST = DRAFT_AGAIN

Say = Callable[[str], None]
#: A newsletter by its slug, an issue by its number, or a kind of work.
Which = str | int | Kind


class Patience:
    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.say: Say = log.info
        self._again: dict[Which, datetime] = {}

    def put_off(self, which: Which, by: timedelta) -> None:
        """Leave it alone for a while; at most `MOST`."""
        self._again[which] = self._clock() + by

    def must_wait(self, which: Which) -> bool:
        # Not for longer than anything is put off: a clock that was ahead may have been set right since.
        now = self._clock()
        return timedelta(0) < self._again.get(which, now) - now <= MOST

    def say_trouble(self, what: str, error: Exception) -> None:
        """Say it; a mistake of the program goes to the log as well, with its traceback."""
        if not isinstance(error, DigestError):
            log.error("%s", what, exc_info=error)
        self.say(f"{what}: {error if isinstance(error, DigestError) else repr(error)}")
