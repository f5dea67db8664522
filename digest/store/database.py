"""The database: one engine, two kinds of transaction, and the migrations.

SQLite runs in WAL mode with every commit on disk (`synchronous=FULL`: the ledger must survive a power cut), and a
writing transaction takes its lock at once (`BEGIN IMMEDIATE`), so that no claim is lost to a late "database is
locked". PostgreSQL takes the same statements.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from digest.errors import StoreError
from digest.store import closing
from digest.store.trouble import advice

#: The migration that this code needs; `digest/store/migrations` has it as its newest.
HEAD = "0001"
_BUSY_SECONDS = 30
_CONNECT_SECONDS = 10
#: PostgreSQL waits so long for the next statement of a named step. A machine that was suspended in the middle of one
#: would otherwise keep its locks for hours: those on a batch that is to go, or on the pace of all.
SILENT_SECONDS = 60
#: Connections that a process keeps, and those that it takes beyond them when it is busy.
_KEPT, _MORE = 20, 20


class Overtaken(StoreError):
    """Somebody else was faster: read again, and decide again."""


class Database:
    """The ledger and all that belongs to it."""

    #: Connections of one process at most.
    most_connections = _KEPT + _MORE

    def __init__(self, url: str) -> None:
        """Raises StoreError for a URL that names no database we know. Connects only when first used."""
        self.url = url
        self._engine = _engine(url)
        self.is_sqlite = self._engine.dialect.name == "sqlite"
        # Threads of one process queue here instead of polling SQLite's lock.
        self._turn: contextlib.AbstractContextManager[object] = (
            threading.Lock() if self.is_sqlite else contextlib.nullcontext()
        )
        self._thread = threading.local()
        named = self._engine.url.database
        #: The file of SQLite; None for a server.
        self.file = Path(named).absolute() if self.is_sqlite and named else None
        #: Device and number of the file at the first write.
        self._file_was: tuple[int, int] | None = None
        #: Called "before" and "after" the commit of each `write` with the name of its step.
        self.at_commit: Callable[[str, str], object] = lambda _when, _step: None

    @property
    def shown(self) -> str:
        """The URL for people: without its password."""
        return self._engine.url.render_as_string(hide_password=True)

    @contextlib.contextmanager
    def read(self, *, one_moment: bool = False) -> Iterator[Connection]:
        """A transaction that changes nothing.

        With `one_moment` all its statements see the same moment of the database, as they always do on SQLite.
        """
        with _explained(), self._engine.connect() as conn:
            if one_moment and not self.is_sqlite:
                conn.execution_options(isolation_level="REPEATABLE READ")
            yield conn
            conn.rollback()

    @contextlib.contextmanager
    def write(self, step: str = "", *, one_moment: bool = False) -> Iterator[Connection]:
        """A transaction that is committed as a whole at its end, and not at all when an error leaves it.

        `step` names it for `at_commit`, which is where the proof of what a crash leaves behind begins. A named step
        is short: PostgreSQL undoes one that falls silent, so that a machine that sleeps in it holds up nobody else.

        With `one_moment` all its statements see the same moment of the database, as they always do on SQLite; it
        raises Overtaken when somebody else changed meanwhile what it wants to change.
        """
        with _explained(), self._writing(), self._engine.connect() as conn:
            if self.is_sqlite:
                conn.info["immediate"] = True
            elif one_moment:
                conn.execution_options(isolation_level="REPEATABLE READ")
            with conn.begin():
                if step and not self.is_sqlite:
                    conn.exec_driver_sql(f"SET LOCAL idle_in_transaction_session_timeout = '{SILENT_SECONDS}s'")
                yield conn
                self.at_commit("before", step)
            self.at_commit("after", step)

    @contextlib.contextmanager
    def write_late(self) -> Iterator[Connection]:
        """Like `write`, but SQLite is locked only from the first change on.

        For long work that reads something else first, as an import reads its file: others send meanwhile.
        """
        with _explained(), self._engine.connect() as conn, conn.begin():
            yield conn

    @contextlib.contextmanager
    def trial(self) -> Iterator[Connection]:
        """A writing transaction that is always rolled back: what a dry run works in."""
        with _explained(), self._writing(), self._engine.connect() as conn:
            if self.is_sqlite:
                conn.info["immediate"] = True
            transaction = conn.begin()
            try:
                yield conn
            finally:
                transaction.rollback()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """This thread's turn to write. A second one inside would wait for the first for ever: a mistake of ours."""
        if getattr(self._thread, "writes", False):
            raise RuntimeError("This thread is writing already: hand its connection on instead of asking for another.")
        with self._turn:
            self._insist_on_file()
            self._thread.writes = True
            try:
                yield
            finally:
                self._thread.writes = False

    def _insist_on_file(self) -> None:
        """SQLite goes on writing into a file that was deleted, and all of it is lost: stop before the next write."""
        if self.file is None:
            return
        try:
            found = self.file.stat()
        except OSError:
            found = None
        now = (found.st_dev, found.st_ino) if found else None
        if self._file_was is None:
            self._file_was = now
        elif now != self._file_was:
            raise StoreError(
                f"The database {self.file} was deleted or replaced while it was in use.",
                hint="Stop everything and put it back: what was recorded last is only in the file that is gone.",
            )

    def version(self) -> str:
        """The migration that the database is at; empty for a new one."""
        with self.read() as conn:
            if not inspect(conn).has_table("alembic_version"):
                return ""
            return str(conn.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")

    def upgrade(self) -> str:
        """Bring the tables to what this code needs; returns the version they were at before. Raises StoreError."""
        from alembic import command
        from alembic.config import Config
        from alembic.util import CommandError

        before = self.version()
        if before == HEAD:
            return before
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        try:
            with self.write() as conn:
                if not self.is_sqlite:  # which has one writer at a time anyway
                    conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADING})
                config.attributes["connection"] = conn
                command.upgrade(config, "head")
        except CommandError:
            raise _other_version(before) from None
        return before

    def ready(self) -> None:
        """Create the tables of a new database; refuse one that is older or newer than this code, or closed."""
        found = self.version()
        if not found:
            self.upgrade()
        elif found != HEAD:
            raise _other_version(found)
        with self.read() as conn:
            closing.insist_on_open(conn)

    def backup(self, target: Path) -> None:
        """Write a consistent copy of an SQLite database; others may go on writing. Raises StoreError."""
        if not self.is_sqlite:
            raise StoreError("Only SQLite is copied here.", hint="Use pg_dump for PostgreSQL.")
        if target.exists():
            raise StoreError(f"{target} is there already.", hint="Nothing was written. Choose another name.")
        with _explained(), contextlib.closing(self._engine.raw_connection()) as conn:
            try:
                # On the bare connection: SQLite copies outside of transactions only.
                conn.cursor().execute("VACUUM INTO ?", (str(target),))
            except sqlite3.Error as error:
                raise StoreError(
                    f"The copy could not be written: {error}.", hint="The database is as it was."
                ) from error

    def close(self) -> None:
        self._engine.dispose()


