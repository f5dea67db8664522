"""Articles in: from the sources of a newsletter, or by hand. What cannot be read is reported and stops nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError

from digest.articles.extraction.extract import NO_HEADLINE, extract
from digest.articles.sources.documents import read_one
from digest.articles.sources.gather import Gathered, Problem, Progress, Web, gather_all
from digest.articles.sources.health import Health
from digest.articles.summaries.ladder import USUAL, Limits, Summariser, summarise
from digest.desk import looking_back
from digest.desk.faring import SourceReport, as_often, health_after, left_alone, recall
from digest.errors import DigestError, InputError, RenderError, UsageMistake
from digest.model import Article, Document, Newsletter, Source, Summary
from digest.store import articles, candidates, sources
from digest.store.articles import StoredArticle
from digest.store.database import Database


@dataclass(frozen=True, kw_only=True, slots=True)
class Added:
    """What adding by hand came to."""

    articles: tuple[StoredArticle, ...]
    problems: tuple[Problem, ...]


class Intake:
    def __init__(
        self,
        database: Database,
        web: Web,
        *,
        clock: Callable[[], datetime],
        seconds: float = 300.0,
        room: Callable[[str], int] = lambda _theme: USUAL.characters,
        model: Callable[[str], Summariser] | None = None,
    ) -> None:
        """`seconds` is how long gathering may take in all, `room` how many characters of summary a theme holds.

        `model` gives the summariser whose cost is counted for a newsletter, or for none in particular ("").
        """
        self._db = database
        self._web = web
        self._clock = clock
        self._seconds = seconds
        self._room = room
        self._model = model

    def gather(
        self, newsletter: Newsletter, *, progress: Progress = lambda _source, _done, _total: None
    ) -> list[SourceReport]:
        """Read what is new in the newsletter's sources and put it on offer.

        A source that is gone for good, or asked to wait, is left alone and said to be.
        """
        now = self._clock()
        with self._db.read() as conn:
            before = {source.name: recall(conn, newsletter.slug, source) for source in newsletter.sources}
        asked = [source for source in newsletter.sources if not before[source.name][1].why_not_asked(now)]
        gathered = gather_all(
            asked,
            {name: memory for name, (memory, _) in before.items()},
            self._web,
            known=self._is_known(newsletter),
            progress=progress,
            seconds=self._seconds,
        )
        found = {one.source: one for one in gathered}
        # One moment for all: articles that state no date are ranked by it, and no source should win by being read last.
        now = self._clock()
        reports = []
        for done, source in enumerate(newsletter.sources):
            progress(source.name, done, len(newsletter.sources))
            health = before[source.name][1]
            brought = found.get(source.name)
            reports.append(
                self._keep(newsletter, source, brought, health, now) if brought else left_alone(source, health, now)
            )
        self._look_back(newsletter, now, progress)
        return reports

    def _look_back(self, newsletter: Newsletter, now: datetime, progress: Progress) -> None:
        """Read again what issues carried while it was news: what changed since is on offer as it is now."""
        with self._db.read() as conn:
            stories = candidates.out(conn, newsletter.slug, since=now - timedelta(hours=2 * newsletter.window_hours))
        done = len(newsletter.sources)
        glance = partial(progress, "what issues carried", done, done)
        for story, article in looking_back.changed(stories, newsletter, self._web, glance=glance):
            summary = self._summary(article, newsletter)
            with self._db.write("look back") as conn:
                articles.save(conn, article, summary, location=story.location, at=now)

    def add(
        self, places: Sequence[str], newsletters: Sequence[Newsletter], *, headline: str = "", section: str = ""
    ) -> Added:
        """Read single articles (files, folders, URLs) and offer them to newsletters as an editor's own choice.

        Raises UsageMistake, and adds nothing, for a section that is not there or one headline for several articles.
        """
        _insist_on_section(section, newsletters)
        documents: list[Document] = []
        problems: list[Problem] = []
        for place in places:
            try:
                documents += read_one(place, self._web)
            except InputError as trouble:
                problems.append(Problem(source=place, message=trouble.message, hint=trouble.hint))
        if headline and len(documents) > 1:
            raise UsageMistake(
                f"One headline cannot serve {len(documents)} articles.", hint="Nothing was added. Add them one by one."
            )
        stored = []
        for document in documents:
            try:
                article = self._read(document)
            except InputError as trouble:
                problems.append(Problem(source=document.location, message=trouble.message, hint=trouble.hint))
                continue
            stored.append(self._offer_by_hand(_headed(article, headline), document.location, newsletters, section))
        return Added(articles=tuple(stored), problems=tuple(problems))

    # --- Steps ---------------------------------------------------------------------------------------------

    def _read(self, document: Document) -> Article:
        """An article from a document, or InputError, whatever the document does to the libraries that read it."""
        try:
            return extract(document, now=self._clock())
        except DigestError:
            raise
        except Exception as trouble:
            raise InputError(
                f"{document.location} could not be read ({type(trouble).__name__}: {trouble}).",
                hint="Save its text as a .txt file and add that.",
            ) from trouble

    def _summary(self, article: Article, newsletter: Newsletter | None) -> Summary | None:
        if not article.body and not article.standfirst:
            return None
        try:
            model = self._model(newsletter.slug if newsletter else "") if self._model else None
            return summarise(article, limits=self._limits(newsletter), model=model)
        except InputError:
            return None

    def _limits(self, newsletter: Newsletter | None) -> Limits:
        if newsletter is None:
            return USUAL
        try:
            return Limits(*newsletter.summary_words, self._room(newsletter.theme))
        except RenderError:  # a broken theme is the renderer's to tell, and costs no article
            return Limits(*newsletter.summary_words)

    def _keep(
        self, newsletter: Newsletter, source: Source, found: Gathered, before: Health, now: datetime
    ) -> SourceReport:
        """Store what a source brought together with what it remembers, in one commit: a crash loses no article."""
        read, problems = [], list(found.problems)
        for document in found.documents:
            try:
                article = self._read(document)
            except InputError as trouble:
                problems.append(Problem(source=source.name, message=trouble.message, hint=trouble.hint))
            else:
                read.append((document.location, article, self._summary(article, newsletter)))
        new = []
        with self._db.write() as conn:
            for location, article, summary in read:
                try:
                    # A savepoint: an article that the database refuses costs only itself.
                    with conn.begin_nested():
                        article_id = articles.save(conn, article, summary, location=location, at=now)
                        stored = _offered(conn, article_id, newsletter, source, at=now)
                except (DataError, IntegrityError, UnicodeError, OverflowError) as refused:
                    problems.append(_refused(article, source, refused))
                else:
                    new += [stored] if stored else []
            health = health_after(before, source, found, problems[0].message if problems else "", now)
            sources.remember(conn, newsletter.slug, source.name, found.memory.dump(), health)
        if found.failed:
            problems = [as_often(problems[0], health), *problems[1:]]
        return SourceReport(
            source=source.name, new=tuple(new), problems=tuple(problems), failed=found.failed, health=health
        )

    def _offer_by_hand(
        self, article: Article, location: str, newsletters: Sequence[Newsletter], section: str
    ) -> StoredArticle:
        now = self._clock()
        summary = self._summary(article, newsletters[0] if len(newsletters) == 1 else None)
        with self._db.write() as conn:
            article_id = articles.save(conn, article, summary, location=location, at=now)
            for newsletter in _that_speak(article.language, newsletters):
                articles.offer(
                    conn,
                    article_id,
                    newsletter.slug,
                    section=section or newsletter.sections[0].slug,
                    pinned=True,
                    at=now,
                )
            return articles.get(conn, article_id)

    def _is_known(self, newsletter: Newsletter) -> Callable[[str], bool]:
        def known(name: str) -> bool:
            if not name.startswith(("http://", "https://")):
                return False
            with self._db.read() as conn:
                return articles.is_offered(conn, newsletter.slug, name)

        return known


def _insist_on_section(section: str, newsletters: Sequence[Newsletter]) -> None:
    for newsletter in newsletters:
        slugs = [heading.slug for heading in newsletter.sections]
        if section and section not in slugs:
            raise UsageMistake(
                f"{newsletter.name} has no section {section!r}.",
                hint=f"Nothing was added. It has {', '.join(slugs)}. Name one newsletter with -n to add it there only.",
            )


def _offered(
    conn: Connection, article_id: int, newsletter: Newsletter, source: Source, *, at: datetime
) -> StoredArticle | None:
    """The article, put on offer; None when it was already."""
    is_new = articles.offer(
        conn,
        article_id,
        newsletter.slug,
        source=source.name,
        section=source.section or newsletter.sections[0].slug,
        weight=source.weight,
        at=at,
    )
    return articles.get(conn, article_id) if is_new else None


def _refused(article: Article, source: Source, trouble: Exception) -> Problem:
    # The first line only: below it PostgreSQL repeats the whole row.
    said = str(getattr(trouble, "orig", None) or trouble).partition("\n")[0]
    called = article.headline or article.url or "An article"
    return Problem(
        source=source.name,
        message=f"“{called}” was not stored: the database refused it ({said}).",
        hint="The others were kept. Save its text as a .txt file and add that.",
    )


def _headed(article: Article, headline: str) -> Article:
    """The article under the headline that an editor gave, if any."""
    if not headline:
        return article
    answered = tuple(warning for warning in article.warnings if warning != NO_HEADLINE)
    return replace(article, headline=headline, warnings=answered)


def _that_speak(language: str, newsletters: Sequence[Newsletter]) -> Sequence[Newsletter]:
    """Of several newsletters those in the article's language; all of them when none is, or nobody knows it."""
    same = [newsletter for newsletter in newsletters if newsletter.language == language]
    return same if len(newsletters) > 1 and same else newsletters
