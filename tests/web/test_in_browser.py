"""Readers' pages and the preview as Chromium shows them: real clicks, real layout, real policy."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import subscribers
from digest.cli.preview import preview_page
from digest.render.edition import Renderer
from digest.render.environment import templates_folder
from digest.web.live import Live, create_preview
from tests.newsroom import SETTINGS, Newsroom
from tests.web.browser import Browser, Tab
from tests.web.conftest import Site, served, site_of

pytestmark = pytest.mark.browser

#: The least contrast of any text on the page with the ground it stands on, and the text.
FAINTEST = """(() => {
  const parts = c => c.match(/[\\d.]+/g).map(Number);
  const linear = v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = c => { const [r, g, b] = parts(c).map(v => linear(v / 255));
                       return .2126 * r + .7152 * g + .0722 * b };
  const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
                        if (parts(c)[3] !== 0) return c } return 'rgb(255, 255, 255)' };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) { const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !e.checkVisibility()) continue;
    const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
    found.push([(a + .05) / (b + .05), walker.currentNode.data.trim()]) }
  return found.sort((x, y) => x[0] - y[0])[0] })()"""

SMALLEST_TARGET = """[...document.querySelectorAll(
    'main button, main a, main label.tick, main .field input, main select, main textarea, header a')]
  .map(e => [e.getBoundingClientRect().height, e.innerText]).sort((x, y) => x[0] - y[0])[0]"""

SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"


def _state(room: Newsroom, subscriber_id: int, newsletter: str = "daily") -> str:
    with room.app.database.read() as conn:
        place = subscribers.standing(conn, subscriber_id, newsletter)
    return place.state if place else "never joined"


# --- Readers -----------------------------------------------------------------------------------------------


def test_a_reader_leaves_by_pressing_the_button(site: Site, browser: Browser) -> None:
    [alice] = site.room.subscribe("Alice")
    tab = browser.open(site.url + site.leave_link(alice), width=390)
    assert _state(site.room, alice) == "active"

    tab.click("button", loads=True)

    assert "You have left" in tab.text()
    assert _state(site.room, alice) == "left"
    tab.close()


def test_a_reader_goes_on_to_her_preferences_and_changes_them(site: Site, browser: Browser) -> None:
    [alice] = site.room.subscribe("Alice")
    tab = browser.open(site.url + site.leave_link(alice), width=390)

    tab.click("main a", loads=True)
    tab.click("input[value=weekend]")
    tab.click("button[type=submit]", loads=True)

    assert "Saved." in tab.text()
    assert (_state(site.room, alice), _state(site.room, alice, "weekend")) == ("active", "active")
    tab.click("button.second", loads=True)
    assert (_state(site.room, alice), _state(site.room, alice, "weekend")) == ("left", "left")
    tab.close()


def test_a_reader_leaves_with_the_keyboard_and_sees_where_she_is(site: Site, browser: Browser) -> None:
    [alice] = site.room.subscribe("Alice")
    tab = browser.open(site.url + site.leave_link(alice))

    for wanted in ("A", "BUTTON"):
        tab.press("Tab")
        assert tab.evaluate("document.activeElement.tagName") == wanted
        assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    tab.press("Enter")

    tab.wait_for("document.body.innerText.includes('You have left')")
    assert _state(site.room, alice) == "left"
    tab.close()


@pytest.mark.parametrize(("language", "dark"), [("en", False), ("de", True), ("he", True)])
def test_readers_pages_fit_a_phone_can_be_read_and_can_be_hit_by_a_thumb(
    tmp_path: Path, browser: Browser, language: str, dark: bool
) -> None:
    settings = SETTINGS
    for slug in ("daily", "weekend"):
        settings = settings.replace(f"[newsletters.{slug}]", f'[newsletters.{slug}]\nlanguage = "{language}"', 1)
    room = Newsroom(tmp_path, settings=settings)
    [alice] = room.subscribe(f"Alice{'-of-the-very-long-name' * 2}")
    with room.app.database.write() as conn:
        address = subscribers.get(conn, alice).address
        subscribers.suppress(conn, address, reason=subscribers.Reason.BOUNCE, at=room.app.clock())

    with site_of(room) as site:
        tab = browser.open(site.url, width=320, height=700, dark=dark)
        for path in (site.leave_link(alice), site.preferences_link(alice), "/leave/not-a-link"):
            tab.go(site.url + path)
            ratio, text = tab.evaluate(FAINTEST)
            assert ratio >= 4.5, text
            assert tab.evaluate(SIDEWAYS) <= 0
            height, target = tab.evaluate(SMALLEST_TARGET) or (44, "")
            assert height >= 44, target
            assert tab.evaluate("getComputedStyle(document.body).direction") == ("rtl" if language == "he" else "ltr")
        tab.close()
    room.app.close()


def test_the_view_in_browser_looks_as_the_mail_does_under_its_policy(site: Site, browser: Browser) -> None:
    issue = site.room.approved()

    tab = browser.open(site.url + site.view_link(issue), width=390, dark=True)

    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") != "rgba(0, 0, 0, 0)"
    assert tab.evaluate("document.querySelector('.preheader').checkVisibility()") is False
    assert tab.evaluate("document.body.innerText.includes('Choose what you get')")
    assert not tab.evaluate("document.body.innerText.includes('View in browser')"), "who is here needs no link to here"
    assert [said for said in tab.complaints if "favicon" not in said and "404" not in said] == []
    assert all(url.startswith(site.url) for url in tab.requests)
    tab.close()


# --- The preview -------------------------------------------------------------------------------------------

HOSTILE = (
    "</iframe></script><script>fetch('http://evil.example/')</script>"
    "<img src=http://evil.example/x onerror=alert(1)> \"'&quot;"
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the preview of an issue with a hostile headline was written."""
    room = Newsroom(tmp_path_factory.mktemp("preview"))
    room.write_article(HOSTILE, "The board met in the evening. It decided nothing at all about the pier, again.")
    file = room.folder / "preview.html"
    file.write_text(preview_page(room.app, room.app.proofs.proof(room.draft().id)), encoding="utf-8")
    room.app.close()
    return file.as_uri()


