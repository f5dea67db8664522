"""Newsrooms on SQLite and on PostgreSQL, whose mail goes to files or to the SES double."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.doubles.ses import SesDouble
from tests.newsroom import Newsroom


@pytest.fixture
def room(tmp_path: Path, database_url: str) -> Iterator[Newsroom]:
    """A newsroom whose sender is the outbox, on either database."""
    made = Newsroom(tmp_path, environment={"DIGEST_DATABASE_URL": database_url})
    yield made
    made.app.close()


@pytest.fixture
def ses_room(tmp_path: Path, database_url: str, ses: SesDouble, aws: Callable[[str], None]) -> Iterator[Newsroom]:
    """A newsroom that sends through the SES double over HTTP, on either database."""
    aws(ses.url)
    made = Newsroom(tmp_path, environment={"DIGEST_SENDER": "ses", "DIGEST_DATABASE_URL": database_url})
    yield made
    made.app.close()
