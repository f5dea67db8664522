"""Pace: when the next batch may go, as a pure rule (GCRA), eased off when throttled (AIMD).

One row in the database holds a `Pace`; all workers reserve from it in turn, so the account's rate is kept by all of
them together. Times are seconds since 1970, rates are recipients per second: SES counts recipients, not calls.

Beside the rate, SES may limit bulk calls, and says neither whether it does nor how many it allows. So that limit is
learned: without one until calls alone are throttled, then half of what was tried, then slowly more. A number that was
refused is remembered; near it we feel our way, so a limit that stands costs one refused call in many minutes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto

from digest.errors import Limit

DAY = 86_400
#: A throttled account is used at this part of the rate that was too much …
EASE = 0.7
#: … and gets back this part of the full rate with every second of sending.
RECOVERY = 0.02
#: After throttling nobody calls for so many seconds: SES counts refused calls too.
BREATH = 1.0
#: A turn that is taken up to so many seconds late begins when it should have: workers oversleep by some milliseconds,
#: and at twenty calls a second five milliseconds each are a tenth of the rate. What it costs is that much of the rate
#: in a burst, ten readers at 100 a second. A longer pause is not made good at all, so idle time is never saved up.
CATCH_UP = 0.1
#: Throttled calls go on at this part of what was tried …
CALL_EASE = 0.5
#: … are back near the number that was refused after so many seconds, and stop growing fast there …
CALL_RECOVERY = 60.0
NEAR = 0.9
#: … and from there on grow by this part of it a minute; beyond it, where nothing is known, by the second.
PROBE, BEYOND = 0.01, 0.1
#: Seconds and recipients of the longest turn.
LONGEST, MOST = 60.0, 50
#: A rate that is refused below this part of what the account says it allows is hardly what is refused.
UNLIKELY = 0.5


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
    #: The next moment for a bulk call, where calls have a limit of their own.
    next_call: float = 0.0
    #: What the account allows.
    max_rate: float
    #: What we use of it now.
    rate: float
    #: Bulk calls per second that we allow ourselves; None until calls alone were throttled …
    calls: float | None = None
    #: … and the number that was refused when they last were.
    calls_refused: float = 0.0
    #: Counts how often we eased off: who got a turn before that learns nothing new when throttled.
    eased: int = 0
    #: Recipients per 24 hours, and those that are left of them; None is no limit.
    quota: int | None = None
    quota_left: int | None = None
    #: A day in UTC, counted from 1970, and the recipients who had a turn in it: what a warm-up caps.
    day: int = 0
    day_count: int = 0
    #: When the account was last asked.
    checked_at: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What the operator says about pace, besides what the account allows."""

    #: Recipients per second at most; 0 is what the account allows.
    max_rate: float = 0.0
    #: Bulk calls per second at most; 0 is no limit but a learned one.
    calls_per_second: float = 0.0
    way: Way = Way.BULK

    def rate(self, allowed: float) -> float:
        return max(min(allowed, self.max_rate) if self.max_rate else allowed, 0.01)


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """A reservation: `size` recipients may go at `go_at`."""

    #: The pace after it.
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
    day_cap: int | None = None,
) -> Turn | None:
    """The next turn for `size` recipients; None when the 24-hour quota or the day has no room for them.

    `calls_per_second` is the operator's limit on bulk calls apart from the recipients'; 0 is none but the learned one.
    Where it keeps the rate from being used, a MIXED way gives a turn for single messages. `day_cap` is the warm-up's.
    """
    pace = of_day(pace, now)
    if not has_quota(pace, size) or not has_day(pace, size, day_cap):
        return None
    by_rate = pace.next_free if pace.next_free > now - CATCH_UP else now
    singly = way is Way.SINGLE or (way is Way.MIXED and pace.next_call > max(by_rate, now))
    begins = by_rate if singly else max(by_rate, pace.next_call)
    go_at, seconds = max(begins, now), size / pace.rate
    after = replace(
        pace,
        next_free=begins + seconds,
        rate=min(pace.max_rate, pace.rate + RECOVERY * pace.max_rate * seconds),
        quota_left=None if pace.quota_left is None else pace.quota_left - size,
        day_count=pace.day_count + size,
    )
    if not singly:
        after = _after_call(after, go_at, calls_per_second)
    return Turn(pace=after, go_at=go_at, seconds=seconds, singly=singly)


def next_turn(pace: Pace, *, way: Way = Way.BULK) -> float:
    """The moment at which the next turn would begin; in the past when it would begin at once. Reserves nothing."""
    return max(pace.next_free, pace.next_call) if way is Way.BULK else pace.next_free


def batch_size(most: int, rate: float, *, per_day: int | None = None) -> int:
    """Recipients in one batch: at most `most`, one second of the rate and one day's cap.

    A call larger than a second's worth exceeds the rate at once; one larger than a day's has no room on any day.
    """
    return max(1, min(most, int(rate), most if per_day is None else per_day))


