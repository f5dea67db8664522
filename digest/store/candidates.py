"""What is on offer for a newsletter's next issue, and what its issues carried."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, or_, select, true

from digest.articles.selection.carried import Carried
from digest.model import Article, Candidate, IssueState
from digest.store import schema
from digest.store.articles import article_of

_a, _i, _o, _s = schema.article, schema.issue, schema.offer, schema.story
#: An issue in one of these is not out yet: what it holds is taken, however it changes.
_NOT_OUT = (IssueState.DRAFT.value, IssueState.APPROVED.value, IssueState.SCHEDULED.value, IssueState.PAUSED.value)


def candidates(conn: Connection, newsletter: str, *, since: datetime) -> list[Candidate]:
    """What is on offer, gathered or changed since then or pinned, in no issue of this newsletter that still stands.

    An article that an issue carried is on offer again when its text has changed since; how much that is, is for
    selection to say.
    """
    last, taken = _carrying(newsletter, func.max(_i.c.created_at)), _carrying(newsletter, func.count(), _NOT_OUT)
    free = or_(last.is_(None), and_(_a.c.changed_at > last, taken == 0))
    recent = (_o.c.offered_at >= since) | (_o.c.pinned == 1) | (_a.c.changed_at >= since)
    query = (
        select(_a, _o.c.source, _o.c.section, _o.c.weight, _o.c.pinned, _o.c.offered_at, last.label("carried_at"))
        .join(_o, _o.c.article_id == _a.c.id)
        .where(_o.c.newsletter == newsletter, free, recent)
        .order_by(_a.c.id)
    )
    return [_candidate(row) for row in conn.execute(query)]


def _carrying(newsletter: str, what: Any, states: tuple[str, ...] = ()) -> ColumnElement[Any]:
    """Of the issues that hold the article and still stand; of all newsletters' when none is named."""
    query = select(what).where(
        _s.c.article_id == _a.c.id,
        _i.c.id == _s.c.issue_id,
        _i.c.newsletter == newsletter if newsletter else true(),
        _i.c.state.in_(states) if states else _i.c.state != IssueState.CANCELLED.value,
    )
    return query.correlate(_a).scalar_subquery()


def _candidate(row: Row[Any]) -> Candidate:
    # An editor's pin was for the issue that carried it.
    again = row.carried_at is not None
    return Candidate(
        article_id=row.id,
        article=article_of(row),
        source=row.source,
        section=row.section,
        weight=row.weight,
        gathered_at=row.changed_at if again else row.offered_at,
        pinned=bool(row.pinned) and not again,
    )


def carried(conn: Connection, newsletter: str, *, since: datetime) -> list[Carried]:
    """The articles that issues of this newsletter carried since then, as they were, newest first."""
    query = (
        select(_a, _s.c.basis, _i.c.id.label("issue"))
        .join(_s, _s.c.article_id == _a.c.id)
        .join(_i, _i.c.id == _s.c.issue_id)
        .where(_i.c.newsletter == newsletter, _i.c.state != IssueState.CANCELLED, _i.c.created_at >= since)
        .order_by(_i.c.id.desc(), _s.c.position)
    )
    return [_carried(row) for row in conn.execute(query)]


def _carried(row: Row[Any]) -> Carried:
    then = row.basis
    article = article_of(row)
    article = dataclasses.replace(
        article, headline=then.get("title", article.headline), body=then.get("body", article.body)
    )
    return Carried(article=article, issue=row.issue)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Out:
    """An article that readers have."""

    location: str
    source: str
    article: Article


def out(conn: Connection, newsletter: str, *, since: datetime) -> list[Out]:
    """What issues of this newsletter carried since then that is in no issue that is yet to go out, newest first."""
    last, taken = _carrying(newsletter, func.max(_i.c.created_at)), _carrying("", func.count(), _NOT_OUT)
    query = (
        select(_a, _o.c.source)
        .join(_o, (_o.c.article_id == _a.c.id) & (_o.c.newsletter == newsletter))
        .where(last >= since, taken == 0)
        .order_by(last.desc(), _a.c.id)
    )
    return [Out(location=row.location, source=row.source, article=article_of(row)) for row in conn.execute(query)]


# --- Times that were skipped -------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Skipped:
    """A time of a newsletter's cadence for which too little was new."""

    newsletter: str
    slot_at: datetime
    at: datetime
    why: str


def skip(conn: Connection, skipped: Skipped) -> bool:
    """Write down that there is no issue for a time; False when that is written already."""
    row = schema.new_row(conn, schema.skipped_slot).values(dataclasses.asdict(skipped))
    return conn.execute(row.on_conflict_do_nothing().returning(schema.skipped_slot.c.at)).first() is not None


def not_skipped(conn: Connection, newsletter: str, slot_at: datetime) -> None:
    """There is an issue for that time after all."""
    k = schema.skipped_slot
    conn.execute(delete(k).where(k.c.newsletter == newsletter, k.c.slot_at == slot_at))


def skipped(conn: Connection, newsletter: str = "", *, since: datetime) -> list[Skipped]:
    """The times that were skipped since then, newest first."""
    k = schema.skipped_slot.c
    query = select(schema.skipped_slot).where(k.slot_at >= since).order_by(k.slot_at.desc(), k.newsletter)
    if newsletter:
        query = query.where(k.newsletter == newsletter)
    return [
        Skipped(newsletter=row.newsletter, slot_at=row.slot_at, at=row.at, why=row.why) for row in conn.execute(query)
    ]
