"""The file of rejected rows: each with its line and the reason, and as it stood, to be mended and imported."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from subscribers.errors import FileMistake
from subscribers.formulas import guarded
from subscribers.model import Rejected

#: Our own columns, which an import does not read.
_OURS = ("rejected line", "rejected because")


class RejectsFile:
    """Made when the first row comes; without one there is no file."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: IO[str] | None = None
        self._rows: Any = None
        self._places: dict[tuple[str, ...], list[int]] = {}
        self._headings: tuple[str, ...] = ()
        self.count = 0

    def expect(self, files: Sequence[Sequence[str]]) -> None:
        """The headings of each file that rows may come from."""
        self._headings = tuple(dict.fromkeys(heading for headings in files for heading in headings))

    def write(self, rejected: Rejected, headings: Sequence[str], cells: Sequence[str]) -> None:
        if self._path is None:
            return
        rows = self._rows or self._begin(self._path)
        line = f"{rejected.file}:{rejected.line}" if rejected.file else str(rejected.line)
        with self._explained(self._path):
            rows.writerow([line, guarded(rejected.reason), *map(guarded, self._in_place(headings, cells))])
        self.count += 1

    def flush(self) -> None:
        """Before anything is changed: a disk that is full by now would only say so at the end. Raises FileMistake."""
        if self._file and self._path:
            with self._explained(self._path):
                self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        if self._file:
            with suppress(OSError):  # what could not be written has been said
                self._file.close()

    def _in_place(self, headings: Sequence[str], cells: Sequence[str]) -> list[str]:
        """The cells below their headings; what has none stands at the end."""
        if self._headings == tuple(headings):
            return list(cells)
        filled = [""] * len(self._headings)
        for heading, cell in zip(headings, cells, strict=False):
            filled[self._headings.index(heading)] = cell
        return [*filled, *cells[len(headings) :]]

    def _begin(self, path: Path) -> Any:
        with self._explained(path):
            self._file = path.open("w", encoding="utf-8", newline="")
            self._rows = csv.writer(self._file)
            self._rows.writerow([*_OURS, *map(guarded, self._headings)])
        return self._rows

    @contextmanager
    def _explained(self, path: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise FileMistake(
                f"{path} cannot be written: {error.strerror}. Nothing was changed.",
                hint="Name another file for the rejected rows with --rejects.",
            ) from None
