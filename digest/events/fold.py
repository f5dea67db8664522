"""Folding: what events mean is done, in the commit that takes them in.

    send, open, click, delay    the message was accepted: doubt about it is over
    delivery                    delivered
    bounce, lasting             bounced, and the address is never mailed again
    bounce, passing             bounced; so many in a row over so many days, and the address is not mailed again
    complaint                   complained, never mailed again, and off the newsletter
    reject, rendering failure   refused: SES took the message and did not send it; the operator is told

Whatever the order, and however often an event is told, the ledger and the list end the same: the rungs of
`digest.events.standing` decide about a delivery, and what counts in a row is counted anew from all that was told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

import subscribers
from digest.events import ses
from digest.events.machines import sign
from digest.events.responses import respond
from digest.events.standing import Standing, after, is_complaint, is_hard, is_soft, is_warning
from digest.model import DeliveryState, Event, EventKind
from digest.store import events as inbox
from digest.store import issues, places
from digest.store.events import Arrived
from digest.store.places import Held, Place

ACTOR = "events"


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What the settings say about events."""

    #: So many passing bounces in a row, over at least so many days, and an address is not mailed again; 0 is never.
    soft_bounces: int = 5
    soft_days: float = 7.0
    #: More networks of mail scanners.
    scanners: tuple[str, ...] = ()


@dataclass(kw_only=True, slots=True)
class Recorded:
    """What a commit did."""

    #: Events that were told for the first time, and those that had been told before.
    new: int = 0
    again: int = 0
    #: Messages that nobody could read.
    aside: int = 0
    #: Deliveries that stand elsewhere now.
    moved: int = 0
    suppressed: int = 0
    warnings: list[str] = field(default_factory=list)

    def __add__(self, other: Recorded) -> Recorded:
        return Recorded(
            new=self.new + other.new,
            again=self.again + other.again,
            aside=self.aside + other.aside,
            moved=self.moved + other.moved,
            suppressed=self.suppressed + other.suppressed,
            warnings=[*self.warnings, *other.warnings],
        )


# --- One commit --------------------------------------------------------------------------------------------


def fold(conn: Connection, events: Sequence[Event], policy: Policy, *, now: datetime) -> Recorded:
    """Take events in and do what they mean, within the caller's transaction."""
    arrived, held = _placed(conn, _once(events), policy, now)
    keys = inbox.take_in(conn, arrived, now=now)
    new = [one for one in arrived if one.event.key in keys]
    moved = _move(conn, new, held, now)
    done = Recorded(new=len(new), again=len(events) - len(new), moved=moved)
    _care_for_list(conn, new, held, policy, done)
    _warn(conn, new, done, now)
    respond(conn, [one for one in new if one.event.kind in _OF_READERS or one.event.kind is EventKind.DELIVERY], held)
    return done


_OF_READERS = frozenset({EventKind.OPEN, EventKind.CLICK})


def _once(events: Sequence[Event]) -> list[Event]:
    return list({event.key: event for event in events}.values())


def _placed(
    conn: Connection, events: Sequence[Event], policy: Policy, now: datetime
) -> tuple[list[Arrived], dict[Place, Held]]:
    """Every event with its delivery, and those deliveries, held."""
    said = {event.key: _said_place(conn, event, now) for event in events}
    held = places.hold(conn, {place for place in said.values() if place})
    arrived = []
    for event in events:
        place = said[event.key]
        theirs = place if place and _is_about(event, held.get(place)) else None
        machine = sign(event, policy.scanners) if event.kind in _OF_READERS else ""
        arrived.append(Arrived(event=event, place=theirs, sign=machine))
    return arrived, held


def _said_place(conn: Connection, event: Event, now: datetime) -> Place | None:
    if event.issue and event.position:
        return Place(event.issue, event.position)
    if not event.message_id or not event.address or event.kind is EventKind.UNKNOWN:
        return None
    return places.place_of(conn, event.message_id, event.address, now=now)


def _is_about(event: Event, held: Held | None) -> bool:
    """Whether tags and address agree: another mailer on the same account may have issues of the same number."""
    if held is None:
        return False
    return not held.address or not event.address or event.address.lower() == held.address.lower()


# --- The ledger --------------------------------------------------------------------------------------------


def _move(conn: Connection, new: Sequence[Arrived], held: Mapping[Place, Held], now: datetime) -> int:
    """Move the deliveries that new events are about; how many stand elsewhere now."""
    by_place: dict[Place, list[Event]] = {}
    for one in new:
        if one.place:
            by_place.setdefault(one.place, []).append(one.event)
    moved: dict[Place, Standing] = {}
    doubtful: dict[Place, Standing] = {}
    for place, events in by_place.items():
        before = _standing(held[place])
        stands = after(before, events)
        if stands != before:
            moved[place] = stands
        if stands != before and not before.rung and stands.attempt > 1:
            # What earlier attempts' events said while it was in doubt counts from now on.
            doubtful[place] = before
    for place, told in inbox.told_of(conn, doubtful).items() if doubtful else ():
        moved[place] = after(doubtful[place], [*map(_as_it_came, told), *by_place[place]])
    places.move(conn, {place: (s.state, s.reason, s.attempt, s.message_id) for place, s in moved.items()}, now=now)
    places.name_editions(conn, [place for place in moved if held[place].state is DeliveryState.PLANNED])
    return len(moved)


