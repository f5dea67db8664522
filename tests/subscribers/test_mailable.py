"""Who may be mailed, who may not, and looking things up."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

import subscribers
from subscribers import Reason, State, Supporter
from tests.subscribers.conftest import NOW, later, mailable, yes


@pytest.fixture
def people(conn: sa.Connection) -> dict[str, int]:
    """Alice and Zoe are fine; Bob left, Charlie bounced, Dave has not confirmed, Erin complained, Frank is erased."""
    ids = {}
    for name in ("alice", "bob", "charlie", "dave", "erin", "frank", "zoe"):
        ids[name] = subscribers.add(
            conn,
            f"{name}@example.org",
            newsletter="daily",
            name=name.title(),
            supporter=Supporter.MONTHLY if name == "zoe" else Supporter.NONE,
            consent=yes(),
            at=NOW,
            state=State.UNCONFIRMED if name == "dave" else State.ACTIVE,
        ).subscriber_id
    subscribers.leave(conn, ids["bob"], "daily", at=later(), how="link")
    subscribers.suppress(conn, "charlie@example.org", reason=Reason.BOUNCE, at=later())
    subscribers.suppress(conn, "erin@example.org", reason=Reason.COMPLAINT, at=later())
    subscribers.forget(conn, "frank@example.org", at=later())
    return ids


def test_only_those_are_mailed_whom_nothing_speaks_against(conn: sa.Connection, people: dict[str, int]) -> None:
    assert mailable(conn) == ["alice@example.org", "zoe@example.org"]


def test_the_audience_is_narrowed_to_supporter_groups(conn: sa.Connection, people: dict[str, int]) -> None:
    assert mailable(conn, supporters=[Supporter.MONTHLY]) == ["zoe@example.org"]
    assert mailable(conn, supporters=["none", "one-time"]) == ["alice@example.org"]
    assert mailable(conn, supporters=[]) == []


def test_everybody_else_is_counted_with_the_reason(conn: sa.Connection, people: dict[str, int]) -> None:
    assert subscribers.not_mailable(conn, "daily") == {
        "left": 1,
        "bounce": 1,
        "complaint": 1,
        "unconfirmed": 1,
        "forgotten": 1,
    }
    assert subscribers.not_mailable(conn, "weekly") == {}


def test_the_last_check_names_each_reason_and_nobody_else(conn: sa.Connection, people: dict[str, int]) -> None:
    assert subscribers.why_not(conn, "daily", [*people.values(), 4711]) == {
        people["bob"]: "left",
        people["charlie"]: "bounce",
        people["dave"]: "unconfirmed",
        people["erin"]: "complaint",
        people["frank"]: "forgotten",
        4711: "never joined",
    }


def test_the_last_check_is_about_this_newsletter(conn: sa.Connection, people: dict[str, int]) -> None:
    assert subscribers.why_not(conn, "weekly", [people["alice"]]) == {people["alice"]: "never joined"}
    assert subscribers.why_not(conn, "daily", []) == {}


def test_the_last_check_takes_more_ids_than_one_question_holds(conn: sa.Connection, people: dict[str, int]) -> None:
    strangers = range(100_000, 101_234)
    found = subscribers.why_not(conn, "daily", [people["alice"], *strangers])
    assert len(found) == len(strangers)
    assert people["alice"] not in found


def test_audience_and_reasons_never_disagree(conn: sa.Connection, people: dict[str, int]) -> None:
    in_it = {row.subscriber_id for row in conn.execute(subscribers.audience("daily"))}
    assert in_it == people.values() - subscribers.why_not(conn, "daily", list(people.values())).keys()


def test_counts_add_up(conn: sa.Connection, people: dict[str, int]) -> None:
    numbers = subscribers.counts(conn, "daily")
    assert (numbers.active, numbers.unconfirmed, numbers.left, numbers.mailable) == (4, 1, 2, 2)
    assert numbers.suppressed == {"bounce": 1, "complaint": 1}
    assert numbers.mailable == len(mailable(conn))


def test_the_list_is_read_page_by_page(conn: sa.Connection, people: dict[str, int]) -> None:
    first = subscribers.page(conn, "daily", limit=4)
    assert first.next_after is not None
    rest = subscribers.page(conn, "daily", after_id=first.next_after, limit=4)
    assert rest.next_after is None
    names = [entry.subscriber.name for entry in (*first.entries, *rest.entries)]
    assert names == ["Alice", "Bob", "Charlie", "Dave", "Erin", "Zoe"]


def test_an_entry_shows_where_somebody_stands(conn: sa.Connection, people: dict[str, int]) -> None:
    [charlie] = subscribers.page(conn, search="CHARLIE").entries
    assert charlie.suppressed is Reason.BOUNCE
    assert [place.state for place in charlie.subscriptions] == [State.ACTIVE]
    [bob] = subscribers.page(conn, "daily", state=State.LEFT).entries
    assert bob.subscriber.name == "Bob"


def test_a_search_takes_signs_as_signs(conn: sa.Connection, people: dict[str, int]) -> None:
    assert subscribers.page(conn, search="%").entries == ()
    assert subscribers.page(conn, search="_lice").entries == ()


def test_the_first_suppression_stays_until_somebody_lifts_it(conn: sa.Connection) -> None:
    assert subscribers.suppress(conn, "Bob@example.org", reason=Reason.BOUNCE, at=NOW, detail="no such mailbox")
    assert not subscribers.suppress(conn, "bob@example.org", reason=Reason.COMPLAINT, at=later())
    held = subscribers.suppressed(conn, "BOB@EXAMPLE.ORG")
    assert held is not None
    assert (held.reason, held.at, held.detail) == (Reason.BOUNCE, NOW, "no such mailbox")
    assert subscribers.unsuppress(conn, "bob@example.org")
    assert not subscribers.unsuppress(conn, "bob@example.org")
    assert subscribers.suppressed(conn, "bob@example.org") is None


def test_suppressed_addresses_are_listed_in_order(conn: sa.Connection) -> None:
    for name in ("erin", "alice", "bob"):
        subscribers.suppress(conn, f"{name}@example.org", reason=Reason.MANUAL, at=NOW)
    subscribers.suppress(conn, "charlie@example.org", reason=Reason.BOUNCE, at=NOW)
    subscribers.forget(conn, "zoe@example.org", at=NOW)
    manual = subscribers.suppressions(conn, reason=Reason.MANUAL, limit=2)
    assert [entry.address for entry in manual] == ["alice@example.org", "bob@example.org"]
    everybody = subscribers.suppressions(conn, after="bob@example.org")
    assert [entry.address for entry in everybody] == ["charlie@example.org", "erin@example.org"]


def test_the_audience_freezes_in_one_statement(conn: sa.Connection, people: dict[str, int]) -> None:
    roster = sa.Table(
        "roster",
        sa.MetaData(),
        sa.Column("subscriber_id", sa.BigInteger),
        sa.Column("address", sa.Text),
        sa.Column("name", sa.Text),
        prefixes=["TEMPORARY"],
    )
    roster.create(conn)
    columns = ["subscriber_id", "address", "name"]
    conn.execute(roster.insert().from_select(columns, subscribers.audience("daily")))
    assert conn.execute(sa.select(sa.func.count()).select_from(roster)).scalar_one() == 2
