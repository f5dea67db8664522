"""The pace of each sender's account: one row that all workers share."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from digest.deliver.pace import Pace
from digest.store import schema

_p = schema.pace
#: The columns of the row are the fields of the value.
_FIELDS = [field.name for field in fields(Pace)]
# Said for every batch, so built once: composing a statement costs more than running it.
_LOOK = select(*(_p.c[name] for name in _FIELDS)).where(_p.c.sender == bindparam("who"))
_READ = _LOOK.with_for_update()
_WRITE = update(_p).where(_p.c.sender == bindparam("who")).values({name: bindparam(f"new_{name}") for name in _FIELDS})


def read(conn: Connection, sender: str) -> Pace | None:
    """The sender's pace, locked until the transaction ends."""
    return _pace(conn.execute(_READ, {"who": sender}).first())


def look(conn: Connection, sender: str) -> Pace | None:
    """The sender's pace as it is, without keeping anybody from changing it."""
    return _pace(conn.execute(_LOOK, {"who": sender}).first())


def _pace(row: Row[Any] | None) -> Pace | None:
    return None if row is None else Pace(**row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for it


def write(conn: Connection, sender: str, pace: Pace) -> None:
    values = {name: getattr(pace, name) for name in _FIELDS}
    if not conn.execute(_WRITE, {"who": sender} | {f"new_{name}": value for name, value in values.items()}).rowcount:
        first = schema.new_row(conn, _p).values(values | {"sender": sender})
        conn.execute(first.on_conflict_do_update(index_elements=["sender"], set_=values))
