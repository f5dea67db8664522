"""An email with summaries by a language model says so: in every theme and language, in html and in text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.model import Edition, Level, Rung, Summary
from digest.render.check import check
from digest.render.edition import Renderer
from digest.render.reading import one_spaced, read_page
from tests.render.editions import SUMMARY, edition, lead

LINES = {
    "en": "Some summaries in this issue were written by a language model.",
    "fr": "Certains résumés de ce numéro ont été rédigés par un modèle de langage.",
    "de": "Einige Zusammenfassungen in dieser Ausgabe hat ein Sprachmodell geschrieben.",
    "es": "Algunos resúmenes de este número los ha escrito un modelo de lenguaje.",
    "he": "חלק מהתקצירים בגיליון הזה נכתבו בידי מודל שפה.",
    "ar": "كتب نموذج لغوي بعض الملخصات في هذا العدد.",
}


def of_rung(rung: Rung, language: str = "en") -> Edition:
    return edition(lead=lead(summary=Summary(text=SUMMARY, rung=rung)), language=language)


def codes(rendered_of: Edition, shown: Edition, renderer: Renderer, theme: str) -> list[tuple[Level, str]]:
    found = check(renderer.render(rendered_of, theme), shown)
    return [(one.level, one.code) for one in found if one.code == "model-unnamed"]


@pytest.mark.parametrize("theme", Renderer().themes())
@pytest.mark.parametrize(("language", "line"), LINES.items())
def test_readers_are_told_that_a_model_wrote_summaries(
    renderer: Renderer, theme: str, language: str, line: str
) -> None:
    written = of_rung(Rung.MODEL, language)
    rendered = renderer.render(written, theme)

    assert line in read_page(rendered.html).words
    assert line in one_spaced(rendered.text)
    assert codes(written, written, renderer, theme) == []


@pytest.mark.parametrize("theme", Renderer().themes())
@pytest.mark.parametrize("rung", [rung for rung in Rung if rung is not Rung.MODEL])
def test_nothing_is_said_of_models_where_none_wrote(renderer: Renderer, theme: str, rung: Rung) -> None:
    rendered = renderer.render(of_rung(rung), theme)

    assert "language model" not in rendered.html
    assert "language model" not in rendered.text


def test_a_theme_that_does_not_say_it_lets_no_issue_out(renderer: Renderer) -> None:
    """It was made before models wrote, say."""
    written = of_rung(Rung.MODEL)

    assert codes(of_rung(Rung.EXTRACT), written, renderer, "classic") == [(Level.ERROR, "model-unnamed")] * 2


def test_what_is_approved_differs_with_the_line(renderer: Renderer) -> None:
    said, unsaid = (renderer.render(of_rung(rung), "classic") for rung in (Rung.MODEL, Rung.EXTRACT))

    assert said.fingerprint != unsaid.fingerprint


def test_one_summary_by_a_model_is_enough(renderer: Renderer) -> None:
    everyday = edition()
    first = everyday.sections[0].stories[0]
    told = replace(first, summary=Summary(text=SUMMARY, rung=Rung.MODEL))
    sections = (replace(everyday.sections[0], stories=(told, *everyday.sections[0].stories[1:])),)

    assert LINES["en"] in renderer.render(edition(sections=sections), "plain").text.replace("\n", " ")
