from __future__ import annotations

import re
from datetime import date

import pytest

from digest.errors import RenderError
from digest.render.environment import templates_folder
from digest.render.words import Words, direction, direction_of, load_words

FOLDER = templates_folder() / "email/words"
LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.toml"))


def words(language: str) -> Words:
    return load_words(FOLDER, language)


def test_the_languages_we_promise_are_there() -> None:
    assert set(LANGUAGES) >= {"en", "fr", "de", "es", "he", "ar"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything_that_english_says(language: str) -> None:
    def places(of: Words) -> dict[str, set[str]]:
        return {key: set(re.findall(r"\{(\w+)\}", said)) for key, said in of.entries.items()}

    assert places(words(language)) == places(words("en"))
    assert all(said.strip() for said in words(language).entries.values())


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "Friday, November 20, 2026"),
        ("de", "Freitag, 20. November 2026"),
        ("fr", "vendredi 20 novembre 2026"),
        ("he", "יום שישי, 20 בנובמבר 2026"),
        ("tlh", "Friday, November 20, 2026"),
    ],
)
def test_a_day_is_written_as_the_language_has_it(language: str, written: str) -> None:
    assert words(language).date(date(2026, 11, 20)) == written


@pytest.mark.parametrize(
    ("names", "said"),
    [("Alice", "By Alice"), ("By Alice", "By Alice"), ("by Alice", "by Alice"), ("Byron", "By Byron")],
)
def test_a_byline_says_by_once(names: str, said: str) -> None:
    assert words("en").byline(names) == said


def test_braces_in_a_name_are_no_place_to_fill_in() -> None:
    assert words("en").byline("Bob {names} {0}") == "By Bob {names} {0}"


def test_words_that_are_not_there_are_named() -> None:
    with pytest.raises(RenderError, match=r"'read_on' are not in email/words/en.toml"):
        words("en").say("read_on")


def test_directions() -> None:
    assert {direction(language) for language in ("he", "ar", "fa", "ar-EG")} == {"rtl"}
    assert {direction(language) for language in ("en", "es", "", "xx")} == {"ltr"}
    assert direction_of("iPhone: המדריך המלא לקונה", "en") == "rtl"
    assert direction_of("12 Mill Lane", "he") == "ltr"
    assert direction_of("2026", "he") == "rtl"