@pytest.fixture
def preview(browser: Browser, page: str) -> Iterator[Tab]:
    tab = browser.open(page, width=1600, height=1000)
    yield tab
    tab.close()


def test_the_preview_shows_every_edition_in_every_frame(preview: Tab) -> None:
    titles = preview.evaluate("[...document.querySelectorAll('iframe')].map(frame => frame.title)")

    kinds = ["Desktop", "Phone", "Phone, dark", "Desktop, dark", "Phone, images off"]
    assert titles == [f"{kind}, edition {key}" for key in ("ask", "thanks") for kind in kinds]
    shown = preview.in_frames("document.body.innerText")
    assert len(shown) == len(titles)
    assert all("The north pier will be rebuilt" in text for text in shown)
    assert sum("Keep the lighthouse lit" in text for text in shown) == len(kinds)


def test_dark_frames_are_dark_and_the_others_light_whatever_the_editors_screen_is(browser: Browser, page: str) -> None:
    brightness = (
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + +b, 0)"
    )

    for dark_screen in (False, True):
        tab = browser.open(page, dark=dark_screen)
        order = tab.evaluate("[...document.querySelectorAll('iframe')].map(frame => frame.title.includes('dark'))")
        found = sorted(tab.in_frames(brightness))
        tab.close()
        assert max(found[: sum(order)]) < 3 * 60
        assert min(found[sum(order) :]) > 3 * 200


def test_a_mail_fits_the_phone_that_it_is_shown_on(preview: Tab) -> None:
    widths = [wide for wide, _ in preview.in_frames("[innerWidth, document.documentElement.scrollWidth]")]
    assert sorted(set(widths)) == [390, 700]
    for width, needed in preview.in_frames("[innerWidth, document.documentElement.scrollWidth]"):
        assert needed <= width


