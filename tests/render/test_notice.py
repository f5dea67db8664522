from __future__ import annotations

from pathlib import Path

import pytest

from digest.errors import RenderError
from digest.render.edition import Renderer
from digest.render.reading import read_page

VALUES = {
    "newsletter_name": "The Riverbend Daily",
    "confirm_url": "https://news.example.org/confirm/alice-token?a=1&b=2",
    "postal_address": "Riverbend Courier\n12 Mill Lane",
}


@pytest.mark.parametrize("theme", ["classic", "plain"])
def test_alice_can_confirm_from_the_html_and_from_the_text(renderer: Renderer, theme: str) -> None:
    notice = renderer.render_notice("confirm", "en", VALUES, theme=theme)
    assert notice.subject == "Please confirm: The Riverbend Daily"
    assert VALUES["confirm_url"] in read_page(notice.html).links
    assert VALUES["confirm_url"] in notice.text.splitlines()
    assert "12 Mill Lane" in notice.text
    assert "12 Mill Lane" in notice.html


def test_a_notice_says_at_its_top_whose_it_is(renderer: Renderer) -> None:
    notice = renderer.render_notice("confirm", "en", VALUES)
    _hidden, above, _below = read_page(notice.html).words.split("One more step")
    assert "The Riverbend Daily" in above


def test_a_notice_speaks_the_readers_language(renderer: Renderer) -> None:
    notice = renderer.render_notice("confirm", "he", VALUES)
    assert 'dir="rtl"' in notice.html
    assert "עוד צעד אחד" in notice.text


def test_every_notice_renders_its_own_sample(renderer: Renderer, templates: Path) -> None:
    names = [folder.name for folder in (templates / "email/notices").iterdir()]
    assert "confirm" in names
    for name in names:
        assert renderer.render_notice(name, "en", renderer.notice_sample(name)).text


def test_a_value_that_is_missing_is_named_with_the_line_that_wants_it(renderer: Renderer) -> None:
    with pytest.raises(RenderError, match="newsletter_name") as caught:
        renderer.render_notice("confirm", "en", {"confirm_url": "https://news.example.org/c"})
    assert caught.value.template == "email/base/notice.mjml"
    assert caught.value.line == 3


def test_a_link_that_is_no_web_link_is_refused(renderer: Renderer) -> None:
    with pytest.raises(RenderError, match="confirm_url is no http or https address"):
        renderer.render_notice("confirm", "en", VALUES | {"confirm_url": "javascript:alert(1)"})


def test_markup_in_a_value_is_shown_and_not_obeyed(renderer: Renderer) -> None:
    notice = renderer.render_notice("confirm", "en", VALUES | {"newsletter_name": "<b>Mallory</b> & Sons"})
    assert "<b>" not in notice.html
    assert "<b>Mallory</b> & Sons" in read_page(notice.html).words


@pytest.mark.parametrize("theme", ["classic", "plain"])
def test_the_text_of_every_notice_stands_in_paragraphs_with_one_empty_line_between(
    renderer: Renderer, templates: Path, theme: str
) -> None:
    names = sorted(folder.name for folder in (templates / "email/notices").iterdir())
    assert names == ["already", "confirm", "data", "goodbye", "link", "welcome"]

    texts = {name: renderer.render_notice(name, "en", renderer.notice_sample(name), theme=theme).text for name in names}

    assert [name for name, text in texts.items() if "\n\n\n" in text] == []
    assert [name for name, text in texts.items() if "\n\nThe Riverbend Daily\nRiverbend Courier\n" not in text] == []


def test_a_welcome_without_words_of_the_newsletter_s_own_has_no_hole(renderer: Renderer) -> None:
    text = renderer.render_notice("welcome", "en", renderer.notice_sample("welcome") | {"welcome": ""}).text

    assert [part.splitlines()[0] for part in text.split("\n\n")] == [
        "Welcome",
        "You get The Riverbend Daily from now on. You can choose what you get,",
        "Choose what you get:",
        "The Riverbend Daily",
    ]


def test_a_notice_that_nobody_wrote_is_named(renderer: Renderer) -> None:
    with pytest.raises(RenderError, match="There is no notice farewell"):
        renderer.render_notice("farewell", "en", {})
