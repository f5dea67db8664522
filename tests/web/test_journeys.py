"""A reader's way through all pages in Chromium: by hand, by keyboard alone, in every direction, and what axe says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.responses import HTMLResponse

import subscribers
from tests.newsroom import SETTINGS, Clock, Newsroom
from tests.web import axe
from tests.web.browser import Browser, Tab
from tests.web.conftest import Site, address, served, site_of

pytestmark = pytest.mark.browser

#: A name as long as they come, without a place to break it.
LONG = "Donaudampfschifffahrtsgesellschaftskapitänswochenendnachrichtenblatt"
MORE = """archive = true
tagline = "The morning in nine minutes"
topics = [{ slug = "council", title = "The council" }, { slug = "sea", title = "The sea" }]
language = "LANGUAGE"
"""


def _room(folder: Path, language: str = "en", public_url: str = "https://digest.harbour.example") -> Newsroom:
    more = MORE.replace("LANGUAGE", language)
    settings = SETTINGS.replace("[newsletters.daily]", f"[newsletters.daily]\n{more}", 1)
    settings = settings.replace("https://digest.harbour.example", public_url, 1)
    return Newsroom(
        folder,
        settings=settings.replace('"The Weekend Post"', f'"{LONG}"\nlanguage = "{language}"\ntrack_clicks = true', 1),
    )


@pytest.fixture
def open_site(tmp_path: Path) -> Iterator[Site]:
    room = _room(tmp_path)
    room.clock = Clock()
    with site_of(room) as site:
        yield site
    room.app.close()


def _place(site: Site, address: str = "alice@example.com") -> subscribers.Subscription:
    with site.room.app.database.read() as conn:
        person = subscribers.find(conn, address)
        assert person is not None
        return next(p for p in subscribers.preferences(conn, person.id).subscriptions if p.newsletter == "daily")


def _turn(site: Site) -> None:
    assert isinstance(site.room.clock, Clock)
    site.room.clock.turn(minutes=1)


def test_alice_joins_confirms_chooses_pauses_leaves_and_comes_back(open_site: Site, browser: Browser) -> None:
    site = open_site
    tab = browser.open(f"{site.url}/", width=390)
    tab.click('a[href$="join/daily"]', loads=True)
    tab.evaluate("document.querySelector('#address').focus()")
    tab.type("alice@example.com")
    tab.click("input[value=sea]")
    tab.click("main button", loads=True)
    assert "on its way to alice@example.com" in tab.text()

    tab.go(site.url + site.link_in(site.mail()[-1], "/confirm"))
    assert _place(site).state == "unconfirmed"
    tab.click("main button", loads=True)
    assert "Welcome" in tab.text()
    assert (_place(site).state, _place(site).topics) == ("active", ("sea",))

    tab.go(site.url + site.link_in(site.mail()[-1], "/preferences"))
    tab.evaluate("document.querySelector('select[name=\"often.daily\"]').value = '7'")
    tab.click('input[value="council"]')
    tab.click("form button[type=submit]", loads=True)
    assert "Saved." in tab.text()
    assert (_place(site).min_days, _place(site).topics) == (7, ("council", "sea"))

    tab.click("section[aria-labelledby=pause] button", loads=True)
    assert "Paused until" in tab.text()
    assert _place(site).paused_until is not None
    tab.click("section[aria-labelledby=pause] button", loads=True)
    assert _place(site).paused_until is None

    _turn(site)
    with site.room.app.database.read() as conn:
        person = subscribers.find(conn, "alice@example.com")
    assert person is not None
    tab.go(site.url + site.leave_link(person.id))
    tab.click("main button", loads=True)
    assert "You have left" in tab.text()
    assert _place(site).state == "left"
    tab.click("input[value=too-many]")
    tab.click("section button", loads=True)
    assert "We read every answer." in tab.text()
    assert _place(site).left_why == "too-many"

    _turn(site)
    tab.go(site.url + site.link_in(site.mail()[-1], "/back"))
    tab.click("main button", loads=True)
    assert "You are back" in tab.text()
    assert _place(site).state == "active"
    assert all(url.startswith(site.url) for url in tab.requests), "nobody else hears of it"
    assert [said for said in tab.complaints if "favicon" not in said and "404" not in said] == []
    tab.close()


def test_alice_goes_all_the_way_with_the_keyboard_alone(open_site: Site, browser: Browser) -> None:
    site = open_site
    tab = browser.open(f"{site.url}/join/daily")

    def tab_to(selector: str) -> None:
        for _ in range(40):
            # Between two pages there is nothing that could have the focus.
            tab.wait_for("document.readyState === 'complete' && document.activeElement !== null")
            tab.press("Tab")
            assert tab.evaluate("document.activeElement.id") != "homepage", "the field for programs is not for people"
            assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            if tab.evaluate(f"document.activeElement.matches({json.dumps(selector)})"):
                return
        raise AssertionError(selector)

    def send(then: str) -> None:
        tab_to("button[type=submit]")
        tab.press("Enter")
        tab.wait_for(f"document.body.innerText.includes({json.dumps(then)})")

    tab_to("#address")
    tab.type("alice@example.com")
    tab_to("#name")
    tab.type("Alice")
    tab_to("input[value=sea]")
    tab.press(" ")
    send("on its way to alice@example.com")
    tab.go(site.url + site.link_in(site.mail()[-1], "/confirm"))
    send("from now on")
    assert (_place(site).state, _place(site).topics) == ("active", ("sea",))

    tab.go(site.url + site.link_in(site.mail()[-1], "/preferences"))
    tab_to("select[name='often.daily']")
    tab.press("ArrowDown")
    send("Saved.")
    assert _place(site).min_days == 7
    tab_to("section[aria-labelledby=pause] button")
    tab.press("Enter")
    tab.wait_for("document.body.innerText.includes('Paused until')")
    tab.close()


def test_an_address_that_is_wrong_has_the_focus_and_its_words_are_tied_to_it(open_site: Site, browser: Browser) -> None:
    tab = browser.open(f"{open_site.url}/join/daily", width=390)
    tab.evaluate("document.querySelector('form').noValidate = true; document.querySelector('#address').focus()")
    tab.type("alice@@example")

    tab.click("main button", loads=True)

    tab.wait_for("document.activeElement.id === 'address'")
    described = "document.getElementById(document.activeElement.getAttribute('aria-describedby')).innerText"
    assert "This is not an address" in tab.evaluate(described)
    tab.close()


# --- Every page, every direction, light and dark ---------------------------------------------------------------


def _findings(tab: Tab) -> list[str]:
    """What axe finds on the page, but for the least."""
    return axe.findings(tab, (*axe.SERIOUS, "moderate"))


def _paths(site: Site) -> dict[str, str]:
    [alice] = site.room.subscribe("Alice")
    [bob] = site.room.subscribe("Bob")
    site.room.deliver(site.room.frozen())
    tokens, now = site.room.app.tokens, site.room.app.clock()
    site.post(site.preferences_link(bob), form="pause")
    return {
        "house": "/",
        "join": "/join/daily",
        "link": "/link/daily",
        "confirm": f"/confirm/{tokens.confirm(alice, 'daily', at=now)}",
        "run out": f"/confirm/{tokens.confirm(alice, 'daily', at=now - timedelta(days=9))}",
        "preferences": site.preferences_link(alice),
        "paused": site.preferences_link(bob),
        "leave": site.leave_link(alice),
        "back": f"/back/{tokens.leave(alice, 'daily')}",
        "data": f"/data/{tokens.data(alice, 'daily', at=now)}",
        "archive": "/archive/daily",
        "bad link": "/leave/not-a-link",
        "lost": "/no/such/page",
    }


SMALLEST = """[...document.querySelectorAll(
    'main button, main a, main label.tick, main .field input, main select, main textarea, header a')]
  .map(e => [e.getBoundingClientRect().height, e.innerText || e.id]).sort((x, y) => x[0] - y[0])[0] || [44, '']"""


@pytest.mark.parametrize(
    ("language", "dark", "width"), [("en", False, 390), ("ar", True, 390), ("he", False, 1280), ("de", True, 320)]
)
def test_every_page_passes_axe_fits_its_screen_and_can_be_hit_by_a_thumb(
    tmp_path: Path, browser: Browser, language: str, dark: bool, width: int
) -> None:
    room = _room(tmp_path, language)
    with site_of(room) as site:
        tab = browser.open(site.url, width=width, height=800, dark=dark)

        def look(name: str) -> None:
            assert _findings(tab) == [], name
            assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
            height, target = tab.evaluate(SMALLEST)
            assert height >= 44, f"{name}: {target}"
            way = "rtl" if language in ("ar", "he") else "ltr"
            assert tab.evaluate("getComputedStyle(document.body).direction") == way, name
            assert tab.evaluate("document.querySelectorAll('h1').length") == 1, name

        for name, path in _paths(site).items():
            tab.go(site.url + path)
            look(name)
        tab.go(f"{site.url}/join/daily")
        tab.evaluate("document.querySelector('#address').value = 'carol@example.com'")
        tab.click("main button", loads=True)
        look("check your mail")
        tab.go(site.url + site.leave_link(1))
        tab.click("main button", loads=True)
        look("left")
        tab.close()
    room.app.close()


def test_a_past_issue_has_a_way_around_it_and_nothing_serious_for_axe(open_site: Site, browser: Browser) -> None:
    site = open_site
    site.room.subscribe("Alice")
    issue = site.room.frozen()
    site.room.deliver(issue)

    for dark in (False, True):
        tab = browser.open(f"{site.url}/archive/daily/{issue.number}", width=390, dark=dark)
        assert [found for found in _findings(tab) if "(moderate)" not in found] == []
        assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert [said for said in tab.complaints if "favicon" not in said and "404" not in said] == []
        tab.click("nav a", loads=True)
        assert "past issues" in tab.text()
        tab.close()


def test_who_set_their_browser_to_twice_the_size_reads_twice_the_size_and_scrolls_down_only(
    open_site: Site, browser: Browser
) -> None:
    tab = browser.open(open_site.url, width=640, height=800)
    for name, path in _paths(open_site).items():
        tab.go(open_site.url + path)
        # What the setting does: every rem is twice as large.
        tab.evaluate("document.documentElement.style.fontSize = '32px'")
        assert tab.evaluate("getComputedStyle(document.body).fontSize") == "36px", name
        assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
    tab.close()


# --- Our form on somebody else's page ------------------------------------------------------------------------


def test_the_form_on_a_page_of_another_site_signs_up_without_a_script_and_asks_for_nothing(
    tmp_path: Path, browser: Browser
) -> None:
    room = _room(tmp_path, public_url=address())
    with site_of(room) as ours:
        form = ours.http.get("/join/daily/form.html").text
        policy = f"default-src 'none'; form-action {ours.url}"
        theirs = HTMLResponse(
            f"<!doctype html><html lang=en><title>Their page</title><main><h1>News</h1>{form}</main>",
            headers={"Content-Security-Policy": policy},
        )
        with served(theirs) as url:
            tab = browser.open(url, width=390)
            assert _findings(tab) == []
            assert tab.requests == [f"{url}/"]
            assert not tab.evaluate("document.querySelector('[name=homepage]').checkVisibility()")
            tab.evaluate("document.querySelector('[name=address]').focus()")
            tab.type("carol@example.com")
            tab.press("Enter")
            tab.wait_for("document.body && document.body.innerText.includes('Look into your mail')")
            assert tab.evaluate("location.origin") == ours.url
            tab.close()
        [mail] = ours.mail()
    room.app.close()

    assert str(mail["To"]) == "carol@example.com"
