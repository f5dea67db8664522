"""What the newsroom notes about people, for its segments: "member", "2026 gala". Readers choose topics themselves."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from subscribers import schema
from subscribers.wishes import clean

_noted = schema.subscriber_tag.c


def tag(conn: Connection, subscriber_id: int, word: str) -> bool:
    """True when they did not have it yet. An empty tag notes nothing."""
    kept = clean(word)
    return bool(kept) and schema.enter(conn, schema.subscriber_tag, subscriber_id=subscriber_id, tag=kept)


def untag(conn: Connection, subscriber_id: int, word: str) -> bool:
    """True when they had it."""
    gone = schema.subscriber_tag.delete().where(_noted.subscriber_id == subscriber_id, _noted.tag == clean(word))
    return conn.execute(gone).rowcount == 1


def of(conn: Connection, subscriber_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Subscriber → their tags in alphabetical order; who has none is not there."""
    found: dict[int, tuple[str, ...]] = {}
    rows = select(_noted.subscriber_id, _noted.tag).where(_noted.subscriber_id.in_(subscriber_ids))
    for who, word in conn.execute(rows):
        found[who] = tuple(sorted((*found.get(who, ()), word)))
    return found


def counts(conn: Connection) -> dict[str, int]:
    """Every tag there is, with how many people have it."""
    rows = select(_noted.tag, func.count()).group_by(_noted.tag).order_by(_noted.tag)
    return dict(conn.execute(rows).all())
