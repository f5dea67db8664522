"""One person in all that is stored beside the list: what we hold on them, and what goes when they are forgotten."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from digest.store import deliveries, events, schema

_e = schema.event.c
_a = schema.event_aside.c
_o = schema.outgoing.c


def held(conn: Connection, subscriber_id: int) -> dict[str, list[dict[str, Any]]]:
    """What the mailer itself holds: issues that they were sent, with what came back, and notices."""
    rows = conn.execute(select(schema.outgoing).where(_o.subscriber_id == subscriber_id).order_by(_o.id))
    return {
        "deliveries": deliveries.of_person(conn, subscriber_id),
        "notices": [
            {"notice": row.notice, "newsletter": row.newsletter, "state": row.state, "at": row.updated_at}
            for row in rows
        ],
    }


def erase(conn: Connection, subscriber_id: int | None, address: str) -> dict[str, int]:
    """Erase a forgotten person; what kind of row → how many were erased or deleted. Figures stay true.

    The address is looked for as well: a message of theirs may have come that nobody could say whose it is.
    """
    erased = {"messages set aside": _of_nobody(conn, address)}
    if subscriber_id is not None:
        told = len(events.of_person(conn, subscriber_id))
        sent = len(deliveries.of_person(conn, subscriber_id))
        deliveries.erase(conn, subscriber_id)
        notices = conn.execute(delete(schema.outgoing).where(_o.subscriber_id == subscriber_id)).rowcount
        erased |= {"deliveries": sent, "events": told, "notices": notices}
    return {what: count for what, count in erased.items() if count}


def _of_nobody(conn: Connection, address: str) -> int:
    key = address.strip().lower()
    quoted = func.lower(_e.raw).contains(key, autoescape=True)
    blanked = conn.execute(update(schema.event).where(_e.issue_id.is_(None), quoted).values(raw="")).rowcount
    aside = delete(schema.event_aside).where(func.lower(_a.body).contains(key, autoescape=True))
    return int(blanked + conn.execute(aside).rowcount)
