"""Deliveries as people ask for them: an issue in numbers, reader by reader, and all that one person was sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select, update

from digest.model import BatchState, DeliveryState, Figures
from digest.store import issues, schema

_b = schema.batch
_d = schema.delivery
_e = schema.edition
_i = schema.issue


def figures(conn: Connection, issue_id: int) -> Figures:
    """The issue in numbers, counted from its deliveries."""
    issue = issues.get(conn, issue_id)
    counts = dict.fromkeys(DeliveryState, 0)
    why: dict[DeliveryState, dict[str, int]] = {DeliveryState.SKIPPED: {}, DeliveryState.REFUSED: {}}
    rows = conn.execute(
        select(_d.c.state, _d.c.reason, func.count()).where(_d.c.issue_id == issue_id).group_by(_d.c.state, _d.c.reason)
    )
    for word, reason, count in rows:
        state = DeliveryState(word)
        counts[state] += count
        if state in why:
            why[state][reason] = why[state].get(reason, 0) + count
    return Figures(
        issue=issue.id,
        newsletter=issue.newsletter,
        state=issue.state,
        recipients=sum(counts.values()),
        planned=counts[DeliveryState.PLANNED],
        accepted=sum(counts[state] for state in _TAKEN),
        skipped=counts[DeliveryState.SKIPPED],
        refused=counts[DeliveryState.REFUSED],
        uncertain=counts[DeliveryState.UNCERTAIN],
        skipped_why=why[DeliveryState.SKIPPED],
        refused_why=why[DeliveryState.REFUSED],
        editions=edition_sizes(conn, issue_id),
        hold=issue.hold,
        held_until=issue.held_until,
        started_at=issue.started_at,
        finished_at=issue.finished_at,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Glance:
    """An issue on its way, counted from its batches. Readers to be tried again count as left together with the rest of
    their batch, so `accepted` may for a moment be too small by some of them, never too large."""

    recipients: int
    accepted: int
    uncertain: int
    left: int
    bounced: int
    complained: int


def glance(conn: Connection, issue_id: int) -> Glance:
    """How far an issue is, without reading its deliveries: milliseconds for a million."""
    sizes = select(_b.c.state, func.sum(_b.c.last - _b.c.first + 1)).where(_b.c.issue_id == issue_id)
    batches = {state: int(readers) for state, readers in conn.execute(sizes.group_by(_b.c.state))}
    # Written into the statement, not bound: only then does SQLite know that the index on these states will do.
    rare = _d.c.state.in_(bindparam("rare", schema.RARE, expanding=True, literal_execute=True))
    counted = select(_d.c.state, func.count()).where(_d.c.issue_id == issue_id, rare).group_by(_d.c.state)
    few = {state: int(readers) for state, readers in conn.execute(counted)}
    done = batches.get(BatchState.RECORDED, 0) + batches.get(BatchState.UNCERTAIN, 0)
    apart = sum(few.get(state, 0) for state in (DeliveryState.SKIPPED, DeliveryState.REFUSED, DeliveryState.UNCERTAIN))
    return Glance(
        recipients=sum(batches.values()),
        accepted=max(0, done - apart),
        uncertain=few.get(DeliveryState.UNCERTAIN, 0),
        left=sum(batches.values()) - done,
        bounced=few.get(DeliveryState.BOUNCED, 0),
        complained=few.get(DeliveryState.COMPLAINED, 0),
    )


def readers_of(issue_id: int, edition_ids: Sequence[int]) -> Select[tuple[int]]:
    """SELECT subscriber_id of the readers who got one of these editions, as far as is known."""
    got = _d.c.state.in_([DeliveryState.ACCEPTED.value, DeliveryState.DELIVERED.value])
    return select(_d.c.subscriber_id).where(_d.c.issue_id == issue_id, got, _d.c.edition_id.in_(edition_ids))


def count(conn: Connection, rows: Select[Any]) -> int:
    """How many rows a SELECT has."""
    return conn.execute(select(func.count()).select_from(rows.subquery())).scalar_one()


#: States that only an accepted message reaches.
_TAKEN = (DeliveryState.ACCEPTED, DeliveryState.DELIVERED, DeliveryState.BOUNCED, DeliveryState.COMPLAINED)


def edition_sizes(conn: Connection, issue_id: int) -> dict[str, int]:
    rows = conn.execute(
        select(_e.c.key, func.sum(_b.c.last - _b.c.first + 1))
        .join(_b, _b.c.edition_id == _e.c.id)
        .where(_e.c.issue_id == issue_id)
        .group_by(_e.c.key)
        .order_by(func.min(_e.c.id))
    )
    return {key: int(count) for key, count in rows}


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    position: int
    address: str
    state: DeliveryState
    reason: str
    message_id: str
    #: Of the edition that the state is about; empty before any call.
    fingerprint: str
    updated_at: datetime | None


def listed(
    conn: Connection, issue_id: int, *, state: DeliveryState | None = None, after: int = 0, limit: int = 1000
) -> list[Delivery]:
    """A page of the issue's deliveries in roster order, from the position after `after`."""
    query = (
        select(_d, func.coalesce(_e.c.fingerprint, "").label("fingerprint"))
        .outerjoin(_e, _e.c.id == _d.c.edition_id)
        .where(_d.c.issue_id == issue_id, _d.c.position > after)
        .order_by(_d.c.position)
        .limit(limit)
    )
    if state is not None:
        query = query.where(_d.c.state == state.value)
    return [
        Delivery(
            position=row.position,
            address=row.address,
            state=DeliveryState(row.state),
            reason=row.reason,
            message_id=row.message_id,
            fingerprint=row.fingerprint,
            updated_at=row.updated_at,
        )
        for row in conn.execute(query)
    ]


def of_person(conn: Connection, subscriber_id: int) -> list[dict[str, Any]]:
    """What one person was sent: issue, state, when. Part of what we hold on them."""
    query = select(_d).where(_theirs(subscriber_id)).order_by(_d.c.issue_id)
    return [
        {
            "issue": row.issue_id,
            "address": row.address,
            "state": row.state,
            "reason": row.reason,
            "message_id": row.message_id,
            "at": row.updated_at,
        }
        for row in conn.execute(query)
    ]


def erase(conn: Connection, subscriber_id: int) -> None:
    """Erase a forgotten person's address and name from past deliveries; the figures stay true.

    A reason may quote the address, so it goes too where the sender wrote it.
    """
    conn.execute(update(_d).where(_theirs(subscriber_id)).values(address="", name=""))
    refused = _d.c.state == DeliveryState.REFUSED.value
    conn.execute(update(_d).where(_theirs(subscriber_id), refused).values(reason="refused; the person was forgotten"))


def _theirs(subscriber_id: int) -> Any:
    # By issue, so that the one index on (issue, subscriber) serves: there are few issues and many deliveries.
    return _d.c.issue_id.in_(select(_i.c.id)) & (_d.c.subscriber_id == subscriber_id)
