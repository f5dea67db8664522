"""Settling: what a person decides about deliveries that nobody answered for.

Accepted and held are only written down. Sending again gives the readers back to their batches, whose next attempt has
a number of its own, so that an event can tell the two apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from digest.model import BatchState, DeliveryState
from digest.store import schema

_b = schema.batch
_d = schema.delivery

ACCEPTED = "accepted, as a person decided"
HELD = "held, as a person decided"


@dataclass(frozen=True, kw_only=True, slots=True)
class Uncertain:
    """Uncertain readers of one batch: what is known about them."""

    batch: int
    readers: int
    reason: str
    #: When the request left; None when that is not known.
    called_at: datetime | None
    attempt: int


def uncertain(conn: Connection, issue_id: int) -> list[Uncertain]:
    """The issue's uncertain deliveries, batch by batch and reason by reason."""
    query = (
        select(_b.c.number, _d.c.reason, _b.c.called_at, _d.c.attempt, func.count())
        .join(_b, (_b.c.issue_id == _d.c.issue_id) & _d.c.position.between(_b.c.first, _b.c.last))
        .where(_d.c.issue_id == issue_id, _d.c.state == DeliveryState.UNCERTAIN.value)
        .group_by(_b.c.number, _d.c.reason, _b.c.called_at, _d.c.attempt)
        .order_by(_b.c.number)
    )
    return [
        Uncertain(batch=number, readers=count, reason=reason, called_at=called_at, attempt=attempt)
        for number, reason, called_at, attempt, count in conn.execute(query)
    ]


def accept(conn: Connection, issue_id: int, positions: Sequence[int] | None, *, now: datetime) -> int:
    """Count uncertain deliveries as accepted; how many. `positions` None is all of them."""
    return _decide(conn, issue_id, positions, state=DeliveryState.ACCEPTED, reason=ACCEPTED, now=now)


def hold(conn: Connection, issue_id: int, positions: Sequence[int] | None, *, now: datetime) -> int:
    """Leave uncertain deliveries uncertain, and write down that a person looked; how many."""
    return _decide(conn, issue_id, positions, state=DeliveryState.UNCERTAIN, reason=HELD, now=now)


def send_again(conn: Connection, issue_id: int, positions: Sequence[int] | None, *, now: datetime) -> int:
    """Plan uncertain deliveries anew, at the risk that some readers get the issue twice; how many."""
    count = _decide(conn, issue_id, positions, state=DeliveryState.PLANNED, reason="", now=now)
    again = (
        select(_d.c.position)
        .where(
            _d.c.issue_id == issue_id,
            _d.c.position.between(_b.c.first, _b.c.last),
            _d.c.state == DeliveryState.PLANNED.value,
        )
        .exists()
    )
    done = _b.c.state.in_([BatchState.UNCERTAIN.value, BatchState.RECORDED.value])
    conn.execute(
        update(_b)
        .where(_b.c.issue_id == issue_id, done, again)
        .values(state=BatchState.PLANNED.value, worker="", lease_until=None, not_before=None)
    )
    return count


def _decide(
    conn: Connection,
    issue_id: int,
    positions: Sequence[int] | None,
    *,
    state: DeliveryState,
    reason: str,
    now: datetime,
) -> int:
    where: list[Any] = [_d.c.issue_id == issue_id, _d.c.state == DeliveryState.UNCERTAIN.value]
    if state is DeliveryState.PLANNED:
        # Who was deleted because it is so long ago is mailed no more.
        where.append(_d.c.subscriber_id > 0)
    if positions is not None:
        where.append(_d.c.position.in_(list(positions)))
    changed = conn.execute(update(_d).where(*where).values(state=state.value, reason=reason, updated_at=now))
    return int(changed.rowcount)
