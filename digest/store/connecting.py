"""Connections: from a URL of a database to SQLAlchemy's engine, and what is said to each new connection.

SQLite keeps every commit on disk in WAL mode; PostgreSQL undoes a transaction that falls silent.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from digest.errors import StoreError

_BUSY_SECONDS = 30
_CONNECT_SECONDS = 10
#: PostgreSQL waits so long for the next statement of a transaction that is not `_unhurried`. A machine that was
#: suspended in the middle of a step would otherwise keep its locks for hours: those on a batch that is to go, or on
#: the pace of all. Connections begin with it: saying it in each step would be one more round trip in the hot path.
SILENT_SECONDS = 60
#: Connections that a process keeps, and those that it takes beyond them when it is busy.
KEPT, MORE = 20, 20


def engine(url: str) -> Engine:
    """Raises StoreError for a URL that names no database we know. Connects to nothing yet."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "postgresql" and "+" not in parsed.drivername:
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise StoreError(f"{parsed.drivername} is no database that the mailer knows.", hint=_URLS)
        if parsed.get_backend_name() == "sqlite":
            if parsed.database in (None, "", ":memory:"):
                raise StoreError(
                    "The mailer's database is a file: one in memory would forget who was mailed.", hint=_URLS
                )
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        # Addresses are parameters: they have no business in an error message.
        made = create_engine(parsed, pool_size=KEPT, max_overflow=MORE, hide_parameters=True, **_patience(parsed))
    except (ArgumentError, NoSuchModuleError, ValueError):
        # Not repeated: it may hold a password.
        raise StoreError("What the settings name is not a database URL.", hint=_URLS) from None
    except ModuleNotFoundError as missing:
        raise StoreError(
            f"PostgreSQL needs the package {missing.name}.", hint="Install it: pip install 'digest-mailer[postgres]'."
        ) from None
    except OSError as error:
        raise StoreError(f"The folder of {url} cannot be made: {error.strerror}.") from None
    if made.dialect.name == "sqlite":
        event.listen(made, "connect", _sqlite_connection)
        event.listen(made, "begin", _sqlite_begin)
    else:
        event.listen(made, "connect", _server_connection)
    return made


def _patience(url: URL) -> dict[str, Any]:
    """A server may be restarted, and a firewall forget a connection: it is looked at before it is used (50 µs)."""
    if url.get_backend_name() == "sqlite":
        return {}
    wait = {} if "connect_timeout" in url.query else {"connect_timeout": _CONNECT_SECONDS}
    return {"pool_pre_ping": True, "connect_args": wait}


_URLS = "Use sqlite:///data/digest.db or postgresql://user@host/name."


def _sqlite_connection(connection: object, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined]  # we say BEGIN ourselves
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_BUSY_SECONDS * 1000}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _server_connection(connection: object, _: ConnectionPoolEntry) -> None:
    with connection.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(f"SET idle_in_transaction_session_timeout = '{SILENT_SECONDS}s'")
    connection.commit()  # type: ignore[attr-defined]


def _sqlite_begin(conn: Connection) -> None:
    conn.exec_driver_sql("BEGIN IMMEDIATE" if conn.info.pop("immediate", False) else "BEGIN")
