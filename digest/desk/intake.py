"""Articles in: from the sources of a newsletter, or by hand. What cannot be read is reported and stops nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError

from digest.articles.documents import read_one
from digest.articles.extract import NO_HEADLINE, extract
from digest.articles.gather import Gathered, Problem, Progress, Web, gather_all
from digest.articles.memory import SourceMemory
from digest.articles.summaries.ladder import Limits, Summariser, summarise
from digest.errors import DigestError, InputError, UsageMistake
from digest.model import Article, Document, Newsletter, Source, Summary
from digest.store import articles
from digest.store.articles import StoredArticle
from digest.store.database import Database


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceReport:
    """What one source brought."""

    source: str
    new: tuple[StoredArticle, ...] = ()
    problems: tuple[Problem, ...] = ()
    #: Nothing of it could be read.
    failed: bool = False


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
        model: Summariser | None = None,
    ) -> None:
        self._db = database
        self._web = web
        self._clock = clock
        self._model = model

    def gather(
        self, newsletter: Newsletter, *, progress: Progress = lambda _source, _done, _total: None
    ) -> list[SourceReport]:
        """Read what is new in the newsletter's sources and put it on offer."""
        with self._db.read() as conn:
            memories = {
                source.name: SourceMemory.load(articles.recall(conn, newsletter.slug, source.name))
                for source in newsletter.sources
            }
        gathered = gather_all(
            newsletter.sources, memories, self._web, known=self._is_known(newsletter), progress=progress
        )
        by_name = {source.name: source for source in newsletter.sources}
        # One moment for all: articles that state no date are ranked by it, and no source should win by being read last.
        now = self._clock()
        return [self._keep(newsletter, by_name[found.source], found, now) for found in gathered]

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
            stored.append(self._offer_by_hand(_headed(article, headline), newsletters, section))
        return Added(articles=tuple(stored), problems=tuple(problems))

    # --- Steps ---------------------------------------------------------------------------------------------

    def _read(self, document: Document) -> Article:
        """An article from a document, or InputError, whatever the document does to the libraries that read it."""
        try:
            return extract(document)
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
        least, most = newsletter.summary_words if newsletter else (20, 60)
        try:
            return summarise(article, limits=Limits(least, most), model=self._model)
        except InputError:
            return None

    def _keep(self, newsletter: Newsletter, source: Source, found: Gathered, now: datetime) -> SourceReport:
        """Store what a source brought together with what it remembers, in one commit: a crash loses no article."""
        read, problems = [], list(found.problems)
        for document in found.documents:
            try:
                article = self._read(document)
            except InputError as trouble:
                problems.append(Problem(source=source.name, message=trouble.message, hint=trouble.hint))
            else:
                read.append((article, self._summary(article, newsletter)))
        new = []
        with self._db.write() as conn:
            for article, summary in read:
                try:
                    # A savepoint: an article that the database refuses costs only itself.
                    with conn.begin_nested():
                        stored = _offered(conn, article, summary, newsletter, source, at=now)
                except (DataError, IntegrityError, UnicodeError, OverflowError) as refused:
                    problems.append(_refused(article, source, refused))
                else:
                    new += [stored] if stored else []
            trouble_now = problems[0].message if problems else ""
            articles.remember(conn, newsletter.slug, source.name, found.memory.dump(), problem=trouble_now, at=now)
        return SourceReport(source=source.name, new=tuple(new), problems=tuple(problems), failed=found.failed)

    def _offer_by_hand(self, article: Article, newsletters: Sequence[Newsletter], section: str) -> StoredArticle:
        now = self._clock()
        summary = self._summary(article, newsletters[0] if len(newsletters) == 1 else None)
        with self._db.write() as conn:
            article_id = articles.save(conn, article, summary, at=now)
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
    conn: Connection, article: Article, summary: Summary | None, newsletter: Newsletter, source: Source, *, at: datetime
) -> StoredArticle | None:
    """The article, stored and on offer; None when it was on offer already."""
    article_id = articles.save(conn, article, summary, at=at)
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
