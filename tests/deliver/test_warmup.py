"""The warm-up: so many readers a day while account or domain are new, and the issue goes on by itself the next day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from digest.deliver.pace import Pace, Turn, give_back, reserve
from digest.deliver.warmup import WarmUp, cap_at, largest_batch, next_day

PLAN = WarmUp(caps=(200, 500, 1000), begins=date(2026, 11, 22))
MONDAY = datetime(2026, 11, 23, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("day", "cap"), [(20, 200), (21, 200), (22, 200), (23, 500), (24, 1000), (25, None), (30, None)]
)
def test_each_day_has_its_cap_and_after_the_last_there_is_none(day: int, cap: int | None) -> None:
    assert PLAN.cap(date(2026, 11, day)) == cap


def test_a_plan_says_when_it_is_over() -> None:
    assert PLAN.ends == date(2026, 11, 25)


def test_days_are_those_of_utc_wherever_the_newsroom_is() -> None:
    evening_in_new_york = datetime(2026, 11, 22, 20, 0, tzinfo=timezone(timedelta(hours=-5)))

    assert cap_at(PLAN, evening_in_new_york) == 500
    assert next_day(evening_in_new_york) == datetime(2026, 11, 24, tzinfo=UTC)


def test_no_batch_is_larger_than_a_day_that_is_still_to_come() -> None:
    assert largest_batch(WarmUp(caps=(20, 30), begins=date(2026, 11, 22)), datetime(2026, 11, 23, tzinfo=UTC)) == 30
    assert largest_batch(PLAN, datetime(2026, 12, 1, tzinfo=UTC)) is None
    assert largest_batch(None, datetime(2026, 12, 1, tzinfo=UTC)) is None


def taken(pace: Pace, size: int, now: float, cap: int | None) -> Turn | None:
    return reserve(pace, size, now, day_cap=cap)


def test_a_day_gives_as_many_turns_as_its_cap_has_room_for_and_the_next_begins_anew() -> None:
    pace, given = Pace(max_rate=1000, rate=1000), 0
    while (turn := taken(pace, 50, MONDAY, 120)) is not None:
        pace, given = turn.pace, given + 50
    assert given == 100

    assert taken(pace, 20, MONDAY + 3600, 120) is not None, "a smaller batch still fits"
    tomorrow = taken(pace, 50, MONDAY + 86_400, 120)
    assert tomorrow is not None
    assert tomorrow.pace.day_count == 50


def test_what_was_not_accepted_may_go_on_the_same_day() -> None:
    turn = taken(Pace(max_rate=1000, rate=1000), 50, MONDAY, 50)
    assert turn is not None
    assert taken(turn.pace, 50, MONDAY, 50) is None

    assert taken(give_back(turn.pace, 50), 50, MONDAY, 50) is not None


def test_a_batch_larger_than_a_whole_day_goes_as_its_first_rather_than_never() -> None:
    """It was frozen before there was a plan."""
    turn = taken(Pace(max_rate=1000, rate=1000), 50, MONDAY, 20)
    assert turn is not None

    assert taken(turn.pace, 50, MONDAY, 20) is None
    assert taken(turn.pace, 1, MONDAY, 20) is None
