"""Articles, and what is on offer to which newsletter."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from digest.articles.extraction.extract import NO_HEADLINE
from digest.articles.similarity import canonical_url
from digest.errors import UsageMistake
from digest.model import Access, Article, Dropped, DropReason, Image, Rung, Span, Summary
from digest.store import readings, schema

_a = schema.article


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class StoredArticle:
    id: int
    article: Article
    #: None when nothing could be summarised.
    summary: Summary | None
    gathered_at: datetime


def key_of(article: Article) -> str:
    """What makes two articles the same piece: the canonical URL, or the text where there is none."""
    if article.url:
        return str(canonical_url(article.url))[:2048]
    return "text:" + hashlib.sha256(article.body.encode()).hexdigest()


def save(conn: Connection, article: Article, summary: Summary | None, *, location: str = "", at: datetime) -> int:
    """Store an article, or bring the stored one up to date; its id. What an editor wrote is kept.

    `location` is where it was read: there it is looked at again before it goes out. Empty for nowhere, or as before.
    """
    values = _values(article) | summary_values(summary) | ({"location": location} if location else {})
    find = select(_a.c.id, _a.c.edited, _a.c.body).where(_a.c.key == key_of(article))
    known = conn.execute(find).first()
    if known is None:
        row = values | {"key": key_of(article), "gathered_at": at, "updated_at": at}
        # Two who gather the same piece at the same moment store it once.
        new = schema.new_row(conn, _a).values(row).on_conflict_do_nothing().returning(_a.c.id)
        if (article_id := conn.execute(new).scalar()) is not None:
            return int(article_id)
        known = conn.execute(find).one()
    values = {name: value for name, value in values.items() if name not in known.edited}
    if not article.headline:
        values.pop("headline", None)
    if article.body.split() != known.body.split():
        values["changed_at"] = at
    readings.forget(conn, known.id)
    conn.execute(update(_a).where(_a.c.id == known.id).values(values | {"updated_at": at}))
    return int(known.id)


#: What an editor may set of an article, besides its summary.
EDITABLE = ("headline", "byline", "credit", "correction", "url", "image_url", "image_alt")


def edit(conn: Connection, article_id: int, changes: Mapping[str, str], *, at: datetime) -> None:
    """Set what an editor wrote: columns of `EDITABLE`, and "summary". Reading the article again leaves it alone.

    Issues that carry the article keep their own headline and summary; the rest they take from here.
    """
    values: dict[str, Any] = {name: changes[name] for name in EDITABLE if name in changes}
    if "summary" in changes:
        own = Summary(text=changes["summary"], rung=Rung.EDITOR, about=get(conn, article_id).article.mark)
        values |= summary_values(own)
    before = conn.execute(select(_a.c.edited, _a.c.warnings).where(_a.c.id == article_id)).first()
    if before is None:
        raise _unknown(article_id)
    if changes.get("headline"):
        values["warnings"] = [warning for warning in before.warnings if warning != NO_HEADLINE]
    edited = sorted({*before.edited, *values} - {"warnings"})
    conn.execute(update(_a).where(_a.c.id == article_id).values(values | {"edited": edited, "updated_at": at}))


def resummarise(conn: Connection, article_id: int, summary: Summary, *, at: datetime) -> None:
    """Put a summary in place of what is there, also of an editor's: from here on a reading brings its own again."""
    before = conn.execute(select(_a.c.edited).where(_a.c.id == article_id)).one()
    values = summary_values(summary)
    edited = [name for name in before.edited if name not in values]
    conn.execute(update(_a).where(_a.c.id == article_id).values(values | {"edited": edited, "updated_at": at}))


def get(conn: Connection, article_id: int) -> StoredArticle:
    row = conn.execute(select(_a).where(_a.c.id == article_id)).first()
    if row is None:
        raise _unknown(article_id)
    return _stored(row)


def several(conn: Connection, ids: Iterable[int]) -> dict[int, StoredArticle]:
    rows = conn.execute(select(_a).where(_a.c.id.in_(list(ids))))
    return {row.id: _stored(row) for row in rows}


def newest(conn: Connection, *, newsletter: str = "", limit: int = 50) -> list[StoredArticle]:
    query = select(_a).order_by(_a.c.gathered_at.desc(), _a.c.id.desc()).limit(limit)
    if newsletter:
        query = query.join(schema.offer).where(schema.offer.c.newsletter == newsletter)
    return [_stored(row) for row in conn.execute(query)]


