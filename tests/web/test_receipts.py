"""The receipts of the preview in Chromium: pointed at, tapped, by keyboard, heard, in the dark, from right to left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from digest.articles.summaries.ladder import summarise
from digest.cli.preview import preview_page
from digest.desk.editing import Edits
from digest.model import Article
from digest.store import articles
from tests.articles.summaries.towns import PIER, TOWNS
from tests.newsroom import Newsroom
from tests.web import axe
from tests.web.browser import Browser, Tab
from tests.web.test_in_browser import FAINTEST, SIDEWAYS

pytestmark = pytest.mark.browser

OWN = "The north pier will be rebuilt for $4.5 million, says Paul Vale. A storm took half of it away four years ago."
FIRST, SECOND = "#story-1 .n1", "#story-1 .n2"


def _kept(room: Newsroom, article: Article) -> None:
    with room.app.database.write() as conn:
        found = articles.save(conn, article, summarise(article), at=room.app.clock())
        articles.offer(conn, found, "daily", section="news", pinned=True, at=room.app.clock())


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A preview of a story that an editor summarised and of three extracts: in English, Hebrew and Arabic."""
    room = Newsroom(tmp_path_factory.mktemp("receipts"))
    towns = {town.article.language: town.article for town in TOWNS}
    for article in (towns["ar"], towns["he"], towns["de"], PIER.article):
        _kept(room, article)
    issue = room.app.drafting.draft(room.daily, actor="Nora").issue
    with room.app.database.read() as conn:
        from digest.store import issues

        languages = [story.language for story in issues.stories(conn, issue.id)]
    edits = Edits(move=[(languages.index("en") + 1, 1)], summaries={languages.index("en") + 1: OWN})
    room.app.editing.edit(issue.id, edits, actor="Nora")
    file = room.folder / "preview.html"
    file.write_text(preview_page(room.app, room.app.proofs.proof(issue.id)), encoding="utf-8")
    room.app.close()
    return file.as_uri()


@pytest.fixture
def desk(browser: Browser, page: str) -> Iterator[Tab]:
    tab = browser.open(page, width=1280, height=900)
    yield tab
    tab.close()


@pytest.fixture
def phone(browser: Browser, page: str) -> Iterator[Tab]:
    tab = browser.open(page, width=390, height=844)
    yield tab
    tab.close()


#: Is the source of a sentence on the screen, and on top of what is there?
_SEEN = """(sentence => { const source = document.querySelector(`${sentence} .source blockquote`);
  if (!source.checkVisibility({contentVisibilityAuto: true})) return false;
  const box = source.getBoundingClientRect();
  if (!box.height || box.left < 0 || box.right > innerWidth) return false;
  return source.contains(document.elementFromPoint(box.x + box.width / 2, box.y + 8)) })"""


def seen(tab: Tab, sentence: str) -> bool:
    return bool(tab.evaluate(f"{_SEEN}('{sentence}')"))


def wait_to_see(tab: Tab, sentence: str) -> None:
    """The page scrolls there smoothly."""
    tab.wait_for(f"{_SEEN}('{sentence}')")


def lit(tab: Tab) -> list[str]:
    """The parts of the first article that stand out from the others that are marked."""
    return list(
        tab.evaluate(
            """(() => { const strong = document.createElement('i'); document.body.append(strong);
            strong.style.background = 'var(--marked)'; const lit = getComputedStyle(strong).backgroundColor;
            strong.remove();
            return [...document.querySelectorAll('#story-1 .article mark')]
              .filter(mark => getComputedStyle(mark).backgroundColor === lit).map(mark => mark.innerText) })()"""
        )
    )


def show(tab: Tab, sentence: str) -> None:
    tab.evaluate(f"document.querySelector('{sentence}').scrollIntoView({{block: 'center', behavior: 'instant'}})")


# --- With a mouse, a keyboard, a finger --------------------------------------------------------------------


def test_pointing_at_a_sentence_shows_what_it_rests_on_beside_it_and_in_the_article(desk: Tab) -> None:
    assert not seen(desk, FIRST)
    assert lit(desk) == []

    desk.point(f"{FIRST} > summary")

    assert seen(desk, FIRST)
    assert not seen(desk, SECOND)
    assert "$4.5 million in all" in desk.evaluate(f"document.querySelector('{FIRST} .source').innerText")
    assert any("$4.5 million in all" in part for part in lit(desk))

    desk.point(f"{SECOND} > summary")
    assert (seen(desk, FIRST), seen(desk, SECOND)) == (False, True)
    desk.point("h1")
    assert (seen(desk, SECOND), lit(desk)) == (False, [])


def test_the_pointer_may_go_into_what_is_shown(desk: Tab) -> None:
    desk.point(f"{FIRST} > summary")
    desk.point(f"{FIRST} .source blockquote")

    assert seen(desk, FIRST)


def test_pointing_moves_nothing_on_the_page(desk: Tab) -> None:
    show(desk, FIRST)
    place = f"document.querySelector('{SECOND}').getBoundingClientRect().y"
    before = desk.evaluate(place)

    desk.point(f"{FIRST} > summary")

    assert seen(desk, FIRST)
    assert desk.evaluate(place) == before


