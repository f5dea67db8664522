from __future__ import annotations

import time

import pytest

from digest.errors import RenderError
from digest.render import grammar
from digest.render.environment import marked
from digest.render.mjml import compile_mjml, proofread

FRAME = "<mjml><mj-body><mj-section><mj-column>{}</mj-column></mj-section></mj-body></mjml>"


def says(source: str) -> str:
    with pytest.raises(RenderError) as caught:
        proofread(marked(source, "mail.mjml"), template="mail.mjml")
    return caught.value.message


def test_mjml_as_it_should_be_passes() -> None:
    fine = FRAME.format('<mj-text>One<br><img src="x">two <!-- <p> --> &amp; 2 > 1</mj-text><mj-spacer height="4px" />')
    assert "One" in compile_mjml(fine, template="mail.mjml")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "This mail is empty."),
        ("Hello", "Text cannot stand"),
        ("<p>Hello</p>", "is HTML"),
        ("<mj-body></mj-body>", "cannot stand outside <mjml>"),
        ("<mjml><mj-body></mjml>", "<mj-body>, opened in line 1, is still open"),
        ("<mjml><mj-body></mj-body>", "<mjml> is never closed"),
        ("<mjml></mjml></mjml>", "</mjml> closes nothing."),
        (FRAME.format('<mj-text css-class="a></mj-text>'), "is not finished"),
        (FRAME.format("<mj-font></mj-font>"), "another host"),
    ],
)
def test_mistakes_are_explained(source: str, said: str) -> None:
    assert said in says(source)


def test_lines_are_counted_across_jinja_and_comments() -> None:
    source = "{# one\ntwo #}\n{% set a = 1 %}\n<!-- a\ncomment -->\n{{ a }}<mj-foo\n>{% if a < 2 %}"
    text = marked(source, "mail.mjml")
    assert '{{ a }}<mj-foo digest-at="mail.mjml:6"\n>{% if a < 2 %}' in text
    assert text.replace(' digest-at="mail.mjml:6"', "") == source


def test_a_quote_that_never_closes_costs_no_time() -> None:
    before = time.perf_counter()
    says(FRAME.format('<mj-text a="' + "x=' " * 20_000))
    # Seconds would be minutes if the search ran over all ways to pair the quotes.
    assert time.perf_counter() - before < 5


def test_every_component_that_may_stand_somewhere_is_known() -> None:
    placed = frozenset().union(*grammar.CHILDREN.values())
    assert placed <= grammar.COMPONENTS
    assert set(grammar.CHILDREN) - {""} <= grammar.COMPONENTS
    assert not set(grammar.BARRED) & grammar.COMPONENTS


def test_the_compiler_finds_what_proofreading_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.render.mjml.proofread", lambda source, *, template: None)
    with pytest.raises(RenderError, match=r"mail.mjml: MJML says: unexpected end of stream"):
        compile_mjml(FRAME.format("<mj-text><p></mj-text>"), template="mail.mjml")
