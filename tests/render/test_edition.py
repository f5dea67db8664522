from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from digest.model import Image, Mention, Section
from digest.render.edition import Renderer
from digest.render.reading import read_page
from digest.render.slots import Part
from tests.render.editions import appeal, edition, lead, story, with_stories

THEMES = ("classic", "plain")


@pytest.mark.parametrize("theme", THEMES)
def test_a_reader_finds_every_story_with_byline_credit_and_link(renderer: Renderer, theme: str) -> None:
    rendered = renderer.render(edition(), theme)
    page = read_page(rendered.html)
    for said in (
        "Bob walks across the bridge",
        "Alice counts the planks",
        "By Alice Okafor",
        "This article was originally published by Valley Times.",
        "Also reported by",
        "Radio Ridge",
    ):
        assert said in page.words
        assert said in rendered.text
    for told in edition().stories:
        assert told.url in page.links
        assert told.url in rendered.text.splitlines()


@pytest.mark.parametrize("theme", THEMES)
def test_a_reader_can_give_once_or_monthly(renderer: Renderer, theme: str) -> None:
    rendered = renderer.render(edition(), theme)
    for button in (appeal().one_time, appeal().monthly):
        assert button is not None
        assert button.url in read_page(rendered.html).links
        assert f"{button.label}:\n{button.url}" in rendered.text


@pytest.mark.parametrize("theme", THEMES)
def test_an_appeal_without_buttons_thanks_and_asks_nothing(renderer: Renderer, theme: str) -> None:
    thanks = appeal(headline="Thank you, Carol", one_time=None, monthly=None)
    rendered = renderer.render(edition(appeal=thanks), theme)
    assert "Thank you, Carol" in read_page(rendered.html).words
    assert "give.example.org" not in rendered.html + rendered.text


@pytest.mark.parametrize("theme", THEMES)
def test_an_edition_may_have_no_appeal_no_lead_and_no_tagline(renderer: Renderer, theme: str) -> None:
    rendered = renderer.render(with_stories(story(), appeal=None, tagline="", social=(), preheader=""), theme)
    assert "Alice counts the planks" in rendered.html
    assert "Carol keeps the lights on" not in rendered.html + rendered.text


@pytest.mark.parametrize("theme", THEMES)
def test_a_reader_can_leave_choose_and_open_a_browser_from_both_parts(renderer: Renderer, theme: str) -> None:
    rendered = renderer.render(edition(), theme)
    wanted = {"unsubscribe_url", "preferences_url", "view_url"}
    assert Part.of_html(rendered.html).names >= wanted
    assert Part.of_text(rendered.text).names >= wanted
    assert {f"%%{{{name}}}%%" for name in wanted} <= set(read_page(rendered.html).links)


def test_the_same_edition_gives_the_same_bytes(renderer: Renderer) -> None:
    first, again = (Renderer().render(edition(), "classic") for _ in range(2))
    assert first == again == renderer.render(edition(), "classic")


def test_one_story_more_changes_the_fingerprint(renderer: Renderer) -> None:
    more = Section(slug="more", title="More", stories=(story("Dan mends the railing"),))
    both = edition(sections=(*edition().sections, more))
    assert renderer.render(edition(), "classic").fingerprint != renderer.render(both, "classic").fingerprint


# --- Traps of the chain ---------------------------------------------------------------------------------


def test_mail_programs_stay_out_of_quirks_mode(renderer: Renderer) -> None:
    html = renderer.render(edition(), "classic").html
    assert html.startswith("<!doctype html>\n<html")
    assert html.lower().count("<!doctype") == 1


@pytest.mark.parametrize("theme", THEMES)
def test_opening_a_mail_loads_nothing_but_the_newsrooms_own_images(renderer: Renderer, theme: str) -> None:
    html = renderer.render(edition(), theme).html
    assert {urlsplit(url).hostname for url in read_page(html).loads} <= {"images.example.org"}
    assert "googleapis" not in html
    assert "<link" not in html


def test_what_outlook_is_told_survives(renderer: Renderer) -> None:
    html = renderer.render(edition(), "classic").html
    assert "<!--[if mso | IE]>" in html
    assert "<o:PixelsPerInch>96</o:PixelsPerInch>" in html
    assert "mso-hide:all" in html
    assert "mso-padding-alt" in html


