"""A ledger on SQLite and on PostgreSQL by turns, moved by hand, and somebody who watches it."""

from __future__ import annotations

import pytest

from digest.store.database import Database
from tests.store.desk import Desk


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)
