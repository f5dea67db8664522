"""Readers' pages: leave, preferences, view in browser. GET shows, POST acts; no cookies, no login, no scripts.

Link scanners open every link of a mail, so nothing changes on GET (RFC 8058, section 6: the one-click POST needs no
confirmation, no cookie and no redirect). A page says the same to everybody who has no valid token.
"""

from __future__ import annotations

import tomllib
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

import subscribers
from digest.bootstrap import App
from digest.model import IssueState, Newsletter
from digest.render.environment import templates_folder
from digest.render.slots import Part
from digest.store import issues
from digest.web.links import LEAVE, PREFERENCES, VIEW, OwnLink

#: A leave or preferences form is tiny; whatever is larger is not ours.
MOST_BYTES = 20_000

#: Scripts, frames and plug-ins have no business on these pages; images and styles of an edition do.
_CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src https: http: data:; form-action 'self'; base-uri 'none'"
HEADERS = {
    "Content-Security-Policy": _CSP + "; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def create_app(app: App) -> FastAPI:
    """The ASGI app of the public pages."""
    pages = Pages(app)
    api = FastAPI(title="digest", docs_url=None, redoc_url=None, openapi_url=None)
    api.middleware("http")(_with_headers)
    api.get("/health")(pages.health)
    api.get(LEAVE)(pages.neutral)
    api.get(PREFERENCES)(pages.neutral)
    api.get(LEAVE + "/{token}")(pages.ask_to_leave)
    api.post(LEAVE + "/{token}")(pages.leave)
    api.get(PREFERENCES + "/{token}")(pages.preferences)
    api.post(PREFERENCES + "/{token}")(pages.choose)
    api.get(VIEW + "/{token}")(pages.view)
    return api


async def _with_headers(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await go_on(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


class Reader(NamedTuple):
    """Whom a valid link belongs to."""

    subscriber_id: int
    newsletter: Newsletter


class Pages:
    """Handlers are plain functions, run in threads: each works on one short transaction."""

    def __init__(self, app: App) -> None:
        self._app = app
        folder = templates_folder() / "web"
        self._words = tomllib.loads((folder / "words.toml").read_text(encoding="utf-8"))
        self._templates = Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined)

    def health(self) -> Response:
        with self._app.database.read() as conn:
            issues.listed(conn, limit=1)
        return Response("ok", media_type="text/plain")

    def neutral(self) -> Response:
        """Where the links of a view in browser lead: it is nobody's own."""
        return self._message("neutral_title", "neutral_text", self._first)

    # --- Leaving -------------------------------------------------------------------------------------------

    def ask_to_leave(self, token: str) -> Response:
        reader = self._reader(token, LEAVE)
        if isinstance(reader, Response):
            return reader
        return self._page("leave.html", reader.newsletter, address=self._address(reader), **self._about(reader))

    def leave(self, token: str) -> Response:
        """One click (RFC 8058) and the page's own button come here; doing it twice is as good as once."""
        reader = self._reader(token, LEAVE)
        if isinstance(reader, Response):
            return reader
        with self._app.database.write() as conn:
            subscribers.leave(
                conn, reader.subscriber_id, reader.newsletter.slug, at=self._app.clock(), how="link in an email"
            )
        return self._page("left.html", reader.newsletter, **self._about(reader))

    # --- Preferences ---------------------------------------------------------------------------------------

    def preferences(self, token: str) -> Response:
        reader = self._reader(token, PREFERENCES)
        return reader if isinstance(reader, Response) else self._choices(reader)

    async def choose(self, token: str, request: Request) -> Response:
        from fastapi.concurrency import run_in_threadpool

        body = await _small_body(request)
        if body is None:
            return Response("Too much.", status_code=413, media_type="text/plain")
        wanted = parse_qs(body.decode("utf-8", "replace")).get("newsletter", [])
        return await run_in_threadpool(self._choose, token, wanted)

    def _choose(self, token: str, wanted: list[str]) -> Response:
        reader = self._reader(token, PREFERENCES)
        if isinstance(reader, Response):
            return reader
        choice = {letter.slug: letter.slug in wanted for letter in self._offered(reader)}
        try:
            with self._app.database.write() as conn:
                subscribers.set_preferences(conn, reader.subscriber_id, at=self._app.clock(), newsletters=choice)
        except subscribers.Refused as refused:
            return self._choices(reader, trouble=refused.message)
        return self._choices(reader, saved=True)

    def _choices(self, reader: Reader, *, saved: bool = False, trouble: str = "") -> Response:
        with self._app.database.read() as conn:
            on = subscribers.preferences(conn, reader.subscriber_id).newsletters
        choices = [
            {"slug": letter.slug, "name": letter.name, "tagline": letter.tagline, "on": letter.slug in on}
            for letter in self._offered(reader)
        ]
        return self._page(
            "preferences.html",
            reader.newsletter,
            address=self._address(reader),
            choices=choices,
            saved=saved,
            trouble=trouble,
        )

    def _offered(self, reader: Reader) -> list[Newsletter]:
        """Every newsletter of the house, the link's own first."""
        own = reader.newsletter
        return [own, *(letter for letter in self._app.newsletters.values() if letter.slug != own.slug)]

    # --- View in browser -----------------------------------------------------------------------------------

    def view(self, token: str) -> Response:
        """An approved edition as it is sent, for anybody who has the link: it names no reader."""
        try:
            issue_id, key = self._app.tokens.read_view(token)
        except subscribers.BadToken:
            return self._bad_link()
        html = self._edition(issue_id, key)
        if html is None:
            return self._message("no_view", "no_view_text", self._first, status=404)
        return HTMLResponse(html)

    def _edition(self, issue_id: int, key: str) -> str | None:
        with self._app.database.read() as conn:
            found = [issue for issue in [issues.find(conn, issue_id)] if issue and issue.state in _SHOWN]
            editions = issues.editions(conn, issue_id) if found else []
        for edition in editions:
            if edition.rendered.edition == key:
                base = self._app.settings["public_url"].rstrip("/")
                newsletter = self._app.newsletters.get(found[0].newsletter)
                values = {
                    "name": newsletter.reader if newsletter else "",
                    "address": "",
                    "unsubscribe_url": base + LEAVE,
                    "preferences_url": base + PREFERENCES,
                    "view_url": self._app.links(found[0]).view_url(key),
                }
                return Part.of_html(edition.rendered.html).fill(values)
        return None

    # --- What pages share ----------------------------------------------------------------------------------

    def _reader(self, token: str, purpose: str) -> Reader | Response:
        """Whom the link belongs to, or the page that says why it does not work."""
        read = self._app.tokens.read_leave if purpose == LEAVE else self._app.tokens.read_preferences
        try:
            subscriber_id, slug = read(token)
        except subscribers.BadToken:
            return self._bad_link()
        newsletter = self._app.newsletters.get(slug)
        if newsletter is None:
            return self._bad_link()
        if subscriber_id == 0:
            return self._message("test_title", "test_text", newsletter)
        with self._app.database.read() as conn:
            try:
                subscribers.get(conn, subscriber_id)
            except subscribers.UnknownSubscriber:
                return self._message("unknown_title", "unknown_text", newsletter)
        return Reader(subscriber_id, newsletter)

    def _about(self, reader: Reader) -> dict[str, Any]:
        token = self._app.tokens.preferences(reader.subscriber_id, reader.newsletter.slug)
        return {"newsletter": reader.newsletter.name, "preferences_url": OwnLink.preferences(token)}

    def _address(self, reader: Reader) -> str:
        with self._app.database.read() as conn:
            return subscribers.get(conn, reader.subscriber_id).address

    def _bad_link(self) -> Response:
        return self._message("bad_link", "bad_link_text", self._first, status=404)

    def _message(self, title: str, text: str, newsletter: Newsletter | None, *, status: int = 200) -> Response:
        words = self._words_of(newsletter)
        return self._page("message.html", newsletter, status=status, title=words[title], text=words[text])

    def _page(self, template: str, newsletter: Newsletter | None, *, status: int = 200, **values: Any) -> Response:
        newsroom = newsletter.sender_name if newsletter else ""
        html = self._templates.get_template(template).render(
            words=self._words_of(newsletter), newsroom=newsroom, **values
        )
        return HTMLResponse(html, status_code=status)

    def _words_of(self, newsletter: Newsletter | None) -> dict[str, str]:
        language = newsletter.language if newsletter else "en"
        return {"lang": language, **self._words[language]}

    @cached_property
    def _first(self) -> Newsletter | None:
        return next(iter(self._app.newsletters.values()), None)


#: What a view in browser shows: nothing that an editor still works on.
_SHOWN = frozenset(
    {IssueState.APPROVED, IssueState.SCHEDULED, IssueState.SENDING, IssueState.PAUSED, IssueState.FINISHED}
)


async def _small_body(request: Request) -> bytes | None:
    """The request's body; None when it is larger than any form of ours."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            return None
    return body
