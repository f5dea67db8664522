"""Forecast: how long an issue takes, by the very rule that paces it. Pure; a million readers are a second's work."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest.deliver import warmup
from digest.deliver.pace import Limits, Pace, reserve
from digest.deliver.warmup import WarmUp
from digest.model import Account


@dataclass
class Course:
    """Takes the issue's batches one after another, each in its turn, as workers who never rest would."""

    pace: Pace
    limits: Limits
    #: Recipients that would leave one by one, where bulk calls are limited.
    singly: int = 0
    _now: float = 0.0

    @classmethod
    def from_now(cls, pace: Pace, limits: Limits) -> Course:
        """With the rate and calls of today and the turns, quota and days of nobody: those are counted apart."""
        return cls(replace(pace, next_free=0.0, next_call=0.0, quota_left=None, day=0), limits)

    def take(self, size: int) -> None:
        turn = reserve(self.pace, size, self._now, calls_per_second=self.limits.calls_per_second, way=self.limits.way)
        assert turn is not None  # noqa: S101  # there is neither quota nor cap
        self.pace, self._now = turn.pace, turn.go_at
        self.singly += size if turn.singly else 0

    @property
    def seconds(self) -> float:
        """Until the last one has had its part of the rate."""
        return self.pace.next_free


def days(recipients: int, account: Account, *, plan: WarmUp | None, sent_today: int, now: datetime) -> int | None:
    """Days until the last of `recipients` fits into quota and warm-up; 1 is today, None is neither of them.

    The quota slides over 24 hours and the warm-up counts UTC's days; here a day has the lower one of the two.
    """
    cap = warmup.cap_at(plan, now)
    if account.remaining is None and cap is None:
        return None
    left, day = recipients, 0
    while True:
        cap = warmup.cap_at(plan, now + timedelta(days=day))
        quota = account.max_per_day if day else account.remaining
        room = _lower(quota, None if cap is None else cap if day else max(0, cap - sent_today))
        if room is None or left <= room:
            return day + 1
        if cap is None and day:
            return day + -(-left // max(1, room))  # no warm-up any more: every day is like this one
        left, day = left - room, day + 1


def _lower(one: int | None, other: int | None) -> int | None:
    said = [number for number in (one, other) if number is not None]
    return min(said) if said else None
