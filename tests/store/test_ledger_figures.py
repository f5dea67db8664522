"""Figures and pages: what the ledger says of an issue, and of a person."""

from __future__ import annotations

from digest.model import DeliveryState, IssueState
from digest.store import deliveries, ledger
from tests.store.desk import Desk, accepted, after, doubtful, refused, throttled
from tests.store.test_ledger_freeze import ASK, THANKS


def test_figures_are_counted_from_the_deliveries(desk: Desk) -> None:
    issue = desk.frozen("Alice", "Bob", "Charlie", "Dora", "Emil", "Frida")
    claim = desk.calling(issue)
    with desk.database.write() as conn:
        ledger.skip(conn, claim, {1: "left"}, now=after(1))
    desk.record(claim, accepted(2), refused(3, "bad"), refused(4, "bad"), doubtful(5), throttled(6))

    with desk.database.read() as conn:
        figures = deliveries.figures(conn, issue)

    assert (figures.issue, figures.newsletter, figures.state) == (issue, "daily", IssueState.SENDING)
    assert figures.recipients == 6
    assert (figures.planned, figures.accepted, figures.skipped) == (1, 1, 1)
    assert (figures.refused, figures.uncertain) == (2, 1)
    assert figures.skipped_why == {"left": 1}
    assert figures.refused_why == {"bad": 2}
    assert figures.editions == {"everyone": 6}


def test_what_was_delivered_bounced_or_complained_about_was_accepted_first(desk: Desk) -> None:
    issue = desk.frozen("Alice", "Bob", "Charlie", "Dora")
    with desk.database.write() as conn:
        for position, state in enumerate(("accepted", "delivered", "bounced", "complained"), start=1):
            conn.exec_driver_sql(f"UPDATE delivery SET state = '{state}' WHERE position = {position}")
        assert deliveries.figures(conn, issue).accepted == 4


def test_an_issue_without_a_roster_has_empty_figures(desk: Desk) -> None:
    issue = desk.issue()

    with desk.database.read() as conn:
        figures = deliveries.figures(conn, issue)

    assert (figures.recipients, figures.planned, figures.accepted) == (0, 0, 0)
    assert figures.editions == {}


def test_sizes_of_editions_are_in_the_order_of_the_editions(desk: Desk) -> None:
    desk.subscribe("Alice", "Bob", "Charlie", supporter="monthly")
    desk.subscribe("Dora", supporter="none")
    issue = desk.issue({"thanks": THANKS, "ask": ASK})
    desk.freeze(issue, batch_size=2)

    with desk.database.read() as conn:
        assert list(deliveries.edition_sizes(conn, issue).items()) == [("thanks", 3), ("ask", 1)]


def test_deliveries_are_read_page_by_page(desk: Desk) -> None:
    desk.subscribe_many(7)
    issue = desk.frozen()

    with desk.database.read() as conn:
        first = deliveries.listed(conn, issue, limit=3)
        second = deliveries.listed(conn, issue, after=first[-1].position, limit=3)
        last = deliveries.listed(conn, issue, after=second[-1].position, limit=3)

    assert [row.position for row in first + second + last] == [1, 2, 3, 4, 5, 6, 7]


def test_deliveries_of_one_state_can_be_asked_for(desk: Desk) -> None:
    issue = desk.frozen("Alice", "Bob", "Charlie")
    desk.record(desk.calling(issue), doubtful(1), accepted(2), doubtful(3))

    with desk.database.read() as conn:
        found = deliveries.listed(conn, issue, state=DeliveryState.UNCERTAIN)
        rest = deliveries.listed(conn, issue, state=DeliveryState.UNCERTAIN, after=1)

    assert [row.position for row in found] == [1, 3]
    assert [row.position for row in rest] == [3]


def test_a_person_can_see_what_they_were_sent(desk: Desk) -> None:
    (alice,) = desk.subscribe("Alice")
    first = desk.frozen("Bob")
    desk.record(desk.calling(first), accepted(1, "ses-1"), accepted(2), at=after(5))
    second = desk.issue()
    desk.freeze(second)

    with desk.database.read() as conn:
        theirs = deliveries.of_person(conn, alice)

    assert theirs == [
        {
            "issue": first,
            "address": "alice@example.com",
            "state": "accepted",
            "reason": "",
            "message_id": "ses-1",
            "at": after(5),
            "events": [],
        },
        {
            "issue": second,
            "address": "alice@example.com",
            "state": "planned",
            "reason": "",
            "message_id": "",
            "at": None,
            "events": [],
        },
    ]


def test_a_forgotten_person_is_erased_and_the_figures_stay_true(desk: Desk) -> None:
    (alice,) = desk.subscribe("Alice")
    issue = desk.frozen("Bob")
    desk.record(desk.calling(issue), accepted(1), accepted(2))
    with desk.database.read() as conn:
        before = deliveries.figures(conn, issue)

    with desk.database.write() as conn:
        deliveries.erase(conn, alice)

    rows = desk.deliveries(issue)
    assert [row.address for row in rows] == ["", "bob@example.com"]
    with desk.database.read() as conn:
        assert deliveries.figures(conn, issue) == before
