"""Work that waits for a person who may not know it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from digest.cli.doctor.finding import finding

if TYPE_CHECKING:
    from digest.bootstrap import App
    from digest.model import Finding


def of_issues(app_: App) -> Iterator[Finding]:
    """Issues that wait for a person, who may not know it."""
    from digest.errors import StoreError
    from digest.model import IssueState
    from digest.store import issues

    waiting = (IssueState.DRAFT, IssueState.APPROVED, IssueState.PAUSED)
    try:
        database = app_.database
    except StoreError:
        return  # said already
    with database.read() as conn:
        found = issues.listed(conn, states=waiting, limit=_FEW_ISSUES)
    now = app_.clock()
    for issue in found:
        if issue.state is IssueState.PAUSED:
            yield finding("warning", "paused", f"It is paused: {issue.hold}", f"issue {issue.id}")
        elif issue.slot_at and issue.slot_at <= now:
            yield finding("warning", "overdue", _OVERDUE[issue.state].format(id=issue.id), f"issue {issue.id}")


#: The newest ones: older leftovers would only be noise.
_FEW_ISSUES = 20
_OVERDUE = {
    "draft": "Its time went by and nobody approved it: approve and send it, or cancel it, which frees its stories "
    "(digest issues cancel {id}).",
    "approved": "It was approved after its time and goes nowhere by itself: digest send {id} --now, or digest issues "
    "cancel {id}.",
}


def of_notices(app_: App) -> Iterator[Finding]:
    """Mails that public pages owe and nobody sends: readers wait for them."""
    from digest.errors import StoreError
    from digest.store import outgoing

    try:
        with app_.database.read() as conn:
            late = outgoing.late(conn, now=app_.clock())
    except StoreError:
        return  # said already
    if late:
        why = f" ({late[0].reason})" if late[0].reason else ""
        yield finding(
            "warning",
            "notices",
            f"Mails to readers (confirm, welcome …) that wait for more than a quarter of an hour: {len(late)}{why}. "
            "`digest serve` and `digest run` send them.",
            "notices",
        )
