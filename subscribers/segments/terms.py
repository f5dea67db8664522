"""What a segment is made of: terms about one reader, joined by *and*, *or* and *not*. `str` writes it as it is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias


class Sign(StrEnum):
    """Something that a reader did at a moment we know."""

    CLICKED = "clicked"
    OPENED = "opened"
    JOINED = "joined"


class Kind(StrEnum):
    """A detail that has one or more of certain words."""

    SUPPORTER = "supporter"
    LANGUAGE = "language"
    TOPIC = "topic"
    TAG = "tag"
    #: Newsletters that they are on as well.
    ON = "on"


class Side(StrEnum):
    BEFORE = "before"
    #: That day or later.
    SINCE = "since"
    #: Later than that day.
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Lately:
    """`clicked 90d`; `clicked` alone is ever."""

    sign: Sign
    days: int | None = None

    def __str__(self) -> str:
        return self.sign if self.days is None else f"{self.sign} {self.days}d"


@dataclass(frozen=True, slots=True)
class On:
    """`joined before 2026-01-01`, by days of UTC."""

    sign: Sign
    side: Side
    day: date

    def __str__(self) -> str:
        return f"{self.sign} {self.side} {self.day.isoformat()}"


@dataclass(frozen=True, slots=True)
class OneOf:
    """`supporter:monthly,lapsed`; of topics and tags, no words are any."""

    kind: Kind
    words: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind}:{','.join(map(_quoted, self.words))}" if self.words else self.kind


@dataclass(frozen=True, slots=True)
class Sample:
    """`sample 10%`: always the same readers, whoever joins or leaves. From `low` to below `high` hundredths of 1 %.

    Samples by different names have nothing to do with each other.
    """

    low: int
    high: int
    name: str = ""

    def __str__(self) -> str:
        named = f":{_quoted(self.name)}" if self.name else ""
        return f"sample{named} {f'{_percent(self.low)}-' if self.low else ''}{_percent(self.high)}%"


Term: TypeAlias = Lately | On | OneOf | Sample


@dataclass(frozen=True, slots=True)
class Not:
    part: Segment

    def __str__(self) -> str:
        return f"not ({self.part})" if isinstance(self.part, All | Some) else f"not {self.part}"


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Segment, ...]

    def __str__(self) -> str:
        return " and ".join(f"({part})" if isinstance(part, All | Some) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part holds."""

    parts: tuple[Segment, ...]

    def __str__(self) -> str:
        return " or ".join(f"({part})" if isinstance(part, All | Some) else str(part) for part in self.parts)


Segment: TypeAlias = Term | Not | All | Some

_BARE = re.compile(r"[^\s(),\"]+")


def _quoted(word: str) -> str:
    return word if _BARE.fullmatch(word) else f'"{word}"'


def _percent(hundredths: int) -> str:
    return f"{hundredths / 100:g}"


def newsletters_in(segment: Segment) -> set[str]:
    """The newsletters that it names."""
    if isinstance(segment, Not):
        return newsletters_in(segment.part)
    if isinstance(segment, All | Some):
        return {slug for part in segment.parts for slug in newsletters_in(part)}
    return set(segment.words) if isinstance(segment, OneOf) and segment.kind is Kind.ON else set()


def topics_in(segment: Segment) -> set[str]:
    """The topics that it names."""
    if isinstance(segment, Not):
        return topics_in(segment.part)
    if isinstance(segment, All | Some):
        return {slug for part in segment.parts for slug in topics_in(part)}
    return set(segment.words) if isinstance(segment, OneOf) and segment.kind is Kind.TOPIC else set()


def signs_in(segment: Segment) -> set[Sign]:
    """What readers did or did not do, as far as it asks."""
    if isinstance(segment, Not):
        return signs_in(segment.part)
    if isinstance(segment, All | Some):
        return {sign for part in segment.parts for sign in signs_in(part)}
    return {segment.sign} if isinstance(segment, Lately | On) else set()
