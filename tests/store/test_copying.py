"""From one database to another: everything arrives as it was, or nothing does, and of the two one is closed."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing as closing_later
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import subscribers
from digest.errors import IllegalStep, StoreError
from digest.model import BatchState, DeliveryState, IssueState
from digest.store import closing, copying, issues, schema
from digest.store.copying import Copied, copy
from digest.store.database import Database
from tests.store.desk import LEASE, NOON, Desk, after
from tests.store.full import everything, fill, rows, state

WAYS = ["sqlite to postgresql", "postgresql to sqlite"]


@pytest.fixture(params=WAYS)
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """Where from and where to."""
    source, _, target = request.param.partition(" to ")

    def url(kind: str, name: str) -> str:
        return str(request.getfixturevalue("postgres")) if kind == "postgresql" else f"sqlite:///{tmp_path / name}"

    return url(source, "old.db"), url(target, "new.db")


@pytest.fixture
def source(urls: tuple[str, str]) -> Iterator[Database]:
    made = Database(urls[0])
    made.ready()
    yield made
    made.close()


@pytest.fixture
def target(urls: tuple[str, str]) -> Iterator[Database]:
    made = Database(urls[1])
    yield made
    made.close()


def copied(source: Database, target: Database, *, dead: str = "", keep: bool = False, **options: Any) -> Copied:
    return copy(source, target, keep=keep, is_dead=lambda worker: worker == dead, now=after(30), **options)


def write_something(database: Database) -> None:
    with database.write() as conn:
        issues.create(conn, "daily", on=NOON.date(), slot_at=None, at=NOON)


# --- Whole -------------------------------------------------------------------------------------------------


def test_every_row_of_every_table_arrives_as_it_was(source: Database, target: Database) -> None:
    made = fill(source)
    before = everything(source)
    assert [name for name, found in before.items() if not found] == [], "a kind of row that the test does not know"

    report = copied(source, target)

    assert everything(target) == before
    assert report.rows == {name: len(found) for name, found in before.items()}
    assert state(target, made["half-sent"]) is IssueState.SENDING
    assert state(target, made["paused"]) is IssueState.PAUSED
    assert Desk(target).states(made["uncertain"])["Dora"] is DeliveryState.UNCERTAIN


def test_more_rows_than_are_on_their_way_at_once_arrive(source: Database, target: Database) -> None:
    desk = Desk(source)
    desk.subscribe_many(copying._PAGE + 1)
    desk.freeze(desk.issue())
    seen: list[tuple[int, int, str]] = []

    report = copied(source, target, progress=lambda done, total, table: seen.append((done, total, table)))

    assert report.rows["delivery"] == copying._PAGE + 1
    assert everything(target) == everything(source)
    assert [done for done, _, _ in seen] == sorted(done for done, _, _ in seen)
    assert seen[-1][0] == seen[-1][1] == sum(report.rows.values())


def test_what_is_made_afterwards_gets_a_number_of_its_own(source: Database, target: Database) -> None:
    made = fill(source)
    copied(source, target)

    with target.write() as conn:
        issue = issues.create(conn, "daily", on=NOON.date(), slot_at=None, at=NOON)
        issues.note(conn, issue.id, actor="Nora", what="draft", at=NOON)
    (hugo,) = Desk(target).subscribe("Hugo")

    assert issue.id == max(made.values()) + 1
    assert hugo == max(person[0] for person in everything(source)["subscriber"]) + 1


def test_the_schema_is_at_the_same_version_and_the_copy_can_be_copied_back(
    source: Database, target: Database, tmp_path: Path
) -> None:
    fill(source)
    before = everything(source)
    copied(source, target)
    back = Database(f"sqlite:///{tmp_path / 'back.db'}")

    copied(target, back)

    assert source.version() == target.version() == back.version() != ""
    assert everything(back) == before
    back.close()


# --- One of the two is closed ------------------------------------------------------------------------------


def test_the_source_is_closed_and_says_where_everything_is_now(source: Database, target: Database) -> None:
    fill(source)
    running = Database(source.url)  # a program that has been running since before
    write_something(running)
    report = copied(source, target)
    before = everything(source)

    with pytest.raises(StoreError, match="This database is closed: it was copied to") as told:
        write_something(running)
    running.close()
    with pytest.raises(StoreError, match="This database is closed") as told_anew:
        source.ready()

    assert report.closed == "source"
    assert target.shown in told.value.message
    assert told.value.hint == told_anew.value.hint == closing.HINT
    assert told.value.exit_code == 8
    assert everything(source) == before
    write_something(target)


def test_a_closed_database_takes_no_change_of_any_table(source: Database, target: Database) -> None:
    fill(source)
    copied(source, target)

    for table in (*(table.name for table in copying.TABLES), "alembic_version"):
        column = sa.inspect(source._engine).get_columns(table)[0]["name"]
        for change in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
            with pytest.raises(StoreError, match="This database is closed"), source.write() as conn:
                conn.exec_driver_sql(change)


def test_a_worker_that_runs_on_sends_nothing_from_a_closed_database(source: Database, target: Database) -> None:
    made = fill(source)
    copied(source, target)

    with pytest.raises(StoreError, match="This database is closed"):
        Desk(source).claim(made["half-sent"])

    assert Desk(target).claimed(made["half-sent"]).attempt == 1


def test_keep_closes_the_copy_and_the_source_goes_on(source: Database, target: Database) -> None:
    fill(source)
    before = everything(source)

    report = copied(source, target, keep=True)

    assert report.closed == "target"
    assert everything(target) == before
    with pytest.raises(StoreError, match="This database is closed: it is a copy of"):
        write_something(target)
    write_something(source)


def test_keep_copies_while_somebody_is_mailed_and_leaves_the_batch_alone(source: Database, target: Database) -> None:
    desk = Desk(source)
    issue = desk.frozen("Alice", "Bob")
    desk.calling(issue)

    copied(source, target, keep=True)

    assert desk.batches(issue) == Desk(target).batches(issue) == {BatchState.CALLING: 1}


def test_a_database_is_opened_again_and_takes_changes(source: Database, target: Database) -> None:
    fill(source)
    copied(source, target)

    with source.write() as conn:
        why = closing.reopen(conn)

    assert target.shown in why
    source.ready()
    write_something(source)
    with pytest.raises(StoreError, match="is open"), source.write() as conn:
        closing.reopen(conn)


def test_a_closed_database_is_not_copied_once_more(source: Database, target: Database, tmp_path: Path) -> None:
    fill(source)
    copied(source, target)

    with pytest.raises(StoreError, match="This database is closed"):
        copied(source, Database(f"sqlite:///{tmp_path / 'second.db'}"))
    assert not (tmp_path / "second.db").exists()


# --- Refused -----------------------------------------------------------------------------------------------


def test_a_database_with_rows_is_never_written_into(source: Database, target: Database) -> None:
    fill(source)
    target.ready()
    Desk(target).subscribe("Somebody")
    before = everything(target)

    with pytest.raises(StoreError, match="is not empty: there are rows in subscriber") as told:
        copied(source, target)

    assert told.value.hint == "Nothing was copied. Name an empty database."
    assert everything(target) == before
    write_something(source)


def test_a_database_whose_tables_were_just_made_is_as_good_as_empty(source: Database, target: Database) -> None:
    fill(source)
    target.ready()

    copied(source, target)

    assert everything(target) == everything(source)


def test_somebody_elses_database_is_never_written_into(source: Database, target: Database) -> None:
    fill(source)
    with target.write() as conn:
        conn.exec_driver_sql("CREATE TABLE pigeons (name TEXT)")

    with pytest.raises(StoreError, match="is not empty: it has the tables pigeons"):
        copied(source, target)

    with target.read() as conn:
        assert sa.inspect(conn).get_table_names() == ["pigeons"]


def test_a_database_is_not_copied_onto_itself(source: Database) -> None:
    fill(source)

    with closing_later(Database(source.url)) as itself, pytest.raises(StoreError, match="is not empty"):
        copied(source, itself)


@pytest.mark.parametrize("tables", ["none", "empty"])
def test_there_is_nothing_to_copy_in_an_empty_database(tables: str, tmp_path: Path) -> None:
    source, target = Database(f"sqlite:///{tmp_path / 'a.db'}"), Database(f"sqlite:///{tmp_path / 'b.db'}")
    if tables == "empty":
        source.ready()

    with pytest.raises(StoreError, match="There is nothing to copy"):
        copied(source, target)

    assert target.version() == ""


# --- While somebody is mailed ------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["claimed", "calling"])
def test_nothing_is_copied_while_a_worker_has_a_batch_in_hand(source: Database, target: Database, step: str) -> None:
    desk = Desk(source)
    issue = desk.frozen("Alice", "Bob")
    getattr(desk, step)(issue)

    with pytest.raises(IllegalStep, match=f"Issue {issue} is being sent: 1 batch") as told:
        copied(source, target)

    assert "Stop every `digest run`" in told.value.hint
    assert f"{NOON + timedelta(seconds=LEASE):%H:%M:%S} UTC" in told.value.hint
    assert rows(target) == 0
    assert desk.batches(issue) == {BatchState(step): 1}
    write_something(source)


def test_what_a_dead_worker_claimed_is_planned_in_the_copy(source: Database, target: Database) -> None:
    desk = Desk(source)
    issue = desk.frozen("Alice", "Bob")
    desk.claimed(issue, "Wanda")

    report = copied(source, target, dead="Wanda")

    assert report.doubtful == 0
    assert Desk(target).batches(issue) == {BatchState.PLANNED: 1}


def test_whom_a_dead_worker_was_mailing_is_uncertain_in_the_copy(source: Database, target: Database) -> None:
    desk = Desk(source)
    issue = desk.frozen("Alice", "Bob")
    desk.calling(issue, "Wanda")

    report = copied(source, target, dead="Wanda")

    assert report.doubtful == 2
    assert set(Desk(target).states(issue).values()) == {DeliveryState.UNCERTAIN}
    assert Desk(target).claim(issue) is None


# --- Whole or not at all -----------------------------------------------------------------------------------


def test_an_interruption_leaves_the_target_empty_and_the_source_open(source: Database, target: Database) -> None:
    fill(source)
    before = everything(source)

    def interrupt(_done: int, _total: int, table: str) -> None:
        if table == "delivery":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copied(source, target, progress=interrupt)

    assert rows(target) == 0
    assert everything(source) == before
    write_something(source)
    copied(source, target)  # and it can be done again
    assert everything(target) == everything(source)


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from digest.store.copying import copy
from digest.store.database import Database

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

source, target, moment = Database(sys.argv[1]), Database(sys.argv[2]), sys.argv[3]
if moment == "between the commits":
    source.at_commit = lambda when, step: when == "after" and die()
progress = lambda done, total, table: moment == "among the rows" and table == "delivery" and die()
copy(source, target, keep=False, is_dead=lambda worker: False, now=datetime.now(UTC), progress=progress)
"""


