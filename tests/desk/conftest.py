"""A newsroom with a web site on this machine to gather from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.articles.sources.site import Site
from tests.newsroom import SETTINGS, Clock, Newsroom


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def wired(tmp_path: Path, site: Site) -> Iterator[Newsroom]:
    """A newsroom whose daily reads a feed of the site, a second feed that is broken, and a folder of copy."""
    sources = f"""
[[newsletters.daily.sources]]
name = "Wire"
kind = "feed"
location = "{site.url("/feed.xml")}"
[[newsletters.daily.sources]]
name = "Broken"
kind = "feed"
location = "{site.url("/broken.xml")}"
[[newsletters.daily.sources]]
name = "Copy"
kind = "folder"
location = "copy"
section = "culture"
"""
    (tmp_path / "copy").mkdir()
    room = Newsroom(tmp_path, settings=SETTINGS + sources, environment={"DIGEST_FETCH_ALLOW_HOSTS": site.host})
    room.clock = Clock()
    yield room
    room.app.close()
