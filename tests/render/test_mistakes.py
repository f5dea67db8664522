"""A mistake in a template is an error at its file and line, never an empty mail."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from digest.errors import RenderError
from digest.render.edition import Renderer
from tests.render.editions import edition

STORY = "email/base/parts/story.mjml"


def spoil(templates: Path, file: str, old: str, new: str) -> int:
    """Replace `old` by `new`; the line that it happened in."""
    path = templates / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{file} does not say {old}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def mistake(templates: Path) -> RenderError:
    with pytest.raises(RenderError) as caught:
        Renderer(templates).render(edition(), "classic")
    return caught.value


@dataclass(frozen=True)
class Spoiled:
    what: str
    file: str
    old: str
    new: str
    says: str
    #: How many lines below the change the mistake shows; None for the end of the file.
    below: int | None = 0


SPOILED = [
    Spoiled("an unknown component", STORY, "<mj-text>", "<mj-txt>", "no component <mj-txt>. Did you mean mj-text?"),
    Spoiled(
        "a component that is never closed", "email/base/parts/masthead.mjml", "</mj-text>", "", "closes nothing", 1
    ),
    Spoiled(
        "a component in the wrong place", "email/base/parts/lead.mjml", "<mj-column>", "<mj-wrapper>", "cannot stand in"
    ),
    Spoiled("an unknown attribute", STORY, "<mj-text>", '<mj-text colour="red">', "Did you mean color?"),
    Spoiled("an attribute without quotes", STORY, "<mj-text>", "<mj-text align=left>", 'not written as name="value"'),
    Spoiled("a tag that does not end", STORY, "</h3>", "</h3", "is not finished"),
    Spoiled("HTML that is never closed", STORY, '<p class="summary"', '<p><p class="summary"', "closes nothing", 2),
    Spoiled("a bare <", STORY, "</h3>", "a < b</h3>", "bare <"),
    Spoiled(
        "text outside mj-text",
        "email/base/parts/section.mjml",
        "<mj-column>",
        "<mj-column>Hello",
        "put it in an <mj-text>: Hello",
    ),
    Spoiled(
        "HTML outside mj-text",
        "email/base/parts/section.mjml",
        "<mj-column>",
        "<mj-column><p>Hello</p>",
        "put it in an <mj-text>",
    ),
    Spoiled("a component inside text", STORY, "</h3>", "</h3><mj-divider />", "cannot stand in <mj-text>"),
    Spoiled("icons from another host", STORY, "<mj-text>", "<mj-social></mj-social><mj-text>", "learns who reads"),
    Spoiled("MJML's own include", STORY, "<mj-text>", '<mj-include path="x"></mj-include><mj-text>', "Jinja's include"),
    Spoiled("a misspelt value", STORY, "story.headline }}</a>", "story.headlin }}</a>", "headlin"),
    Spoiled("an unknown slot", "email/base/parts/footer.mjml", "slots.unsubscribe_url", "slots.leave_url", "leave_url"),
    Spoiled("an unknown colour", "email/base/style.css", "c.accent", "c.crimson", "crimson"),
    Spoiled("unknown words", "email/base/parts/browser.mjml", 'say("view")', 'say("vew")', "vew"),
    Spoiled(
        "a file that is not there",
        "email/themes/classic/body.mjml",
        "parts/footer.mjml",
        "parts/foot.mjml",
        "parts/foot.mjml",
    ),
    Spoiled("a block that is never closed", STORY, "{% endif %}", "", "nd of", None),
    Spoiled("a sum that cannot be done", STORY, "{{ story.summary.text }}", "{{ 1 // 0 }}", "ZeroDivisionError"),
    Spoiled("a mistake in the text part", "email/base/parts/story.txt", "story.headline", "story.title", "title"),
    Spoiled(
        "a mistake in the subject", "email/themes/classic/subject.txt", "edition.subject", "edition.title", "title"
    ),
    Spoiled("a bad theme.toml", "email/themes/classic/theme.toml", "gutter = 40", "gutter = ", "no valid TOML"),
    Spoiled("bad words", "email/words/en.toml", 'also = "', "also = ", "no valid TOML"),
]


@pytest.mark.parametrize("spoiled", SPOILED, ids=[spoiled.what for spoiled in SPOILED])
def test_a_mistake_is_named_with_file_and_line(templates: Path, spoiled: Spoiled) -> None:
    line = spoil(templates, spoiled.file, spoiled.old, spoiled.new)
    error = mistake(templates)
    assert spoiled.says in error.message
    assert error.template == spoiled.file
    if spoiled.below is not None:
        assert error.line == line + spoiled.below
        assert error.message.startswith(f"{spoiled.file}:{error.line}: ")
    assert error.hint


def test_a_story_that_a_theme_forgets_is_an_error(templates: Path) -> None:
    spoil(templates, "email/themes/classic/body.mjml", '{% include "parts/section.mjml" %}', "")
    assert "Alice counts the planks" in mistake(templates).message


@pytest.mark.parametrize(
    ("file", "kind"), [("email/base/parts/footer.mjml", "mjml"), ("email/base/edition.txt", "txt")]
)
def test_a_theme_that_keeps_readers_from_leaving_is_an_error(templates: Path, file: str, kind: str) -> None:
    spoil(templates, file, "{{ slots.unsubscribe_url }}", "https://news.example.org/")
    error = mistake(templates)
    assert "the link to leave" in error.message
    assert error.template == f"email/themes/classic/body.{kind}"


def test_a_theme_without_the_postal_address_is_an_error(templates: Path) -> None:
    spoil(templates, "email/base/edition.txt", "{{ edition.postal_address }}", "")
    assert "12 Mill Lane" in mistake(templates).message


def test_a_theme_that_nobody_made_is_named_with_those_there_are(renderer: Renderer) -> None:
    with pytest.raises(RenderError, match=r"There is no theme baroque. There are: classic, plain."):
        renderer.render(edition(), "baroque")


def test_a_template_that_is_not_utf_8_is_named_with_its_line(templates: Path) -> None:
    (templates / STORY).write_bytes(b"<mj-text>\n\xe9</mj-text>")
    error = mistake(templates)
    assert (error.template, error.line) == (STORY, 2)


def test_a_corrected_template_is_read_again(templates: Path) -> None:
    renderer = Renderer(templates)
    renderer.render(edition(), "classic")
    path = templates / "email/themes/classic/parts/story.mjml"
    path.parent.mkdir()
    path.write_text('{% include "base/parts/story.mjml" %}<mj-text>Heidi was here</mj-text>', encoding="utf-8")
    assert "Heidi was here" in renderer.render(edition(), "classic").html
    path.unlink()
    assert "Heidi was here" not in renderer.render(edition(), "classic").html
