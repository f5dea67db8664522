"""Notices share the account's rate with whatever issue is on its way: neither is throttled for the other's sake."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest

from digest.deliver.turns import PATIENCE
from digest.model import IssueState
from digest.store import outgoing, paces
from digest.store.outgoing import Outgoing
from tests.doubles.ses import SesDouble
from tests.newsroom import Clock, Newsroom

RATE = 40


def owe(room: Newsroom, *subscriber_ids: int) -> None:
    with room.app.database.write() as conn:
        for who in subscriber_ids:
            room.app.notices.plan(conn, "link", "daily", who)


def work(room: Newsroom, stop: threading.Event | None = None) -> None:
    room.app.notices.work(stop or threading.Event())


def notices(room: Newsroom) -> list[Outgoing]:
    with room.app.database.read() as conn:
        return outgoing.listed(conn)


def test_readers_who_ask_for_links_while_an_issue_runs_and_the_issue_keep_to_one_rate_together(
    tmp_path: Path, database_url: str, aws: Callable[[str], None]
) -> None:
    """How late a call leaves is up to the machine, so that is not what is looked at; and SES forgives a burst."""
    with SesDouble(rate=4 * RATE, strict=True) as ses:
        aws(ses.url)
        settings = {"DIGEST_SENDER": "ses", "DIGEST_SES_MAX_RATE": str(RATE), "DIGEST_DATABASE_URL": database_url}
        room = Newsroom(tmp_path, environment=settings)
        room.subscribe_many(120)
        asking = room.subscribe(*(f"Bob{number}" for number in range(12)), newsletter="weekend")
        issue = room.frozen()
        began = time.time()
        sending = threading.Thread(target=lambda: room.deliver(issue))
        sending.start()
        while not ses.mails:
            time.sleep(0.01)
        owe(room, *asking)
        work(room)
        sending.join()
        finished = room.issue(issue.id).state
        states = {notice.state for notice in notices(room)}
        room.app.close()

    assert (finished, states) == (IssueState.FINISHED, {"accepted"})
    assert ses.stats["throttled"] == 0
    operations = [mail.call.operation for mail in ses.mails]
    assert operations.index("SendEmail") < 3 * RATE, "no notice waits for the end of an issue"
    before = 0
    for call in (list(mails) for _, mails in groupby(ses.mails, key=lambda mail: id(mail.call))):
        assert call[0].at - began >= before / RATE, f"{call[0].call.operation} left before its turn"
        before += len(call)
    assert before == 132


def test_what_was_throttled_is_tried_again_slower_and_costs_no_quota(
    tmp_path: Path, database_url: str, aws: Callable[[str], None]
) -> None:
    with SesDouble(rate=500, quota=1000) as ses:
        aws(ses.url)
        room = Newsroom(tmp_path, environment={"DIGEST_SENDER": "ses", "DIGEST_DATABASE_URL": database_url})
        room.clock = Clock()
        [alice] = room.subscribe("Alice")
        ses.refuse("TooManyRequestsException", "Maximum sending rate exceeded.", status=429, times=1)
        owe(room, alice)
        work(room)
        [waits] = notices(room)
        with room.app.database.read() as conn:
            eased = paces.look(conn, "ses")
        room.clock.turn(seconds=6)
        work(room)
        [sent] = notices(room)
        room.app.close()

    assert (waits.state, sent.state, sent.attempt) == ("planned", "accepted", 2)
    assert eased is not None
    assert (eased.rate, eased.quota_left) == (350, 1000)
    assert [mail.to for mail in ses.mails] == [("alice@example.com",)]


@pytest.fixture
def room(ses_newsroom: Newsroom) -> Newsroom:
    ses_newsroom.clock = Clock()
    return ses_newsroom


def begin_in(room: Newsroom, seconds: float) -> None:
    """The account's next free turn is so far ahead."""
    room.app.notice_turns.take(threading.Event())
    with room.app.database.write() as conn:
        known = paces.read(conn, "ses")
        assert known is not None
        paces.write(conn, "ses", replace(known, next_free=room.app.clock().timestamp() + seconds))


def test_who_is_told_to_stop_while_waiting_for_a_turn_leaves_the_notice_owed(room: Newsroom, ses: SesDouble) -> None:
    [alice] = room.subscribe("Alice")
    begin_in(room, PATIENCE - 1)
    owe(room, alice)
    told = threading.Event()
    threading.Timer(0.2, told.set).start()

    work(room, told)

    assert [(notice.state, notice.attempt) for notice in notices(room)] == [("planned", 0)]
    assert not ses.mails


def test_a_turn_that_is_far_ahead_is_not_waited_for(room: Newsroom, ses: SesDouble) -> None:
    [alice] = room.subscribe("Alice")
    begin_in(room, PATIENCE + 1)
    owe(room, alice)

    began = time.monotonic()
    work(room)

    assert time.monotonic() - began < PATIENCE / 2
    [notice] = notices(room)
    assert (notice.state, notice.reason) == ("planned", "The next turn begins in 21 seconds only.")
    assert not ses.mails


def test_a_quota_that_is_used_up_puts_a_notice_off_and_says_so(room: Newsroom, ses: SesDouble) -> None:
    [alice] = room.subscribe("Alice")
    ses.account.quota = 0
    owe(room, alice)

    work(room)

    [notice] = notices(room)
    assert (notice.state, notice.reason) == ("planned", "The account's 24-hour quota is used up.")


def test_an_account_that_may_not_send_puts_a_notice_off_and_nothing_is_tried(room: Newsroom, ses: SesDouble) -> None:
    [alice] = room.subscribe("Alice")
    ses.account.sending_enabled = False
    owe(room, alice)

    work(room)

    [notice] = notices(room)
    assert notice.state == "planned"
    assert "may not send now" in notice.reason
    assert "SendEmail" not in ses.stats
