"""Bringing a file of subscribers in: read everything, look for reasons to stop, then apply it at once.

A file says more than addresses: who left, who bounced, who complained. All of that is kept, and none of those people
are mailed. A second import of the same file changes nothing. Memory does not grow with the file: rows wait in a
temporary table (`staging`), not in Python.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection

from subscribers.columns import Columns, recognise
from subscribers.csv_file import CsvFile, opened
from subscribers.errors import SubscribersError, TooManyRejected
from subscribers.model import ImportReport, KeptOut, Rejected
from subscribers.rows import ANOTHER, Row, RowReader
from subscribers.stage_table import ADDED
from subscribers.staging import UNCHANGED, UPDATED, Stage

#: So many rejected and kept-out rows are listed in the report; `on_reject` is told of all.
LISTED = 10_000

#: Above this share of rejected rows the file is probably the wrong one.
_BRAKE = 0.5

_AT_ONCE = 2_000

#: Reading and staging take about this share of the time.
_READING = 0.6

#: Called now and then with the share of the work done, 0 to 1, and the rows read so far.
Progress = Callable[[float, int], None]


def import_csv(
    conn: Connection,
    file: str | Path | IO[Any],
    *,
    newsletter: str,
    at: datetime,
    source: str = "",
    encoding: str = "",
    force: bool = False,
    progress: Progress | None = None,
    on_reject: Callable[[Rejected], None] | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> ImportReport:
    """Put the people of a CSV file on a newsletter. Raises FileMistake or, without `force`, TooManyRejected.

    Either of them leaves the list as it was. `source` stands in the log of consents; by default the file's name.
    `encoding` overrides what is found out. The caller's transaction makes it all or nothing.
    """
    began = clock()
    tell = progress or _silent
    source = source or (Path(file).name if isinstance(file, str | Path) else "file")
    with opened(file, encoding) as csv_file:
        columns = _columns(csv_file)
        reader = RowReader(columns, newsletter, source)
        stage = Stage(conn, newsletter=newsletter, source=source, at=at)
        try:
            tally = _read(csv_file, reader, stage, tell, on_reject)
            if not force:
                _brake(tally)
        except SubscribersError:
            stage.drop()
            raise
    duplicates = _apply(stage, tell, tally.rows)
    notes = (*csv_file.notes, *_notes(columns, reader), *_warnings(stage, tally))
    report = _report(stage, tally, duplicates, notes, clock() - began)
    stage.drop()
    return report


@dataclass(kw_only=True, slots=True)
class _Tally:
    """What was seen while reading."""

    rows: int = 0
    rejected: int = 0
    rejected_rows: list[Rejected] = field(default_factory=list)
    elsewhere: int = 0
    elsewhere_rows: list[KeptOut] = field(default_factory=list)


def _columns(csv_file: CsvFile) -> Columns:
    head = [cells for _, cells in islice(csv_file.rows(), 20)]
    return recognise(head[0] if head else [], head[1:])


def _read(
    csv_file: CsvFile,
    reader: RowReader,
    stage: Stage,
    tell: Progress,
    on_reject: Callable[[Rejected], None] | None,
) -> _Tally:
    tally = _Tally()
    rows = csv_file.rows()
    if reader.headed:
        next(rows, None)
    while some := list(islice(rows, _AT_ONCE)):
        good: list[Row] = []
        for line, cells in some:
            found = reader.read(line, cells)
            if type(found) is Row:
                good.append(found)
            else:
                _set_aside(found, tally, on_reject)
        tally.rows += len(some)
        stage.put(good)
        tell(csv_file.share * _READING, tally.rows)
    return tally


def _set_aside(found: Rejected | KeptOut | Row, tally: _Tally, on_reject: Callable[[Rejected], None] | None) -> None:
    if isinstance(found, Rejected):
        tally.rejected += 1
        if len(tally.rejected_rows) < LISTED:
            tally.rejected_rows.append(found)
        if on_reject:
            on_reject(found)
    elif isinstance(found, KeptOut):
        tally.elsewhere += 1
        if len(tally.elsewhere_rows) < LISTED:
            tally.elsewhere_rows.append(found)


def _brake(tally: _Tally) -> None:
    if tally.rejected <= tally.rows * _BRAKE:
        return
    first = "; ".join(f"line {row.line}: “{row.value}”, {row.reason}" for row in tally.rejected_rows[:3])
    raise TooManyRejected(
        f"{tally.rejected:,} of {tally.rows:,} rows cannot be taken, so this is probably not the right file. "
        f"Nothing was changed. {first}",
        hint="If it is the right one, import it again with force: the good rows are taken, the others listed.",
    )


def _apply(stage: Stage, tell: Progress, rows: int) -> int:
    """Returns how many rows were duplicates of others."""
    duplicates = stage.drop_duplicates()
    stage.settle()
    steps = len(stage.steps)
    for done, step in enumerate(stage.steps):
        tell(_READING + (1 - _READING) * (done + 1) / (steps + 1), rows)
        step()
    tell(1.0, rows)
    return duplicates


def _report(stage: Stage, tally: _Tally, duplicates: int, notes: tuple[str, ...], seconds: float) -> ImportReport:
    fates = Counter(stage.fates())
    if tally.elsewhere:
        fates[ANOTHER] = tally.elsewhere
    kept_out = sorted([*tally.elsewhere_rows, *stage.kept_out(LISTED)], key=attrgetter("line"))
    return ImportReport(
        rows=tally.rows,
        added=fates.pop(ADDED, 0),
        updated=fates.pop(UPDATED, 0),
        unchanged=fates.pop(UNCHANGED, 0),
        rejected=tally.rejected,
        duplicates=duplicates,
        kept_out=dict(fates),
        rejected_rows=tuple(tally.rejected_rows),
        kept_out_rows=tuple(kept_out[:LISTED]),
        notes=notes,
        seconds=round(seconds, 3),
    )


def _notes(columns: Columns, reader: RowReader) -> Iterator[str]:
    """What the operator should know about how the file was understood."""
    if columns.unread:
        yield f"Columns that were not read: {', '.join(columns.unread)}."
    for what, count in sorted(reader.puzzles.items()):
        yield _PUZZLED[what].format(count=f"{count:,}", examples=", ".join(f"“{one}”" for one in reader.examples[what]))


_PUZZLED = {
    "supporter": "{count} rows say something about giving that we do not know ({examples}): taken as unknown. "
    "Write none, one-time, monthly or lapsed.",
    "language": "{count} rows have a language that we do not know ({examples}): left out. Write codes like en or he.",
    "date": "{count} dates could not be read for certain ({examples}): the day of the import counts, and what was "
    "written is kept with the consent. Write dates as 2020-12-31.",
}


def _warnings(stage: Stage, tally: _Tally) -> Iterator[str]:
    if not tally.rows:
        yield "The file has headings but no rows."
    if unconfirmed := stage.unconfirmed():
        yield f"{unconfirmed:,} of those added are unconfirmed: nobody mails them until they confirm."


def _silent(share: float, rows: int) -> None:
    """Nobody is watching."""
