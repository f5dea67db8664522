"""Numbers in a text, however they are written: 1,000, 1.000, 1 000, twelve, 3 million, 5 per cent, ١٢.

"1.000" is a thousand to some and one to others, so a number has readings; two numbers are one when they share any.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from digest.articles.summaries.claims.numerals import NUMBER_WORDS, SCALES, TIMES, UNITS
from digest.articles.summaries.claims.words import Word, folded, is_plain, words

_SPACES = "\u00a0\u202f\u2009 "
_GROUPED = rf"\d{{1,3}}(?:(?P<mark>[.,'’{_SPACES}])\d{{3}})(?:(?P=mark)\d{{3}})*(?!\d)(?:[.,]\d+(?![\d.,]\d))?"
_DIGITS = re.compile(rf"(?<![\d])(?<!\d[.,:])(?:{_GROUPED}|\d+(?:[.,:/]\d+)*)")
#: Arabic and Persian digits and marks, each as the one that Europe uses.
_EUROPEAN = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫٬٪", "01234567890123456789.,%")
_AFTER = re.compile(rf"[{_SPACES}]?(?P<sign>[%$€£₪₽¥°])|[{_SPACES}-]?(?P<word>[^\W\d_]+(?:['’״\"$][^\W\d_]+)*)")
_TWO_WORDS = re.compile(
    rf"[{_SPACES}](?:per cent|pour cent|por ciento|en pourcentage|في المئة|في المائة|v\.? H\.?)\b", re.IGNORECASE
)
_POINTS = re.compile(
    rf"[{_SPACES}-](?:percentage points?|points? de pourcentage|puntos? porcentual(?:es)?|prozentpunkten?"
    r"|процентн\w+ пункт\w*|נקודות אחוז|نقاط مئوية|نقطة مئوية)",
    re.IGNORECASE,
)
_BEFORE = re.compile(rf"(?P<sign>[$€£₪₽¥])[{_SPACES}]?$|\b(?P<word>USD|EUR|GBP|NIS|ILS)[{_SPACES}]?$")
_LINK = frozenset(("de", "d", "of", "des"))
#: Hebrew and Arabic write "in", "and", "the" in front of a number too.
_FRONT = frozenset("ושהבלכמوفبل")
#: After "twenty-".
_ONE = frozenset(("one", "un", "une", "один", "одна", "uno"))
#: Where what is counted ends.
_MARK = re.compile(r"[.,;:!?…()—–»”\"\n]|\d")
#: What is counted is named within so many words.
_NAMED_WITHIN = 3


@dataclass(frozen=True, slots=True)
class Number:
    start: int
    end: int
    #: What it may mean, each in one spelling: "1000", "10:30".
    readings: frozenset[str]
    #: What it is measured in: "%", "dollar", "km"; empty for none.
    unit: str
    #: How long: "week", "year"; empty for none.
    time: str
    #: Keys of what it counts, the nearest first.
    counted: tuple[frozenset[str], ...]


def european(text: str) -> str:
    """`text` with the digits of Europe, character by character."""
    return text.translate(_EUROPEAN)


def numbers(text: str, language: str) -> list[Number]:
    """The numbers of `text` in order, those in words too."""
    text = european(text)
    found = list(words(text, language))
    raw = sorted([*_in_digits(text, language), *_in_words(found, language)])
    made: list[Number] = []
    for start, end, readings in raw:
        if made and start < made[-1].end:
            continue  # a scale or a part of the number before
        unit, to, means = _scaled(text, (start, end), readings, language)
        counted = tuple(word.keys for word in _counted(text, to, found, language))
        unit, time = unit or _unit_after(text, to), _time_after(text, to)
        made.append(Number(start, to, frozenset(means), unit, time, counted))
    return made


def _in_digits(text: str, language: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    for found in _DIGITS.finditer(text):
        said, start = found.group(), found.start()
        if " " in said and language in {"en", "he", "ar", ""}:
            # "in 2024 500 people": here a space parts two numbers.
            for part in re.finditer(r"\S+", said):
                yield start + part.start(), start + part.end(), tuple(_readings(part.group()))
        else:
            yield start, found.end(), tuple(_readings(said))


def _in_words(found: Sequence[Word], language: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    known = NUMBER_WORDS.get(language, {})
    for at, word in enumerate(found):
        value = _value(word.text, known)
        if value is None:
            continue
        end = word.end
        # twenty-one: tens, a hyphen, a unit
        if at + 1 < len(found) and value >= 20 and found[at + 1].start == end + 1:
            unit = 1 if folded(found[at + 1].text) in _ONE else _value(found[at + 1].text, known)
            if unit and unit < 10:
                value, end = value + unit, found[at + 1].end
        yield word.start, end, (str(value),)


def _value(word: str, known: dict[str, int]) -> int | None:
    plain = folded(word)
    fronts = [cut for cut in (0, 1, 2) if all(letter in _FRONT for letter in plain[:cut])]
    return next((known[plain[cut:]] for cut in fronts if plain[cut:] in known), None)


def _readings(said: str) -> Iterable[str]:
    if ":" in said:
        return [said]
    groups = re.split(rf"[.,'’{_SPACES}/]", said)
    marks = re.sub(r"\d", "", said)
    if not marks:
        return [_plain(said)]
    if "/" in marks:
        return [said, *(_plain(group) for group in groups)]
    readings = []
    if len(set(marks)) == 1 and all(len(group) == 3 for group in groups[1:]) and len(groups[0]) <= 3:
        readings.append(_plain("".join(groups)))
    if len(marks) == 1 and marks in ".,":
        readings.append(_plain(f"{groups[0]}.{groups[1]}"))
        if marks == "." and len(groups[0]) <= 2 and len(groups[1]) == 2:
            readings.append(f"{groups[0]}:{groups[1]}")  # half past ten, in Germany
    if len(set(marks)) == 2 and marks.count(marks[-1]) == 1:
        readings.append(_plain(f"{''.join(groups[:-1])}.{groups[-1]}"))  # 1,234.50
    return readings or [said]


def _plain(said: str) -> str:
    """2.50 and 2,5 in one spelling; numbers that nobody counts with as they stand."""
    if len(said) > 30:
        return said
    return format(Decimal(said).normalize(), "f")


def _scaled(text: str, span: tuple[int, int], readings: Sequence[str], language: str) -> tuple[str, int, Sequence[str]]:
    """The sign in front ("$"), and where the number ends and what it means with its scale ("3 million")."""
    start, end = span
    unit = _sign_before(text, start)
    scales = SCALES.get(language, SCALES["en"])
    while (after := _AFTER.match(text, end)) and (word := after["word"]) and (power := scales.get(folded(word))):
        if word.lower() == "m" and not unit and after.start("word") != end:
            break  # 5 m is five metres, £5m is money
        readings = [_plain(str(Decimal(one) * 10**power)) if _is_plain_number(one) else one for one in readings]
        end = after.end()
    return unit, end, readings


def _is_plain_number(said: str) -> bool:
    return bool(re.fullmatch(r"\d+(?:\.\d+)?", said)) and len(said) < 30


def _sign_before(text: str, start: int) -> str:
    found = _BEFORE.search(text[max(0, start - 5) : start])
    return UNITS[folded(found["sign"] or found["word"])] if found else ""


def _unit_after(text: str, end: int) -> str:
    if _POINTS.match(text, end):
        return "points"
    if _TWO_WORDS.match(text, end):
        return "%"
    after = _AFTER.match(text, end)
    if after and after["word"] and after["word"].lower() in _LINK:
        after = _AFTER.match(text, after.end())  # cinq millions d'euros
    said = (after["sign"] or after["word"]) if after else ""
    plain = folded(said)
    # "5 millions d'euros": the word that is elided is part of the next
    plain = plain.rpartition("'")[2] if plain.startswith("d'") else plain
    return UNITS.get(plain, "")


def _time_after(text: str, end: int) -> str:
    after = _AFTER.match(text, end)
    return TIMES.get(folded(after["word"]), "") if after and after["word"] else ""


def _counted(text: str, end: int, found: Sequence[Word], language: str) -> Iterator[Word]:
    """The next words that say something, up to the next mark."""
    stop = _MARK.search(text, end)
    limit = stop.start() if stop else len(text)
    following = (word for word in found if end <= word.start and word.end <= limit)
    told = (word for word in following if not is_plain(word, language))
    for _, word in zip(range(_NAMED_WITHIN), told, strict=False):
        yield word
