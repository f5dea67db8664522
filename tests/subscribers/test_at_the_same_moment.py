"""Somebody joins while a file with their address is being applied: PostgreSQL lets both write, and one is second."""

from __future__ import annotations

import io
import threading
import time

import pytest
import sqlalchemy as sa

import subscribers
from subscribers import ImportReport
from tests.subscribers.conftest import NOW, mailable, yes

FILE = "email,name\nalice@example.org,Alice of the file\nbob@example.org,Bob\n"


@pytest.fixture
def postgres(postgres_ready: str) -> sa.Engine:
    return sa.create_engine(postgres_ready)


def test_who_joins_in_the_middle_of_an_import_is_on_the_list_once_and_nobody_is_lost(postgres: sa.Engine) -> None:
    reports: list[ImportReport] = []
    with postgres.connect() as form:
        subscribers.add(form, "alice@example.org", newsletter="daily", name="Alice", consent=yes(), at=NOW)
        bringing = threading.Thread(target=lambda: reports.append(bring_in(postgres)))
        bringing.start()
        wait_until_it_waits_for_her(postgres)
        form.commit()
        bringing.join(30)
    with postgres.connect() as conn:
        assert mailable(conn) == ["alice@example.org", "bob@example.org"]
        assert [(row["email"], row["name"]) for row in subscribers.export(conn)] == [
            ("alice@example.org", "Alice"),
            ("bob@example.org", "Bob"),
        ]
    assert [report.rejected for report in reports] == [0]
    postgres.dispose()


def bring_in(postgres: sa.Engine) -> ImportReport:
    with postgres.begin() as conn:
        return subscribers.import_csv(conn, io.StringIO(FILE), newsletter="daily", at=NOW)


def wait_until_it_waits_for_her(postgres: sa.Engine) -> None:
    waiting = sa.text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT%'")
    until = time.monotonic() + 20
    with postgres.connect() as conn:
        while not conn.execute(waiting).scalar_one():
            assert time.monotonic() < until, "the import did not wait for who was joining"
            conn.rollback()
            time.sleep(0.02)
