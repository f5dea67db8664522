"""Closed: a database that takes no changes, because another one holds the truth now.

Two databases that both know of the same readers would mail them twice. So of a database and its copy, one is closed.
Triggers keep it so, and not our own care: they also stop a worker that was running all the while, a page that
records who leaves, an older program, and a person with a console. Reading goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, Connection, MetaData, Table, Text, insert, inspect, select, text

from digest.errors import StoreError
from subscribers.schema import UtcTime

#: There is one only in a closed database: no migration makes it.
_closed = Table("closed", MetaData(), Column("why", Text, nullable=False), Column("at", UtcTime, nullable=False))
#: How the triggers begin what they say.
_SAID = "This database is closed:"
_CHANGES = ("INSERT", "UPDATE", "DELETE")


def close(conn: Connection, tables: Sequence[str], *, why: str, at: datetime) -> None:
    """Refuse every change to `tables` from the commit on. `why` ends the sentence "This database is closed: …"."""
    _closed.create(conn)
    conn.execute(insert(_closed).values(why=why, at=at))
    for statement in _sqlite(tables, why) if conn.dialect.name == "sqlite" else _postgresql(tables):
        conn.execute(text(statement.replace(":", r"\:")))


def why_closed(conn: Connection) -> str:
    """Why the database is closed; empty when it is open."""
    if not inspect(conn).has_table(_closed.name):
        return ""
    return str(conn.execute(select(_closed.c.why)).scalar() or "for no reason that was written down")


def insist_on_open(conn: Connection) -> None:
    """Raises StoreError when the database is closed."""
    if why := why_closed(conn):
        raise StoreError(f"{_SAID} {why}.", hint=HINT)


def reopen(conn: Connection) -> str:
    """Take changes again; why it was closed. Raises StoreError when it was not."""
    why = why_closed(conn)
    if not why:
        raise StoreError("This database is open: it takes changes.", hint="Nothing was changed.")
    if conn.dialect.name == "sqlite":
        found = text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'closed!_%' ESCAPE '!'")
        for name in conn.execute(found).scalars().all():
            conn.execute(text(f'DROP TRIGGER "{name}"'))
    else:
        conn.execute(text("DROP FUNCTION digest_closed() CASCADE"))
    _closed.drop(conn)
    return why


#: What to do in front of a closed database.
HINT = (
    "Nothing was changed. Name the other one in database.url (or DIGEST_DATABASE_URL). Should this one be used again "
    "and the other one never, run `digest db reopen`: using both would mail readers twice."
)


def is_about_closing(said: str) -> bool:
    """True for what the triggers say."""
    return said.startswith(_SAID)


def _sqlite(tables: Sequence[str], why: str) -> list[str]:
    says = f"{_SAID} {why}".replace("'", "''")
    return [
        f"CREATE TRIGGER closed_{table}_{change.lower()} BEFORE {change} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{says}'); END"
        for table in tables
        for change in _CHANGES
    ]


def _postgresql(tables: Sequence[str]) -> list[str]:
    function = (
        "CREATE FUNCTION digest_closed() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '%', (SELECT '{_SAID} ' || why FROM closed); END $$"
    )
    triggers = [
        f"CREATE TRIGGER closed BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION digest_closed()"
        for table in tables
    ]
    return [function, *triggers]
