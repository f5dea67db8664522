"""Addresses that must not be mailed, whatever newsletter asks, and why.

The first reason stays, except that a complaint and a person's decision outweigh a bounce, whichever was told first:
bounces that passed are taken back by a delivery, those two by nobody but a person. Only a person lifts a
suppression (`unsuppress`), except that somebody who was forgotten may come back by confirming an address anew.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from subscribers import schema
from subscribers.addresses import hash_of, key_of
from subscribers.errors import AddressSuppressed
from subscribers.model import Reason, SuppressionEntry

_held = schema.suppression.c

OUTWEIGH_BOUNCES = (Reason.COMPLAINT, Reason.MANUAL)

_WHY = {
    Reason.BOUNCE: "mail to it bounced",
    Reason.COMPLAINT: "its reader reported our mail as spam",
    Reason.MANUAL: "it was blocked by hand",
    Reason.FORGOTTEN: "its owner asked to be forgotten",
}


def suppress(conn: Connection, address: str, *, reason: Reason, at: datetime, detail: str = "") -> bool:
    """Never mail this address again; also one that is not on the list. True when that changed anything."""
    if reason is Reason.FORGOTTEN:
        message = "forget() erases a person; suppress() would keep the address."
        raise ValueError(message)
    key = key_of(address)
    said = {"reason": reason.value, "at": at, "detail": detail}
    new = schema.enter(conn, schema.suppression, address_hash=hash_of(key), address_key=key, **said)
    if new or reason not in OUTWEIGH_BOUNCES:
        return new
    bounced = (_held.address_hash == hash_of(key)) & (_held.reason == Reason.BOUNCE.value)
    return conn.execute(schema.suppression.update().where(bounced).values(**said)).rowcount == 1


def unsuppress(conn: Connection, address: str) -> bool:
    """True when there was something to lift. Says nothing about consent: who left stays away."""
    lifted = schema.suppression.delete().where(_held.address_hash == hash_of(key_of(address)))
    return conn.execute(lifted).rowcount == 1


def suppressed(conn: Connection, address: str) -> SuppressionEntry | None:
    """Why this address is not mailed, or None."""
    return _entry_of(conn, hash_of(key_of(address)))


def suppressions(
    conn: Connection, *, reason: Reason | None = None, after: str = "", limit: int = 100
) -> tuple[SuppressionEntry, ...]:
    """Suppressed addresses in alphabetical order, from after `after`; the forgotten have no address to list."""
    rows = select(_held.address_key, _held.reason, _held.at, _held.detail).where(_held.address_key > after)
    if reason is not None:
        rows = rows.where(_held.reason == reason.value)
    found = conn.execute(rows.order_by(_held.address_key).limit(limit))
    return tuple(_entry(*row) for row in found)


def refuse_suppressed(conn: Connection, key: str, *, but_forgotten: bool = False) -> SuppressionEntry | None:
    """Raises AddressSuppressed; with `but_forgotten` a forgotten address passes and its entry is returned."""
    entry = _entry_of(conn, hash_of(key))
    if entry is None or (but_forgotten and entry.reason is Reason.FORGOTTEN):
        return entry
    raise AddressSuppressed(
        f"{key} is suppressed since {entry.at:%Y-%m-%d}: {_WHY[entry.reason]}. Nothing was changed.",
        reason=entry.reason.value,
        hint="Lift the suppression first if you are sure that this person wants our mail.",
    )


def _entry_of(conn: Connection, address_hash: bytes) -> SuppressionEntry | None:
    row = conn.execute(
        select(_held.address_key, _held.reason, _held.at, _held.detail).where(_held.address_hash == address_hash)
    ).one_or_none()
    return _entry(*row) if row else None


def _entry(address_key: str | None, reason: str, at: datetime, detail: str) -> SuppressionEntry:
    return SuppressionEntry(address=address_key or "", reason=Reason(reason), at=at, detail=detail)