def test_phones_and_the_dark_keep_their_styles_with_force(renderer: Renderer) -> None:
    html = renderer.render(edition(), "classic").html
    dark = renderer.theme("classic").dark
    assert "@media (prefers-color-scheme: dark)" in html
    assert "@media only screen and (max-width: 479px)" in html
    assert ".summary, .ask" in html
    assert f"background-color: {dark['card']} !important" in html
    assert "[data-ogsc] .name" in html
    assert "[data-ogsb] .card" in html
    assert '<meta name="color-scheme" content="light dark"' in html
    assert "data-premailer" not in html


def test_colours_are_written_into_the_elements_for_programs_without_style_sheets(renderer: Renderer) -> None:
    html = renderer.render(edition(), "classic").html
    ink = renderer.theme("classic").colours["ink"]
    assert re.search(rf'<h3 class="headline"[^>]*style="[^"]*color:{ink}', html)


def test_rendering_writes_nothing_to_anyone(renderer: Renderer, caplog: pytest.LogCaptureFixture) -> None:
    renderer.render(edition(), "classic")
    assert caplog.records == []


def test_fourteen_stories_are_far_from_being_clipped(renderer: Renderer) -> None:
    stories = tuple(story(f"Erin opens gate number {number}", summary=f"{SENTENCE} {SENTENCE}") for number in range(14))
    assert len(renderer.render(with_stories(*stories), "classic").html.encode()) < 60_000


SENTENCE = "The gate was shut for nine years, and nobody in the valley could say who had kept the key all that time."


def test_importing_the_renderer_loads_no_heavy_library() -> None:
    heavy = "{'jinja2', 'mjml', 'premailer', 'lxml', 'babel', 'cssutils'}"
    code = f"import sys, digest.render.edition, digest.render.check; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# --- Hostile articles -----------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", THEMES)
def test_markup_in_an_article_is_shown_and_not_obeyed(renderer: Renderer, theme: str) -> None:
    mallory = '</mj-text><script>alert("hi")</script> & {{ 7 * 7 }} {% if %} <b digest-at="x:1">'
    told = story(mallory, summary=mallory, byline=mallory, credit=mallory, publisher=mallory)
    rendered = renderer.render(with_stories(told, newsletter_name=mallory, tagline=mallory), theme)
    assert "<script" not in rendered.html
    assert mallory in read_page(rendered.html).words
    assert "{{ 7 * 7 }}" in rendered.text


def test_double_braces_in_an_article_come_out_as_written(renderer: Renderer) -> None:
    rendered = renderer.render(with_stories(story("Frank writes {{name}}")), "classic")
    assert "Frank writes {{name}}" in rendered.html
    assert "Frank writes {{name}}" in rendered.text


@pytest.mark.parametrize("theme", THEMES)
def test_no_article_text_becomes_a_slot(renderer: Renderer, theme: str) -> None:
    trap = "%%{address}%%"
    told = story(trap, summary=trap, byline=trap, credit=trap, publisher=trap)
    also = (Mention(publisher=trap, url="https://x.example.org/" + trap),)
    mail = with_stories(replace(told, also=also), subject=trap, preheader=trap, tagline=trap, why=trap)
    rendered = renderer.render(mail, theme)
    for part in (rendered.html, rendered.text, rendered.subject, rendered.preheader):
        assert "address" not in Part.of_html(part).names


def test_two_texts_side_by_side_do_not_make_a_slot(renderer: Renderer) -> None:
    told = story("Grace", byline="%", publisher="%{address}%%", credit="")
    rendered = renderer.render(with_stories(told), "classic")
    assert "address" not in Part.of_html(rendered.html).names | Part.of_text(rendered.text).names


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//x.example", "https://"]
)
def test_a_story_keeps_its_words_and_loses_a_link_that_is_no_web_link(renderer: Renderer, url: str) -> None:
    mail = edition(
        lead=lead(url=url, image=Image(url=url), also=(Mention(publisher="Radio Ridge", url=url),)), website=url
    )
    rendered = renderer.render(mail, "classic")
    assert "Bob walks across the bridge" in read_page(rendered.html).words
    assert "Radio Ridge" in read_page(rendered.html).words
    assert f'"{url}"' not in rendered.html
    assert url not in rendered.text.split()


def test_control_characters_of_an_article_break_nothing(renderer: Renderer) -> None:
    told = story("Heidi\x00 finds\x0b a \ud800key", summary="It was\x1b under the mat\u202e, of course.\ufffe")
    rendered = renderer.render(with_stories(told), "classic")
    assert "Heidi finds a key" in read_page(rendered.html).words
    assert "It was under the mat, of course." in rendered.text


