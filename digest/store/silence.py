"""What the ledger and the inbox hold about readers whom nobody answered for, and about those mailed beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, case, func, or_, select

from digest.model import BatchState, DeliveryState, EventKind
from digest.store import schema

_b = schema.batch.c
_d = schema.delivery.c
_e = schema.event.c
_i = schema.issue.c

#: Batches that are looked at: more say nothing more.
_MANY = 200
# Written into the statement, not bound: only then does SQLite know that the index on rare states will do.
_UNCERTAIN = _d.state == bindparam("uncertain", DeliveryState.UNCERTAIN.value, literal_execute=True)
_RARE = _d.state.in_(bindparam("rare", schema.RARE, expanding=True, literal_execute=True))


@dataclass(kw_only=True, slots=True)
class Call:
    """A call that nobody answered, and its readers who are uncertain."""

    batch: int
    attempt: int
    called_at: datetime
    positions: list[int] = field(default_factory=list)
    #: Of these, those that an event of another attempt was told of.
    heard_before: set[int] = field(default_factory=set)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """A call that was answered: how many were accepted, and of how many of them a Send event came."""

    called_at: datetime
    accepted: int
    heard: int


def doubtful_issues(conn: Connection) -> list[int]:
    """Issues with readers who are uncertain."""
    return list(conn.execute(select(_d.issue_id).where(_RARE, _UNCERTAIN).distinct().order_by(_d.issue_id)).scalars())


def doubts(conn: Connection, issue_id: int) -> list[Call]:
    """The issue's uncertain readers, by the call that they were in."""
    here = and_(_b.issue_id == _d.issue_id, _d.position >= _b.first, _d.position <= _b.last)
    rows = conn.execute(
        select(_b.number, _d.attempt, _b.called_at, _d.position, func.count(_e.key))
        .join(schema.batch, here)
        .outerjoin(schema.event, and_(_e.issue_id == _d.issue_id, _e.position == _d.position))
        .where(_d.issue_id == issue_id, _RARE, _UNCERTAIN, _b.called_at.is_not(None))
        .group_by(_b.number, _d.attempt, _b.called_at, _d.position)
        .order_by(_b.number, _d.position)
    )
    found: dict[tuple[int, int], Call] = {}
    for number, attempt, called_at, position, events in rows:
        call = found.setdefault((number, attempt), Call(batch=number, attempt=attempt, called_at=called_at))
        call.positions.append(position)
        if events:
            call.heard_before.add(position)
    return list(found.values())


def neighbours(conn: Connection, called_at: datetime, within: timedelta) -> list[Answered]:
    """Calls of the same minutes that were answered: those that a Send event made certain prove nothing here."""
    first, last = called_at - within, called_at + within
    going = select(_i.id).where(_i.started_at <= last, or_(_i.finished_at.is_(None), _i.finished_at >= first))
    calls = (
        select(_b.issue_id, _b.first, _b.last, _b.attempt, _b.called_at)
        .where(_b.issue_id.in_(going), _b.state == BatchState.RECORDED.value, _b.called_at.between(first, last))
        .order_by(_b.issue_id, _b.number)
        .limit(_MANY)
        .subquery()
    )
    sent = (
        select(_e.key)
        .where(
            _e.issue_id == _d.issue_id,
            _e.position == _d.position,
            _e.kind == EventKind.SEND.value,
            _e.attempt == _d.attempt,
        )
        .exists()
    )
    taken = _d.state.in_([s.value for s in _TAKEN])
    here = and_(_d.issue_id == calls.c.issue_id, _d.position >= calls.c.first, _d.position <= calls.c.last)
    rows = conn.execute(
        select(calls.c.called_at, func.count(), func.sum(case((sent, 1), else_=0)))
        .join_from(calls, schema.delivery, here)
        .where(taken, _d.attempt == calls.c.attempt)
        .group_by(calls.c.issue_id, calls.c.first, calls.c.called_at)
    )
    return [Answered(called_at=at, accepted=accepted, heard=int(heard or 0)) for at, accepted, heard in rows]


_TAKEN = (DeliveryState.ACCEPTED, DeliveryState.DELIVERED, DeliveryState.BOUNCED, DeliveryState.COMPLAINED)
