"""Who may be mailed, who may not, and looking things up."""

from __future__ import annotations

from datetime import datetime, timedelta

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
    assert subscribers.not_mailable(conn, "daily", at=NOW) == {
        "left": 1,
        "bounce": 1,
        "complaint": 1,
        "unconfirmed": 1,
        "forgotten": 1,
    }
    assert subscribers.not_mailable(conn, "weekly", at=NOW) == {}


def test_the_last_check_names_each_reason_and_nobody_else(conn: sa.Connection, people: dict[str, int]) -> None:
    assert subscribers.why_not(conn, "daily", [*people.values(), 4711], at=NOW) == {
        people["bob"]: "left",
        people["charlie"]: "bounce",
        people["dave"]: "unconfirmed",
        people["erin"]: "complaint",
        people["frank"]: "forgotten",
        4711: "never joined",
    }


def test_the_last_check_is_about_this_newsletter(conn: sa.Connection, people: dict[str, int]) -> None:
    assert subscribers.why_not(conn, "weekly", [people["alice"]], at=NOW) == {people["alice"]: "never joined"}
    assert subscribers.why_not(conn, "daily", [], at=NOW) == {}


def test_the_last_check_takes_more_ids_than_one_question_holds(conn: sa.Connection, people: dict[str, int]) -> None:
    strangers = range(100_000, 101_234)
    found = subscribers.why_not(conn, "daily", [people["alice"], *strangers], at=NOW)
    assert len(found) == len(strangers)
    assert people["alice"] not in found


def test_audience_and_reasons_never_disagree(conn: sa.Connection, people: dict[str, int]) -> None:
    in_it = {row.subscriber_id for row in conn.execute(subscribers.audience("daily", at=NOW))}
    assert in_it == people.values() - subscribers.why_not(conn, "daily", list(people.values()), at=NOW).keys()


def test_counts_add_up(conn: sa.Connection, people: dict[str, int]) -> None:
    numbers = subscribers.counts(conn, "daily", at=NOW)
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
    assert subscribers.suppress(conn, "Bob@example.org", reason=Reason.MANUAL, at=NOW, detail="by letter")
    assert not subscribers.suppress(conn, "bob@example.org", reason=Reason.BOUNCE, at=later())
    held = subscribers.suppressed(conn, "BOB@EXAMPLE.ORG")
    assert held is not None
    assert (held.reason, held.at, held.detail) == (Reason.MANUAL, NOW, "by letter")
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
    conn.execute(roster.insert().from_select(columns, subscribers.audience("daily", at=NOW)))
    assert conn.execute(sa.select(sa.func.count()).select_from(roster)).scalar_one() == 2


# --- Pauses, and wanting fewer issues ------------------------------------------------------------------------


def test_who_pauses_is_not_mailed_until_the_pause_is_over(conn: sa.Connection, people: dict[str, int]) -> None:
    subscribers.pause(conn, people["alice"], "daily", until=later(30))

    assert mailable(conn, at=later(29)) == ["zoe@example.org"]
    assert subscribers.why_not(conn, "daily", [people["alice"]], at=later(29)) == {
        people["alice"]: "paused until 2026-12-22"
    }
    assert subscribers.not_mailable(conn, "daily", at=later(29))["paused"] == 1
    numbers = subscribers.counts(conn, "daily", at=later(29))
    assert (numbers.active, numbers.mailable, numbers.paused) == (4, 1, 1)

    assert mailable(conn, at=later(30)) == ["alice@example.org", "zoe@example.org"]
    assert subscribers.why_not(conn, "daily", [people["alice"]], at=later(30)) == {}


def test_a_suppressed_reader_who_pauses_is_counted_once(conn: sa.Connection, people: dict[str, int]) -> None:
    subscribers.pause(conn, people["charlie"], "daily", until=later(30))

    numbers = subscribers.counts(conn, "daily", at=NOW)
    assert numbers.mailable + numbers.paused + sum(numbers.suppressed.values()) == numbers.active
    assert subscribers.not_mailable(conn, "daily", at=NOW)["bounce"] == 1
    assert subscribers.why_not(conn, "daily", [people["charlie"]], at=NOW) == {people["charlie"]: "bounce"}


