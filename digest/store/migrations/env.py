"""Alembic's door to the tables. It runs on the connection that `Database.upgrade` hands over, never on its own."""

from __future__ import annotations

from alembic import context

import subscribers.schema
from digest.store import schema

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=[schema.metadata, subscribers.schema.metadata],
    # SQLite cannot alter a table in place; Alembic then copies it.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
