"""What sources remember from one gathering to the next, and how they fare."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select, update

from digest.articles.sources.health import Health
from digest.store import schema

_m = schema.source_memory
_PLAIN = [field.name for field in fields(Health) if field.name != "rhythm"]


def recall(conn: Connection, newsletter: str, source: str) -> tuple[str, Health]:
    """What a source's last gathering left (`SourceMemory.dump`), and its health; both empty for a new source."""
    row = conn.execute(select(_m).where(_is(newsletter, source))).first()
    return (str(row.memory), _health(row)) if row else ("", Health())


def remember(conn: Connection, newsletter: str, source: str, memory: str, health: Health) -> None:
    seconds = health.rhythm.total_seconds() if health.rhythm is not None else None
    values: dict[str, Any] = asdict(health) | {"memory": memory, "rhythm": seconds}
    row = schema.new_row(conn, _m).values(values | {"newsletter": newsletter, "source": source})
    conn.execute(row.on_conflict_do_update(index_elements=["newsletter", "source"], set_=values))


def ask_again(conn: Connection, newsletter: str, source: str) -> bool:
    """Forget that a source is gone, or asked to wait; True when there was something to forget."""
    stands = _m.c.retired_at.is_not(None) | _m.c.wait_until.is_not(None)
    values = {"retired_at": None, "wait_until": None, "failures": 0}
    return bool(conn.execute(update(_m).where(_is(newsletter, source), stands).values(values)).rowcount)


def _is(newsletter: str, source: str) -> ColumnElement[bool]:
    return (_m.c.newsletter == newsletter) & (_m.c.source == source)


def _health(row: Row[Any]) -> Health:
    rhythm = timedelta(seconds=row.rhythm) if row.rhythm is not None else None
    return Health(**{name: getattr(row, name) for name in _PLAIN}, rhythm=rhythm)
