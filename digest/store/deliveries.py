"""Deliveries as people ask for them: an issue in numbers, reader by reader, and all that one person was sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, case, func, select, update

from digest.model import NOT_SENT, BatchState, DeliveryState, Figures, IssueState
from digest.store import events, issues, schema

_b = schema.batch
_d = schema.delivery
_e = schema.edition
_i = schema.issue
# Written into the statement, not bound: only then does SQLite know that the index on these states will do.
_RARE = _d.c.state.in_(bindparam("rare", schema.RARE, expanding=True, literal_execute=True))


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
        # Who complains was delivered to.
        delivered=counts[DeliveryState.DELIVERED] + counts[DeliveryState.COMPLAINED],
        bounced=counts[DeliveryState.BOUNCED],
        complained=counts[DeliveryState.COMPLAINED],
        outdated=outdated(conn, issue_id),
        corrects=issue.corrects,
        corrected_by=corrections(conn, issue_id),
        hold=issue.hold,
        held_until=issue.held_until,
        started_at=issue.started_at,
        finished_at=issue.finished_at,
    )


def outdated(conn: Connection, issue_id: int) -> int:
    """Readers who got a text that was approved anew while the issue was on its way; counted only when it was."""
    editions = issues.outdated_editions(conn, issue_id)
    return count(conn, readers_of(issue_id, editions)) if editions else 0


def corrections(conn: Connection, issue_id: int) -> tuple[int, ...]:
    """The issues that put this one right, cancelled ones apart."""
    theirs = (_i.c.corrects == issue_id) & (_i.c.state != IssueState.CANCELLED.value)
    return tuple(conn.execute(select(_i.c.id).where(theirs).order_by(_i.c.id)).scalars())


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
    refused: int = 0
    #: When a batch last passed, and when one last came back to be tried again; None when none did.
    passed_at: datetime | None = None
    came_back_at: datetime | None = None

    def standing_since(self, started_at: datetime | None) -> datetime | None:
        """Since when nothing passes although it is tried; None when what was tried last did pass."""
        if self.came_back_at is None or (self.passed_at and self.passed_at >= self.came_back_at):
            return None
        return self.passed_at or started_at


def glance(conn: Connection, issue_id: int) -> Glance:
    """How far an issue is, without reading its deliveries: milliseconds for a million."""
    readers, last = func.sum(_b.c.last - _b.c.first + 1), func.max(_b.c.recorded_at)
    sizes = select(_b.c.state, readers, last).where(_b.c.issue_id == issue_id).group_by(_b.c.state)
    rows = conn.execute(sizes).all()
    batches = {state: int(size) for state, size, _ in rows}
    counted = select(_d.c.state, func.count()).where(_d.c.issue_id == issue_id, _RARE).group_by(_d.c.state)
    few = {state: int(number) for state, number in conn.execute(counted)}
    done = sum(batches.get(state, 0) for state in _PASSED)
    apart = sum(few.get(state, 0) for state in (DeliveryState.SKIPPED, DeliveryState.REFUSED, DeliveryState.UNCERTAIN))
    return Glance(
        recipients=sum(batches.values()),
        accepted=max(0, done - apart),
        uncertain=few.get(DeliveryState.UNCERTAIN, 0),
        left=sum(batches.values()) - done,
        bounced=few.get(DeliveryState.BOUNCED, 0),
        complained=few.get(DeliveryState.COMPLAINED, 0),
        refused=few.get(DeliveryState.REFUSED, 0),
        passed_at=max((at for state, _, at in rows if at and state in _PASSED), default=None),
        came_back_at=max((at for state, _, at in rows if at and state not in _PASSED), default=None),
    )


#: A batch's states once all its readers were taken care of; in any other it was recorded only to be tried again.
_PASSED = (BatchState.RECORDED.value, BatchState.UNCERTAIN.value)


class Unsent(NamedTuple):
    """Of an edition that is being sent: how many messages SES took, and how many of them it would not send."""

    edition: str
    called: int
    readers: int
    #: What SES says of most of them.
    why: str


def unsent(conn: Connection, issue_id: int) -> list[Unsent]:
    """Editions of the issue's last approval that SES took messages of and did not send; the worst first."""
    e = schema.edition.c
    last = select(func.max(e.revision)).where(e.issue_id == issue_id).scalar_subquery()
    sizes = (
        select(e.id, e.key, func.sum(_b.c.last - _b.c.first + 1))
        .join(_b, _b.c.edition_id == e.id)
        .where(e.issue_id == issue_id, e.revision == last, _b.c.issue_id == issue_id, _b.c.state.in_(_PASSED))
        .group_by(e.id, e.key)
    )
    refused = _RARE & (_d.c.state == bindparam("refused", DeliveryState.REFUSED.value, literal_execute=True))
    failures = (
        select(_d.c.edition_id, _d.c.reason, func.count())
        .where(_d.c.issue_id == issue_id, refused, _d.c.reason.startswith(NOT_SENT, autoescape=True))
        .group_by(_d.c.edition_id, _d.c.reason)
        .order_by(func.count().desc(), _d.c.reason)
    )
    reasons: dict[int | None, list[tuple[str, int]]] = {}
    for edition_id, reason, count in conn.execute(failures):
        reasons.setdefault(edition_id, []).append((reason.removeprefix(NOT_SENT).lstrip(": "), count))
    found = [
        Unsent(key, int(called), sum(count for _, count in reasons[edition_id]), reasons[edition_id][0][0])
        for edition_id, key, called in conn.execute(sizes)
        if edition_id in reasons
    ]
    return sorted(found, key=lambda one: one.readers, reverse=True)


