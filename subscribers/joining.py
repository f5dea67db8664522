"""Joining, confirming, leaving and coming back: the four steps by which somebody's standing changes.

A step that needs the person's own yes takes the consent that says so; each step that changed something is logged.
What a stranger can do by typing somebody's address into a form stays harmless: it changes nothing that the person
has told us, and nobody who left is mailed before the person has confirmed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import Connection, select

from subscribers import schema
from subscribers.addresses import Address, hash_of, parse_address
from subscribers.book import address_of, change_details
from subscribers.consent import record
from subscribers.details import LONGEST_WHY, clean_language, clean_name, one_line
from subscribers.errors import HasLeft
from subscribers.model import Act, Added, Consent, Outcome, State, Subscription, Supporter, SuppressionEntry
from subscribers.suppression import refuse_suppressed, unsuppress
from subscribers.unconfirmed import asked_again

_people = schema.subscriber.c
_places = schema.subscription.c


def add(
    conn: Connection,
    address: str,
    *,
    newsletter: str,
    consent: Consent,
    at: datetime,
    name: str = "",
    language: str = "",
    supporter: Supporter = Supporter.UNKNOWN,
    state: Literal[State.ACTIVE, State.UNCONFIRMED] = State.ACTIVE,
) -> Added:
    """Put somebody on a newsletter; doing so twice changes nothing the second time.

    Raises BadAddress, AddressSuppressed, or HasLeft when they left and `consent` is not their own or not newer.
    With `state=State.UNCONFIRMED` (a public form) nobody is mailed until `confirm`.
    """
    where = parse_address(address)
    waits = state is State.UNCONFIRMED
    forgotten = refuse_suppressed(conn, where.key, but_forgotten=waits or consent.act is Act.CONFIRMED)
    if forgotten and not waits:
        _lift_forgetting(conn, where.key, forgotten, consent.at)
    details = _Details(clean_name(name), clean_language(language), supporter)
    subscriber_id = _enter(conn, where, details, at)
    outcome = _join(conn, subscriber_id, newsletter, consent, state)
    # A form filled in by we know not whom must not rename somebody.
    changed = not waits and _update(conn, subscriber_id, details, at)
    if changed and outcome is Outcome.UNCHANGED:
        outcome = Outcome.UPDATED
    return Added(subscriber_id=subscriber_id, outcome=outcome)


def confirm(conn: Connection, subscriber_id: int, newsletter: str, *, consent: Consent, asked_at: datetime) -> bool:
    """The person followed the link that we sent at `asked_at`. True the first time.

    A link from before they left does not bring them back: HasLeft. Lifts a forgetting, no other suppression.
    """
    key = address_of(conn, subscriber_id).key
    forgotten = refuse_suppressed(conn, key, but_forgotten=True)
    place = standing(conn, subscriber_id, newsletter)
    if place is None or place.state is State.ACTIVE:
        return False
    if place.left_at is not None and asked_at <= place.left_at:
        raise _has_left(newsletter, place.left_at)
    if forgotten:
        _lift_forgetting(conn, key, forgotten, asked_at)
    return _activate(conn, subscriber_id, newsletter, consent, was=place.state)


def leave(conn: Connection, subscriber_id: int, newsletter: str, *, at: datetime, how: str) -> bool:
    """Stop a newsletter. True the first time; the first leaving's time and way stay."""
    left = (
        schema.subscription.update()
        .where(
            _places.subscriber_id == subscriber_id,
            _places.newsletter == newsletter,
            _places.state != State.LEFT.value,
        )
        .values(state=State.LEFT.value, left_at=at, left_how=how)
    )
    if conn.execute(left).rowcount != 1:
        return False
    record(conn, subscriber_id, newsletter, Consent(at=at, act=Act.LEFT, how=how))
    return True


def say_why(conn: Connection, subscriber_id: int, newsletter: str, why: str) -> bool:
    """Why somebody left, in their words or one of ours. False for somebody who has not left."""
    place = schema.subscription.update().where(
        _places.subscriber_id == subscriber_id, _places.newsletter == newsletter, _places.state == State.LEFT.value
    )
    return conn.execute(place.values(left_why=one_line(why, LONGEST_WHY))).rowcount == 1


