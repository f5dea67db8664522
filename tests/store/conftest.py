"""The desk, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from digest.store.database import Database
from tests.store.desk import Desk


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)