def why_back(conn: Connection, issue_id: int) -> str:
    """What the sender said when a batch last came back to be tried again; empty when none waits for that."""
    back = (_b.c.issue_id == issue_id) & _b.c.state.not_in(_PASSED) & _b.c.recorded_at.is_not(None)
    last = select(_b.c.first, _b.c.last).where(back).order_by(_b.c.recorded_at.desc()).limit(1).subquery()
    said = (_d.c.issue_id == issue_id) & _d.c.position.between(last.c.first, last.c.last) & (_d.c.reason != "")
    said &= _d.c.state == DeliveryState.PLANNED.value
    return str(conn.execute(select(_d.c.reason).where(said).order_by(_d.c.position).limit(1)).scalar() or "")


def readers_of(issue_id: int, edition_ids: Sequence[int]) -> Select[tuple[int]]:
    """SELECT subscriber_id of the readers who got one of these editions, as far as is known."""
    got = _d.c.state.in_([DeliveryState.ACCEPTED.value, DeliveryState.DELIVERED.value])
    return select(_d.c.subscriber_id).where(_d.c.issue_id == issue_id, got, _d.c.edition_id.in_(edition_ids))


def roster(issue_id: int) -> Select[tuple[int]]:
    """SELECT subscriber_id of everybody whom the issue was frozen for."""
    return select(_d.c.subscriber_id).where(_d.c.issue_id == issue_id)


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
    told = events.of_person(conn, subscriber_id)
    return [
        {
            "issue": row.issue_id,
            "address": row.address,
            "state": row.state,
            "reason": row.reason,
            "message_id": row.message_id,
            "at": row.updated_at,
            "events": [event for event in told if event["issue"] == row.issue_id],
        }
        for row in conn.execute(query)
    ]


def erase(conn: Connection, subscriber_id: int) -> None:
    """Erase a forgotten person's address and name from past deliveries; the figures stay true.

    A reason may quote the address, so it goes too where the sender or the reader's server wrote it; of a bounce it
    stays whether it was for good. What they opened and followed goes too.
    """
    events.erase(conn, subscriber_id)
    conn.execute(update(_d).where(_theirs(subscriber_id)).values(address="", name=""))
    refused = _d.c.state == DeliveryState.REFUSED.value
    conn.execute(update(_d).where(_theirs(subscriber_id), refused).values(reason="refused; the person was forgotten"))
    bounced = _d.c.state == DeliveryState.BOUNCED.value
    kind = case((_d.c.reason.startswith("Permanent"), "Permanent"), else_="Passing")
    conn.execute(update(_d).where(_theirs(subscriber_id), bounced).values(reason=kind + "; the person was forgotten"))


def _theirs(subscriber_id: int) -> Any:
    # By issue, so that the one index on (issue, subscriber) serves: there are few issues and many deliveries.
    return _d.c.issue_id.in_(select(_i.c.id)) & (_d.c.subscriber_id == subscriber_id)
