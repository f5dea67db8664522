"""Erasing a person while the figures stay true and no old file brings them back.

The subscriber's row stays as a tombstone without name or address: deliveries point to it. What people said is blanked
except for what and when. Of the address only its SHA-256 is left, in the suppression table and nowhere near the
tombstone, so the past cannot be joined to the hash.

Backups and SQLite's free pages still hold the erased text until they are rotated or vacuumed.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from subscribers import schema
from subscribers.addresses import hash_of, key_of
from subscribers.model import Reason, State, Supporter

_people = schema.subscriber.c


def forget(conn: Connection, address: str, *, at: datetime) -> int | None:
    """Erase everybody's trace but the tombstone. Returns its id, so that the caller can erase its own copies.

    None when nobody on the list had this address; it is kept out of future imports all the same.
    """
    key = key_of(address)
    _keep_hash(conn, hash_of(key), at)
    subscriber_id = conn.execute(select(_people.id).where(_people.address_key == key)).scalar_one_or_none()
    if subscriber_id is not None:
        bury(conn, subscriber_id, at)
    return subscriber_id


def traces(conn: Connection, address: str) -> dict[str, int]:
    """What `forget` will find of somebody: what kind of row → how many."""
    key = key_of(address)
    who = conn.execute(select(_people.id).where(_people.address_key == key)).scalar_one_or_none()
    found = {"subscriber": int(who is not None)}
    for name, table in (
        ("subscriptions", schema.subscription),
        ("consents", schema.consent),
        ("topics", schema.subscriber_topic),
        ("tags", schema.subscriber_tag),
    ):
        theirs = select(func.count()).select_from(table).where(table.c.subscriber_id == who)
        found[name] = conn.execute(theirs).scalar_one()
    held = schema.suppression.c
    readable = (held.address_hash == hash_of(key)) & held.address_key.is_not(None)
    found["suppression"] = conn.execute(select(func.count(held.address_hash)).where(readable)).scalar_one()
    return {name: count for name, count in found.items() if count}


def _keep_hash(conn: Connection, address_hash: bytes, at: datetime) -> None:
    """Whatever the address was suppressed for before, only the hash is left."""
    blank = {"address_key": None, "reason": Reason.FORGOTTEN.value, "at": at, "detail": ""}
    entry = schema.insert(conn, schema.suppression).values(address_hash=address_hash, **blank)
    conn.execute(
        entry.on_conflict_do_update(
            index_elements=["address_hash"],
            set_=blank,
            # Forgetting twice keeps the first date.
            where=schema.suppression.c.reason != Reason.FORGOTTEN.value,
        )
    )


#: What is left of a place on a newsletter beside when they joined and left it.
_NOTHING_WISHED = {
    "left_why": "",
    "paused_until": None,
    "min_days": 0,
    "last_issue_at": None,
    "clicked_at": None,
    "opened_at": None,
}


def bury(conn: Connection, subscriber_id: int, at: datetime) -> None:
    """Erase what the row and all that hangs on it say of a person; the row stays."""
    place, said = schema.subscription, schema.consent
    theirs = place.c.subscriber_id == subscriber_id
    conn.execute(
        place.update()
        .where(theirs, place.c.state != State.LEFT.value)
        .values(state=State.LEFT.value, left_at=at, left_how="forgotten")
    )
    conn.execute(place.update().where(theirs).values(_NOTHING_WISHED))
    for chosen in (schema.subscriber_topic, schema.subscriber_tag):
        conn.execute(chosen.delete().where(chosen.c.subscriber_id == subscriber_id))
    conn.execute(said.update().where(said.c.subscriber_id == subscriber_id).values(how="", evidence=""))
    conn.execute(
        schema.subscriber.update()
        .where(_people.id == subscriber_id)
        .values(
            address=None,
            address_key=None,
            address_hash=None,
            name="",
            language="",
            supporter=Supporter.UNKNOWN.value,
            soft_bounces=0,
            forgotten_at=at,
            updated_at=at,
        )
    )