def give_back(pace: Pace, size: int) -> Pace:
    """Recipients that were reserved and not mailed count for quota and day again; the moment is gone."""
    quota_left = None if pace.quota_left is None else pace.quota_left + size
    return replace(pace, quota_left=quota_left, day_count=max(0, pace.day_count - size))


# --- Room --------------------------------------------------------------------------------------------------


def of_day(pace: Pace, now: float) -> Pace:
    """The pace with the count of the day that `now` is in."""
    today = int(now // DAY)
    return pace if pace.day >= today else replace(pace, day=today, day_count=0)


def has_quota(pace: Pace, size: int) -> bool:
    return pace.quota_left is None or pace.quota_left >= size


def has_day(pace: Pace, size: int, cap: int | None) -> bool:
    """A batch that is larger than a whole day's cap goes as the first of its day: else it would never go."""
    return cap is None or pace.day_count + size <= cap or (pace.day_count == 0 and 0 < cap < size)


# --- Bulk calls --------------------------------------------------------------------------------------------


def call_limit(pace: Pace, calls_per_second: float) -> float | None:
    """Bulk calls per second: the lower one of the learned limit and the operator's; None is no limit."""
    said = [limit for limit in (pace.calls, calls_per_second) if limit]
    return min(said) if said else None


def _after_call(pace: Pace, go_at: float, calls_per_second: float) -> Pace:
    limit = call_limit(pace, calls_per_second)
    if limit is None:
        return pace
    calls = pace.calls
    # A limit that does not hold the rate back is not probed: nothing would be gained.
    if calls is not None and calls <= limit and calls < pace.max_rate:
        calls = _regained(calls, pace.calls_refused, 1 / limit)
    return replace(pace, next_call=go_at + 1 / limit, calls=calls)


def _regained(calls: float, refused: float, seconds: float) -> float:
    if calls < NEAR * refused:
        return min(NEAR * refused, calls + (NEAR - CALL_EASE) * refused * seconds / CALL_RECOVERY)
    part = PROBE if calls < (2 - NEAR) * refused else BEYOND
    return calls + part * refused * seconds / 60


# --- Throttled ---------------------------------------------------------------------------------------------


def throttled(
    pace: Pace, turn: Turn | None, now: float, *, limit: Limit = "rate", calls_per_second: float = 0.0
) -> Pace:
    """The pace after the batch of `turn` was throttled by a `limit`; None is a turn that nobody remembers."""
    if turn is None or turn.singly:
        return ease_off(pace, now)
    if turn.pace.eased != pace.eased:
        # We eased off since the turn was given: batches in the air together are one piece of news, not four.
        return pace
    # Some accounts may say "too fast" where calls are meant: so low a rate is hardly what was refused.
    if limit == "calls" or (limit == "rate" and pace.rate < UNLIKELY * pace.max_rate):
        return ease_calls(pace, turn, now, calls_per_second=calls_per_second)
    eased = ease_off(pace, now)
    return eased if limit == "rate" else ease_calls(eased, turn, now, calls_per_second=calls_per_second)


def ease_off(pace: Pace, now: float) -> Pace:
    """The pace after the account said "too fast"."""
    return replace(
        pace,
        rate=max(min(1.0, pace.max_rate), pace.rate * EASE),
        next_free=max(pace.next_free, now + BREATH),
        eased=pace.eased + 1,
    )


def ease_calls(pace: Pace, turn: Turn, now: float, *, calls_per_second: float = 0.0) -> Pace:
    """The pace after the account said "too many calls" to the call of `turn`. The rate stays what it is."""
    # A batch a turn: without a limit, so many calls a second were tried.
    tried = min(call_limit(pace, calls_per_second) or pace.max_rate, 1 / turn.seconds)
    calls = tried * CALL_EASE
    rest = max(BREATH, 1 / calls)
    return replace(
        pace, calls=calls, calls_refused=tried, next_call=max(pace.next_call, now + rest), eased=pace.eased + 1
    )


def refreshed(
    pace: Pace | None, *, max_rate: float, quota: int | None = None, quota_left: int | None, now: float
) -> Pace:
    """The pace after the account was asked what it allows. A rate that was eased off stays so."""
    known = of_day(pace or Pace(max_rate=max_rate, rate=max_rate), now)
    rate = max_rate if known.rate >= known.max_rate else min(known.rate, max_rate)
    # No turn lasts longer. Without this a clock that was an hour ahead, and is set right, would cost the hour.
    latest = now + max(LONGEST, MOST / rate)
    return replace(
        known,
        next_free=min(known.next_free, latest),
        next_call=min(known.next_call, latest),
        max_rate=max_rate,
        rate=rate,
        quota=quota,
        quota_left=quota_left,
        checked_at=now,
    )