def test_the_preview_page_does_not_scroll_sideways_and_can_be_read(preview: Tab) -> None:
    for width in (1600, 1280, 800):
        preview.resize(width)
        assert preview.evaluate(SIDEWAYS) <= 0
    ratio, text = preview.evaluate(FAINTEST)
    assert ratio >= 4.5, text


def test_nothing_in_the_preview_asks_the_network_for_anything_or_runs(preview: Tab) -> None:
    assert [url for url in preview.requests if not url.startswith("file:")] == []
    assert preview.evaluate("document.scripts.length") == 0
    assert "evil.example" in preview.text(), "the headline is shown as it was written"


def test_whole_length_shows_a_mail_to_its_end(preview: Tab) -> None:
    before = preview.in_frames("innerHeight")
    preview.click("#whole")

    preview.wait_for("document.querySelector('iframe').clientHeight > 1000")
    assert set(before) == {844}
    # A frame is a process of its own, and hears of its new height a moment later, or when it comes into sight.
    for at in range(60):
        preview.evaluate(f"[...document.querySelectorAll('iframe')].at({at} % 10)?.scrollIntoView()")
        cut = [
            (height, needed)
            for height, needed in preview.in_frames("[innerHeight, document.documentElement.scrollHeight]")
            if height < needed
        ]
        if not cut:
            break
        time.sleep(0.1)
    assert not cut


def test_a_frame_cannot_run_scripts_or_reach_the_page_around_it(preview: Tab) -> None:
    assert preview.evaluate("[...document.querySelectorAll('iframe')].every(f => f.contentDocument === null)")
    sandboxes = set(preview.evaluate("[...document.querySelectorAll('iframe')].map(f => f.sandbox.value)"))
    assert sandboxes == {"allow-popups allow-popups-to-escape-sandbox"}


def test_the_open_preview_follows_the_theme_shows_a_mistake_and_comes_back(tmp_path: Path, browser: Browser) -> None:
    theme = tmp_path / "themes" / "harbour"
    shutil.copytree(templates_folder() / "email" / "themes" / "classic", theme)
    settings = SETTINGS.replace("[ses]", '[paths]\nthemes = "themes"\n\n[ses]')
    room = Newsroom(
        tmp_path, settings=settings.replace("[newsletters.daily]", '[newsletters.daily]\ntheme = "harbour"', 1)
    )
    issue = room.draft()
    body = (theme / "body.txt").read_text(encoding="utf-8")

    def page(version: str) -> str:
        return preview_page(room.app, room.app.proofs.proof(issue.id), version=version)

    with served(create_preview(Live(page, [theme.parent], lambda: ""))) as url:
        tab = browser.open(url)
        (theme / "body.txt").write_text(f"Hello from the designer\n{body}", encoding="utf-8")
        tab.wait_for("document.body.innerText.includes('Hello from the designer')")
        (theme / "body.txt").write_text("{% if %}", encoding="utf-8")
        tab.wait_for("document.body.innerText.includes('themes/harbour/body.txt:1')")
        (theme / "body.txt").write_text(body, encoding="utf-8")
        tab.wait_for("document.body.innerText.includes('What the check found')")
        assert all(asked.startswith(url) for asked in tab.requests)
        tab.close()
    room.app.close()


# --- Notices -----------------------------------------------------------------------------------------------


def test_the_button_of_a_notice_stands_below_its_words_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    renderer = Renderer(templates_folder())
    notice = renderer.render_notice("confirm", "en", renderer.notice_sample("confirm"))
    page = tmp_path / "confirm.html"
    page.write_text(notice.html, encoding="utf-8")

    tab = browser.open(page.as_uri(), width=390)

    left = "Math.round(document.querySelector('{}').getBoundingClientRect().left)"
    assert tab.evaluate(left.format(".first a")) == tab.evaluate(left.format("h1.ask"))
    assert tab.evaluate(SIDEWAYS) == 0
    tab.close()