#: PostgreSQL's code for it.
_SERIALIZATION_FAILURE = "40001"
#: Any number that nobody else takes: programs that start together wait for the one that makes the tables.
_UPGRADING = 7_314_001


def _other_version(found: str) -> StoreError:
    hint = "Take a copy (`digest db backup`), then run `digest db upgrade`."
    if found > HEAD:
        hint = "A newer program made it: run that one, or go back to the copy from before its upgrade."
    return StoreError(
        f"The database is at version {found}, this program needs {HEAD}.", hint=f"Nothing was changed. {hint}"
    )


def _engine(url: str) -> Engine:
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
        engine = create_engine(parsed, pool_size=_KEPT, max_overflow=_MORE, hide_parameters=True, **_patience(parsed))
    except (ArgumentError, NoSuchModuleError, ValueError):
        # Not repeated: it may hold a password.
        raise StoreError("What the settings name is not a database URL.", hint=_URLS) from None
    except ModuleNotFoundError as missing:
        raise StoreError(
            f"PostgreSQL needs the package {missing.name}.", hint="Install it: pip install 'digest-mailer[postgres]'."
        ) from None
    except OSError as error:
        raise StoreError(f"The folder of {url} cannot be made: {error.strerror}.") from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_connection)
        event.listen(engine, "begin", _sqlite_begin)
    return engine


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


def _sqlite_begin(conn: Connection) -> None:
    conn.exec_driver_sql("BEGIN IMMEDIATE" if conn.info.pop("immediate", False) else "BEGIN")


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """The database's own errors, in words that help. What a transaction did is undone by then."""
    try:
        yield
    except DBAPIError as error:
        said, code = _said(error), getattr(error.orig, "sqlstate", None) or ""
        hint = advice(code, said)
        if code == _SERIALIZATION_FAILURE:
            raise Overtaken(f"Somebody else changed it at the same moment: {said}.", hint=hint) from error
        if closing.is_about_closing(said):
            raise StoreError(f"{said}.", hint=closing.HINT) from error
        what = "did not answer as it should" if isinstance(error, OperationalError) else "refused"
        raise StoreError(f"The database {what}: {said}.", hint=hint) from error


def _said(error: DBAPIError) -> str:
    """The database's own words, without the values that PostgreSQL adds: they may be somebody's address."""
    primary = getattr(getattr(error.orig, "diag", None), "message_primary", None)
    return " ".join(str(primary or error.orig).split()).rstrip(".")