def _killed(source: Database, target: Database, moment: str) -> None:
    urls = [one._engine.url.render_as_string(hide_password=False) for one in (source, target)]
    ended = subprocess.run([sys.executable, "-c", KILLED, *urls, moment], check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL


def test_a_copy_that_is_killed_among_the_rows_leaves_both_as_they_were(source: Database, target: Database) -> None:
    fill(source)
    before = everything(source)

    _killed(source, target, "among the rows")

    assert rows(target) == 0
    assert everything(source) == before
    copied(source, target)
    assert everything(target) == before


def test_a_copy_that_is_killed_at_its_last_step_leaves_no_two_that_send(source: Database, target: Database) -> None:
    """Between the two commits: the source is closed already, and the target empty."""
    fill(source)
    before = everything(source)

    _killed(source, target, "between the commits")

    assert rows(target) == 0
    with pytest.raises(StoreError, match="This database is closed"):
        write_something(source)
    with source.write() as conn:
        closing.reopen(conn)
    copied(source, target)
    assert everything(target) == before


def test_any_name_of_a_file_can_be_said(tmp_path: Path) -> None:
    source = Database(f"sqlite:///{tmp_path / 'old.db'}")
    source.ready()
    fill(source)
    target = Database(f'sqlite:///{tmp_path}/Alice\'s 100%25 :new "copy".db')

    copied(source, target)

    with pytest.raises(StoreError, match="Alice%27s 100%25 %3Anew"):
        write_something(source)
    source.close()
    target.close()


LOSSY = {
    "sqlite": [
        "CREATE TRIGGER lossy BEFORE INSERT ON delivery WHEN NEW.position = 2 BEGIN SELECT RAISE(IGNORE); END",
    ],
    "postgresql": [
        "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
        "CREATE TRIGGER lossy BEFORE INSERT ON delivery FOR EACH ROW WHEN (NEW.position = 2) EXECUTE FUNCTION lose()",
    ],
}
WRONG = {
    "sqlite": [
        """CREATE TRIGGER wrong AFTER INSERT ON delivery WHEN NEW.position = 2
        BEGIN UPDATE delivery SET state = 'complained' WHERE position = 2; END""",
    ],
    "postgresql": [
        """CREATE FUNCTION alter() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN NEW.state = 'complained'; RETURN NEW; END $$""",
        "CREATE TRIGGER wrong BEFORE INSERT ON delivery FOR EACH ROW WHEN (NEW.position = 2) EXECUTE FUNCTION alter()",
    ],
}


@pytest.mark.parametrize("fault", [LOSSY, WRONG], ids=["a row is lost", "a row is altered"])
def test_a_copy_that_differs_is_not_kept(source: Database, target: Database, fault: dict[str, list[str]]) -> None:
    fill(source)
    target.ready()
    with target.write() as conn:
        for statement in fault[conn.dialect.name]:
            conn.exec_driver_sql(statement)

    with pytest.raises(StoreError, match="The copy of delivery is not what the source holds"):
        copied(source, target)

    assert rows(target) == 0
    write_something(source)


def test_text_that_postgresql_cannot_hold_is_refused_by_the_name_of_its_table(postgres: str, tmp_path: Path) -> None:
    source, target = Database(f"sqlite:///{tmp_path / 'old.db'}"), Database(postgres)
    source.ready()
    fill(source)
    with source.write() as conn:
        conn.execute(sa.update(schema.story).values(summary="A\0B"))

    with pytest.raises(StoreError, match="The table story could not be copied") as told:
        copied(source, target)

    assert told.value.hint == "Nothing was copied; both are as they were."
    assert rows(target) == 0
    write_something(source)
    target.close()
    source.close()


def test_when_the_last_step_fails_the_source_is_closed_and_a_person_is_told_to_look(
    postgres: str, tmp_path: Path
) -> None:
    """Whether a commit whose answer is lost was kept, nobody knows: better both stand still than both send."""
    source, target = Database(f"sqlite:///{tmp_path / 'old.db'}"), Database(postgres)
    source.ready()
    fill(source)
    target.ready()
    with target.write() as conn:
        for statement in (
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'The plug was pulled'; END $$",
            """CREATE CONSTRAINT TRIGGER late AFTER INSERT ON pace DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION fail()""",
        ):
            conn.exec_driver_sql(statement)

    with pytest.raises(StoreError, match=r"Nobody knows whether the copy .* The plug was pulled") as told:
        copied(source, target)

    assert "`digest db reopen`" in told.value.hint
    assert rows(target) == 0
    with pytest.raises(StoreError, match="This database is closed"):
        write_something(source)
    target.close()
    source.close()


def test_a_program_that_is_in_the_middle_of_a_step_is_waited_for_but_not_for_ever(
    postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = Database(postgres), Database(f"sqlite:///{tmp_path / 'new.db'}")
    source.ready()
    fill(source)
    monkeypatch.setattr(copying, "_PATIENCE", 100)

    with source.write() as conn:
        subscribers.suppress(conn, "bob@example.com", reason=subscribers.Reason.MANUAL, at=NOON)
        with pytest.raises(StoreError) as told:
            _in_another_thread(lambda: copied(source, target))
    assert "Another program holds the database" in told.value.hint

    copied(source, target)
    assert everything(target) == everything(source)
    target.close()
    source.close()


def _in_another_thread(work: Callable[[], object]) -> None:
    failed: list[Exception] = []

    def run() -> None:
        try:
            work()
        except StoreError as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    if failed:
        raise failed[0]
