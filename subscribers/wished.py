"""What a row says beside its person's standing: why they left, and that they want no issue now, or fewer of them.

Few rows say any of it, so it waits in a table of its own. No database here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from subscribers import words
from subscribers.details import LONGEST_WHY, one_line
from subscribers.formulas import unguarded
from subscribers.headings import Field, letters
from subscribers.standings import Unclear
from subscribers.wishes import MOST_DAYS


class Wish(NamedTuple):
    """What stands in one row of a file. The order is that of the table in which it waits."""

    #: The row's.
    place: int
    left_why: str = ""
    paused_until: datetime | None = None
    min_days: int = 0
    last_issue_at: datetime | None = None


class Wished:
    """Asks the columns of one file."""

    def __init__(self, place: Mapping[Field, int]) -> None:
        self._at = {field: place[field] for field in _FIELDS if field in place}
        #: Whether any column can tell anything.
        self.speaks = bool(self._at)

    def of(self, place: int, cells: Sequence[str], *, left: bool) -> Wish | None:
        """None when the row says nothing. Raises Unclear for a wish that we cannot keep."""
        told = {field: cell for field, at in self._at.items() if at < len(cells) and (cell := cells[at].strip())}
        if not told:
            return None
        said = {field: unguarded(cell) for field, cell in told.items()}
        last = said.get(Field.LAST_ISSUE_AT, "")
        return Wish(
            place,
            _why(said) if left else "",
            _pause(said.get(Field.PAUSED_UNTIL, "")),
            _days(said.get(Field.MIN_DAYS, "")),
            words.moment(last) if last else None,
        )


_FIELDS = (Field.LEFT_WHY, Field.LEFT_WORDS, Field.PAUSED_UNTIL, Field.MIN_DAYS, Field.LAST_ISSUE_AT)


def _why(said: Mapping[Field, str]) -> str:
    """A choice from a list, and what was written beside it; "Other" says nothing that the words do not."""
    chosen, written = said.get(Field.LEFT_WHY, ""), said.get(Field.LEFT_WORDS, "")
    if written and letters(chosen) == "other":
        chosen = ""
    return one_line(": ".join(filter(None, (chosen, written))), LONGEST_WHY)


def _pause(written: str) -> datetime | None:
    until = words.moment(written) if words.is_set(written) else None
    if until is None and words.is_set(written):
        message = f"the end of the pause, “{written[:40]}”, is no date, so we cannot tell when they may be mailed."
        raise Unclear(message)
    return until


def _days(written: str) -> int:
    if not words.is_set(written):
        return 0
    if not (written.isdecimal() and len(written) < 6 and int(written) <= MOST_DAYS):
        message = f"“{written[:40]}” is no number of days between two issues; it can be 0 to {MOST_DAYS}."
        raise Unclear(message)
    return int(written)
