"""Watching: what somebody sees of an issue on its way, whoever sends it, and what that costs the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from digest.deliver.pace import Pace
from digest.errors import UsageMistake
from digest.model import IssueState, Receipt
from digest.report.watching import LOOKS, Watching
from digest.store import deliveries, issues, paces
from tests.newsroom import Newsroom
from tests.store.desk import NOON, Desk, accepted, after, doubtful, refused, throttled


def watching(desk: Desk, issue: int) -> Watching:
    return Watching(desk.database, issue, sender="ses")


def change(desk: Desk, issue: int, **values: Any) -> None:
    with desk.database.write() as conn:
        issues.change(conn, issue, **values)


def send(desk: Desk, issue: int, receipt: Callable[[int], Receipt] = accepted, *, at: float = 0) -> None:
    """One batch, all of whose readers meet the same."""
    claim = desk.calling(issue, at=after(at))
    receipts = [receipt(position) for position in range(claim.first, claim.last + 1)]
    desk.record(claim, *receipts, at=after(at), try_again=after(at + 2))


def allow(desk: Desk, rate: float) -> None:
    with desk.database.write() as conn:
        paces.write(conn, "ses", Pace(max_rate=rate, rate=rate))


@pytest.fixture
def issue(desk: Desk) -> int:
    """A hundred readers in batches of ten."""
    desk.subscribe_many(100)
    issue = desk.issue()
    desk.freeze(issue, batch_size=10)
    change(desk, issue, started_at=NOON)
    return issue


# --- How fast ----------------------------------------------------------------------------------------------


def test_the_first_look_knows_no_rate_and_the_second_does(desk: Desk, issue: int) -> None:
    allow(desk, 20)
    watch = watching(desk, issue)

    first = watch.look(0)
    assert (first.rate, first.seconds_left, first.allowed_rate) == (None, None, 20)
    assert first.line() == "sending: 0 of 100 accepted; 100 left"

    send(desk, issue)
    send(desk, issue)
    second = watch.look(1)
    assert (second.rate, second.seconds_left) == (20, 4)
    assert second.line() == "sending: 20 of 100 accepted; 80 left; 20/s of 20/s, 4 s left"


def test_who_goes_slower_than_allowed_is_told_what_the_full_rate_would_take(desk: Desk, issue: int) -> None:
    allow(desk, 40)
    watch = watching(desk, issue)
    watch.look(0)
    send(desk, issue)

    assert watch.look(2).line().endswith("5/s of 40/s, 18 s left (2 s at the full rate)")


def test_the_rate_is_that_of_the_last_looks(desk: Desk, issue: int) -> None:
    """An hour's hold makes an average since the start useless."""
    watch = watching(desk, issue)
    watch.look(0)
    for second in range(1, LOOKS):
        watch.look(3600 + second)
    send(desk, issue)

    seen = watch.look(3600 + LOOKS)
    assert seen.rate == pytest.approx(10 / (LOOKS - 1))


def test_all_that_other_workers_do_is_seen(desk: Desk, issue: int) -> None:
    send(desk, issue)
    send(desk, issue, refused)
    send(desk, issue, doubtful)
    with desk.database.write() as conn:
        conn.exec_driver_sql("UPDATE delivery SET state = 'bounced' WHERE position = 1")
        conn.exec_driver_sql("UPDATE delivery SET state = 'skipped' WHERE position = 2")

    seen = watching(desk, issue).look(0)

    assert (seen.recipients, seen.accepted, seen.uncertain, seen.left) == (100, 9, 10, 70)
    assert "10 uncertain" in seen.line()


# --- What holds it -----------------------------------------------------------------------------------------


def test_a_paused_issue_says_who_paused_it_and_foretells_nothing(desk: Desk, issue: int) -> None:
    watch = watching(desk, issue)
    watch.look(0)
    send(desk, issue)
    change(desk, issue, state=IssueState.PAUSED.value, hold="paused by Nora", fingerprint="abc")

    seen = watch.look(1)

    assert seen.line() == "paused: 10 of 100 accepted; 90 left; held: paused by Nora"
    assert seen.seconds_left is None
    assert not seen.is_over


def test_an_issue_changed_while_paused_says_that_it_must_be_approved_again(desk: Desk, issue: int) -> None:
    change(desk, issue, state=IssueState.PAUSED.value, hold="paused by Nora", fingerprint="")

    assert watching(desk, issue).look(0).line().endswith("; it was changed and is not approved again")


