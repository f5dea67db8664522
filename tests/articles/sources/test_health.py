"""How sources fare: retired, waiting, failing, dry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from digest.articles.sources.health import Health, rhythm_of

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def read(health: Health, at: datetime, **what: Any) -> Health:
    said = {
        "problem": "", "moved_to": "", "newest": None, "brought_new": False, "rhythm": None, "wait": 0.0
    } | what  # fmt: skip
    return health.after_success(at, **said)


def failed(health: Health, at: datetime, *, problem: str = "No answer.", gone: bool = False, wait: float = 0) -> Health:
    return health.after_failure(at, problem=problem, gone=gone, wait=wait)


def test_failures_are_counted_in_a_row_and_forgotten_with_the_first_answer() -> None:
    health = read(Health(), NOON, brought_new=True)
    for day in range(1, 4):
        health = failed(health, NOON + day * DAY)
    assert (health.failures, health.good_at, health.problem) == (3, NOON, "No answer.")
    assert health.standing(NOON + 3 * DAY) == "failing"
    assert health.remarks(NOON + 3 * DAY) == ("It failed 3 times in a row; it was last read on 2026-11-22.",)
    well = read(health, NOON + 4 * DAY)
    assert (well.failures, well.problem, well.standing(NOON + 4 * DAY)) == (0, "", "good")


def test_a_source_that_was_never_read_says_so() -> None:
    health = Health()
    assert health.standing(NOON) == "new"
    for _ in range(3):
        health = failed(health, NOON)
    assert health.remarks(NOON) == ("It failed 3 times in a row; it was never read.",)


def test_a_source_that_is_gone_for_good_is_retired_and_not_asked() -> None:
    health = failed(read(Health(), NOON), NOON + DAY, gone=True)
    assert health.standing(NOON + 99 * DAY) == "retired"
    assert health.why_not_asked(NOON + 99 * DAY) == (
        "It is retired since 2026-11-23: its server said that it is gone for good."
    )
    assert "digest sources retry" in health.remarks(NOON + 99 * DAY)[0]
    assert health.dry_since(NOON + 99 * DAY) is None  # that it brings nothing new is no news


def test_a_source_that_asked_to_wait_is_left_alone_until_then() -> None:
    health = failed(Health(), NOON, wait=3600)
    assert health.standing(NOON) == "waits"
    assert health.why_not_asked(NOON) == "It asked to be left alone until 2026-11-22 13:00 UTC."
    assert health.why_not_asked(NOON + timedelta(hours=1)) == ""
    assert failed(health, NOON + DAY).wait_until is None


def test_a_page_that_asked_to_wait_speaks_for_its_source() -> None:
    assert read(Health(), NOON, wait=60).wait_until == NOON + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("rhythm", "silence", "dry"),
    [
        (timedelta(hours=2), timedelta(days=2), False),
        (timedelta(hours=2), timedelta(days=4), True),
        (timedelta(days=7), timedelta(days=20), False),
        (timedelta(days=7), timedelta(days=22), True),
        (None, timedelta(days=13), False),
        (None, timedelta(days=15), True),
    ],
)
def test_a_silence_is_told_when_it_is_unusual_for_this_source(
    rhythm: timedelta | None, silence: timedelta, *, dry: bool
) -> None:
    health = read(Health(), NOON, newest=NOON - silence, rhythm=rhythm)
    assert (health.dry_since(NOON) is not None) == dry
    assert health.standing(NOON) == ("dry" if dry else "good")
    assert any("nothing new since" in said for said in health.remarks(NOON)) == dry


def test_what_a_feed_does_not_date_is_new_when_we_first_see_it() -> None:
    health = read(Health(), NOON, brought_new=True)
    unchanged = read(health, NOON + 5 * DAY)
    assert unchanged.new_at == NOON
    assert read(unchanged, NOON + 6 * DAY, brought_new=True).new_at == NOON + 6 * DAY


def test_a_date_in_the_future_hides_no_silence() -> None:
    assert read(Health(), NOON, newest=NOON + 400 * DAY).new_at == NOON


def test_the_rhythm_is_the_longest_pause_between_the_latest_articles() -> None:
    weekly = [NOON - number * 7 * DAY for number in range(6)]
    assert rhythm_of(weekly) == 7 * DAY
    assert rhythm_of([*weekly, *(NOON - number * DAY for number in range(40))]) == DAY  # of the last twenty
    assert rhythm_of(weekly[:4]) is None


def test_where_a_source_moved_to_is_said_until_settings_name_it() -> None:
    assert read(Health(), NOON, moved_to="https://courier.example/new").remarks(NOON) == (
        "It is read at https://courier.example/new now: change its location.",
    )
