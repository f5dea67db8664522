"""Bulk calls: SES does not say whether it limits them, so the pace learns it, and singles fill the rest of the rate."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from digest.deliver.pace import BREATH, Limits, Pace, Turn, Way, ease_calls, ease_off, reserve, throttled
from tests.doubles.ses.account import Bucket

START = 1_000.0


def turn_of(pace: Pace, size: int = 50, now: float = START, **options: object) -> Turn:
    turn = reserve(pace, size, now, **options)  # type: ignore[arg-type]
    assert turn is not None
    return turn


# --- One piece of news -------------------------------------------------------------------------------------


def test_too_many_calls_say_nothing_about_the_rate() -> None:
    turn = turn_of(Pace(max_rate=200, rate=200))

    after = throttled(turn.pace, turn, START, limit="calls")

    assert after.rate == 200
    assert (after.calls, after.calls_refused) == (2, 4)
    assert after.next_call == START + BREATH


def test_too_fast_says_nothing_about_calls() -> None:
    turn = turn_of(Pace(max_rate=200, rate=200))

    after = throttled(turn.pace, turn, START, limit="rate")

    assert (after.rate, after.calls) == (140, None)


def test_an_answer_that_does_not_tell_slows_down_both() -> None:
    turn = turn_of(Pace(max_rate=200, rate=200))

    after = throttled(turn.pace, turn, START, limit="either")

    assert (after.rate, after.calls) == (140, 2)


@pytest.mark.parametrize("limit", ["rate", "calls", "either"])
def test_batches_that_were_in_the_air_together_are_one_piece_of_news(limit: str) -> None:
    pace, turns = Pace(max_rate=200, rate=200), []
    for _ in range(4):
        turns.append(turn_of(pace))
        pace = turns[-1].pace

    first = throttled(pace, turns[0], START, limit=limit)  # type: ignore[arg-type]
    last = first
    for turn in turns[1:]:
        last = throttled(last, turn, START, limit=limit)  # type: ignore[arg-type]

    assert last == first


def test_single_messages_are_never_bulk_calls() -> None:
    pace = Pace(max_rate=200, rate=200, calls=1.0, calls_refused=2.0, next_call=START + 1)
    single = turn_of(pace, way=Way.MIXED)
    assert single.singly

    after = throttled(single.pace, single, START, limit="calls")

    assert (after.calls, after.rate) == (1.0, 140)


def test_a_rate_refused_far_below_what_the_account_allows_is_taken_for_calls() -> None:
    """SES may say "maximum sending rate" where it counts calls: the rate would sink and sink, and calls were it."""
    pace = Pace(max_rate=200, rate=90)

    after = throttled(pace, turn_of(pace), START, limit="rate")

    assert after.rate == 90
    assert after.calls == pytest.approx(0.9)


def test_the_operators_own_limit_is_what_was_tried() -> None:
    turn = turn_of(Pace(max_rate=200, rate=200), calls_per_second=1.0)

    after = ease_calls(turn.pace, turn, START, calls_per_second=1.0)

    assert (after.calls, after.calls_refused) == (0.5, 1.0)


def test_a_limit_that_does_not_hold_the_rate_back_is_left_alone() -> None:
    """One reader in each call, at ten a second: eleven calls a second are more than anybody needs."""
    pace = Pace(max_rate=10, rate=10, calls=11.0, calls_refused=12.0)

    assert turn_of(pace, 1).pace.calls == 11.0


def test_easing_off_twice_is_two_pieces_of_news() -> None:
    pace = ease_off(Pace(max_rate=200, rate=200), START)

    after = throttled(pace, turn_of(pace), START, limit="rate")

    assert after.rate == pytest.approx(200 * 0.7 * 0.7)


# --- A day of sending --------------------------------------------------------------------------------------


@dataclass
class Day:
    """Workers that never rest, against an account with its own limits: no clock, no network."""

    rate: float
    calls: float
    limits: Limits = field(default_factory=lambda: Limits(way=Way.MIXED))
    latency: float = 0.06
    #: Moments at which a call was refused, and (moment, recipients) of what was accepted.
    refused: list[float] = field(default_factory=list)
    accepted: list[tuple[float, int]] = field(default_factory=list)
    bulk: int = 0

    def send(self, seconds: float) -> Day:
        size = min(50, int(self.rate))
        pace = Pace(max_rate=self.rate, rate=self.rate)
        allowed, bucket = Bucket(self.rate), Bucket(self.calls) if self.calls else None
        now, replies = START, list[tuple[float, Turn]]()
        while now < START + seconds:
            turn = turn_of(pace, size, now, way=self.limits.way, calls_per_second=self.limits.calls_per_second)
            pace, now = turn.pace, turn.go_at
            while replies and replies[0][0] <= now:
                at, of = replies.pop(0)
                pace = throttled(pace, of, at, limit="calls")
            # A bulk call arrives with the jitter of a network, here 0, 3 or 6 ms.
            arrives = now + 0.003 * (len(self.accepted) % 3)
            if not turn.singly and bucket and not bucket.take(arrives, 1):
                self.refused.append(now)
                replies.append((now + self.latency, turn))
                continue
            assert allowed.take(arrives, size), "the account's rate was exceeded"
            self.bulk += not turn.singly
            self.accepted.append((now, size))
        return self

    def used(self, since: float, until: float) -> float:
        """The part of the rate that was used in a span of seconds."""
        inside = sum(size for at, size in self.accepted if START + since <= at < START + until)
        return inside / (self.rate * (until - since))


@pytest.mark.parametrize(("rate", "calls"), [(200, 1), (200, 2.5), (1000, 1), (1000, 7), (100, 0.5), (14, 0.4)])
def test_the_limit_is_found_with_a_few_refused_calls_and_the_rate_is_used_to_the_last_percent(
    rate: float, calls: float
) -> None:
    day = Day(rate=rate, calls=calls).send(1800)

    assert day.used(20, 1800) > 0.98
    assert len([at for at in day.refused if at < START + 60]) <= 12
    assert len([at for at in day.refused if at >= START + 120]) <= 4, "and nearly none once it is known"
    assert day.bulk > 0.6 * 1800 * calls, "bulk calls are used for what they allow"


def test_an_account_without_such_a_limit_never_needs_a_single_message() -> None:
    day = Day(rate=1000, calls=0).send(300)

    assert day.refused == []
    assert day.bulk == len(day.accepted)
    assert day.used(0, 300) > 0.99


def test_bulk_calls_alone_use_what_they_are_allowed() -> None:
    day = Day(rate=200, calls=2, limits=Limits(way=Way.BULK)).send(1800)

    # 100 readers a second are all that two calls carry.
    assert day.used(60, 1800) > 0.5 * 0.85
    assert len(day.refused) <= 20


def test_a_limit_that_is_lifted_is_noticed() -> None:
    pace = Pace(max_rate=200, rate=200, calls=0.9, calls_refused=1.0)
    now = START
    while now < START + 3600:
        turn = turn_of(pace, 50, now, way=Way.MIXED)
        pace, now = turn.pace, turn.go_at

    assert pace.calls is not None
    assert pace.calls > 3
