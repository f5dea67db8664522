"""The list as one looks things up in it: a person, a page of people, the numbers of a newsletter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, exists, func, or_, select

from subscribers import schema, tags, wishes
from subscribers.addresses import Address, parse_address
from subscribers.details import clean_language, clean_name
from subscribers.errors import UnknownSubscriber
from subscribers.model import (
    Counts,
    Entry,
    Page,
    Reason,
    State,
    Subscriber,
    Subscription,
    Supporter,
)

_people = schema.subscriber.c
_places = schema.subscription.c
_held = schema.suppression.c

_PERSON = (
    _people.id,
    _people.address,
    _people.name,
    _people.language,
    _people.supporter,
    _people.created_at,
    _people.updated_at,
)


def get(conn: Connection, subscriber_id: int) -> Subscriber:
    """Raises UnknownSubscriber, also for somebody who was forgotten."""
    row = conn.execute(select(*_PERSON).where(_people.id == subscriber_id, _people.address.is_not(None))).first()
    if row is None:
        raise UnknownSubscriber(
            f"Nobody on the list has the id {subscriber_id}.", hint="They may have asked to be forgotten."
        )
    return _person(row)


def find(conn: Connection, address: str) -> Subscriber | None:
    """The subscriber with this address, however it is written. Raises BadAddress."""
    row = conn.execute(select(*_PERSON).where(_people.address_key == parse_address(address).key)).first()
    return _person(row) if row else None


def address_of(conn: Connection, subscriber_id: int) -> Address:
    text = get(conn, subscriber_id).address
    return Address(text, text.lower())


def page(
    conn: Connection,
    newsletter: str | None = None,
    state: State | None = None,
    search: str = "",
    *,
    after_id: int = 0,
    limit: int = 100,
) -> Page:
    """People in the order of their ids, `limit` at a time. `search` is a part of the address or name.

    With `state` but no newsletter: everybody who stands so with any newsletter.
    """
    rows = (
        select(*_PERSON, _held.reason)
        .outerjoin_from(schema.subscriber, schema.suppression, _held.address_hash == _people.address_hash)
        .where(_people.id > after_id, _people.address.is_not(None))
        .order_by(_people.id)
        .limit(limit + 1)  # one more shows whether there is a next page
    )
    found = conn.execute(_narrowed(rows, newsletter, state, search.strip())).all()
    shown = found[:limit]
    ids = [row.id for row in shown]
    places, noted = _subscriptions(conn, ids), tags.of(conn, ids)
    entries = tuple(
        Entry(
            subscriber=_person(row),
            subscriptions=tuple(places.get(row.id, ())),
            suppressed=Reason(row.reason) if row.reason else None,
            tags=noted.get(row.id, ()),
        )
        for row in shown
    )
    return Page(entries=entries, next_after=shown[-1].id if len(found) > limit else None)


def counts(conn: Connection, newsletter: str, *, at: datetime) -> Counts:
    """How many stand where at that moment; every figure is counted now."""
    by_state: dict[str, int] = dict(
        conn.execute(
            select(_places.state, func.count()).where(_places.newsletter == newsletter).group_by(_places.state)
        ).all()
    )
    suppressed: dict[str, int] = dict(
        conn.execute(
            select(_held.reason, func.count())
            .join_from(schema.suppression, schema.subscriber, _people.address_hash == _held.address_hash)
            .join(schema.subscription, _places.subscriber_id == _people.id)
            .where(_places.newsletter == newsletter, _places.state == State.ACTIVE.value)
            .group_by(_held.reason)
        ).all()
    )
    active = by_state.get(State.ACTIVE.value, 0)
    paused = int(conn.execute(_away(newsletter, at)).scalar_one())
    return Counts(
        active=active,
        unconfirmed=by_state.get(State.UNCONFIRMED.value, 0),
        left=by_state.get(State.LEFT.value, 0),
        mailable=active - sum(suppressed.values()) - paused,
        paused=paused,
        suppressed=suppressed,
    )


def _away(newsletter: str, at: datetime) -> Select[Any]:
    """How many of the active pause and are not suppressed."""
    held = exists().where(_held.address_hash == _people.address_hash)
    return (
        select(func.count())
        .join_from(schema.subscription, schema.subscriber, _places.subscriber_id == _people.id)
        .where(_places.newsletter == newsletter, _places.state == State.ACTIVE.value, _places.paused_until > at, ~held)
    )


def subscriptions(conn: Connection, subscriber_id: int) -> tuple[Subscription, ...]:
    return tuple(_subscriptions(conn, [subscriber_id]).get(subscriber_id, ()))


def change_details(
    conn: Connection,
    subscriber_id: int,
    *,
    at: datetime,
    name: str | None = None,
    language: str | None = None,
    supporter: Supporter | None = None,
) -> bool:
    """True when something is different now; None leaves a detail as it is."""
    wanted = {
        "name": None if name is None else clean_name(name),
        "language": None if language is None else clean_language(language),
        "supporter": None if supporter is None else supporter.value,
    }
    values = {column: value for column, value in wanted.items() if value is not None}
    if not values:
        return False
    differs = or_(*(_people[column] != value for column, value in values.items()))
    changed = schema.subscriber.update().where(_people.id == subscriber_id, _people.address.is_not(None), differs)
    return conn.execute(changed.values(**values, updated_at=at)).rowcount == 1


def _narrowed(rows: Select[Any], newsletter: str | None, state: State | None, search: str) -> Select[Any]:
    if newsletter is not None or state is not None:
        place = exists().where(_places.subscriber_id == _people.id)
        if newsletter is not None:
            place = place.where(_places.newsletter == newsletter)
        if state is not None:
            place = place.where(_places.state == state.value)
        rows = rows.where(place)
    if search:
        rows = rows.where(
            or_(
                _people.address_key.contains(search.lower(), autoescape=True),
                _people.name.icontains(search, autoescape=True),
            )
        )
    return rows


def _subscriptions(conn: Connection, ids: Sequence[int]) -> dict[int, list[Subscription]]:
    found: dict[int, list[Subscription]] = {}
    topics = wishes.topics_of(conn, ids)
    rows = conn.execute(select(schema.subscription).where(_places.subscriber_id.in_(ids)).order_by(_places.newsletter))
    for row in rows:
        found.setdefault(row.subscriber_id, []).append(
            Subscription(
                newsletter=row.newsletter,
                state=State(row.state),
                since=row.since,
                left_at=row.left_at,
                left_how=row.left_how,
                left_why=row.left_why,
                paused_until=row.paused_until,
                min_days=row.min_days,
                last_issue_at=row.last_issue_at,
                topics=topics.get((row.subscriber_id, row.newsletter), ()),
                clicked_at=row.clicked_at,
                opened_at=row.opened_at,
            )
        )
    return found


def _person(row: Any) -> Subscriber:
    return Subscriber(
        id=row.id,
        address=row.address,
        name=row.name,
        language=row.language,
        supporter=Supporter(row.supporter),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
