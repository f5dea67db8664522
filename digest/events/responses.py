"""Opens and clicks: whose they are, and when the reader last gave a sign of life.

Whenever something new is known of a message, all its opens and clicks are judged anew: a scanner shows itself by what
it does beside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

import subscribers
from digest.events.machines import Response, machines
from digest.model import EventKind
from digest.store import places as ledger
from digest.store import responses as kept
from digest.store.events import Arrived
from digest.store.places import Held, Place


def respond(conn: Connection, new: Sequence[Arrived], held: Mapping[Place, Held]) -> None:
    """Judge the opens and clicks of every message that something new is known of."""
    places = {one.place for one in new if one.place and one.event.kind is not EventKind.DELIVERY}
    arrived = {one.place for one in new if one.place and one.event.kind is EventKind.DELIVERY} - places
    if arrived:
        places |= kept.with_responses(conn, arrived)
    if not places:
        return
    changed: dict[bytes, bool] = {}
    touches: list[subscribers.Touch] = []
    newsletters = ledger.newsletters_of(conn, {place.issue for place in places})
    withdrawn: set[int] = set()
    for place, message in kept.of_messages(conn, places).items():
        by_machine = machines([_response(one) for one in message.responses], message.delivered_at)
        for one in message.responses:
            if one.machine != (one.key in by_machine):
                changed[one.key] = one.key in by_machine
                if not one.machine and one.key not in {n.event.key for n in new}:
                    withdrawn.add(held[place].subscriber_id)
        human = [one for one in message.responses if one.key not in by_machine]
        touch = subscribers.Touch(
            held[place].subscriber_id,
            newsletters[place.issue],
            clicked_at=_last(human, EventKind.CLICK),
            opened_at=_last(human, EventKind.OPEN),
        )
        if touch.clicked_at or touch.opened_at:
            touches.append(touch)
    kept.judge(conn, changed)
    kept.withdraw(conn, withdrawn)
    subscribers.touched(conn, touches)


def _response(one: kept.Kept) -> Response:
    return Response(key=one.key, kind=one.kind, at=one.at, link=one.link, sign=one.sign)


def _last(responses: Sequence[kept.Kept], kind: EventKind) -> datetime | None:
    return max((one.at for one in responses if one.kind is kind), default=None)
