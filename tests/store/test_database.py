"""The database: what is written together stays together, and what goes wrong is said in words that help."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import subscribers
from digest.errors import StoreError
from digest.store import schema
from digest.store.database import Database
from tests.newsroom import Newsroom

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
_pace = schema.pace


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'digest.db'}")
    database.ready()
    yield database
    database.close()


def add(conn: sa.Connection, sender: str) -> None:
    conn.execute(sa.insert(_pace).values(sender=sender, max_rate=1.0, rate=1.0))


def senders(database: Database) -> set[str]:
    with database.read() as conn:
        return set(conn.execute(sa.select(_pace.c.sender)).scalars())


# --- Transactions ------------------------------------------------------------------------------------------


def test_what_is_written_together_is_seen_together(database: Database) -> None:
    with database.write() as conn:
        add(conn, "ses")
        assert senders(database) == set()
        add(conn, "smtp")

    assert senders(database) == {"ses", "smtp"}


def test_an_error_undoes_all_of_a_step(database: Database) -> None:
    def half_a_step() -> None:
        with database.write() as conn:
            add(conn, "ses")
            raise InterruptedError

    with pytest.raises(InterruptedError):
        half_a_step()

    assert senders(database) == set()


def test_a_trial_leaves_nothing_behind_although_it_sees_what_it_wrote(database: Database) -> None:
    with database.trial() as conn:
        add(conn, "ses")
        assert conn.execute(sa.select(_pace.c.sender)).scalar() == "ses"

    assert senders(database) == set()


def test_reading_keeps_nothing_even_if_somebody_writes_there(database: Database) -> None:
    with database.read() as conn:
        add(conn, "ses")

    assert senders(database) == set()


def test_a_reader_sees_one_moment_and_is_not_kept_waiting_by_a_writer(sqlite: Database) -> None:
    with sqlite.read() as conn:
        before = conn.execute(sa.select(sa.func.count()).select_from(_pace)).scalar()
        with sqlite.write() as other:
            add(other, "ses")
        after = conn.execute(sa.select(sa.func.count()).select_from(_pace)).scalar()

    assert (before, after) == (0, 0)
    assert senders(sqlite) == {"ses"}


@pytest.mark.parametrize("outer", ["write", "trial"])
@pytest.mark.parametrize("inner", ["write", "trial"])
def test_a_thread_that_writes_already_is_told_so_instead_of_waiting_for_itself(
    database: Database, outer: str, inner: str
) -> None:
    with (
        pytest.raises(RuntimeError, match="writing already"),
        getattr(database, outer)(),
        getattr(database, inner)(),
    ):
        pass

    with database.write() as conn:  # and its turn is over, so the next one is free
        add(conn, "ses")
    assert senders(database) == {"ses"}


def test_threads_write_one_after_the_other_and_lose_no_step(database: Database) -> None:
    with database.write() as conn:
        add(conn, "ses")

    def count_up() -> None:
        for _ in range(10):
            with database.write() as conn:
                row = sa.select(_pace.c.rate).where(_pace.c.sender == "ses").with_for_update()
                rate = conn.execute(row).scalar_one()
                conn.execute(sa.update(_pace).values(rate=rate + 1))

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.read() as conn:
        assert conn.execute(sa.select(_pace.c.rate)).scalar() == 41


def test_two_programs_on_one_file_write_one_after_the_other(sqlite: Database) -> None:
    """BEGIN IMMEDIATE: the second one waits at its beginning and then reads what the first one left."""
    other = Database(sqlite.url)
    seen: list[set[str]] = []
    with sqlite.write() as conn:
        add(conn, "ses")
        waiting = threading.Thread(target=lambda: seen.append(_read_in_a_write(other)))
        waiting.start()
        time.sleep(0.1)
        assert seen == [], "the other program wrote in the middle of our step"
    waiting.join()
    other.close()

    assert seen == [{"ses"}]


def _read_in_a_write(database: Database) -> set[str]:
    with database.write() as conn:
        return set(conn.execute(sa.select(_pace.c.sender)).scalars())


def test_a_machine_that_falls_asleep_in_a_step_of_sending_holds_up_nobody_for_long(
    postgres_ready: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.store.connecting.SILENT_SECONDS", 1)
    asleep, awake = Database(postgres_ready), Database(postgres_ready)
    lock = sa.text("SELECT pg_advisory_xact_lock(7)")

    def sleep_in_a_step() -> None:
        with asleep.write("claim") as conn:
            conn.execute(lock)
            with awake.write("claim") as other:
                other.execute(lock)
            conn.execute(sa.text("SELECT 1"))

    with pytest.raises(StoreError, match="idle-in-transaction timeout"):
        sleep_in_a_step()

    with asleep.write("claim") as conn:
        assert conn.execute(sa.text("SELECT 1")).scalar() == 1
    asleep.close()
    awake.close()


def test_work_that_waits_for_a_person_may_be_silent_for_longer(
    postgres_ready: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.store.connecting.SILENT_SECONDS", 1)
    database = Database(postgres_ready)

    for begin in (database.write, database.write_late, database.trial, partial(database.read, one_moment=True)):
        with begin() as conn:
            assert conn.execute(sa.text("SHOW idle_in_transaction_session_timeout")).scalar() == "0"
    with database.write("claim") as conn:
        assert conn.execute(sa.text("SHOW idle_in_transaction_session_timeout")).scalar() == "1s"
    database.close()


def test_a_sqlite_ledger_survives_a_power_cut_and_keeps_its_references(sqlite: Database) -> None:
    with sqlite.read() as conn:
        said = {
            name: conn.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }

    assert said == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}  # 2 is FULL


def test_a_row_cannot_point_at_nothing(database: Database) -> None:
    row = sa.insert(schema.journal).values(issue_id=7, at=NOON, what="approve")

    with pytest.raises(StoreError, match="The database refused"), database.write() as conn:
        conn.execute(row)


# --- What goes wrong, in words -----------------------------------------------------------------------------


def test_a_locked_database_says_that_another_program_holds_it(sqlite: Database) -> None:
    _impatient(sqlite)
    with closing(sqlite3.connect(_file(sqlite), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked") as told, sqlite.write():
            pytest.fail("both write at once")

    assert "Another program holds the database" in told.value.hint
    assert "it can be run again" in told.value.hint
    assert told.value.exit_code == 8


def test_a_read_only_database_is_explained(sqlite: Database) -> None:
    file = _file(sqlite)
    sqlite.close()
    read_only = Database(f"sqlite:///file:{file}?mode=ro&uri=true")

    with pytest.raises(StoreError, match="readonly") as told, read_only.write() as conn:
        add(conn, "ses")
    read_only.close()

    assert "Nothing of this step was kept" in told.value.hint


def test_a_full_disk_undoes_the_step_and_says_so(sqlite: Database) -> None:
    @sa.event.listens_for(sqlite._engine, "begin")
    def no_more_pages(conn: sa.Connection) -> None:
        conn.exec_driver_sql("PRAGMA max_page_count = 1")  # SQLite keeps to what the file has now

    rows = [{"sender": f"{number:032}", "max_rate": 1.0, "rate": 1.0} for number in range(2000)]
    with pytest.raises(StoreError, match="full") as told, sqlite.write() as conn:
        conn.execute(sa.insert(_pace), rows)

    assert "Nothing of this step was kept" in told.value.hint
    assert senders(sqlite) == set()


def test_a_file_that_is_no_database_is_explained(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("These are notes on pigeons, and nothing that SQLite has written. " * 40)
    database = Database(f"sqlite:///{tmp_path / 'notes.db'}")

    with pytest.raises(StoreError, match="not a database"):
        database.ready()
    database.close()


def test_a_server_that_does_not_answer_is_explained() -> None:
    database = Database("postgresql://digest@127.0.0.1:1/digest")

    with pytest.raises(StoreError, match="did not answer") as told:
        database.ready()
    database.close()

    assert "it can be run again" in told.value.hint


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("data/digest.db", "is not a database URL"),
        ("", "is not a database URL"),
        ("oracle://digest@host/name", "no database that the mailer knows"),
        ("mysql://digest@host/name", "no database that the mailer knows"),
        ("nonsense://host/name", "no database that the mailer knows"),
        ("sqlite://", "in memory would forget"),
        ("sqlite:///:memory:", "in memory would forget"),
    ],
)
def test_a_wrong_url_is_answered_with_right_ones(url: str, says: str) -> None:
    with pytest.raises(StoreError, match=says) as told:
        Database(url)

    assert "sqlite:///data/digest.db" in told.value.hint
    assert "postgresql://" in told.value.hint


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")

    with pytest.raises(StoreError, match="cannot be made"):
        Database(f"sqlite:///{tmp_path / 'data' / 'more' / 'digest.db'}")


def test_the_folder_of_a_new_database_is_made(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'data' / 'more' / 'digest.db'}")
    database.ready()
    database.close()

    assert (tmp_path / "data" / "more" / "digest.db").exists()


def test_an_error_names_no_reader(database: Database) -> None:
    person = {"address": "alice@example.com", "address_key": "alice@example.com", "created_at": NOON}
    with database.write() as conn:
        table = subscribers.metadata.tables["subscriber"]
        conn.execute(sa.insert(table).values(person | {"updated_at": NOON}))

    with pytest.raises(StoreError) as told, database.write() as conn:
        conn.execute(sa.insert(table).values(person | {"updated_at": NOON}))

    assert "unique" in told.value.message.lower()
    assert "alice" not in str(told.value)


# --- Copies ------------------------------------------------------------------------------------------------


def test_a_backup_is_whole_while_somebody_is_writing(sqlite: Database, tmp_path: Path) -> None:
    with sqlite.write() as conn:
        add(conn, "ses")
    target = tmp_path / "backup.db"
    with sqlite.write() as conn:
        add(conn, "smtp")  # not committed yet, so not in the copy
        sqlite.backup(target)

    copy = Database(f"sqlite:///{target}")
    copy.ready()
    assert senders(copy) == {"ses"}
    copy.close()
    assert senders(sqlite) == {"ses", "smtp"}


def test_a_backup_never_replaces_a_file(sqlite: Database, tmp_path: Path) -> None:
    target = tmp_path / "backup.db"
    target.write_text("last week's copy")

    with pytest.raises(StoreError, match="is there already"):
        sqlite.backup(target)

    assert target.read_text() == "last week's copy"


def test_a_backup_into_a_folder_that_is_not_there_is_explained(sqlite: Database, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="could not be written: unable to open"):
        sqlite.backup(tmp_path / "nowhere" / "backup.db")


def test_postgresql_is_copied_by_its_own_tool(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as told:
        Database("postgresql://digest@host/name").backup(tmp_path / "backup.db")

    assert "pg_dump" in told.value.hint


def _file(database: Database) -> str:
    return database.url.removeprefix("sqlite:///")


def _impatient(database: Database) -> None:
    """Do not wait half a minute for a lock."""

    @sa.event.listens_for(database._engine, "checkout")
    def hurry(connection: Any, *_: object) -> None:
        connection.execute("PRAGMA busy_timeout = 20")


def test_a_database_that_was_deleted_while_in_use_stops_the_program_before_it_writes_into_nothing(
    newsroom: Newsroom,
) -> None:
    newsroom.subscribe("Alice")
    (newsroom.folder / "data" / "digest.db").unlink()

    with pytest.raises(StoreError, match="was deleted or replaced while it was in use"):
        newsroom.subscribe("Bob")
