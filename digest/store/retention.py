"""Only figures remain: what tells who got an issue is deleted once it was kept long enough.

The rows of the roster stay, without name, address and subscriber, so every figure is counted as before. That each of
them is still somebody else's is kept by a number of no meaning in the subscriber's place.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, case, delete, func, select, update

from digest.model import IssueState
from digest.store import issues, responses, schema

_d = schema.delivery.c
_i = schema.issue.c
_o = schema.outgoing.c

#: What stands where a server's answer named somebody.
DELETED = "details were deleted"
#: Issues that nobody's mail is on its way of.
_OVER = (IssueState.FINISHED.value, IssueState.CANCELLED.value)
#: Notices that nothing is to be done about any more.
_DONE = ("accepted", "skipped", "refused", "uncertain")


def oldest(conn: Connection, before: datetime) -> int | None:
    """An issue that was started before then and of which it is known who got it; None when there is none."""
    old = select(_i.id).where(_i.started_at < before, _i.pruned_at.is_(None), _i.state.in_(_OVER))
    return conn.execute(old.order_by(_i.id).limit(1)).scalar()


def last_position(conn: Connection, issue_id: int) -> int:
    return int(
        conn.execute(select(func.coalesce(func.max(_d.position), 0)).where(_d.issue_id == issue_id)).scalar_one()
    )


def unname(conn: Connection, issue_id: int, first: int, last: int) -> int:
    """Delete who is at these positions of the roster; how many there were."""
    named = and_(_d.issue_id == issue_id, _d.position.between(first, last), _d.subscriber_id > 0)
    values = {
        "subscriber_id": -_d.position,
        "address": "",
        "name": "",
        "message_id": "",
        # The answers of servers quote addresses.
        "reason": case((_d.reason.contains("@"), DELETED), else_=_d.reason),
    }
    return int(conn.execute(update(schema.delivery).where(named).values(values)).rowcount)


def close(conn: Connection, issue_id: int, *, actor: str, now: datetime) -> None:
    """Delete the events of an issue's readers, and note that only figures remain."""
    responses.prune_issue(conn, issue_id)
    issues.change(conn, issue_id, pruned_at=now)
    issues.note(conn, issue_id, actor=actor, what="prune", detail="who got it was deleted; the figures stay", at=now)


def drop_notices(conn: Connection, before: datetime) -> int:
    """Delete that somebody was sent a notice; how many."""
    old = delete(schema.outgoing).where(_o.updated_at < before, _o.state.in_(_DONE))
    return int(conn.execute(old).rowcount)
