"""From the cells of one row to what the list would keep of it, or the reason why not. No database here.

Several columns may say where somebody stands (a status, a flag, a date of leaving); the most careful one counts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from subscribers import words
from subscribers.addresses import Address, hash_of, parse_address, plain
from subscribers.columns import Columns, Field
from subscribers.details import clean_language, clean_name
from subscribers.errors import BadAddress
from subscribers.exporting import unguarded
from subscribers.model import KeptOut, Reason, Rejected, State, Supporter

#: Of two rows for one address the one with the higher number counts.
CAUTION: dict[State | Reason, int] = {
    State.ACTIVE: 0,
    State.UNCONFIRMED: 1,
    State.LEFT: 2,
    Reason.MANUAL: 3,
    Reason.BOUNCE: 4,
    Reason.COMPLAINT: 5,
}

#: Why a row of an export is kept out that belongs to another newsletter than the one imported into.
ANOTHER = "another newsletter"

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


class Row(NamedTuple):
    """One person as a file has them. The order is that of the staging table's columns."""

    line: int
    address: str
    address_key: str
    address_hash: bytes
    name: str
    language: str
    supporter: str
    state: str
    #: A suppression reason, or empty.
    suppressed: str
    caution: int
    joined_at: datetime | None
    left_at: datetime | None
    left_how: str
    suppressed_at: datetime | None
    suppressed_detail: str
    #: What the file itself says about the consent; where it stood is added later.
    evidence: str


class _Unclear(Exception):
    """A cell on which it depends whether somebody may be mailed says something that we do not understand."""


class RowReader:
    """Reads the rows of one file for one newsletter; keeps count of what was not understood."""

    def __init__(self, columns: Columns, newsletter: str, source: str) -> None:
        place = columns.place
        self._newsletter = newsletter
        self._source = source
        self._address = place[Field.ADDRESS]
        #: Whether the first row is headings and not a person.
        self.headed = bool(columns.headings)
        self._place = place
        self._details = [
            place.get(field)
            for field in (Field.NAME, Field.FIRST_NAME, Field.LAST_NAME, Field.LANGUAGE, Field.SUPPORTER, Field.PAYING)
        ]
        self._plain = not (place.keys() - _DETAILS)
        #: What was not understood → how often, and the first few values; they become notes in the report.
        self.puzzles: Counter[str] = Counter()
        self.examples: dict[str, list[str]] = {}

    def read(self, line: int, cells: Sequence[str]) -> Row | Rejected | KeptOut:
        written = cells[self._address] if self._address < len(cells) else ""
        try:
            where = plain(written) or parse_address(unguarded(written.strip()))
            swallowed = _swallowed(cells)
            if swallowed:
                return Rejected(line=line, value=written[:200], reason=swallowed)
            return self._row(line, where, cells)
        except BadAddress as error:
            return Rejected(line=line, value=_value(written, cells), reason=_swallowed(cells) or error.reason)
        except _Unclear as error:
            return Rejected(line=line, value=written[:200], reason=str(error))

    def _row(self, line: int, where: Address, cells: Sequence[str]) -> Row | KeptOut:
        name, language, supporter = self._who(cells)
        if self._plain:
            return Row(
                line, where.text, where.key, hash_of(where.key), name, language, supporter,
                "active", "", 0, None, None, "", None, "", "",
            )  # fmt: skip
        if self._cell(cells, Field.NEWSLETTER) not in ("", self._newsletter):
            return KeptOut(line=line, address=where.text, reason=ANOTHER)
        return self._with_standing(line, where, cells, (name, language, supporter))

    def _with_standing(self, line: int, where: Address, cells: Sequence[str], who: tuple[str, str, str]) -> Row:
        state, suppressed = self._standing(cells)
        joined_at, evidence = self._consent(cells)
        return Row(
            line,
            where.text,
            where.key,
            hash_of(where.key),
            *who,
            state=state.value,
            suppressed=suppressed.value if suppressed else "",
            caution=CAUTION[suppressed or state],
            joined_at=joined_at,
            left_at=self._moment(cells, Field.LEFT_AT) if state is State.LEFT else None,
            left_how=self._text(cells, Field.LEFT_HOW, "import") if state is State.LEFT else "",
            suppressed_at=self._moment(cells, Field.SUPPRESSED_AT) or self._moment(cells, Field.BOUNCED_AT),
            suppressed_detail=self._text(cells, Field.SUPPRESSED_DETAIL, self._source),
            evidence=evidence,
        )

    def _who(self, cells: Sequence[str]) -> tuple[str, str, str]:
        """Name, language, supporter."""
        width = len(cells)
        full, first, last, tongue, giving, paying = [
            cells[at] if at is not None and at < width else "" for at in self._details
        ]
        name = clean_name(unguarded(full or f"{first} {last}")) if full or first or last else ""
        language = self._language(tongue) if tongue else ""
        return name, language, self._supporter(giving, paying) if giving or paying else "unknown"

    def _language(self, written: str) -> str:
        language = clean_language(written)
        if not language and written.strip():
            self._wonder("language", written)
        return language

    def _supporter(self, giving: str, paying: str) -> str:
        known = words.giving(giving)
        if known is None:
            self._wonder("supporter", giving)
        if known in (None, Supporter.UNKNOWN) and paying and words.is_yes(paying):
            return Supporter.MONTHLY.value
        return (known or Supporter.UNKNOWN).value

    def _standing(self, cells: Sequence[str]) -> tuple[State, Reason | None]:
        found = [State.ACTIVE, *(told for field, ask in _TELLING if (told := self._ask(cells, field, ask)))]
        reasons = [one for one in found if isinstance(one, Reason)]
        states = [one for one in found if isinstance(one, State)]
        return (
            max(states, key=CAUTION.__getitem__),
            max(reasons, key=CAUTION.__getitem__) if reasons else None,
        )

    def _ask(
        self, cells: Sequence[str], field: Field, ask: Callable[[str], State | Reason | None]
    ) -> State | Reason | None:
        return ask(self._cell(cells, field)) if field in self._place else None

    def _consent(self, cells: Sequence[str]) -> tuple[datetime | None, str]:
        said_at, source = self._cell(cells, Field.JOINED_AT), self._text(cells, Field.CONSENT_SOURCE)
        moment = words.moment(said_at) if said_at else None
        if said_at and moment is None:
            self._wonder("date", said_at)
            source = f"{source} ({said_at[:40]})".strip()  # kept as written: it may still prove something
        return moment, source

    def _wonder(self, what: str, written: str) -> None:
        self.puzzles[what] += 1
        seen = self.examples.setdefault(what, [])
        if len(seen) < 3 and written.strip()[:40] not in seen:
            seen.append(written.strip()[:40])

    def _moment(self, cells: Sequence[str], field: Field) -> datetime | None:
        written = self._cell(cells, field)
        return words.moment(written) if written else None

    def _text(self, cells: Sequence[str], field: Field, without: str = "") -> str:
        """The cell on one line; `without` when the file has no such column."""
        if field not in self._place:
            return without
        return " ".join(_CONTROL.sub(" ", self._cell(cells, field)).split())[:300]

    def _cell(self, cells: Sequence[str], field: Field) -> str:
        at = self._place.get(field)
        return unguarded(cells[at].strip()) if at is not None and at < len(cells) else ""


