"""One test per rule: what an editor is told, how gravely, and about what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from digest.model import Edition, Finding, Image, Level, Link, Mention, Rendered
from digest.render.check import RULES, check
from digest.render.edition import Renderer
from tests.render.editions import appeal, edition, lead, story, with_stories

LONG_AGO = "Long ago the bridge was narrow, and people met on it whether they wanted to or not. "


@pytest.fixture(scope="module")
def fine(renderer: Renderer) -> Rendered:
    """A good edition, rendered; rules on what was rendered are shown changes of it."""
    return renderer.render(edition(), "classic")


def findings(rendered: Rendered, of: Edition, code: str) -> list[tuple[Level, str]]:
    return [(finding.level, finding.where) for finding in check(rendered, of) if finding.code == code]


def of_edition(renderer: Renderer, composed: Edition, code: str) -> list[tuple[Level, str]]:
    return findings(renderer.render(composed, "classic"), composed, code)


def of_rendered(rendered: Rendered, code: str, **changes: Any) -> list[tuple[Level, str]]:
    return findings(replace(rendered, **changes), edition(), code)


def test_a_good_edition_has_only_the_hint_that_its_hosts_are_examples(fine: Rendered) -> None:
    assert [finding.code for finding in check(fine, edition())] == ["link-placeholder"]


def test_errors_come_first_and_every_finding_is_a_sentence(fine: Rendered) -> None:
    bad = edition(lead=lead(image=Image(url="http://images.example.org/a.jpg"), language="es"), postal_address="")
    found = check(fine, bad)
    assert [finding.level for finding in found] == sorted(
        (finding.level for finding in found), key=lambda level: list(Level).index(level)
    )
    assert {Level.ERROR, Level.WARNING, Level.HINT} == {finding.level for finding in found}
    assert all(isinstance(finding, Finding) and finding.message and finding.where for finding in found)


def test_no_rule_is_listed_twice() -> None:
    assert len(RULES) == len(set(RULES))


# --- Subject and preheader ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "code", "level"),
    [
        ("  ", "subject-missing", Level.ERROR),
        ("Bob walks " * 8, "subject-long", Level.WARNING),
        ("BOB WALKS ACROSS THE BRIDGE", "subject-shouts", Level.WARNING),
        ("Bob walks\nacross", "subject-broken", Level.ERROR),
    ],
)
def test_subjects_that_should_not_go_out(fine: Rendered, subject: str, code: str, level: Level) -> None:
    assert of_rendered(fine, code, subject=subject) == [(level, "everyone")]


@pytest.mark.parametrize("subject", ["NATO", "EU, UN", "הגשר נפתח בשבת", "Bob walks"])
def test_names_and_scripts_without_capitals_do_not_shout(fine: Rendered, subject: str) -> None:
    assert of_rendered(fine, "subject-shouts", subject=subject) == []


def test_a_subject_composed_with_a_line_break_is_found_though_it_was_mended(renderer: Renderer) -> None:
    assert of_edition(renderer, edition(subject="Bob\nwalks"), "subject-broken") == [(Level.ERROR, "everyone")]


def test_a_preheader_is_asked_for(fine: Rendered) -> None:
    assert of_rendered(fine, "preheader-missing", preheader=" ") == [(Level.WARNING, "everyone")]


def test_a_preheader_should_not_repeat_the_subject(fine: Rendered) -> None:
    assert of_rendered(fine, "preheader-repeats", preheader="BOB walks across the bridge") == [
        (Level.WARNING, "everyone")
    ]


# --- Stories --------------------------------------------------------------------------------------------


def test_an_edition_without_stories_is_none(renderer: Renderer) -> None:
    assert of_edition(renderer, with_stories(), "no-stories") == [(Level.ERROR, "everyone")]


def test_a_story_needs_a_headline(renderer: Renderer) -> None:
    assert of_edition(renderer, with_stories(story(" ")), "headline-missing") == [(Level.ERROR, "everyone")]


def test_a_headline_that_cannot_be_taken_in_is_too_long(renderer: Renderer) -> None:
    headline = "Alice counts " * 12
    assert of_edition(renderer, with_stories(story(headline)), "headline-long") == [(Level.WARNING, headline)]


def test_a_story_needs_a_summary(renderer: Renderer) -> None:
    found = of_edition(renderer, with_stories(story("Alice", summary=" ")), "summary-missing")
    assert found == [(Level.ERROR, "Alice")]


@pytest.mark.parametrize(
    ("summary", "code", "level"),
    [
        (LONG_AGO * 6, "summary-long", Level.WARNING),
        ("She counted.", "summary-short", Level.HINT),
        (" alice COUNTS the planks. ", "summary-repeats", Level.WARNING),
    ],
)
def test_summaries_that_do_not_serve(renderer: Renderer, summary: str, code: str, level: Level) -> None:
    told = story("Alice counts the planks", summary=summary)
    assert of_edition(renderer, with_stories(told), code) == [(level, "Alice counts the planks")]


def test_a_credit_that_is_not_shown_is_an_error_in_each_part(fine: Rendered) -> None:
    credited = edition(lead=lead(credit="First told by Radio Ridge."))
    assert findings(fine, credited, "credit-missing") == [(Level.ERROR, lead().headline)] * 2


def test_a_correction_that_is_not_shown_is_an_error_in_each_part(fine: Rendered) -> None:
    corrected = edition(lead=lead(correction="An earlier version of this article misnamed the pier."))
    assert findings(fine, corrected, "correction-missing") == [(Level.ERROR, lead().headline)] * 2


def test_a_correction_is_shown_in_both_parts(renderer: Renderer) -> None:
    corrected = edition(lead=lead(correction="An earlier version of this article misnamed the pier."))
    assert of_edition(renderer, corrected, "correction-missing") == []


def test_an_image_should_be_described(renderer: Renderer) -> None:
    mail = edition(lead=lead(image=Image(url="https://images.example.org/a.jpg", alt=" ")))
    assert of_edition(renderer, mail, "image-undescribed") == [(Level.WARNING, lead().headline)]


def test_an_image_should_come_by_https(renderer: Renderer) -> None:
    mail = edition(lead=lead(image=Image(url="http://images.example.org/a.jpg", alt="A bridge")))
    assert of_edition(renderer, mail, "image-not-https") == [(Level.WARNING, lead().headline)]


def test_two_stories_on_one_page_are_one_too_many(renderer: Renderer) -> None:
    mail = with_stories(
        story("Alice", url="https://news.example.org/1"), story("Bob", url="https://news.example.org/1")
    )
    assert of_edition(renderer, mail, "story-twice") == [(Level.WARNING, "everyone")]


def test_a_story_in_another_language_is_mentioned(renderer: Renderer) -> None:
    mail = with_stories(story("El puente", language="es"), story("Alice", language="en"), story("Bob", language=""))
    assert of_edition(renderer, mail, "language-differs") == [(Level.HINT, "El puente")]


# --- Links ----------------------------------------------------------------------------------------------


def test_a_story_without_a_link_is_mentioned(renderer: Renderer) -> None:
    assert of_edition(renderer, with_stories(story("Alice", url="")), "story-unlinked") == [(Level.HINT, "Alice")]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://news.example.org/a", "news.example.org/a", "https://"])
def test_a_link_that_was_left_out_is_an_error(renderer: Renderer, url: str) -> None:
    assert of_edition(renderer, with_stories(story("Alice", url=url)), "link-not-web") == [(Level.ERROR, "Alice")]


def test_also_links_of_other_publishers_and_social_links_are_looked_at(renderer: Renderer) -> None:
    mail = edition(
        lead=lead(also=(Mention(publisher="Radio Ridge", url="tel:1"),)),
        social=(Link(label="Chat", url="irc://x.example"),),
    )
    assert of_edition(renderer, mail, "link-not-web") == [(Level.ERROR, lead().headline), (Level.ERROR, "Chat")]


def test_a_theme_with_a_link_that_is_none_is_an_error(fine: Rendered) -> None:
    html = fine.html.replace("</body>", '<a href="javascript:x">x</a></body>')
    assert of_rendered(fine, "link-not-web", html=html) == [(Level.ERROR, "everyone")]


@pytest.mark.parametrize(
    "host", ["localhost:8000", "127.0.0.1", "10.0.0.7", "192.168.1.2", "[::1]", "intranet", "news.local", "169.254.1.1"]
)
def test_a_link_that_only_the_newsroom_can_open_is_a_warning(renderer: Renderer, host: str) -> None:
    mail = with_stories(story("Alice", url=f"http://{host}/a"))
    assert of_edition(renderer, mail, "link-private") == [(Level.WARNING, "Alice")]


@pytest.mark.parametrize("host", ["8.8.8.8", "news.example.org", "localhost.example.org"])
def test_a_link_that_anybody_can_open_is_none(renderer: Renderer, host: str) -> None:
    assert of_edition(renderer, with_stories(story("Alice", url=f"http://{host}/a")), "link-private") == []


def test_hosts_that_exist_only_in_examples_are_mentioned_once(fine: Rendered) -> None:
    assert findings(fine, edition(), "link-placeholder") == [(Level.HINT, "everyone")]


def test_a_link_without_encryption_is_mentioned(renderer: Renderer) -> None:
    mail = with_stories(story("Alice", url="http://news.example.org/a"))
    assert of_edition(renderer, mail, "link-insecure") == [(Level.HINT, "Alice")]


@pytest.mark.parametrize(
    "smuggled",
    [
        '<img src="https://tracker.example.net/p.gif">',
        '<link rel="stylesheet" href="https://tracker.example.net/s.css">',
        "<style>@import url(https://tracker.example.net/s.css);</style>",
        "<style>@import 'https://tracker.example.net/s.css';</style>",
        "<p style=\"background:url('https://tracker.example.net/p.gif')\">x</p>",
        '<table background="//tracker.example.net/p.gif"></table>',
    ],
)
def test_a_mail_that_tells_a_stranger_who_reads_is_an_error(fine: Rendered, smuggled: str) -> None:
    html = fine.html.replace("</body>", f"{smuggled}</body>")
    assert of_rendered(fine, "loads-from-stranger", html=html) == [(Level.ERROR, "everyone")]


def test_a_theme_that_links_to_a_stranger_is_a_warning(fine: Rendered) -> None:
    html = fine.html.replace("</body>", '<a href="https://maker.example.net/">Made with</a></body>')
    assert of_rendered(fine, "leads-to-stranger", html=html) == [(Level.WARNING, "everyone")]


# --- Parts ----------------------------------------------------------------------------------------------


def test_a_button_without_a_web_link_is_an_error(renderer: Renderer) -> None:
    monthly = appeal().monthly
    assert monthly is not None
    mail = edition(appeal=appeal(monthly=replace(monthly, url="give.example.org")))
    assert of_edition(renderer, mail, "appeal-unlinked") == [(Level.ERROR, "appeal")]


def test_a_button_that_is_only_in_one_part_is_an_error(fine: Rendered) -> None:
    url = "https://give.example.org/?every=once&utm_campaign=issue-7"
    assert of_rendered(fine, "appeal-missing", text=fine.text.replace(url, "")) == [(Level.ERROR, "appeal")]
    html = fine.html.replace(url.replace("&", "&amp;"), "https://news.example.org/")
    assert of_rendered(fine, "appeal-missing", html=html) == [(Level.ERROR, "appeal")]


def test_a_button_whose_address_is_written_in_hebrew_is_found(renderer: Renderer) -> None:
    monthly = appeal().monthly
    assert monthly is not None
    mail = edition(appeal=appeal(monthly=replace(monthly, url="https://give.example.org/תרומה?a=1&b=%20")))
    assert of_edition(renderer, mail, "appeal-missing") == []


def test_an_appeal_that_nobody_sees_is_an_error(fine: Rendered) -> None:
    text = fine.text.replace("Carol keeps the lights on", "")
    assert of_rendered(fine, "appeal-missing", text=text) == [(Level.ERROR, "appeal")]


def test_thanks_without_buttons_are_fine(renderer: Renderer) -> None:
    thanks = edition(appeal=appeal(one_time=None, monthly=None))
    assert of_edition(renderer, thanks, "appeal-missing") == []


def test_a_newsletter_without_a_postal_address_is_an_error(renderer: Renderer) -> None:
    assert of_edition(renderer, edition(postal_address=" \n"), "address-missing") == [(Level.ERROR, "everyone")]


def test_a_postal_address_that_is_not_shown_is_an_error(fine: Rendered) -> None:
    text = fine.text.replace("12 Mill Lane", "")
    assert of_rendered(fine, "address-missing", text=text) == [(Level.ERROR, "everyone")]


@pytest.mark.parametrize("part", ["html", "text"])
def test_a_part_that_readers_cannot_leave_from_is_an_error(fine: Rendered, part: str) -> None:
    without = getattr(fine, part).replace("%%{unsubscribe_url}%%", "https://news.example.org/")
    assert of_rendered(fine, "leave-missing", **{part: without}) == [(Level.ERROR, "everyone")]


@pytest.mark.parametrize("left", ["TODO", "TBD", "Lorem ipsum", "{{ name }}", "*|FNAME|*", "{% if %}"])
def test_what_was_to_be_filled_in_is_found(renderer: Renderer, left: str) -> None:
    assert of_edition(renderer, with_stories(story(summary=f"{LONG_AGO}{left}")), "unfilled")


def test_todo_is_a_word_in_spanish(renderer: Renderer) -> None:
    told = story("Lo perdieron TODO en la riada", language="es")
    assert of_edition(renderer, with_stories(told), "unfilled") == []


def test_an_empty_text_part_is_an_error(fine: Rendered) -> None:
    assert of_rendered(fine, "text-missing", text="\n") == [(Level.ERROR, "everyone")]


def test_a_text_part_that_lost_its_stories_is_a_warning(fine: Rendered) -> None:
    assert of_rendered(fine, "text-short", text=fine.text[:200]) == [(Level.WARNING, "everyone")]


@pytest.mark.parametrize(("size", "levels"), [(94_999, []), (95_000, [Level.WARNING]), (102_000, [Level.ERROR])])
def test_html_that_gmail_clips_is_an_error_and_what_comes_close_a_warning(
    fine: Rendered, size: int, levels: list[Level]
) -> None:
    html = fine.html + "<!--" + "x" * (size - len(fine.html.encode()) - 7) + "-->"
    assert [level for level, _ in of_rendered(fine, "html-too-large", html=html)] == levels


def test_an_image_from_a_strangers_host_is_told_because_it_learns_who_reads(fine: Rendered) -> None:
    stranger = edition(lead=lead(image=Image(url="https://pixels.tracker.test/p.gif?issue=7", alt="A bridge")))

    assert findings(fine, stranger, "image-from-stranger") == [(Level.HINT, stranger.stories[0].headline)]


def test_an_image_from_another_host_of_the_publishers_house_is_no_stranger(fine: Rendered) -> None:
    own = edition(
        lead=lead(url="https://www.paper.co.uk/bridge", image=Image(url="https://i.paper.co.uk/a.jpg", alt="A bridge"))
    )

    assert findings(fine, own, "image-from-stranger") == []
