"""From the cells of one row to what the list would keep of it, or the reason why not. No database here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from subscribers import words
from subscribers.addresses import Address, hash_of, parse_address, plain
from subscribers.columns import Columns, Field
from subscribers.details import clean_language, clean_name
from subscribers.errors import BadAddress
from subscribers.exporting import unguarded
from subscribers.model import KeptOut, Reason, Rejected, State, Supporter
from subscribers.standings import CAUTION, Standing, Unclear

#: Why a row of an export is kept out that belongs to another newsletter than the one imported into.
ANOTHER = "another newsletter"

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
# Possessive, and bounded by what mail can carry (RFC 5321): a cell of 20 KB that holds none is given up at once.
_ADDRESS_CELL = re.compile(
    r"(?:^|[,;\t|])\s{0,20}\"?[^\s@,;|\"]{1,64}+@[^\s@,;|\".]{1,255}+\.[^\s@,;|\"]{1,255}+\"?\s{0,20}(?:[,;\t|]|$)"
)


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
    #: What the file itself says about the consent; where it stood is added later.
    evidence: str = ""
    joined_at: datetime | None = None
    left_at: datetime | None = None
    left_how: str = ""
    suppressed_at: datetime | None = None
    suppressed_detail: str = ""


class RowReader:
    """Reads the rows of one file for one newsletter; keeps count of what was not understood."""

    def __init__(self, columns: Columns, newsletter: str, source: str) -> None:
        place = columns.place
        #: Whether the first row is headings and not a person.
        self.headed = bool(columns.headings)
        #: What was not understood → how often, and the first few values; they become notes in the report.
        self.puzzles: Counter[str] = Counter()
        self.examples: dict[str, list[str]] = {}
        self._newsletter = newsletter
        self._source = source
        self._place = place
        self._address = place[Field.ADDRESS]
        self._details = [place.get(field) for field in _DETAILS]
        self._standing = Standing(place)
        self._speaks_of_consent = Field.JOINED_AT in place or Field.CONSENT_SOURCE in place

    def read(self, line: int, cells: Sequence[str]) -> Row | Rejected | KeptOut:
        written = unguarded(cells[self._address]) if self._address < len(cells) else ""
        try:
            where = plain(written) or parse_address(unguarded(written.strip()))
            if swallowed := _swallowed(cells):
                return Rejected(line=line, value=written[:200], reason=swallowed)
            if self._cell(cells, Field.NEWSLETTER) not in ("", self._newsletter):
                return KeptOut(line=line, address=where.text, reason=ANOTHER)
            return self._row(line, where, cells)
        except BadAddress as error:
            return Rejected(line=line, value=_value(written, cells), reason=_swallowed(cells) or error.reason)
        except Unclear as error:
            return Rejected(line=line, value=written[:200], reason=str(error))

    def _row(self, line: int, where: Address, cells: Sequence[str]) -> Row:
        state, reason = self._standing.of(cells)
        joined_at, evidence = self._consent(cells) if self._speaks_of_consent else (None, "")
        row = Row(
            line,
            where.text,
            where.key,
            hash_of(where.key),
            *self._who(cells),
            state.value,
            reason.value if reason else "",
            CAUTION[reason or state],
            evidence,
            joined_at,
        )
        return self._kept_out(row, state, reason, cells) if reason or state is State.LEFT else row

    def _kept_out(self, row: Row, state: State, reason: Reason | None, cells: Sequence[str]) -> Row:
        """`row` with when and why its person is not to be mailed."""
        if state is State.LEFT:
            row = row._replace(
                left_at=self._moment(cells, Field.LEFT_AT), left_how=self._text(cells, Field.LEFT_HOW, "import")
            )
        if reason is not None:
            row = row._replace(
                suppressed_at=self._moment(cells, Field.SUPPRESSED_AT) or self._moment(cells, Field.BOUNCED_AT),
                suppressed_detail=self._text(cells, Field.SUPPRESSED_DETAIL, self._source),
            )
        return row

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

    def _consent(self, cells: Sequence[str]) -> tuple[datetime | None, str]:
        said_at, source = self._cell(cells, Field.JOINED_AT), self._text(cells, Field.CONSENT_SOURCE)
        moment = words.moment(said_at) if said_at else None
        if said_at and moment is None:
            self._wonder("date", said_at)
            source = f"{source} ({_one_line(said_at)[:40]})".strip()  # kept as written: it may still prove something
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
        return _one_line(self._cell(cells, field))[:300] if field in self._place else without

    def _cell(self, cells: Sequence[str], field: Field) -> str:
        at = self._place.get(field)
        return unguarded(cells[at].strip()) if at is not None and at < len(cells) else ""


_DETAILS = (Field.NAME, Field.FIRST_NAME, Field.LAST_NAME, Field.LANGUAGE, Field.SUPPORTER, Field.PAYING)


def _one_line(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())


def _swallowed(cells: Sequence[str]) -> str:
    """Why a row is suspect whose cell holds further lines with addresses; empty for ordinary rows."""
    for cell in cells:
        if "\n" in cell and "@" in cell:
            lost = [line for line in cell.splitlines()[1:] if _ADDRESS_CELL.search(line)]
            if lost:
                return f"a quotation mark that is not closed here swallowed {len(lost)} further rows."
    return ""


def _value(written: str, cells: Sequence[str]) -> str:
    """What to show of a rejected row: the address, or the row when there is none."""
    return (written.strip() or ", ".join(cell for cell in cells if cell))[:200]
