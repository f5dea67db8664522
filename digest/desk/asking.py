"""The book of what a language model was asked for a newsletter: nothing is asked twice, and nothing beyond the cap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.articles.summaries.by_model.asking import Answer, Kept
from digest.model import Article
from digest.store import articles, asked, issues
from digest.store.asked import Spent
from digest.store.database import Database


@dataclass(frozen=True, kw_only=True, slots=True)
class Price:
    """Dollars for 1,000 tokens; 0 where nobody stated it, and then tokens alone are counted."""

    read: float = 0.0
    written: float = 0.0

    def of(self, answer: Answer) -> float:
        return (answer.tokens_in * self.read + answer.tokens_out * self.written) / 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Cap:
    """What asking may come to for one issue; 0 is no cap."""

    tokens: int = 0
    dollars: float = 0.0

    def reached(self, spent: Spent) -> str:
        """Which cap is reached, as a sentence; empty when none is."""
        if self.tokens and spent.tokens >= self.tokens:
            return f"The cap of {self.tokens:,} tokens for an issue is reached, so no model was asked."
        if self.dollars and spent.dollars >= self.dollars:
            return f"The cap of ${self.dollars:,.2f} for an issue is reached, so no model was asked."
        return ""


class ModelBook:
    """What is asked for one newsletter since its last issue was drafted, or for none in particular ("") in a day."""

    def __init__(
        self, database: Database, newsletter: str, *, price: Price, cap: Cap, clock: Callable[[], datetime]
    ) -> None:
        self._db = database
        self._newsletter = newsletter
        self._price = price
        self._cap = cap
        self._clock = clock

    def recall(self, key: str) -> Kept | None:
        with self._db.read() as conn:
            found = asked.recall(conn, key)
        return Kept(text=found[0], reason=found[1]) if found else None

    def full(self) -> str:
        with self._db.read() as conn:
            name = self._newsletter
            since = issues.last_created(conn, name) if name else self._clock() - timedelta(days=1)
            return self._cap.reached(asked.spent(conn, name, since=since))

    def count(self, key: str, article: Article, model: str, answer: Answer) -> None:
        with self._db.write() as conn:
            asked.count(
                conn,
                key,
                newsletter=self._newsletter,
                article=articles.key_of(article),
                model=model,
                tokens=answer.tokens_in + answer.tokens_out,
                dollars=self._price.of(answer),
                at=self._clock(),
            )

    def settle(self, key: str, kept: Kept) -> None:
        with self._db.write() as conn:
            asked.settle(conn, key, text=kept.text, reason=kept.reason)
