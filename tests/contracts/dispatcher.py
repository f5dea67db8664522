"""What every dispatcher must do, whatever carries its nudges: one suite for threads and for Procrastinate.

A dispatcher's test class inherits `DispatcherContract` and gives a `desk`: a database, a dispatcher on it, and what
its handlers were told.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

import subscribers
from digest.store import issues
from digest.store.database import Database
from digest.work.port import GRACE, Dispatcher, Handler, Kind
from tests.newsroom import Clock

NOW = Clock()()


class Desk:
    """A dispatcher at work in a thread of its own, and what came to its handlers."""

    def __init__(self, database: Database, dispatcher: Dispatcher) -> None:
        self.database = database
        self.dispatcher = dispatcher
        #: What was begun and what was ended, in order.
        self.begun: list[tuple[Kind, str]] = []
        self.ended: list[tuple[Kind, str]] = []
        self.doing: dict[Kind, Handler] = {}
        self.stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dispatcher")

    def _run(self) -> None:
        self.dispatcher.run({kind: self._handler(kind) for kind in Kind}, self.stop)

    def _handler(self, kind: Kind) -> Handler:
        def handler(key: str, stop: threading.Event) -> None:
            self.begun.append((kind, key))
            if kind in self.doing:
                self.doing[kind](key, stop)
            self.ended.append((kind, key))

        return handler

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self.end()

    def end(self) -> float:
        """Tell it to stop; the seconds that it took."""
        began = time.monotonic()
        self.stop.set()
        self._thread.join(timeout=20)
        assert not self._thread.is_alive()
        return time.monotonic() - began

    def nudge(self, kind: Kind, key: str = "") -> None:
        with self.database.write() as conn:
            self.dispatcher.nudge(conn, kind, key)

    def until(self, happened: Callable[[], object], seconds: float = 10) -> None:
        end = time.monotonic() + seconds
        while not happened():
            assert time.monotonic() < end, f"begun {self.begun}, ended {self.ended}"
            time.sleep(0.01)

    def count(self, kind: Kind, key: str = "") -> int:
        return Counter(self.begun)[kind, key]


class Gate:
    """A handler that waits at a closed gate."""

    def __init__(self, *closed: str) -> None:
        self.open = threading.Event()
        self.here: list[str] = []
        self._closed = closed

    def __call__(self, key: str, stop: threading.Event) -> None:
        self.here.append(key)
        if key in self._closed:
            self.open.wait(20)


class DispatcherContract:
    @pytest.fixture
    def desk(self) -> Desk:
        raise NotImplementedError

    # --- Nudges --------------------------------------------------------------------------------------------

    def test_it_ticks_when_it_starts(self, desk: Desk) -> None:
        with desk.working():
            desk.until(lambda: desk.ended)

        assert desk.begun[0] == (Kind.TICK, "")

    def test_a_nudge_is_carried_to_its_handler_with_its_key_soon_after_the_commit(self, desk: Desk) -> None:
        with desk.working():
            desk.until(lambda: desk.ended)
            with desk.database.write() as conn:
                desk.dispatcher.nudge(conn, Kind.DRAFT, "daily")
                desk.dispatcher.nudge(conn, Kind.PUMP)
                time.sleep(0.3)
                assert desk.count(Kind.PUMP) == 0, "what is to be done is not in the database yet"
            desk.until(lambda: {(Kind.DRAFT, "daily"), (Kind.PUMP, "")} <= set(desk.ended), seconds=1)

    def test_a_transaction_that_was_rolled_back_nudges_nobody(self, desk: Desk) -> None:
        with desk.working():
            with desk.database.trial() as conn:
                desk.dispatcher.nudge(conn, Kind.PUMP)
            desk.nudge(Kind.DRAFT, "daily")
            desk.until(lambda: (Kind.DRAFT, "daily") in desk.ended)

        assert desk.count(Kind.PUMP) == 0

    def test_a_nudge_that_is_there_already_leaves_the_callers_transaction_alone(self, desk: Desk) -> None:
        desk.nudge(Kind.PUMP)
        with desk.database.write() as conn:
            issue = issues.create(conn, "daily", on=NOW.date(), slot_at=None, at=NOW)
            desk.dispatcher.nudge(conn, Kind.PUMP)
            desk.dispatcher.nudge(conn, Kind.PUMP)
            issues.change(conn, issue.id, subject="After the nudge")
        with desk.working():
            desk.until(lambda: (Kind.PUMP, "") in desk.ended)
            time.sleep(0.2)

        assert desk.count(Kind.PUMP) == 1, "three nudges that say the same are one"
        with desk.database.read() as conn:
            assert issues.get(conn, issue.id).subject == "After the nudge"

    def test_what_was_nudged_while_it_was_done_is_done_again(self, desk: Desk) -> None:
        """The work in hand may have looked before the commit."""
        gate = desk.doing[Kind.PUMP] = Gate("")
        with desk.working():
            desk.nudge(Kind.PUMP)
            desk.until(lambda: gate.here)
            desk.nudge(Kind.PUMP)
            gate.open.set()
            desk.until(lambda: desk.count(Kind.PUMP) == 2)

    def test_many_who_nudge_at_once_do_not_hinder_each_other(self, desk: Desk) -> None:
        def write(name: str) -> None:
            for _ in range(10):
                with desk.database.write() as conn:
                    subscribers.add(
                        conn,
                        f"{name}@example.com",
                        newsletter="daily",
                        consent=subscribers.Consent(at=NOW, act=subscribers.Act.JOINED, how="form"),
                        at=NOW,
                    )
                    desk.dispatcher.nudge(conn, Kind.PUMP)

        with desk.working():
            writers = [threading.Thread(target=write, args=(name,)) for name in ("alice", "bob", "charlie")]
            for writer in writers:
                writer.start()
            for writer in writers:
                writer.join(timeout=20)
            assert not any(writer.is_alive() for writer in writers)
            desk.until(lambda: desk.count(Kind.PUMP))
        with desk.database.read() as conn:
            assert subscribers.find(conn, "charlie@example.com")

    # --- Hands ---------------------------------------------------------------------------------------------

    def test_a_newsletter_with_a_slow_source_holds_up_neither_sending_nor_ticks_nor_other_newsletters(
        self, desk: Desk
    ) -> None:
        gate = desk.doing[Kind.DRAFT] = Gate("slow")
        with desk.working():
            desk.nudge(Kind.DRAFT, "slow")
            desk.until(lambda: gate.here == ["slow"])
            for kind, key in ((Kind.PUMP, ""), (Kind.TICK, ""), (Kind.DRAFT, "daily")):
                before = desk.count(kind, key)
                desk.nudge(kind, key)
                desk.until(lambda kind=kind, key=key, before=before: desk.count(kind, key) > before, seconds=2)  # type: ignore[misc]
            assert (Kind.DRAFT, "slow") not in desk.ended
            gate.open.set()

    def test_a_newsletter_is_drafted_once_at_a_time(self, desk: Desk) -> None:
        gate = desk.doing[Kind.DRAFT] = Gate("daily")
        with desk.working():
            desk.nudge(Kind.DRAFT, "daily")
            desk.until(lambda: gate.here)
            desk.nudge(Kind.DRAFT, "daily")
            desk.nudge(Kind.DRAFT, "weekend")
            desk.until(lambda: (Kind.DRAFT, "weekend") in desk.ended)
            time.sleep(0.3)
            assert desk.count(Kind.DRAFT, "daily") == 1
            gate.open.set()
            desk.until(lambda: desk.ended.count((Kind.DRAFT, "daily")) == 2)

    def test_what_fails_costs_its_own_work_only(self, desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
        def broken(_key: str, _stop: threading.Event) -> None:
            raise ZeroDivisionError

        desk.doing[Kind.PUMP] = broken
        with desk.working():
            desk.nudge(Kind.PUMP)
            desk.until(lambda: desk.count(Kind.PUMP) == 1)
            desk.nudge(Kind.DRAFT, "daily")
            desk.until(lambda: (Kind.DRAFT, "daily") in desk.ended)
            del desk.doing[Kind.PUMP]
            desk.nudge(Kind.PUMP)
            desk.until(lambda: (Kind.PUMP, "") in desk.ended)

        assert "ZeroDivisionError" in caplog.text

    # --- The end -------------------------------------------------------------------------------------------

    def test_it_ends_within_a_second_when_nothing_is_in_hand(self, desk: Desk) -> None:
        with desk.working():
            desk.until(lambda: desk.ended)

            assert desk.end() < 1

    def test_a_pump_in_hand_is_told_and_waited_for(self, desk: Desk) -> None:
        def call(_key: str, stop: threading.Event) -> None:
            stop.wait(20)
            time.sleep(0.5)

        desk.doing[Kind.PUMP] = call
        with desk.working():
            desk.nudge(Kind.PUMP)
            desk.until(lambda: desk.count(Kind.PUMP))

        assert (Kind.PUMP, "") in desk.ended

    def test_a_draft_that_hangs_is_left_behind(self, desk: Desk) -> None:
        gate = desk.doing[Kind.DRAFT] = Gate("slow")
        with desk.working():
            desk.nudge(Kind.DRAFT, "slow")
            desk.until(lambda: gate.here)

            assert desk.end() < GRACE + 1.5
        gate.open.set()
