"""Times as pages state them: ISO 8601 with its bad habits, RFC 5322, English words, seconds since 1970.

A date is only ever taken where it is stated: a guessed one would decide what is new, and it is wrong too often. One
without a zone is read as UTC, unless the page states the same clock time with a zone elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone

#: Names that mean one zone only. "IST" is three, and "AST" four.
_ZONES = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "EET": 2,
    "EEST": 3, "MSK": 3, "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "JST": 9,
    "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
}  # fmt: skip
_CLOCK = (
    r"(\d\d?)[:h](\d\d)(?::(\d\d)(?:[.,](\d{1,6})\d*)?)?\s*(am|pm|a\.m\.|p\.m\.)?"
    r"\s*(z|[A-Za-z]{2,4}|(?:UTC|GMT)?[+-]\d\d?(?::?\d\d)?)?(?:\s*[\[(][\w/ ]+[\])])?"
)
_ISO = re.compile(rf"(\d{{4}})[-/.](\d\d?)[-/.](\d\d?)(?:[T ,]+{_CLOCK})?", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"({'|'.join(_MONTHS)})[a-z]*\.?"
_AT = rf"(?:,?\s+(?:at\s+)?{_CLOCK})?"
#: "November 19, 2019, 07:47 PM EST", "Tue Nov 19 2019 03:05:46 GMT+0000"; and with the day first.
_WORDED = re.compile(rf"(?:[a-z]{{3,9}},?\s+)?{_MONTH}\s+(\d\d?)(?:st|nd|rd|th)?,?\s+(\d{{4}}){_AT}", re.IGNORECASE)
_DAY_FIRST = re.compile(rf"(?:[a-z]{{3,9}},?\s+)?(\d\d?)(?:st|nd|rd|th)?\s+{_MONTH},?\s+(\d{{4}}){_AT}", re.IGNORECASE)
_SECONDS = re.compile(r"1\d{9}(?:\d{3})?")


def stated_time(text: object) -> datetime | None:
    """The time that `text` states, aware; one without a zone is read as UTC."""
    moment = clock_time(text)
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)


def first_stated(texts: Iterable[object]) -> datetime | None:
    """The first stated time; where it has no zone, that of another which shows the same clock."""
    moments = [moment for moment in map(clock_time, texts) if moment]
    if not moments:
        return None
    first = moments[0]
    if first.tzinfo:
        return first
    with_zone = (m for m in moments if m.tzinfo and abs(m.replace(tzinfo=None) - first) < timedelta(minutes=1))
    return next(with_zone, first.replace(tzinfo=UTC))


def clock_time(text: object) -> datetime | None:
    """The time as it is written, with a zone only where one is written."""
    stamp = str(text).strip()[:100] if isinstance(text, (str, int)) and not isinstance(text, bool) else ""
    try:
        moment = _read(stamp)
        if moment is not None:
            moment.astimezone(UTC)  # the first and last days of all have no time in other zones
    except (ValueError, OverflowError):
        return None
    return moment


def _read(stamp: str) -> datetime | None:
    if _SECONDS.fullmatch(stamp):
        return datetime.fromtimestamp(int(stamp[:10]), UTC)
    if found := _ISO.fullmatch(stamp):
        return _from_parts(int(found[1]), int(found[2]), int(found[3]), found)
    if found := _WORDED.fullmatch(stamp):
        return _from_parts(int(found[3]), _month(found[1]), int(found[2]), found)
    if found := _DAY_FIRST.fullmatch(stamp):
        return _from_parts(int(found[3]), _month(found[2]), int(found[1]), found)
    return datetime.fromisoformat(stamp)


def _month(name: str) -> int:
    return _MONTHS.index(name.lower()) + 1


def _from_parts(year: int, month: int, day: int, found: re.Match[str]) -> datetime:
    """A day and the clock that `found` has in its last six groups."""
    hour, minute, second = (int(found[at] or 0) for at in (4, 5, 6))
    if half := (found[8] or "").lower():
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    fraction = int((found[7] or "0").ljust(6, "0"))
    moment = datetime(year, month, day, hour, minute, second, fraction, tzinfo=None)  # noqa: DTZ001
    return _zoned(moment, found[9] or "")


def _zoned(moment: datetime, zone: str) -> datetime:
    """With the zone that is named; as it is where the name means several, or nothing."""
    if zone.upper() in _ZONES:
        return moment.replace(tzinfo=timezone(timedelta(hours=_ZONES[zone.upper()])))
    offset = re.fullmatch(r"(?:UTC|GMT)?([+-])(\d\d?):?(\d\d)?", zone, re.IGNORECASE)
    if not offset:
        return moment
    span = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
    return moment.replace(tzinfo=timezone(span if offset[1] == "+" else -span))
