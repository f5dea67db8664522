"""The worker: what it does by itself, what it leaves to people, and what it survives."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from digest.bootstrap import App
from digest.deliver import control
from digest.desk.editing import Edits
from digest.desk.faring import SourceReport
from digest.desk.proof import Proof
from digest.errors import StoreError
from digest.issue.lifecycle import Step
from digest.model import Issue, IssueState, Newsletter
from digest.store import candidates, issues
from digest.worker import Worker
from tests.articles.sources.site import Reply, Site
from tests.desk.copy_desk import CHOIR, LEVY, Piece
from tests.doubles.ses import SesDouble
from tests.newsroom import ARTICLE, SETTINGS, Clock, Newsroom, Running

#: Sunday 22 November 2026, 17:00 in New York; the next issue is due on Monday at 06:00.
EVENING = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
SLOT = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)

CADENCE = SETTINGS.replace("stories = 5", 'cadence = "weekdays 06:00"\ndraft_ahead = 12\nstories = 5', 1)


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Newsroom]:
    """A newsroom whose daily is due on weekdays at six, on a Sunday evening."""
    monkeypatch.setattr("digest.deliver.lanes.GLANCE", 0.02)
    room = Newsroom(tmp_path, settings=CADENCE)
    room.clock = Running(EVENING)
    room.subscribe("Alice", "Bob")
    yield room
    room.app.close()


def work(room: Newsroom) -> list[str]:
    """Let a worker do all that there is to do now; what it said."""
    said: list[str] = []
    room.app.worker.run(threading.Event(), say=said.append, until_idle=True)
    return said


def turn_to(room: Newsroom, moment: datetime) -> None:
    assert room.clock
    room.clock.now = moment


def listed(room: Newsroom, newsletter: str = "") -> list[Issue]:
    with room.app.database.read() as conn:
        return list(reversed(issues.listed(conn, newsletter=newsletter)))


def only(room: Newsroom) -> Issue:
    (issue,) = listed(room)
    return issue


def approve(room: Newsroom, issue: Issue) -> Issue:
    approved, _ = room.app.proofs.approve(issue.id, actor="Nora")
    return approved


def schedule(room: Newsroom, issue: Issue, at: datetime) -> None:
    with room.app.database.write() as conn:
        control.schedule(conn, issue.id, at, actor="Nora", now=room.app.clock())


def mailed(room: Newsroom) -> list[str]:
    return sorted(file.stem.partition("-")[2] for file in (room.folder / "data" / "outbox").rglob("*.eml"))


# --- The good day ------------------------------------------------------------------------------------------


def test_it_drafts_ahead_of_the_slot_schedules_what_was_approved_and_sends_when_it_is_due(room: Newsroom) -> None:
    room.write_article()

    assert work(room) == [], "the slot is 13 hours away"
    turn_to(room, SLOT - timedelta(hours=12))
    (drafted,) = work(room)
    issue = only(room)
    assert "is drafted for Monday 23 November 2026, 06:00 in America/New_York" in drafted
    assert f"digest issues approve {issue.id}" in drafted
    assert (issue.state, issue.slot_at) == (IssueState.DRAFT, SLOT)

    approve(room, issue)
    assert work(room) == [
        f"Issue {issue.id} is scheduled for Monday 23 November 2026, 06:00 in America/New_York (UTC-5) = 11:00 UTC"
    ]
    assert mailed(room) == []

    turn_to(room, SLOT)
    said = work(room)
    assert said[0] == f"Issue {issue.id} starts: 2 readers"
    assert f"Issue {issue.id} is finished: 2 accepted, 0 skipped, 0 refused, 0 uncertain, 0 left" in said
    assert mailed(room) == ["alice@example.com", "bob@example.com"]


def test_it_drafts_a_slot_once_however_often_it_looks(room: Newsroom) -> None:
    room.write_article()
    turn_to(room, SLOT - timedelta(hours=2))

    work(room)
    work(room)
    room.write_article("Another pier", ARTICLE.replace("north", "south") + "More was said later.\n")
    work(room)

    assert len(listed(room)) == 1


def test_an_issue_that_an_editor_cancelled_is_not_drafted_anew_for_its_slot(room: Newsroom) -> None:
    room.write_article()
    turn_to(room, SLOT - timedelta(hours=2))
    work(room)
    with room.app.database.write() as conn:
        control.cancel(conn, only(room).id, actor="Nora", now=room.app.clock())

    assert work(room) == []
    assert only(room).state is IssueState.CANCELLED


def test_an_issue_that_nobody_approved_is_not_sent_and_approving_it_later_sends_nothing_unasked(
    room: Newsroom,
) -> None:
    room.write_article()
    turn_to(room, SLOT - timedelta(hours=2))
    work(room)

    turn_to(room, SLOT + timedelta(minutes=5))
    work(room)
    assert mailed(room) == []
    assert only(room).state is IssueState.DRAFT

    approve(room, only(room))
    work(room)
    assert mailed(room) == []
    assert only(room).state is IssueState.APPROVED


def overdue(room: Newsroom) -> list[str]:
    """What the worker says of a draft that nobody approved, five minutes after its time."""
    room.write_article()
    turn_to(room, SLOT - timedelta(hours=2))
    work(room)
    turn_to(room, SLOT + timedelta(minutes=5))
    return work(room)


def test_that_nobody_approved_an_issue_in_time_is_said_once_and_stands_on_the_issue(room: Newsroom) -> None:
    said = overdue(room)

    issue = only(room)
    assert [line for line in said if "was not approved by Monday 23 November 2026, 06:00" in line] == said[-1:]
    assert f"digest issues approve {issue.id}" in said[-1]
    assert f"digest issues cancel {issue.id}" in said[-1]
    assert issue.hold == "not approved by Mon 23 Nov, 06:00"
    assert work(room) == []


def test_an_overdue_draft_that_is_edited_shows_it_again_and_says_no_more(room: Newsroom) -> None:
    overdue(room)
    room.app.editing.edit(only(room).id, Edits(subject="Better late"), actor="Nora")

    assert work(room) == []
    assert only(room).hold == "not approved by Mon 23 Nov, 06:00"
    assert approve(room, only(room)).hold == ""


def test_cancelling_an_overdue_draft_frees_its_stories_for_the_next_one(room: Newsroom) -> None:
    overdue(room)
    with room.app.database.write() as conn:
        control.cancel(conn, only(room).id, actor="Nora", now=room.app.clock())

    turn_to(room, SLOT + timedelta(hours=14))
    work(room)

    assert [issue.state for issue in listed(room)] == [IssueState.CANCELLED, IssueState.DRAFT]


def test_a_draft_made_by_hand_has_no_time_to_be_late_for(room: Newsroom) -> None:
    room.draft()
    turn_to(room, SLOT + timedelta(days=1, hours=2))

    assert not [line for line in work(room) if "was not approved" in line]


def test_what_an_editor_scheduled_by_hand_goes_out_at_its_own_time(room: Newsroom) -> None:
    issue = approve(room, room.draft())
    schedule(room, issue, EVENING + timedelta(hours=1))

    turn_to(room, EVENING + timedelta(minutes=59))
    work(room)
    assert mailed(room) == []
    turn_to(room, EVENING + timedelta(hours=1))
    work(room)

    assert mailed(room) == ["alice@example.com", "bob@example.com"]


def test_what_an_editor_took_off_the_schedule_is_not_put_back(room: Newsroom) -> None:
    room.write_article()
    turn_to(room, SLOT - timedelta(hours=2))
    work(room)
    approve(room, only(room))
    work(room)
    with room.app.database.write() as conn:
        control.unschedule(conn, only(room).id, why="wait for the vote", actor="Nora", now=room.app.clock())

    assert work(room) == []
    assert (only(room).state, only(room).hold) == (IssueState.APPROVED, "wait for the vote")


# --- Brakes ------------------------------------------------------------------------------------------------


def brake(room: Newsroom, spoil: Callable[[Issue], None]) -> tuple[Issue, list[str]]:
    """Approve and schedule an issue, spoil it, and let the worker come to it."""
    issue = approve(room, room.draft())
    schedule(room, issue, EVENING + timedelta(hours=1))
    turn_to(room, EVENING + timedelta(hours=1))
    spoil(issue)
    said = [line for line in work(room) if line.startswith("Issue ")]
    return only(room), said


def test_an_audience_that_jumped_takes_the_issue_off_its_schedule_with_the_reason(room: Newsroom) -> None:
    issue, said = brake(room, lambda _: room.subscribe_many(60))

    assert issue.state is IssueState.APPROVED
    assert issue.scheduled_at is None
    assert issue.hold == "Issue 1 would go to 62 readers; at approval it was 2."
    assert said == [
        f"Issue 1 was not sent: {issue.hold} Nobody was mailed. If the list is right, approve the issue again."
    ]
    assert mailed(room) == []

    schedule(room, approve(room, issue), EVENING + timedelta(hours=2))
    turn_to(room, EVENING + timedelta(hours=2))
    work(room)
    assert len(mailed(room)) == 62


def test_a_setting_that_changed_since_approval_stops_the_issue(room: Newsroom) -> None:
    def move_house(_: Issue) -> None:
        file = room.folder / "settings.toml"
        file.write_text(file.read_text(encoding="utf-8").replace("1 Quay Street", "2 Pier Road"), encoding="utf-8")
        room.app = room.open()

    issue, _ = brake(room, move_house)

    assert "is not what was approved" in issue.hold
    assert (issue.state, mailed(room)) == (IssueState.APPROVED, [])


def test_an_issue_whose_time_went_by_while_nobody_worked_is_sent_within_hours_and_not_after(room: Newsroom) -> None:
    issue, said = brake(room, lambda _: turn_to(room, EVENING + timedelta(hours=1 + 6, minutes=1)))

    assert "no worker ran: that is too long ago to send it unasked" in issue.hold
    assert "Sunday 22 November 2026, 18:00 in America/New_York" in said[0]
    assert (issue.state, mailed(room)) == (IssueState.APPROVED, [])


def test_an_issue_that_is_a_little_late_is_still_sent(room: Newsroom) -> None:
    brake(room, lambda _: turn_to(room, EVENING + timedelta(hours=1 + 5, minutes=59)))

    assert len(mailed(room)) == 2


# --- Trouble -----------------------------------------------------------------------------------------------


def test_a_draft_that_failed_is_tried_again_later_and_not_all_the_time(room: Newsroom) -> None:
    turn_to(room, SLOT - timedelta(hours=2))
    (first,) = work(room)
    assert first == (
        "The Harbour Post was not drafted for Monday 23 November 2026, 06:00 in America/New_York (UTC-5) = 11:00 UTC: "
        "There is nothing new for The Harbour Post. That time is skipped, unless more comes in before it."
    )

    room.write_article()
    assert work(room) == []
    turn_to(room, SLOT - timedelta(hours=2) + timedelta(minutes=10))
    work(room)

    assert only(room).slot_at == SLOT


def test_one_issues_trouble_does_not_stop_anothers(room: Newsroom) -> None:
    """The first one's newsletter is gone from the settings, the second lost its approval, the third goes."""
    gone = approve(room, room.draft())
    with room.app.database.write() as conn:
        issues.change(conn, gone.id, newsletter="evening")
    void = approve(room, _another(room, "The levy is set", "levy"))
    with room.app.database.write() as conn:
        issues.change(conn, void.id, subject="Changed behind our back")
    good = approve(room, _another(room, "A choir sings", "choir"))
    for issue in (gone, void, good):
        schedule(room, issue, EVENING + timedelta(hours=1))

    turn_to(room, EVENING + timedelta(hours=1))
    work(room)

    states = {issue.id: (issue.state, issue.hold) for issue in listed(room)}
    assert states[gone.id] == (IssueState.APPROVED, "There is no newsletter 'evening' in the settings.")
    assert states[void.id][0] is IssueState.APPROVED
    assert "is not what was approved" in states[void.id][1]
    assert states[good.id] == (IssueState.FINISHED, "")
    assert len(mailed(room)) == 2


