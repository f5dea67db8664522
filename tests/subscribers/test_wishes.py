"""Pauses, how often, topics, and the newsroom's tags."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

import subscribers
from tests.subscribers.conftest import NOW, later, yes


@pytest.fixture
def alice(conn: sa.Connection) -> int:
    return subscribers.add(
        conn, "alice@example.org", newsletter="daily", name="Alice", consent=yes(), at=NOW
    ).subscriber_id


def place(conn: sa.Connection, person: int) -> subscribers.Subscription:
    (found,) = subscribers.preferences(conn, person).subscriptions
    return found


def test_a_pause_is_kept_and_can_be_ended(conn: sa.Connection, alice: int) -> None:
    assert subscribers.pause(conn, alice, "daily", until=later(30))
    assert not subscribers.pause(conn, alice, "daily", until=later(30))
    assert place(conn, alice).paused_until == later(30)

    assert subscribers.pause(conn, alice, "daily", until=None)

    assert place(conn, alice).paused_until is None
    assert not subscribers.pause(conn, alice, "weekend", until=later(30)), "she is not on it"


def test_topics_are_chosen_anew_each_time_and_without_any_she_gets_all(conn: sa.Connection, alice: int) -> None:
    assert subscribers.choose(conn, alice, "daily", topics=["Sport", " culture ", "sport", ""])
    assert place(conn, alice).topics == ("culture", "sport")

    assert subscribers.choose(conn, alice, "daily", topics=["culture", "politics"])
    assert not subscribers.choose(conn, alice, "daily", topics=["politics", "culture"])
    assert place(conn, alice).topics == ("culture", "politics")

    assert subscribers.choose(conn, alice, "daily", min_days=7)
    assert place(conn, alice).topics == ("culture", "politics"), "what is not named stays"
    assert subscribers.choose(conn, alice, "daily", topics=[])
    assert place(conn, alice).topics == ()


def test_how_often_is_a_number_of_days(conn: sa.Connection, alice: int) -> None:
    assert subscribers.choose(conn, alice, "daily", min_days=7)
    assert not subscribers.choose(conn, alice, "daily", min_days=7)
    assert place(conn, alice).min_days == 7
    for days in (-1, 367):
        with pytest.raises(ValueError, match="it can be 0 to 366"):
            subscribers.choose(conn, alice, "daily", min_days=days)


def test_tags_are_the_newsrooms_and_written_in_one_way(conn: sa.Connection, alice: int) -> None:
    assert subscribers.tag(conn, alice, "Gala  2026")
    assert not subscribers.tag(conn, alice, "gala 2026")
    assert subscribers.tag(conn, alice, "Member")
    assert not subscribers.tag(conn, alice, "  ")

    (entry,) = subscribers.page(conn, "daily").entries
    assert entry.tags == ("gala 2026", "member")
    assert subscribers.untag(conn, alice, "GALA 2026")
    assert not subscribers.untag(conn, alice, "gala 2026")
    assert subscribers.page(conn).entries[0].tags == ("member",)
