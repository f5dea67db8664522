"""Who may be mailed right now, and why everybody else may not.

`audience` is the live question; the mailer freezes its answer with one INSERT … SELECT. `why_not` asks again about
fifty people just before their batch goes out. Both must agree: nobody is in the audience for whom there is a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, Text, and_, bindparam, case, exists, func, select

from subscribers import schema
from subscribers.model import Reason, State, Supporter

_people = schema.subscriber.c
_places = schema.subscription.c
_held = schema.suppression.c

#: The reason of somebody who is not on the newsletter, or not on the list at all.
NEVER_JOINED = "never joined"

#: Ids per question: SQLite allows 32,766 values in one, and 999 in old builds.
_HANDFUL = 500

#: Why somebody is not mailed; NULL for somebody who may be.
_REASON = case(
    (_people.forgotten_at.is_not(None), Reason.FORGOTTEN.value),
    (_places.state.is_(None), NEVER_JOINED),
    (_places.state != State.ACTIVE.value, _places.state),
    else_=_held.reason,
)


#: Who is likeliest to want the next message, as far as giving tells: a gift every month, one gift, one given up.
_STANDING = case(
    {Supporter.MONTHLY.value: 0, Supporter.ONE_TIME.value: 1, Supporter.LAPSED.value: 2},
    value=_people.supporter,
    else_=3,
).label("standing")


def audience(newsletter: str, *, supporters: Sequence[str] | None = None, best_first: bool = False) -> Select[Any]:
    """SELECT subscriber_id, address, name of all who may be mailed now; unordered, for an INSERT … SELECT.

    With `best_first` also standing and since, to be ordered by: supporters, then who has been on the list longest.
    Mailbox providers judge a new sender by how its first messages are received.
    """
    held = exists().where(_held.address_hash == _people.address_hash)
    rows = (
        select(_places.subscriber_id, _people.address, _people.name)
        .join_from(schema.subscription, schema.subscriber, _people.id == _places.subscriber_id)
        .where(
            _places.newsletter == newsletter,
            _places.state == State.ACTIVE.value,
            _people.address.is_not(None),
            ~held,
        )
    )
    if best_first:
        rows = rows.add_columns(_STANDING, _places.since)
    if supporters is not None:
        rows = rows.where(_people.supporter.in_([str(supporter) for supporter in supporters]))
    return rows


def not_mailable(conn: Connection, newsletter: str) -> dict[str, int]:
    """Reason → how many of the newsletter's people it keeps from being mailed now."""
    on_it = _places.newsletter == bindparam("newsletter", type_=Text)
    kept = _with_reason(select(_REASON.label("reason"))).where(on_it).subquery()
    rows = select(kept.c.reason, func.count()).where(kept.c.reason.is_not(None)).group_by(kept.c.reason)
    return dict(conn.execute(rows, {"newsletter": newsletter}).all())


def why_not(conn: Connection, newsletter: str, subscriber_ids: Sequence[int]) -> dict[int, str]:
    """Those of `subscriber_ids` who must not be mailed (any more), with the reason."""
    reasons: dict[int, str | None] = dict.fromkeys(subscriber_ids, NEVER_JOINED)
    for start in range(0, len(subscriber_ids), _HANDFUL):
        ids = subscriber_ids[start : start + _HANDFUL]
        reasons.update(conn.execute(_WHY_NOT, {"newsletter": newsletter, "ids": ids}).all())
    return {who: reason for who, reason in reasons.items() if reason is not None}


def _with_reason(rows: Select[Any]) -> Select[Any]:
    """`rows` over every subscriber, with their place on the newsletter and their suppression where there is one."""
    place = and_(_places.subscriber_id == _people.id, _places.newsletter == bindparam("newsletter", type_=Text))
    return (
        rows.select_from(schema.subscriber)
        .outerjoin(schema.subscription, place)
        .outerjoin(schema.suppression, _held.address_hash == _people.address_hash)
    )


#: Composed once: it is asked for every batch, and composing it takes longer than answering.
_WHY_NOT = _with_reason(select(_people.id, _REASON.label("reason"))).where(
    _people.id.in_(bindparam("ids", expanding=True))
)
