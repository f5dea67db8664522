"""Procrastinate keeps the promises of every dispatcher, on a real PostgreSQL, and outlives machines that die."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import procrastinate
import psycopg
import pytest
from procrastinate.exceptions import UniqueViolation
from sqlalchemy.engine import make_url

from digest.bootstrap import App
from digest.errors import StoreError
from digest.settings import load
from digest.store import issues
from digest.store.database import Database
from digest.work import procrastinate as engine
from digest.work.port import Kind
from digest.work.procrastinate import Procrastinate
from tests.contracts.dispatcher import NOW, Desk, DispatcherContract, Gate
from tests.newsroom import SETTINGS


@pytest.fixture
def database(postgres_ready: str) -> Iterator[Database]:
    made = Database(postgres_ready)
    made.ready()
    yield made
    made.close()


@pytest.fixture
def desk(database: Database) -> Desk:
    dispatcher = Procrastinate(database)
    dispatcher.prepare()
    made = Desk(database, dispatcher)
    with psycopg.connect(_plain(database), autocommit=True) as conn:
        conn.execute("TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_periodic_defers CASCADE")
    return made


def _plain(database: Database) -> str:
    return database.url.replace("postgresql+psycopg://", "postgresql://")


def rows(database: Database, statement: str) -> list[Any]:
    with psycopg.connect(_plain(database), autocommit=True) as conn:
        done = conn.execute(statement.encode())
        return list(done) if done.description else []


class TestProcrastinate(DispatcherContract):
    @pytest.fixture
    def desk(self, desk: Desk) -> Desk:
        return desk


# --- Several machines --------------------------------------------------------------------------------------


def test_a_nudge_from_one_machine_is_carried_to_another(desk: Desk) -> None:
    here = Procrastinate(desk.database)
    with desk.working():
        with desk.database.write() as conn:
            here.nudge(conn, Kind.DRAFT, "daily")
        desk.until(lambda: (Kind.DRAFT, "daily") in desk.ended, seconds=2)


def test_two_machines_share_the_work_and_each_piece_is_done_once(desk: Desk) -> None:
    other = Desk(desk.database, Procrastinate(desk.database))
    newsletters = [f"letter{number}" for number in range(20)]
    with desk.working(), other.working():
        for newsletter in newsletters:
            desk.nudge(Kind.DRAFT, newsletter)
        desk.until(lambda: len(desk.ended) + len(other.ended) >= 20)
        desk.until(lambda: {key for _, key in desk.ended + other.ended} >= set(newsletters))

    drafted = [key for kind, key in desk.begun + other.begun if kind is Kind.DRAFT]
    assert sorted(drafted) == sorted(newsletters)


def test_a_newsletter_is_drafted_once_at_a_time_on_all_machines(desk: Desk) -> None:
    other = Desk(desk.database, Procrastinate(desk.database))
    at_work, most = [], []
    go_on = threading.Event()

    def draft(key: str, _stop: threading.Event) -> None:
        at_work.append(key)
        most.append(len(at_work))
        go_on.wait(0.5)
        at_work.remove(key)

    desk.doing[Kind.DRAFT] = other.doing[Kind.DRAFT] = draft
    with desk.working(), other.working():
        for _ in range(3):
            desk.nudge(Kind.DRAFT, "daily")
            desk.until(lambda: at_work)
        desk.until(lambda: not rows(desk.database, "SELECT 1 FROM procrastinate_jobs"))

    assert max(most) == 1


# --- Machines that die -------------------------------------------------------------------------------------


def died_while_pumping(desk: Desk) -> None:
    """A machine took the nudge, died, and the same was nudged again since."""
    desk.nudge(Kind.PUMP)
    rows(desk.database, "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '5 minutes')")
    rows(
        desk.database,
        "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)",
    )
    desk.nudge(Kind.PUMP)


def test_putting_a_dead_machines_job_back_in_line_fails_where_the_same_was_nudged_since(desk: Desk) -> None:
    """Why we do not do as the documentation says. When this begins to pass, we may."""
    died_while_pumping(desk)

    async def retry() -> None:
        connector = procrastinate.PsycopgConnector(conninfo=_plain(desk.database))
        app = procrastinate.App(connector=connector)
        async with app.open_async():
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=30):
                await app.job_manager.retry_job(job)

    with pytest.raises(UniqueViolation):
        asyncio.run(retry())


def test_what_a_dead_machine_had_in_hand_is_buried_and_done_by_another(desk: Desk) -> None:
    died_while_pumping(desk)
    with desk.working():
        desk.until(lambda: (Kind.PUMP, "") in desk.ended)
        desk.until(lambda: not rows(desk.database, "SELECT 1 FROM procrastinate_jobs WHERE status = 'doing'"))


def test_a_newsletter_that_a_dead_machine_was_drafting_is_not_locked_for_ever(desk: Desk) -> None:
    desk.nudge(Kind.DRAFT, "daily")
    rows(desk.database, "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '5 minutes')")
    rows(
        desk.database,
        "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)",
    )
    with desk.working():
        desk.until(lambda: (Kind.DRAFT, "daily") in desk.ended)


def test_the_job_of_a_living_machine_is_left_alone(desk: Desk) -> None:
    other = Desk(desk.database, Procrastinate(desk.database))
    hold = threading.Event()
    desk.doing[Kind.PUMP] = lambda _key, _stop: hold.wait(20)
    with desk.working():
        desk.nudge(Kind.PUMP)
        desk.until(lambda: desk.count(Kind.PUMP))
        with other.working():
            other.until(lambda: (Kind.TICK, "") in other.ended + desk.ended)
            other.nudge(Kind.TICK)
        hold.set()

    assert desk.count(Kind.PUMP) + other.count(Kind.PUMP) == 1


@pytest.fixture
def own(postgres: str) -> Iterator[Desk]:
    """A desk on a database that the test may cut off."""
    database = Database(postgres)
    database.ready()
    yield Desk(database, Procrastinate(database))
    database.close()


CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = '{}'"


def test_connections_that_were_cut_are_made_anew(own: Desk) -> None:
    with own.working():
        own.until(lambda: own.ended)
        rows(own.database, CUT.format(_name(own)))
        own.until(lambda: _heard(own))
        own.until(lambda: (Kind.DRAFT, "daily") in own.ended)


def test_a_database_that_is_away_for_a_while_is_asked_again(
    own: Desk, postgres_server: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(engine, "AGAIN", 0.1)
    admin = Database(postgres_server)
    with own.working():
        own.until(lambda: own.ended)
        rows(admin, f"ALTER DATABASE {_name(own)} ALLOW_CONNECTIONS false")
        rows(admin, CUT.format(_name(own)))
        own.until(lambda: "The database did not answer, and is asked again" in caplog.text)
        rows(admin, f"ALTER DATABASE {_name(own)} ALLOW_CONNECTIONS true")
        own.until(lambda: _heard(own))
        own.until(lambda: (Kind.DRAFT, "daily") in own.ended)


def test_told_to_stop_while_the_database_is_away_it_ends_soon(own: Desk, postgres_server: str) -> None:
    admin = Database(postgres_server)
    with own.working():
        own.until(lambda: own.ended)
        rows(admin, f"ALTER DATABASE {_name(own)} ALLOW_CONNECTIONS false")
        rows(admin, CUT.format(_name(own)))
        time.sleep(0.5)

        assert own.end() < 2 * engine.PATIENCE + 2
    rows(admin, f"ALTER DATABASE {_name(own)} ALLOW_CONNECTIONS true")


def _name(desk: Desk) -> str:
    return str(make_url(desk.database.url).database)


def _heard(desk: Desk) -> bool:
    try:
        desk.nudge(Kind.DRAFT, "daily")
    except StoreError:
        return False  # the pool still held a connection that was cut
    return True


def test_a_machine_that_was_taken_for_dead_comes_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It slept, as a laptop does, and others buried its work and forgot it."""
    monkeypatch.setattr(engine, "AGAIN", 0.1)
    with desk.working():
        desk.until(lambda: desk.ended)
        rows(desk.database, "DELETE FROM procrastinate_workers")
        desk.nudge(Kind.DRAFT, "daily")
        desk.until(lambda: (Kind.DRAFT, "daily") in desk.ended)


