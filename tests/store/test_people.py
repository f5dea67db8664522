"""One person in all that is stored: what is held on them, and that nothing of it is left when they are forgotten."""

from __future__ import annotations

import sqlalchemy as sa

import subscribers
from digest.store import outgoing, people, schema
from digest.store.copying import TABLES
from digest.store.database import Database
from tests.events import mails
from tests.events.post import Post
from tests.store.desk import NOON


def test_every_table_lets_go_of_a_person_who_is_forgotten(database: Database) -> None:
    post = Post(database)
    issue = post.issue("Alice", "Bob")
    post.take_texts(
        *[
            mails.text(mails.bounce(name="Alice", issue=issue)),
            mails.text(mails.bounce(name="Bob", issue=issue, position=2)),
            # Of a message that is nobody's, and one that is no event at all.
            mails.text(mails.event("Subscription", name="Alice", issue=None, message_id="<elsewhere>")),
            '{"to": "Alice@Example.com", "said": "no event',
            '{"to": "bob@example.com", "said": "no event',
        ]
    )
    with database.write() as conn:
        alice, bob = (found.id for name in ("alice", "bob") if (found := subscribers.find(conn, f"{name}@example.com")))
        for who in (alice, bob):
            outgoing.plan(conn, "welcome", "daily", who, at=NOON)
        held = people.held(conn, alice)
        assert [len(held["deliveries"]), len(held["deliveries"][0]["events"]), len(held["notices"])] == [1, 1, 1]

        erased = people.erase(conn, alice, "Alice@example.com")

        assert erased == {"messages set aside": 2, "deliveries": 1, "events": 1, "notices": 1}
        assert people.erase(conn, None, "nobody@example.com") == {}
        left = [
            str(tuple(row)).lower()
            for table in TABLES
            if table.metadata is schema.metadata
            for row in conn.execute(sa.select(table))
        ]
    assert not [row for row in left if "alice" in row]
    assert [row for row in left if "bob@example.com" in row], "others are left alone"
