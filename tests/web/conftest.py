"""A newsroom's pages on a real server, and a browser to look at them."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cache
from html import unescape
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from digest.model import Issue
from digest.web.pages import create_app
from digest.web.serving import address_of, listen
from tests.newsroom import Newsroom
from tests.web.browser import CHROMIUM, Browser


@contextmanager
def served(api: ASGIApp) -> Iterator[str]:
    """The address at which `api` answers, as a real server on a free port."""
    sock = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(api, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]})
    thread.start()
    try:
        yield address_of(sock).rstrip("/")
    finally:
        server.should_exit = True
        thread.join()
        sock.close()


class Site:
    """The pages of a newsroom over HTTP, as a reader without cookies meets them."""

    def __init__(self, room: Newsroom, url: str) -> None:
        self.room = room
        self.url = url
        self.http = httpx.Client(base_url=url, timeout=10)

    def leave_link(self, subscriber_id: int, newsletter: str = "daily") -> str:
        return f"/leave/{self.room.app.tokens.leave(subscriber_id, newsletter)}"

    def preferences_link(self, subscriber_id: int, newsletter: str = "daily") -> str:
        return f"/preferences/{self.room.app.tokens.preferences(subscriber_id, newsletter)}"

    def view_link(self, issue: Issue, edition: str = "ask") -> str:
        return f"/view/{self.room.app.tokens.view(issue.id, edition)}"

    def post(self, link: str, **fields: str | list[str]) -> httpx.Response:
        """What a browser sends when a form is sent."""
        return self.http.post(link, data=fields)

    def mail(self) -> list[EmailMessage]:
        """Every notice that was sent so far, the oldest first, after all that is owed now has been sent."""
        while self.room.app.notices.work(threading.Event()):
            pass
        files = (self.room.app.settings.path("paths.outbox") / "notices").glob("*.eml")
        ordered = sorted(files, key=lambda file: int(file.name.partition("-")[0]))
        return [message_from_bytes(file.read_bytes(), policy=default) for file in ordered]

    def link_in(self, mail: EmailMessage, path: str) -> str:
        """The link below `path` that stands in a mail, as it is on this server."""
        body = mail.get_body(("plain",))
        assert body is not None
        found = re.search(rf"https://digest\.harbour\.example({path}/\S+)", body.get_content())
        assert found, body.get_content()
        return found[1]

    def one_click(self, link: str) -> httpx.Response:
        """What a mail program sends when its own button is pressed (RFC 8058)."""
        return self.http.post(link, data={"List-Unsubscribe": "One-Click"})

    def everything_stored(self) -> str:
        """The whole database as text: equal before and after means that nothing was changed."""
        file = self.room.app.settings["database.url"].removeprefix("sqlite:///")
        with closing(sqlite3.connect(file)) as conn:
            return "\n".join(conn.iterdump())


def read(answer: httpx.Response) -> str:
    """The words of a page as a reader sees them."""
    body = re.sub(r"<(style|script)\b.*?</\1>|<title>.*?</title>", "", answer.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", body)).split())


class _Front:
    """What a single server answers with: the pages of whichever newsroom a test is about."""

    def __init__(self) -> None:
        self.pages: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.pages is not None
        await self.pages(scope, receive, send)


_front = _Front()
_server = ExitStack()


@pytest.fixture(scope="session", autouse=True)
def _close_server() -> Iterator[None]:
    with _server:
        yield
    address.cache_clear()


@cache
def address() -> str:
    """One server for all tests: starting and ending one takes longer than most of them."""
    return _server.enter_context(served(_front))


@contextmanager
def site_of(room: Newsroom) -> Iterator[Site]:
    before, _front.pages = _front.pages, create_app(room.app)
    site = Site(room, address())
    try:
        yield site
    finally:
        site.http.close()
        _front.pages = before


@pytest.fixture
def site(newsroom: Newsroom) -> Iterator[Site]:
    with site_of(newsroom) as site:
        yield site


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    profile: Path = tmp_path_factory.mktemp("chromium")
    with Browser(profile) as browser:
        yield browser
