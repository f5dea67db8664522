"""A new account warms up: so many readers a day, the likeliest first, and the issue goes on by itself the next day."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.model import IssueState
from digest.store import deliveries, paces
from tests.doubles.ses import SesDouble
from tests.newsroom import Newsroom, Running

SUNDAY = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.fixture
def warm(tmp_path: Path, database_url: str, ses: SesDouble, aws: Callable[[str], None]) -> Iterator[Newsroom]:
    """Twenty readers on the first day, thirty on the second, then everybody."""
    aws(ses.url)
    room = Newsroom(
        tmp_path,
        environment={
            "DIGEST_SENDER": "ses",
            "DIGEST_DATABASE_URL": database_url,
            "DIGEST_SES_WARM_UP": "20, 30",
            "DIGEST_SES_WARM_UP_FROM": "2026-11-22",
        },
    )
    room.clock = Running(SUNDAY)
    yield room
    room.app.close()


def test_each_day_has_its_readers_and_the_rest_waits_for_the_next(warm: Newsroom, ses: SesDouble) -> None:
    warm.subscribe_many(75)
    issue = warm.frozen()

    figures = warm.deliver(issue)
    held = warm.issue(issue.id)
    assert (figures.state, figures.accepted, figures.planned) == (IssueState.SENDING, 20, 55)
    assert held.hold.startswith("warm-up: 20 readers a day now")
    assert "2026-11-23 00:00 UTC" in held.hold
    assert held.held_until == datetime(2026, 11, 23, tzinfo=UTC)
    assert warm.deliver(issue).accepted == 20, "looking again does not help"

    assert warm.clock is not None
    warm.clock.turn(hours=24)
    assert warm.deliver(issue).accepted == 40, "twenty more: a second batch of twenty is more than thirty"
    warm.clock.turn(hours=24)
    figures = warm.deliver(issue)
    assert (figures.state, figures.accepted, ses.accepted) == (IssueState.FINISHED, 75, 75)


def test_two_workers_share_the_day(warm: Newsroom, ses: SesDouble) -> None:
    warm.subscribe_many(60)
    ses.account.limit(3)
    issue = warm.frozen()
    ses.account.limit(500)
    warm.app.delivery.allowance.ask()
    other = warm.open()

    second = threading.Thread(target=lambda: other.delivery.deliver(issue.id, stop=threading.Event()))
    second.start()
    warm.deliver(issue)
    second.join()
    other.close()

    assert ses.accepted == 18, "six batches of three, and the seventh has no room"
    assert warm.issue(issue.id).hold.startswith("warm-up")


def test_a_crash_costs_nothing_of_the_day(warm: Newsroom, ses: SesDouble) -> None:
    """Killed between its turn and its call, a worker leaves a day's count that nobody used: the ledger knows better."""
    warm.subscribe_many(40)
    issue = warm.frozen()
    allowance = warm.app.delivery.allowance
    with warm.app.database.write() as conn:
        assert allowance.reserve(conn, 20) is not None
        assert allowance.reserve(conn, 20) is None

    restarted = warm.open()
    restarted.delivery.allowance.ask()
    restarted.close()

    assert warm.deliver(issue).accepted == 20


def test_what_was_sent_before_there_was_a_plan_counts_for_its_first_day(
    tmp_path: Path, ses: SesDouble, aws: Callable[[str], None]
) -> None:
    aws(ses.url)
    room = Newsroom(tmp_path, environment={"DIGEST_SENDER": "ses"})
    room.clock = Running(SUNDAY)
    room.subscribe_many(15)
    room.deliver(room.frozen())
    room.app.close()

    room.environment |= {"DIGEST_SES_WARM_UP": "20", "DIGEST_SES_WARM_UP_FROM": "2026-11-22"}
    room.app = room.open()
    room.app.delivery.allowance.ask()

    with room.app.database.read() as conn:
        known = paces.look(conn, "ses")
    room.app.close()
    assert known is not None
    assert known.day_count == 15


def test_supporters_are_mailed_first_and_then_who_has_been_there_longest(warm: Newsroom) -> None:
    assert warm.clock is not None
    for name, supporter in [
        ("Alice", "none"),
        ("Bob", "monthly"),
        ("Charlie", "none"),
        ("Dora", "one-time"),
        ("Emil", "lapsed"),
    ]:
        warm.subscribe(name, supporter=supporter)
        warm.clock.now += timedelta(minutes=1)

    issue = warm.frozen()

    with warm.app.database.read() as conn:
        names = [row.address.split("@")[0] for row in deliveries.listed(conn, issue.id)]
    assert names == ["bob", "dora", "emil", "alice", "charlie"]


def test_without_a_warm_up_readers_stand_as_they_joined(room: Newsroom) -> None:
    room.subscribe("Alice")
    room.subscribe("Dora", supporter="one-time")
    room.subscribe("Bob")

    issue = room.frozen()

    with room.app.database.read() as conn:
        names = [row.address.split("@")[0] for row in deliveries.listed(conn, issue.id)]
    assert names == ["alice", "dora", "bob"]


# --- The quota of 24 hours ---------------------------------------------------------------------------------


def test_a_quota_that_we_used_up_ourselves_is_waited_for_until_yesterdays_mail_is_a_day_old(
    ses_room: Newsroom, ses: SesDouble
) -> None:
    ses.account.quota = 40
    ses_room.clock = Running(SUNDAY)
    ses_room.subscribe_many(60)
    issue = ses_room.frozen()

    figures = ses_room.deliver(issue)

    held = ses_room.issue(issue.id)
    assert (figures.accepted, figures.planned) == (40, 20)
    assert held.hold == "the account's 24-hour quota is used up; on from 2026-11-23 10:00 UTC"
    assert held.held_until is not None
    assert abs(held.held_until - SUNDAY - timedelta(hours=24)) < timedelta(seconds=30)


def test_a_quota_that_others_use_too_is_looked_at_again_soon(ses_room: Newsroom, ses: SesDouble) -> None:
    ses.account.quota = 40
    ses_room.clock = Running(SUNDAY)
    ses_room.subscribe_many(30)
    issue = ses_room.frozen()
    with ses_room.app.database.write() as conn:
        known = paces.read(conn, "ses")
        assert known is not None
        paces.write(conn, "ses", replace(known, quota_left=10))

    ses_room.deliver(issue)

    held = ses_room.issue(issue.id)
    assert held.hold == "the account's 24-hour quota is used up"
    assert held.held_until is not None
    assert held.held_until - SUNDAY < timedelta(minutes=16)