def test_the_keyboard_goes_from_sentence_to_sentence_and_enter_keeps_one_open(desk: Tab) -> None:
    desk.evaluate("document.querySelector('#story-1 > summary').focus()")

    desk.press("Tab")
    wait_to_see(desk, FIRST)
    assert lit(desk)
    desk.press("Tab")
    wait_to_see(desk, SECOND)
    assert not seen(desk, FIRST)
    desk.press("Enter")
    assert desk.evaluate(f"document.querySelector('{SECOND}').open")
    desk.press("Tab")
    assert desk.evaluate("document.activeElement.innerText") == "See it in the article"
    desk.press("Enter")

    assert desk.evaluate("document.querySelector('mark:target').innerText").startswith("The harbour board voted")
    desk.wait_for(
        "(() => { const box = document.querySelector('mark:target').getBoundingClientRect();"
        "return box.top >= 0 && box.bottom <= innerHeight })()"
    )


def test_a_tap_opens_the_source_below_the_sentence_and_another_closes_it(phone: Tab) -> None:
    show(phone, FIRST)
    below = f"document.querySelector('{SECOND}').getBoundingClientRect().y"
    before = phone.evaluate(below)

    phone.tap(f"{FIRST} > summary")
    phone.wait_for(f"document.querySelector('{FIRST}').open")
    assert seen(phone, FIRST)
    assert phone.evaluate(below) > before
    assert any("$4.5 million in all" in part for part in lit(phone))

    phone.tap(f"{FIRST} > summary")
    phone.wait_for(f"!document.querySelector('{FIRST}').open")


def test_a_sentence_is_large_enough_for_a_thumb(phone: Tab) -> None:
    sizes = "[...document.querySelectorAll('.sentence > summary, .receipt > summary')].map(e => e.offsetHeight)"
    assert min(phone.evaluate(sizes)) >= 44


# --- For who hears the page --------------------------------------------------------------------------------


def test_a_screen_reader_hears_the_sentence_and_what_it_rests_on_without_opening_anything(desk: Tab) -> None:
    spoken = [node for node in desk.spoken() if node["role"]["value"] == "DisclosureTriangle"]
    heard = {node["name"]["value"]: node.get("description", {}).get("value", "") for node in spoken}

    [(name, description)] = [
        found for found in heard.items() if found[0].startswith("The north pier will be rebuilt f")
    ]
    assert "Paul Vale name?" in " ".join(name.split())
    assert "Rests on paragraph" in description
    assert "$4.5 million in all" in description


def test_what_the_article_lacks_is_said_in_words_and_not_by_colour_alone(desk: Tab) -> None:
    told = desk.evaluate("document.querySelector('#story-1').innerText")

    assert "Not in the article: name “Paul Vale”" in told
    assert "1 name" in desk.evaluate("document.querySelector('#story-1 > summary').innerText")
    lines = desk.evaluate("getComputedStyle(document.querySelector('#story-1 u.grave')).textDecorationStyle")
    assert lines == "wavy"
    assert desk.evaluate("document.querySelectorAll('.receipt:not(#story-1) u').length") == 0, "extracts have none"


# --- In every direction, light and dark --------------------------------------------------------------------


def grave(tab: Tab) -> list[str]:
    """What axe finds around the mails' own frames."""
    return axe.findings(tab, axe.SERIOUS, asked="{exclude: [['iframe']]}, {iframes: false}")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("dark", [False, True])
def test_the_page_can_be_read_does_not_scroll_sideways_and_has_nothing_serious_for_axe(
    browser: Browser, page: str, dark: bool, width: int
) -> None:
    tab = browser.open(page, width=width, height=900, dark=dark)
    tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")

    assert grave(tab) == []
    assert tab.evaluate(SIDEWAYS) <= 0
    ratio, text = tab.evaluate(FAINTEST)
    assert ratio >= 4.5, text
    ground = tab.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)")
    assert (max(ground) < 60) is dark
    tab.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_hebrew_story_stands_from_right_to_left_and_its_source_is_on_the_screen(
    browser: Browser, page: str, width: int
) -> None:
    tab = browser.open(page, width=width, height=900)
    story = tab.evaluate("document.querySelector('ol.said[lang=he]').closest('.receipt').id")
    sentence = f"#{story} .n1"
    show(tab, sentence)

    tab.point(f"{sentence} > summary")

    assert seen(tab, sentence)
    for part in (f"#{story} ol.said", f"{sentence} blockquote", f"#{story} .article"):
        assert tab.evaluate(f"getComputedStyle(document.querySelector('{part}')).direction") == "rtl"
        assert tab.evaluate(f"document.querySelector('{part}').lang") == "he"
    tab.close()


def test_the_page_runs_nothing_and_asks_for_nothing(desk: Tab) -> None:
    assert desk.evaluate("document.scripts.length") == 0
    assert [url for url in desk.requests if not url.startswith("file:")] == []
    assert desk.complaints == []
