"""A file of subscribers as rows of text, whatever program wrote it: encoding, delimiter and stray quotation marks.

Everything that makes the whole file unreadable is found here, before anything is changed: an Excel workbook, a
picture, an empty file, a quotation mark that swallows the rest.
"""

from __future__ import annotations

import codecs
import csv
import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from subscribers.addresses import plain
from subscribers.errors import FileMistake

_BLOCK = 1 << 20
_DELIMITERS = (",", ";", "\t", "|")

#: First bytes of what people send instead of CSV.
_OTHER_FILES = {
    b"PK\x03\x04": "an Excel workbook (.xlsx) or another zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls)",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip archive",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"SQLite format 3": "a database",
}
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


@dataclass(kw_only=True, slots=True)
class CsvFile:
    """An opened file; `rows` reads it from the beginning."""

    raw: IO[bytes]
    size: int
    encoding: str
    delimiter: str
    #: Lines before the headings: Excel's "sep=;".
    skip: int = 0
    notes: list[str] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(line, cells) of each row that is not blank. Raises FileMistake for a quotation mark without an end."""
        text = self._text()
        for _ in range(self.skip):
            text.readline()
        reader = csv.reader(text, delimiter=self.delimiter)
        before = last = 0
        try:
            for cells in reader:
                last, before = before, reader.line_num
                if any(cells):
                    yield self.skip + last + 1, cells
        except csv.Error:
            too_long = f"a cell there is longer than {csv.field_size_limit():,} characters"
            raise self._unreadable(self.skip + before + 1, too_long) from None
        finally:
            text.detach()  # or its end would close the file
        if before - last > 1:
            self._refuse_open_quote(self.skip + last)

    @property
    def share(self) -> float:
        """How much of the file has been read, 0 to 1."""
        return min(1.0, self.raw.tell() / self.size) if self.size else 1.0

    def _text(self) -> io.TextIOWrapper:
        self.raw.seek(0)
        # newline="" leaves line breaks within quotation marks to the csv module.
        return io.TextIOWrapper(self.raw, encoding=self.encoding, errors="replace", newline="")

    def _refuse_open_quote(self, lines_before: int) -> None:
        """The last row spans several lines: was its quotation mark ever closed?"""
        text = self._text()
        for _ in range(lines_before):
            text.readline()
        try:
            for _ in csv.reader(text, delimiter=self.delimiter, strict=True):
                pass
        except csv.Error as error:
            if "end of data" in str(error):
                raise self._unreadable(lines_before + 1, "a quotation mark is opened there and never closed") from None
        finally:
            text.detach()

    def _unreadable(self, line: int, why: str) -> FileMistake:
        return FileMistake(
            f"The file cannot be read from line {line} on: {why}. Nothing was changed.",
            hint="Look at the quotation marks in that line, or save the file as CSV again.",
        )


@contextmanager
def opened(source: str | Path | IO[Any], encoding: str = "") -> Iterator[CsvFile]:
    """The file, with encoding and delimiter found out. Raises FileMistake for what is no CSV."""
    with _seekable(source) as raw:
        size = raw.seek(0, io.SEEK_END)
        raw.seek(0)
        head = raw.read(_BLOCK)
        _refuse_other_files(head)
        notes: list[str] = []
        encoding = encoding or _encoding(raw, head, notes)
        skip, delimiter = _delimiter(_lines(head, encoding))
        yield CsvFile(raw=raw, size=size, encoding=encoding, delimiter=delimiter, skip=skip, notes=notes)


@contextmanager
def _seekable(source: str | Path | IO[Any]) -> Iterator[IO[bytes]]:
    """A path is opened; a stream (an upload, standard input) is copied, because the file is read more than once."""
    if isinstance(source, str | Path):
        try:
            raw = Path(source).open("rb")  # noqa: SIM115 - closed by the `with` below; only opening may fail here
        except OSError as error:
            raise FileMistake(f"{source} cannot be opened: {error.strerror}.", hint="Check the name.") from None
        with raw:
            yield raw
        return
    with tempfile.SpooledTemporaryFile(max_size=16 * _BLOCK) as copy:
        while block := source.read(_BLOCK):
            copy.write(block.encode() if isinstance(block, str) else block)
        yield copy


def _refuse_other_files(head: bytes) -> None:
    if not head.strip():
        raise FileMistake("The file is empty. Nothing was changed.", hint="Was it the right one?")
    kind = next((kind for start, kind in _OTHER_FILES.items() if head.startswith(start)), "")
    looks_binary = b"\0" in head and not _utf16(head)
    if kind or looks_binary:
        raise FileMistake(
            f"The file is {kind or 'not text'}, not CSV. Nothing was changed.",
            hint="Open it in the program that made it and save or export it as CSV (UTF-8).",
        )


def _encoding(raw: IO[bytes], head: bytes, notes: list[str]) -> str:
    marked = next((name for mark, name in _MARKS.items() if head.startswith(mark)), "") or _utf16(head)
    if marked:
        return marked
    if _is_utf8(raw):
        return "utf-8"
    notes.append(
        "The file is not UTF-8; it was read as Windows-1252 (Western European). "
        "If names look wrong, save it as UTF-8 and import it again."
    )
    return "cp1252"


def _utf16(head: bytes) -> str:
    """UTF-16 by its mark; without one by zeros in every other byte only, and an @ among what they make."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = head[:20_000]
    zeros = sample[::2].count(0), sample[1::2].count(0)
    for encoding, (none, some) in {"utf-16-le": zeros, "utf-16-be": zeros[::-1]}.items():
        if some and not none and "@" in sample.decode(encoding, errors="replace"):
            return encoding
    return ""


def _is_utf8(raw: IO[bytes]) -> bool:
    """The whole file is tried: the first accent may stand in the last line."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    raw.seek(0)
    try:
        while block := raw.read(_BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _lines(head: bytes, encoding: str) -> list[str]:
    try:
        text = head.decode(encoding, errors="replace")
    except LookupError:
        raise FileMistake(f"There is no encoding called “{encoding}”.", hint="Try utf-8 or windows-1252.") from None
    return text.splitlines()[:30]


def _delimiter(lines: list[str]) -> tuple[int, str]:
    """(lines to skip, delimiter): Excel may say so itself; otherwise the one that cuts the first rows best."""
    if lines and lines[0].lower().startswith("sep=") and len(lines[0]) > 4:
        return 1, lines[0][4]
    return 0, max(_DELIMITERS, key=lambda delimiter: _fit(lines, delimiter))


def _fit(lines: list[str], delimiter: str) -> tuple[int, int, int]:
    """How well `delimiter` cuts: rows with an address in a cell of its own, rows as wide as the first, that width."""
    try:
        rows = [cells for cells in csv.reader(lines, delimiter=delimiter) if cells]
    except csv.Error:  # reading the whole file says where and why
        return (0, 0, 0)
    width = len(rows[0]) if rows else 0
    return (
        sum(any(plain(cell.strip()) for cell in cells) for cells in rows),
        sum(len(cells) == width for cells in rows),
        width,
    )