def test_line_breaks_in_a_subject_do_not_reach_the_header(renderer: Renderer) -> None:
    rendered = renderer.render(edition(subject="Bob\r\nBcc: mallory@example.org", preheader="One\ntwo"), "classic")
    assert rendered.subject == "Bob Bcc: mallory@example.org"
    assert rendered.preheader == "One two"


# --- Languages ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "more"), [("he", "לכתבה המלאה"), ("ar", "اقرأ المزيد")])
def test_hebrew_and_arabic_run_from_right_to_left(renderer: Renderer, language: str, more: str) -> None:
    html = renderer.render(edition(language=language), "classic").html
    assert f'<html lang="{language}" dir="rtl"' in html
    assert f'role="article" lang="{language}" dir="rtl"' in html
    assert "text-align:right" in html
    assert more in html
    assert "font-style:italic" not in html


def test_an_english_story_in_a_hebrew_edition_runs_its_own_way(renderer: Renderer) -> None:
    html = renderer.render(edition(language="he"), "classic").html
    assert re.search(r'<h3 class="headline" dir="ltr" style="[^"]*text-align:left', html)


def test_a_hebrew_story_in_an_english_edition_says_so(renderer: Renderer) -> None:
    html = renderer.render(with_stories(story("הגשר נפתח", language="he")), "classic").html
    assert re.search(r'<h3 class="headline" lang="he" dir="rtl" style="[^"]*text-align:right', html)


def test_a_spanish_story_in_an_english_edition_is_marked_and_not_turned(renderer: Renderer) -> None:
    html = renderer.render(with_stories(story("El puente abre", language="es")), "classic").html
    assert re.search(r'<h3 class="headline" lang="es" style="(?![^"]*text-align)', html)


def test_a_language_without_words_of_its_own_gets_english_ones(renderer: Renderer) -> None:
    rendered = renderer.render(edition(language="fa"), "classic")
    assert 'lang="fa" dir="rtl"' in rendered.html
    assert "Leave this newsletter" in rendered.text


# --- For eyes and ears ----------------------------------------------------------------------------------


def test_headings_tell_the_order_of_the_mail(renderer: Renderer) -> None:
    html = renderer.render(edition(), "classic").html
    order = re.findall(r"<(h[1-6])\b", html)
    assert order == ["h1", "h2", "h2", "h3", "h2"]


def test_links_that_look_alike_sound_different(renderer: Renderer) -> None:
    html = renderer.render(edition(), "classic").html
    assert 'aria-label="Read more: Alice counts the planks"' in html
    assert 'aria-label="Read more: Bob walks across the bridge"' in html


def test_the_preheader_is_hidden_and_padded_against_what_follows(renderer: Renderer) -> None:
    html = renderer.render(edition(), "classic").html
    hidden = re.search(r'<div class="preheader"[^>]*display:none[^>]*>(.*?)</div>', html, re.DOTALL)
    assert hidden
    assert hidden[1].startswith("And who counted its planks")
    assert hidden[1].count("\u200c") + hidden[1].count("&zwnj;") > 50


def test_an_image_that_does_not_load_leaves_its_description(renderer: Renderer) -> None:
    html = renderer.render(edition(), "classic").html
    image = re.search(r"<img [^>]*>", html)
    assert image
    assert 'alt="A bridge with all its planks"' in image[0]
    assert "font-size:17px" in image[0]


def test_the_text_part_keeps_to_72_columns_except_for_links(renderer: Renderer) -> None:
    mail = with_stories(story("Ivan " * 30, summary="Judy listens. " * 30), why="Because " * 30)
    for line in renderer.render(mail, "classic").text.splitlines():
        assert len(line) <= 72 or line.startswith(("https://", "%%{"))


def test_a_byline_that_says_by_does_not_say_it_twice(renderer: Renderer) -> None:
    rendered = renderer.render(with_stories(story(byline="By Alice Okafor")), "classic")
    assert "By By" not in rendered.html + rendered.text
    assert "By Alice Okafor" in rendered.text


def test_a_credit_that_is_only_a_name_becomes_a_sentence(renderer: Renderer) -> None:
    rendered = renderer.render(with_stories(story(credit="Valley Times", publisher="Valley Times")), "classic")
    assert "Originally published by Valley Times." in rendered.text
    assert "Originally published by Valley Times." in read_page(rendered.html).words
