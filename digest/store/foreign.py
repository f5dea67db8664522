"""Tables that belong to a library, in our database: made once, when they are first needed."""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

#: Any number that nobody else takes: programs that start together wait for the one that makes the tables.
_MAKING = 7_314_002


def make_once(conn: Connection, table: str, script: str) -> bool:
    """Run a library's script unless its `table` is there; True when it was run. PostgreSQL only."""
    if inspect(conn).has_table(table):
        return False
    conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MAKING})
    if inspect(conn).has_table(table):
        return False
    # Without parameters, so that several statements may go at once and a % means itself.
    conn.exec_driver_sql(script, execution_options={"no_parameters": True})
    return True
