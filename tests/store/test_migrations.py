"""Migrations: they end at the tables that the code has, and no program works on tables it does not know."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import digest.store.database
import subscribers
from digest.errors import StoreError
from digest.store import schema
from digest.store.database import HEAD, Database

FOLDER = Path(digest.store.database.__file__).parent / "migrations"
EVERYTHING = [schema.metadata, subscribers.metadata]


@pytest.fixture
def empty(empty_database_url: str) -> Database:
    return Database(empty_database_url)


def test_the_migrations_end_at_the_tables_that_the_code_has(empty: Database) -> None:
    empty.upgrade()

    with empty.read() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        differences = compare_metadata(context, EVERYTHING)  # type: ignore[arg-type]  # it takes several, too
    empty.close()

    assert differences == []


def test_the_migrations_write_names_defaults_and_storage_as_the_code_does(empty: Database, tmp_path: Path) -> None:
    """What Alembic does not compare, or not rightly: a later migration drops constraints by their names."""
    empty.upgrade()

    with empty.trial() as conn:
        found = _details(conn)
        for metadata in EVERYTHING:
            metadata.drop_all(conn)
            metadata.create_all(conn)
        expected = _details(conn)
    empty.close()

    assert found == expected


def _details(conn: sa.Connection) -> dict[str, list[object]]:
    look = sa.inspect(conn)
    tables = sorted(set(look.get_table_names()) - {"alembic_version"})
    return {
        table: [
            sorted((column["name"], str(column["default"]), column["nullable"]) for column in look.get_columns(table)),
            look.get_pk_constraint(table)["name"],
            sorted(str(key["name"]) for key in look.get_foreign_keys(table)),
            sorted(str(key["name"]) for key in look.get_unique_constraints(table)),
            sorted((str(index["name"]), index["column_names"]) for index in look.get_indexes(table)),
            _is_its_own_index(conn, table),
        ]
        for table in tables
    }


def _is_its_own_index(conn: sa.Connection, table: str) -> bool:
    """SQLite's WITHOUT ROWID, which the roster is."""
    if conn.dialect.name != "sqlite":
        return False
    sql = conn.execute(sa.text("SELECT sql FROM sqlite_master WHERE name = :table"), {"table": table}).scalar_one()
    return "WITHOUT ROWID" in sql


def test_the_code_asks_for_the_newest_migration() -> None:
    assert ScriptDirectory(str(FOLDER)).get_current_head() == HEAD


def test_history_is_written_out_so_that_new_tables_do_not_change_it() -> None:
    for revision in ScriptDirectory(str(FOLDER)).walk_revisions():
        text = Path(str(revision.module.__file__)).read_text()
        assert "create_all" not in text
        assert "digest" not in text.partition('"""\n\n')[2], "a migration must not follow the code's tables"


def test_a_new_database_is_made_ready_and_stays_so(empty: Database) -> None:
    assert empty.version() == ""

    empty.ready()
    empty.ready()

    assert empty.version() == HEAD
    assert empty.upgrade() == HEAD, "there was nothing to do"
    empty.close()


def test_programs_that_start_together_make_the_tables_once(empty_database_url: str) -> None:
    programs = [Database(empty_database_url) for _ in range(4)]
    problems: list[Exception] = []
    together = threading.Barrier(len(programs))

    def start(program: Database) -> None:
        together.wait()
        try:
            program.ready()
        except Exception as problem:  # noqa: BLE001  # whatever it is, the test shows it
            problems.append(problem)

    threads = [threading.Thread(target=start, args=(program,)) for program in programs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for program in programs:
        program.close()

    assert problems == []


def test_an_older_database_is_not_touched_and_says_how_to_go_on(database: Database) -> None:
    _pretend(database, "0000")

    with pytest.raises(StoreError, match=f"version 0000, this program needs {HEAD}") as told:
        database.ready()

    assert "digest db upgrade" in told.value.hint
    assert database.version() == "0000"


def test_a_newer_database_is_not_touched_by_an_older_program(database: Database) -> None:
    _pretend(database, "9999")

    with pytest.raises(StoreError, match=f"version 9999, this program needs {HEAD}") as told:
        database.ready()
    with pytest.raises(StoreError, match="version 9999"):
        database.upgrade()

    assert "A newer program made it" in told.value.hint
    assert database.version() == "9999"


@pytest.fixture
def database(empty_database_url: str) -> Iterator[Database]:
    """One of its own, because these tests spoil its version."""
    made = Database(empty_database_url)
    made.ready()
    yield made
    made.close()


def _pretend(database: Database, version: str) -> None:
    with database.write() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = :version"), {"version": version})
