"""Control: legal steps are taken and written down, illegal ones are refused with the reason, and of two people who
act at once one is told what the other did."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from digest.deliver import control
from digest.errors import DigestError, IllegalStep, NotApproved
from digest.issue.lifecycle import Step
from digest.model import Issue, IssueState
from digest.store import issues
from tests.newsroom import Newsroom


def do(room: Newsroom, issue: Issue, step: str, actor: str = "Nora") -> Issue:
    """One of control's steps, now."""
    now = room.app.clock()
    with room.app.database.write() as conn:
        if step == "schedule":
            return control.schedule(conn, issue.id, now + timedelta(hours=1), actor=actor, now=now)
        if step == "unschedule":
            return control.unschedule(conn, issue.id, why="not today", actor=actor, now=now)
        take = {"pause": control.pause, "resume": control.resume, "cancel": control.cancel}[step]
        return take(conn, issue.id, actor=actor, now=now)


def journal(room: Newsroom, issue: Issue) -> list[tuple[str, str]]:
    with room.app.database.read() as conn:
        return [(entry.actor, entry.what) for entry in issues.journal(conn, issue.id)]


@pytest.fixture
def issue(newsroom: Newsroom) -> Issue:
    newsroom.subscribe("Alice")
    return newsroom.approved()


# --- Legal steps -------------------------------------------------------------------------------------------


def test_a_scheduled_issue_knows_its_moment_and_who_set_it(newsroom: Newsroom, issue: Issue) -> None:
    scheduled = do(newsroom, issue, "schedule", actor="Olga")

    assert scheduled.state is IssueState.SCHEDULED
    assert scheduled.scheduled_at is not None
    with newsroom.app.database.read() as conn:
        last = issues.journal(conn, issue.id)[-1]
    assert (last.actor, last.what) == ("Olga", "schedule")
    assert last.detail == f"{scheduled.scheduled_at:%Y-%m-%d %H:%M} UTC"


def test_taken_off_its_schedule_it_stays_approved_and_says_why(newsroom: Newsroom, issue: Issue) -> None:
    do(newsroom, issue, "schedule")

    off = do(newsroom, issue, "unschedule")

    assert (off.state, off.scheduled_at, off.hold) == (IssueState.APPROVED, None, "not today")
    assert off.fingerprint == issue.fingerprint


def test_pausing_says_who_did_it_and_resuming_forgets_it(newsroom: Newsroom, issue: Issue) -> None:
    newsroom.app.delivery.start(issue.id, actor="Nora")

    paused = do(newsroom, issue, "pause", actor="Olga")
    assert (paused.state, paused.hold) == (IssueState.PAUSED, "paused by Olga")

    resumed = do(newsroom, issue, "resume")
    assert (resumed.state, resumed.hold) == (IssueState.SENDING, "")
    assert journal(newsroom, issue)[-2:] == [("Olga", "pause"), ("Nora", "resume")]


def test_resuming_does_not_wait_for_a_hold_of_before(newsroom: Newsroom, issue: Issue) -> None:
    newsroom.app.delivery.start(issue.id, actor="Nora")
    with newsroom.app.database.write() as conn:
        issues.change(conn, issue.id, held_until=newsroom.app.clock() + timedelta(hours=1))

    do(newsroom, issue, "pause")

    assert do(newsroom, issue, "resume").held_until is None
    assert newsroom.deliver(issue).accepted == 1


def test_what_is_cancelled_ends_there_and_keeps_its_figures(newsroom: Newsroom, issue: Issue) -> None:
    newsroom.app.delivery.start(issue.id, actor="Nora")

    cancelled = do(newsroom, issue, "cancel")

    assert (cancelled.state, cancelled.hold) == (IssueState.CANCELLED, "")
    assert cancelled.finished_at is not None
    figures = newsroom.deliver(issue)
    assert (figures.recipients, figures.planned, figures.accepted) == (1, 1, 0)


