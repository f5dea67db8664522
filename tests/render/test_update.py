"""A story that an earlier issue carried and that changed since: readers are told so, in their language."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.model import Section
from digest.render.edition import Renderer
from digest.render.reading import one_spaced, read_page
from tests.render.editions import edition, story

UPDATES = {
    "en": "Update",
    "fr": "Mise à jour",
    "de": "Neuer Stand",
    "es": "Actualización",
    "he": "עדכון",
    "ar": "تحديث",
}
LEAD = story(
    "The bridge opens after all", summary="It opened at noon, said the mayor, who crossed it first.", update=True
)
FERRY = story("The ferry is back", summary="It sails again since Tuesday, every hour until dusk.", update=True)
CHOIR = story("A choir sings on a car park", summary="Three hundred voices were heard as far as the station.")


@pytest.mark.parametrize("theme", Renderer().themes())
@pytest.mark.parametrize("language", UPDATES)
def test_an_update_is_marked_above_its_headline_in_html_and_text(renderer: Renderer, theme: str, language: str) -> None:
    section = Section(slug="town", title="In town", stories=(FERRY, CHOIR))
    told = edition(language=language, lead=LEAD, sections=(section,))
    rendered = renderer.render(told, theme)
    word = UPDATES[language]

    words = read_page(rendered.html).words
    for headline in (LEAD.headline, FERRY.headline):
        assert f"{word} {headline}" in words
        assert f"{word}: {headline}" in one_spaced(rendered.text)
    assert words.count(word) == 2, "the other story is no update"


@pytest.mark.parametrize("theme", Renderer().themes())
def test_the_word_is_part_of_what_is_approved(renderer: Renderer, theme: str) -> None:
    marked = renderer.render(edition(lead=LEAD), theme)
    plain = renderer.render(edition(lead=replace(LEAD, update=False)), theme)

    assert marked.fingerprint != plain.fingerprint
    assert marked.subject == plain.subject
