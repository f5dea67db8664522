"""A copy of everything into an empty database of either kind, so that nobody is lost and nobody is mailed twice.

The source is held still for as long as it takes, and is closed when the copy is whole; with `keep` it stays in use,
and the copy is closed instead. Either way one of the two is open, never both: the source's closing is committed
first, and the copy, one transaction however large, right after it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Connection, Table, func, select

import subscribers
from digest.errors import IllegalStep, StoreError
from digest.model import BatchState
from digest.store import closing, ledger, schema
from digest.store.database import HEAD, Database

#: Every table, in an order in which a row never comes before the one that it points at.
TABLES: tuple[Table, ...] = (*subscribers.metadata.sorted_tables, *schema.metadata.sorted_tables)
_NAMES = tuple(table.name for table in TABLES)
#: Rows on their way at once.
_PAGE = 2000
#: How long PostgreSQL waits for those who are writing, in milliseconds.
_PATIENCE = 10_000

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Copied:
    """What a copy came to."""

    source: str
    target: str
    #: Table → rows.
    rows: dict[str, int]
    #: Recipients that are uncertain because the worker that was mailing them had died.
    doubtful: int
    #: Which of the two takes no changes from now on.
    closed: str
    seconds: float


def copy(
    source: Database,
    target: Database,
    *,
    keep: bool,
    is_dead: Callable[[str], bool],
    now: datetime,
    progress: Progress = lambda _done, _total, _table: None,
) -> Copied:
    """Copy all of `source` into `target`, compare the two, and close one of them.

    Raises StoreError when the target is not empty or the source cannot be read, IllegalStep when somebody is being
    mailed at this moment. The target is empty then, and the source as it was.
    """
    began = time.monotonic()
    _insist_on_content(source)
    _insist_on_room(target)
    target.ready()
    with _written(target, closed_before=not keep) as new:
        _hold_still(new)
        _insist_on_no_rows(new, target)
        with source.read(one_moment=True) if keep else source.write() as old:
            doubtful = 0 if keep else _stop(old, is_dead, now)
            rows = _copy_all(old, new, progress)
            _compare(old, new)
            if keep:
                closing.close(new, _EVERYTHING, why=_why("is a copy of", source, now), at=now)
            else:
                closing.close(old, _EVERYTHING, why=_why("was copied to", target, now), at=now)
    return Copied(
        source=source.shown,
        target=target.shown,
        rows=rows,
        doubtful=doubtful,
        closed="target" if keep else "source",
        seconds=round(time.monotonic() - began, 2),
    )


#: What is closed: the migrations' own table as well, so that nobody moves a closed database on.
_EVERYTHING = (*_NAMES, "alembic_version")


@contextmanager
def _written(target: Database, *, closed_before: bool) -> Iterator[Connection]:
    """The target's one transaction. Should its very commit fail, the source may be closed already: say so."""
    whole = False
    try:
        with target.write() as new:
            yield new
            whole = True
    except StoreError as error:
        if not (whole and closed_before):
            raise
        raise StoreError(
            f"Nobody knows whether the copy in {target.shown} was kept: {error.message}",
            hint="The source is closed. Look whether the copy has your issues (`digest issues list` with its URL in "
            "DIGEST_DATABASE_URL): go on with it if so. If it is empty, run `digest db reopen` and copy again.",
        ) from error


def _why(what: str, other: Database, now: datetime) -> str:
    return f"it {what} {other.shown} on {now:%Y-%m-%d at %H:%M} UTC"


# --- Before ------------------------------------------------------------------------------------------------


def _insist_on_content(source: Database) -> None:
    found = source.version()
    if not found:
        raise StoreError(f"There is nothing to copy in {source.shown}.", hint="Check database.url.")
    source.ready()
    with source.read() as conn:
        if not any(_has_rows(conn, table) for table in TABLES):
            raise StoreError(f"There is nothing to copy in {source.shown}.", hint="Check database.url.")


def _insist_on_room(target: Database) -> None:
    """An empty database, or one whose tables have just been made."""
    if target.version() == HEAD:
        return
    with target.read() as conn:
        found = sa.inspect(conn).get_table_names()
    if found:
        names = f"{', '.join(found[:3])}{' …' if len(found) > 3 else ''}"
        raise StoreError(f"{target.shown} is not empty: it has the tables {names}.", hint=_EMPTY)


def _insist_on_no_rows(new: Connection, target: Database) -> None:
    for table in TABLES:
        if _has_rows(new, table):
            raise StoreError(f"{target.shown} is not empty: there are rows in {table.name}.", hint=_EMPTY)


_EMPTY = "Nothing was copied. Name an empty database."


def _has_rows(conn: Connection, table: Table) -> bool:
    return conn.execute(select(sa.literal(1)).select_from(table).limit(1)).first() is not None


def _hold_still(conn: Connection) -> None:
    """Nobody else writes until the end of the transaction; SQLite has one writer anyway."""
    if conn.dialect.name == "postgresql":
        conn.execute(sa.text(f"SET LOCAL lock_timeout = {_PATIENCE}"))
        conn.execute(sa.text("SET LOCAL TimeZone = 'UTC'"))  # what a time without a zone means
        conn.execute(sa.text(f"LOCK TABLE {', '.join(_NAMES)} IN SHARE ROW EXCLUSIVE MODE"))


