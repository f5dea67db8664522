"""Which column of a file means what.

A heading that is not known is left alone and named in the report: we keep no more about people than we use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_high

from subscribers import words
from subscribers.addresses import parse_address, plain
from subscribers.errors import BadAddress, FileMistake
from subscribers.headings import HEADINGS, Field, letters


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """Where each field stands, counted from 0."""

    place: dict[Field, int]
    #: Headings as written; empty when the file has none.
    headings: tuple[str, ...] = ()
    #: Cells of a row; one that has more was cut at a delimiter that belongs into a cell.
    width: int = 0

    @property
    def unread(self) -> tuple[str, ...]:
        read = set(self.place.values())
        return tuple(heading for at, heading in enumerate(self.headings) if at not in read and heading.strip())


def recognise(first: Sequence[str], samples: Sequence[Sequence[str]] = ()) -> Columns:
    """The columns of a file by its first row, with some rows after it. Raises FileMistake when none is an address."""
    if any(_is_address(cell) for cell in first):
        return _without_headings(first)
    place = _by_heading(first)
    if Field.ADDRESS not in place and (guess := _by_content(first, samples)) is not None:
        place[Field.ADDRESS] = guess
    if Field.ADDRESS not in place:
        raise _no_address(first)
    if Field.STATUS not in place and (guess := _standings(first, samples)) is not None:
        place[Field.STATUS] = guess
    usual = median_high([_filled(row) for row in samples]) if samples else 0
    return Columns(place=place, headings=tuple(cell.strip() for cell in first), width=max(len(first), usual))


def _filled(row: Sequence[str]) -> int:
    """The cells of a row without empty ones at its end."""
    return max((at for at, cell in enumerate(row, start=1) if cell), default=0)


def _by_heading(first: Sequence[str]) -> dict[Field, int]:
    best: dict[Field, tuple[int, int]] = {}
    for at, heading in enumerate(first):
        known = _KNOWN.get(letters(heading))
        if known and (known.field not in best or known.rank < best[known.field][0]):
            best[known.field] = (known.rank, at)
    return {field: at for field, (_, at) in best.items()}


def _by_content(first: Sequence[str], samples: Sequence[Sequence[str]]) -> int | None:
    """The one column that holds addresses under a heading we do not know."""
    full = [
        at
        for at in range(len(first))
        if samples and sum(at < len(row) and _is_address(row[at]) for row in samples) > len(samples) / 2
    ]
    return full[0] if len(full) == 1 else None


def _standings(first: Sequence[str], samples: Sequence[Sequence[str]]) -> int | None:
    """A column called "state" that holds standings and no Californias."""
    for at, heading in enumerate(first):
        if letters(heading) == "state":
            said = [row[at] for row in samples if at < len(row) and row[at].strip()]
            # No short ones: OK is Oklahoma, and ON Ontario.
            known = sum(len(word) > 3 and words.standing(word) is not None for word in said)
            return at if known > len(said) / 2 else None
    return None


def _without_headings(first: Sequence[str]) -> Columns:
    at = next(at for at, cell in enumerate(first) if _is_address(cell))
    place = {Field.ADDRESS: at}
    if len(first) == 2:  # "address, name" is the only shape that needs no heading to be understood
        place[Field.NAME] = 1 - at
    return Columns(place=place)


def _is_address(cell: str) -> bool:
    try:
        return plain(cell.strip()) is not None or ("@" in cell and bool(parse_address(cell)))
    except BadAddress:
        return False


def _no_address(first: Sequence[str]) -> FileMistake:
    seen = tuple(cell.strip()[:40] for cell in first if cell.strip())
    return FileMistake(
        f"No column holds email addresses. Columns seen: {', '.join(seen) or 'none'}. Nothing was changed.",
        hint="Name the column “email” in the file's first row.",
        columns=seen,
    )


@dataclass(frozen=True, slots=True)
class _Heading:
    field: Field
    rank: int


_KNOWN = {
    letters(heading): _Heading(field, rank)
    for field, headings in HEADINGS.items()
    for rank, heading in enumerate(headings.split(","))
}
