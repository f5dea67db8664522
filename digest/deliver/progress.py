"""How far an issue is, counted by this process alone: what a person watches. The ledger counts for good."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from digest.model import DeliveryState, Figures, Receipt

#: The rate is that of the last so many seconds: after an hour's hold the average since the start says nothing.
LATELY = 10.0
#: Below this part of what is allowed, a person is told what the full rate would take.
SLOW = 0.8


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    recipients: int
    #: Recipients who need no more work.
    done: int
    accepted: int
    uncertain: int
    #: Accepted per second by this process lately, and what all processes together may.
    rate: float
    allowed_rate: float
    #: Why what was tried last came back, and for how many seconds nobody has passed; empty as soon as somebody does.
    trouble: str = ""
    trouble_seconds: float = 0.0

    @property
    def seconds_left(self) -> float | None:
        """At the rate of late; None while there is none."""
        return (self.recipients - self.done) / self.rate if self.rate else None

    def words(self) -> str:
        """What a person reads beside how many are done."""
        said = [f"{self.accepted:,} accepted"]
        if self.uncertain:
            said.append(f"{self.uncertain:,} uncertain")
        if self.trouble:
            said.append(f"nothing passes for {duration(self.trouble_seconds)}, and it is tried again: {self.trouble}")
        elif self.done < self.recipients:
            said.append(pace_in_words(self.recipients - self.done, self.rate, self.allowed_rate))
        return ", ".join(said)


def pace_in_words(left: int, rate: float, allowed: float | None) -> str:
    """How fast it goes, what is allowed, and how long that takes: "180/s of 200/s, 12 s left"."""
    said = f"{_per_second(rate)} of {_per_second(allowed)}" if allowed else _per_second(rate)
    if not left:
        return said
    if rate:
        said += f", {duration(left / rate)} left"
    if allowed and rate < SLOW * allowed and left >= allowed:
        said += f" ({duration(left / allowed)} at the full rate)"
    return said


def duration(seconds: float) -> str:
    """A time span for people: "2 h 13 min", "45 s"."""
    hours, rest = divmod(round(seconds), 3600)
    if hours:
        return f"{hours} h {rest // 60} min"
    return f"{rest // 60} min {rest % 60} s" if rest >= 60 else f"{rest} s"


def _per_second(rate: float) -> str:
    # A new account may be allowed one reader a second, a mail server one in ten.
    return f"{rate:,.0f}/s" if rate >= 10 or rate == int(rate) else f"{rate:.1f}/s"


class Tally:
    """Counts receipts as they come; safe to call from any thread."""

    def __init__(
        self, before: Figures, *, stood_still: float = 0.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`stood_still` is for how many seconds nobody passed before; `clock` is in seconds from any beginning."""
        self._before = before
        self._clock = clock
        self._lock = threading.Lock()
        self._accepted = self._uncertain = self._done = 0
        #: (moment, accepted by then): the first is at least as old as the rate looks back.
        self._looks: deque[tuple[float, int]] = deque([(clock(), 0)])
        self._trouble = ""
        self._passed_at = clock() - stood_still

    def count(self, receipts: Sequence[Receipt], *, skipped: int = 0) -> None:
        with self._lock:
            self._done += skipped
            for receipt in receipts:
                self._accepted += receipt.state is DeliveryState.ACCEPTED
                self._uncertain += receipt.state is DeliveryState.UNCERTAIN
                self._done += receipt.state is not DeliveryState.PLANNED
            self._hear(receipts)

    def _hear(self, receipts: Sequence[Receipt]) -> None:
        back = [receipt.reason for receipt in receipts if receipt.state is DeliveryState.PLANNED]
        if receipts and len(back) == len(receipts):
            self._trouble = back[0] or "no reason was given"
        elif receipts:
            self._trouble, self._passed_at = "", self._clock()

    def progress(self, allowed_rate: float) -> Progress:
        before = self._before
        with self._lock:
            now = self._clock()
            return Progress(
                recipients=before.recipients,
                done=before.recipients - before.planned + self._done,
                accepted=before.accepted + self._accepted,
                uncertain=before.uncertain + self._uncertain,
                rate=self._rate(now),
                allowed_rate=allowed_rate,
                trouble=self._trouble,
                trouble_seconds=now - self._passed_at if self._trouble else 0.0,
            )

    def _rate(self, now: float) -> float:
        looks = self._looks
        looks.append((now, self._accepted))
        while len(looks) > 2 and looks[1][0] <= now - LATELY:
            looks.popleft()
        began, before = looks[0]
        return (self._accepted - before) / max(now - began, 0.001)
