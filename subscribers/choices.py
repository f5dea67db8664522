"""The reader's own page: what they are called, what they read and what they get. Whoever holds the link is them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from subscribers.book import change_details, get, subscriptions
from subscribers.joining import leave, rejoin
from subscribers.model import Act, Consent, State, Subscriber, Subscription, SuppressionEntry
from subscribers.suppression import suppressed


@dataclass(frozen=True, kw_only=True, slots=True)
class Preferences:
    subscriber: Subscriber
    subscriptions: tuple[Subscription, ...]
    #: Why nothing arrives although they are on a newsletter; None when nothing is in the way.
    suppressed: SuppressionEntry | None

    @property
    def newsletters(self) -> frozenset[str]:
        """What they get now."""
        return frozenset(place.newsletter for place in self.subscriptions if place.state is State.ACTIVE)


def preferences(conn: Connection, subscriber_id: int) -> Preferences:
    """Raises UnknownSubscriber."""
    person = get(conn, subscriber_id)
    return Preferences(
        subscriber=person,
        subscriptions=subscriptions(conn, subscriber_id),
        suppressed=suppressed(conn, person.address),
    )


def set_preferences(
    conn: Connection,
    subscriber_id: int,
    *,
    at: datetime,
    newsletters: Mapping[str, bool] | None = None,
    name: str | None = None,
    language: str | None = None,
    how: str = "preferences page",
) -> bool:
    """Do what the reader chose; a newsletter that is not named stays as it is. True when anything changed.

    Raises UnknownSubscriber, or AddressSuppressed when they want a newsletter that could not reach them.
    """
    get(conn, subscriber_id)
    yes = Consent(at=at, act=Act.PREFERENCES, how=how)
    changed = change_details(conn, subscriber_id, at=at, name=name, language=language)
    for newsletter, wanted in (newsletters or {}).items():
        if wanted:
            changed |= rejoin(conn, subscriber_id, newsletter, consent=yes)
        else:
            changed |= leave(conn, subscriber_id, newsletter, at=at, how=how)
    return changed
