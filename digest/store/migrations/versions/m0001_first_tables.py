"""First tables: articles, issues, the ledger, subscribers.

Revision ID: 0001
"""

from __future__ import annotations

from alembic import op

import subscribers.schema
from digest.store import schema

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    for metadata in (subscribers.schema.metadata, schema.metadata):
        metadata.create_all(op.get_bind())
