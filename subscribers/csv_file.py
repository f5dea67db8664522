"""A file of subscribers as rows of text, whatever program wrote it: encoding, delimiter and stray quotation marks.

Everything that makes the whole file unreadable is found here, before anything is changed: an Excel workbook, a
picture, an empty file, a quotation mark that swallows the rest.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product

from subscribers import encodings, other_files
from subscribers.addresses import plain
from subscribers.archives import DAMAGED, Part, damaged
from subscribers.errors import FileMistake

_BLOCK = 1 << 20
_DELIMITERS = (",", ";", "\t", "|")

#: Characters of a line. A list has none so long; what has, would fill the memory.
_LONGEST_LINE = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    delimiter: str
    #: A quotation mark within a cell is written \\" instead of "".
    escaped: bool = False
    #: Lines before the headings: Excel's "sep=;".
    skip: int = 0

    def reader(self, lines: Iterator[str], *, strict: bool = False) -> Iterator[list[str]]:
        escape = "\\" if self.escaped else None
        return csv.reader(
            lines, delimiter=self.delimiter, escapechar=escape, doublequote=not self.escaped, strict=strict
        )


@dataclass(kw_only=True, slots=True)
class CsvFile:
    """A file whose encoding and dialect are known; `rows` reads it from the beginning."""

    part: Part
    encoding: str
    dialect: Dialect
    notes: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.part.name

    def rows(self) -> Generator[tuple[int, list[str]], None, None]:
        """(line, cells) of each row that is not blank. Raises FileMistake for a quotation mark without an end."""
        skip = self.dialect.skip
        with self._text() as text:
            reader = self.dialect.reader(_bounded(text))
            before = last = 0
            try:
                for cells in reader:
                    last, before = before, reader.line_num  # type: ignore[attr-defined]  # csv's own reader has it
                    if any(cells):
                        yield skip + last + 1, cells
            except _LineTooLong:
                too_long = f"a line there is longer than {_LONGEST_LINE:,} characters"
                raise self._unreadable(skip + before + 1, too_long) from None
            except csv.Error:
                too_long = f"a cell there is longer than {csv.field_size_limit():,} characters"
                raise self._unreadable(skip + before + 1, too_long) from None
        if self.part.changed():
            raise FileMistake(
                f"{self.name} was written to while it was read. Nothing was changed.",
                hint="Wait until it is downloaded or saved, and import it again.",
            )
        if before - last > 1:
            self._refuse_open_quote(skip + last)

    @property
    def share(self) -> float:
        """How much of the file has been read, 0 to 1."""
        return self.part.share()

    @contextmanager
    def _text(self, skip: int | None = None) -> Iterator[io.TextIOWrapper]:
        """From the beginning, without its first lines; what is packed may turn out to be damaged."""
        try:
            self.part.raw.seek(0)
            # newline="" leaves line breaks within quotation marks to the csv module.
            errors = encodings.AS_WINDOWS if self.encoding.startswith("utf-8") else "replace"
            text = io.TextIOWrapper(self.part.raw, encoding=self.encoding, errors=errors, newline="")
            try:
                for _ in range(self.dialect.skip if skip is None else skip):
                    text.readline()
                yield text
            finally:
                text.detach()  # or its end would close the file
        except DAMAGED as error:
            raise damaged(self.name, error) from None

    def _refuse_open_quote(self, lines_before: int) -> None:
        """The last row spans several lines: was its quotation mark ever closed?"""
        with self._text(lines_before) as text:
            try:
                for _ in self.dialect.reader(text, strict=True):
                    pass
            except csv.Error as error:
                if "end of data" in str(error):
                    why = "a quotation mark is opened there and never closed"
                    raise self._unreadable(lines_before + 1, why) from None

    def _unreadable(self, line: int, why: str) -> FileMistake:
        return FileMistake(
            f"The file cannot be read from line {line} on: {why}. Nothing was changed.",
            hint="Look at the quotation marks in that line, or save the file as CSV again.",
        )


def recognised(part: Part, encoding: str = "") -> CsvFile:
    """The file, with encoding and dialect found out. Raises FileMistake for what is no CSV."""
    try:
        part.raw.seek(0)
        head = part.raw.read(_BLOCK)
        other_files.refuse(head)
        notes: list[str] = []
        encoding = encoding or encodings.found(part.raw, head, notes)
    except DAMAGED as error:
        raise damaged(part.name, error) from None
    dialect = _dialect(_lines(head, encoding))
    return CsvFile(part=part, encoding=encoding, dialect=dialect, notes=notes)


class _LineTooLong(Exception):
    pass


def _bounded(text: io.TextIOWrapper) -> Iterator[str]:
    """Its lines. Raises _LineTooLong."""
    while line := text.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise _LineTooLong
        yield line


def _lines(head: bytes, encoding: str) -> list[str]:
    """The first rows, with their line breaks: cells of several lines stay whole."""
    try:
        text = head.decode(encoding, errors="replace")
    except LookupError:
        raise FileMistake(f"There is no encoding called “{encoding}”.", hint="Try utf-8 or windows-1252.") from None
    return text[:100_000].removeprefix("\ufeff").splitlines(keepends=True)[:60]


def _dialect(lines: list[str]) -> Dialect:
    """Excel may say the delimiter itself; otherwise the one that cuts the first rows best."""
    if lines and lines[0].lower().startswith("sep=") and len(lines[0].rstrip("\r\n")) == 5:
        return Dialect(delimiter=lines[0][4], skip=1)
    escapes = (False, True) if any('\\"' in line for line in lines) else (False,)
    dialects = [Dialect(delimiter=mark, escaped=escaped) for escaped, mark in product(escapes, _DELIMITERS)]
    return max(dialects, key=lambda dialect: _fit(lines, dialect))


def _fit(lines: list[str], dialect: Dialect) -> tuple[int, int, int]:
    """How well it cuts: rows with an address in a cell of its own, rows as wide as the first, that width."""
    try:
        rows = [cells for cells in dialect.reader(iter(lines)) if cells]
    except csv.Error:  # reading the whole file says where and why
        return (0, 0, 0)
    width = len(rows[0]) if rows else 0
    return (
        sum(any(plain(cell.strip()) for cell in cells) for cells in rows),
        sum(len(cells) == width for cells in rows),
        width,
    )
