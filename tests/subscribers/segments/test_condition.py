"""Segments in the database: exactly those are in one who are meant by it, on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings

import subscribers
from subscribers import Supporter, Touch
from subscribers.segments import read_segment as read
from subscribers.segments.condition import scattered
from subscribers.segments.terms import Segment
from tests.subscribers.conftest import NOW, later, mailable, yes
from tests.subscribers.segments.strategies import PEOPLE, SEGMENTS, Person, is_in


@pytest.fixture
def people(conn: sa.Connection) -> tuple[Person, ...]:
    return tuple(replace(person, id=_join(conn, person)) for person in PEOPLE)


def _join(conn: sa.Connection, person: Person) -> int:
    who = 0
    for newsletter in ("daily", *person.on):
        who = subscribers.add(
            conn,
            f"{person.name}@example.org",
            newsletter=newsletter,
            consent=yes(person.joined),
            at=NOW,
            language=person.language,
            supporter=Supporter(person.supporter),
        ).subscriber_id
    subscribers.touched(conn, [Touch(who, "daily", person.clicked, person.opened)])
    subscribers.choose(conn, who, "daily", topics=person.topics)
    for tag in person.tags:
        subscribers.tag(conn, who, tag)
    return who


def names(conn: sa.Connection, segment: Segment) -> list[str]:
    condition = subscribers.in_segment(segment, newsletter="daily", at=NOW)
    return [address.partition("@")[0] for address in mailable(conn, segment=condition)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(SEGMENTS)
def test_exactly_those_are_in_it_who_are_meant(
    conn: sa.Connection, people: tuple[Person, ...], segment: Segment
) -> None:
    assert names(conn, segment) == sorted(person.name for person in people if is_in(person, segment))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("clicked 90d", ["alice", "bob"]),
        ("not clicked", ["charlie", "emil", "frida", "zoe"]),
        ("clicked 90d and not supporter:monthly", ["bob"]),
        ("joined since 2026-01-01 and not joined 400d", []),
        ("joined before 2026-01-01", ["bob", "zoe"]),
        ("joined after 2026-01-01", ["alice", "charlie", "dora", "emil"]),
        ("topic:sport", ["alice", "bob", "charlie", "dora", "frida", "zoe"]),
        ("topic and topic:sport", ["bob", "dora"]),
        ('tag:"gala, 2026"', ["emil"]),
        ("on:weekend and not on:evening", ["bob"]),
        ("language:unknown", ["bob", "emil", "zoe"]),
    ],
)
def test_who_is_meant(conn: sa.Connection, people: tuple[Person, ...], written: str, meant: list[str]) -> None:
    assert names(conn, read(written)) == meant


def test_a_segment_never_mails_anybody_who_may_not_be(conn: sa.Connection, people: tuple[Person, ...]) -> None:
    subscribers.pause(conn, people[0].id, "daily", until=later(3))
    subscribers.leave(conn, people[1].id, "daily", at=NOW, how="link")

    assert names(conn, read("clicked or not clicked")) == ["charlie", "dora", "emil", "frida", "zoe"]


def test_who_left_another_newsletter_is_not_on_it(conn: sa.Connection, people: tuple[Person, ...]) -> None:
    subscribers.leave(conn, people[1].id, "weekend", at=NOW, how="link")

    assert names(conn, read("on:weekend")) == ["frida"]


# --- Samples -------------------------------------------------------------------------------------------------


def test_a_sample_has_its_share_of_any_list_and_samples_by_other_names_are_others() -> None:
    ids = range(1, 20_001)
    prime = 2_147_483_647
    one, other = ({who for who in ids if scattered(who, name) < prime // 10} for name in ("", "spring"))

    assert abs(len(one) - 2000) < 150
    assert abs(len(other) - 2000) < 150
    assert abs(len(one & other) - 200) < 60, "independent of each other"
    neighbours = sum(who + 1 in one for who in one)
    assert abs(neighbours - 200) < 60, "and of who joined when"


def test_the_halves_of_a_sample_are_everybody_once(conn: sa.Connection, people: tuple[Person, ...]) -> None:
    first, second = (names(conn, read(f"sample:subject {half}%")) for half in ("0-50", "50-100"))

    assert sorted(first + second) == sorted(person.name for person in people)
