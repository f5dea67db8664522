"""Composing: who gets which edition, what the subject says, and where the appeal leads."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.issue.compose import PREHEADER, compose, with_parameters
from digest.model import (
    Appeal,
    Button,
    Edition,
    Heading,
    Issue,
    IssueState,
    Newsletter,
    Rung,
    Story,
    Summary,
    Supporter,
)

ASK = Appeal(
    headline="Keep the lighthouse lit",
    text="The Post is paid for by its readers.",
    one_time=Button(label="Give once", url="https://harbour.example/give?amount%5B%5D=5&every=&note=a%20b#form"),
    monthly=Button(label="Give monthly", url="https://harbour.example/give"),
)
THANKS = Appeal(headline="Thank you", text="Your monthly gift paid for this issue.")

POST = Newsletter(
    slug="daily",
    name="The Harbour Post",
    tagline="",
    sender_name="The Harbour Post",
    sender_address="daily@harbour.example",
    reply_to="editors@harbour.example",
    list_id="daily.harbour.example",
    postal_address="1 Quay Street, Harbour",
    timezone="America/New_York",
    language="en",
    theme="classic",
    website="",
    social=(),
    why="",
    reader="reader",
    cadence="",
    draft_ahead=12,
    subject="{lead}",
    sections=(Heading(slug="news", title="News"), Heading(slug="culture", title="Culture")),
    sources=(),
    stories=5,
    per_source=5,
    window_hours=24,
    summary_words=(20, 60),
    ask=ASK,
    ask_for=(Supporter.NONE, Supporter.ONE_TIME, Supporter.LAPSED, Supporter.UNKNOWN),
    thanks=THANKS,
    campaign={"utm_medium": "email"},
)

ISSUE = Issue(
    id=7,
    newsletter="daily",
    number=12,
    state=IssueState.DRAFT,
    date=date(2026, 11, 22),
    created_at=datetime(2026, 11, 22, 10, tzinfo=UTC),
)


def story(headline: str, *, section: str = "news", summary: str = "What happened, in a sentence.") -> Story:
    return Story(article_id=1, section=section, headline=headline, summary=Summary(text=summary, rung=Rung.EXTRACT))


PIER, CHOIR, LEVY = story("The pier returns"), story("A choir of 300", section="culture"), story("The levy is set")
STORIES = (PIER, CHOIR, LEVY)


def only(editions: list[Edition]) -> Edition:
    (edition,) = editions
    return edition


# --- Editions ----------------------------------------------------------------------------------------------


def test_those_who_may_be_asked_are_asked_and_monthly_supporters_are_thanked() -> None:
    ask, thanks = compose(ISSUE, POST, STORIES)

    assert (ask.key, ask.appeal and ask.appeal.headline) == ("ask", "Keep the lighthouse lit")
    assert (thanks.key, thanks.appeal) == ("thanks", THANKS)
    assert thanks.supporters == (Supporter.MONTHLY,)
    assert ask.stories == thanks.stories


@given(
    ask_for=st.lists(st.sampled_from(Supporter), unique=True),
    ask=st.sampled_from([ASK, None]),
    thanks=st.sampled_from([THANKS, None]),
)
def test_every_reader_is_in_one_edition_and_nobody_outside_ask_for_is_asked(
    ask_for: list[Supporter], ask: Appeal | None, thanks: Appeal | None
) -> None:
    editions = compose(ISSUE, replace(POST, ask=ask, ask_for=tuple(ask_for), thanks=thanks), STORIES)

    assert Counter(supporter for edition in editions for supporter in edition.supporters) == Counter(Supporter)
    for edition in editions:
        if edition.appeal and edition.appeal.one_time:
            assert set(edition.supporters) <= set(ask_for)


def test_without_an_appeal_there_is_one_edition_and_it_asks_for_nothing() -> None:
    everyone = only(compose(ISSUE, replace(POST, ask=None), STORIES))

    assert everyone.key == "everyone"
    assert everyone.appeal is None


def test_when_everybody_is_asked_or_nobody_one_edition_is_enough() -> None:
    asked = only(compose(ISSUE, replace(POST, ask_for=tuple(Supporter)), STORIES))
    thanked = only(compose(ISSUE, replace(POST, ask_for=()), STORIES))

    assert asked.appeal
    assert asked.appeal.headline == ASK.headline
    assert thanked.appeal == THANKS


def test_supporters_who_are_not_asked_read_nothing_when_there_are_no_thanks() -> None:
    _, thanks = compose(ISSUE, replace(POST, thanks=None), STORIES)

    assert thanks.appeal is None


# --- Sections ----------------------------------------------------------------------------------------------


def test_the_first_story_leads_and_the_others_stand_in_their_sections_in_order() -> None:
    edition = compose(ISSUE, POST, STORIES)[0]

    assert edition.lead == PIER
    assert [(section.title, section.stories) for section in edition.sections] == [
        ("News", (LEVY,)),
        ("Culture", (CHOIR,)),
    ]


def test_a_section_without_stories_is_not_printed_and_one_that_is_gone_gives_its_stories_to_the_first() -> None:
    edition = compose(ISSUE, POST, (PIER, story("A match", section="sport")))[0]

    assert [(section.slug, len(section.stories)) for section in edition.sections] == [("news", 1)]


def test_an_issue_that_an_editor_emptied_composes() -> None:
    edition = compose(ISSUE, POST, ())[0]

    assert (edition.lead, edition.sections, edition.subject, edition.preheader) == (None, (), "", "")


# --- Subject and preheader ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "subject"),
    [
        ("{lead}", "The pier returns"),
        ("{name}, {date}", "The Harbour Post, November 22, 2026"),
        ("No. {number:03}: {lead}", "No. 012: The pier returns"),
    ],
)
def test_the_subject_follows_the_newsletters_pattern(pattern: str, subject: str) -> None:
    assert compose(ISSUE, replace(POST, subject=pattern), STORIES)[0].subject == subject


@pytest.mark.parametrize(
    ("language", "date_in_words"),
    [("de", "22. November 2026"), ("fr", "22 novembre 2026"), ("es", "22 de noviembre de 2026")],
)
def test_the_date_in_a_subject_is_in_the_newsletters_language(language: str, date_in_words: str) -> None:
    newsletter = replace(POST, language=language, subject="{name}, {date}")

    assert compose(ISSUE, newsletter, STORIES)[0].subject == f"The Harbour Post, {date_in_words}"


def test_a_headline_with_braces_is_not_a_pattern() -> None:
    assert compose(ISSUE, POST, (story("Dear {name}, {lead}"),))[0].subject == "Dear {name}, {lead}"


def test_the_editors_subject_and_preheader_win_and_stay_on_one_line() -> None:
    issue = replace(ISSUE, subject="The pier\nis  back", preheader="And a choir\r\nof 300")
    edition = compose(issue, POST, STORIES)[0]

    assert (edition.subject, edition.preheader) == ("The pier is back", "And a choir of 300")


def test_the_preheader_has_the_headlines_that_the_subject_does_not() -> None:
    assert compose(ISSUE, POST, STORIES)[0].preheader == "A choir of 300 · The levy is set"


def test_the_preheader_has_whole_headlines_as_many_as_are_seen() -> None:
    headlines = [f"A headline of middling length, number {number}" for number in range(6)]
    preheader = compose(ISSUE, POST, (PIER, *map(story, headlines)))[0].preheader

    assert preheader == " · ".join(headlines[:2])
    assert len(preheader) <= PREHEADER


def test_a_single_story_puts_its_summary_in_the_preheader_in_whole_words() -> None:
    summary = "The harbour board voted to rebuild the north pier. " * 5
    preheader = compose(ISSUE, POST, (story("The pier returns", summary=summary),))[0].preheader

    assert preheader.endswith("…")
    assert len(preheader) <= PREHEADER + 2
    assert summary.startswith(preheader.removesuffix(" …") + " ")


# --- Campaign ----------------------------------------------------------------------------------------------


def test_the_appeals_buttons_say_which_issue_and_which_button_led_there() -> None:
    appeal = compose(ISSUE, POST, STORIES)[0].appeal
    assert appeal
    assert appeal.monthly

    assert appeal.monthly.url == (
        "https://harbour.example/give?utm_source=daily&utm_campaign=daily-12&utm_medium=email&utm_content=monthly"
    )


def test_what_a_button_has_in_its_address_stays_letter_by_letter() -> None:
    appeal = compose(ISSUE, POST, STORIES)[0].appeal
    assert appeal
    assert appeal.one_time

    before, _, after = appeal.one_time.url.partition("&utm_source")
    assert before == "https://harbour.example/give?amount%5B%5D=5&every=&note=a%20b"
    assert after.endswith("utm_content=one-time#form")


def test_a_parameter_that_the_newsroom_set_itself_is_not_overwritten() -> None:
    url = with_parameters("https://harbour.example/give?utm_source=print", {"utm_source": "daily", "utm_term": "a b&c"})

    assert url == "https://harbour.example/give?utm_source=print&utm_term=a+b%26c"


def test_the_newsletters_own_campaign_wins_over_ours() -> None:
    newsletter = replace(POST, campaign={"utm_source": "post", "utm_campaign": "autumn"})
    appeal = compose(ISSUE, newsletter, STORIES)[0].appeal
    assert appeal
    assert appeal.monthly

    assert dict(parse_qsl(urlsplit(appeal.monthly.url).query)) == {
        "utm_source": "post",
        "utm_campaign": "autumn",
        "utm_content": "monthly",
    }
