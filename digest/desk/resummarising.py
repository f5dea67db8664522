"""Summaries told again at an editor's wish, for a story of an issue or for the article itself.

They are made before anything is written, as a model may take its time; what is written then takes the place of just
the summary that the editor saw. An editor's own words are replaced only when that is asked for by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from digest.articles.summaries.ladder import USUAL, Limits, Summariser
from digest.articles.summaries.retelling import Wish, retell
from digest.desk.editing import meanwhile
from digest.errors import InputError, RenderError, UsageMistake
from digest.model import Article, Newsletter, Rung, Summary
from digest.render.theme import Room
from digest.store import articles, issues
from digest.store.articles import StoredArticle
from digest.store.database import Database


@dataclass(frozen=True, kw_only=True, slots=True)
class Retold:
    """A summary told again."""

    wish: Wish
    before: Summary
    after: Summary


class Resummarising:
    def __init__(
        self,
        database: Database,
        newsletters: Mapping[str, Newsletter],
        *,
        room: Callable[[str], Room],
        model: Callable[[str], Summariser] | None = None,
        clock: Callable[[], datetime],
    ) -> None:
        """`room` is what a theme has room for, `model` the summariser whose cost is counted for a newsletter."""
        self._db = database
        self._newsletters = newsletters
        self._room = room
        self._model = model
        self._clock = clock

    def stories(self, issue_id: int, wishes: Mapping[int, Wish], *, force: bool = False) -> dict[int, Retold]:
        """Summaries for the stories at these places, counted from 1; nothing is changed yet.

        `force`: an editor's words may be replaced. Raises UsageMistake for a place that is not there, for an editor's
        words, and when a summary cannot be told so.
        """
        with self._db.read() as conn:
            newsletter = self._newsletters[issues.get(conn, issue_id).newsletter]
            told = issues.stories(conn, issue_id)
            found = articles.several(conn, [story.article_id for story in told])
        for place in wishes:
            if not 1 <= place <= len(told):
                said = f"There is no story {place}; the issue has {len(told)}."
                raise UsageMistake(said, hint="Nothing was changed.")
        return {
            place: self._retold(
                f"story {place}",
                found[told[place - 1].article_id].article,
                told[place - 1].summary,
                wish,
                (self._limits(newsletter, lead=place == 1), newsletter.slug),
                force=force,
            )
            for place, wish in wishes.items()
        }

    def article(self, article_id: int, wish: Wish, *, force: bool = False) -> StoredArticle:
        """Tell an article's own summary again; issues that carry it keep theirs. Raises UsageMistake as above."""
        with self._db.read() as conn:
            stored = articles.get(conn, article_id)
            slugs = [slug for slug in articles.offered_to(conn, article_id) if slug in self._newsletters]
        alone = self._newsletters[slugs[0]] if len(slugs) == 1 else None
        limits = (self._limits(alone, lead=False) if alone else USUAL, alone.slug if alone else "")
        before = stored.summary or Summary(text="", rung=Rung.LEAD)
        retold = self._retold(f"article {article_id}", stored.article, before, wish, limits, force=force)
        with self._db.write() as conn:
            if articles.get(conn, article_id).summary != stored.summary:
                raise meanwhile(f"article {article_id}")
            articles.resummarise(conn, article_id, retold.after, at=self._clock())
            return articles.get(conn, article_id)

    def _retold(
        self, what: str, article: Article, before: Summary, wish: Wish, within: tuple[Limits, str], *, force: bool
    ) -> Retold:
        if before.rung is Rung.EDITOR and not (force and wish is Wish.AGAIN):
            raise UsageMistake(
                f"The summary of {what} is an editor's: “{before.text}”",
                hint="Nothing was changed. To have it replaced: --resummarise with --force.",
            )
        limits, newsletter = within
        model = self._model(newsletter) if self._model else None
        try:
            after = retell(article, before, wish, limits, model=model)
        except InputError as trouble:
            said = f"The summary of {what} stays. {trouble.message}"
            raise UsageMistake(said, hint=f"Nothing was changed. {trouble.hint}") from trouble
        return Retold(wish=wish, before=before, after=after)

    def _limits(self, newsletter: Newsletter, *, lead: bool) -> Limits:
        try:
            room = self._room(newsletter.theme)
        except RenderError:  # a broken theme is the renderer's to tell
            return Limits(*newsletter.summary_words)
        return Limits(*newsletter.summary_words, room.lead if lead else room.story)
