"""The list as a file that comes back as it went out, and everything we hold on one person.

A cell that a spreadsheet would run as a formula gets an apostrophe in front (`guarded`); the import takes one such
apostrophe off again (`unguarded`), and the two undo each other exactly, also for cells that start with apostrophes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from subscribers import schema
from subscribers.addresses import parse_address
from subscribers.book import find, subscriptions
from subscribers.consent import history
from subscribers.errors import UnknownSubscriber
from subscribers.formulas import guarded
from subscribers.suppression import suppressed

#: The export's columns; `columns.py` recognises every one of them.
EXPORT_COLUMNS = (
    "email",
    "name",
    "language",
    "supporter",
    "newsletter_slug",
    "status",
    "joined_at",
    "left_at",
    "left_how",
    "suppressed",
    "suppressed_at",
    "suppressed_detail",
)

_people = schema.subscriber.c
_places = schema.subscription.c
_held = schema.suppression.c


def export(conn: Connection, newsletter: str | None = None) -> Iterator[dict[str, str]]:
    """One row per person and newsletter, in the order of ids; read as it is consumed, so memory stays flat."""
    rows = (
        select(
            _people.address.label("email"),
            _people.name,
            _people.language,
            _people.supporter,
            _places.newsletter.label("newsletter_slug"),
            _places.state.label("status"),
            _places.since.label("joined_at"),
            _places.left_at,
            _places.left_how,
            _held.reason.label("suppressed"),
            _held.at.label("suppressed_at"),
            _held.detail.label("suppressed_detail"),
        )
        .join_from(schema.subscriber, schema.subscription, _places.subscriber_id == _people.id)
        .outerjoin(schema.suppression, _held.address_hash == _people.address_hash)
        .where(_people.address.is_not(None))
        .order_by(_people.id, _places.newsletter)
    )
    if newsletter is not None:
        rows = rows.where(_places.newsletter == newsletter)
    with conn.execute(rows, execution_options={"yield_per": 2000}) as found:
        for row in found.mappings():
            yield {column: _cell(row[column]) for column in EXPORT_COLUMNS}


def csv_text(rows: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """`rows` of `export` as CSV, some hundred lines at a time, safe to open in a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(EXPORT_COLUMNS)
    for row in rows:
        writer.writerow([guarded(row[column]) for column in EXPORT_COLUMNS])
        if text.tell() > 60_000:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def export_person(conn: Connection, address: str) -> dict[str, Any]:
    """Everything this package holds on one person, ready for JSON. Raises UnknownSubscriber when that is nothing."""
    person, held = find(conn, address), suppressed(conn, address)
    if person is None and held is None:
        raise UnknownSubscriber(f"We hold nothing on {parse_address(address).key}.")
    found: dict[str, Any] = {"address": parse_address(address).text}
    if person:
        found |= {
            "address": person.address,
            "name": person.name,
            "language": person.language,
            "supporter": person.supporter.value,
            "created_at": _cell(person.created_at),
            "updated_at": _cell(person.updated_at),
            "subscriptions": [
                {
                    "newsletter": place.newsletter,
                    "state": place.state.value,
                    "since": _cell(place.since),
                    "left_at": _cell(place.left_at),
                    "left_how": place.left_how,
                }
                for place in subscriptions(conn, person.id)
            ],
            "consents": [
                {
                    "newsletter": newsletter,
                    "at": _cell(said.at),
                    "act": said.act.value,
                    "how": said.how,
                    "evidence": said.evidence,
                }
                for newsletter, said in history(conn, person.id)
            ],
        }
    if held:
        found["suppression"] = {"reason": held.reason.value, "at": _cell(held.at), "detail": held.detail}
    return found


def _cell(value: str | datetime | None) -> str:
    return value.isoformat() if isinstance(value, datetime) else value or ""
