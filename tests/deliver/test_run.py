"""Delivering: everybody who is to get an issue gets it once, whoever carries it and however often it stops."""

from __future__ import annotations

import email
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

import subscribers
from digest.deliver import control
from digest.deliver.progress import Progress
from digest.deliver.run import Delivery
from digest.issue.lifecycle import Step
from digest.model import DeliveryState, Figures, Issue, IssueState
from digest.store import deliveries, issues, ledger, schema
from tests.doubles.ses import SesDouble
from tests.newsroom import Newsroom


def states(room: Newsroom, issue: Issue) -> dict[str, DeliveryState]:
    with room.app.database.read() as conn:
        rows = deliveries.listed(conn, issue.id)
    return {row.address.partition("@")[0].title(): row.state for row in rows}


def reasons(room: Newsroom, issue: Issue) -> dict[str, str]:
    with room.app.database.read() as conn:
        rows = deliveries.listed(conn, issue.id)
    return {row.address.partition("@")[0].title(): row.reason for row in rows}


def mailed(ses: SesDouble) -> Counter[str]:
    return Counter(mail.to[0] for mail in ses.mails)


# --- The whole way -----------------------------------------------------------------------------------------


def test_everybody_gets_the_edition_that_is_theirs_and_the_ledger_says_so(ses_room: Newsroom, ses: SesDouble) -> None:
    ses_room.subscribe("Alice", "Bob", supporter="none")
    ses_room.subscribe("Charlie", supporter="monthly")
    issue = ses_room.frozen()

    figures = ses_room.deliver(issue)

    assert figures.state is IssueState.FINISHED
    assert (figures.recipients, figures.accepted, figures.planned) == (3, 3, 0)
    assert figures.editions == {"ask": 2, "thanks": 1}
    assert mailed(ses) == {"alice@example.com": 1, "bob@example.com": 1, "charlie@example.com": 1}
    assert "Keep the lighthouse lit" in ses.to("alice@example.com")[0].text
    charlie = ses.to("charlie@example.com")[0]
    assert "Your monthly gift paid for this issue." in charlie.text
    assert "Keep the lighthouse lit" not in charlie.text + charlie.html, "a monthly giver was asked for money"
    with ses_room.app.database.read() as conn:
        rows = deliveries.listed(conn, issue.id)
    assert {row.message_id for row in rows} == {mail.message_id for mail in ses.mails}
    finished = ses_room.issue(issue.id)
    assert finished.finished_at is not None
    assert finished.hold == ""


def test_every_message_names_issue_delivery_and_attempt(ses_room: Newsroom, ses: SesDouble) -> None:
    ses_room.subscribe("Alice", "Bob")
    issue = ses_room.frozen()

    ses_room.deliver(issue)

    assert sorted(mail.tags["delivery"] for mail in ses.mails) == ["1", "2"]
    for mail in ses.mails:
        assert mail.tags["issue"] == str(issue.id)
        assert mail.tags["attempt"] == "1"
        assert mail.tags["newsletter"] == "daily"


def test_two_readers_leave_by_links_of_their_own(ses_room: Newsroom, ses: SesDouble) -> None:
    ses_room.subscribe("Alice", "Bob")

    ses_room.deliver(ses_room.frozen())

    links = {mail.headers["List-Unsubscribe"] for mail in ses.mails}
    assert len(links) == 2
    assert {mail.headers["List-Unsubscribe-Post"] for mail in ses.mails} == {"List-Unsubscribe=One-Click"}


def test_through_the_outbox_everybody_has_a_file(room: Newsroom) -> None:
    room.subscribe("Alice", "Bob")
    issue = room.frozen()

    assert room.deliver(issue).accepted == 2

    files = sorted((room.folder / "data" / "outbox" / str(issue.id)).iterdir())
    assert [file.name for file in files] == ["1-alice@example.com.eml", "2-bob@example.com.eml"]
    idents = {email.message_from_bytes(file.read_bytes())["Message-ID"] for file in files}
    assert len(idents) == 2, "answers of different readers would be shown as one thread"


