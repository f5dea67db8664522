"""From the cells of one row to what the list would keep of it, or the reason why not. No database here.

This runs once for every row of a million, so what can be decided for the whole file is decided before.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from subscribers import labels, words
from subscribers.addresses import hash_of, parse_address, plain
from subscribers.columns import Columns
from subscribers.details import clean_language, clean_name, one_line
from subscribers.errors import BadAddress
from subscribers.formulas import unguarded
from subscribers.giving import Giving
from subscribers.headings import Field
from subscribers.model import KeptOut, Reason, Rejected, State
from subscribers.standings import CAUTION, Standing, Unclear
from subscribers.systems import UNKNOWN, System
from subscribers.wished import Wish, Wished

#: Why a row of an export is kept out that belongs to another newsletter than the one imported into.
ANOTHER = "another newsletter"

#: Why a row is rejected in which something that was meant for one cell fills two: any cell may be in a wrong column.
TOO_WIDE = "it has more cells than there are columns: put a cell with the delimiter in it into quotation marks."

#: Why a row is rejected that is nobody's: two files were put one behind the other.
REPEATED = "it repeats the headings."

#: Lines of the second file of an archive are counted on from here, and so on: one number names the file and the line.
FILE_BITS = 40

# Possessive, and bounded by what mail can carry (RFC 5321): a cell of 20 KB that holds none is given up at once.
_ADDRESS_CELL = re.compile(
    r"(?:^|[,;\t|])\s{0,20}\"?[^\s@,;|\"]{1,64}+@[^\s@,;|\".]{1,255}+\.[^\s@,;|\"]{1,255}+\"?\s{0,20}(?:[,;\t|]|$)"
)


class Row(NamedTuple):
    """One person as a file has them. The order is that of the staging table's columns."""

    place: int
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


