"""The inbox: events as SES told them, each once, and the deliveries that they are about.

What is told by one commit is folded by the same: an event that is in the inbox has had its effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection, DateTime, Text, and_, bindparam, case, column, func, or_, select, update
from sqlalchemy.dialects import postgresql

from digest.model import NOT_SENT, DeliveryState, Event, EventKind
from digest.store import schema
from digest.store.places import ABOUT, Place, handfuls, in_handfuls

_e = schema.event.c
_d = schema.delivery.c
_b = schema.batch.c
_i = schema.issue.c


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrived:
    """An event, and the delivery that it is about."""

    event: Event
    place: Place | None
    #: Of opens and clicks: what in it speaks of a machine.
    sign: str = ""


def take_in(conn: Connection, arrived: Sequence[Arrived], *, now: datetime) -> set[bytes]:
    """Write down events that were not told before; the keys of those."""
    rows = {one.event.key: _row(one) for one in arrived}
    ordered = [rows[key] for key in sorted(rows)]
    if conn.dialect.name == "postgresql" and ordered:
        written = [row | {"key": row["key"].hex(), "at": row["at"].isoformat()} for row in ordered]
        return set(map(bytes, conn.execute(_TAKE_IN, {"rows": written, "received_at": now}).scalars()))
    inserted: set[bytes] = set()
    for some in handfuls(ordered):
        statement = schema.new_row(conn, schema.event).on_conflict_do_nothing().returning(_e.key)
        inserted.update(map(bytes, conn.execute(statement, [row | {"received_at": now} for row in some]).scalars()))
    return inserted


def _take_in() -> Any:
    """All events as one value: a statement with a thousand of them takes PostgreSQL's driver longer than writing."""
    names = [column.name for column in schema.event.c if column.name not in ("received_at", "machine")]
    types: dict[str, Any] = {"key": Text, "at": DateTime(timezone=True)}
    columns = [column(name, types.get(name) or schema.event.c[name].type) for name in names]
    rows = func.jsonb_to_recordset(bindparam("rows", type_=postgresql.JSONB)).table_valued(*columns)
    told = rows.render_derived(with_types=True)
    values = [func.decode(told.c.key, "hex") if name == "key" else told.c[name] for name in names]
    found = select(*values, bindparam("received_at", type_=schema.UtcTime))
    into = postgresql.insert(schema.event).from_select([*names, "received_at"], found)
    return into.on_conflict_do_nothing().returning(_e.key)


_TAKE_IN = _take_in()


def _row(one: Arrived) -> dict[str, Any]:
    event, place = one.event, one.place
    return {
        "key": event.key,
        "kind": event.kind.value,
        "at": event.at,
        "issue_id": place.issue if place else None,
        "position": place.position if place else None,
        "attempt": event.attempt,
        "message_id": event.message_id,
        "what": event.what,
        "sign": one.sign,
        "raw": event.raw,
    }


def told_of(conn: Connection, places: Iterable[Place]) -> dict[Place, list[Event]]:
    """Every event that was told of these deliveries."""
    found: dict[Place, list[Event]] = {}
    columns = (_e.issue_id, _e.position, _e.key, _e.kind, _e.at, _e.message_id, _e.attempt, _e.what, _e.raw)
    for values in in_handfuls(places):
        for issue, position, key, kind, at, message_id, attempt, what, raw in conn.execute(
            select(*columns).where(ABOUT), values
        ):
            event = Event(
                key=bytes(key),
                kind=EventKind(kind),
                at=at,
                message_id=message_id,
                attempt=attempt,
                what=what,
                raw=raw,
            )
            found.setdefault(Place(issue, position), []).append(event)
    return found


class Try(NamedTuple):
    """A message to somebody that arrived, or was sent back for now."""

    at: datetime
    kind: EventKind
    what: str
    place: Place


def tries(conn: Connection, subscriber_ids: Iterable[int]) -> dict[int, list[Try]]:
    """Subscriber → bounces and arrivals of all their messages that events are kept of."""
    found: dict[int, list[Try]] = {}
    kinds = (EventKind.BOUNCE.value, EventKind.DELIVERY.value)
    for some in handfuls(sorted(set(subscriber_ids))):
        rows = conn.execute(
            select(_d.subscriber_id, _e.at, _e.kind, _e.what, _e.issue_id, _e.position)
            .join(schema.delivery, and_(_d.issue_id == _e.issue_id, _d.position == _e.position))
            # By issue, so that the one index on (issue, subscriber) serves.
            .where(_d.issue_id.in_(select(_i.id)), _d.subscriber_id.in_(some), _e.kind.in_(kinds))
        )
        for who, at, kind, what, issue, position in rows:
            found.setdefault(who, []).append(Try(at, EventKind(kind), what, Place(issue, position)))
    return found