def test_a_held_issue_says_until_when(desk: Desk, issue: int) -> None:
    change(desk, issue, hold="the account's 24-hour quota is used up", held_until=NOON + timedelta(hours=2))

    seen = watching(desk, issue).look(0)

    assert "held until 14:00 UTC: the account's 24-hour quota is used up" in seen.line()
    assert seen.facts()["held_until"] == NOON + timedelta(hours=2)


def test_when_nothing_passes_any_more_it_says_why_and_since_when(desk: Desk, issue: int) -> None:
    send(desk, issue, at=5)
    send(desk, issue, throttled, at=10)

    seen = watching(desk, issue).look(0)

    assert (seen.trouble, seen.trouble_since) == ("ACCOUNT_THROTTLED", after(5))
    assert seen.line().endswith("nothing passes since 12:00:05 UTC, and it is tried again: ACCOUNT_THROTTLED")


def test_an_issue_of_which_nothing_ever_passed_stands_still_since_it_started(desk: Desk, issue: int) -> None:
    send(desk, issue, throttled, at=10)

    assert watching(desk, issue).look(0).trouble_since == NOON


def test_the_trouble_is_over_as_soon_as_somebody_passes(desk: Desk, issue: int) -> None:
    send(desk, issue, throttled, at=10)
    send(desk, issue, at=11)

    seen = watching(desk, issue).look(0)

    assert (seen.trouble, seen.trouble_since) == ("", None)


def test_a_pause_is_no_trouble(desk: Desk, issue: int) -> None:
    send(desk, issue, throttled, at=10)
    change(desk, issue, state=IssueState.PAUSED.value, hold="paused by Nora")

    assert watching(desk, issue).look(0).trouble == ""


# --- Before and after --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "line"),
    [
        (IssueState.DRAFT, "draft: not approved yet"),
        (IssueState.APPROVED, "approved: not started"),
        (IssueState.SCHEDULED, "scheduled: starts at 2026-11-22 12:00 UTC"),
    ],
)
def test_an_issue_that_did_not_start_says_what_it_waits_for(desk: Desk, state: IssueState, line: str) -> None:
    issue = desk.issue()
    change(desk, issue, state=state.value, scheduled_at=NOON)

    seen = watching(desk, issue).look(0)

    assert (seen.line(), seen.is_over) == (line, False)


@pytest.mark.parametrize("state", [IssueState.FINISHED, IssueState.CANCELLED])
def test_it_is_over_when_the_issue_is(desk: Desk, issue: int, state: IssueState) -> None:
    change(desk, issue, state=state.value)

    assert watching(desk, issue).look(0).is_over


def test_an_unknown_issue_is_a_mistake(desk: Desk) -> None:
    with pytest.raises(UsageMistake, match="There is no issue 7"):
        watching(desk, 7).look(0)


# --- What a look costs -------------------------------------------------------------------------------------


def plans(conn: sa.Connection, look: Callable[[], object]) -> list[str]:
    """How SQLite answers each question that a look asks."""
    asked: list[str] = []

    def hear(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        for value in parameters:
            statement = statement.replace("?", repr(value), 1)
        if statement.startswith("SELECT"):
            asked.append(statement)

    sa.event.listen(conn, "before_cursor_execute", hear)
    look()
    sa.event.remove(conn, "before_cursor_execute", hear)
    return [
        "; ".join(str(row[3]) for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")) for statement in asked
    ]


@pytest.fixture
def stuck(newsroom: Newsroom) -> tuple[Desk, int]:
    """An issue on SQLite, of which one batch came back. (PostgreSQL chooses by statistics, and says what it chose.)"""
    desk = Desk(newsroom.app.database)
    desk.subscribe_many(100)
    issue = desk.issue()
    desk.freeze(issue, batch_size=10)
    send(desk, issue, throttled)
    return desk, issue


def test_a_look_reads_no_deliveries_but_the_few_that_went_another_way(stuck: tuple[Desk, int]) -> None:
    desk, issue = stuck
    with desk.database.read() as conn:
        batches, rare = plans(conn, lambda: deliveries.glance(conn, issue))

    assert batches.startswith("SEARCH batch USING INDEX ix_batch_work (issue_id=?)")
    assert "delivery" not in batches
    assert rare == "SEARCH delivery USING COVERING INDEX ix_delivery_rare (issue_id=? AND state=?)"


def test_why_an_issue_stands_still_is_read_from_one_batch_and_its_readers(stuck: tuple[Desk, int]) -> None:
    desk, issue = stuck
    with desk.database.read() as conn:
        (why,) = plans(conn, lambda: deliveries.why_back(conn, issue))

    assert "SCAN batch" not in why
    assert "SCAN delivery" not in why
    assert "SEARCH delivery USING PRIMARY KEY (issue_id=? AND position>? AND position<?)" in why
