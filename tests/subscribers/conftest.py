"""A list in a real database, SQLite and PostgreSQL by turns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import subscribers
from subscribers import Act, Consent, ImportReport

#: The moment at which every test begins.
NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)


def later(days: float = 1) -> datetime:
    return NOW + timedelta(days=days)


def yes(at: datetime = NOW, act: Act = Act.JOINED) -> Consent:
    return Consent(at=at, act=act, how="form", evidence="news.example.org/join")


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    if request.param == "sqlite":
        made = _sqlite(tmp_path)
        subscribers.metadata.create_all(made)
    else:
        made = sa.create_engine(request.getfixturevalue("postgres_ready"))
    yield made
    made.dispose()


@pytest.fixture
def conn(engine: sa.Engine) -> Iterator[sa.Connection]:
    with engine.begin() as connection:
        yield connection


@pytest.fixture
def take(conn: sa.Connection, tmp_path: Path) -> Callable[..., ImportReport]:
    """Import a file with this content into the daily newsletter."""

    def import_content(content: str | bytes, newsletter: str = "daily", **options: Any) -> ImportReport:
        file = tmp_path / "list.csv"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        options.setdefault("at", NOW)
        return subscribers.import_csv(conn, file, newsletter=newsletter, **options)

    return import_content


def mailable(conn: sa.Connection, newsletter: str = "daily", at: datetime = NOW, **groups: Any) -> list[str]:
    """Addresses that would be mailed then."""
    return sorted(row.address for row in conn.execute(subscribers.audience(newsletter, at=at, **groups)))


def _sqlite(folder: Path) -> sa.Engine:
    made = sa.create_engine(f"sqlite:///{folder / 'list.db'}")

    @sa.event.listens_for(made, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA foreign_keys=ON")

    return made