# --- Set aside, and heard ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Aside:
    """A message that nobody could read."""

    at: datetime
    way: str
    reason: str
    body: str


#: Of a message that nobody can read, so much is kept for a person to look at.
_LONGEST_BODY = 300_000


def set_aside(conn: Connection, body: str, *, way: str, reason: str, now: datetime) -> bool:
    """Keep a message that is no event for a person to look at. True the first time."""
    text = body.encode("utf-8", "replace").decode("utf-8").replace("\x00", "�")[:_LONGEST_BODY]
    key = sha256(text.encode()).digest()[:16]
    row = schema.new_row(conn, schema.event_aside).values(key=key, at=now, way=way, reason=reason, body=text)
    done = conn.execute(row.on_conflict_do_nothing(), execution_options={"preserve_rowcount": True})
    return bool(done.rowcount)


def asides(conn: Connection, *, limit: int = 20) -> list[Aside]:
    """Messages that were set aside, the newest first."""
    a = schema.event_aside.c
    rows = conn.execute(select(a.at, a.way, a.reason, a.body).order_by(a.at.desc()).limit(limit))
    return [Aside(at=at, way=way, reason=reason, body=body) for at, way, reason, body in rows]


def count_asides(conn: Connection) -> int:
    return int(conn.execute(select(func.count()).select_from(schema.event_aside)).scalar_one())


#: Written down no more often than this: workers side by side would wait for each other.
_OFTEN = timedelta(seconds=10)


def heard(conn: Connection, way: str, *, now: datetime) -> None:
    """Note that a way in speaks."""
    w = schema.event_way.c
    row = schema.new_row(conn, schema.event_way).values(way=way, heard_at=now)
    conn.execute(
        row.on_conflict_do_update(
            index_elements=[w.way], set_={"heard_at": now}, where=or_(w.heard_at < now - _OFTEN, w.heard_at > now)
        )
    )


def ways(conn: Connection) -> dict[str, datetime]:
    """Way in → when it last brought an event."""
    w = schema.event_way.c
    return dict(conn.execute(select(w.way, w.heard_at)).all())


def last_sent_at(conn: Connection) -> datetime | None:
    """When a call was last answered, of the newest issues."""
    newest = select(_i.id).where(_i.started_at.is_not(None)).order_by(_i.id.desc()).limit(20).subquery()
    return conn.execute(
        select(func.max(_b.called_at)).where(_b.issue_id.in_(select(newest.c.id)), _b.state == "recorded")
    ).scalar()


def warnings(conn: Connection, *, since: datetime) -> dict[int, dict[str, int]]:
    """Issue → reason → messages that SES took and would not send, of issues that started since."""
    # Written into the statement, not bound: only then does SQLite know that the index on rare states will do.
    rare = _d.state.in_(bindparam("rare", schema.RARE, expanding=True, literal_execute=True))
    refused = rare & (_d.state == bindparam("refused", DeliveryState.REFUSED.value, literal_execute=True))
    rows = conn.execute(
        select(_d.issue_id, _d.reason, func.count())
        .where(_d.issue_id.in_(select(_i.id).where(_i.started_at > since)), refused, _d.reason.startswith(NOT_SENT))
        .group_by(_d.issue_id, _d.reason)
    )
    found: dict[int, dict[str, int]] = {}
    for issue, reason, count in rows:
        found.setdefault(issue, {})[reason] = count
    return found


# --- Forgetting --------------------------------------------------------------------------------------------


def of_person(conn: Connection, subscriber_id: int) -> list[dict[str, Any]]:
    """What is kept of one person's mail, as it came. Part of what we hold on them."""
    rows = conn.execute(_theirs(select(_e.at, _e.kind, _e.issue_id, _e.what, _e.machine, _e.raw), subscriber_id))
    return [
        {"at": at, "kind": kind, "issue": issue, "what": what, "by_a_machine": bool(machine), "as_it_came": raw}
        for at, kind, issue, what, machine, raw in rows.all()
    ]


def erase(conn: Connection, subscriber_id: int) -> None:
    """Of a forgotten person's mail, what says who they are and what they read goes; that something came of it stays."""
    keys = list(conn.execute(_theirs(select(_e.key), subscriber_id)).scalars())
    read = _e.kind.in_([EventKind.OPEN.value, EventKind.CLICK.value])
    for some in handfuls(keys):
        conn.execute(update(schema.event).where(_e.key.in_(some)).values(raw="", what=case((read, ""), else_=_e.what)))


def _theirs(query: Any, subscriber_id: int) -> Any:
    return (
        query.join(schema.delivery, and_(_d.issue_id == _e.issue_id, _d.position == _e.position))
        .where(_d.issue_id.in_(select(_i.id)), _d.subscriber_id == subscriber_id)
        .order_by(_e.at)
    )
