"""Bringing a file of subscribers in: read everything, look for reasons to stop, then apply it at once.

A file says more than addresses: who left, who bounced, who complained. All of that is kept, and none of those people
are mailed. A second import of the same file changes nothing, and so does the first one when it is killed on the way:
the same command again does it all. Memory does not grow with the file: rows wait in a temporary table (`staging`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection

from subscribers.archives import Part, parts
from subscribers.columns import Columns, recognise
from subscribers.csv_file import CsvFile, recognised
from subscribers.errors import FileMistake, SubscribersError, TooManyRejected
from subscribers.model import ImportReport, KeptOut, Reason, Rejected, State
from subscribers.rejects import RejectsFile
from subscribers.rows import Row, RowReader, Terms
from subscribers.staging import Stage
from subscribers.standings import CAUTION
from subscribers.systems import System, lists_among, standing_by_name, system_of
from subscribers.tally import Tally, report_of
from subscribers.wishes import clean

#: Above this share of rejected rows the file is probably the wrong one.
_BRAKE = 0.5

_AT_ONCE = 2_000

#: Reading and staging take about this share of the time.
_READING = 0.6

#: Called now and then with the share of the work done, 0 to 1, and the rows read so far.
Progress = Callable[[float, int], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class _List:
    """One file of those that are imported together: how its rows are to be read."""

    file: CsvFile
    columns: Columns
    system: System


def import_csv(
    conn: Connection,
    file: str | Path | IO[Any],
    *,
    newsletter: str,
    at: datetime,
    source: str = "",
    encoding: str = "",
    consent: str = "",
    everybody: State | Reason | None = None,
    topics: Mapping[str, str] | None = None,
    force: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
    rejects: RejectsFile | None = None,
    on_reject: Callable[[Rejected], None] | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> ImportReport:
    """Put the people of a CSV file, or of an archive, on a newsletter. Raises FileMistake or TooManyRejected.

    Either of them leaves the list as it was, and so does `dry_run`, which only tells what would happen; `force` lifts
    the brake on too many rejected rows. The caller's transaction makes it all or nothing.

    `source` stands in the log of consents, by default the file's name; `consent` says how people said yes where their
    row does not. Nobody in the file stands better than `everybody`. Of the file's topics those are kept that `topics`
    has a word for.
    """
    began = clock()
    source = source or (Path(file).name if isinstance(file, str | Path) else "file")
    with parts(file) as found, nullcontext(rejects) if rejects else RejectsFile(None) as log:
        lists = _lists(found, encoding)
        terms = Terms(
            newsletter=newsletter, source=source, consent=consent, everybody=everybody, topics=_cleaned(topics or {})
        )
        readers = [
            RowReader(each.columns, _terms(each, number, len(lists) > 1, terms)) for number, each in enumerate(lists)
        ]
        log.expect([each.columns.headings for each in lists])
        stage = Stage(conn, newsletter=newsletter, sources=[reader.terms.source for reader in readers], at=at)
        work = _Work(stage, progress or _silent, log, on_reject)
        try:
            with stage.being_filled():
                for number, (each, reader) in enumerate(zip(lists, readers, strict=True)):
                    work.read(each.file, reader, each.columns.headings, number=number, of=len(lists))
            if not force:
                _brake(work.tally)
            log.flush()
        except SubscribersError:
            stage.drop()
            raise
    work.apply(dry_run=dry_run)
    notes = tuple(
        dict.fromkeys(note for each, reader in zip(lists, readers, strict=True) for note in _notes(each, reader))
    )
    report = report_of(
        stage,
        work.tally,
        notes=notes,
        system=lists[0].system.name,
        dry_run=dry_run,
        seconds=round(clock() - began, 3),
    )
    stage.drop()
    return report


def _lists(found: Sequence[Part], encoding: str) -> list[_List]:
    """The files that hold people. Raises FileMistake when there are none, or when it is not clear which ones."""
    if len(found) == 1:
        return [_list(found[0], encoding)]
    lists: dict[str, _List] = {}
    for part in found:
        with suppress(FileMistake):  # in an archive there are other files beside
            lists[part.name] = _list(part, encoding)
    chosen = lists_among({name: each.columns.headings for name, each in lists.items()})
    return [lists[name] for name in chosen]


def _list(part: Part, encoding: str) -> _List:
    file = recognised(part, encoding)
    with closing(file.rows()) as rows:
        head = [cells for _, cells in islice(rows, 20)]
    columns = recognise(head[0] if head else [], head[1:])
    return _List(file=file, columns=columns, system=system_of(columns.headings))


def _terms(each: _List, number: int, several: bool, terms: Terms) -> Terms:
    """`terms` for one of the files."""
    name = each.file.name
    by_name = standing_by_name(each.system, name)
    return replace(
        terms,
        number=number,
        file=name if several else "",
        source=f"{terms.source}, {name}" if several else terms.source,
        system=each.system,
        everybody=max(terms.everybody or State.ACTIVE, by_name or State.ACTIVE, key=CAUTION.__getitem__),
    )


def _cleaned(topics: Mapping[str, str]) -> dict[str, str]:
    """As words are compared and kept."""
    return {clean(word): clean(kept) for word, kept in topics.items()}


class _Work:
    """Reads files into the stage, counting, and then lets it be applied."""

    def __init__(
        self, stage: Stage, tell: Progress, rejects: RejectsFile, on_reject: Callable[[Rejected], None] | None
    ) -> None:
        self.tally = Tally()
        self._stage = stage
        self._tell = tell
        self._rejects = rejects
        self._on_reject = on_reject

    def read(self, file: CsvFile, reader: RowReader, headings: Sequence[str], *, number: int, of: int) -> None:
        with closing(file.rows()) as rows:
            if reader.headed:
                next(rows, None)
            while some := list(islice(rows, _AT_ONCE)):
                self._take(some, reader, headings)
                self._tell((number + file.share) / of * _READING, self.tally.rows)

    def _take(self, some: Sequence[tuple[int, list[str]]], reader: RowReader, headings: Sequence[str]) -> None:
        good: list[Row] = []
        for line, cells in some:
            found = reader.read(line, cells)
            if type(found) is Row:
                good.append(found)
            else:
                self._set_aside(found, headings, cells)
        self.tally.rows += len(some)
        self._stage.put(good, reader.labels, reader.wishes)
        reader.labels.clear()
        reader.wishes.clear()

    def apply(self, *, dry_run: bool) -> None:
        self.tally.duplicates = self._stage.drop_duplicates()
        self._stage.settle(for_good=not dry_run)
        steps = () if dry_run else self._stage.steps
        for done, step in enumerate(steps):
            self._tell(_READING + (1 - _READING) * (done + 1) / (len(steps) + 1), self.tally.rows)
            step()
        self._tell(1.0, self.tally.rows)

    def _set_aside(self, found: Rejected | KeptOut | Row, headings: Sequence[str], cells: Sequence[str]) -> None:
        if isinstance(found, Rejected):
            self.tally.reject(found)
            self._rejects.write(found, headings, cells)
            if self._on_reject:
                self._on_reject(found)
        elif isinstance(found, KeptOut):
            self.tally.keep_out(found)


def _brake(tally: Tally) -> None:
    if tally.rejected <= tally.rows * _BRAKE:
        return
    first = "; ".join(f"line {row.line}: “{row.value}”, {row.reason}" for row in tally.rejected_rows[:3])
    raise TooManyRejected(
        f"{tally.rejected:,} of {tally.rows:,} rows cannot be taken, so this is probably not the right file. "
        f"Nothing was changed. {first}",
        hint="If it is the right one, import it again with force: the good rows are taken, the others listed.",
    )


def _notes(each: _List, reader: RowReader) -> Iterator[str]:
    """What the operator should know about how a file was understood."""
    where = f"{reader.terms.file}: " if reader.terms.file else ""
    yield from (where + note for note in each.file.notes)
    if each.columns.unread:
        yield f"{where}Columns that were not read: {', '.join(each.columns.unread)}."
    if unnamed := each.columns.unnamed:
        yield (
            f"{where}The file has no headings, and {unnamed} of its columns were not read: name them in a first row, "
            "above all one that says who is not to be mailed."
        )
    if (everybody := reader.terms.everybody) and everybody is not State.ACTIVE:
        yield f"{where}Everybody in it is taken as {_STANDING[everybody]}, or worse where a row says so."
    for what, count in sorted(reader.puzzles.items()):
        examples = ", ".join(f"“{one}”" for one in reader.examples[what])
        yield where + _PUZZLED[what].format(count=f"{count:,}", examples=examples)


_STANDING: dict[State | Reason, str] = {
    State.UNCONFIRMED: "unconfirmed",
    State.LEFT: "having left",
    Reason.BOUNCE: "bounced",
    Reason.COMPLAINT: "having complained",
    Reason.MANUAL: "not to be mailed",
}

_PUZZLED = {
    "supporter": "{count} rows say something about giving that we do not know ({examples}): taken as unknown. "
    "Write none, one-time, monthly or lapsed.",
    "language": "{count} rows have a language that we do not know ({examples}): left out. Write codes like en or he.",
    "date": "{count} dates could not be read for certain ({examples}): the day of the import counts, and what was "
    "written is kept with the consent. Write dates as 2020-12-31.",
    "topic": "{count} topics are none that readers of the newsletter can choose ({examples}): left out.",
}


def _silent(share: float, rows: int) -> None:
    """Nobody is watching."""
