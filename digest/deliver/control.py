"""Control of an issue on its way: schedule, pause, resume, cancel. Workers see it before their next call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from digest.errors import IllegalStep, NotApproved
from digest.issue.lifecycle import Step
from digest.model import Issue, IssueState
from digest.store import issues, settling


class Decision(StrEnum):
    """What a person decides about uncertain deliveries."""

    ACCEPTED = "accepted"
    RESEND = "resend"
    HOLD = "hold"


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
    resumed = issues.take(conn, issue, Step.RESUME, actor=actor, at=now, hold="", held_until=None)
    if not resumed.fingerprint:
        raise NotApproved(
            f"Issue {issue_id} was changed and is not approved again.",
            hint=f"Look at it (digest preview {issue_id}), approve it (digest issues approve {issue_id}), resume it.",
        )
    return resumed


def rank(conn: Connection, issue_id: int, *, urgent: bool, actor: str, now: datetime) -> Issue:
    """Have an issue overtake all others that are on their way, or not."""
    issue = issues.get(conn, issue_id)
    if issue.state in (IssueState.FINISHED, IssueState.CANCELLED):
        raise IllegalStep(f"Issue {issue_id} is {issue.state}: it overtakes nobody any more.")
    issues.change(conn, issue_id, urgent=int(urgent))
    issues.note(conn, issue_id, actor=actor, what="urgent" if urgent else "not urgent", at=now)
    return issues.get(conn, issue_id)


def cancel(conn: Connection, issue_id: int, *, actor: str, now: datetime) -> Issue:
    """For good: who was not yet mailed will not be, and the ledger keeps who was."""
    issue = issues.get(conn, issue_id)
    return issues.take(conn, issue, Step.CANCEL, actor=actor, at=now, finished_at=now, hold="", held_until=None)


def settle(
    conn: Connection,
    issue_id: int,
    decision: Decision,
    *,
    positions: Sequence[int] | None = None,
    actor: str,
    now: datetime,
) -> int:
    """Settle uncertain deliveries (all, or those at `positions`) as a person decided; how many.

    Raises IllegalStep when they are to be sent again and the issue was cancelled.
    """
    issue = issues.get(conn, issue_id)
    if decision is Decision.RESEND:
        count = settling.send_again(conn, issue_id, positions, now=now)
        if count:
            issues.take(conn, issue, Step.REOPEN, actor=actor, at=now, detail=f"{count} uncertain", finished_at=None)
        return count
    write = settling.accept if decision is Decision.ACCEPTED else settling.hold
    count = write(conn, issue_id, positions, now=now)
    issues.note(conn, issue_id, actor=actor, what=f"settle: {decision}", detail=f"{count} uncertain", at=now)
    return count
