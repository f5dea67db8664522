"""Drafts whose time came and went without an approval: nothing goes out unapproved, and somebody must hear of it.

Their stories stay taken: a later draft of the newsletter leaves them out. So it is said once, and stands on the issue
until it is approved or cancelled.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from digest.issue.schedule import describe
from digest.model import Issue, IssueState, Newsletter
from digest.store import issues
from digest.store.database import Database

#: Drafts that a look takes in.
_MANY = 1000
_TOLD = "not approved in time"


def is_overdue(issue: Issue, now: datetime) -> bool:
    """It was drafted for a time that is over, and nobody approved it."""
    return issue.state is IssueState.DRAFT and issue.slot_at is not None and issue.slot_at <= now


def remind(database: Database, newsletters: Mapping[str, Newsletter], *, actor: str, now: datetime) -> list[str]:
    """Have every overdue draft show that it was not approved; what to say of those of whom nobody said it before."""
    with database.read() as conn:
        drafts = issues.listed(conn, states=[IssueState.DRAFT], limit=_MANY)
    silent = [issue for issue in drafts if is_overdue(issue, now) and not issue.hold]
    if not silent:
        return []
    with database.write("remind") as conn:
        # Read again: an editor may have approved it, or another worker said it, a moment ago.
        found = [issues.get(conn, issue.id, lock=True) for issue in reversed(silent)]
        told = [_remind(conn, one, newsletters, actor, now) for one in found if is_overdue(one, now) and not one.hold]
    return [said for said in told if said]


def _remind(conn: Connection, issue: Issue, newsletters: Mapping[str, Newsletter], actor: str, now: datetime) -> str:
    newsletter = newsletters.get(issue.newsletter)
    assert issue.slot_at is not None  # noqa: S101  # overdue ones have a time; mypy cannot follow it
    zone = newsletter.timezone if newsletter else "UTC"
    due = describe(issue.slot_at, zone)
    issues.change(conn, issue.id, hold=f"not approved by {issue.slot_at.astimezone(ZoneInfo(zone)):%a %-d %b, %H:%M}")
    if any(entry.what == _TOLD for entry in issues.journal(conn, issue.id)):
        return ""  # edited since: it is said once, and shown as long as it is so
    issues.note(conn, issue.id, actor=actor, what=_TOLD, detail=due, at=now)
    return (
        f"Issue {issue.id} was not approved by {due}: it is not sent. Approve it (digest issues approve {issue.id}) "
        f"and send it, or cancel it (digest issues cancel {issue.id}), which frees its stories."
    )