def had_one(conn: sa.Connection, *ids: int, at: datetime) -> None:
    readers = sa.select(subscribers.metadata.tables["subscriber"].c.id).where(sa.column("id").in_(ids))
    subscribers.had_issue(conn, "daily", readers, at=at)


def test_who_wants_one_issue_a_week_gets_one_a_week(conn: sa.Connection, people: dict[str, int]) -> None:
    alice, zoe = people["alice"], people["zoe"]
    subscribers.choose(conn, alice, "daily", min_days=7)
    assert mailable(conn) == ["alice@example.org", "zoe@example.org"], "she had none yet"

    got = []
    for day in range(16):
        at = later(day)
        addresses = mailable(conn, at=at)
        assert "zoe@example.org" in addresses
        if "alice@example.org" in addresses:
            got.append(day)
            # This Monday's issue starts a little earlier than last Monday's did.
            had_one(conn, alice, zoe, at=at - timedelta(hours=day / 7 - 1))
    assert got == [0, 7, 14]


def test_the_issue_that_somebody_had_is_the_reason_but_not_against_itself(
    conn: sa.Connection, people: dict[str, int]
) -> None:
    alice = people["alice"]
    subscribers.choose(conn, alice, "daily", min_days=7)
    had_one(conn, alice, at=NOW)

    assert subscribers.why_not(conn, "daily", [alice], at=later(2)) == {alice: "had an issue lately"}
    assert subscribers.not_mailable(conn, "daily", at=later(2))["had an issue lately"] == 1
    assert subscribers.why_not(conn, "daily", [alice], at=later(2), however_often=True) == {}
    assert "alice@example.org" in mailable(conn, at=later(2), however_often=True)
    assert "alice@example.org" not in mailable(conn, at=later(2))


def test_nothing_is_noted_of_those_who_want_every_issue(conn: sa.Connection, people: dict[str, int]) -> None:
    had_one(conn, *people.values(), at=NOW)

    last = conn.execute(sa.select(subscribers.metadata.tables["subscription"].c.last_issue_at)).scalars()
    assert set(last) == {None}


@pytest.mark.parametrize("at", [NOW, later(3), later(40)])
def test_audience_and_reasons_agree_whatever_readers_wish(
    conn: sa.Connection, people: dict[str, int], at: datetime
) -> None:
    for number, who in enumerate(people.values()):
        subscribers.pause(conn, who, "daily", until=later(5 * number) if number % 2 else None)
        subscribers.choose(conn, who, "daily", min_days=number)
        had_one(conn, who, at=NOW)
    everybody = list(people.values())

    for however_often in (False, True):
        rows = conn.execute(subscribers.audience("daily", at=at, however_often=however_often))
        reasons = subscribers.why_not(conn, "daily", everybody, at=at, however_often=however_often)
        assert {row.subscriber_id for row in rows} == people.values() - reasons.keys()
        counted = subscribers.not_mailable(conn, "daily", at=at, however_often=however_often)
        assert sum(counted.values()) == len(reasons)


def test_the_best_come_first_by_their_clicks(conn: sa.Connection) -> None:
    ids = {}
    for name, clicked in (("never", None), ("long-ago", 400), ("lately", 3), ("this-winter", 80)):
        ids[name] = subscribers.add(
            conn,
            f"{name}@example.org",
            newsletter="daily",
            supporter=Supporter.MONTHLY if name == "never" else Supporter.NONE,
            consent=yes(),
            at=NOW,
        ).subscriber_id
        if clicked:
            subscribers.touched(conn, [subscribers.Touch(ids[name], "daily", clicked_at=later(-clicked))])

    rows = subscribers.audience("daily", at=NOW, best_first=True)
    order = [column for column in rows.selected_columns if column.name in {"engaged", "standing", "since"}]
    found = [row.address.partition("@")[0] for row in conn.execute(rows.order_by(*order))]
    assert found == ["lately", "this-winter", "long-ago", "never"]
