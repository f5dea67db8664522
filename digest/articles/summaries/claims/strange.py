"""What a text claims and a source does not have: strange numbers, dates, names, quotations and words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from digest.articles.summaries.claims.dates import Date, dates
from digest.articles.summaries.claims.names import CASELESS, Name, is_opener, names
from digest.articles.summaries.claims.numbers import Number, numbers
from digest.articles.summaries.claims.numerals import TIMES, UNITS
from digest.articles.summaries.claims.quotations import is_quoted_in, pieces, quotations
from digest.articles.summaries.claims.source import Sentence, Source
from digest.articles.summaries.claims.words import Word, content, folded

#: A quotation of so many words is speech: the source must have it from somebody, too.
_SPEECH = 4


class Kind(StrEnum):
    """What sort of claim it is, the gravest first."""

    NUMBER = "number"
    DATE = "date"
    QUOTATION = "quotation"
    NAME = "name"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Strange:
    """A part of a text, `text[start:end]`, that the source does not have."""

    start: int
    end: int
    kind: Kind

    @property
    def is_grave(self) -> bool:
        """A fact that can be wrong, where a word may be another way of saying the same."""
        return self.kind is not Kind.WORD


def strange(text: str, source: Source) -> list[Strange]:
    """All that is strange about `text`, in order; what stands within something graver is not told twice."""
    found = [
        *strange_numbers(text, source),
        *strange_dates(text, source),
        *strange_quotations(text, source),
        *strange_names(text, source),
        *strange_words(text, source),
    ]
    kept: list[Strange] = []
    for one in found:
        if not any(one.start < other.end and other.start < one.end for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


# --- Numbers and dates ----------------------------------------------------------------------------------


def strange_numbers(text: str, source: Source) -> Iterator[Strange]:
    """Numbers that the source has not, or has of something else: 5 % for five points, 300 ships for 300 lorries."""
    days = [(date.start, date.end) for date in dates(text, source.language)]
    for number in numbers(text, source.language):
        if any(start <= number.start < end for start, end in days):
            continue  # a date's, and looked up with it
        if not _is_backed(number, source):
            yield Strange(*_with_what(text, number), Kind.NUMBER)


def _with_what(text: str, number: Number) -> tuple[int, int]:
    """Where the number stands together with the sign or word that it is measured in."""
    start = number.start - (text[number.start - 1 : number.start] in tuple("$€£₪₽¥"))
    after = re.match(r"[\s-]?([%$€£₪₽¥°]|[^\W\d_]+)", text[number.end :])
    measured = after and (folded(after[1]) in UNITS or folded(after[1]) in TIMES)
    return start, number.end + (after.end() if after and measured else 0)


def _is_backed(number: Number, source: Source) -> bool:
    same = [(one, other) for one in source.sentences for other in one.numbers if number.readings & other.readings]
    if not same:
        return False
    if number.unit:
        return any(number.unit == other.unit or _measures(sentence, number) for sentence, other in same)
    if number.time and all(other.time and other.time != number.time for _, other in same):
        return False
    if any(_counts_alike(number, sentence) for sentence, _ in same):
        return True
    # Eleven miles are no eleven members; and three ships no three lorries, where the source counts its lorries.
    return not all(other.unit for _, other in same) and not _is_counted(number, source)


def _measures(sentence: Sentence, number: Number) -> bool:
    """Has the sentence the unit with another of its numbers, and none with this ("between 5 and 7 per cent")?"""
    own = any(other.unit for other in sentence.numbers if other.readings & number.readings)
    return not own and any(other.unit == number.unit for other in sentence.numbers)


def _counts_alike(number: Number, sentence: Sentence) -> bool:
    """Stands what is counted in the sentence that has the number, or is nothing named here?"""
    return not number.counted or any(keys & sentence.keys for keys in number.counted)


def _is_counted(number: Number, source: Source) -> bool:
    """Does the source count the same thing, and come to another number?"""
    nearest = number.counted[0] if number.counted else frozenset()
    return any(
        bool(other.counted and nearest & other.counted[0]) and not other.readings & number.readings
        for sentence in source.sentences
        for other in sentence.numbers
    )


def strange_dates(text: str, source: Source) -> Iterator[Strange]:
    """Days, months and weekdays that the source has not, or not together."""
    found = dates(text, source.language)
    for date in found:
        # 03/05 may be read in two ways, and either may be meant.
        readings = [other for other in found if (other.start, other.end) == (date.start, date.end)]
        told = any(_is_told(reading, source.dates) for reading in readings)
        if date is readings[0] and not (told and _is_year_told(date, source)):
            yield Strange(date.start, date.end, Kind.DATE)


def _is_told(date: Date, told: Sequence[Date]) -> bool:
    if date.weekday or date.relative:
        return any(date.weekday == other.weekday and date.relative == other.relative for other in told)
    same = [other for other in told if other.month == date.month and (not date.day or date.day == other.day)]
    return any(not date.year or not other.year or date.year == other.year for other in same)


def _is_year_told(date: Date, source: Source) -> bool:
    return not date.year or any(
        str(date.year) in other.readings for sentence in source.sentences for other in sentence.numbers
    )


# --- Quotations, names, words ---------------------------------------------------------------------------


def strange_quotations(text: str, source: Source) -> Iterator[Strange]:
    """Quotations that do not stand there word for word, and speech that nobody there said."""
    for quotation in quotations(text):
        parts = pieces(quotation.text)
        here = all(part in source.spelled for part in parts)
        speech = len(quotation.text.split()) >= _SPEECH
        if not here or (speech and not all(is_quoted_in(part, source.text) for part in parts)):
            yield Strange(quotation.start, quotation.end, Kind.QUOTATION)


def strange_names(text: str, source: Source) -> Iterator[Strange]:
    if source.language in CASELESS:
        yield from _strange_pairs(text, source)
    found = [name for name in names(text, source.language) if not is_opener(name, source.language)]
    for name in found:
        if source.names.has(name.text) or source.names.spelled_out(_run(name, found, text)):
            continue
        if source.language == "de" and any(source.has(word) for word in content(name.text, "de")):
            continue  # a noun in another form
        yield Strange(name.start, name.end, Kind.NAME)


def _run(name: Name, found: Sequence[Name], text: str) -> list[Name]:
    """The capitals in a row that the name is part of: United Nations."""
    run: list[Name] = []
    for other in found:
        if run and text[run[-1].end : other.start] not in {" ", " of ", " of the ", " and ", " de ", " des ", "-"}:
            if name in run:
                return run
            run = []
        run.append(other)
    return run if name in run else [name]


def _strange_pairs(text: str, source: Source) -> Iterator[Strange]:
    """Two strange words in a row, where a name has no capital: a person's name more often than not."""
    told = content(text, source.language)
    for one, other in pairwise(told):
        if not source.has(one) and not source.has(other) and text[one.end : other.start] in {" ", "-", "־"}:
            yield Strange(one.start, other.end, Kind.NAME)


def strange_words(text: str, source: Source) -> Iterator[Strange]:
    for word in content(text, source.language):
        if not source.has(word) and not _is_name_there(word, source):
            yield Strange(word.start, word.end, Kind.WORD)


def _is_name_there(word: Word, source: Source) -> bool:
    return source.names.has(word.text)