def test_work_in_hand_that_others_buried_is_no_harm(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "AGAIN", 0.1)
    gate = desk.doing[Kind.PUMP] = Gate("")
    with desk.working():
        desk.nudge(Kind.PUMP)
        desk.until(lambda: gate.here)
        rows(desk.database, "DELETE FROM procrastinate_jobs")
        gate.open.set()
        desk.until(lambda: (Kind.PUMP, "") in desk.ended)
        desk.nudge(Kind.PUMP)
        desk.until(lambda: desk.count(Kind.PUMP) == 2)


# --- Tables ------------------------------------------------------------------------------------------------


def test_its_tables_are_made_once_by_machines_that_start_together(postgres: str) -> None:
    databases = [Database(postgres) for _ in range(4)]
    databases[0].ready()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda database: Procrastinate(database).prepare(), databases))

    assert rows(databases[0], "SELECT count(*) FROM procrastinate_jobs") == [(0,)]
    for database in databases:
        database.close()


def test_a_nudge_before_any_worker_ran_costs_nothing(postgres: str, caplog: pytest.LogCaptureFixture) -> None:
    """The first worker looks at everything."""
    database = Database(postgres)
    database.ready()
    with database.write() as conn:
        issue = issues.create(conn, "daily", on=NOW.date(), slot_at=None, at=NOW)
        Procrastinate(database).nudge(conn, Kind.PUMP)
    with database.read() as conn:
        assert issues.get(conn, issue.id)
    database.close()

    assert caplog.text == ""