def test_the_journal_tells_who_started_it_and_that_it_ended(room: Newsroom) -> None:
    room.subscribe("Alice")
    issue = room.frozen()

    room.deliver(issue)

    with room.app.database.read() as conn:
        said = [(entry.actor, entry.what) for entry in issues.journal(conn, issue.id)]
    assert said == [("Nora", "draft"), ("Nora", "approve"), ("Nora", "start"), ("delivery", "finish")]


def test_delivering_what_is_finished_does_nothing(ses_room: Newsroom, ses: SesDouble) -> None:
    ses_room.subscribe("Alice")
    issue = ses_room.frozen()
    first = ses_room.deliver(issue)

    again = ses_room.deliver(issue)

    assert again == first
    assert ses.calls("SendBulkEmail") == 1


def test_an_issue_that_was_not_started_is_left_alone(ses_room: Newsroom, ses: SesDouble) -> None:
    ses_room.subscribe("Alice")
    issue = ses_room.approved()

    assert ses_room.deliver(issue).recipients == 0

    assert ses.mails == []
    assert ses_room.issue(issue.id) == issue


def test_a_person_can_watch_it_come_along(ses_newsroom: Newsroom, ses: SesDouble) -> None:
    ses_newsroom.subscribe_many(120)
    ses.service.latency = 0.1
    issue = ses_newsroom.frozen()
    seen: list[Progress] = []

    ses_newsroom.app.delivery.deliver(issue.id, stop=threading.Event(), progress=seen.append)

    assert [now.recipients for now in seen] == [120] * len(seen)
    assert [now.done for now in seen] == sorted(now.done for now in seen)
    assert (seen[-1].done, seen[-1].accepted) == (120, 120)
    assert seen[-1].allowed_rate == 500


# --- Who is gone by the time their batch goes --------------------------------------------------------------


def test_whoever_is_gone_since_the_freeze_is_skipped_with_the_reason(ses_room: Newsroom, ses: SesDouble) -> None:
    alice, *_ = ses_room.subscribe("Alice", "Bob", "Charlie", "Dora", "Emil")
    issue = ses_room.frozen()
    now = ses_room.app.clock()
    with ses_room.app.database.write() as conn:
        subscribers.leave(conn, alice, "daily", at=now, how="link")
        subscribers.suppress(conn, "bob@example.com", reason=subscribers.Reason.COMPLAINT, at=now)
        subscribers.suppress(conn, "charlie@example.com", reason=subscribers.Reason.BOUNCE, at=now)

    figures = ses_room.deliver(issue)

    assert mailed(ses) == {"dora@example.com": 1, "emil@example.com": 1}
    assert figures.state is IssueState.FINISHED
    assert (figures.accepted, figures.skipped) == (2, 3)
    assert figures.skipped_why == {"left": 1, "complaint": 1, "bounce": 1}
    assert reasons(ses_room, issue)["Alice"] == "left"


def test_whoever_was_forgotten_since_the_freeze_is_not_mailed_and_leaves_no_trace(
    ses_room: Newsroom, ses: SesDouble
) -> None:
    alice, _ = ses_room.subscribe("Alice", "Bob")
    issue = ses_room.frozen()
    with ses_room.app.database.write() as conn:
        subscribers.forget(conn, "alice@example.com", at=ses_room.app.clock())
        deliveries.erase(conn, alice)

    figures = ses_room.deliver(issue)

    assert mailed(ses) == {"bob@example.com": 1}
    assert figures.skipped_why == {"forgotten": 1}
    with ses_room.app.database.read() as conn:
        assert "alice" not in str(deliveries.listed(conn, issue.id))
        assert deliveries.of_person(conn, alice)[0]["state"] == "skipped"


def test_a_batch_of_which_nobody_is_left_needs_no_call(ses_room: Newsroom, ses: SesDouble) -> None:
    (alice,) = ses_room.subscribe("Alice")
    issue = ses_room.frozen()
    with ses_room.app.database.write() as conn:
        subscribers.leave(conn, alice, "daily", at=ses_room.app.clock(), how="link")

    figures = ses_room.deliver(issue)

    assert ses.calls("SendBulkEmail") == 0
    assert figures.state is IssueState.FINISHED
    assert figures.skipped == 1


