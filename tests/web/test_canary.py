"""The link that no reader sees, in a browser; and the page at its end."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from digest.deliver.message import Links
from digest.render.edition import Renderer
from digest.render.slots import SLOTS, Part
from tests.contracts.sender import ALICE
from tests.render.editions import story, with_stories
from tests.web.browser import Browser
from tests.web.conftest import Site, read


def test_its_page_says_that_nothing_happened_and_nothing_does(site: Site) -> None:
    site.room.subscribe("Alice")
    before = site.everything_stored()

    page = site.http.get("/canary")

    assert page.status_code == 200
    assert "There is nothing to see here" in read(page)
    assert page.headers["x-robots-tag"] == "noindex"
    assert "set-cookie" not in page.headers
    assert site.http.post("/canary").status_code == 405
    assert site.everything_stored() == before


def test_it_is_the_address_that_the_mail_carries(site: Site) -> None:
    links: Links = site.room.app.links(site.room.approved())

    assert links.canary_url() == "https://digest.harbour.example/canary"


def _mails(folder: Path, theme: str, language: str) -> tuple[str, str]:
    """Addresses of the same edition: as it is, and with the link."""
    # Without images, which would be asked for.
    plain = with_stories(story(), story("Dan mends the railing"), language=language)
    tracked = replace(plain, envelope=replace(plain.envelope, track_clicks=True))
    slots = {name: f"https://riverbend.example/{name}" for name in SLOTS} | {"name": ALICE.name}
    addresses = []
    for name, one in (("plain", plain), ("tracked", tracked)):
        file = folder / f"{name}.html"
        file.write_text(Part.of_html(Renderer().render(one, theme).html).fill(slots), encoding="utf-8")
        addresses.append(file.as_uri())
    return addresses[0], addresses[1]


@pytest.mark.browser
@pytest.mark.parametrize(
    ("theme", "language", "seen"),
    [
        ("classic", "en", {"width": 1280}),
        ("classic", "he", {"width": 390, "dark": True}),
        ("plain", "en", {"width": 390}),
    ],
)
def test_a_mail_with_it_looks_the_same(
    browser: Browser, tmp_path: Path, theme: str, language: str, seen: dict[str, Any]
) -> None:
    pictures = []
    for address in _mails(tmp_path, theme, language):
        tab = browser.open(address, height=2400, **seen)
        pictures.append(base64.b64decode(tab.picture()))
        tab.close()

    assert pictures[0] == pictures[1]
    assert len(pictures[0]) > 10_000, "a picture of something"


@pytest.mark.browser
def test_neither_the_tab_key_nor_a_screen_reader_comes_upon_it(browser: Browser, tmp_path: Path) -> None:
    tab = browser.open(_mails(tmp_path, "classic", "en")[1])
    assert tab.evaluate("document.querySelectorAll('a[href$=canary_url]').length") == 1

    focused = []
    for _ in range(tab.evaluate("document.links.length")):
        tab.press("Tab")
        focused.append(tab.evaluate("document.activeElement.href || ''"))

    assert any(link.endswith("unsubscribe_url") for link in focused)
    assert not any("canary" in link for link in focused)
    assert not any("canary" in str(node) for node in tab.spoken())
