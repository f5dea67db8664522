"""The tables of the list: who is on it, where they stand, what they said, and who must not be mailed.

Two keys name an address. `address_key` is the lower-case address: it makes people unique and is erased when somebody
is forgotten. `address_hash` is its SHA-256: suppression is keyed by it, so that one anti-join keeps out bounced and
forgotten people alike, while nothing readable is left of the forgotten. The hash is a pseudonym, not anonymity:
whoever already has an address can ask whether it is there, nobody can read it out.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: SQLite only counts ids up by itself in a column that is exactly INTEGER.
Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


class UtcTime(sa.types.TypeDecorator[datetime]):
    """Takes aware datetimes only and gives aware UTC back, also on SQLite, which knows no zones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            message = f"{value!r} has no time zone; the list keeps moments, not wall clocks."
            raise ValueError(message)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


subscriber = sa.Table(
    "subscriber",
    metadata,
    sa.Column("id", Id, primary_key=True),
    # All three are NULL once the person is forgotten; the row stays, so that the ledger's figures stay true.
    sa.Column("address", sa.Text),
    sa.Column("address_key", sa.Text, unique=True),
    sa.Column("address_hash", sa.LargeBinary(32)),
    sa.Column("name", sa.Text, nullable=False, server_default=""),
    sa.Column("language", sa.Text, nullable=False, server_default=""),
    sa.Column("supporter", sa.Text, nullable=False, server_default="unknown"),
    # Passing failures in a row; a message that arrives ends the row.
    sa.Column("soft_bounces", sa.Integer, nullable=False, server_default="0"),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),
    sa.Column("forgotten_at", UtcTime),
)

# The tables below name subscribers without foreign keys: no subscriber's row is ever deleted, and looking each one up
# takes PostgreSQL more than half the time of an import.
subscription = sa.Table(
    "subscription",
    metadata,
    sa.Column("subscriber_id", Id, primary_key=True),
    sa.Column("newsletter", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("since", UtcTime, nullable=False),
    sa.Column("left_at", UtcTime),
    sa.Column("left_how", sa.Text, nullable=False, server_default=""),
    # What they said when they left, in their own words or one of ours.
    sa.Column("left_why", sa.Text, nullable=False, server_default=""),
    # No mail until then: they are away, and have not left.
    sa.Column("paused_until", UtcTime),
    # At most one issue in so many days; 0 for every issue. `last_issue_at` is only kept for those who said so.
    sa.Column("min_days", sa.Integer, nullable=False, server_default="0"),
    sa.Column("last_issue_at", UtcTime),
    # The last time that the person, and no machine, followed a link or opened an issue.
    sa.Column("clicked_at", UtcTime),
    sa.Column("opened_at", UtcTime),
    # The audience is read in this order without touching the table.
    sa.Index(None, "newsletter", "state", "subscriber_id"),
    # One tree instead of two: the primary key is the table.
    sqlite_with_rowid=False,
)

#: Append-only: what was said is never corrected, only followed by something newer. Forgetting blanks the texts.
consent = sa.Table(
    "consent",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("subscriber_id", Id, nullable=False),
    sa.Column("newsletter", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("how", sa.Text, nullable=False),
    sa.Column("evidence", sa.Text, nullable=False, server_default=""),
    sa.Index(None, "subscriber_id"),
)

suppression = sa.Table(
    "suppression",
    metadata,
    sa.Column("address_hash", sa.LargeBinary(32), primary_key=True),
    # NULL when forgotten.
    sa.Column("address_key", sa.Text),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("detail", sa.Text, nullable=False, server_default=""),
    sqlite_with_rowid=False,
)


#: What somebody wants of a newsletter, in the newsletter's own words. Without any they want all of it.
subscriber_topic = sa.Table(
    "subscriber_topic",
    metadata,
    sa.Column("subscriber_id", Id, primary_key=True),
    sa.Column("newsletter", sa.Text, primary_key=True),
    sa.Column("topic", sa.Text, primary_key=True),
    sa.Index(None, "newsletter", "topic", "subscriber_id"),
    sqlite_with_rowid=False,
)

#: What the newsroom notes about somebody, for its segments: "member", "2026 gala".
subscriber_tag = sa.Table(
    "subscriber_tag",
    metadata,
    sa.Column("subscriber_id", Id, primary_key=True),
    sa.Column("tag", sa.Text, primary_key=True),
    sa.Index(None, "tag", "subscriber_id"),
    sqlite_with_rowid=False,
)

#: Without foreign keys that say so: a copy begins with the people.
for _theirs in (subscription, consent, subscriber_topic, subscriber_tag):
    _theirs.add_is_dependent_on(subscriber)


class days_between(GenericFunction[float]):  # noqa: N801  # in a statement it stands among functions of SQL
    """Days from one moment to another, parts of days included."""

    type = sa.Float()
    inherit_cache = True


@compiles(days_between, "sqlite")
def _in_julian_days(element: days_between, compiler: Any, **options: Any) -> str:
    earlier, later = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(julianday({later}) - julianday({earlier}))"


@compiles(days_between, "postgresql")
def _in_seconds(element: days_between, compiler: Any, **options: Any) -> str:
    earlier, later = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(EXTRACT(EPOCH FROM ({later}::timestamptz - {earlier})) / 86400.0)"


def insert(conn: Connection, table: sa.Table) -> Any:
    """An INSERT that knows `on_conflict_do_nothing` and `…_do_update`, in the words of this database."""
    return (postgresql if conn.dialect.name == "postgresql" else sqlite).insert(table)


def enter(conn: Connection, table: sa.Table, **values: Any) -> bool:
    """Insert a row unless its key is taken. True when it is new: the first write decides."""
    row = insert(conn, table).values(**values).on_conflict_do_nothing()
    # Drivers count inserted rows, but SQLAlchemy only keeps that count when asked to.
    return conn.execute(row, execution_options={"preserve_rowcount": True}).rowcount == 1
