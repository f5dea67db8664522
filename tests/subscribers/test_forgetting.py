"""Erasing a person: nothing readable is left, the figures stay, and no file brings them back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

import subscribers
from subscribers import Act, ImportReport, Reason, State
from tests.subscribers.conftest import NOW, later, mailable, yes


@pytest.fixture
def alice(conn: sa.Connection) -> int:
    added = subscribers.add(
        conn, "alice@example.org", newsletter="daily", name="Alice Example", language="en", consent=yes(), at=NOW
    )
    return added.subscriber_id


def everything(conn: sa.Connection) -> str:
    """All cells of all tables as one text."""
    return "".join(
        str(tuple(row)) for table in subscribers.metadata.sorted_tables for row in conn.execute(table.select())
    )


def test_nothing_readable_is_left_of_alice(conn: sa.Connection, alice: int) -> None:
    subscribers.suppress(conn, "alice@example.org", reason=Reason.COMPLAINT, at=NOW, detail="alice said so")
    assert subscribers.forget(conn, "Alice@Example.org", at=later()) == alice
    left = everything(conn).lower()
    assert "alice" not in left
    assert "example.org" not in left


def test_the_figures_stay_true(conn: sa.Connection, alice: int) -> None:
    subscribers.forget(conn, "alice@example.org", at=later())
    numbers = subscribers.counts(conn, "daily", at=NOW)
    assert (numbers.active, numbers.left) == (0, 1)
    assert [said.act for _, said in subscribers.history(conn, alice)] == [Act.JOINED]
    assert subscribers.why_not(conn, "daily", [alice], at=NOW) == {alice: "forgotten"}


def test_alice_is_not_found_any_more(conn: sa.Connection, alice: int) -> None:
    subscribers.forget(conn, "alice@example.org", at=later())
    assert subscribers.find(conn, "alice@example.org") is None
    assert subscribers.page(conn).entries == ()
    assert list(subscribers.export(conn)) == []
    with pytest.raises(subscribers.UnknownSubscriber):
        subscribers.get(conn, alice)


def test_forgetting_twice_keeps_the_first_date(conn: sa.Connection, alice: int) -> None:
    subscribers.forget(conn, "alice@example.org", at=later(1))
    assert subscribers.forget(conn, "alice@example.org", at=later(2)) is None
    held = subscribers.suppressed(conn, "alice@example.org")
    assert held is not None
    assert (held.reason, held.at, held.address) == (Reason.FORGOTTEN, later(1), "")


def test_an_old_file_does_not_bring_alice_back(
    conn: sa.Connection, alice: int, take: Callable[..., ImportReport]
) -> None:
    subscribers.forget(conn, "alice@example.org", at=later())
    report = take("email,name\nALICE@example.org,Alice\nbob@example.org,Bob\n")
    assert (report.added, report.kept_out) == (1, {"forgotten": 1})
    assert mailable(conn) == ["bob@example.org"]
    assert "Alice" not in everything(conn)


def test_somebody_who_was_never_on_the_list_can_be_forgotten_beforehand(
    conn: sa.Connection, take: Callable[..., ImportReport]
) -> None:
    assert subscribers.forget(conn, "zoe@example.org", at=NOW) is None
    assert take("email\nzoe@example.org\nbob@example.org\n").kept_out == {"forgotten": 1}


def test_alice_may_come_back_herself_by_confirming(conn: sa.Connection, alice: int) -> None:
    subscribers.forget(conn, "alice@example.org", at=later(1))
    with pytest.raises(subscribers.AddressSuppressed, match="asked to be forgotten"):
        subscribers.add(conn, "alice@example.org", newsletter="daily", consent=yes(later(2)), at=later(2))
    asked = subscribers.add(
        conn, "alice@example.org", newsletter="daily", consent=yes(later(2)), at=later(2), state=State.UNCONFIRMED
    )
    assert asked.subscriber_id != alice
    assert mailable(conn) == []
    word = yes(later(3), Act.CONFIRMED)
    assert subscribers.confirm(conn, asked.subscriber_id, "daily", consent=word, asked_at=later(2))
    assert mailable(conn) == ["alice@example.org"]


def test_everything_we_hold_on_alice_is_shown_to_her(conn: sa.Connection, alice: int) -> None:
    subscribers.leave(conn, alice, "daily", at=later(), how="one-click")
    subscribers.suppress(conn, "alice@example.org", reason=Reason.MANUAL, at=later(2), detail="asked by phone")
    told = subscribers.export_person(conn, "ALICE@example.org")
    assert told["name"] == "Alice Example"
    assert told["subscriptions"][0] == {
        "newsletter": "daily",
        "state": "left",
        "since": "2026-11-22T06:00:00+00:00",
        "left_at": "2026-11-23T06:00:00+00:00",
        "left_how": "one-click",
    }
    assert [said["act"] for said in told["consents"]] == ["joined", "left"]
    assert told["consents"][0]["evidence"] == "news.example.org/join"
    assert told["suppression"]["detail"] == "asked by phone"


def test_we_say_so_when_we_hold_nothing(conn: sa.Connection) -> None:
    with pytest.raises(subscribers.UnknownSubscriber, match=r"We hold nothing on zoe@example\.org"):
        subscribers.export_person(conn, "zoe@example.org")
