"""Who tells workers of work, and when: the transaction that made it necessary."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from digest.deliver import control
from digest.model import Issue, IssueState
from digest.work.port import Kind, needed_by
from digest.work.procrastinate import Procrastinate
from tests.cli.conftest import Terminal
from tests.newsroom import Newsroom

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
SOON, BEFORE = NOW + timedelta(minutes=1), NOW - timedelta(minutes=1)
DRAFT = Issue(
    id=7, newsletter="daily", number=1, state=IssueState.DRAFT, date=date(2026, 11, 22), created_at=NOW - timedelta(1)
)
APPROVED = replace(DRAFT, state=IssueState.APPROVED, approved_at=BEFORE, slot_at=SOON)
SCHEDULED = replace(APPROVED, state=IssueState.SCHEDULED, scheduled_at=NOW)
SENDING = replace(SCHEDULED, state=IssueState.SENDING)


@pytest.mark.parametrize(
    ("issue", "kind"),
    [
        (DRAFT, None),
        (APPROVED, Kind.TICK),
        (replace(APPROVED, slot_at=None), None),
        (replace(APPROVED, hold="wait for the vote"), None),
        (SCHEDULED, Kind.TICK),
        (replace(SCHEDULED, scheduled_at=SOON), None),
        (SENDING, Kind.PUMP),
        (replace(SENDING, hold="24-hour quota", held_until=SOON), None),
        (replace(SENDING, hold="24-hour quota", held_until=BEFORE), Kind.PUMP),
        (replace(SENDING, state=IssueState.PAUSED), None),
        (replace(SENDING, state=IssueState.FINISHED), None),
        (replace(SENDING, state=IssueState.CANCELLED), None),
    ],
)
def test_what_an_issue_needs_now(issue: Issue, kind: Kind | None) -> None:
    assert needed_by(issue, NOW) is kind


def test_an_issue_approved_before_its_slot_goes_on_the_schedule_although_no_tick_came_between() -> None:
    """On several machines a tick comes once a minute, and editors work until the last second."""
    assert needed_by(replace(APPROVED, slot_at=NOW, approved_at=NOW - timedelta(seconds=1)), NOW) is Kind.TICK


def test_an_issue_approved_after_its_slot_waits_for_somebody_to_send_it() -> None:
    assert needed_by(replace(APPROVED, slot_at=BEFORE, approved_at=NOW), NOW) is None


# --- At the terminal ---------------------------------------------------------------------------------------


@pytest.fixture
def room(tmp_path: Path, postgres: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Newsroom]:
    """A newsroom of several machines, with nobody at work just now."""
    for name in [name for name in os.environ if name.startswith("DIGEST_")]:
        monkeypatch.delenv(name)
    environment = {"DIGEST_DATABASE_URL": postgres, "DIGEST_ENGINE_KIND": "procrastinate"}
    room = Newsroom(tmp_path, environment=environment)
    for name, value in room.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    assert isinstance(room.app.dispatcher, Procrastinate)
    room.app.dispatcher.prepare()
    room.subscribe("Alice", "Bob")
    yield room
    room.app.close()


@pytest.fixture
def digest(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(monkeypatch, capsys)


def forget_nudges(room: Newsroom) -> None:
    with room.app.database.write() as conn:
        conn.exec_driver_sql("DELETE FROM procrastinate_jobs")


def nudged(room: Newsroom) -> list[str]:
    with psycopg.connect(room.environment["DIGEST_DATABASE_URL"].replace("+psycopg", "")) as conn:
        return [queue for (queue,) in conn.execute("SELECT queue_name FROM procrastinate_jobs ORDER BY id")]


def test_resuming_an_issue_nudges_a_pump(room: Newsroom, digest: Terminal) -> None:
    issue = room.frozen()
    digest.ok("issues", "pause", issue.id)
    forget_nudges(room)
    digest.ok("issues", "resume", issue.id)

    assert nudged(room) == ["digest.pump"]


def test_starting_an_issue_nudges_a_pump(room: Newsroom) -> None:
    """So other machines help at once with what one of them, or an operator, sends."""
    room.frozen()

    assert nudged(room) == ["digest.pump"]


def test_settling_by_sending_again_nudges_a_pump(room: Newsroom, digest: Terminal) -> None:
    issue = room.frozen()
    with psycopg.connect(room.environment["DIGEST_DATABASE_URL"].replace("+psycopg", "")) as conn:
        conn.execute("UPDATE batch SET state = 'uncertain', attempt = 1")
        conn.execute("UPDATE delivery SET state = 'uncertain'")
        conn.execute("DELETE FROM procrastinate_jobs")
        conn.commit()
    digest.ok("deliveries", "settle", issue.id, "--resend", "--yes")

    assert nudged(room) == ["digest.pump"]


def test_scheduling_for_later_nudges_nobody_and_a_step_that_fails_neither(room: Newsroom, digest: Terminal) -> None:
    issue = room.approved()
    digest.ok("issues", "schedule", issue.id, "--at", "tomorrow 06:00")
    assert digest("issues", "resume", issue.id).code == 6

    assert nudged(room) == []


def test_what_is_due_at_once_nudges_a_tick(room: Newsroom) -> None:
    issue = room.approved()
    with room.app.database.write() as conn:
        now = room.app.clock()
        room.app.nudge(conn, control.schedule(conn, issue.id, now, actor="Nora", now=now))

    assert nudged(room) == ["digest.tick"]
