"""Issues that went out, as anybody may read them: what the public archive asks for.

What was withdrawn is not there any more, and where an issue was corrected the correction stands in its place.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, or_, select

from digest.model import Issue, IssueState
from digest.store import issues, schema
from digest.store.issues import StoredEdition

_i = schema.issue.c
_later = schema.issue.alias("later")


def out(conn: Connection, newsletter: str, *, limit: int, skip: int = 0) -> list[tuple[Issue, list[StoredEdition]]]:
    """Issues that readers got or are getting, newest first, each with its editions as they were approved last."""
    rows = conn.execute(_out(newsletter).order_by(_i.id.desc()).limit(limit).offset(skip)).scalars()
    return [(issues.get(conn, issue_id), issues.editions(conn, issue_id)) for issue_id in list(rows)]


def with_number(conn: Connection, newsletter: str, number: int) -> Issue | None:
    """The issue, or the last of its corrections; None when it is not out, or was withdrawn."""
    begun = select(_i.id).where(_i.newsletter == newsletter, _i.number == number, _i.started_at.is_not(None))
    found = conn.execute(begun).scalar()
    while found is not None:
        correction = select(_i.id).where(_i.corrects == found, _stands(_i)).order_by(_i.id.desc()).limit(1)
        corrected = conn.execute(correction).scalar()
        if corrected is None:
            break
        found = corrected
    issue = issues.get(conn, found) if found is not None else None
    return None if issue is None or issue.state is IssueState.CANCELLED else issue


def _out(newsletter: str) -> Select[Any]:
    corrects_it = or_(_later.c.corrects == _i.id, and_(_later.c.corrects == _i.corrects, _later.c.id > _i.id))
    corrected = exists().where(corrects_it, _stands(_later.c))
    return select(_i.id).where(_i.newsletter == newsletter, _stands(_i), ~corrected)


def _stands(of: Any) -> ColumnElement[bool]:
    """On its way or sent, and not withdrawn."""
    return and_(of.started_at.is_not(None), of.state != IssueState.CANCELLED.value)
