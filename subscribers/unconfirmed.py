"""People who never confirmed: after a while there is no reason left to keep what a stranger may have typed in.

Nobody who waits for a yes has given us leave to keep their address, and many never typed it themselves. So all of it
goes, and nothing keeps them from signing up anew: unlike who asked to be forgotten they are on no list of ours, not
even as a hash. The row stays without name and address, because an old link names its number and must open nobody
else's page; of what was said there stays that somebody asked for a newsletter on a day, which is the figure.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, and_, exists, select, tuple_

from subscribers import schema
from subscribers.forgetting import bury
from subscribers.model import State

_people = schema.subscriber.c
_places = schema.subscription.c


class Dropped(NamedTuple):
    """Somebody who waited too long."""

    subscriber_id: int
    address: str
    #: Nothing of them is left; otherwise they are on another newsletter, or were.
    erased: bool


def asked_again(conn: Connection, subscriber_id: int, newsletter: str, *, at: datetime) -> bool:
    """Somebody who has not confirmed asked for the link once more: what is kept of them is kept from now on."""
    place = schema.subscription.update().where(
        _places.subscriber_id == subscriber_id,
        _places.newsletter == newsletter,
        _places.state == State.UNCONFIRMED.value,
        _places.since < at,
    )
    return conn.execute(place.values(since=at)).rowcount == 1


def drop_unconfirmed(conn: Connection, *, before: datetime, at: datetime, limit: int) -> list[Dropped]:
    """Erase who asked before then and never confirmed, so many places at a time; empty when nobody is left.

    Who is on another newsletter, or was, only loses the place that they never confirmed.
    """
    rows = conn.execute(
        select(_places.subscriber_id, _places.newsletter, _people.address)
        .join_from(schema.subscription, schema.subscriber, _people.id == _places.subscriber_id)
        .where(_places.state == State.UNCONFIRMED.value, _places.since < before, _people.created_at < before)
        .order_by(_places.subscriber_id)
        .limit(limit)
    ).all()
    if not rows:
        return []
    places = [(row.subscriber_id, row.newsletter) for row in rows]
    for table in (schema.subscription, schema.subscriber_topic):
        theirs = tuple_(table.c.subscriber_id, table.c.newsletter).in_(places)
        conn.execute(table.delete().where(theirs))
    people = {row.subscriber_id: row.address for row in rows}
    other = and_(_people.id.in_(people), exists().where(_places.subscriber_id == _people.id))
    known = set(conn.execute(select(_people.id).where(other)).scalars())
    for who in people.keys() - known:
        bury(conn, who, at)
    return [Dropped(who, address or "", who not in known) for who, address in people.items()]
