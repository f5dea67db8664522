"""A newsroom's pages on a real server, and a browser to look at them."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from html import unescape
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from digest.model import Issue
from digest.web.pages import create_app
from digest.web.serving import address_of, listen
from tests.newsroom import Newsroom
from tests.web.browser import CHROMIUM, Browser


@contextmanager
def served(api: FastAPI) -> Iterator[str]:
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


@contextmanager
def site_of(room: Newsroom) -> Iterator[Site]:
    with served(create_app(room.app)) as url:
        site = Site(room, url)
        yield site
        site.http.close()


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
