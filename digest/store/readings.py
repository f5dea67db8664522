"""What the pages of an issue's stories said when the issue took them, and what they say now.

The first is the story's *basis*: the article as it was then, brought up to what was known at each approval. The second
is the last *reading*. Neither is part of what readers get: an approved issue keeps every byte whatever is read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from digest.model import Access, Reading
from digest.store import schema

_a, _i, _o, _r, _s = schema.article, schema.issue, schema.offer, schema.reading, schema.story


@dataclass(frozen=True, kw_only=True, slots=True)
class Basis:
    """A story of an issue: what its page said, and says."""

    article_id: int
    newsletter: str
    #: Name of the source that the article came from; empty for one added by hand.
    source: str
    #: As readers are told it.
    headline: str
    #: Where the article was read: an address, or a file's path; empty for one that is nowhere.
    location: str
    then: Reading
    now: Reading


def take(conn: Connection, article_id: int) -> dict[str, Any]:
    """The basis of a story that an issue takes now, as it is stored."""
    row = conn.execute(_with_article().where(_a.c.id == article_id)).one()
    return _stored(_now(row)) | {"title": row.title, "body": row.body}


def of(conn: Connection, issue_ids: Iterable[int]) -> list[Basis]:
    """The stories of issues, in the order of each."""
    query = _with_article(_s.c.basis, _s.c.headline.label("told"), _i.c.newsletter, _o.c.source)
    query = query.join(_s, _s.c.article_id == _a.c.id).join(_i, _i.c.id == _s.c.issue_id)
    offered = (_o.c.article_id == _a.c.id) & (_o.c.newsletter == _i.c.newsletter)
    query = query.outerjoin(_o, offered).where(_s.c.issue_id.in_(list(issue_ids)))
    return [
        Basis(
            article_id=row.id,
            newsletter=row.newsletter,
            source=row.source or "",
            headline=row.told,
            location=row.location,
            then=_read(row.basis),
            now=_now(row),
        )
        for row in conn.execute(query.order_by(_s.c.issue_id, _s.c.position))
    ]


def accept(conn: Connection, issue_id: int) -> None:
    """An editor who approves has seen what changed: from here on that is what changes are measured against."""
    for row in conn.execute(
        _with_article(_s.c.id.label("story"), _s.c.basis)
        .join(_s, _s.c.article_id == _a.c.id)
        .where(_s.c.issue_id == issue_id)
    ).all():
        conn.execute(update(_s).where(_s.c.id == row.story).values(basis=row.basis | _stored(_now(row))))


def note(conn: Connection, article_id: int, found: Reading, *, at: datetime) -> None:
    """Write down what a page said."""
    values = _stored(found) | {"etag": found.etag, "last_modified": found.last_modified, "trouble": found.trouble}
    row = schema.new_row(conn, _r).values(values | {"article_id": article_id, "at": at})
    conn.execute(row.on_conflict_do_update(index_elements=["article_id"], set_=values | {"at": at}))


def forget(conn: Connection, article_id: int) -> None:
    """The article itself was read anew: what was seen before is out of date."""
    conn.execute(delete(_r).where(_r.c.article_id == article_id))


# --- Rows and values ---------------------------------------------------------------------------------------


def _with_article(*columns: Any) -> Any:
    article = (_a.c.id, _a.c.location, _a.c.own_headline, _a.c.body, _a.c.headline.label("title"))
    own = (_a.c.correction.label("own_correction"), _a.c.access.label("own_access"))
    return select(*article, *own, *(column for column in _r.c if column.name != "article_id"), *columns).outerjoin_from(
        _a, _r, _r.c.article_id == _a.c.id
    )


def _now(row: Row[Any]) -> Reading:
    """What was read last: the page, or the article when nobody looked since."""
    if row.at is None:
        access = Access(row.own_access or Access.FREE)
        return Reading(headline=row.own_headline, correction=row.own_correction, access=access)
    seen = _read({"headline": row.headline, "correction": row.correction, "access": row.access, "gone": row.gone})
    return replace(seen, at=row.at, etag=row.etag, last_modified=row.last_modified, trouble=row.trouble)


def _stored(reading: Reading) -> dict[str, Any]:
    return {
        "headline": reading.headline,
        "correction": reading.correction,
        "access": reading.access.value,
        "gone": reading.gone,
    }


def _read(stored: Any) -> Reading:
    return Reading(
        headline=stored.get("headline", ""),
        correction=stored.get("correction", ""),
        access=Access(stored.get("access") or Access.FREE),
        gone=stored.get("gone", ""),
    )