def test_whoever_left_another_newsletter_still_gets_this_one(ses_room: Newsroom, ses: SesDouble) -> None:
    (alice,) = ses_room.subscribe("Alice")
    ses_room.subscribe("Alice", newsletter="weekend")
    issue = ses_room.frozen()
    with ses_room.app.database.write() as conn:
        subscribers.leave(conn, alice, "weekend", at=ses_room.app.clock(), how="link")

    assert ses_room.deliver(issue).accepted == 1


# --- Stopping and going on ---------------------------------------------------------------------------------


def test_told_to_stop_it_ends_in_good_order_and_goes_on_later(ses_room: Newsroom, ses: SesDouble) -> None:
    ses.account.limit(20)  # so that the second batch of twenty has to wait for a second
    ses_room.subscribe_many(40)
    issue = ses_room.frozen()
    stop = threading.Event()

    figures = _deliver_until(ses_room.app.delivery, issue, lambda: ses.accepted > 0, stop.set, stop)

    assert figures.state is IssueState.SENDING
    assert (figures.accepted, figures.planned, figures.uncertain) == (20, 20, 0)
    assert ses_room.deliver(issue).state is IssueState.FINISHED
    assert set(mailed(ses).values()) == {1}


def test_two_processes_share_the_readers_and_one_of_them_finishes(ses_room: Newsroom, ses: SesDouble) -> None:
    ses_room.subscribe_many(400)
    issue = ses_room.frozen()
    other = ses_room.open()
    figures: list[Figures] = []
    second = threading.Thread(target=lambda: figures.append(other.delivery.deliver(issue.id, stop=threading.Event())))
    second.start()
    figures.append(ses_room.deliver(issue))
    second.join()
    other.close()

    assert [one.state for one in figures] == [IssueState.FINISHED] * 2
    assert [one.accepted for one in figures] == [400, 400]
    assert mailed(ses) == {f"reader{number}@example.com": 1 for number in range(1, 401)}
    with ses_room.app.database.read() as conn:
        finished = [entry for entry in issues.journal(conn, issue.id) if entry.what == "finish"]
    assert len(finished) == 1


def test_a_worker_that_finds_the_issue_finished_by_another_is_content(postgres_ready: str, tmp_path: Path) -> None:
    """On PostgreSQL both may see the last batch recorded; the second waits for the first, and is not an error."""
    room = Newsroom(tmp_path, environment={"DIGEST_DATABASE_URL": postgres_ready})
    room.subscribe("Alice")
    issue = room.frozen()
    with room.app.database.write() as conn:
        claim = ledger.claim(conn, issue.id, worker="Wanda", lease=60, now=room.app.clock())
        assert claim is not None
        ledger.call(conn, claim, lease=60, now=room.app.clock())
        ledger.record(conn, claim, [], now=room.app.clock())

    figures: list[Figures] = []
    second = threading.Thread(target=lambda: figures.append(room.deliver(issue)))
    with room.app.database.write() as conn:
        ours = issues.get(conn, issue.id)
        issues.take(conn, ours, Step.FINISH, actor="Wanda", at=room.app.clock(), finished_at=room.app.clock())
        second.start()
        time.sleep(0.3)
    second.join()
    room.app.close()

    assert [one.state for one in figures] == [IssueState.FINISHED]


def test_a_dead_workers_batches_are_taken_over_before_their_leases_end(ses_room: Newsroom, ses: SesDouble) -> None:
    """One was waiting for its turn when it died, the other in the middle of its call."""
    ses.account.limit(1)
    ses_room.subscribe("Alice", "Bob", "Charlie")
    issue = ses_room.frozen()
    now = ses_room.app.clock()
    with ses_room.app.database.write() as conn:
        waiting = ledger.claim(conn, issue.id, worker=_dead_worker(), lease=3600, now=now)
        calling = ledger.claim(conn, issue.id, worker=_dead_worker(), lease=3600, now=now)
        assert waiting is not None
        assert calling is not None
        ledger.call(conn, calling, lease=3600, now=now)
    ses.account.limit(500)

    figures = ses_room.deliver(issue)

    assert figures.state is IssueState.FINISHED
    assert states(ses_room, issue) == {
        "Alice": DeliveryState.ACCEPTED,
        "Bob": DeliveryState.UNCERTAIN,
        "Charlie": DeliveryState.ACCEPTED,
    }
    assert mailed(ses) == {"alice@example.com": 1, "charlie@example.com": 1}


