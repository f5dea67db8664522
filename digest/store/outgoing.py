"""Notices on their way to one person each, with the ledger's discipline: intent first, doubt admitted, nothing twice.

A notice is *planned* by the page that owes it, in the page's own transaction. Whoever sends it makes it *calling*
before the request leaves; only one can. What dies while calling is *uncertain* and stays so: whoever misses a link asks
for another one, and nobody gets the same mail five times.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from digest.store import schema

_o = schema.outgoing

#: A call takes seconds; after this long whoever made it is dead.
LOST = timedelta(minutes=5)
#: A reader looks into their mail for about so long.
LATE = timedelta(minutes=15)
#: How long what became of a notice is kept.
KEPT = timedelta(days=30)


class State(StrEnum):
    PLANNED = "planned"
    CALLING = "calling"
    ACCEPTED = "accepted"
    SKIPPED = "skipped"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    id: int
    #: Which notice: "confirm", "welcome" …
    notice: str
    newsletter: str
    subscriber_id: int
    state: State
    attempt: int
    asked_at: datetime
    reason: str = ""
    message_id: str = ""


def plan(conn: Connection, notice: str, newsletter: str, subscriber_id: int, *, at: datetime) -> bool:
    """Owe somebody a notice. False when the same one waits already: it says the same."""
    same = (_o.c.subscriber_id == subscriber_id, _o.c.notice == notice, _o.c.newsletter == newsletter)
    waits = select(_o.c.id).where(*same, _o.c.state == State.PLANNED.value)
    if conn.execute(waits.limit(1)).first():
        return False
    row = {"notice": notice, "newsletter": newsletter, "subscriber_id": subscriber_id}
    conn.execute(insert(_o).values(**row, asked_at=at, not_before=at, updated_at=at))
    return True


def due(conn: Connection, *, now: datetime, limit: int = 20) -> list[Outgoing]:
    """What may leave now, the oldest first."""
    rows = select(_o).where(_o.c.state == State.PLANNED.value, _o.c.not_before <= now)
    return [_outgoing(row) for row in conn.execute(rows.order_by(_o.c.not_before, _o.c.id).limit(limit))]


def late(conn: Connection, *, now: datetime) -> list[Outgoing]:
    """What is owed for so long that its reader has given up looking, the oldest first; a hundred at most."""
    rows = select(_o).where(_o.c.state == State.PLANNED.value, _o.c.asked_at < now - LATE)
    return [_outgoing(row) for row in conn.execute(rows.order_by(_o.c.id).limit(100))]


def waits(conn: Connection, *, now: datetime) -> bool:
    return bool(due(conn, now=now, limit=1))


def call(conn: Connection, notice: Outgoing, *, now: datetime) -> bool:
    """Make it this process's to send. False when another one was faster. Commit before the request leaves."""
    mine = update(_o).where(_o.c.id == notice.id, _o.c.state == State.PLANNED.value, _o.c.attempt == notice.attempt)
    done = conn.execute(mine.values(state=State.CALLING.value, attempt=notice.attempt + 1, updated_at=now))
    return done.rowcount == 1


def settle(
    conn: Connection, notice: Outgoing, state: State, *, at: datetime, reason: str = "", message_id: str = ""
) -> None:
    """Write down what became of it."""
    values = {"state": state.value, "reason": reason[:500], "message_id": message_id, "updated_at": at}
    conn.execute(update(_o).where(_o.c.id == notice.id).values(values))


def put_off(conn: Connection, notice: Outgoing, *, until: datetime, reason: str, at: datetime) -> None:
    """It has certainly not left, and is tried again."""
    values = {"state": State.PLANNED.value, "not_before": until, "reason": reason[:500], "updated_at": at}
    conn.execute(update(_o).where(_o.c.id == notice.id).values(values))


def reap(conn: Connection, *, now: datetime) -> int:
    """Doubt for what died while calling, and no memory of what is long done; how many came into doubt."""
    dead = update(_o).where(_o.c.state == State.CALLING.value, _o.c.updated_at < now - LOST)
    lost = conn.execute(dead.values(state=State.UNCERTAIN.value, reason="whoever sent it died", updated_at=now))
    open_ = (State.PLANNED.value, State.CALLING.value)
    conn.execute(delete(_o).where(_o.c.state.not_in(open_), _o.c.updated_at < now - KEPT))
    return lost.rowcount


def listed(conn: Connection, *, limit: int = 100) -> list[Outgoing]:
    """Notices, newest first."""
    return [_outgoing(row) for row in conn.execute(select(_o).order_by(_o.c.id.desc()).limit(limit))]


def counted(conn: Connection) -> dict[str, int]:
    """State → how many notices of the last days are in it."""
    return dict(conn.execute(select(_o.c.state, func.count()).group_by(_o.c.state)).all())


def _outgoing(row: Row[Any]) -> Outgoing:
    return Outgoing(
        id=row.id,
        notice=row.notice,
        newsletter=row.newsletter,
        subscriber_id=row.subscriber_id,
        state=State(row.state),
        attempt=row.attempt,
        asked_at=row.asked_at,
        reason=row.reason,
        message_id=row.message_id,
    )
