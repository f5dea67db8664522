"""What language models were asked: answers by what was asked; tokens and money by newsletter and by issue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from digest.model import Rung
from digest.store import schema

_k = schema.asked


@dataclass(frozen=True, kw_only=True, slots=True)
class Spent:
    """What asking came to. Dollars are those of the prices in the settings; 0 where nobody stated any."""

    tokens: int = 0
    dollars: float = 0.0
    answers: int = 0
    #: Summaries of the issue that a model wrote, and the models that were asked.
    summaries: int = 0
    models: tuple[str, ...] = ()

    def __str__(self) -> str:
        """ "12 summaries by MODEL, 18,400 tokens, $0.03"; empty when nobody asked."""
        if not self.answers and not self.summaries:
            return ""
        count = f"{self.summaries:,} summar{'y' if self.summaries == 1 else 'ies'}"
        by = f" by {', '.join(self.models)}" if self.models else " by a model"
        price = f", ${self.dollars:,.2f}" if self.dollars else ""
        return f"{count}{by}, {self.tokens:,} tokens{price}"


def recall(conn: Connection, key: str) -> tuple[str, str] | None:
    """The summary, or the reason why there is none, that came of asking just that; None when it was never settled."""
    row = conn.execute(select(_k.c.text, _k.c.reason).where((_k.c.key == key) & (_k.c.settled == 1))).first()
    return (str(row.text), str(row.reason)) if row else None


def count(
    conn: Connection, key: str, *, newsletter: str, article: str, model: str, tokens: int, dollars: float, at: datetime
) -> None:
    """Add what one answer cost. `article` is `articles.key_of` of the article that it is about."""
    row = {
        "key": key, "newsletter": newsletter, "article_key": article, "model": model, "tokens": tokens,
        "dollars": dollars, "answers": 1, "asked_at": at,
    }  # fmt: skip
    more = {
        "tokens": _k.c.tokens + tokens,
        "dollars": _k.c.dollars + dollars,
        "answers": _k.c.answers + 1,
        "asked_at": at,
    }
    conn.execute(schema.new_row(conn, _k).values(row).on_conflict_do_update(index_elements=["key"], set_=more))


def settle(conn: Connection, key: str, *, text: str, reason: str) -> None:
    conn.execute(update(_k).where(_k.c.key == key).values(text=text, reason=reason, settled=1))


def spent(conn: Connection, newsletter: str, *, since: datetime | None) -> Spent:
    """What was spent for a newsletter since then; since ever, without a moment."""
    query = select(func.coalesce(func.sum(_k.c.tokens), 0), func.coalesce(func.sum(_k.c.dollars), 0.0))
    query = query.where(_k.c.newsletter == newsletter)
    tokens, dollars = conn.execute(query.where(_k.c.asked_at > since) if since else query).one()
    return Spent(tokens=int(tokens), dollars=float(dollars))


def of_issue(conn: Connection, issue_id: int) -> Spent:
    """What was spent on the articles of an issue, also where no summary came of it."""
    a, s = schema.article, schema.story
    rows = conn.execute(
        select(_k.c.model, _k.c.tokens, _k.c.dollars, _k.c.answers)
        .join(a, a.c.key == _k.c.article_key)
        .join(s, s.c.article_id == a.c.id)
        .where(s.c.issue_id == issue_id)
        .order_by(_k.c.model)
    ).all()
    written = select(func.count()).where((s.c.issue_id == issue_id) & (s.c.rung == Rung.MODEL.value))
    return Spent(
        tokens=sum(row.tokens for row in rows),
        dollars=sum(row.dollars for row in rows),
        answers=sum(row.answers for row in rows),
        summaries=int(conn.execute(written).scalar_one()),
        models=tuple(dict.fromkeys(row.model for row in rows)),
    )


def of_articles(conn: Connection, ids: Iterable[int]) -> dict[int, Spent]:
    """What was spent on each of these articles; nothing for one about which nobody asked."""
    a = schema.article
    asked = select(a.c.id, _k.c.model, _k.c.tokens, _k.c.dollars, _k.c.answers).join(_k, a.c.key == _k.c.article_key)
    found: dict[int, Spent] = {}
    for row in conn.execute(asked.where(a.c.id.in_(list(ids))).order_by(a.c.id, _k.c.model)):
        before = found.get(row.id, Spent())
        found[row.id] = Spent(
            tokens=before.tokens + row.tokens,
            dollars=before.dollars + row.dollars,
            answers=before.answers + row.answers,
            models=tuple(dict.fromkeys([*before.models, row.model])),
        )
    return found