def _standing(held: Held) -> Standing:
    return Standing(state=held.state, reason=held.reason, attempt=held.attempt, message_id=held.message_id)


def _as_it_came(event: Event) -> Event:
    """With all that it said, where that was kept."""
    if not event.raw:
        return event
    return next((one for one in ses.read(event.raw) if one.key == event.key), event)


# --- The list ----------------------------------------------------------------------------------------------


def _care_for_list(
    conn: Connection, new: Sequence[Arrived], held: Mapping[Place, Held], policy: Policy, done: Recorded
) -> None:
    complaints = [one for one in new if is_complaint(one.event)]
    for one in (one for one in new if is_hard(one.event)):
        done.suppressed += _suppress(conn, one, held, subscribers.Reason.BOUNCE)
    for one in complaints:
        done.suppressed += _suppress(conn, one, held, subscribers.Reason.COMPLAINT)
    _leave(conn, complaints, held)
    failing = {held[one.place].subscriber_id for one in new if one.place and is_soft(one.event)}
    arrived = {held[one.place].subscriber_id for one in new if one.place and one.event.kind is EventKind.DELIVERY}
    counted = subscribers.soft_bounces(conn, arrived) if arrived else {}
    done.suppressed += _count_soft(conn, failing | {who for who, count in counted.items() if count}, policy)


def _suppress(conn: Connection, one: Arrived, held: Mapping[Place, Held], reason: subscribers.Reason) -> bool:
    address = held[one.place].address if one.place else _known_address(conn, one.event.address)
    if not address:
        return False  # forgotten, or a stranger: nothing is kept of them
    # A suppression for passing bounces may be lifted again; a lasting one must not stand behind it and go with it.
    known = lift_soft(conn, address)
    return subscribers.suppress(conn, address, reason=reason, at=one.event.at, detail=one.event.what) and not known


def _known_address(conn: Connection, address: str) -> str:
    try:
        person = subscribers.find(conn, address) if address else None
    except subscribers.SubscribersError:
        return ""
    return person.address if person else ""


def _leave(conn: Connection, complaints: Sequence[Arrived], held: Mapping[Place, Held]) -> None:
    issues_of = {one.place.issue for one in complaints if one.place}
    newsletters = places.newsletters_of(conn, issues_of)
    for one in complaints:
        if one.place and held[one.place].address:
            who, slug = held[one.place].subscriber_id, newsletters[one.place.issue]
            subscribers.leave(conn, who, slug, at=one.event.at, how="reported as spam")


#: How the reason of a suppression begins that passing bounces led to.
_SOFT = "passing bounces: "


def _count_soft(conn: Connection, who: set[int], policy: Policy) -> int:
    """Count passing bounces in a row anew; how many addresses are suppressed for them now."""
    if not who:
        return 0
    suppressed = 0
    counts: dict[int, int] = {}
    for person, tries in inbox.tries(conn, sorted(who)).items():
        row = in_a_row(tries)
        counts[person] = len(row)
        try:
            address = subscribers.get(conn, person).address
        except subscribers.UnknownSubscriber:
            continue
        long_enough = bool(row) and row[-1] - row[0] >= timedelta(days=policy.soft_days)
        if policy.soft_bounces and len(row) >= policy.soft_bounces and long_enough:
            detail = f"{_SOFT}{len(row)} in a row since {row[0]:%Y-%m-%d}"
            reason = subscribers.Reason.BOUNCE
            suppressed += subscribers.suppress(conn, address, reason=reason, at=row[-1], detail=detail)
        else:
            lift_soft(conn, address)  # an arrival that was told late ended the row before it was long enough
    subscribers.set_soft_bounces(conn, counts)
    return suppressed


def lift_soft(conn: Connection, address: str) -> bool:
    """Lift what passing bounces led to, and nothing else; whether there was such a thing."""
    entry = subscribers.suppressed(conn, address)
    if entry is None or not entry.detail.startswith(_SOFT):
        return False
    return subscribers.unsuppress(conn, address)


def in_a_row(tries: Sequence[inbox.Try]) -> list[datetime]:
    """When messages were sent back for now since the last that arrived. Pure.

    A message that arrived and was "sent back" afterwards met the note of somebody on holiday.
    """
    arrivals = {one.place: one.at for one in tries if one.kind is EventKind.DELIVERY}
    last = max(arrivals.values(), default=None)
    failed = {
        one.place: one.at
        for one in sorted(tries, reverse=True)
        if one.kind is EventKind.BOUNCE and not one.what.startswith("Permanent") and one.place not in arrivals
    }
    return sorted(at for at in failed.values() if last is None or at > last)


# --- The operator ------------------------------------------------------------------------------------------

UNSENT = "not sent by SES"


def _warn(conn: Connection, new: Sequence[Arrived], done: Recorded, now: datetime) -> None:
    """Say it once in the journal of the issue, whatever the number of readers."""
    found = {(one.place.issue, one.event.detail) for one in new if one.place and is_warning(one.event)}
    for issue, detail in sorted(found):
        if any(entry.what == UNSENT and entry.detail == detail for entry in issues.journal(conn, issue)):
            continue
        issues.note(conn, issue, actor=ACTOR, what=UNSENT, detail=detail, at=now)
        done.warnings.append(f"Issue {issue}: SES accepted messages and did not send them: {detail}")
