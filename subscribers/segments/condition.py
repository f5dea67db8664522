"""A segment as a condition on the reader, the same on every database.

Every condition is true or false and never unknown, so that *not* means what it says of somebody who never clicked.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, not_, or_, true

from subscribers import schema
from subscribers.model import State
from subscribers.segments.terms import All, Kind, Lately, Not, On, OneOf, Sample, Segment, Side, Sign, Some, Term

_people = schema.subscriber.c
_places = schema.subscription.c
_wanted = schema.subscriber_topic.c
_noted = schema.subscriber_tag.c
#: The reader's places on other newsletters.
_others = schema.subscription.alias("other_place")

_MOMENTS = {Sign.CLICKED: _places.clicked_at, Sign.OPENED: _places.opened_at, Sign.JOINED: _places.since}

#: A prime, so that the fifth power of every number below it is another number below it (5 does not divide P - 1); and
#: small enough for the square to fit into 64 bits.
_PRIME = 2_147_483_647
_STEP = 1_103_515_245


def in_segment(segment: Segment, *, newsletter: str, at: datetime) -> ColumnElement[bool]:
    """What `audience` of that newsletter is narrowed by; `at` is when "in the last 90 days" ends."""
    if isinstance(segment, Not):
        return not_(in_segment(segment.part, newsletter=newsletter, at=at))
    if isinstance(segment, All | Some):
        parts = [in_segment(part, newsletter=newsletter, at=at) for part in segment.parts]
        return and_(*parts) if isinstance(segment, All) else or_(*parts)
    return _term(segment, newsletter, at)


def _term(term: Term, newsletter: str, at: datetime) -> ColumnElement[bool]:
    if isinstance(term, Lately):
        moment = _MOMENTS[term.sign]
        return _known(moment, true() if term.days is None else moment >= at - timedelta(days=term.days))
    if isinstance(term, On):
        return _known(_MOMENTS[term.sign], _on(term))
    if isinstance(term, Sample):
        within: ColumnElement[bool] = _scattered(term.name).between(_mark(term.low), _mark(term.high) - 1)
        return within
    return _one_of(term, newsletter)


def _known(moment: Any, holds: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(moment.is_not(None), holds)


def _on(term: On) -> ColumnElement[bool]:
    moment = _MOMENTS[term.sign]
    day = datetime.combine(term.day, time(), UTC)
    if term.side is Side.BEFORE:
        return moment < day
    return moment >= (day if term.side is Side.SINCE else day + timedelta(days=1))


def _one_of(term: OneOf, newsletter: str) -> ColumnElement[bool]:
    if term.kind is Kind.SUPPORTER:
        return _people.supporter.in_(term.words)
    if term.kind is Kind.LANGUAGE:
        return _people.language.in_(["" if word == "unknown" else word for word in term.words])
    if term.kind is Kind.TAG:
        some = exists().where(_noted.subscriber_id == _places.subscriber_id)
        return some.where(_noted.tag.in_(term.words)) if term.words else some
    if term.kind is Kind.ON:
        return exists().where(
            _others.c.subscriber_id == _places.subscriber_id,
            _others.c.newsletter.in_(term.words),
            _others.c.state == State.ACTIVE.value,
        )
    chose = exists().where(_wanted.subscriber_id == _places.subscriber_id, _wanted.newsletter == newsletter)
    # Who chose nothing wants all of it.
    return or_(~chose, chose.where(_wanted.topic.in_(term.words))) if term.words else chose


# --- Samples -------------------------------------------------------------------------------------------------


def _scattered(name: str) -> Any:
    """The reader's place between 0 and the prime: the same for ever, and as good as thrown by dice."""
    first = (_people.id % _PRIME * _STEP + _salt(name)) % _PRIME
    square = first * first % _PRIME
    return square * square % _PRIME * first % _PRIME


def scattered(subscriber_id: int, name: str) -> int:
    """The same, counted here."""
    return pow((subscriber_id % _PRIME * _STEP + _salt(name)) % _PRIME, 5, _PRIME)


def _salt(name: str) -> int:
    return int.from_bytes(sha256(name.encode()).digest()[:4], "big") % _PRIME


def _mark(hundredths: int) -> int:
    return _PRIME * hundredths // 10_000
