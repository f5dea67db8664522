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
from digest.web.links import LEAVE, PREFERENCES, VIEW, path_of
from digest.web.readers import ReadersPages
from digest.web.stationery import Stationery
from digest.web.view import EditionPages

#: Scripts, frames and plug-ins have no business on these pages; images and styles of an edition do.
_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src https: http: data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": _CSP,
    # The address of a page is the key to somebody's choices: no other site and no search engine may learn it.
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

#: Seconds after which it is worth trying again when the database does not answer.
_AGAIN = "120"

_log = logging.getLogger(__name__)


def create_app(app: App) -> FastAPI:
    """The ASGI app of the public pages."""
    # A redirect would break the one-click POST, which follows none.
    api = FastAPI(title="digest", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    stationery = Stationery(app.newsletters)
    routes = _routes(app, stationery)
    # Some proxies take the path of `public_url` off, some hand it on: both are answered.
    for prefix in dict.fromkeys(("", path_of(app.settings["public_url"]))):
        api.include_router(routes, prefix=prefix)
    api.middleware("http")(_with_headers)
    _explain(api, stationery)
    return api


def _routes(app: App, stationery: Stationery) -> APIRouter:
    readers = ReadersPages(app, stationery)
    editions = EditionPages(app, stationery)

    def neutral() -> Response:
        """Where the links of a view in browser lead: it is nobody's own."""
        return stationery.message("neutral")

    def health() -> Response:
        with app.database.read() as conn:
            issues.listed(conn, limit=1)
        return Response("ok", media_type="text/plain")

    routes = APIRouter()
    for path, show in (
        ("/", neutral),
        ("/health", health),
        (LEAVE, neutral),
        (PREFERENCES, neutral),
        (LEAVE + "/{token:path}", readers.ask_to_leave),
        (PREFERENCES + "/{token:path}", readers.preferences),
        (VIEW + "/{token:path}", editions.view),
    ):
        routes.add_api_route(path, show, methods=["GET", "HEAD"])
    routes.add_api_route(LEAVE + "/{token:path}", readers.leave, methods=["POST"])
    routes.add_api_route(PREFERENCES + "/{token:path}", readers.choose, methods=["POST"])
    return routes


async def _with_headers(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
    return _guarded(await go_on(request))


def _guarded(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
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
        return _guarded(stationery.message("down", status=500))
