"""Limits: so many at once, then one at a time; the same for every process, on both databases."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from digest.store import limits
from digest.store.database import Database
from digest.store.limits import Rule, admit

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
THREE = Rule(times=3, seconds=60)


def _take(database: Database, at: float, key: str = "a network") -> bool:
    with database.write() as conn:
        return limits.take(conn, key, THREE, now=NOW + timedelta(seconds=at))


def test_three_pass_at_once_and_then_one_every_third_of_the_time(database: Database) -> None:
    assert [_take(database, at) for at in (0, 0, 0, 0, 19, 20, 21, 39, 40)] == [
        True,
        True,
        True,
        False,
        False,
        True,
        False,
        False,
        True,
    ]


def test_whoever_knocks_on_is_kept_out_no_longer(database: Database) -> None:
    for at in range(20):
        _take(database, at / 10)

    assert _take(database, 20)


def test_keys_do_not_share_a_limit(database: Database) -> None:
    for _ in range(4):
        _take(database, 0)

    assert _take(database, 0, "another network")


def test_processes_that_come_together_get_three_in_all(database: Database) -> None:
    passed: list[bool] = []
    gate = threading.Barrier(8)

    def knock() -> None:
        gate.wait()
        passed.append(_take(database, 0))

    threads = [threading.Thread(target=knock) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(passed) == [False] * 5 + [True] * 3


def test_what_is_free_again_is_swept_away_and_the_rest_is_kept(database: Database) -> None:
    _take(database, 0)
    for _ in range(3):
        _take(database, 0, "a busy network")

    with database.write() as conn:
        limits.sweep(conn, now=NOW + timedelta(seconds=30))

    assert [_take(database, 30, "a busy network") for _ in range(2)] == [True, False]


@given(
    st.integers(1, 50),
    st.floats(1, 100_000),
    st.lists(st.floats(0, 100_000), min_size=1, max_size=80),
)
def test_in_no_stretch_of_time_pass_more_than_twice_as_many(times: int, seconds: float, steps: list[float]) -> None:
    rule, free_at, now, passed = Rule(times=times, seconds=seconds), 0.0, 1_000_000.0, []
    for step in steps:
        now += step
        if (later := admit(rule, free_at, now)) is not None:
            free_at = later
            passed.append(now)

    assert passed, "the first always passes"
    for begins in passed:
        # A whole handful at once, and as many again in the time that the rule speaks of.
        assert sum(begins <= moment < begins + seconds for moment in passed) <= 2 * times


def test_a_clock_that_was_ahead_keeps_nobody_out_for_longer_than_the_rule() -> None:
    far = 1_000_000_000.0

    assert admit(THREE, far, now=1000.0) is None
    assert admit(THREE, 1060.0, now=1060.0) is not None
