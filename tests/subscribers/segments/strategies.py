"""Any segment at all, and what it means told a second time, without a database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import strategies as st

from subscribers import Supporter
from subscribers.segments.condition import scattered
from subscribers.segments.terms import All, Kind, Lately, Not, On, OneOf, Sample, Segment, Side, Sign, Some
from tests.subscribers.conftest import NOW, later


@dataclass(frozen=True, kw_only=True)
class Person:
    name: str
    id: int = 0
    supporter: str = "none"
    language: str = ""
    joined: datetime = NOW
    clicked: datetime | None = None
    opened: datetime | None = None
    topics: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    on: tuple[str, ...] = field(default=())


PEOPLE = (
    Person(name="alice", supporter="monthly", language="en", clicked=later(-3), opened=later(-2), tags=("member",)),
    Person(name="bob", joined=later(-400), clicked=later(-89.5), topics=("sport",), on=("weekend",)),
    Person(name="charlie", supporter="one-time", language="fr", joined=later(-31), opened=later(-100)),
    Person(name="dora", supporter="lapsed", language="he", clicked=later(-300), topics=("culture", "sport")),
    Person(name="emil", supporter="unknown", tags=("gala, 2026", "member"), topics=("politics",), joined=later(-7)),
    Person(name="frida", language="fr", on=("weekend", "evening"), joined=datetime(2026, 1, 1, tzinfo=UTC)),
    Person(name="zoe", supporter="monthly", joined=datetime(2025, 12, 31, 23, 59, tzinfo=UTC), tags=("vip",)),
)

_words = st.text("abcdefghij éä-,", min_size=1, max_size=12).map(lambda word: " ".join(word.split())).filter(bool)
_some = {
    Kind.SUPPORTER: st.sampled_from(list(Supporter)).map(str),
    Kind.LANGUAGE: st.sampled_from(["en", "fr", "he", "unknown"]),
    Kind.TOPIC: st.sampled_from(["sport", "culture", "politics", "weather"]) | _words,
    Kind.TAG: st.sampled_from(["member", "gala, 2026", "vip"]) | _words,
    Kind.ON: st.sampled_from(["weekend", "evening", "breaking"]),
}


def _one_of(kind: Kind) -> st.SearchStrategy[Segment]:
    fewest = 0 if kind in (Kind.TOPIC, Kind.TAG) else 1
    words = st.lists(_some[kind], min_size=fewest, max_size=3, unique=True)
    return words.map(lambda found: OneOf(kind, tuple(found)))


_TERMS: st.SearchStrategy[Segment] = st.one_of(
    st.builds(Lately, st.sampled_from([Sign.CLICKED, Sign.OPENED]), st.none() | st.sampled_from([1, 7, 90, 365])),
    st.builds(Lately, st.just(Sign.JOINED), st.sampled_from([1, 7, 30, 31, 365])),
    st.builds(On, st.sampled_from(Sign), st.sampled_from(Side), st.dates(date(2025, 12, 30), date(2026, 11, 23))),
    st.sampled_from(Kind).flatmap(_one_of),
    st.builds(
        lambda marks, name: Sample(min(marks), max(marks), name),
        st.sets(st.integers(0, 100).map(lambda percent: percent * 100), min_size=2, max_size=2),
        st.sampled_from(["", "spring", "a b"]),
    ),
)

SEGMENTS: st.SearchStrategy[Segment] = st.recursive(
    _TERMS,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: All(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Some(tuple(parts))),
    ),
    max_leaves=6,
)


def is_in(person: Person, segment: Segment) -> bool:
    """Whether a reader of the daily newsletter is in it now."""
    if isinstance(segment, Not):
        return not is_in(person, segment.part)
    if isinstance(segment, All | Some):
        together = all if isinstance(segment, All) else any
        return together(is_in(person, part) for part in segment.parts)
    if isinstance(segment, Sample):
        place = scattered(person.id, segment.name) / 2_147_483_647
        return segment.low / 10_000 <= place < segment.high / 10_000
    return _has(person, segment) if isinstance(segment, OneOf) else _did(person, segment)


def _did(person: Person, term: Lately | On) -> bool:
    moment = {Sign.CLICKED: person.clicked, Sign.OPENED: person.opened, Sign.JOINED: person.joined}[term.sign]
    if moment is None:
        return False
    if isinstance(term, Lately):
        return term.days is None or moment >= NOW - timedelta(days=term.days)
    midnight = datetime.combine(term.day, time(), UTC)
    return {
        Side.BEFORE: moment < midnight,
        Side.SINCE: moment >= midnight,
        Side.AFTER: moment.date() > term.day,
    }[term.side]


def _has(person: Person, term: OneOf) -> bool:
    if term.kind is Kind.TOPIC and term.words and not person.topics:
        return True
    mine = {
        Kind.SUPPORTER: {person.supporter},
        Kind.LANGUAGE: {person.language or "unknown"},
        Kind.TOPIC: set(person.topics),
        Kind.TAG: set(person.tags),
        Kind.ON: set(person.on),
    }[term.kind]
    return bool(mine & set(term.words)) if term.words else bool(mine)