def test_jobs_leave_nothing_behind(desk: Desk) -> None:
    with desk.working():
        for newsletter in ("daily", "weekend"):
            desk.nudge(Kind.DRAFT, newsletter)
        desk.until(lambda: {(Kind.DRAFT, "daily"), (Kind.DRAFT, "weekend")} <= set(desk.ended))

    for table in ("jobs", "events", "workers"):
        assert rows(desk.database, f"SELECT * FROM procrastinate_{table}") == []


def test_each_minute_is_ticked_once_however_many_machines_there_are(desk: Desk) -> None:
    """The database knows of each minute's tick; here the last one is caught up with at the start."""
    other = Desk(desk.database, Procrastinate(desk.database))
    with desk.working(), other.working():
        desk.until(lambda: rows(desk.database, "SELECT 1 FROM procrastinate_periodic_defers"))
        other.until(lambda: len(desk.ended) + len(other.ended) >= 1)

    minutes = rows(desk.database, "SELECT defer_timestamp FROM procrastinate_periodic_defers")
    assert len(minutes) == len(set(minutes))


# --- Settings ----------------------------------------------------------------------------------------------


def test_on_sqlite_it_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(SETTINGS, encoding="utf-8")
    app = App(load({"DIGEST_ENGINE_KIND": "procrastinate"}, file=tmp_path / "settings.toml"))

    with pytest.raises(StoreError, match="Several machines cannot share an SQLite file") as caught:
        _ = app.dispatcher
    assert "PostgreSQL" in caught.value.hint
    app.close()


def test_a_database_that_needs_no_engine_has_none_of_its_tables(postgres: str, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(SETTINGS, encoding="utf-8")
    app = App(load({"DIGEST_DATABASE_URL": postgres}, file=tmp_path / "settings.toml"))
    _ = app.dispatcher

    assert rows(app.database, "SELECT 1 FROM pg_tables WHERE tablename LIKE 'procrastinate%'") == []
    app.close()
