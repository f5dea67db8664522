"""The temporary tables in which a file's rows wait, and the quick way of filling them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy import Connection

from subscribers import schema
from subscribers.errors import SubscribersError
from subscribers.rows import Label, Row
from subscribers.wished import Wish

#: The fate of a row that nothing speaks against and nobody knows yet.
ADDED = "added"

_OWN = sa.MetaData()

# No primary key: nobody looks for a place, and PostgreSQL would keep an index for it.
stage = sa.Table(
    "subscriber_import",
    _OWN,
    # File and line in one number, so that the file's order is the order of this.
    sa.Column("place", sa.BigInteger),
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

#: By address and not by row: of two rows for one person all tags count.
label = sa.Table(
    "subscriber_import_label",
    _OWN,
    sa.Column("address_key", sa.Text),
    sa.Column("kind", sa.Text),
    sa.Column("word", sa.Text),
    prefixes=["TEMPORARY"],
)

#: By row, and only for the few who said any of it.
wish = sa.Table(
    "subscriber_import_wish",
    _OWN,
    sa.Column("place", sa.BigInteger),
    sa.Column("left_why", sa.Text),
    sa.Column("paused_until", schema.UtcTime),
    sa.Column("min_days", sa.Integer),
    sa.Column("last_issue_at", schema.UtcTime),
    prefixes=["TEMPORARY"],
)

_TABLES = (stage, label, wish)


def fresh(conn: Connection) -> None:
    """Make the tables anew.

    Not `create`, which looks first: on SQLite any look at the list itself would fix the moment that this transaction
    sees, and it could not write after somebody else has.
    """
    drop(conn)
    for table in _TABLES:
        conn.execute(sa.schema.CreateTable(table))


def drop(conn: Connection) -> None:
    for table in _TABLES:
        conn.execute(sa.schema.DropTable(table, if_exists=True))


class Filling:
    """Appends rows by the driver's own fastest way, which SQLAlchemy does not offer.

    Its executemany looks at every value of every row: 11 µs a row where SQLite's takes 4. On PostgreSQL, psycopg's
    executemany takes 35 and COPY 5, or 2 when we write its lines ourselves; and while one COPY stays open from lot to
    lot the server takes rows in beside our reading the next ones. Nothing else may be said on the connection then: so
    rows are filled in within `with`.
    """

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._copies = conn.dialect.driver == "psycopg"
        #: The COPY of rows that is open, and what ends it.
        self._open: Any = None
        self._ends = ExitStack()
        self._moment = schema.UtcTime().dialect_impl(conn.dialect).bind_processor(conn.dialect)
        self._insert = {
            table: str(table.insert().compile(dialect=conn.dialect, column_keys=list(kind._fields)))
            for table, kind in ((stage, Row), (label, Label), (wish, Wish))
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What was begun is ended. Given up it would take the whole transaction with it: a bad file must not."""
        (ends, self._ends), self._open = (self._ends, ExitStack()), None
        if isinstance(error, SubscribersError):
            ends.close()
        else:
            ends.__exit__(kind, error, trace)

    def rows(self, rows: Sequence[Row]) -> None:
        if self._copies and rows:
            self._into_stage("".join([f"{_copied(row)}\n" for row in rows]))
        elif rows:
            dated = [self._with_times(row) if row[11] or row[12] or row[14] else row for row in rows]
            self._conn.exec_driver_sql(self._insert[stage], dated)

    def labels(self, labels: Sequence[Label]) -> None:
        if self._copies and labels:
            self._end()
            self._copy(label, Label._fields, ["\t".join(map(_escaped, one)) for one in labels])
        elif labels:
            self._conn.exec_driver_sql(self._insert[label], list(labels))

    def wishes(self, wishes: Sequence[Wish]) -> None:
        if self._copies and wishes:
            self._end()
            self._copy(wish, Wish._fields, [_copied_wish(one) for one in wishes])
        elif wishes:
            bind = self._moment or _as_it_is
            dated = [
                one._replace(paused_until=bind(one.paused_until), last_issue_at=bind(one.last_issue_at))
                for one in wishes
            ]
            self._conn.exec_driver_sql(self._insert[wish], dated)

    def _into_stage(self, lines: str) -> None:
        if self._open is None:
            self._open = self._begin(self._ends, stage, Row._fields)
        self._open.write(lines)

    def _end(self) -> None:
        self.__exit__(None, None, None)

    def _copy(self, table: sa.Table, columns: Sequence[str], lines: Sequence[str]) -> None:
        with ExitStack() as ends:
            self._begin(ends, table, columns).write("".join([f"{line}\n" for line in lines]))

    def _begin(self, ends: ExitStack, table: sa.Table, columns: Sequence[str]) -> Any:
        """A COPY, and its cursor, that end with `ends`; psycopg's own: their types are not ours to import."""
        cursor: Any = ends.enter_context(self._conn.connection.cursor())  # type: ignore[arg-type]
        return ends.enter_context(cursor.copy(f"COPY {table.name} ({', '.join(columns)}) FROM STDIN"))

    def _with_times(self, row: Row) -> Row:
        bind = self._moment
        if bind is None:
            return row
        return row._replace(
            joined_at=bind(row.joined_at), left_at=bind(row.left_at), suppressed_at=bind(row.suppressed_at)
        )


def _copied(row: Row) -> str:
    """A line of COPY's text format."""
    place, address, key, digest, name, *words, caution, evidence, joined, left, how, suppressed, detail = row
    said = "\t".join(words)  # language, supporter, state, suppressed: words of ours
    return (
        f"{place}\t{address}\t{key}\t\\\\x{digest.hex()}\t{_escaped(name)}\t{said}\t{caution}\t"
        f"{_escaped(evidence)}\t{_time(joined)}\t{_time(left)}\t{_escaped(how)}\t{_time(suppressed)}\t{_escaped(detail)}"
    )


def _copied_wish(wish: Wish) -> str:
    place, why, until, days, last = wish
    return f"{place}\t{_escaped(why)}\t{_time(until)}\t{days}\t{_time(last)}"


def _as_it_is(moment: datetime | None) -> datetime | None:
    return moment


def _time(moment: datetime | None) -> str:
    return moment.isoformat() if moment else "\\N"


def _escaped(text: str) -> str:
    """Words have no line breaks and no tabs any more, but backslashes they may have."""
    return text.replace("\\", "\\\\") if "\\" in text else text