def is_offered(conn: Connection, newsletter: str, url: str) -> bool:
    """Is the article at this URL on offer to the newsletter already?"""
    o = schema.offer
    here = (_a.c.key == str(canonical_url(url))[:2048]) & (o.c.newsletter == newsletter)
    return conn.execute(select(_a.c.id).join(o, o.c.article_id == _a.c.id).where(here)).first() is not None


def offered_to(conn: Connection, article_id: int) -> list[str]:
    """Slugs of the newsletters that an article is on offer to."""
    o = schema.offer
    return list(conn.scalars(select(o.c.newsletter).where(o.c.article_id == article_id).order_by(o.c.newsletter)))


def needing_headline(conn: Connection) -> list[StoredArticle]:
    return [_stored(row) for row in conn.execute(select(_a).where(_a.c.headline == ""))]


# --- Offers ------------------------------------------------------------------------------------------------


def offer(
    conn: Connection,
    article_id: int,
    newsletter: str,
    *,
    source: str = "",
    section: str = "",
    weight: float = 1.0,
    pinned: bool = False,
    at: datetime,
) -> bool:
    """Put an article on offer to a newsletter; True when it was not yet. Pinning and placing again is allowed."""
    o = schema.offer
    here = (o.c.newsletter == newsletter) & (o.c.article_id == article_id)
    row = {"section": section, "pinned": int(pinned)}
    ids = {"newsletter": newsletter, "article_id": article_id, "source": source, "weight": weight, "offered_at": at}
    new = schema.new_row(conn, o).values(row | ids).on_conflict_do_nothing().returning(o.c.article_id)
    if conn.execute(new).first() is not None:
        return True
    if pinned or section:
        conn.execute(update(o).where(here).values({k: v for k, v in row.items() if v}))
    return False


def withdraw(conn: Connection, article_id: int, newsletter: str) -> bool:
    """Take an article off a newsletter's offers; True when it was there."""
    o = schema.offer
    gone = conn.execute(delete(o).where((o.c.newsletter == newsletter) & (o.c.article_id == article_id)))
    return bool(gone.rowcount)


# --- Rows and values ---------------------------------------------------------------------------------------

_PLAIN = (
    "url", "headline", "body", "standfirst", "byline", "bio", "credit", "appeal", "correction", "language",
    "publisher", "published_at", "own_headline",
)  # fmt: skip


def _values(article: Article) -> dict[str, Any]:
    values = {name: getattr(article, name) for name in _PLAIN}
    return values | {
        "access": article.access.value,
        "image_url": article.image.url if article.image else "",
        "image_alt": article.image.alt if article.image else "",
        "categories": list(article.categories),
        "dropped": [[dropped.text, dropped.reason.value] for dropped in article.dropped],
        "warnings": list(article.warnings),
    }


def summary_values(summary: Summary | None) -> dict[str, Any]:
    """The columns of an article or a story that hold its summary."""
    if summary is None:
        return {"summary": "", "rung": "", "spans": [], "why": [], "about": ""}
    return {
        "summary": summary.text,
        "rung": summary.rung.value,
        "spans": [[span.start, span.end] for span in summary.spans],
        "why": list(summary.why),
        "about": summary.about,
    }


def summary_of(row: Row[Any]) -> Summary | None:
    """The summary in a row that has the columns of `summary_values`; None when it has none."""
    if not row.rung:
        return None
    spans = tuple(Span(start=start, end=end) for start, end in row.spans)
    return Summary(text=row.summary, rung=Rung(row.rung), spans=spans, why=tuple(row.why), about=row.about)


def article_of(row: Row[Any]) -> Article:
    return Article(
        **{name: getattr(row, name) for name in _PLAIN},
        access=Access(row.access or Access.FREE),
        image=Image(url=row.image_url, alt=row.image_alt) if row.image_url else None,
        categories=tuple(row.categories),
        dropped=tuple(Dropped(text=text, reason=DropReason(reason)) for text, reason in row.dropped),
        warnings=tuple(row.warnings),
    )


def _stored(row: Row[Any]) -> StoredArticle:
    return StoredArticle(id=row.id, article=article_of(row), summary=summary_of(row), gathered_at=row.gathered_at)


def _unknown(article_id: int) -> UsageMistake:
    return UsageMistake(f"There is no article {article_id}.", hint="`digest articles list` shows what is there.")
