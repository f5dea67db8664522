"""Erasing a person: nothing readable is left, the figures stay, and no file brings them back."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

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
    (place,) = told["subscriptions"]
    assert {name: place[name] for name in ("newsletter", "state", "since", "left_at", "left_how")} == {
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


def test_what_alice_wished_and_did_is_part_of_it_and_is_erased_with_her(conn: sa.Connection, alice: int) -> None:
    subscribers.choose(conn, alice, "daily", min_days=7, topics=["sport"])
    subscribers.pause(conn, alice, "daily", until=later(30))
    subscribers.touched(conn, [subscribers.Touch(alice, "daily", clicked_at=later(), opened_at=later(2))])
    subscribers.tag(conn, alice, "alice's friends")
    subscribers.soft_bounce(conn, [alice])

    told = subscribers.export_person(conn, "alice@example.org")
    (place,) = told["subscriptions"]
    assert (told["tags"], told["passing_failures_in_a_row"]) == (["alice's friends"], 1)
    assert (place["topics"], place["min_days"], place["paused_until"][:10]) == (["sport"], 7, "2026-12-22")
    assert (place["clicked_at"][:10], place["opened_at"][:10]) == ("2026-11-23", "2026-11-24")
    assert subscribers.traces(conn, "Alice@example.org") == {
        "subscriber": 1,
        "subscriptions": 1,
        "consents": 1,
        "topics": 1,
        "tags": 1,
    }

    subscribers.forget(conn, "alice@example.org", at=later(3))

    assert "alice" not in everything(conn).lower()
    row = conn.execute(
        sa.text("SELECT paused_until, min_days, clicked_at, opened_at, left_why FROM subscription")
    ).one()
    assert tuple(row) == (None, 0, None, None, "")
    assert subscribers.traces(conn, "alice@example.org") == {}


# --- Consent is only added to --------------------------------------------------------------------------------


def test_what_people_said_is_never_changed_but_by_forgetting(
    conn: sa.Connection, engine: sa.Engine, take: Callable[..., ImportReport]
) -> None:
    said: list[str] = []

    @sa.event.listens_for(engine, "before_cursor_execute")
    def watch(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        words = statement.upper().replace('"', "").split()
        if words[:2] == ["UPDATE", "CONSENT"] or words[:3] == ["DELETE", "FROM", "CONSENT"]:
            said.append(statement)

    alice = subscribers.add(conn, "alice@example.org", newsletter="daily", consent=yes(), at=NOW).subscriber_id
    take("email,name\nalice@example.org,Alice\nbob@example.org,Bob\n")
    subscribers.leave(conn, alice, "daily", at=later(), how="link")
    subscribers.rejoin(conn, alice, "daily", consent=yes(later(2)))
    subscribers.set_preferences(conn, alice, at=later(3), newsletters={"daily": False, "weekend": True}, name="A.")
    subscribers.add(conn, "carol@example.org", newsletter="daily", consent=yes(), at=NOW, state=State.UNCONFIRMED)
    assert said == []

    subscribers.forget(conn, "alice@example.org", at=later(4))
    assert len(said) == 1, "its how and evidence, which name her"


def test_no_other_module_changes_what_people_said() -> None:
    changes = re.compile(
        r"consent\.(?:update|delete)\(|(?:update|delete)\((?:schema\.)?consent\)|said\.(?:update|delete)\("
    )
    root = Path(subscribers.__file__).parents[1]
    found = {
        file.name
        for folder in ("subscribers", "digest")
        for file in (root / folder).rglob("*.py")
        if changes.search(file.read_text(encoding="utf-8"))
    }
    assert found == {"forgetting.py"}