def rejoin(conn: Connection, subscriber_id: int, newsletter: str, *, consent: Consent) -> bool:
    """Come back by one's own wish, for instance by "that was a mistake" after leaving. True when that changed anything.

    Raises HasLeft when the consent is not the person's own or not newer than the leaving.
    """
    refuse_suppressed(conn, address_of(conn, subscriber_id).key)
    return _join(conn, subscriber_id, newsletter, consent, State.ACTIVE) is not Outcome.UNCHANGED


def standing(conn: Connection, subscriber_id: int, newsletter: str) -> Subscription | None:
    """Where somebody stands with a newsletter; None when they never joined it."""
    row = conn.execute(
        select(_places.newsletter, _places.state, _places.since, _places.left_at, _places.left_how).where(
            _places.subscriber_id == subscriber_id, _places.newsletter == newsletter
        )
    ).one_or_none()
    if row is None:
        return None
    return Subscription(
        newsletter=row.newsletter,
        state=State(row.state),
        since=row.since,
        left_at=row.left_at,
        left_how=row.left_how,
    )


class _Details(NamedTuple):
    name: str
    language: str
    supporter: Supporter


def _enter(conn: Connection, where: Address, details: _Details, at: datetime) -> int:
    """The subscriber's id; a new row when the address is new, otherwise nothing is touched."""
    schema.enter(
        conn,
        schema.subscriber,
        address=where.text,
        address_key=where.key,
        address_hash=hash_of(where.key),
        name=details.name,
        language=details.language,
        supporter=details.supporter.value,
        created_at=at,
        updated_at=at,
    )
    found: int = conn.execute(select(_people.id).where(_people.address_key == where.key)).scalar_one()
    return found


def _update(conn: Connection, subscriber_id: int, details: _Details, at: datetime) -> bool:
    """What is empty or unknown changes nothing."""
    known = details.supporter is not Supporter.UNKNOWN
    return change_details(
        conn,
        subscriber_id,
        at=at,
        name=details.name or None,
        language=details.language or None,
        supporter=details.supporter if known else None,
    )


def _join(conn: Connection, subscriber_id: int, newsletter: str, consent: Consent, state: State) -> Outcome:
    place = {"subscriber_id": subscriber_id, "newsletter": newsletter, "state": state.value, "since": consent.at}
    if schema.enter(conn, schema.subscription, **place):
        record(conn, subscriber_id, newsletter, consent)
        return Outcome.ADDED
    stands = standing(conn, subscriber_id, newsletter)
    if stands is None or stands.state is State.ACTIVE:
        return Outcome.UNCHANGED
    return _change(conn, subscriber_id, stands, consent, state)


def _change(conn: Connection, subscriber_id: int, place: Subscription, consent: Consent, state: State) -> Outcome:
    """Somebody who left or has not confirmed joins again."""
    if state is State.UNCONFIRMED:
        asked_again(conn, subscriber_id, place.newsletter, at=consent.at)
        # Not set to unconfirmed: an import makes the unconfirmed active, and must never do so to those who left.
        return Outcome.AWAITS_CONFIRMATION if place.state is State.LEFT else Outcome.UNCHANGED
    if place.left_at is not None and not (consent.explicit and consent.at > place.left_at):
        raise _has_left(place.newsletter, place.left_at)
    _activate(conn, subscriber_id, place.newsletter, consent, was=place.state)
    return Outcome.REJOINED if place.state is State.LEFT else Outcome.CONFIRMED


def _activate(conn: Connection, subscriber_id: int, newsletter: str, consent: Consent, *, was: State) -> bool:
    active = (
        schema.subscription.update()
        .where(
            _places.subscriber_id == subscriber_id,
            _places.newsletter == newsletter,
            _places.state == was.value,
        )
        .values(state=State.ACTIVE.value, since=consent.at, left_at=None, left_how="", left_why="")
    )
    if conn.execute(active).rowcount != 1:
        return False
    record(conn, subscriber_id, newsletter, consent)
    return True


def _lift_forgetting(conn: Connection, key: str, entry: SuppressionEntry, said_at: datetime) -> None:
    if said_at <= entry.at:
        raise HasLeft(
            "This person asked to be forgotten after that consent. Nothing was changed.",
            reason="forgotten",
            hint="They can join again themselves.",
        )
    unsuppress(conn, key)


def _has_left(newsletter: str, left_at: datetime) -> HasLeft:
    return HasLeft(
        f"This person left “{newsletter}” on {left_at:%Y-%m-%d}, and nothing newer says that they want it again. "
        "Nothing was changed.",
        reason="left",
        hint="They can come back themselves; or give the consent that they gave you since then.",
    )
