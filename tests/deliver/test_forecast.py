"""The forecast: it comes from the rule that paces the real run, so it cannot disagree with it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from digest.deliver.forecast import Course, days
from digest.deliver.pace import Limits, Pace, Way
from digest.deliver.warmup import WarmUp
from digest.model import Account

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def course(batches: int, limits: Limits, **pace: float) -> Course:
    taken = Course.from_now(Pace(**{"max_rate": 200.0, "rate": 200.0} | pace), limits)  # type: ignore[arg-type]
    for _ in range(batches):
        taken.take(50)
    return taken


def test_without_limits_on_calls_the_rate_is_the_time() -> None:
    assert course(40, Limits()).seconds == pytest.approx(10)


def test_single_messages_keep_the_time_where_calls_are_few() -> None:
    few = course(40, Limits(calls_per_second=1, way=Way.MIXED))

    assert few.seconds == pytest.approx(10)
    assert few.singly == 1500


def test_bulk_alone_takes_as_long_as_its_calls() -> None:
    assert course(40, Limits(calls_per_second=1)).seconds == pytest.approx(39.25)


def test_an_account_that_was_throttled_takes_longer() -> None:
    assert 10 < course(40, Limits(), rate=100.0).seconds < 20


@pytest.mark.parametrize(
    ("recipients", "per_day", "sent", "expected"),
    [
        (100, None, 0, None),
        (100, 100, 0, 1),
        (101, 100, 0, 2),
        (100, 100, 1, 2),
        (100, 100, 100, 2),
        (1000, 100, 100, 11),
        (0, 100, 100, 1),
    ],
)
def test_days_are_counted_from_what_is_left_of_today(
    recipients: int, per_day: int | None, sent: int, expected: int | None
) -> None:
    account = Account(max_rate=14, max_per_day=per_day, sent_last_day=sent)

    assert days(recipients, account, plan=None, sent_today=0, now=NOW) == expected


@pytest.mark.parametrize(
    ("recipients", "per_day", "sent_today", "expected"),
    [
        (200, None, 0, 1),
        (200, None, 1, 2),
        (700, None, 0, 2),
        (1700, None, 0, 3),
        (1_000_000, None, 0, 4),  # the plan is over then
        (2700, 1000, 0, 4),  # 200, 500, 1000 and the rest
        (5700, 1000, 0, 7),
    ],
)
def test_a_warm_up_and_the_quota_are_counted_together(
    recipients: int, per_day: int | None, sent_today: int, expected: int
) -> None:
    plan = WarmUp(caps=(200, 500, 1000), begins=date(2026, 11, 22))
    account = Account(max_rate=14, max_per_day=per_day)

    assert days(recipients, account, plan=plan, sent_today=sent_today, now=NOW) == expected
