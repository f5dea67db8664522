"""Signs of life: the last click, the last opening, failures in a row."""

from __future__ import annotations

import itertools

import pytest
import sqlalchemy as sa

import subscribers
from subscribers import Touch
from tests.subscribers.conftest import NOW, later, yes


@pytest.fixture
def people(conn: sa.Connection) -> dict[str, int]:
    return {
        name: subscribers.add(conn, f"{name}@example.org", newsletter="daily", consent=yes(), at=NOW).subscriber_id
        for name in ("alice", "bob")
    }


def seen(conn: sa.Connection, person: int) -> tuple[object, object]:
    (place,) = subscribers.preferences(conn, person).subscriptions
    return place.clicked_at, place.opened_at


def test_the_latest_counts_in_whatever_order_it_is_told(conn: sa.Connection, people: dict[str, int]) -> None:
    alice = people["alice"]
    touches = [
        Touch(alice, "daily", clicked_at=later(2)),
        Touch(alice, "daily", clicked_at=later(1), opened_at=later(1)),
        Touch(alice, "daily", opened_at=later(3)),
    ]
    for order in itertools.permutations(touches):
        conn.execute(sa.text("UPDATE subscription SET clicked_at = NULL, opened_at = NULL"))
        subscribers.touched(conn, order)
        assert seen(conn, alice) == (later(2), later(3))
        for touch in order:
            subscribers.touched(conn, [touch])
        assert seen(conn, alice) == (later(2), later(3))
    assert seen(conn, people["bob"]) == (None, None)


def test_many_are_told_at_once(conn: sa.Connection, people: dict[str, int]) -> None:
    subscribers.touched(conn, [Touch(who, "daily", opened_at=later()) for who in people.values()])
    subscribers.touched(conn, [])

    assert [seen(conn, who) for who in people.values()] == [(None, later())] * 2


def test_nothing_is_noted_of_the_forgotten(conn: sa.Connection, people: dict[str, int]) -> None:
    subscribers.touched(conn, [Touch(people["alice"], "daily", clicked_at=later())])
    subscribers.forget(conn, "alice@example.org", at=later(2))
    subscribers.touched(conn, [Touch(people["alice"], "daily", clicked_at=later(3))])

    row = conn.execute(sa.text("SELECT clicked_at FROM subscription WHERE subscriber_id = :a"), {"a": people["alice"]})
    assert row.scalar_one() is None


def test_failures_in_a_row_are_counted_until_a_message_arrives(conn: sa.Connection, people: dict[str, int]) -> None:
    alice, bob = people["alice"], people["bob"]
    assert subscribers.soft_bounce(conn, [alice, bob]) == {alice: 1, bob: 1}
    assert subscribers.soft_bounce(conn, {alice: 2}) == {alice: 3}

    subscribers.delivered(conn, [alice, 4711])

    assert subscribers.soft_bounces(conn, people.values()) == {alice: 0, bob: 1}
    subscribers.set_soft_bounces(conn, {bob: 4, alice: 0})
    assert subscribers.soft_bounce(conn, [bob]) == {bob: 5}
    assert subscribers.soft_bounce(conn, []) == {}
