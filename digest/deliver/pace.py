"""Pace: when the next batch may go, as a pure rule (GCRA), eased off when throttled (AIMD).

One row in the database holds a `Pace`; all workers reserve from it in turn, so the account's rate is kept by all of
them together. Times are seconds since 1970, rates are recipients per second: SES counts recipients, not calls.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto

#: A throttled account is used at this part of the rate that was too much …
EASE = 0.7
#: … and gets back this part of the full rate with every second of sending.
RECOVERY = 0.02
#: After throttling nobody calls for so many seconds: SES counts refused calls too.
BREATH = 1.0


class Way(Enum):
    """How batches may leave."""

    #: In one call each.
    BULK = auto()
    #: In one call, or reader by reader where calls are the bottleneck.
    MIXED = auto()
    #: Reader by reader.
    SINGLE = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    #: The next free moment.
    next_free: float = 0.0
    #: The next moment for a call, where calls have a limit of their own.
    next_call: float = 0.0
    #: What the account allows.
    max_rate: float
    #: What we use of it now.
    rate: float
    #: Recipients left of the 24-hour quota; None is no limit.
    quota_left: int | None = None
    #: When the account was last asked.
    checked_at: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """A reservation: `size` recipients may go at `go_at`."""

    pace: Pace
    go_at: float
    #: How long the reservation lasts.
    seconds: float
    #: Reader by reader: the rate has room, and no bulk call is free.
    singly: bool = False


def reserve(
    pace: Pace,
    size: int,
    now: float,
    *,
    calls_per_second: float = 0.0,
    way: Way = Way.BULK,
) -> Turn | None:
    """The next turn for `size` recipients; None when the 24-hour quota has no room for them.

    `calls_per_second` is a limit on bulk calls apart from the recipients'; 0 is none. Where it keeps the rate from
    being used, a MIXED way gives a turn for single messages.
    """
    if pace.quota_left is not None and pace.quota_left < size:
        return None
    by_rate = max(pace.next_free, now)
    singly = way is Way.SINGLE or (way is Way.MIXED and pace.next_call > by_rate)
    go_at = by_rate if singly else max(by_rate, pace.next_call)
    seconds = size / pace.rate
    after = replace(
        pace,
        next_free=go_at + seconds,
        next_call=pace.next_call if singly or not calls_per_second else go_at + 1 / calls_per_second,
        rate=min(pace.max_rate, pace.rate + RECOVERY * pace.max_rate * seconds),
        quota_left=None if pace.quota_left is None else pace.quota_left - size,
    )
    return Turn(pace=after, go_at=go_at, seconds=seconds, singly=singly)


def next_turn(pace: Pace, *, way: Way = Way.BULK) -> float:
    """The moment at which the next turn would begin; in the past when it would begin at once. Reserves nothing."""
    return max(pace.next_free, pace.next_call) if way is Way.BULK else pace.next_free


def batch_size(most: int, rate: float) -> int:
    """Recipients in one batch: at most `most` and one second of the rate, for a larger call exceeds it at once."""
    return max(1, min(most, int(rate)))


def give_back(pace: Pace, size: int) -> Pace:
    """Recipients that were reserved and not mailed count for the quota again; the moment is gone."""
    return pace if pace.quota_left is None else replace(pace, quota_left=pace.quota_left + size)


def ease_off(pace: Pace, now: float) -> Pace:
    """The pace after the account said "too fast"."""
    return replace(
        pace, rate=max(min(1.0, pace.max_rate), pace.rate * EASE), next_free=max(pace.next_free, now + BREATH)
    )


def refreshed(pace: Pace | None, *, max_rate: float, quota_left: int | None, now: float) -> Pace:
    """The pace after the account was asked what it allows. A rate that was eased off stays so."""
    if pace is None:
        return Pace(max_rate=max_rate, rate=max_rate, quota_left=quota_left, checked_at=now)
    rate = max_rate if pace.rate >= pace.max_rate else min(pace.rate, max_rate)
    return replace(pace, max_rate=max_rate, rate=rate, quota_left=quota_left, checked_at=now)
