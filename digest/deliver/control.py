"""Control of an issue on its way: schedule, pause, resume, cancel. Workers see it before their next call."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from digest.errors import NotApproved
from digest.issue.lifecycle import Step
from digest.model import Issue, IssueState
from digest.store import issues


def schedule(conn: Connection, issue_id: int, at: datetime, *, actor: str, now: datetime) -> Issue:
    """Have an approved issue sent at a moment."""
    issue = issues.get(conn, issue_id)
    when = f"{at:%Y-%m-%d %H:%M} UTC"
    scheduled = issues.take(conn, issue, Step.SCHEDULE, actor=actor, at=now, detail=when, scheduled_at=at, hold="")
    if not scheduled.fingerprint:
        raise NotApproved(f"Issue {issue_id} is not approved.", hint=f"Run `digest issues approve {issue_id}`.")
    return scheduled


def unschedule(conn: Connection, issue_id: int, *, why: str, actor: str, now: datetime) -> Issue:
    """Take a scheduled issue off its schedule; it stays approved, and says why it did not go."""
    issue = issues.get(conn, issue_id)
    return issues.take(conn, issue, Step.UNSCHEDULE, actor=actor, at=now, detail=why, scheduled_at=None, hold=why)


def pause(conn: Connection, issue_id: int, *, actor: str, now: datetime) -> Issue:
    """No further call leaves; those that have left are recorded."""
    issue = issues.get(conn, issue_id)
    return issues.take(conn, issue, Step.PAUSE, actor=actor, at=now, hold=f"paused by {actor}", held_until=None)


def resume(conn: Connection, issue_id: int, *, actor: str, now: datetime) -> Issue:
    """Let a paused issue go on, or one that waits for the quota look again now."""
    issue = issues.get(conn, issue_id)
    if issue.state is IssueState.SENDING and issue.hold:
        issues.change(conn, issue_id, hold="", held_until=None)
        issues.note(conn, issue_id, actor=actor, what="look again", detail=issue.hold, at=now)
        return issues.get(conn, issue_id)
    return issues.take(conn, issue, Step.RESUME, actor=actor, at=now, hold="", held_until=None)


def cancel(conn: Connection, issue_id: int, *, actor: str, now: datetime) -> Issue:
    """For good: who was not yet mailed will not be, and the ledger keeps who was."""
    issue = issues.get(conn, issue_id)
    return issues.take(conn, issue, Step.CANCEL, actor=actor, at=now, finished_at=now, hold="", held_until=None)