def _by_word(written: str) -> State | Reason:
    found = words.standing(written)
    if found is None:
        message = f"the status “{written[:40]}” is not known, so we cannot tell whether they may be mailed."
        raise _Unclear(message)
    return found


def _suppressed(written: str) -> Reason | None:
    """A word in a column of suppressions; any word at all keeps somebody out."""
    if not words.is_set(written):
        return None
    found = words.standing(written)
    return found if isinstance(found, Reason) else Reason.MANUAL


def _when_set(told: State | Reason) -> Callable[[str], State | Reason | None]:
    return lambda written: told if words.is_set(written) else None


def _mailable(written: str) -> State:
    if not written:
        return State.UNCONFIRMED  # nobody said no, but nobody said yes either
    return State.ACTIVE if words.is_yes(written) else State.LEFT


_TELLING: tuple[tuple[Field, Callable[[str], State | Reason | None]], ...] = (
    (Field.STATUS, _by_word),
    (Field.SUPPRESSED, _suppressed),
    (Field.LEFT_FLAG, _when_set(State.LEFT)),
    (Field.LEFT_AT, _when_set(State.LEFT)),
    (Field.BOUNCED_FLAG, _when_set(Reason.BOUNCE)),
    (Field.BOUNCED_AT, _when_set(Reason.BOUNCE)),
    (Field.BLOCKED_FLAG, _when_set(Reason.MANUAL)),
    (Field.COMPLAINED_FLAG, _when_set(Reason.COMPLAINT)),
    (Field.MAILABLE_FLAG, _mailable),
    (Field.CONFIRMED_FLAG, lambda written: None if words.is_yes(written) else State.UNCONFIRMED),
)

#: With these columns alone a row cannot say anything against mailing somebody.
_DETAILS = {
    Field.ADDRESS, Field.NAME, Field.FIRST_NAME, Field.LAST_NAME, Field.LANGUAGE, Field.SUPPORTER, Field.PAYING,
}  # fmt: skip


def _swallowed(cells: Sequence[str]) -> str:
    """Why a row is suspect whose cell holds further lines with addresses; empty for ordinary rows."""
    for cell in cells:
        if "\n" in cell and "@" in cell:
            lost = [line for line in cell.splitlines()[1:] if _ADDRESS_CELL.search(line)]
            if lost:
                return f"a quotation mark that is not closed here swallowed {len(lost)} further rows."
    return ""


_ADDRESS_CELL = re.compile(r"(?:^|[,;\t|])\s*\"?[^\s@,;|\"]+@[^\s@,;|\"]+\.[^\s@,;|\"]+\"?\s*(?:[,;\t|]|$)")


def _value(written: str, cells: Sequence[str]) -> str:
    """What to show of a rejected row: the address, or the row when there is none."""
    return (written.strip() or ", ".join(cell for cell in cells if cell))[:200]