# --- Illegal steps -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["schedule", "unschedule", "pause", "resume"])
def test_a_draft_can_neither_be_scheduled_nor_paused(newsroom: Newsroom, step: str) -> None:
    draft = newsroom.draft()

    with pytest.raises(IllegalStep, match=f"Issue {draft.id} cannot be "):
        do(newsroom, draft, step)

    assert newsroom.issue(draft.id) == draft
    assert journal(newsroom, draft) == [("Nora", "draft")]


@pytest.mark.parametrize("step", ["schedule", "pause", "resume", "cancel"])
def test_what_is_finished_stays_so(newsroom: Newsroom, issue: Issue, step: str) -> None:
    newsroom.app.delivery.start(issue.id, actor="Nora")
    newsroom.deliver(issue)
    finished = newsroom.issue(issue.id)

    with pytest.raises(IllegalStep, match="finished"):
        do(newsroom, issue, step)

    assert newsroom.issue(issue.id) == finished


@pytest.mark.parametrize("step", ["schedule", "pause", "resume", "cancel"])
def test_what_is_cancelled_stays_so(newsroom: Newsroom, issue: Issue, step: str) -> None:
    do(newsroom, issue, "cancel")

    with pytest.raises(IllegalStep, match="cancelled"):
        do(newsroom, issue, step)


def test_an_approved_issue_that_lost_its_fingerprint_is_not_scheduled(newsroom: Newsroom, issue: Issue) -> None:
    with newsroom.app.database.write() as conn:
        issues.change(conn, issue.id, fingerprint="")

    with pytest.raises(NotApproved):
        do(newsroom, issue, "schedule")

    assert newsroom.issue(issue.id).state is IssueState.APPROVED


# --- Two people at once ------------------------------------------------------------------------------------


def test_whoever_acts_on_what_somebody_else_moved_is_told(room: Newsroom) -> None:
    room.subscribe("Alice")
    seen = room.frozen()
    do(room, seen, "pause", actor="Olga")

    with pytest.raises(IllegalStep, match="was sending a moment ago and is paused now"), room.app.database.write() as c:
        issues.take(c, seen, Step.PAUSE, actor="Nora", at=room.app.clock(), hold="paused by Nora")

    assert room.issue(seen.id).hold == "paused by Olga"
    assert ("Nora", "pause") not in journal(room, seen)


def test_of_two_who_pause_at_once_one_does(room: Newsroom) -> None:
    room.subscribe("Alice")
    issue = room.frozen()

    came_out = _at_once(lambda who: do(room, issue, "pause", actor=who))

    assert [type(one) for one in came_out if isinstance(one, DigestError)] == [IllegalStep]
    assert [what for _, what in journal(room, issue)].count("pause") == 1


def test_two_who_approve_at_once_store_the_editions_once(room: Newsroom) -> None:
    room.subscribe("Alice")
    draft = room.draft()

    came_out = _at_once(lambda who: room.app.proofs.approve(draft.id, actor=who)[0])

    assert [one for one in came_out if isinstance(one, DigestError)] == []
    approved = room.issue(draft.id)
    assert approved.state is IssueState.APPROVED
    with room.app.database.read() as conn:
        editions = [edition.rendered.edition for edition in issues.editions(conn, draft.id)]
    assert sorted(editions) == ["ask", "thanks"]
    assert room.app.delivery.start(draft.id, actor="Nora").recipients == 1


def _at_once(act: object) -> list[object]:
    """What came out when Nora and Olga do the same at the same moment: results and errors."""
    assert callable(act)
    together = threading.Barrier(2)
    came_out: list[object] = []

    def one(who: str) -> None:
        together.wait()
        try:
            came_out.append(act(who))
        except DigestError as told:
            came_out.append(told)

    threads = [threading.Thread(target=one, args=(who,)) for who in ("Nora", "Olga")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(came_out) == 2
    return came_out