class Label(NamedTuple):
    """A tag or a topic of somebody in the file."""

    address_key: str
    #: "tag" or "topic".
    kind: str
    word: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What holds for every row of a file."""

    newsletter: str
    #: Stands in the log.
    source: str
    #: Which file of an archive it is, from 0, and its name; empty when there is only one.
    number: int = 0
    file: str = ""
    system: System = UNKNOWN
    #: Nobody in the file stands better than this.
    everybody: State | Reason | None = None
    #: How people said yes, for rows that do not say so themselves.
    consent: str = ""
    #: What readers may choose within the newsletter: a word for it → the word that is kept.
    topics: Mapping[str, str] = field(default_factory=dict)


class RowReader:
    """Reads the rows of one file; keeps count of what was not understood."""

    def __init__(self, columns: Columns, terms: Terms) -> None:
        place = columns.place
        #: Whether the first row is headings and not a person.
        self.headed = bool(columns.headings)
        self._headings = columns.headings
        #: What was not understood → how often, and the first few values; they become notes in the report.
        self.puzzles: Counter[str] = Counter()
        self.examples: dict[str, list[str]] = {}
        #: Tags and topics, and wishes, of the rows read since somebody took them.
        self.labels: list[Label] = []
        self.wishes: list[Wish] = []
        self.terms = terms
        self._place = place
        self._base = terms.number << FILE_BITS
        self._address = place[Field.ADDRESS]
        self._names = [place[field] for field in (Field.NAME, Field.FIRST_NAME, Field.LAST_NAME) if field in place]
        self._first_of_names_is_all = Field.NAME in place
        self._language_at = place.get(Field.LANGUAGE)
        self._giving = Giving(place, terms.system)
        self._wished = Wished(place)
        self._standing = Standing(place, terms.everybody, terms.system.standings, columns.further)
        # A row with a cell too many is only understood where nothing else of it matters.
        self._width = columns.width if len(place) > 1 + len(self._names) else 0
        self._labelled = Field.TAGS in place or Field.TOPICS in place
        self._consents = any(field in place for field in _CONSENT)
        self._has_source, self._has_network = Field.CONSENT_SOURCE in place, Field.CONSENT_IP in place
        self._named = Field.NEWSLETTER in place
        told_apart = self._standing.speaks or any(field in place for field in _STANDING)
        self._unless_said = None if told_apart else self._stands(())

    def read(self, line: int, cells: Sequence[str]) -> Row | Rejected | KeptOut:
        at = self._address
        written = cells[at] if at < len(cells) else ""
        if written[:1] == "'":
            written = unguarded(written)
        try:
            where = plain(written) or parse_address(unguarded(written.strip()))
            if odd := _swallowed(cells) or self._too_wide(cells):
                return self._rejected(line, written[:200], odd)
            if self._named and self._cell(cells, Field.NEWSLETTER) not in ("", self.terms.newsletter):
                return KeptOut(line=line, address=where.text, reason=ANOTHER, file=self.terms.file)
            row = self._row(line, where, cells)
            if self._wished.speaks and (wish := self._wished.of(row.place, cells, left=row.state == State.LEFT)):
                self.wishes.append(wish)
        except BadAddress as error:
            reason = REPEATED if self._headings[: len(cells)] == tuple(cells) else _swallowed(cells) or error.reason
            return self._rejected(line, _value(written, cells), reason)
        except Unclear as error:
            return self._rejected(line, written[:200], str(error))
        if self._labelled:
            self._label(where.key, cells)
        return row

    def _row(self, line: int, where: tuple[str, str], cells: Sequence[str]) -> Row:
        text, key = where
        evidence, joined_at = self._consent(cells) if self._consents else (self.terms.consent, None)
        state, suppressed, caution, left_at, left_how, suppressed_at, detail = self._unless_said or self._stands(cells)
        return _row(
            Row,
            (
                self._base + line, text, key, hash_of(key),
                self._name(cells) if self._names else "", self._language(cells), self._supporter(cells),
                state, suppressed, caution, evidence, joined_at, left_at, left_how, suppressed_at, detail,
            ),
        )  # fmt: skip

    def _stands(self, cells: Sequence[str]) -> tuple[Any, ...]:
        """State, suppression and caution, and when and why somebody is not to be mailed."""
        state, reason = self._standing.of(cells)
        left = state is State.LEFT
        return (
            _VALUE[state],
            _VALUE[reason] if reason else "",
            CAUTION[reason or state],
            self._moment(cells, Field.LEFT_AT) if left else None,
            self._text(cells, Field.LEFT_HOW, "import") if left else "",
            (self._moment(cells, Field.SUPPRESSED_AT) or self._moment(cells, Field.BOUNCED_AT)) if reason else None,
            self._text(cells, Field.SUPPRESSED_DETAIL, self.terms.source) if reason else "",
        )

    def _name(self, cells: Sequence[str]) -> str:
        found = [cells[at] for at in self._names if at < len(cells)]
        if self._first_of_names_is_all and found and found[0]:
            return clean_name(unguarded(found[0]))
        written = " ".join(found)
        return clean_name(unguarded(written.strip())) if written else ""

    def _language(self, cells: Sequence[str]) -> str:
        at = self._language_at
        written = cells[at] if at is not None and at < len(cells) else ""
        if not written:
            return ""
        language = clean_language(written)
        if not language and written.strip():
            self._wonder("language", written)
        return language

    def _supporter(self, cells: Sequence[str]) -> str:
        if not self._giving.speaks:
            return "unknown"
        supporter, is_strange = self._giving.of(cells)
        if is_strange:
            self._wonder("supporter", self._cell(cells, Field.SUPPORTER))
        return supporter

    def _consent(self, cells: Sequence[str]) -> tuple[str, datetime | None]:
        """What proves the consent, and since when it holds."""
        said_at = self._cell(cells, Field.JOINED_AT)
        moment = words.moment(said_at) if said_at else None
        source = (self._text(cells, Field.CONSENT_SOURCE) if self._has_source else "") or self.terms.consent
        if said_at and moment is None:
            self._wonder("date", said_at)
            source = f"{source} ({one_line(said_at, 40)})".strip()  # kept as written: it may still prove something
        if self._has_network and (network := self._text(cells, Field.CONSENT_IP)[:45]):
            source = f"{source}, from {network}" if source else f"from {network}"
        return source, moment

    def _label(self, key: str, cells: Sequence[str]) -> None:
        for word in labels.split(self._cell(cells, Field.TAGS)):
            self.labels.append(Label(key, "tag", word))
        for word in labels.split(self._cell(cells, Field.TOPICS)):
            if kept := self.terms.topics.get(word):
                self.labels.append(Label(key, "topic", kept))
            else:
                self._wonder("topic", word)

    def _too_wide(self, cells: Sequence[str]) -> str:
        return TOO_WIDE if 0 < self._width < len(cells) and any(cells[self._width :]) else ""

    def _rejected(self, line: int, value: str, reason: str) -> Rejected:
        return Rejected(line=line, value=value, reason=reason, file=self.terms.file)

    def _wonder(self, what: str, written: str) -> None:
        self.puzzles[what] += 1
        seen = self.examples.setdefault(what, [])
        if len(seen) < 3 and written.strip()[:40] not in seen:
            seen.append(written.strip()[:40])

    def _moment(self, cells: Sequence[str], what: Field) -> datetime | None:
        written = self._cell(cells, what)
        return words.moment(written) if written else None

    def _text(self, cells: Sequence[str], what: Field, without: str = "") -> str:
        """The cell on one line; `without` when the file has no such column."""
        return one_line(self._cell(cells, what), 300) if what in self._place else without

    def _cell(self, cells: Sequence[str], what: Field) -> str:
        at = self._place.get(what)
        if at is None or at >= len(cells):
            return ""
        cell = cells[at].strip()
        return unguarded(cell) if cell[:1] == "'" else cell


_STANDING = (Field.LEFT_HOW, Field.SUPPRESSED_AT, Field.SUPPRESSED_DETAIL)
_CONSENT = (Field.JOINED_AT, Field.CONSENT_SOURCE, Field.CONSENT_IP)

#: Looked up, because an enum's own `value` takes as long as the rest of a short method.
_VALUE: dict[State | Reason, str] = {word: word.value for word in (*State, *Reason)}

#: A named tuple of values in their order, without the detour through its keywords.
_row = tuple.__new__


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