def test_while_its_turn_is_far_nobody_holds_a_batch(ses_room: Newsroom, ses: SesDouble) -> None:
    """So a kill, a pause or breaking news find nothing on its way."""
    ses_room.subscribe("Alice")
    issue = ses_room.frozen()
    with ses_room.app.database.write() as conn:
        conn.execute(sa.update(schema.pace).values(next_free=ses_room.app.clock().timestamp() + 30))
    stop = threading.Event()
    seen: set[str] = set()
    began = time.monotonic()

    def look() -> bool:
        with ses_room.app.database.read() as conn:
            seen.add(conn.execute(sa.select(schema.batch.c.state)).scalar_one())
        return time.monotonic() - began > 0.6

    _deliver_until(ses_room.app.delivery, issue, look, stop.set, stop)

    assert seen == {"planned"}
    assert ses.mails == []


def test_cancelled_on_its_way_nobody_else_is_mailed(ses_room: Newsroom, ses: SesDouble) -> None:
    ses.account.limit(20)
    ses_room.subscribe_many(40)
    issue = ses_room.frozen()

    def cancel() -> None:
        with ses_room.app.database.write() as conn:
            control.cancel(conn, issue.id, actor="Nora", now=ses_room.app.clock())

    figures = _deliver_until(ses_room.app.delivery, issue, lambda: ses.accepted > 0, cancel, threading.Event())

    assert figures.state is IssueState.CANCELLED
    assert (figures.accepted, figures.planned, figures.uncertain) == (20, 20, 0)
    assert ses.accepted == 20


def test_paused_on_its_way_no_further_call_leaves_until_it_is_resumed(ses_room: Newsroom, ses: SesDouble) -> None:
    ses.account.limit(20)
    ses_room.subscribe_many(40)
    issue = ses_room.frozen()

    def pause() -> None:
        with ses_room.app.database.write() as conn:
            control.pause(conn, issue.id, actor="Nora", now=ses_room.app.clock())

    figures = _deliver_until(ses_room.app.delivery, issue, lambda: ses.accepted > 0, pause, threading.Event())

    assert figures.state is IssueState.PAUSED
    assert figures.hold == "paused by Nora"
    assert (figures.accepted, figures.planned, ses.accepted) == (20, 20, 20)

    with ses_room.app.database.write() as conn:
        control.resume(conn, issue.id, actor="Nora", now=ses_room.app.clock())
    assert ses_room.deliver(issue).accepted == 40
    assert set(mailed(ses).values()) == {1}


def _deliver_until(
    delivery: Delivery, issue: Issue, seen: Callable[[], bool], then: Callable[[], None], stop: threading.Event
) -> Figures:
    """Deliver in a thread; do `then` once `seen`, and wait for the end."""
    came: list[Figures] = []
    thread = threading.Thread(target=lambda: came.append(delivery.deliver(issue.id, stop=stop)))
    thread.start()
    deadline = time.monotonic() + 20
    while not seen() and time.monotonic() < deadline:
        time.sleep(0.005)
    then()
    thread.join(20)
    assert came, "the delivery did not end"
    return came[0]


def _dead_worker() -> str:
    from digest.deliver import identity

    place, pid, started, thread = identity.my_name().split(":")
    return ":".join([place, pid, f"{float(started) - 60:.2f}", thread])


def test_a_worker_that_lost_its_batch_skips_nobody_in_it(ses_newsroom: Newsroom) -> None:
    """Its successor may be mailing them at this moment; what it saw of them is not for it to write down."""
    (alice,) = ses_newsroom.subscribe("Alice")
    issue = ses_newsroom.frozen()
    slow = ses_newsroom.app.delivery._calls.claim(issue)
    assert slow is not None
    now = ses_newsroom.app.clock()
    with ses_newsroom.app.database.write() as conn:
        ledger.reap(conn, now=now + timedelta(hours=1), is_dead=lambda _: False)
        successor = ledger.claim(conn, issue.id, worker="Wanda", lease=60, now=now)
        assert successor is not None
        ledger.call(conn, successor, lease=60, now=now)
        subscribers.leave(conn, alice, "daily", at=now, how="link")

    assert ses_newsroom.app.delivery._calls.leave(slow) is None

    assert states(ses_newsroom, issue) == {"Alice": DeliveryState.PLANNED}
