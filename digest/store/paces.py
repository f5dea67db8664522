"""The pace of each sender's account: one row that all workers share."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select, update

from digest.deliver.pace import Pace
from digest.store import schema


def read(conn: Connection, sender: str) -> Pace | None:
    """The sender's pace, locked until the transaction ends."""
    p = schema.pace
    return _pace(conn.execute(select(p).where(p.c.sender == sender).with_for_update()).first())


def look(conn: Connection, sender: str) -> Pace | None:
    """The sender's pace as it is, without keeping anybody from changing it."""
    p = schema.pace
    return _pace(conn.execute(select(p).where(p.c.sender == sender)).first())


def _pace(row: Row[Any] | None) -> Pace | None:
    if row is None:
        return None
    return Pace(
        next_free=row.next_free,
        next_call=row.next_call,
        max_rate=row.max_rate,
        rate=row.rate,
        quota_left=row.quota_left,
        checked_at=row.checked_at,
    )


def write(conn: Connection, sender: str, pace: Pace) -> None:
    p = schema.pace
    values = {
        "next_free": pace.next_free,
        "next_call": pace.next_call,
        "max_rate": pace.max_rate,
        "rate": pace.rate,
        "quota_left": pace.quota_left,
        "checked_at": pace.checked_at,
    }
    if not conn.execute(update(p).where(p.c.sender == sender).values(values)).rowcount:
        first = schema.new_row(conn, p).values(values | {"sender": sender})
        conn.execute(first.on_conflict_do_update(index_elements=["sender"], set_=values))
