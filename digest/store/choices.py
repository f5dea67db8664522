"""Why each candidate is in an issue or not, as it was when the issue was drafted, and what editors did since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from digest.model import Candidate, Cause, Choice
from digest.store import schema

_c = schema.choice


@dataclass(frozen=True, kw_only=True, slots=True)
class Merged:
    """A copy of a story that was merged into another one."""

    article: int
    headline: str
    publisher: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Deed:
    """What an editor did with an article of the issue: "added", "dropped", "moved from place 3 to 1"."""

    at: datetime
    actor: str
    what: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredChoice:
    article: int
    headline: str
    publisher: str
    source: str
    section: str
    published_at: datetime | None
    #: As it was when the issue was drafted.
    chosen: bool
    #: None for an article that was not on offer then.
    cause: Cause | None
    reason: str
    also: tuple[Merged, ...]
    since: tuple[Deed, ...]


def keep(conn: Connection, issue_id: int, choices: Sequence[Choice]) -> None:
    """Write down what was decided, in this order."""
    rows = [
        _row(choice.candidate)
        | {
            "issue_id": issue_id,
            "rank": rank,
            "chosen": int(choice.chosen),
            "cause": choice.cause.value,
            "reason": choice.reason,
            "also": [_merged(copy) for copy in choice.also],
        }
        for rank, choice in enumerate(choices, start=1)
    ]
    if rows:
        conn.execute(insert(_c), rows)


def done(conn: Connection, issue_id: int, article_id: int, what: str, *, actor: str, at: datetime) -> None:
    """Write down what an editor did with an article, also with one that was not on offer."""
    here = (_c.c.issue_id == issue_id) & (_c.c.article_id == article_id)
    deed = [at.isoformat(), actor, what]
    row = conn.execute(select(_c.c.since).where(here)).first()
    if row is not None:
        conn.execute(update(_c).where(here).values(since=[*row.since, deed]))
        return
    last = conn.execute(select(func.coalesce(func.max(_c.c.rank), 0)).where(_c.c.issue_id == issue_id)).scalar_one()
    a = schema.article.c
    article = conn.execute(select(a.headline, a.publisher, a.published_at).where(a.id == article_id)).one()
    added = {"issue_id": issue_id, "article_id": article_id, "rank": last + 1, "chosen": 0, "cause": ""}
    conn.execute(insert(_c).values(added | {"since": [deed]} | dict(article._mapping)))  # noqa: SLF001 - SQLAlchemy's


def of(conn: Connection, issue_id: int) -> list[StoredChoice]:
    """Best first."""
    rows = conn.execute(select(_c).where(_c.c.issue_id == issue_id).order_by(_c.c.rank))
    return [_stored(row) for row in rows]


# --- Rows and values ---------------------------------------------------------------------------------------


def _row(one: Candidate) -> dict[str, Any]:
    return {
        "article_id": one.article_id,
        "headline": one.article.headline,
        "publisher": one.article.publisher,
        "source": one.source,
        "section": one.section,
        "published_at": one.article.published_at,
    }


def _merged(copy: Candidate) -> list[Any]:
    return [copy.article_id, copy.article.headline, copy.article.publisher, copy.source]


def _stored(row: Row[Any]) -> StoredChoice:
    return StoredChoice(
        article=row.article_id,
        headline=row.headline,
        publisher=row.publisher,
        source=row.source,
        section=row.section,
        published_at=row.published_at,
        chosen=bool(row.chosen),
        cause=Cause(row.cause) if row.cause else None,
        reason=row.reason,
        also=tuple(
            Merged(article=article, headline=headline, publisher=publisher, source=source)
            for article, headline, publisher, source in row.also
        ),
        since=tuple(Deed(at=datetime.fromisoformat(at), actor=actor, what=what) for at, actor, what in row.since),
    )
