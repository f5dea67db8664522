"""Lanes: breaking news overtakes a running digest, and costs it nobody."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from digest.deliver import control
from digest.deliver.lanes import Lanes
from digest.model import Issue, IssueState
from tests.doubles.ses import SesDouble
from tests.newsroom import Newsroom


@pytest.fixture
def slow(tmp_path: Path, database_url: str, ses: SesDouble, aws: Callable[[str], None]) -> Iterator[Newsroom]:
    """An account that may mail ten readers a second."""
    ses.account.limit(10)
    aws(ses.url)
    room = Newsroom(tmp_path, environment={"DIGEST_SENDER": "ses", "DIGEST_DATABASE_URL": database_url})
    yield room
    room.app.close()


def make_urgent(room: Newsroom, issue: Issue) -> None:
    with room.app.database.write() as conn:
        control.rank(conn, issue.id, urgent=True, actor="Nora", now=room.app.clock())


def approved(room: Newsroom, headline: str) -> Issue:
    room.write_article(headline, body=f"{headline}. The harbour master said so on Tuesday. Nobody was hurt, she said.")
    issue = room.app.drafting.draft(room.daily, actor="Nora").issue
    room.app.proofs.approve(issue.id, actor="Nora")
    return issue


def frozen(room: Newsroom, headline: str) -> Issue:
    issue = approved(room, headline)
    room.app.delivery.start(issue.id, actor="Nora")
    return room.issue(issue.id)


@pytest.mark.parametrize("by_another_process", [False, True])
def test_breaking_news_overtakes_a_running_digest_within_a_second(
    slow: Newsroom, ses: SesDouble, by_another_process: bool
) -> None:
    slow.subscribe_many(60)
    digest, news = frozen(slow, "The ferry is back"), approved(slow, "The pier is on fire")
    make_urgent(slow, news)
    stop = threading.Event()
    sending = threading.Thread(
        target=lambda: (
            slow.app.delivery.deliver(digest.id, stop=stop) if by_another_process else slow.app.delivery.work(stop=stop)
        )
    )
    sending.start()
    _until(lambda: ses.accepted >= 10)

    other = slow.open()
    other.delivery.start(news.id, actor="Nora")
    began = time.time()
    if by_another_process:
        other.delivery.deliver(news.id, stop=threading.Event())
    else:
        _until(lambda: slow.issue(news.id).state is IssueState.FINISHED)
    stop.set()
    sending.join()
    other.close()

    of_digest = [mail.at for mail in ses.mails if mail.tags["issue"] == str(digest.id)]
    of_news = [mail.at for mail in ses.mails if mail.tags["issue"] == str(news.id)]
    assert len(of_news) == 60
    overtaken = [at for at in of_digest if began + 1 < at < max(of_news)]
    assert overtaken == [], "batches of the digest went before those of the news"
    assert slow.issue(digest.id).state is IssueState.SENDING
    assert ses.stats["throttled"] == 0


def test_who_was_overtaken_goes_on_and_everybody_has_both(slow: Newsroom, ses: SesDouble) -> None:
    ses.account.limit(200)
    slow.subscribe_many(60)
    digest, news = frozen(slow, "The ferry is back"), frozen(slow, "The pier is on fire")
    make_urgent(slow, news)

    troubles = slow.app.delivery.work(stop=threading.Event())

    assert not troubles
    assert [slow.issue(one.id).state for one in (digest, news)] == [IssueState.FINISHED] * 2
    order = [mail.tags["issue"] for mail in sorted(ses.mails, key=lambda mail: mail.at)]
    assert order == [str(news.id)] * 60 + [str(digest.id)] * 60


def test_what_befalls_one_issue_does_not_stop_the_other(ses_newsroom: Newsroom, ses: SesDouble) -> None:
    ses_newsroom.subscribe("Alice", "Bob")
    first, second = frozen(ses_newsroom, "The ferry is back"), frozen(ses_newsroom, "The pier is open")
    with ses_newsroom.app.database.write() as conn:
        conn.exec_driver_sql(f"UPDATE edition SET html = html || 'x' WHERE issue_id = {first.id}")

    troubles = ses_newsroom.app.delivery.work(stop=threading.Event())

    assert list(troubles) == [first.id]
    assert "is not what was approved" in str(troubles[first.id])
    assert ses_newsroom.issue(first.id).state is IssueState.PAUSED
    assert ses_newsroom.issue(second.id).state is IssueState.FINISHED
    assert {mail.tags["issue"] for mail in ses.mails} == {str(second.id)}


def test_breaking_news_that_only_waits_for_its_answers_holds_nobody_up(slow: Newsroom, ses: SesDouble) -> None:
    """All its batches are in the air: the digest may use the time."""
    ses.account.limit(200)
    slow.subscribe_many(20)
    digest, news = frozen(slow, "The ferry is back"), frozen(slow, "The pier is on fire")
    make_urgent(slow, news)
    ses.service.latency = 2

    slow.app.delivery.work(stop=threading.Event())

    assert slow.issue(digest.id).state is IssueState.FINISHED
    first_of_digest = min(mail.at for mail in ses.mails if mail.tags["issue"] == str(digest.id))
    last_of_news = max(mail.at for mail in ses.mails if mail.tags["issue"] == str(news.id))
    assert first_of_digest - last_of_news < 2, "the digest waited for the answers"


def test_lanes_say_who_goes_first_and_leave_out_what_waits(slow: Newsroom) -> None:
    slow.subscribe("Alice")
    first, second, held = (frozen(slow, f"The {what} is back") for what in ("ferry", "heron", "tide"))
    with slow.app.database.write() as conn:
        conn.exec_driver_sql(
            f"UPDATE issue SET hold = 'the quota', held_until = '2099-01-01 00:00:00.000000' WHERE id = {held.id}"
        )
    make_urgent(slow, second)
    lanes = Lanes(slow.app.database, clock=slow.app.clock)

    assert [issue.id for issue in lanes.now()] == [second.id, first.id]
    lanes.leave_out(second.id)
    assert [issue.id for issue in lanes.now()] == [first.id]

    alone = Lanes(slow.app.database, clock=slow.app.clock, only=first.id)
    assert [issue.id for issue in alone.now()] == [second.id, first.id], "breaking news goes first whoever sends"
    assert Lanes(slow.app.database, clock=slow.app.clock, only=held.id).now() == ()


def _until(seen: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)
