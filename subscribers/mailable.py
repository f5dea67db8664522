"""Who may be mailed right now, and why everybody else may not.

`audience` is the live question; the mailer freezes its answer with one INSERT … SELECT. `why_not` asks again about
fifty people just before their batch goes out. Both must agree: nobody is in the audience for whom there is a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
)

from subscribers import schema
from subscribers.model import Reason, State, Supporter

_people = schema.subscriber.c
_places = schema.subscription.c
_held = schema.suppression.c

#: The reason of somebody who is not on the newsletter, or not on the list at all.
NEVER_JOINED = "never joined"
#: The reason of somebody who is away for a while; `why_not` says until when.
PAUSED = "paused"
#: The reason of somebody who does not want every issue and had one a short while ago.
HAD_ONE = "had an issue lately"

#: Ids per question: SQLite allows 32,766 values in one, and 999 in old builds.
_HANDFUL = 500

#: What an issue may come early, in days: who wants one a week gets Monday's although last Monday's started later.
_EARLY = 0.5

_at = bindparam("at", type_=schema.UtcTime)


def _is_away(at: ColumnElement[datetime]) -> ColumnElement[bool]:
    return _places.paused_until > at


def _had_one(at: ColumnElement[datetime]) -> ColumnElement[bool]:
    """NULL, which is no, for somebody who had none."""
    # The first is for speed: few readers want less than every issue.
    return and_(_places.min_days > 0, schema.days_between(_places.last_issue_at, at) + _EARLY < _places.min_days)


#: Why somebody is not mailed; NULL for somebody who may be.
_REASON = case(
    (_people.forgotten_at.is_not(None), Reason.FORGOTTEN.value),
    (_places.state.is_(None), NEVER_JOINED),
    (_places.state != State.ACTIVE.value, _places.state),
    (_held.reason.is_not(None), _held.reason),
    (_is_away(_at), PAUSED),
    (and_(~bindparam("however_often"), _had_one(_at)), HAD_ONE),
)


#: Who is likeliest to want the next message, as far as giving tells: a gift every month, one gift, one given up.
_STANDING = case(
    {Supporter.MONTHLY.value: 0, Supporter.ONE_TIME.value: 1, Supporter.LAPSED.value: 2},
    value=_people.supporter,
    else_=3,
).label("standing")


def _engaged(at: datetime) -> ColumnElement[int]:
    """0 for a click of the last days, and more the longer it is ago."""
    steps = [(_places.clicked_at >= at - timedelta(days=days), place) for place, days in enumerate((30, 90, 365))]
    return case(*steps, (_places.clicked_at.is_not(None), len(steps)), else_=len(steps) + 1)


def audience(
    newsletter: str,
    *,
    at: datetime,
    supporters: Sequence[str] | None = None,
    segment: ColumnElement[bool] | None = None,
    best_first: bool = False,
    however_often: bool = False,
) -> Select[Any]:
    """SELECT subscriber_id, address, name of all who may be mailed at that moment; unordered, for INSERT … SELECT.

    `segment` is a condition on the reader (`in_segment`). With `best_first` also what to order by: who clicked
    lately, then supporters, then who has been on the list longest; mailbox providers judge a new sender by how its
    first messages are received. With `however_often` also those who want fewer issues and had one (a correction).
    """
    held = exists().where(_held.address_hash == _people.address_hash)
    moment = literal(at, schema.UtcTime)
    rows = (
        select(_places.subscriber_id, _people.address, _people.name)
        .join_from(schema.subscription, schema.subscriber, _people.id == _places.subscriber_id)
        .where(
            _places.newsletter == newsletter,
            _places.state == State.ACTIVE.value,
            _people.address.is_not(None),
            ~held,
            or_(_places.paused_until.is_(None), ~_is_away(moment)),
        )
    )
    if not however_often:
        rows = rows.where(or_(_places.min_days == 0, _places.last_issue_at.is_(None), ~_had_one(moment)))
    if best_first:
        rows = rows.add_columns(_engaged(at).label("engaged"), _STANDING, _places.since)
    if supporters is not None:
        rows = rows.where(_people.supporter.in_([str(supporter) for supporter in supporters]))
    return rows if segment is None else rows.where(segment)


def not_mailable(conn: Connection, newsletter: str, *, at: datetime, however_often: bool = False) -> dict[str, int]:
    """Reason → how many of the newsletter's people it keeps from being mailed at that moment."""
    on_it = _places.newsletter == bindparam("newsletter", type_=Text)
    kept = _with_reason(select(_REASON.label("reason"))).where(on_it).subquery()
    rows = select(kept.c.reason, func.count()).where(kept.c.reason.is_not(None)).group_by(kept.c.reason)
    values = {"newsletter": newsletter, "at": at, "however_often": however_often}
    return dict(conn.execute(rows, values).all())


def why_not(
    conn: Connection, newsletter: str, subscriber_ids: Sequence[int], *, at: datetime, however_often: bool = False
) -> dict[int, str]:
    """Those of `subscriber_ids` who must not be mailed (any more), with the reason.

    With `however_often` also those may be who want fewer issues and had one, as when the one they had is this very one.
    """
    reasons: dict[int, str | None] = dict.fromkeys(subscriber_ids, NEVER_JOINED)
    for start in range(0, len(subscriber_ids), _HANDFUL):
        ids = subscriber_ids[start : start + _HANDFUL]
        values = {"newsletter": newsletter, "ids": ids, "at": at, "however_often": however_often}
        for who, reason, until in conn.execute(_WHY_NOT, values):
            reasons[who] = f"paused until {until:%Y-%m-%d}" if reason == PAUSED else reason
    return {who: reason for who, reason in reasons.items() if reason is not None}


def had_issue(conn: Connection, newsletter: str, readers: Select[Any], *, at: datetime) -> None:
    """Note that these got an issue; kept of those alone who do not want every one. `readers` selects their ids."""
    some = (_places.newsletter == newsletter) & (_places.min_days > 0)
    # Asked of each of them: few want less, and a list of a million readers would be made for these.
    (who,) = readers.selected_columns
    got = readers.where(who == _places.subscriber_id).exists()
    conn.execute(schema.subscription.update().where(some, got).values(last_issue_at=at))


def _with_reason(rows: Select[Any]) -> Select[Any]:
    """`rows` over every subscriber, with their place on the newsletter and their suppression where there is one."""
    place = and_(_places.subscriber_id == _people.id, _places.newsletter == bindparam("newsletter", type_=Text))
    return (
        rows.select_from(schema.subscriber)
        .outerjoin(schema.subscription, place)
        .outerjoin(schema.suppression, _held.address_hash == _people.address_hash)
    )


#: Composed once: it is asked for every batch, and composing it takes longer than answering.
_WHY_NOT = _with_reason(select(_people.id, _REASON.label("reason"), _places.paused_until)).where(
    _people.id.in_(bindparam("ids", expanding=True))
)
