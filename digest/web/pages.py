"""The public pages as one ASGI app: routes, headers, and what is said when something is wrong.

No cookies, no login, no scripts. A page says the same to everybody who has no valid token, and whatever happens a
reader gets one of our pages and never a program's own words.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.exceptions import HTTPException

from digest.bootstrap import App
from digest.errors import StoreError
from digest.store import issues
from digest.web.archive import ArchivePages
from digest.web.choosing import ChoicePages
from digest.web.hooks import HOOK, Hook
from digest.web.joining import JoinPages
from digest.web.links import ARCHIVE, BACK, CANARY, CONFIRM, DATA, JOIN, LEAVE, LINK, PREFERENCES, VIEW, WHY, path_of
from digest.web.own_data import DataPages
from digest.web.readers import ReadersPages
from digest.web.stationery import ROOT, WISHES, Stationery, root_of
from digest.web.view import EditionPages

HEADERS = {
    # Of answers that are no page of ours; pages bring their own.
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    # The address of a page is the key to somebody's choices: no other site and no search engine may learn it.
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cache-Control": "no-store",
}

#: Seconds after which it is worth trying again when the database does not answer.
_AGAIN = "120"
#: … and when too many requests came: by then the hour's limit has room again.
_LATER = "3600"

_log = logging.getLogger(__name__)

Go = Callable[[Request], Awaitable[Response]]


def create_app(app: App) -> FastAPI:
    """The ASGI app of the public pages."""
    # A redirect would break the one-click POST, which follows none.
    api = FastAPI(title="digest", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    stationery = Stationery(app.newsletters)
    routes = _routes(app, stationery)
    below = path_of(app.settings["public_url"])
    # Some proxies take the path of `public_url` off, some hand it on: both are answered.
    for prefix in dict.fromkeys(("", below)):
        api.include_router(routes, prefix=prefix)
    https = app.settings["public_url"].startswith("https://")
    api.middleware("http")(_around(below, {"Strict-Transport-Security": "max-age=31536000"} if https else {}))
    _explain(api, stationery)
    return api


def _routes(app: App, stationery: Stationery) -> APIRouter:
    readers = ReadersPages(app, stationery)
    choices = ChoicePages(app, stationery)
    joining = JoinPages(app, stationery)
    data = DataPages(app, stationery)
    editions = EditionPages(app, stationery)
    archive = ArchivePages(app, stationery)

    def house() -> Response:
        """What there is to join and to read."""
        letters = [letter for letter in app.newsletters.values() if letter.join or letter.archive]
        return stationery.page("house.html", letters=letters, public=True)

    def neutral() -> Response:
        """Where the links of a view in browser lead: it is nobody's own."""
        return stationery.message("neutral", way="link")

    def canary() -> Response:
        """Where the link leads that no reader sees. SES tells who went there; here nothing happens."""
        return stationery.message("canary")

    def health() -> Response:
        with app.database.read() as conn:
            issues.listed(conn, limit=1)
        return Response("ok", media_type="text/plain")

    routes = APIRouter()
    for path, show in (
        ("/", house),
        ("/health", health),
        (CANARY, canary),
        (LEAVE, neutral),
        (PREFERENCES, neutral),
        (LEAVE + "/{token:path}", readers.ask_to_leave),
        (BACK + "/{token:path}", readers.ask_to_come_back),
        (WHY + "/{token:path}", readers.ask_to_leave),
        (PREFERENCES + "/{token:path}", choices.preferences),
        (DATA + "/{token:path}", data.show),
        (JOIN + "/{slug}", joining.form),
        (JOIN + "/{slug}/form.html", joining.embedded),
        (CONFIRM + "/{token:path}", joining.ask_to_confirm),
        (LINK + "/{slug}", joining.link_form),
        (VIEW + "/{token:path}", editions.view),
        (ARCHIVE + "/{slug}", archive.past),
        (ARCHIVE + "/{slug}/feed.xml", archive.feed),
        (ARCHIVE + "/{slug}/{number}", archive.issue),
    ):
        routes.add_api_route(path, show, methods=["GET", "HEAD"])
    for path, act in (
        (LEAVE + "/{token:path}", readers.leave),
        (BACK + "/{token:path}", readers.come_back),
        (WHY + "/{token:path}", readers.say_why),
        (PREFERENCES + "/{token:path}", choices.choose),
        (DATA + "/{token:path}", data.act),
        (JOIN + "/{slug}", joining.join),
        (CONFIRM + "/{token:path}", joining.confirm),
        (LINK + "/{slug}", joining.link),
        (HOOK, Hook(app).take),
    ):
        routes.add_api_route(path, act, methods=["POST"])
    return routes


def _around(below: str, more: dict[str, str]) -> Callable[[Request, Go], Awaitable[Response]]:
    """What every answer has: headers, and links that find back to the root."""

    async def around(request: Request, go_on: Go) -> Response:
        # As the browser has it: a %2F is no step down for it.
        path = request.scope.get("raw_path", b"").decode("latin-1").partition("?")[0]
        ROOT.set(root_of(path, below))
        WISHES.set(request.headers.get("accept-language", ""))
        return _guarded(await go_on(request), more)

    return around


def _guarded(response: Response, more: dict[str, str]) -> Response:
    for name, value in (HEADERS | more).items():
        response.headers.setdefault(name, value)
    if response.status_code == 429:
        response.headers["Retry-After"] = _LATER
    return response


def _explain(api: FastAPI, stationery: Stationery) -> None:
    """Have every mistake, the reader's or ours, end on a page of ours."""

    @api.exception_handler(HTTPException)
    async def no_such_page(_: Request, error: HTTPException) -> Response:
        page = stationery.message("lost", status=error.status_code)
        page.headers.update(error.headers or {})
        return page

    @api.exception_handler(StoreError)
    async def database_is_down(request: Request, error: StoreError) -> Response:
        # The path would tell whose link it was.
        _log.error("%s %s: %s", request.method, request.url.path[:12], error)
        page = stationery.message("down", status=503)
        page.headers["Retry-After"] = _AGAIN
        return page

    @api.exception_handler(Exception)
    async def our_fault(_: Request, __: Exception) -> Response:
        # The server writes the traceback into its log; this answer passes no middleware.
        return _guarded(stationery.message("down", status=500), {})