def _another(room: Newsroom, headline: str, word: str) -> Issue:
    sentence = f"The {word} was the talk of the town again, said everyone who had seen or heard the {word} that week."
    room.write_article(headline, "\n\n".join(f"{sentence} It was reported {n} times." for n in range(3)) + "\n")
    return room.app.drafting.draft(room.daily, actor="Nora").issue


def test_a_program_mistake_in_one_newsletters_sources_does_not_stop_the_worker(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.write_article()
    issue = approve(room, room.draft())
    schedule(room, issue, SLOT - timedelta(hours=2))
    turn_to(room, SLOT - timedelta(hours=2))

    def broken(_newsletter: Newsletter, **_how: object) -> list[Proof]:
        raise ZeroDivisionError

    monkeypatch.setattr(room.app.intake, "gather", broken)
    said = work(room)

    assert "The Harbour Post was not drafted, and will be tried again: ZeroDivisionError()" in said
    assert len(mailed(room)) == 2


def test_a_database_that_does_not_answer_is_waited_for(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.worker.patience.LOOK_AGAIN", timedelta(seconds=0.01))
    room.write_article()
    turn_to(room, SLOT - timedelta(hours=2))
    said: list[str] = []
    stop = threading.Event()
    reads = iter([StoreError("The database did not answer."), None, None])
    real = room.app.database.read

    def read() -> object:
        if trouble := next(reads, None):
            raise trouble
        return real()

    def say(text: str) -> None:
        said.append(text)
        if "is drafted" in text:
            stop.set()

    monkeypatch.setattr(room.app.database, "read", read)
    room.app.worker.run(stop, say=say)

    assert said[0].startswith("Waiting for the database: The database did not answer.")
    assert "is drafted" in said[1]


def test_for_cron_a_database_that_does_not_answer_is_an_error(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    def read() -> object:
        raise StoreError("The database did not answer.")

    monkeypatch.setattr(room.app.database, "read", read)

    with pytest.raises(StoreError):
        room.app.worker.run(threading.Event(), until_idle=True)


# --- Several kinds of work at once -------------------------------------------------------------------------


def test_a_newsletter_with_a_slow_source_does_not_hold_up_sending(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.write_article()
    issue = approve(room, room.draft())
    schedule(room, issue, SLOT - timedelta(hours=2))
    turn_to(room, SLOT - timedelta(hours=2))
    stop, answered, said = threading.Event(), threading.Event(), list[str]()

    def slow(_newsletter: Newsletter, **_how: object) -> list[SourceReport]:
        answered.wait(20)
        return []

    def say(text: str) -> None:
        said.append(text)
        if "finished" in text:
            stop.set()

    monkeypatch.setattr(room.app.intake, "gather", slow)
    room.app.worker.run(stop, say=say)
    answered.set()

    assert f"Issue {issue.id} is finished: 2 accepted, 0 skipped, 0 refused, 0 uncertain, 0 left" in said
    assert len(mailed(room)) == 2


def test_a_long_issue_is_sent_in_spells_and_goes_on_by_itself(
    ses_newsroom: Newsroom, ses: SesDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.worker.worker.SPELL", 0.3)
    ses_newsroom.subscribe_many(600)
    issue = ses_newsroom.frozen()
    stop = threading.Event()

    def say(text: str) -> None:
        said.append(text)
        stop.set()

    said: list[str] = []
    ses_newsroom.app.worker.run(stop, say=say)

    assert said == [f"Issue {issue.id} is finished: 600 accepted, 0 skipped, 0 refused, 0 uncertain, 0 left"]
    assert ses.accepted == 600


def test_a_mistake_of_the_program_is_said_and_the_work_goes_on(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("digest.worker.patience.LOOK_AGAIN", timedelta(seconds=0.01))
    issue = room.frozen()
    stop, said = threading.Event(), list[str]()
    real = room.app.delivery.work
    troubles = iter([ZeroDivisionError])

    def work(**how: Any) -> Any:
        for trouble in troubles:
            raise trouble
        return real(**how)

    def say(text: str) -> None:
        said.append(text)
        if "finished" in text:
            stop.set()

    monkeypatch.setattr(room.app.delivery, "work", work)
    room.app.worker.run(stop, say=say)

    assert said[0] == "The pump failed: ZeroDivisionError()"
    assert "Traceback" in caplog.text
    assert room.issue(issue.id).state is IssueState.FINISHED


# --- With SES ----------------------------------------------------------------------------------------------


@pytest.fixture
def ses_room(ses_newsroom: Newsroom) -> Newsroom:
    ses_newsroom.subscribe("Alice", "Bob")
    return ses_newsroom


def test_an_issue_held_for_the_quota_goes_on_by_itself(ses_room: Newsroom, ses: SesDouble) -> None:
    issue = ses_room.approved()
    ses_room.app.delivery.start(issue.id, actor="Nora")
    with ses_room.app.database.write() as conn:
        soon = ses_room.app.clock() + timedelta(seconds=0.4)
        issues.change(conn, issue.id, hold="the account's 24-hour quota is used up", held_until=soon)

    assert work(ses_room) == []
    assert ses.accepted == 0
    stop = threading.Event()
    ses_room.app.worker.run(stop, say=lambda text: stop.set() if "finished" in text else None)

    assert ses.accepted == 2
    assert (ses_room.issue(issue.id).state, ses_room.issue(issue.id).hold) == (IssueState.FINISHED, "")


def test_an_account_that_may_not_send_keeps_the_issue_on_its_schedule_and_says_so_once_a_minute(
    ses_room: Newsroom, ses: SesDouble
) -> None:
    ses_room.clock = Clock(datetime.now(UTC))
    issue = ses_room.approved()
    schedule(ses_room, issue, ses_room.app.clock() + timedelta(seconds=1))
    ses_room.clock.turn(seconds=1)
    ses.account.sending_enabled = False

    (said,) = work(ses_room)
    assert said.startswith(f"Issue {issue.id} waits: The ses account may not send now")
    assert work(ses_room) == []
    assert ses_room.issue(issue.id).state is IssueState.SCHEDULED

    ses.account.sending_enabled = True
    ses_room.clock.turn(minutes=1)
    work(ses_room)
    assert ses.accepted == 2


def test_a_paused_issue_is_left_alone_until_it_is_resumed(ses_room: Newsroom, ses: SesDouble) -> None:
    issue = ses_room.approved()
    ses_room.app.delivery.start(issue.id, actor="Nora")
    with ses_room.app.database.write() as conn:
        control.pause(conn, issue.id, actor="Nora", now=ses_room.app.clock())
    assert work(ses_room) == []

    with ses_room.app.database.write() as conn:
        control.resume(conn, issue.id, actor="Nora", now=ses_room.app.clock())
    work(ses_room)

    assert ses.accepted == 2


def test_two_workers_on_one_database_draft_one_issue_and_send_it_once(tmp_path: Path) -> None:
    room = Newsroom(tmp_path, settings=CADENCE)
    room.clock = Running(SLOT - timedelta(hours=2))
    names = [f"Reader{number}" for number in range(120)]
    room.subscribe(*names)
    room.write_article()
    others = [room.open(), room.open()]

    _both(others)
    approve(room, only(room))
    _both(others)
    turn_to(room, SLOT)
    _both(others)

    assert only(room).state is IssueState.FINISHED
    assert mailed(room) == sorted(f"{name.lower()}@example.com" for name in names)
    with room.app.database.read() as conn:
        journal: list[str] = [entry.what for entry in issues.journal(conn, only(room).id)]
    assert journal == ["draft", Step.APPROVE, Step.SCHEDULE, Step.START, Step.FINISH]
    for app in (*others, room.app):
        app.close()


def _both(apps: Sequence[App]) -> None:
    together = threading.Barrier(len(apps))

    def run(worker: Worker) -> None:
        together.wait()
        worker.run(threading.Event(), until_idle=True)

    threads = [threading.Thread(target=run, args=(app.worker,)) for app in apps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not any(thread.is_alive() for thread in threads)


# --- The end -----------------------------------------------------------------------------------------------


def test_it_ends_at_once_when_told_to_stop_while_it_waits(room: Newsroom) -> None:
    stop = threading.Event()
    worker = threading.Thread(target=room.app.worker.run, args=(stop,))
    worker.start()
    stop.set()
    worker.join(timeout=3)

    assert not worker.is_alive()


def test_told_to_stop_it_leaves_the_rest_of_the_sources_unread_and_drafts_nothing(tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir()
    for number in range(5):
        text = f"The north pier, part {number}\n\n{ARTICLE}"
        (tmp_path / "desk" / f"story{number}.txt").write_text(text, encoding="utf-8")
    source = 'sources = [{ name = "Desk", kind = "folder", location = "desk" }]\nstories = 5'
    room = Newsroom(tmp_path, settings=CADENCE.replace("stories = 5", source, 1))
    room.clock = Running(SLOT - timedelta(hours=2))
    stop = threading.Event()
    stop.set()

    assert not room.app.worker.draft("daily", stop)
    assert listed(room) == []
    assert room.app.worker.draft("daily", threading.Event()), "it is begun anew, and misses nothing"
    room.app.close()


def test_told_to_stop_it_starts_no_further_issue(room: Newsroom) -> None:
    for issue in (room.draft(), _another(room, "A choir sings", "choir")):
        schedule(room, approve(room, issue), EVENING + timedelta(hours=1))
    turn_to(room, EVENING + timedelta(hours=1))
    stop = threading.Event()

    room.app.worker.run(stop, say=lambda _: stop.set(), until_idle=True)

    assert sorted(issue.state for issue in listed(room)) == [IssueState.SCHEDULED, IssueState.SENDING]
    assert mailed(room) == []


def test_an_edit_after_approval_keeps_the_issue_from_its_slot_until_it_is_approved_again(room: Newsroom) -> None:
    room.write_article()
    turn_to(room, SLOT - timedelta(hours=2))
    work(room)
    approve(room, only(room))
    work(room)
    room.app.editing.edit(only(room).id, Edits(subject="Corrected"), actor="Nora")

    turn_to(room, SLOT - timedelta(minutes=1))
    work(room)
    assert only(room).state is IssueState.DRAFT
    approve(room, only(room))
    work(room)
    turn_to(room, SLOT)
    work(room)

    assert len(mailed(room)) == 2


# --- What pages say when the time comes --------------------------------------------------------------------


def publish(room: Newsroom, site: Site, *pieces: Piece) -> Issue:
    """An approved issue of what stands on a site."""
    for piece in pieces:
        added = room.app.intake.add([site.has(f"/{piece.slug}", piece.html(site))], [room.daily])
        assert not added.problems
    return approve(room, room.app.drafting.draft(room.daily, actor="Nora").issue)


@pytest.fixture
def site(room: Newsroom) -> Iterator[Site]:
    with Site() as site:
        room.environment |= {"DIGEST_FETCH_ALLOW_HOSTS": site.host, "DIGEST_REREAD_SECONDS": "25"}
        room.app.close()
        room.app = room.open()
        yield site


def test_a_story_that_vanished_since_approval_keeps_the_issue_back_until_it_is_approved_again(
    room: Newsroom, site: Site
) -> None:
    issue = publish(room, site, CHOIR)
    schedule(room, issue, EVENING + timedelta(hours=1))
    site.has("/choir", "It was taken down.", status=404)

    turn_to(room, EVENING + timedelta(hours=1))
    said = work(room)[0]

    assert said.startswith(f"Issue {issue.id} was not sent: Issue {issue.id} is not sent before somebody approves it")
    assert f"again: “{CHOIR.headline}”: Its page is gone" in said
    assert only(room).state is IssueState.APPROVED
    assert "Its page is gone: its server says 404 Not Found." in only(room).hold
    assert mailed(room) == []
    schedule(room, approve(room, issue), EVENING + timedelta(hours=2))
    turn_to(room, EVENING + timedelta(hours=2))
    work(room)
    assert len(mailed(room)) == 2


def test_breaking_news_does_not_wait_for_the_pages_of_others(room: Newsroom, site: Site) -> None:
    """A page of the daily does not answer; while the worker waits for it breaking news comes due and goes first."""
    daily, news = publish(room, site, CHOIR), publish(room, site, LEVY)
    free, asked = threading.Event(), threading.Event()

    def wait(_: BaseHTTPRequestHandler) -> None:
        asked.set()
        free.wait(30)

    site.answers("/choir", lambda _: Reply(headers={"Content-Type": "text/html"}, write=wait))
    schedule(room, daily, EVENING + timedelta(hours=1))
    turn_to(room, EVENING + timedelta(hours=1))
    stop = threading.Event()
    worker = threading.Thread(target=lambda: room.app.worker.run(stop, say=lambda _: None), daemon=True)
    worker.start()
    assert asked.wait(20)

    with room.app.database.write() as conn:
        issues.change(conn, news.id, urgent=1)
        control.schedule(conn, news.id, room.app.clock(), actor="Nora", now=room.app.clock())
    _until(lambda: room.issue(news.id).state is IssueState.FINISHED)
    before = room.issue(daily.id).started_at
    free.set()
    _until(lambda: room.issue(daily.id).state is IssueState.FINISHED)
    stop.set()
    worker.join(20)

    assert before is None, "the daily still waited for its page when breaking news was out"


def _until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)


# --- Too little new ----------------------------------------------------------------------------------------


def test_a_time_for_which_too_little_is_new_is_skipped_and_written_down_once(tmp_path: Path) -> None:
    room = Newsroom(tmp_path, settings=CADENCE.replace("stories = 5", "stories = 5\nleast_new = 2", 1))
    room.clock = Clock(SLOT - timedelta(hours=2))
    room.write_article()

    (said,) = work(room)
    room.clock.turn(minutes=10)
    again = work(room)

    assert "1 story, and least_new in the settings asks for 2. That time is skipped, unless more comes in" in said
    assert again == []
    with room.app.database.read() as conn:
        (skipped,) = candidates.skipped(conn, "daily", since=SLOT)
    assert (skipped.slot_at, skipped.at) == (SLOT, SLOT - timedelta(hours=2))
    assert listed(room) == []

    room.write_article(LEVY.headline, LEVY.text)
    room.clock.turn(minutes=10)
    work(room)
    assert only(room).slot_at == SLOT
    with room.app.database.read() as conn:
        assert candidates.skipped(conn, "daily", since=SLOT) == [], "there was an issue after all"
    room.app.close()


def test_of_issues_that_are_due_together_breaking_news_starts_first_and_the_others_at_once_after_it(
    room: Newsroom,
) -> None:
    daily, news = approve(room, room.draft()), approve(room, _another(room, "The levy is set", "levy"))
    with room.app.database.write() as conn:
        issues.change(conn, news.id, urgent=1)
    for issue in (daily, news):
        schedule(room, issue, EVENING + timedelta(hours=1))
    turn_to(room, EVENING + timedelta(hours=1))

    room.app.worker.tick("", threading.Event())

    first, second = room.issue(news.id), room.issue(daily.id)
    assert first.started_at
    assert second.started_at
    assert first.started_at < second.started_at
