"""Work in the threads of one process keeps the promises of every dispatcher, on either database."""

from __future__ import annotations

import threading
import time

import pytest

from digest.store.database import Database
from digest.work.port import Kind
from digest.work.threads import Threads
from tests.contracts.dispatcher import Desk, DispatcherContract, Gate


class TestThreads(DispatcherContract):
    @pytest.fixture
    def desk(self, database: Database) -> Desk:
        return Desk(database, Threads())


def test_a_nudge_starts_work_at_once_and_not_at_the_next_tick(database: Database) -> None:
    desk = Desk(database, Threads(tick=60))
    with desk.working():
        desk.until(lambda: desk.ended)
        began = time.monotonic()
        desk.nudge(Kind.PUMP)
        desk.until(lambda: desk.count(Kind.PUMP))

    assert time.monotonic() - began < 1


def test_it_ticks_again_and_again(database: Database) -> None:
    desk = Desk(database, Threads(tick=0.05))
    with desk.working():
        desk.until(lambda: desk.count(Kind.TICK) >= 3)


def test_as_many_newsletters_are_drafted_at_once_as_the_settings_say(database: Database) -> None:
    desk = Desk(database, Threads(drafts=2))
    gate = desk.doing[Kind.DRAFT] = Gate("daily", "weekend", "evening")
    with desk.working():
        for newsletter in ("daily", "weekend", "evening"):
            desk.nudge(Kind.DRAFT, newsletter)
        desk.until(lambda: len(gate.here) == 2)
        time.sleep(0.3)
        assert gate.here == ["daily", "weekend"]
        gate.open.set()
        desk.until(lambda: (Kind.DRAFT, "evening") in desk.ended)


def test_one_dispatcher_hears_nothing_of_another_ones_nudges_on_the_same_connections(database: Database) -> None:
    """Two in one process, as in tests: each keeps what it was told."""
    first, second = Desk(database, Threads(tick=60)), Desk(database, Threads(tick=60))
    with first.working(), second.working():
        first.nudge(Kind.PUMP)
        first.until(lambda: first.count(Kind.PUMP))
        second.until(lambda: second.ended)

        assert second.count(Kind.PUMP) == 0


def test_nudges_of_a_program_that_does_no_work_itself_cost_nothing(database: Database) -> None:
    threads_before = threading.active_count()
    desk = Desk(database, Threads())
    for _ in range(3):
        desk.nudge(Kind.PUMP)
    desk.dispatcher.close()

    assert threading.active_count() == threads_before
