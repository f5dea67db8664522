"""Past issues for everybody: a list, a page each, and a feed; as they were approved last, addressed to nobody."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from digest.bootstrap import App
from digest.model import Issue, Newsletter, Rendered, Supporter
from digest.render.shown import harmless
from digest.render.slots import Part
from digest.store import archive, issues
from digest.store.issues import StoredEdition
from digest.web.stationery import Stationery
from digest.web.view import POLICY, for_anybody

#: Issues on a page of the list, and in the feed.
PAGE, FEED = 20, 30

#: Anybody may keep these a little while, and search engines may find them.
_PUBLIC = {"Cache-Control": "public, max-age=300", "X-Robots-Tag": "all"}

_BODY = re.compile(r"<body\b[^>]*>")


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """An issue as the list and the feed show it."""

    number: int
    subject: str
    preheader: str
    #: The day printed on it, for programs and in the newsletter's language.
    day: str
    date: str
    url: str
    #: When it went out, as feeds write it.
    out_at: str


class ArchivePages:
    def __init__(self, app: App, stationery: Stationery) -> None:
        self._app = app
        self._paper = stationery

    def past(self, slug: str, request: Request) -> Response:
        """The list: twenty issues a page, the newest first."""
        letter = self._open(slug)
        if letter is None:
            return self._lost()
        page = _number(request.query_params.get("page", "1"))
        with self._app.database.read() as conn:
            # One more tells whether there are older ones.
            found = archive.out(conn, slug, limit=PAGE + 1, skip=(page - 1) * PAGE) if page else []
        if not page or (page > 1 and not found):
            return self._lost()
        shown = self._paper.page(
            "archive.html",
            letter,
            letter=letter,
            past=self._shown(letter, found[:PAGE]),
            here=self._app.house_links.archive(slug) + (f"?page={page}" if page > 1 else ""),
            page=page,
            newer=page - 1,
            older=page + 1 if len(found) > PAGE else 0,
            feed_url=self._app.house_links.feed(slug),
            public=True,
        )
        shown.headers.update(_PUBLIC)
        return shown

    def issue(self, slug: str, number: str) -> Response:
        letter = self._open(slug)
        wanted = _number(number)
        if letter is None or not wanted:
            return self._lost()
        with self._app.database.read() as conn:
            issue = archive.with_number(conn, slug, wanted)
            editions = issues.editions(conn, issue.id) if issue else []
        if issue is None or not editions:
            return self._lost()
        [past] = self._shown(letter, [(issue, editions)])
        head = self._paper.text("about.html", letter, letter=letter, issue=past)
        bar = self._paper.text("bar.html", letter, letter=letter)
        html = for_anybody(self._app, issue, everybodys(editions), past.url, head=head)
        return HTMLResponse(_BODY.sub(lambda body: body[0] + bar, html, count=1), headers=POLICY | _PUBLIC)

    def feed(self, slug: str, request: Request) -> Response:
        letter = self._open(slug)
        if letter is None:
            return self._lost()
        with self._app.database.read() as conn:
            found = archive.out(conn, slug, limit=FEED)
        links = self._app.house_links
        text = self._paper.text(
            "feed.xml",
            letter,
            letter=letter,
            past=self._shown(letter, found),
            archive_url=links.archive(slug),
            feed_url=links.feed(slug),
        )
        tag = f'"{sha256(text.encode()).hexdigest()[:24]}"'
        headers = _PUBLIC | {"ETag": tag}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(text, media_type="application/rss+xml", headers=headers)

    def _open(self, slug: str) -> Newsletter | None:
        letter = self._app.newsletters.get(slug)
        return letter if letter and letter.archive else None

    def _lost(self) -> Response:
        return self._paper.message("lost", status=404)

    def _shown(self, letter: Newsletter, found: Sequence[tuple[Issue, Sequence[StoredEdition]]]) -> list[Past]:
        words = self._app.renderer.words(letter.language)
        return [
            Past(
                number=issue.number,
                subject=_for_nobody(everybodys(editions).subject, letter),
                preheader=_for_nobody(everybodys(editions).preheader, letter),
                day=issue.date.isoformat(),
                date=words.date(issue.date),
                url=self._app.house_links.archive(letter.slug, issue.number),
                out_at=_moment(issue.started_at),
            )
            for issue, editions in found
        ]


def everybodys(editions: Sequence[StoredEdition]) -> Rendered:
    """The edition of somebody of whom we know nothing."""
    fits = [edition for edition in editions if Supporter.UNKNOWN in edition.supporters]
    return (fits or list(editions))[0].rendered


def _for_nobody(line: str, letter: Newsletter) -> str:
    """A subject or preheader, with the newsletter's word for a reader where a name would stand."""
    part = Part.of_subject(line)
    return str(harmless(part.fill(dict.fromkeys(part.names, letter.reader))))


def _number(text: str) -> int:
    """A number as it stands in an address; 0 for anything else."""
    return int(text) if re.fullmatch(r"[1-9][0-9]{0,6}", text) else 0


def _moment(at: datetime | None) -> str:
    return format_datetime((at or datetime.fromtimestamp(0, UTC)).astimezone(UTC), usegmt=True)
