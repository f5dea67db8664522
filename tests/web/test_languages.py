"""Whom a page speaks to decides its language: the reader's choice, then the newsletter's, then the browser's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import subscribers
from digest.languages import LANGUAGES, wished
from tests.newsroom import SETTINGS, Newsroom
from tests.web.conftest import Site, read, site_of

#: The Harbour Post is in English, the Weekend Post in French.
IN_TWO = SETTINGS.replace("[newsletters.weekend]", '[newsletters.weekend]\nlanguage = "fr"', 1)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    room = Newsroom(tmp_path, settings=IN_TWO)
    with site_of(room) as made:
        yield made
    room.app.close()


def speaks(site: Site, who: int, language: str) -> None:
    with site.room.app.database.write() as conn:
        subscribers.set_preferences(conn, who, at=site.room.app.clock(), language=language)


def owe(site: Site, who: int, notice: str, newsletter: str = "daily") -> None:
    with site.room.app.database.write() as conn:
        site.room.app.notices.plan(conn, notice, newsletter, who)


def test_a_reader_who_chooses_hebrew_sees_the_very_next_page_in_it_from_right_to_left(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")

    saved = site.post(site.preferences_link(alice), form="choices", newsletter="daily", language="he")

    assert '<html lang="he" dir="rtl">' in saved.text
    assert "נשמר." in read(saved)
    assert "<bdi>alice@example.com</bdi>" in saved.text


def test_every_page_behind_a_readers_links_speaks_their_language(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    speaks(site, alice, "ar")
    tokens, now = site.room.app.tokens, site.room.app.clock()
    leave = site.leave_link(alice)
    pages = [
        site.http.get(leave),
        site.http.get(site.preferences_link(alice)),
        site.http.get(f"/data/{tokens.data(alice, 'daily', at=now)}"),
        site.http.get(f"/confirm/{tokens.confirm(alice, 'daily', at=now)}"),
        site.post(leave, form="leave"),
        site.http.get(leave.replace("/leave/", "/back/")),
        site.post(leave.replace("/leave/", "/why/"), form="why", why="other"),
        site.post(leave.replace("/leave/", "/back/"), form="back"),
    ]

    assert [page.status_code for page in pages] == [200] * len(pages)
    for page in pages:
        assert '<html lang="ar" dir="rtl">' in page.text, page.url


def test_the_day_a_pause_ends_is_written_in_the_readers_language(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    speaks(site, alice, "de")

    paused = site.post(site.preferences_link(alice), form="pause")

    assert "Pausiert bis zum" in read(paused) or "Pause bis" in read(paused)
    assert not any(month in read(paused) for month in ("January", "December"))


def test_a_language_without_words_of_ours_gets_the_newsletters(site: Site) -> None:
    [alice] = site.room.subscribe("Alice", newsletter="weekend")
    speaks(site, alice, "fi")

    assert '<html lang="fr"' in site.http.get(site.leave_link(alice, "weekend")).text


def test_a_browser_that_asks_for_german_changes_no_readers_page(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    german = {"Accept-Language": "de-DE,de;q=0.9,fr;q=0.8"}

    for link in (site.leave_link(alice), site.preferences_link(alice), "/join/daily", "/link/daily"):
        assert '<html lang="en"' in site.http.get(link, headers=german).text, link


@pytest.mark.parametrize("link", ["/", "/leave/forged", "/no/such/page", "/leave"])
def test_where_nothing_is_known_the_browser_chooses_among_the_newsletters_languages(site: Site, link: str) -> None:
    def language(asked: str) -> str:
        return site.http.get(link, headers={"Accept-Language": asked}).text.partition('lang="')[2][:2]

    assert language("fr-CA,fr;q=0.9,en;q=0.5") == "fr"
    assert language("de,en;q=0.5") == "en"
    assert language("de") == "en", "no newsletter is in German"


def test_a_stranger_who_types_an_address_in_does_not_learn_its_language(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    speaks(site, alice, "he")

    known = site.post("/join/daily", form="join", address="alice@example.com")
    unknown = site.post("/join/daily", form="join", address="olice@example.com")

    assert known.text.replace("alice@", "olice@") == unknown.text


@pytest.mark.parametrize(
    ("notice", "language", "subject"),
    [
        ("link", "fr", "Votre lien pour The Harbour Post"),
        ("link", "fi", "Your link for The Harbour Post"),
        ("data", "he", "המידע שלך אצל The Harbour Post"),
    ],
)
def test_a_notice_speaks_the_readers_language(site: Site, notice: str, language: str, subject: str) -> None:
    [alice] = site.room.subscribe("Alice")
    speaks(site, alice, language)
    owe(site, alice, notice)

    [mail] = site.mail()

    assert mail["Subject"] == subject
    html = mail.get_body(("html",))
    assert html is not None
    assert ('dir="rtl"' in html.get_content()) == (language == "he")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("fr", "fr"),
        ("FR-ca", "fr"),
        ("de, fr;q=0.5, en;q=0.8", "en"),
        ("en;q=0, fr;q=0.1", "fr"),
        ("en;q=x, fr", "fr"),
        ("", ""),
        ("*", ""),
        (",;,;q=,", ""),
        ("zz-" * 10_000, ""),
    ],
)
def test_what_a_browser_wishes_is_read_whatever_it_writes(asked: str, said: str) -> None:
    assert wished(asked, {"en", "fr"}) == said


def test_every_language_has_a_name_and_words() -> None:
    import tomllib

    from digest.render.environment import templates_folder

    said = tomllib.loads((templates_folder() / "web" / "words.toml").read_text(encoding="utf-8"))
    assert set(said) == set(LANGUAGES)


# --- What is recorded --------------------------------------------------------------------------------------


def recorded(tmp_path: Path, settings: str, link: str = "") -> str:
    room = Newsroom(tmp_path, settings=settings)
    [alice] = room.subscribe("Alice")
    room.subscribe("Alice", newsletter="weekend")
    with site_of(room) as site:
        page = read(site.http.get(link or site.preferences_link(alice)))
    room.app.close()
    return page


def test_a_newsletter_that_records_nothing_says_so_and_how_long_it_is_kept_who_got_it(tmp_path: Path) -> None:
    page = recorded(tmp_path, SETTINGS)

    assert "We do not record whether you open an issue or which links you follow." in page
    assert "Which issues came to you is kept for 400 days; after that only figures remain." in page
    assert "What you opened and followed" not in page


def test_each_newsletter_says_what_it_records_where_they_differ(tmp_path: Path) -> None:
    tracks = SETTINGS.replace("[newsletters.daily]", "[newsletters.daily]\ntrack_clicks = true", 1)

    page = recorded(tmp_path, tracks.replace("[ses]", "[privacy]\nkeep_days = 30\n\n[ses]", 1))

    assert "The Harbour Post: We record which links you follow, and not whether you open an issue." in page
    assert "The Weekend Post: We do not record whether you open an issue or which links you follow." in page
    assert "What you opened and followed is kept for 30 days;" in page, "not longer than who got the issue"


def test_what_is_kept_for_ever_is_said_to_be(tmp_path: Path) -> None:
    page = recorded(tmp_path, SETTINGS.replace("[ses]", "[privacy]\nkeep_days = 0\n\n[ses]", 1))

    assert "Which issues came to you is kept until you are erased." in page


def test_the_sign_up_form_says_it_before_anybody_signs_up(tmp_path: Path) -> None:
    tracks = SETTINGS.replace("[newsletters.daily]", "[newsletters.daily]\ntrack_clicks = true\ntrack_opens = true", 1)

    page = recorded(tmp_path, tracks, "/join/daily")

    assert "We record whether you open an issue and which links you follow." in page


def test_it_is_said_in_the_readers_language(tmp_path: Path) -> None:
    page = recorded(tmp_path, SETTINGS.replace("[newsletters.daily]", '[newsletters.daily]\nlanguage = "ar"', 1))

    assert "400 يوم" in page
