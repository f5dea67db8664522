"""Freezing a roster: one row for each reader, planned in batches, by statements that do not grow with the list."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from digest.errors import StoreError
from digest.model import BatchState, DeliveryState, Supporter
from tests.store.desk import EVERYBODY, Desk

ASK = (Supporter.NONE, Supporter.LAPSED, Supporter.UNKNOWN)
THANKS = (Supporter.ONE_TIME, Supporter.MONTHLY)


def test_everybody_on_the_list_is_in_the_roster_once_and_planned(desk: Desk) -> None:
    issue = desk.frozen("Alice", "Bob", "Charlie")

    rows = desk.deliveries(issue)
    assert [row.position for row in rows] == [1, 2, 3]
    assert sorted(row.address for row in rows) == ["alice@example.com", "bob@example.com", "charlie@example.com"]
    assert {row.state for row in rows} == {DeliveryState.PLANNED}
    assert desk.batches(issue) == {BatchState.PLANNED: 1}


def test_positions_have_no_gaps_and_no_batch_holds_two_editions_or_more_than_its_size(desk: Desk) -> None:
    desk.subscribe(*(f"Asked{n}" for n in range(7)), supporter="none")
    desk.subscribe(*(f"Giver{n}" for n in range(4)), supporter="monthly")
    issue = desk.issue({"ask": ASK, "thanks": THANKS})

    assert desk.freeze(issue, batch_size=3) == [7, 4]

    assert [row.position for row in desk.deliveries(issue)] == list(range(1, 12))
    assert desk.plan(issue) == [
        (1, "ask", 1, 3),
        (2, "ask", 4, 6),
        (3, "ask", 7, 7),
        (4, "thanks", 8, 10),
        (5, "thanks", 11, 11),
    ]
    givers = [row.address for row in desk.deliveries(issue) if row.position >= 8]
    assert all(address.startswith("giver") for address in givers)


def test_a_full_last_batch_is_followed_by_no_empty_one(desk: Desk) -> None:
    issue = desk.frozen(*(f"Reader{n}" for n in range(6)), batch_size=3)

    assert [(first, last) for _, _, first, last in desk.plan(issue)] == [(1, 3), (4, 6)]


def test_an_edition_for_nobody_has_no_batch(desk: Desk) -> None:
    desk.subscribe("Alice", supporter="none")
    issue = desk.issue({"thanks": THANKS, "ask": ASK})

    assert desk.freeze(issue) == [0, 1]

    assert desk.plan(issue) == [(1, "ask", 1, 1)]


def test_an_issue_cannot_be_frozen_twice(desk: Desk) -> None:
    issue = desk.frozen("Alice", "Bob")

    with pytest.raises(StoreError, match="refused"):
        desk.freeze(issue)

    assert [row.position for row in desk.deliveries(issue)] == [1, 2]
    assert desk.batches(issue) == {BatchState.PLANNED: 1}


def test_a_reader_cannot_be_in_two_editions_of_an_issue(desk: Desk) -> None:
    desk.subscribe("Alice")
    issue = desk.issue({"ask": ASK, "everyone": EVERYBODY})

    with pytest.raises(StoreError, match="refused"):
        desk.freeze(issue)

    assert desk.deliveries(issue) == []
    assert desk.plan(issue) == []


def test_two_issues_have_rosters_of_their_own(desk: Desk) -> None:
    first = desk.frozen("Alice", "Bob")
    desk.subscribe("Charlie")
    second = desk.issue()

    assert desk.freeze(second) == [3]
    assert len(desk.deliveries(first)) == 2
    assert [row.position for row in desk.deliveries(second)] == [1, 2, 3]


def test_a_hundred_thousand_readers_are_frozen_by_as_many_statements_as_one(desk: Desk) -> None:
    issue = desk.frozen("Alice")
    few = _statements(desk, issue_of=desk.issue)
    desk.subscribe_many(100_000)
    many = _statements(desk, issue_of=desk.issue)

    assert many == few
    assert few < 10
    assert desk.batches(issue + 2) == {BatchState.PLANNED: 2001}


def _statements(desk: Desk, *, issue_of: Any) -> int:
    """How many statements it takes to freeze a new issue."""
    issue = issue_of()
    seen: list[str] = []

    def see(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    sa.event.listen(desk.database._engine, "before_cursor_execute", see)
    desk.freeze(issue)
    sa.event.remove(desk.database._engine, "before_cursor_execute", see)
    return len(seen)
