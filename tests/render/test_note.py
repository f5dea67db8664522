"""The note above the stories: what readers see of it, and what an editor is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from digest.model import Edition, Level, Rendered
from digest.render.check import check
from digest.render.edition import Renderer
from digest.render.reading import one_spaced, read_page
from tests.render.editions import edition

NOTE = "We said Tuesday; the bridge opens on Wednesday. We are sorry."


def findings(rendered: Rendered, of: Edition) -> list[tuple[Level, str]]:
    return [(found.level, found.code) for found in check(rendered, of) if found.code.startswith("note-")]


def told(renderer: Renderer, note: str) -> list[tuple[Level, str]]:
    noted = edition(note=note)
    return findings(renderer.render(noted, "classic"), noted)


@pytest.mark.parametrize("theme", Renderer().themes())
def test_a_note_is_read_before_the_first_story_in_html_and_text(renderer: Renderer, theme: str) -> None:
    noted = edition(note=NOTE)
    rendered = renderer.render(noted, theme)

    for part in (read_page(rendered.html).words, one_spaced(rendered.text)):
        assert part.index(NOTE) < part.index("Bob walks across the bridge", part.index(noted.newsletter_name))
    assert findings(rendered, noted) == []


@pytest.mark.parametrize("theme", Renderer().themes())
def test_without_a_note_there_is_no_empty_box(renderer: Renderer, theme: str) -> None:
    assert 'class="note"' not in renderer.render(edition(), theme).html


@pytest.mark.parametrize(("language", "side"), [("en", "left"), ("ar", "right"), ("he", "right")])
def test_the_bar_of_a_note_stands_where_its_lines_begin(renderer: Renderer, language: str, side: str) -> None:
    html = renderer.render(edition(note=NOTE, language=language), "classic").html

    assert f"border-{side}:4px solid" in html.replace("border-left: ", "border-left:").replace("right: ", "right:")


def test_a_theme_that_leaves_the_note_out_sends_no_correction(renderer: Renderer) -> None:
    """It was made before there were notes, say."""
    noted = edition(note=NOTE)

    found = check(renderer.render(edition(), "classic"), noted)

    assert [(one.level, one.message[:13]) for one in found if one.code == "note-missing"] == [
        (Level.ERROR, "The html part"),
        (Level.ERROR, "The text part"),
    ]


def test_what_looks_like_html_is_seen_by_readers_as_it_stands_and_the_editor_is_told(renderer: Renderer) -> None:
    noted = edition(note="The bridge opens on <b>Wednesday</b>.")
    rendered = renderer.render(noted, "classic")

    assert "<b>Wednesday</b>" in read_page(rendered.html).words
    assert findings(rendered, noted) == [(Level.WARNING, "note-markup")]


@pytest.mark.parametrize(
    ("note", "codes"),
    [
        ("Tom & Jerry < 3, and 5 > 4.", []),
        ("Fish &amp; chips are back.", ["note-markup"]),
        ("Read https://bridge.example.org first.", ["note-address"]),
        ("Read www.bridge.example.org first.", ["note-address"]),
        ("word " * 60, []),
        ("word " * 61, ["note-long"]),
    ],
)
def test_a_note_is_short_plain_text_without_addresses(renderer: Renderer, note: str, codes: list[str]) -> None:
    assert told(renderer, note.strip()) == [(Level.WARNING, code) for code in codes]


def test_a_note_cannot_become_a_slot(renderer: Renderer) -> None:
    rendered = renderer.render(edition(note="%%{address}%% is yours"), "classic")

    assert "%%{address}%%" not in rendered.html + rendered.text


@pytest.mark.parametrize("language", ["en", "fr", "de", "es", "he", "ar"])
def test_a_correction_says_when_it_went_wrong_and_that_we_are_sorry(renderer: Renderer, language: str) -> None:
    words = renderer.words(language)
    day = words.date(date(2026, 11, 20))
    sorry = {"en": "sorry", "fr": "excuser", "de": "leid", "es": "sentimos", "he": "מצטערים", "ar": "نعتذر"}

    note = words.say("corrected", date=day)

    assert day in note
    assert sorry[language] in note
    assert words.say("correction", subject=NOTE).endswith(NOTE)
    noted = replace(edition(), note=note, language=language)
    assert findings(renderer.render(noted, "plain"), noted) == []
