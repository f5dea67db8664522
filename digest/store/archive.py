"""Issues that went out, as anybody may read them: what the public archive asks for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, select

from digest.model import Issue
from digest.store import issues, schema
from digest.store.issues import StoredEdition

_i = schema.issue.c


def out(conn: Connection, newsletter: str, *, limit: int, skip: int = 0) -> list[tuple[Issue, list[StoredEdition]]]:
    """Issues that readers got or are getting, newest first, each with its editions as they were approved last."""
    rows = conn.execute(_out(newsletter).order_by(_i.id.desc()).limit(limit).offset(skip)).scalars()
    return [(issues.get(conn, issue_id), issues.editions(conn, issue_id)) for issue_id in list(rows)]


def with_number(conn: Connection, newsletter: str, number: int) -> Issue | None:
    row = conn.execute(_out(newsletter).where(_i.number == number)).first()
    return issues.get(conn, row.id) if row else None


def _out(newsletter: str) -> Select[Any]:
    return select(_i.id).where(_i.newsletter == newsletter, _i.started_at.is_not(None))
