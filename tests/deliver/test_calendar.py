"""What is scheduled against the 24-hour quota: the operator hears at scheduling what will not fit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from digest.deliver.calendar import DAY, Planned, calendar
from digest.deliver.warmup import WarmUp
from digest.model import Account

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def account(quota: int | None, sent: int = 0) -> Account:
    return Account(max_rate=14, max_per_day=quota, sent_last_day=sent)


def planned(issue: int, recipients: int, hours: float = 1) -> Planned:
    return Planned(issue=issue, at=NOW + timedelta(hours=hours), recipients=recipients)


def test_an_issue_that_fits_goes_at_its_time() -> None:
    (entry,) = calendar([planned(1, 800)], account(1000), now=NOW)

    assert entry.fits
    assert entry.last_at == entry.at


def test_what_was_sent_today_takes_room_from_what_is_scheduled() -> None:
    (entry,) = calendar([planned(1, 800)], account(1000, sent=300), now=NOW)

    assert not entry.fits
    assert entry.room == 700
    assert entry.last_at == NOW + DAY


def test_two_issues_of_the_same_morning_share_the_quota_in_the_order_of_their_times() -> None:
    late, early = planned(1, 700, hours=3), planned(2, 600, hours=1)

    first, second = calendar([late, early], account(1000), now=NOW)

    assert (first.issue, first.fits) == (2, True)
    assert (second.issue, second.room) == (1, 400)
    assert second.last_at == early.at + DAY


def test_tomorrow_has_its_own_quota() -> None:
    entries = calendar([planned(1, 1000, hours=1), planned(2, 1000, hours=26)], account(1000), now=NOW)

    assert [entry.fits for entry in entries] == [True, True]


def test_an_issue_larger_than_the_quota_stretches_over_days() -> None:
    (entry,) = calendar([planned(1, 2500)], account(1000), now=NOW)

    assert entry.last_at == entry.at + 2 * DAY


def test_without_a_quota_everything_fits() -> None:
    assert calendar([planned(1, 10_000_000)], account(None), now=NOW)[0].fits


def test_a_quota_of_nothing_never_fits_and_says_so_without_waiting_for_ever() -> None:
    (entry,) = calendar([planned(1, 5)], account(0), now=NOW)

    assert not entry.fits
    assert entry.last_at.year == 9999


def test_a_warm_up_caps_each_day_of_the_calendar() -> None:
    plan = WarmUp(caps=(200, 500), begins=NOW.date())

    (entry,) = calendar([planned(1, 800)], account(None), now=NOW, plan=plan)

    assert (entry.room, entry.waiting) == (200, 600)
    assert entry.last_at == datetime(2026, 11, 24, tzinfo=UTC), "200 today, 500 tomorrow, the rest after the plan"
    assert entry.last_part == 100


def test_what_the_warm_up_has_counted_today_takes_room_from_today_alone() -> None:
    plan = WarmUp(caps=(200, 200), begins=NOW.date())

    first, second = calendar(
        [planned(1, 200), planned(2, 100, hours=24)], account(None), now=NOW, plan=plan, sent_today=150
    )

    assert first.room == 50
    assert (second.room, second.fits) == (50, False), "the other 150 of the first issue go tomorrow"


def test_the_lower_one_of_quota_and_warm_up_counts() -> None:
    plan = WarmUp(caps=(500,), begins=NOW.date())

    (entry,) = calendar([planned(1, 800)], account(300), now=NOW, plan=plan)

    assert entry.room == 300


@given(st.lists(st.tuples(st.integers(1, 3000), st.integers(0, 60)), max_size=6), st.integers(1, 2000))
def test_nothing_is_ever_promised_for_before_its_time(issues: list[tuple[int, int]], quota: int) -> None:
    plans = [planned(number, count, hours) for number, (count, hours) in enumerate(issues, start=1)]

    for entry in calendar(plans, account(quota), now=NOW):
        assert entry.last_at >= entry.at
        assert entry.fits == (entry.last_at == entry.at)
