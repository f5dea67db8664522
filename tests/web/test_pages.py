"""What all readers' pages have alike: headers, languages, colours, and a page of ours whatever happens."""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from digest.render.environment import templates_folder
from digest.render.theme import contrast
from digest.settings import load
from tests.newsroom import SETTINGS, Clock, Newsroom
from tests.web.conftest import Site, read, site_of

WORDS = tomllib.loads((templates_folder() / "web" / "words.toml").read_text(encoding="utf-8"))


def _pages(site: Site) -> Iterator[httpx.Response]:
    [alice] = site.room.subscribe("Alice")
    yield site.http.get(site.leave_link(alice))
    yield site.http.get(site.preferences_link(alice))
    yield site.http.get(site.view_link(site.room.approved()))
    yield site.one_click(site.leave_link(alice))
    yield site.http.get("/")
    yield site.http.get("/leave/not-a-link")
    yield site.http.get("/no/such/page")


def test_every_page_forbids_scripts_caches_frames_search_engines_and_referrers(site: Site) -> None:
    for page in _pages(site):
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["x-robots-tag"] == "noindex"
        assert page.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in page.headers
        assert "<script" not in page.text


def test_no_page_loads_anything_from_anywhere(site: Site) -> None:
    for page in _pages(site):
        assert not re.findall(r"(?:src=|@import|url\(|<link)", page.text)


def test_head_says_what_get_would(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    links = [site.leave_link(alice), site.preferences_link(alice), site.view_link(site.room.approved())]

    for path in ("/", "/health", "/leave", "/no/such/page", *links):
        got, head = site.http.get(path), site.http.head(path)
        assert (head.status_code, head.content) == (got.status_code, b"")
        assert head.headers["content-length"] == got.headers["content-length"]


def test_an_unknown_path_gets_our_page_and_no_programs_words(site: Site) -> None:
    for path in ("/no/such/page", "/favicon.ico", "/docs", "/openapi.json", "/leaves", "/%F0%9F%93%B0"):
        answer = site.http.get(path)
        assert answer.status_code == 404
        assert "There is no such page" in read(answer)


def test_a_method_that_is_not_meant_gets_our_page_and_hears_which_are(site: Site) -> None:
    answer = site.http.put("/leave")

    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
    assert "There is no such page" in read(answer)


def test_health_says_ok(site: Site) -> None:
    answer = site.http.get("/health")

    assert (answer.status_code, answer.text) == (200, "ok")


# --- When the database is down -----------------------------------------------------------------------------


@pytest.fixture
def down(newsroom: Newsroom) -> Iterator[Site]:
    """The pages of a newsroom whose database broke after they came up."""
    [alice] = newsroom.subscribe("Alice")
    assert alice == 1
    with site_of(newsroom) as site:
        newsroom.app.close()
        file = Path(newsroom.app.settings["database.url"].removeprefix("sqlite:///"))
        for name in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
            name.unlink(missing_ok=True)
        file.write_bytes(b"this was a database once, and is none any more" * 100)
        yield site


def test_a_database_that_is_down_gives_a_polite_page_and_a_time_to_come_again(down: Site) -> None:
    for answer in (
        down.http.get(down.leave_link(1)),
        down.one_click(down.leave_link(1)),
        down.http.post(down.preferences_link(1), data={"form": "choices"}),
        down.http.get("/health"),
    ):
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert "Please try again in a few minutes." in read(answer)
        assert "database" not in answer.text
        assert answer.headers["cache-control"] == "no-store"


def test_the_log_says_what_is_wrong_with_the_database_and_never_whose_link_it_was(
    down: Site, caplog: pytest.LogCaptureFixture
) -> None:
    link = down.leave_link(1)

    down.one_click(link)

    assert "not a database" in caplog.text
    assert link.rpartition("/")[2] not in caplog.text


def test_a_page_that_needs_no_database_is_there_all_the_same(down: Site) -> None:
    assert down.http.get("/leave").status_code == 200


def test_our_own_mistake_gives_the_same_polite_page(site: Site) -> None:
    class StoppedClock(Clock):
        def __call__(self) -> datetime:
            raise ZeroDivisionError("alice@example.com")

    [alice] = site.room.subscribe("Alice")
    site.room.clock = StoppedClock()

    answer = site.one_click(site.leave_link(alice))

    assert answer.status_code == 500
    assert "Please try again in a few minutes." in read(answer)
    assert "ZeroDivisionError" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


# --- Languages ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", sorted(WORDS))
def test_every_page_speaks_the_newsletters_language(tmp_path: Path, language: str) -> None:
    settings = SETTINGS.replace("[newsletters.daily]", f'[newsletters.daily]\nlanguage = "{language}"', 1)
    room = Newsroom(tmp_path, settings=settings)
    [alice] = room.subscribe("Alice")
    said = WORDS[language]

    with site_of(room) as site:
        leave = site.http.get(site.leave_link(alice))
        choices = site.http.get(site.preferences_link(alice))
        left = site.one_click(site.leave_link(alice))
        lost = site.http.get("/no/such/page")
    room.app.close()

    assert said["leave_question"].format(name="The Harbour Post", address="alice@example.com") in read(leave)
    assert said["preferences_title"] in read(choices)
    assert said["left_title"] in read(left)
    assert said["lost_title"] in read(lost)
    way = "rtl" if language in ("he", "ar") else "ltr"
    for page in (leave, choices, left, lost):
        assert f'<html lang="{language}" dir="{way}">' in page.text


def test_an_address_in_a_hebrew_sentence_keeps_its_own_direction(tmp_path: Path) -> None:
    room = Newsroom(
        tmp_path, settings=SETTINGS.replace("[newsletters.daily]", '[newsletters.daily]\nlanguage = "he"', 1)
    )
    [alice] = room.subscribe("Alice")

    with site_of(room) as site:
        page = site.http.get(site.leave_link(alice)).text
    room.app.close()

    assert "<bdi>alice@example.com</bdi>" in page


def test_every_language_has_the_same_words_with_the_same_places() -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for language, words in WORDS.items():
        assert words.keys() == WORDS["en"].keys(), language
        for key, text in words.items():
            assert places(text) == places(WORDS["en"][key]), f"{language} {key}"


def test_every_language_that_a_newsletter_may_have_has_words(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(SETTINGS)
    assert load({}, file=tmp_path / "settings.toml").newsletter("daily").language in WORDS
    assert {file.stem for file in (templates_folder() / "email" / "words").glob("*.toml")} == set(WORDS)


# --- Colours -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_enough_from_its_ground(scheme: str) -> None:
    css = (templates_folder() / "web" / "style.css").read_text(encoding="utf-8")
    palettes = [dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", rule)) for rule in re.findall(r":root \{(.*?)\}", css)]
    colours = palettes[0 if scheme == "light" else 1]

    pairs = [("ink", "paper"), ("soft", "paper"), ("accent", "paper"), ("on", "accent")]
    found = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in pairs}

    assert {pair: ratio for pair, ratio in found.items() if ratio < 4.5} == {}
    assert contrast(colours["good"], colours["paper"]) >= 3  # a bar beside the words, and no words
    assert contrast(colours["bad"], colours["paper"]) >= 3
