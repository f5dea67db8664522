"""A ledger with an issue on its way, and SES's events coming in: what the tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

import subscribers
from digest.events import ses
from digest.events.fold import Policy, Recorded, fold
from digest.events.record import Recorder
from digest.model import DeliveryState, Event
from digest.store import events as inbox
from digest.store import issues, schema
from digest.store.database import Database
from subscribers.schema import suppression
from tests.events.mails import NOON, text
from tests.store.desk import Desk, accepted

READERS = ("Alice", "Bob", "Charlie")


class Post:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.desk = Desk(database)
        self.clock = lambda: self.now
        self.now: datetime = NOON + timedelta(hours=2)
        self.policy = Policy()

    def issue(self, *names: str, accept: bool = True) -> int:
        """An issue that these readers got, each at their place in the order of the names."""
        self.desk.subscribe(*(names or READERS))
        issue = self.desk.issue()
        with self.database.write() as conn:
            issues.change(conn, issue, started_at=NOON)
        self.desk.freeze(issue)
        if accept:
            claim = self.desk.calling(issue)
            self.desk.record(claim, *(accepted(position) for position in range(1, claim.size + 1)))
        return issue

    def take(self, *said: dict[str, Any], way: str = "queue") -> Recorded:
        return self.take_texts(*map(text, said), way=way)

    def take_texts(self, *bodies: str, way: str = "queue") -> Recorded:
        return Recorder(self.database, self.policy, clock=lambda: self.now).take(bodies, way=way)

    # --- What came of it -----------------------------------------------------------------------------------

    def state(self, issue: int, name: str) -> DeliveryState:
        return self.desk.states(issue)[name]

    def reason(self, issue: int, name: str) -> str:
        return next(d.reason for d in self.desk.deliveries(issue) if d.address == f"{name.lower()}@example.com")

    def why_suppressed(self, name: str) -> str:
        with self.database.read() as conn:
            entry = subscribers.suppressed(conn, f"{name.lower()}@example.com")
        return entry.reason.value if entry else ""

    def is_on(self, name: str, newsletter: str = "daily") -> bool:
        with self.database.read() as conn:
            person = subscribers.find(conn, f"{name.lower()}@example.com")
            assert person
            place = subscribers.standing(conn, person.id, newsletter)
        return bool(place and place.state is subscribers.State.ACTIVE)

    def soft_bounces(self, name: str) -> int:
        with self.database.read() as conn:
            person = subscribers.find(conn, f"{name.lower()}@example.com")
            assert person
            return subscribers.soft_bounces(conn, [person.id])[person.id]

    def events(self) -> int:
        with self.database.read() as conn:
            return int(conn.execute(sa.select(sa.func.count()).select_from(schema.event)).scalar_one())

    def ways(self) -> dict[str, datetime]:
        with self.database.read() as conn:
            return inbox.ways(conn)

    def asides(self) -> list[inbox.Aside]:
        with self.database.read() as conn:
            return inbox.asides(conn)

    def journal(self, issue: int) -> list[tuple[str, str]]:
        with self.database.read() as conn:
            return [(entry.what, entry.detail) for entry in issues.journal(conn, issue)]


def outcome(conn: Connection, said: Iterable[Sequence[Event]], policy: Policy, now: datetime) -> dict[str, Any]:
    """All that stands differently once batches of events were recorded, each in a step of its own."""
    for events in said:
        fold(conn, events, policy, now=now)
    d, s, p, e = schema.delivery.c, schema.event.c, suppression.c, subscribers.metadata.tables
    people, places = e["subscriber"].c, e["subscription"].c
    queries = {
        "deliveries": sa.select(d.issue_id, d.position, d.state, d.reason, d.attempt, d.message_id, d.edition_id),
        "events": sa.select(s.key, s.kind, s.issue_id, s.position, s.what, s.machine),
        "suppressed": sa.select(p.address_key, p.reason),
        "soft": sa.select(people.id, people.soft_bounces),
        "places": sa.select(places.subscriber_id, places.newsletter, places.state, places.clicked_at, places.opened_at),
    }
    return {name: sorted(map(tuple, conn.execute(query)), key=repr) for name, query in queries.items()}


def read(said: Iterable[dict[str, Any]]) -> list[Event]:
    return [event for one in said for event in ses.read(text(one))]
