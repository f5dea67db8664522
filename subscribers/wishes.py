"""What a reader wants of a newsletter they are on: not now, not so often, not everything.

None of it is leaving: a pause ends by itself, and whoever wants less still wants some. Wishes change nobody's standing,
so they need no consent and leave none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from subscribers import schema
from subscribers.details import clean_name

_places = schema.subscription.c
_wanted = schema.subscriber_topic.c

#: Somebody who wants an issue a year has left in all but name.
MOST_DAYS = 366


def pause(conn: Connection, subscriber_id: int, newsletter: str, *, until: datetime | None) -> bool:
    """No mail until then; None ends a pause. True when that changed anything."""
    place = schema.subscription.update().where(
        _places.subscriber_id == subscriber_id,
        _places.newsletter == newsletter,
        _places.paused_until.is_distinct_from(until),
    )
    return conn.execute(place.values(paused_until=until)).rowcount == 1


def choose(
    conn: Connection,
    subscriber_id: int,
    newsletter: str,
    *,
    min_days: int | None = None,
    topics: Iterable[str] | None = None,
) -> bool:
    """How often at most, and which topics (none for all); None leaves a wish as it is. True when anything changed."""
    changed = False
    if min_days is not None:
        if not 0 <= min_days <= MOST_DAYS:
            message = f"min_days is {min_days}; it can be 0 to {MOST_DAYS}"
            raise ValueError(message)
        here = (_places.subscriber_id == subscriber_id) & (_places.newsletter == newsletter)
        place = schema.subscription.update().where(here, _places.min_days != min_days)
        changed = conn.execute(place.values(min_days=min_days)).rowcount == 1
    if topics is not None:
        changed |= _set_topics(conn, subscriber_id, newsletter, {word for topic in topics if (word := clean(topic))})
    return changed


def clean(word: str) -> str:
    """A topic or tag as it is kept: on one line and in lower case, so that "Sport" and "sport" are one."""
    return clean_name(word).casefold()


def topics_of(conn: Connection, subscriber_ids: Sequence[int]) -> dict[tuple[int, str], tuple[str, ...]]:
    """(subscriber, newsletter) → the topics they chose, in alphabetical order."""
    found: dict[tuple[int, str], tuple[str, ...]] = {}
    rows = select(_wanted.subscriber_id, _wanted.newsletter, _wanted.topic).where(
        _wanted.subscriber_id.in_(subscriber_ids)
    )
    for who, newsletter, topic in conn.execute(rows):
        found[who, newsletter] = tuple(sorted((*found.get((who, newsletter), ()), topic)))
    return found


def _set_topics(conn: Connection, subscriber_id: int, newsletter: str, wanted: set[str]) -> bool:
    had = set(topics_of(conn, [subscriber_id]).get((subscriber_id, newsletter), ()))
    gone = schema.subscriber_topic.delete().where(
        _wanted.subscriber_id == subscriber_id, _wanted.newsletter == newsletter, _wanted.topic.in_(had - wanted)
    )
    if had - wanted:
        conn.execute(gone)
    for topic in sorted(wanted - had):
        schema.enter(conn, schema.subscriber_topic, subscriber_id=subscriber_id, newsletter=newsletter, topic=topic)
    return had != wanted
