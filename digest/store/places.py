"""Places: the deliveries that events are about, held until the commit that moves them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from digest.model import DeliveryState
from digest.store import schema
from subscribers.schema import subscriber

_e = schema.event.c
_d = schema.delivery.c
_b = schema.batch.c
_i = schema.issue.c

#: Issues whose mail may still bring events without tags: servers try for days, readers open for weeks.
RECENT = timedelta(days=30)
#: How many values one statement takes: SQLite allows 32,766, and 999 in old builds.
_HANDFUL = 400


class Place(NamedTuple):
    """A delivery, by its names in the ledger."""

    issue: int
    position: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """A delivery that is held until the commit, so that nobody else moves it meanwhile."""

    place: Place
    subscriber_id: int
    #: Empty when the person was forgotten.
    address: str
    state: DeliveryState
    reason: str
    attempt: int
    message_id: str


#: Events about the places that `in_handfuls` names.
ABOUT = (_e.issue_id == bindparam("of_issue")) & _e.position.in_(bindparam("positions", expanding=True))


_HELD = (_d.issue_id, _d.position, _d.subscriber_id, _d.address, _d.state, _d.reason, _d.attempt, _d.message_id)
_HOLD = (
    select(*_HELD)
    .where(_d.issue_id == bindparam("of_issue"), _d.position.in_(bindparam("positions", expanding=True)))
    # As the ledger writes them: two who hold in one order never wait for each other for ever.
    .order_by(_d.position)
    .with_for_update()
)


def hold(conn: Connection, places: Iterable[Place]) -> dict[Place, Held]:
    """The deliveries at these places, as far as there are any."""
    found: dict[Place, Held] = {}
    for values in in_handfuls(places):
        for row in conn.execute(_HOLD, values):
            found[Place(row[0], row[1])] = _held(row)
    return found


def in_handfuls(places: Iterable[Place]) -> Iterator[dict[str, Any]]:
    """The values of statements about these places, issue by issue, in order: `of_issue` and `positions`.

    Of few sizes, filled up with the last one: drivers keep statements that they know.
    """
    by_issue: dict[int, list[int]] = {}
    for issue, position in sorted(set(places)):
        by_issue.setdefault(issue, []).append(position)
    for issue, positions in by_issue.items():
        for some in handfuls(positions):
            size = next(size for size in (1, 8, 40, 120, _HANDFUL) if size >= len(some))
            yield {"of_issue": issue, "positions": [*some, *[some[-1]] * (size - len(some))]}


def _held(row: Any) -> Held:
    issue, position, subscriber_id, address, state, reason, attempt, message_id = row
    return Held(
        place=Place(issue, position),
        subscriber_id=subscriber_id,
        address=address,
        state=DeliveryState(state),
        reason=reason,
        attempt=attempt,
        message_id=message_id,
    )


def place_of(conn: Connection, message_id: str, address: str, *, now: datetime) -> Place | None:
    """The delivery of a message that came without tags: by its recipient, among recent issues, and by its id.

    There is no index on message ids, which would cost every message that is sent, for the sake of a few.
    """
    who = select(subscriber.c.id).where(subscriber.c.address_key == address.lower()).scalar_subquery()
    recent = select(_i.id).where(_i.started_at > now - RECENT)
    found = conn.execute(
        select(_d.issue_id, _d.position)
        .where(_d.issue_id.in_(recent), _d.subscriber_id == who, _d.message_id == message_id)
        .limit(1)
    ).first()
    return Place(*found) if found else None


_MOVE = (
    update(schema.delivery)
    .where(_d.issue_id == bindparam("of_issue"), _d.position == bindparam("at_position"))
    .values(
        state=bindparam("new_state"),
        reason=bindparam("new_reason"),
        attempt=bindparam("new_attempt"),
        message_id=bindparam("new_message_id"),
        updated_at=bindparam("now"),
    )
)
_EDITION = select(_b.edition_id).where(_b.issue_id == _d.issue_id, _b.first <= _d.position, _b.last >= _d.position)


def move(conn: Connection, moved: Mapping[Place, tuple[DeliveryState, str, int, str]], *, now: datetime) -> None:
    """Place → state, reason, attempt and message id, as events have it."""
    rows = [
        {
            "of_issue": place.issue,
            "at_position": place.position,
            "new_state": state.value,
            "new_reason": reason,
            "new_attempt": attempt,
            "new_message_id": message_id,
            "now": now,
        }
        for place, (state, reason, attempt, message_id) in sorted(moved.items())
    ]
    if rows:
        conn.execute(_MOVE, rows)


def name_editions(conn: Connection, places: Iterable[Place]) -> None:
    """Deliveries whose events overtook the reply get the edition that their batch was called with."""
    for place in sorted(places):
        here = (_d.issue_id == place.issue) & (_d.position == place.position)
        conn.execute(update(schema.delivery).where(here).values(edition_id=_EDITION.scalar_subquery()))


def newsletters_of(conn: Connection, issue_ids: Iterable[int]) -> dict[int, str]:
    """Issue → its newsletter's slug."""
    wanted = sorted(set(issue_ids))
    return dict(conn.execute(select(_i.id, _i.newsletter).where(_i.id.in_(wanted))).all()) if wanted else {}


def handfuls(values: Sequence[Any]) -> list[Sequence[Any]]:
    """`values`, as many at a time as one statement takes."""
    return [values[start : start + _HANDFUL] for start in range(0, len(values), _HANDFUL)]
