"""The temporary table in which a file's rows wait, and the quick way of filling it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from subscribers import schema
from subscribers.rows import Row

#: The fate of a row that nothing speaks against and nobody knows yet.
ADDED = "added"

stage = sa.Table(
    "subscriber_import",
    sa.MetaData(),
    sa.Column("line", sa.Integer, primary_key=True),
    sa.Column("address", sa.Text),
    sa.Column("address_key", sa.Text),
    sa.Column("address_hash", sa.LargeBinary(32)),
    sa.Column("name", sa.Text),
    sa.Column("language", sa.Text),
    sa.Column("supporter", sa.Text),
    sa.Column("state", sa.Text),
    sa.Column("suppressed", sa.Text),
    sa.Column("caution", sa.Integer),
    sa.Column("evidence", sa.Text),
    sa.Column("joined_at", schema.UtcTime),
    sa.Column("left_at", schema.UtcTime),
    sa.Column("left_how", sa.Text),
    sa.Column("suppressed_at", schema.UtcTime),
    sa.Column("suppressed_detail", sa.Text),
    sa.Column("known", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("fate", sa.Text, nullable=False, server_default=ADDED),
    prefixes=["TEMPORARY"],
)


class Filling:
    """Appends rows by the driver's own fastest way, which SQLAlchemy does not offer.

    Its executemany looks at every value of every row: 11 µs a row where SQLite's takes 4. On PostgreSQL, COPY takes 5
    where psycopg's executemany takes 35.
    """

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._copies = conn.dialect.driver == "psycopg"
        self._moment = schema.UtcTime().dialect_impl(conn.dialect).bind_processor(conn.dialect)
        self._insert = str(stage.insert().compile(dialect=conn.dialect, column_keys=list(Row._fields)))

    def __call__(self, rows: Sequence[Row]) -> None:
        if self._copies:
            self._copy(rows)
        elif rows:
            dated = [
                self._with_times(row) if row.joined_at or row.left_at or row.suppressed_at else row for row in rows
            ]
            self._conn.exec_driver_sql(self._insert, dated)

    def _copy(self, rows: Sequence[Row]) -> None:
        statement = f"COPY {stage.name} ({', '.join(Row._fields)}) FROM STDIN"
        cursor: Any = self._conn.connection.cursor()  # psycopg's own; its type is not ours to import
        with cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)

    def _with_times(self, row: Row) -> Row:
        bind = self._moment
        if bind is None:
            return row
        return row._replace(
            joined_at=bind(row.joined_at), left_at=bind(row.left_at), suppressed_at=bind(row.suppressed_at)
        )
