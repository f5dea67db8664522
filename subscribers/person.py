"""Everything that the list holds on one person, ready for JSON: what they are given who ask for it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from subscribers import signs, tags
from subscribers.addresses import parse_address
from subscribers.book import find, subscriptions
from subscribers.consent import history
from subscribers.errors import UnknownSubscriber
from subscribers.model import Consent, Subscriber, Subscription
from subscribers.suppression import suppressed


def export_person(conn: Connection, address: str) -> dict[str, Any]:
    """All of it; moments as text. Raises UnknownSubscriber when that is nothing."""
    person, held = find(conn, address), suppressed(conn, address)
    if person is None and held is None:
        raise UnknownSubscriber(f"We hold nothing on {parse_address(address).key}.")
    found: dict[str, Any] = {"address": parse_address(address).text}
    if person:
        found |= _person(conn, person)
    if held:
        found["suppression"] = {"reason": held.reason.value, "at": held.at.isoformat(), "detail": held.detail}
    return found


def _person(conn: Connection, person: Subscriber) -> dict[str, Any]:
    return {
        "address": person.address,
        "name": person.name,
        "language": person.language,
        "supporter": person.supporter.value,
        "tags": list(tags.of(conn, [person.id]).get(person.id, ())),
        "created_at": person.created_at.isoformat(),
        "updated_at": person.updated_at.isoformat(),
        "passing_failures_in_a_row": signs.soft_bounces(conn, [person.id])[person.id],
        "subscriptions": [_place(place) for place in subscriptions(conn, person.id)],
        "consents": [_said(newsletter, said) for newsletter, said in history(conn, person.id)],
    }


def _place(place: Subscription) -> dict[str, Any]:
    moments = ("since", "left_at", "paused_until", "clicked_at", "opened_at", "last_issue_at")
    facts = {name: getattr(place, name) for name in place.__slots__} | {"state": place.state.value}
    facts["topics"] = list(place.topics)
    return facts | {name: facts[name].isoformat() if facts[name] else "" for name in moments}


def _said(newsletter: str, said: Consent) -> dict[str, str]:
    return {
        "newsletter": newsletter,
        "at": said.at.isoformat(),
        "act": said.act.value,
        "how": said.how,
        "evidence": said.evidence,
    }
