"""The list as a file that comes back as it went out, and everything we hold on one person.

A cell that a spreadsheet would run as a formula gets an apostrophe in front (`guarded`); the import takes one such
apostrophe off again (`unguarded`), and the two undo each other exactly, also for cells that start with apostrophes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, ScalarSelect, and_, func, select

from subscribers import schema
from subscribers.formulas import guarded
from subscribers.labels import joined
from subscribers.model import State

#: The export's columns; `headings.py` knows every one of them.
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
    "left_why",
    "suppressed",
    "suppressed_at",
    "suppressed_detail",
    "paused_until",
    "min_days",
    "last_issue_at",
    "tags",
    "topics",
)

#: The columns of `export_consents`.
CONSENT_COLUMNS = ("email", "newsletter_slug", "at", "act", "how", "evidence")

_people = schema.subscriber.c
_places = schema.subscription.c
_held = schema.suppression.c
_said = schema.consent.c
_tags = schema.subscriber_tag.c
_topics = schema.subscriber_topic.c


class Who(StrEnum):
    """Whom an export is about."""

    EVERYBODY = "everybody"
    MAILABLE = "mailable"
    UNCONFIRMED = "unconfirmed"
    LEFT = "left"
    SUPPRESSED = "suppressed"


def export(conn: Connection, newsletter: str | None = None, who: Who = Who.EVERYBODY) -> Iterator[dict[str, str]]:
    """One row per person and newsletter, in the order of ids; read as it is consumed, so memory stays flat.

    Nobody who was forgotten is in it: of them there is nothing to read.
    """
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
            _places.left_why,
            _held.reason.label("suppressed"),
            _held.at.label("suppressed_at"),
            _held.detail.label("suppressed_detail"),
            _places.paused_until,
            _places.min_days,
            _places.last_issue_at,
            _words(conn, _tags.tag, _tags.subscriber_id == _people.id).label("tags"),
            _words(
                conn,
                _topics.topic,
                and_(_topics.subscriber_id == _people.id, _topics.newsletter == _places.newsletter),
            ).label("topics"),
        )
        .join_from(schema.subscriber, schema.subscription, _places.subscriber_id == _people.id)
        .outerjoin(schema.suppression, _held.address_hash == _people.address_hash)
        .where(_people.address.is_not(None), *_ONLY[who])
        .order_by(_people.id, _places.newsletter)
    )
    if newsletter is not None:
        rows = rows.where(_places.newsletter == newsletter)
    with conn.execute(rows, execution_options={"yield_per": _AT_ONCE}) as found:
        for row in found:
            yield dict(zip(EXPORT_COLUMNS, map(_cell, row[:-2]), strict=False)) | {
                "tags": _labels(row[-2]),
                "topics": _labels(row[-1]),
            }


def export_consents(conn: Connection, newsletter: str | None = None) -> Iterator[dict[str, str]]:
    """What people said, in the order in which it was recorded; of the forgotten nothing."""
    rows = (
        select(_people.address, _said.newsletter, _said.at, _said.act, _said.how, _said.evidence)
        .join_from(schema.consent, schema.subscriber, _people.id == _said.subscriber_id)
        .where(_people.address.is_not(None))
        .order_by(_said.id)
    )
    if newsletter is not None:
        rows = rows.where(_said.newsletter == newsletter)
    with conn.execute(rows, execution_options={"yield_per": _AT_ONCE}) as found:
        for row in found:
            yield dict(zip(CONSENT_COLUMNS, map(_cell, row), strict=True))


def csv_text(rows: Iterable[Mapping[str, str]], columns: Sequence[str] = EXPORT_COLUMNS) -> Iterator[str]:
    """`rows` as CSV, some hundred lines at a time, safe to open in a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([guarded(row[column]) for column in columns])
        if text.tell() > 60_000:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def _words(conn: Connection, word: ColumnElement[str], which: ColumnElement[bool]) -> ScalarSelect[str]:
    """Somebody's tags or topics as one text, a line for each: there are no line breaks in them."""
    together = func.string_agg if conn.dialect.name == "postgresql" else func.group_concat
    return select(together(word, "\n")).where(which).scalar_subquery()


def _labels(lines: str | None) -> str:
    return joined(sorted(lines.split("\n"))) if lines else ""


_AT_ONCE = 2000

_ONLY: dict[Who, tuple[ColumnElement[bool], ...]] = {
    Who.EVERYBODY: (),
    Who.MAILABLE: (_places.state == State.ACTIVE.value, _held.reason.is_(None)),
    Who.UNCONFIRMED: (_places.state == State.UNCONFIRMED.value, _held.reason.is_(None)),
    Who.LEFT: (_places.state == State.LEFT.value,),
    Who.SUPPRESSED: (_held.reason.is_not(None),),
}


def _cell(value: str | int | datetime | None) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value or "")
