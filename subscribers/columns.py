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
from subscribers.standings import TELLING


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """Where each field stands, counted from 0."""

    place: dict[Field, int]
    #: Headings as written; empty when the file has none.
    headings: tuple[str, ...] = ()
    #: Cells of a row; one that has more was cut at a delimiter that belongs into a cell.
    width: int = 0
    #: Further columns that may speak against mailing somebody: there may be two kinds of opting out.
    further: tuple[tuple[Field, int], ...] = ()

    @property
    def unread(self) -> tuple[str, ...]:
        read = {*self.place.values(), *(at for _, at in self.further)}
        return tuple(heading for at, heading in enumerate(self.headings) if at not in read and heading.strip())

    @property
    def unnamed(self) -> int:
        """Columns of a file without headings that nobody knows the meaning of."""
        return 0 if self.headings else self.width - len(self.place)


def recognise(first: Sequence[str], samples: Sequence[Sequence[str]] = ()) -> Columns:
    """The columns of a file by its first row, with some rows after it. Raises FileMistake when none is an address."""
    if any(_is_address(cell) for cell in first):
        return _without_headings(first, samples)
    place, further = _by_heading(first)
    if Field.ADDRESS not in place and (guess := _by_content(first, samples)) is not None:
        place[Field.ADDRESS] = guess
    if Field.ADDRESS not in place:
        raise _no_address(first, samples)
    if Field.STATUS not in place and (guess := _standings(first, samples)) is not None:
        place[Field.STATUS] = guess
    usual = median_high([_filled(row) for row in samples]) if samples else 0
    headings = tuple(cell.strip() for cell in first)
    return Columns(place=place, headings=headings, width=max(len(first), usual), further=further)


def _filled(row: Sequence[str]) -> int:
    """The cells of a row without empty ones at its end."""
    return max((at for at, cell in enumerate(row, start=1) if cell), default=0)


def _by_heading(first: Sequence[str]) -> tuple[dict[Field, int], tuple[tuple[Field, int], ...]]:
    """The best column for each field, and the others that may say that somebody is not to be mailed."""
    found: dict[Field, list[tuple[int, int]]] = {}
    for at, heading in enumerate(first):
        if known := _KNOWN.get(letters(heading)):
            found.setdefault(known.field, []).append((known.rank, at))
    best = {field: min(ranked)[1] for field, ranked in found.items()}
    others = ((field, at) for field, ranked in found.items() for _, at in sorted(ranked)[1:])
    return best, tuple((field, at) for field, at in others if field in TELLING)


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
            return at if _are_standings([row[at] for row in samples if at < len(row)], most=0.5) else None
    return None


def _are_standings(cells: Sequence[str], *, most: float) -> bool:
    """Whether more than that share of the cells say a standing. No short ones: OK is Oklahoma, and ON Ontario."""
    said = [cell for cell in cells if cell.strip()]
    return sum(len(word) > 3 and words.standing(word) is not None for word in said) > len(said) * most


def _without_headings(first: Sequence[str], samples: Sequence[Sequence[str]]) -> Columns:
    """Addresses, and a column of nothing but standings; beside these a single other one can only be names."""
    at = next(at for at, cell in enumerate(first) if _is_address(cell))
    place = {Field.ADDRESS: at}
    for other in range(len(first)):
        if _are_standings([row[other] for row in (first, *samples) if other < len(row)], most=0.99):
            place.setdefault(Field.STATUS, other)
    rest = set(range(len(first))) - set(place.values())
    if len(rest) == 1:
        place[Field.NAME] = rest.pop()
    return Columns(place=place, width=len(first))


def _is_address(cell: str) -> bool:
    try:
        return plain(cell.strip()) is not None or ("@" in cell and bool(parse_address(cell)))
    except BadAddress:
        return False


def _no_address(first: Sequence[str], samples: Sequence[Sequence[str]]) -> FileMistake:
    if len(first) == 1 and any("@" in cell for row in samples for cell in row):
        return FileMistake(
            f"The cells of the first row, “{first[0].strip()[:60]}”, are not parted. Nothing was changed.",
            hint="Save the file as CSV, with commas, semicolons, tabs or | between the cells.",
            columns=tuple(first),
        )
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
