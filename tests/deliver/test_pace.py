"""Pace: never faster than the account allows, whoever asks and in whatever order."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.deliver.pace import BREATH, CATCH_UP, EASE, Pace, Way, ease_off, give_back, next_turn, refreshed, reserve

rates = st.floats(min_value=0.5, max_value=2000)
sizes = st.integers(min_value=1, max_value=50)
#: Seconds between two questions: workers ask in bursts and after long pauses.
gaps = st.floats(min_value=0, max_value=30)


def turns(pace: Pace, asked: list[tuple[float, int]], *, calls_per_second: float = 0.0) -> list[tuple[float, int]]:
    """The moment and size of each call, when somebody asks for a turn after each (gap, size)."""
    now, going = 1_000.0, []
    for gap, size in asked:
        now += gap
        turn = reserve(pace, size, now, calls_per_second=calls_per_second)
        if turn is None:
            continue
        assert turn.go_at >= now, "a turn in the past"
        pace = turn.pace
        going.append((turn.go_at, size))
    return going


# --- Turns -------------------------------------------------------------------------------------------------


def test_the_first_call_goes_at_once_and_the_next_when_the_first_is_paid_for() -> None:
    pace = Pace(max_rate=200.0, rate=200.0)

    first = reserve(pace, 50, 1_000.0)
    assert first is not None
    second = reserve(first.pace, 50, 1_000.0)
    assert second is not None

    assert (first.go_at, second.go_at) == (1_000.0, 1_000.25)


def test_time_that_nobody_used_is_not_saved_up() -> None:
    """An account that was idle for an hour may not be sent an hour's worth at once."""
    pace = Pace(max_rate=100.0, rate=100.0, next_free=1_000.0)

    going = turns(pace, [(3_600.0, 50), (0.0, 50), (0.0, 50)])

    assert [moment - going[0][0] for moment, _ in going] == [0.0, 0.5, 1.0]


@given(rates, st.lists(st.tuples(gaps, sizes), min_size=2, max_size=60))
def test_no_window_holds_more_than_the_rate_one_batch_and_what_was_late(
    rate: float, asked: list[tuple[float, int]]
) -> None:
    going = turns(Pace(max_rate=rate, rate=rate), asked)

    for first in range(len(going)):
        total = 0
        for moment, size in going[first:]:
            total += size
            window = moment - going[first][0]
            assert total <= rate * (window + CATCH_UP) + size + 0.001 * total


@given(rates, st.floats(min_value=0.1, max_value=20), st.lists(st.tuples(gaps, sizes), min_size=2, max_size=60))
def test_calls_keep_their_own_limit_too(rate: float, calls: float, asked: list[tuple[float, int]]) -> None:
    going = turns(Pace(max_rate=rate, rate=rate), asked, calls_per_second=calls)

    for (before, size), (after, _) in pairwise(going):
        assert after - before >= 0.999 * max(1 / calls, size / rate - CATCH_UP)


@given(rates, st.lists(sizes, min_size=20, max_size=60))
def test_workers_that_never_rest_use_the_whole_rate(rate: float, asked: list[int]) -> None:
    going = turns(Pace(max_rate=rate, rate=rate), [(0.0, size) for size in asked])

    seconds = going[-1][0] - going[0][0]
    assert sum(asked[:-1]) == pytest.approx(rate * seconds, rel=1e-6)


@given(rates, st.sampled_from(Way), st.lists(sizes, max_size=20))
def test_the_turn_that_is_seen_coming_is_the_one_that_is_given(rate: float, way: Way, asked: list[int]) -> None:
    pace = Pace(max_rate=rate, rate=rate)
    for size in asked:
        seen = next_turn(pace, way=way)
        turn = reserve(pace, size, 1_000.0, calls_per_second=2.0, way=way)
        assert turn is not None
        assert turn.go_at == max(seen, 1_000.0)
        pace = turn.pace


@given(rates, st.lists(st.floats(min_value=0, max_value=0.9 * CATCH_UP), min_size=20, max_size=60))
def test_a_worker_that_oversleeps_a_little_costs_nothing_of_the_rate(rate: float, late: list[float]) -> None:
    pace = Pace(max_rate=rate, rate=rate, next_free=1_000.0)
    for oversleep in late:
        turn = reserve(pace, 50, pace.next_free + oversleep)
        assert turn is not None
        assert turn.go_at == pace.next_free + oversleep
        pace = turn.pace

    assert pace.next_free == pytest.approx(1_000.0 + len(late) * 50 / rate)


def test_more_than_a_little_is_not_made_good() -> None:
    turn = reserve(Pace(max_rate=100.0, rate=100.0, next_free=1_000.0), 50, 1_000.0 + 2 * CATCH_UP)

    assert turn is not None
    assert turn.pace.next_free == turn.go_at + 0.5


# --- The quota of 24 hours ---------------------------------------------------------------------------------


