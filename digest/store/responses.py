"""Opens and clicks as they are kept: whose they are, what they come to, and what is left once they are deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, delete, func, select, update

from digest.model import EventKind
from digest.store import schema
from digest.store.places import ABOUT, Place, in_handfuls
from subscribers.schema import subscription

_e = schema.event.c
_d = schema.delivery.c
_i = schema.issue.c
_f = schema.event_figure.c
_s = subscription.c

_OF_READERS = (EventKind.OPEN.value, EventKind.CLICK.value)


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """An open or a click."""

    key: bytes
    kind: EventKind
    at: datetime
    link: str
    sign: str
    machine: bool


@dataclass(kw_only=True, slots=True)
class Message:
    """What is known of one message, as far as it tells readers from machines."""

    delivered_at: datetime | None = None
    responses: list[Kept] = field(default_factory=list)


_ANSWERED = select(_e.issue_id, _e.position).where(ABOUT, _e.kind.in_(_OF_READERS))


def with_responses(conn: Connection, places: Iterable[Place]) -> set[Place]:
    """Those of these deliveries that were opened or clicked."""
    found: set[Place] = set()
    for values in in_handfuls(places):
        found |= {Place(*row) for row in conn.execute(_ANSWERED, values)}
    return found


_TOLD = select(_e.issue_id, _e.position, _e.key, _e.kind, _e.at, _e.what, _e.sign, _e.machine).where(
    ABOUT, _e.kind.in_((*_OF_READERS, EventKind.DELIVERY.value))
)


def of_messages(conn: Connection, places: Iterable[Place]) -> dict[Place, Message]:
    found: dict[Place, Message] = {}
    for values in in_handfuls(places):
        for issue, position, key, kind, at, what, sign, machine in conn.execute(_TOLD, values):
            message = found.setdefault(Place(issue, position), Message())
            if kind == EventKind.DELIVERY.value:
                message.delivered_at = min(message.delivered_at or at, at)
                continue
            message.responses.append(
                Kept(key=bytes(key), kind=EventKind(kind), at=at, link=what, sign=sign, machine=bool(machine))
            )
    return found


_JUDGE = update(schema.event).where(_e.key == bindparam("of_key")).values(machine=bindparam("by_machine"))


def judge(conn: Connection, verdicts: Mapping[bytes, bool]) -> None:
    """Event → whether it is a machine's."""
    rows = [{"of_key": key, "by_machine": int(machine)} for key, machine in sorted(verdicts.items())]
    if rows:
        conn.execute(_JUDGE, rows)


def withdraw(conn: Connection, subscriber_ids: Iterable[int]) -> None:
    """Last clicks and opens of these people are found anew: one that counted was a machine's after all."""
    for who in sorted(subscriber_ids):
        for kind, column in ((EventKind.CLICK, _s.clicked_at), (EventKind.OPEN, _s.opened_at)):
            theirs = (
                select(func.max(_e.at))
                .join(schema.delivery, and_(_d.issue_id == _e.issue_id, _d.position == _e.position))
                .join(schema.issue, _i.id == _d.issue_id)
                .where(
                    _d.issue_id.in_(select(_i.id)),
                    _d.subscriber_id == who,
                    _i.newsletter == _s.newsletter,
                    _e.kind == kind.value,
                    _e.machine == 0,
                )
                .correlate(subscription)
                .scalar_subquery()
            )
            conn.execute(update(subscription).where(_s.subscriber_id == who).values({column.name: theirs}))


# --- Figures -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Responses:
    """Opens and clicks of an issue: how many, and by how many readers; those of machines apart."""

    opens: int = 0
    opened: int = 0
    machine_opens: int = 0
    machine_opened: int = 0
    clicks: int = 0
    clicked: int = 0
    machine_clicks: int = 0
    machine_clicked: int = 0


def of_issue(conn: Connection, issue_id: int) -> Responses:
    figures: dict[str, int] = {}
    queries: tuple[Select[Any], ...] = (
        _counted().where(_e.issue_id == issue_id),
        # What is left of those that were deleted.
        select(_f.kind, _f.machine, _f.events, _f.readers).where(_f.issue_id == issue_id),
    )
    for query in queries:
        for kind, machine, events, readers in conn.execute(query):
            apart = "machine_" if machine else ""
            for name, count in ((f"{apart}{kind}s", events), (f"{apart}{_PAST[kind]}", readers)):
                figures[name] = figures.get(name, 0) + int(count)
    return Responses(**figures)


_PAST = {EventKind.OPEN.value: "opened", EventKind.CLICK.value: "clicked"}


def _counted() -> Select[tuple[str, int, int, int]]:
    return (
        select(_e.kind, _e.machine, func.count(), func.count(_e.position.distinct()))
        .where(_e.kind.in_(_OF_READERS))
        .group_by(_e.kind, _e.machine)
    )


# --- Only figures remain -----------------------------------------------------------------------------------


def oldest_to_prune(conn: Connection, before: datetime) -> int | None:
    """An issue that was started before then and has events; None when there is none."""
    has = select(_e.key).where(_e.issue_id == _i.id).exists()
    old = select(_i.id).where(_i.started_at < before, has).order_by(_i.id).limit(1)
    return conn.execute(old).scalar()


def prune_issue(conn: Connection, issue_id: int) -> int:
    """Delete an issue's events, and keep what its opens and clicks come to; how many were deleted."""
    figures: Select[Any] = _counted().where(_e.issue_id == issue_id)
    for kind, machine, events, readers in conn.execute(figures).all():
        row = schema.new_row(conn, schema.event_figure).values(
            issue_id=issue_id, kind=kind, machine=machine, events=events, readers=readers
        )
        more = {"events": _f.events + events, "readers": _f.readers + readers}
        conn.execute(row.on_conflict_do_update(index_elements=[_f.issue_id, _f.kind, _f.machine], set_=more))
    return int(conn.execute(delete(schema.event).where(_e.issue_id == issue_id)).rowcount)


def prune_rest(conn: Connection, before: datetime) -> int:
    """Delete what is about nobody's delivery, and what could not be read, from before then; how many."""
    old = delete(schema.event).where(_e.issue_id.is_(None), _e.received_at < before)
    aside = delete(schema.event_aside).where(schema.event_aside.c.at < before)
    return int(conn.execute(old).rowcount) + int(conn.execute(aside).rowcount)