def _stop(old: Connection, is_dead: Callable[[str], bool], now: datetime) -> int:
    """Hold the source still, and settle what dead workers left; recipients that became uncertain by it."""
    _hold_still(old)
    doubtful = ledger.reap(old, now=now, is_dead=is_dead)
    batch = schema.batch.c
    held = select(batch.issue_id, func.count(), func.max(batch.lease_until)).group_by(batch.issue_id)
    for issue, batches, until in old.execute(held.where(batch.state.in_([BatchState.CLAIMED, BatchState.CALLING]))):
        raise IllegalStep(
            f"Issue {issue} is being sent: {batches} batch(es) are in the hands of a worker.",
            hint="Nothing was copied. Stop every `digest run` and `digest send`, which end after the batches in hand, "
            f"and copy then. What a worker that died elsewhere held is free at {until:%H:%M:%S} UTC.",
        )
    return doubtful


# --- Rows --------------------------------------------------------------------------------------------------


def _copy_all(old: Connection, new: Connection, progress: Progress) -> dict[str, int]:
    counts = {table: old.execute(select(func.count()).select_from(table)).scalar_one() for table in TABLES}
    total, done = sum(counts.values()), 0
    rows: dict[str, int] = {}
    for table in TABLES:
        rows[table.name] = 0
        streamed = {"yield_per": _PAGE}
        with old.execute(_all_of(table, old), execution_options=streamed) as found, _writing(new, table) as write:
            for page in found.partitions():
                write(page)
                rows[table.name] += len(page)
                progress(done + rows[table.name], total, table.name)
        done += rows[table.name]
        if new.dialect.name == "postgresql":
            _go_on_counting(new, table)
    return rows


def _all_of(table: Table, conn: Connection) -> sa.Select[Any]:
    # By the key, as it is stored: pages of the new tables fill one after the other.
    return select(*(_plainly(column, conn) for column in table.columns)).order_by(*table.primary_key.columns)


def _plainly(column: Column[Any], conn: Connection) -> Any:
    """The column as text where the databases write the same thing in two ways, in the words that both take."""
    if not isinstance(column.type, sa.JSON | sa.Date | schema.UtcTime):
        return column
    if conn.dialect.name == "sqlite":
        return sa.type_coerce(column, sa.Text)
    if isinstance(column.type, schema.UtcTime):
        return func.to_char(func.timezone("UTC", column), "YYYY-MM-DD HH24:MI:SS.US").label(column.name)
    return sa.cast(column, sa.Text).label(column.name)


@contextmanager
def _writing(new: Connection, table: Table) -> Iterator[Callable[[Sequence[Any]], None]]:
    """A function that writes rows into a table."""
    if new.dialect.name != "postgresql":
        yield _inserting(new, table)
        return
    quote = new.dialect.identifier_preparer.quote
    names = ", ".join(quote(column.name) for column in table.columns)
    driver: Any = new.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(f"COPY {quote(table.name)} ({names}) FROM STDIN") as into:

            def write(page: Sequence[Any]) -> None:
                for row in page:
                    into.write_row(row)

            yield write
    except new.dialect.loaded_dbapi.Error as error:  # not SQLAlchemy's call, so not its error
        raise StoreError(
            f"The table {table.name} could not be copied: {error.diag.message_primary or error}.",
            hint="Nothing was copied; both are as they were.",
        ) from error


def _inserting(new: Connection, table: Table) -> Callable[[Sequence[Any]], None]:
    # The values are as SQLite keeps them: SQLAlchemy would only take them apart and put them together again.
    statement = str(sa.insert(table).compile(new))

    def write(page: Sequence[Any]) -> None:
        new.exec_driver_sql(statement, [tuple(row) for row in page])

    return write


def _go_on_counting(new: Connection, table: Table) -> None:
    """PostgreSQL counts ids by itself, and knows nothing of those that came in; nor of how many rows there are."""
    column = table.autoincrement_column
    if column is not None:
        highest = func.max(column)
        counter = func.pg_get_serial_sequence(table.name, column.name)
        new.execute(select(func.setval(counter, highest)).having(highest.is_not(None)))
    new.execute(sa.text(f"ANALYZE {table.name}"))


# --- The same? ---------------------------------------------------------------------------------------------


def _compare(old: Connection, new: Connection) -> None:
    for table in TABLES:
        for query in (_tally(table), *_standings(table)):
            if sorted(map(tuple, old.execute(query))) != sorted(map(tuple, new.execute(query))):
                raise StoreError(
                    f"The copy of {table.name} is not what the source holds.",
                    hint="Nothing was copied; both are as they were. Please report this.",
                )


def _tally(table: Table) -> sa.Select[Any]:
    """One row that differs when something was lost on the way: of every column how much there is."""
    return select(func.count(), *(part for column in table.columns for part in _sizes(column))).select_from(table)


def _sizes(column: Column[Any]) -> tuple[Any, ...]:
    kind = column.type
    if isinstance(kind, sa.Integer):
        return (func.sum(column),)
    if isinstance(kind, sa.LargeBinary):
        return (func.count(column), func.sum(func.length(column)))
    if isinstance(kind, sa.String | sa.JSON):
        return (func.count(column), func.sum(func.length(sa.cast(column, sa.Text))))
    # The sum of floats depends on their order.
    return (func.count(column), func.min(column), func.max(column))


def _standings(table: Table) -> Iterator[sa.Select[Any]]:
    """Of each issue or newsletter, how many rows are in which state."""
    groups = [column for column in table.columns if column.name in ("issue_id", "newsletter", "state")]
    if "state" in table.columns:
        yield select(*groups, func.count()).group_by(*groups)