@given(rates, st.integers(min_value=0, max_value=500), st.lists(st.tuples(gaps, sizes), max_size=60))
def test_the_quota_is_never_overdrawn(rate: float, quota: int, asked: list[tuple[float, int]]) -> None:
    going = turns(Pace(max_rate=rate, rate=rate, quota_left=quota), asked)

    assert sum(size for _, size in going) <= quota


@given(rates, st.integers(min_value=0, max_value=500), st.lists(sizes, max_size=60))
def test_quota_that_was_given_back_is_there_again(rate: float, quota: int, asked: list[int]) -> None:
    pace = Pace(max_rate=rate, rate=rate, quota_left=quota)
    for size in asked:
        turn = reserve(pace, size, 1_000.0)
        if turn is not None:
            assert turn.pace.quota_left is not None
            assert turn.pace.quota_left >= 0
            pace = give_back(turn.pace, size)

    assert pace.quota_left == quota


def test_a_batch_that_does_not_fit_into_the_quota_gets_no_turn() -> None:
    pace = Pace(max_rate=200.0, rate=200.0, quota_left=49)

    assert reserve(pace, 50, 1_000.0) is None
    assert reserve(pace, 49, 1_000.0) is not None


def test_an_account_without_a_quota_has_none_to_give_back() -> None:
    pace = Pace(max_rate=200.0, rate=200.0, day_count=0)

    assert give_back(pace, 50) == pace


# --- Too fast ----------------------------------------------------------------------------------------------


def test_a_throttled_account_is_left_in_peace_and_then_used_more_slowly() -> None:
    pace = ease_off(Pace(max_rate=200.0, rate=200.0), 1_000.0)

    turn = reserve(pace, 50, 1_000.0)

    assert turn is not None
    assert turn.go_at == 1_000.0 + BREATH
    assert pace.rate == pytest.approx(200.0 * EASE)


def test_a_turn_that_was_given_further_ahead_is_not_brought_forward() -> None:
    pace = ease_off(Pace(max_rate=200.0, rate=200.0, next_free=1_050.0), 1_000.0)

    assert pace.next_free == 1_050.0


def test_the_full_rate_comes_back_in_half_a_minute_of_sending() -> None:
    pace = ease_off(Pace(max_rate=200.0, rate=200.0), 1_000.0)
    began = pace.next_free
    while pace.rate < pace.max_rate:
        turn = reserve(pace, 50, pace.next_free)
        assert turn is not None
        pace = turn.pace

    assert 5 < pace.next_free - began < 30
    assert pace.rate == 200.0, "and never more than the account allows"


@given(rates, st.lists(st.one_of(st.just("eased"), sizes), max_size=80))
@example(rate=0.5, happenings=["eased"])
def test_the_rate_stays_between_one_reader_a_second_and_what_the_account_allows(
    rate: float, happenings: list[str | int]
) -> None:
    pace = Pace(max_rate=rate, rate=rate)
    for happening in happenings:
        if isinstance(happening, int):
            turn = reserve(pace, happening, pace.next_free)
            assert turn is not None
            pace = turn.pace
        else:
            pace = ease_off(pace, pace.next_free)
        assert min(1.0, rate) <= pace.rate <= rate


# --- What the account says anew ----------------------------------------------------------------------------


def test_an_account_that_was_never_asked_begins_at_its_full_rate() -> None:
    pace = refreshed(None, max_rate=14.0, quota=60_000, quota_left=50_000, now=1_000.0)

    assert pace == Pace(max_rate=14.0, rate=14.0, quota=60_000, quota_left=50_000, checked_at=1_000.0)


def test_a_raised_rate_is_used_at_once_unless_we_were_throttled() -> None:
    full = Pace(max_rate=14.0, rate=14.0, next_free=1_034.0)
    eased = replace(full, rate=9.8)

    assert refreshed(full, max_rate=200.0, quota_left=None, now=1_000.0).rate == 200.0
    assert refreshed(eased, max_rate=200.0, quota_left=None, now=1_000.0).rate == 9.8
    assert refreshed(full, max_rate=200.0, quota_left=None, now=1_000.0).next_free == 1_034.0


def test_a_lowered_rate_holds_at_once() -> None:
    eased = Pace(max_rate=200.0, rate=140.0)

    assert refreshed(eased, max_rate=14.0, quota_left=None, now=1_000.0).rate == 14.0


def test_a_clock_that_was_ahead_and_is_set_right_does_not_cost_the_time_between() -> None:
    ahead = Pace(max_rate=100, rate=100, next_free=1000.0 + 3600, next_call=1000.0 + 3600)

    right = refreshed(ahead, max_rate=100, quota_left=None, now=1000.0)

    assert max(right.next_free, right.next_call) <= 1000.0 + 60


def test_a_long_turn_of_a_slow_account_is_not_cut_short() -> None:
    slow = Pace(max_rate=0.1, rate=0.1, next_free=1000.0 + 400)

    assert refreshed(slow, max_rate=0.1, quota_left=None, now=1000.0).next_free == 1400.0
