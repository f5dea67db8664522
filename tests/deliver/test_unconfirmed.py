"""Who signs up and never confirms is erased after a while, and may sign up anew as if nothing had been."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
import sqlalchemy as sa

import subscribers
from digest.store import outgoing, schema
from subscribers.model import State
from tests.newsroom import SETTINGS, Clock, Newsroom

BEGIN = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.fixture
def room(room: Newsroom) -> Newsroom:
    room.clock = Clock(BEGIN)
    return room


def turn(room: Newsroom, **span: float) -> None:
    cast("Clock", room.clock).turn(**span)


def sign_up(room: Newsroom, *names: str, newsletter: str = "daily") -> list[int]:
    """What a form that a stranger filled in does."""
    now = room.app.clock()
    asked = subscribers.Consent(at=now, act=subscribers.Act.JOINED, how="form", evidence="https://harbour.example/join")
    with room.app.database.write() as conn:
        ids = [
            subscribers.add(
                conn,
                f"{name.lower()}@example.com",
                newsletter=newsletter,
                name=name,
                language="en",
                state=State.UNCONFIRMED,
                consent=asked,
                at=now,
            ).subscriber_id
            for name in names
        ]
        for who in ids:
            outgoing.plan(conn, "confirm", newsletter, who, at=now)
    return ids


def everything(room: Newsroom) -> str:
    tables = [*schema.metadata.sorted_tables, *subscribers.metadata.sorted_tables]
    with room.app.database.read() as conn:
        return "\n".join(str(tuple(row)) for table in tables for row in conn.execute(sa.select(table)))


def state(room: Newsroom, who: int, newsletter: str = "daily") -> State | None:
    with room.app.database.read() as conn:
        place = subscribers.standing(conn, who, newsletter)
    return place.state if place else None


def test_who_never_confirmed_is_erased_and_that_somebody_asked_stays(room: Newsroom) -> None:
    alice, bob = sign_up(room, "Alice", "Bob")
    with room.app.database.write() as conn:
        subscribers.choose(conn, alice, "daily", topics={"news"})
    turn(room, days=29)
    assert room.app.retention.erase_unconfirmed().erased == 0
    turn(room, days=2)

    gone = room.app.retention.erase_unconfirmed()

    assert (gone.erased, gone.dropped, gone.more) == (2, 0, False)
    left = everything(room).lower()
    assert "alice" not in left
    assert "bob" not in left
    assert "harbour.example/join" not in left
    with room.app.database.read() as conn:
        asked = conn.execute(sa.select(subscribers.metadata.tables["consent"])).all()
        assert [(row.act, row.newsletter, row.at) for row in asked] == [("joined", "daily", BEGIN)] * 2
        assert subscribers.counts(conn, "daily", at=room.app.clock()).unconfirmed == 0
        assert not outgoing.listed(conn)
    assert state(room, bob) is None


def test_who_was_erased_so_may_sign_up_anew_and_their_old_link_opens_nothing(room: Newsroom) -> None:
    [old] = sign_up(room, "Alice")
    turn(room, days=31)
    room.app.retention.erase_unconfirmed()

    [new] = sign_up(room, "Alice")

    assert new != old, "an old link names the old number"
    assert state(room, new) is State.UNCONFIRMED
    with room.app.database.read() as conn:
        assert subscribers.suppressed(conn, "alice@example.com") is None
        with pytest.raises(subscribers.UnknownSubscriber):
            subscribers.get(conn, old)


def test_who_is_on_another_newsletter_or_was_keeps_all_of_that(room: Newsroom) -> None:
    [alice] = room.subscribe("Alice", newsletter="weekend")
    [bob] = room.subscribe("Bob", newsletter="weekend")
    with room.app.database.write() as conn:
        subscribers.leave(conn, bob, "weekend", at=BEGIN, how="one-click")
    sign_up(room, "Alice", "Bob")
    turn(room, days=31)

    gone = room.app.retention.erase_unconfirmed()

    assert (gone.erased, gone.dropped) == (0, 2)
    assert (state(room, alice), state(room, alice, "weekend")) == (None, State.ACTIVE)
    assert (state(room, bob), state(room, bob, "weekend")) == (None, State.LEFT)
    with room.app.database.read() as conn:
        assert subscribers.get(conn, alice).name == "Alice"


def test_who_confirmed_and_who_left_stay(room: Newsroom) -> None:
    alice, bob = sign_up(room, "Alice", "Bob")
    yes = subscribers.Consent(at=BEGIN, act=subscribers.Act.CONFIRMED, how="link")
    with room.app.database.write() as conn:
        for who in (alice, bob):
            subscribers.confirm(conn, who, "daily", consent=yes, asked_at=BEGIN)
        subscribers.leave(conn, bob, "daily", at=BEGIN, how="one-click")
    turn(room, days=400)

    assert room.app.retention.erase_unconfirmed().erased == 0
    assert (state(room, alice), state(room, bob)) == (State.ACTIVE, State.LEFT)


def test_who_asks_once_more_has_the_whole_time_again(room: Newsroom) -> None:
    [alice] = sign_up(room, "Alice")
    turn(room, days=29)
    sign_up(room, "Alice")
    turn(room, days=2)

    assert room.app.retention.erase_unconfirmed().erased == 0
    assert state(room, alice) is State.UNCONFIRMED


def test_somebody_suppressed_meanwhile_stays_suppressed(room: Newsroom) -> None:
    sign_up(room, "Alice")
    with room.app.database.write() as conn:
        subscribers.suppress(conn, "alice@example.com", reason=subscribers.Reason.BOUNCE, at=BEGIN)
    turn(room, days=31)

    assert room.app.retention.erase_unconfirmed().erased == 1

    with room.app.database.read() as conn:
        held = subscribers.suppressed(conn, "alice@example.com")
    assert held is not None
    assert held.reason is subscribers.Reason.BOUNCE


def test_many_go_a_portion_at_a_time_and_it_stops_when_told(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.deliver.retention._FEW", 2)
    sign_up(room, *(f"Charlie{number}" for number in range(5)))
    turn(room, days=31)
    looks = iter([False, True])

    some = room.app.retention.erase_unconfirmed(lambda: next(looks))
    rest = room.app.retention.erase_unconfirmed()

    assert (some.erased, some.more) == (2, True)
    assert (rest.erased, rest.more) == (3, False)


def test_the_worker_does_it_by_itself_and_says_how_many(room: Newsroom) -> None:
    sign_up(room, "Alice", "Bob")
    turn(room, days=31)
    said: list[str] = []

    room.app.worker.run(threading.Event(), say=said.append, until_idle=True)

    assert "2 sign-up(s) that nobody confirmed were erased" in said
    assert "alice" not in everything(room).lower()


def test_a_newsroom_may_keep_them(tmp_path: Path) -> None:
    made = Newsroom(tmp_path, settings=SETTINGS.replace("[ses]", "[privacy]\nunconfirmed_days = 0\n\n[ses]", 1))
    made.clock = Clock(BEGIN)
    [alice] = sign_up(made, "Alice")
    turn(made, days=4000)

    assert made.app.retention.erase_unconfirmed().erased == 0
    assert state(made, alice) is State.UNCONFIRMED
    made.app.close()
