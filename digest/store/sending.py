"""What was sent when and what is left, counted from the ledger: for caps on a day, and a quota of the last 24 hours.

Cheap although nothing is counted ahead: only issues that were under way since then are looked at, and of their batches
only those that were called.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, or_, select

from digest.model import BatchState, DeliveryState
from digest.store import schema

_b = schema.batch
_d = schema.delivery
_i = schema.issue

#: Not mailed, and not in the air: everybody else was, or may have been.
_NOT_MAILED = (DeliveryState.PLANNED.value, DeliveryState.SKIPPED.value, DeliveryState.REFUSED.value)


def since(conn: Connection, moment: datetime) -> int:
    """Recipients who were mailed since then, may have been, or are in a call that nobody has answered yet."""
    mailed = _d.c.state.not_in(_NOT_MAILED)
    in_the_air = and_(_b.c.state == BatchState.CALLING.value, _d.c.state == DeliveryState.PLANNED.value)
    deliveries = and_(_d.c.issue_id == _b.c.issue_id, _d.c.position.between(_b.c.first, _b.c.last))
    rows = (
        select(func.count())
        .select_from(_b.join(_d, deliveries))
        .where(
            _b.c.issue_id.in_(_issues_since(conn, moment)),
            _b.c.called_at >= moment,
            or_(mailed, in_the_air),
        )
    )
    return int(conn.execute(rows).scalar_one())


def left(conn: Connection, issue_id: int) -> int:
    """Recipients of a frozen issue whose batch has not left yet."""
    waiting = _b.c.state.in_([BatchState.PLANNED.value, BatchState.CLAIMED.value])
    size = func.coalesce(func.sum(_b.c.last - _b.c.first + 1), 0)
    return int(conn.execute(select(size).where(_b.c.issue_id == issue_id, waiting)).scalar_one())


def when_freed(conn: Connection, count: int, *, now: datetime) -> datetime | None:
    """When the oldest `count` recipients of the last 24 hours are older than that; None when they are not ours."""
    day = timedelta(hours=24)
    called = (
        select(_b.c.called_at, (_b.c.last - _b.c.first + 1).label("size"))
        .where(_b.c.issue_id.in_(_issues_since(conn, now - day)), _b.c.called_at > now - day)
        .order_by(_b.c.called_at)
        .limit(max(1, count))
    )
    left = count
    for called_at, size in conn.execute(called):
        left -= size
        if left <= 0:
            return datetime.fromtimestamp(called_at.timestamp(), now.tzinfo) + day
    return None


def _issues_since(conn: Connection, moment: datetime) -> list[int]:
    under_way = or_(_i.c.finished_at.is_(None), _i.c.finished_at >= moment)
    return list(conn.execute(select(_i.c.id).where(_i.c.started_at.is_not(None), under_way)).scalars())
