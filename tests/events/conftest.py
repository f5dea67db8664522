"""A ledger that events come into, on either database."""

from __future__ import annotations

import pytest

from digest.store.database import Database
from tests.events.post import Post


@pytest.fixture
def post(database: Database) -> Post:
    return Post(database)
