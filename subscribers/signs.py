"""Signs of life: when a person last clicked or opened, and how many messages in a row did not get through.

Told in bulk and in any order, as events come: a moment only ever moves forward, and nothing is noted of the forgotten.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, case, or_, select

from subscribers import schema

_people = schema.subscriber.c
_places = schema.subscription.c

#: Ids per statement: SQLite allows 32,766 values in one, and 999 in old builds.
_HANDFUL = 500


class Touch(NamedTuple):
    """What somebody did with an issue of a newsletter. A click or open by a machine is none."""

    subscriber_id: int
    newsletter: str
    clicked_at: datetime | None = None
    opened_at: datetime | None = None


def _later(column: object, name: str) -> object:
    said = bindparam(name, type_=schema.UtcTime)
    return case((column.is_(None), said), (column < said, said), else_=column)  # type: ignore[attr-defined]


_TOUCH = (
    schema.subscription.update()
    .where(
        _places.subscriber_id == bindparam("who"),
        _places.newsletter == bindparam("of"),
        select(_people.id).where(_people.id == bindparam("who"), _people.address.is_not(None)).exists(),
        or_(
            *(
                bindparam(name, type_=schema.UtcTime).is_not(None)
                & (column.is_(None) | (column < bindparam(name, type_=schema.UtcTime)))
                for name, column in (("clicked", _places.clicked_at), ("opened", _places.opened_at))
            )
        ),
    )
    .values(clicked_at=_later(_places.clicked_at, "clicked"), opened_at=_later(_places.opened_at, "opened"))
)


def touched(conn: Connection, touches: Iterable[Touch]) -> None:
    """Note clicks and opens. Only the latest of each counts, in whatever order they are told."""
    latest: dict[tuple[int, str], tuple[datetime | None, datetime | None]] = {}
    for who, newsletter, clicked, opened in touches:
        before = latest.get((who, newsletter), (None, None))
        latest[who, newsletter] = (_max(before[0], clicked), _max(before[1], opened))
    rows = [
        {"who": who, "of": newsletter, "clicked": clicked, "opened": opened}
        # In one order, so that two who tell at once wait for each other instead of both for ever.
        for (who, newsletter), (clicked, opened) in sorted(latest.items(), key=lambda one: one[0])
    ]
    if rows:
        conn.execute(_TOUCH, rows)


def soft_bounce(conn: Connection, bounces: Mapping[int, int] | Collection[int]) -> dict[int, int]:
    """Count passing failures (subscriber → how many more; one each for a collection); how many each has in a row."""
    more = bounces if isinstance(bounces, Mapping) else dict.fromkeys(bounces, 1)
    counted = schema.subscriber.update().where(_people.id == bindparam("who"))
    if more:
        conn.execute(
            counted.values(soft_bounces=_people.soft_bounces + bindparam("more")),
            [{"who": who, "more": count} for who, count in sorted(more.items())],
        )
    return soft_bounces(conn, more)


def delivered(conn: Connection, subscriber_ids: Collection[int]) -> None:
    """Their mail arrived: no failures in a row any more."""
    ids = sorted(set(subscriber_ids))
    for start in range(0, len(ids), _HANDFUL):
        some = _people.id.in_(ids[start : start + _HANDFUL])
        conn.execute(schema.subscriber.update().where(some, _people.soft_bounces > 0).values(soft_bounces=0))


def set_soft_bounces(conn: Connection, counts: Mapping[int, int]) -> None:
    """Subscriber → failures in a row, for whoever counts them anew from what is known."""
    rows = [{"who": who, "count": count} for who, count in sorted(counts.items())]
    set_ = schema.subscriber.update().where(_people.id == bindparam("who"), _people.soft_bounces != bindparam("count"))
    if rows:
        conn.execute(set_.values(soft_bounces=bindparam("count")), rows)


def soft_bounces(conn: Connection, subscriber_ids: Collection[int]) -> dict[int, int]:
    """Subscriber → failures in a row."""
    ids = sorted(set(subscriber_ids))
    found: dict[int, int] = {}
    for start in range(0, len(ids), _HANDFUL):
        rows = select(_people.id, _people.soft_bounces).where(_people.id.in_(ids[start : start + _HANDFUL]))
        found.update(conn.execute(rows).all())
    return found


def _max(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((moment for moment in (one, other) if moment), default=None)
