"""Before an issue goes out, the pages of its stories are read again: an editor approved what stood there then.

It is a look and nothing else. The issue's stories and its approved bytes stay as they are; what was seen is a finding
that warns, or stops the issue until somebody approves it again. A page that cannot be had proves nothing and stops
nothing, and all pages together have so many seconds: a slow host cannot hold up the news.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Connection

from digest.articles.extraction.extract import extract
from digest.articles.selection.changes import USUAL, Changed, Then, between
from digest.articles.sources.documents import is_web, of_answer
from digest.articles.sources.files import read_file
from digest.articles.sources.network import Term
from digest.articles.sources.offers import Web
from digest.articles.sources.side_by_side import each_within
from digest.errors import Brake, DigestError, FetchError
from digest.model import Article, Document, Issue, IssueState, Newsletter, Reading
from digest.store import issues, readings
from digest.store.database import Database
from digest.store.readings import Basis

_log = logging.getLogger(__name__)

#: Pages that are read at the same time.
AT_ONCE = 16
#: Its time is over: waiting for whatever does not heed it ends a little later, in seconds.
_GRACE = 0.5
_GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
#: Whose pages are worth a look.
_BEFORE = (IssueState.DRAFT, IssueState.APPROVED, IssueState.SCHEDULED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What the settings say of reading again."""

    #: For all pages of an issue; 0 is not at all.
    seconds: float = 8.0
    #: … and of breaking news.
    urgent_seconds: float = 2.0
    then: Mapping[Changed, Then] = field(default_factory=lambda: USUAL)


class Rereading:
    def __init__(
        self,
        database: Database,
        web: Web,
        newsletters: Mapping[str, Newsletter],
        *,
        rules: Rules,
        clock: Callable[[], datetime],
    ) -> None:
        self._db = database
        self._web = web
        self._newsletters = newsletters
        self._rules = rules
        self._clock = clock

    def look(
        self,
        among: Sequence[Issue],
        *,
        unless_since: timedelta | None = None,
        hurry: Callable[[], bool] = lambda: False,
    ) -> bool:
        """Read the pages of these issues' stories again, all at the same time; False when it was cut short by `hurry`.

        Pages that were looked at within `unless_since` are left alone. `hurry` is asked several times a second.
        """
        waiting = [issue for issue in among if issue.state in _BEFORE]
        seconds = min((self._seconds(issue) for issue in waiting), default=0.0)
        if not seconds:
            return True
        with self._db.read() as conn:
            pages = self._pages(conn, waiting, unless_since)
        term, hurried = Term(seconds), False

        def glance() -> bool:
            nonlocal hurried
            hurried = hurried or hurry()
            return hurried

        work = [partial(self._read, page, term) for page in pages]
        found = each_within(term, work, at_once=AT_ONCE, grace=_GRACE, glance=glance)
        if not hurried:
            self._note(pages, found, seconds)
        return not hurried

    def insist(self, issue_id: int) -> None:
        """Raises Brake when a page says something that stops the issue, by the settings."""
        with self._db.read() as conn:
            issue = issues.get(conn, issue_id)
            stopping = self._stopping(conn, issue)
        if stopping:
            raise Brake(
                f"Issue {issue_id} is not sent before somebody approves it again: {' '.join(stopping)}",
                hint=f"Nobody was mailed. Look at it (digest preview {issue_id}), change or drop the story if need be "
                f"(digest issues edit {issue_id}), and approve the issue again (digest issues approve {issue_id}). To "
                f"send it as it was approved: digest send {issue_id} --now --as-approved",
            )

    def hold_back(self, issue_id: int, stopped: Brake, *, actor: str) -> None:
        """Have an approved issue show why it was not sent."""
        with self._db.write("hold back") as conn:
            if issues.get(conn, issue_id, lock=True).state is IssueState.APPROVED:
                issues.change(conn, issue_id, hold=stopped.message)
                issues.note(conn, issue_id, actor=actor, what="held back", detail=stopped.message, at=self._clock())

    # --- Steps ---------------------------------------------------------------------------------------------

    def _seconds(self, issue: Issue) -> float:
        return min(self._rules.seconds, self._rules.urgent_seconds) if issue.urgent else self._rules.seconds

    def _stopping(self, conn: Connection, issue: Issue) -> list[str]:
        if issue.corrects is not None:
            return []  # it puts right what the page says; readers wait for it
        return [
            f"“{basis.headline}”: {change.said}"
            for basis in readings.of(conn, [issue.id])
            for change in between(basis.then, basis.now)
            if self._rules.then[change.kind] is Then.STOP
        ]

    def _pages(self, conn: Connection, among: Sequence[Issue], unless_since: timedelta | None) -> list[Basis]:
        """Each article once, although several issues carry it."""
        pages = {basis.article_id: basis for basis in readings.of(conn, [issue.id for issue in among])}
        oldest = self._clock() - unless_since if unless_since else None
        return [
            page
            for page in pages.values()
            if page.location and not (oldest and page.now.at and page.now.at > oldest and not page.now.trouble)
        ]

    def _read(self, page: Basis, term: Term) -> Reading:
        """What a page says now, or why nobody knows."""
        try:
            return self._said(page, term)
        except _Gone as gone:
            return Reading(gone=gone.why)
        except DigestError as trouble:
            return _unread(page, trouble.message)
        except Exception as trouble:  # noqa: BLE001 - whatever a page does to us, it stops no issue
            _log.exception("reading %s again failed", page.location)
            return _unread(page, f"{type(trouble).__name__}: {trouble}")

    def _said(self, page: Basis, term: Term) -> Reading:
        if not is_web(page.location):
            return _said(extract(_file(page.location)))
        web = self._web.within(page.location, robots=self._obeys(page), term=term)
        try:
            answer = web.get_if_changed(page.location, etag=page.now.etag, last_modified=page.now.last_modified)
        except FetchError as trouble:
            if trouble.status in _GONE:
                raise _Gone(f"its server says {trouble.status} {HTTPStatus(trouble.status).phrase}") from trouble
            raise
        if answer is None:
            return replace(page.now, trouble="")
        if _is_front_page(answer.url) and not _is_front_page(page.location):
            raise _Gone(f"it leads to the front page {answer.url}")
        said = _said(extract(of_answer(answer)))
        return replace(said, etag=answer.etag, last_modified=answer.last_modified)

    def _obeys(self, page: Basis) -> bool:
        """Whether the source that the article came from wants its site's robots.txt obeyed."""
        newsletter = self._newsletters.get(page.newsletter)
        sources = newsletter.sources if newsletter else ()
        return all(source.robots for source in sources if source.name == page.source)

    def _note(self, pages: Sequence[Basis], found: Sequence[Reading | None], seconds: float) -> None:
        late = f"it did not answer within {seconds:g} seconds."
        with self._db.write("reread") as conn:
            # In one order, so that two workers do not wait for each other.
            for page, seen in sorted(zip(pages, found, strict=True), key=lambda pair: pair[0].article_id):
                readings.note(conn, page.article_id, seen or _unread(page, late), at=self._clock())


class _Gone(Exception):
    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def _file(location: str) -> Document:
    path = Path(location)
    if not path.exists():
        raise _Gone(f"there is no file {location} any more")
    return read_file(path)


def _said(article: Article) -> Reading:
    return Reading(
        headline=article.own_headline or article.headline, correction=article.correction, access=article.access
    )


def _unread(page: Basis, why: str) -> Reading:
    """What was known stays known."""
    return replace(page.now, trouble=why)


def _is_front_page(url: str) -> bool:
    return urlsplit(url).path in ("", "/") and not urlsplit(url).query
