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

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError, OperationalError

from digest.errors import StoreError
from digest.store import closing, connecting
from digest.store.trouble import advice

#: The migration that this code needs; `digest/store/migrations` has it as its newest.
HEAD = "0001"


class Overtaken(StoreError):
    """Somebody else was faster: read again, and decide again."""


class Database:
    """The ledger and all that belongs to it."""

    #: Connections of one process at most.
    most_connections = connecting.KEPT + connecting.MORE

    def __init__(self, url: str) -> None:
        """Raises StoreError for a URL that names no database we know. Connects only when first used."""
        self.url = url
        self._engine = connecting.engine(url)
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

        With `one_moment` all its statements see the same moment of the database, as they always do on SQLite, and may
        come as slowly as whoever reads what is written from them.
        """
        with _explained(), self._engine.connect() as conn:
            if one_moment and not self.is_sqlite:
                conn.execution_options(isolation_level="REPEATABLE READ")
                self._unhurried(conn)
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
                if not step:
                    self._unhurried(conn)
                yield conn
                self.at_commit("before", step)
            self.at_commit("after", step)

    @contextlib.contextmanager
    def write_late(self) -> Iterator[Connection]:
        """Like `write`, but SQLite is locked only from the first change on.

        For long work that reads something else first, as an import reads its file: others send meanwhile.
        """
        with _explained(), self._engine.connect() as conn, conn.begin():
            self._unhurried(conn)
            yield conn

    @contextlib.contextmanager
    def trial(self) -> Iterator[Connection]:
        """A writing transaction that is always rolled back: what a dry run works in."""
        with _explained(), self._writing(), self._engine.connect() as conn:
            if self.is_sqlite:
                conn.info["immediate"] = True
            transaction = conn.begin()
            self._unhurried(conn)
            try:
                yield conn
            finally:
                transaction.rollback()

    def _unhurried(self, conn: Connection) -> None:
        """This transaction may be silent for as long as it likes: it waits for a file, or for a person."""
        if not self.is_sqlite:
            conn.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")

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
