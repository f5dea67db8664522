"""The ladder: what an editor wrote, else the publisher, else a model, else whole sentences of the body."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.articles.summaries.ladder import Declined, Limits, summarise
from digest.errors import InputError
from digest.model import Article, Rung, Summary
from tests.articles.texts import COLUMN, text

ARTICLE = Article(
    url="https://news.example/sandbags",
    headline="The town of sandbags",
    body=text(*COLUMN),
    language="en",
    publisher="Northmere Now",
)
STANDFIRST = "Northmere has waited two years for the wall that every council promises, and still sleeps badly."


def with_body(*paragraphs: str, headline: str = "The town of sandbags", language: str = "en") -> Article:
    return replace(ARTICLE, body=text(*paragraphs), headline=headline, language=language)


def test_what_an_editor_wrote_is_used_as_it_is() -> None:
    summary = summarise(replace(ARTICLE, standfirst=STANDFIRST), override="  Read\nthis. ")

    assert summary == Summary(text="Read this.", rung=Rung.EDITOR, about=ARTICLE.mark)


def test_the_publishers_clean_standfirst_comes_next() -> None:
    assert summarise(replace(ARTICLE, standfirst=STANDFIRST)) == Summary(text=STANDFIRST, rung=Rung.STANDFIRST)


@pytest.mark.parametrize(
    "standfirst",
    [
        "Northmere has waited two years for the wall that every council promises, and…",
        "Northmere has waited two years for the wall that every council promises and",
        "Northmere still waits for its wall.",
        "Sign up for our newsletter and get the news of Northmere in your inbox every morning.",
        "The latest headlines, sport, weather and entertainment from around the whole wide world.",
        "Northmere Now is the town's leading website for the news of the coast and the marshes.",
        "Northmere attend depuis deux ans la digue que chaque conseil lui promet, et la ville dort toujours aussi mal.",
        " ".join(["Northmere has waited for the wall that every council promises, and still sleeps badly."] * 5),
    ],
)
def test_a_standfirst_that_is_cut_slogan_promotion_or_headline_is_passed_over(standfirst: str) -> None:
    assert summarise(replace(ARTICLE, standfirst=standfirst)).rung is Rung.EXTRACT


@pytest.mark.parametrize(
    "standfirst",
    [
        "The sandbag diary is the private blog of Ada Brook about the town, the council and the sandbags.",
        "This is a website about every storm, every wall and every promise of a council.",
        "Ada Brook's place is your daily source for news of storms, walls and promises.",
    ],
)
def test_the_sites_line_about_itself_is_no_summary(standfirst: str) -> None:
    article = replace(
        ARTICLE, url="https://sandbag-diary.example/wall", headline="A wall at last?", standfirst=standfirst
    )

    assert summarise(article).rung is Rung.EXTRACT


def test_a_standfirst_about_a_newspaper_is_a_summary_where_the_story_is_about_it() -> None:
    line = "The Sandbag is a newspaper that fishermen in Northmere print, and every council promises to read it."
    article = replace(ARTICLE, headline="The fishermen who print a newspaper", standfirst=line)

    assert summarise(article).text == line


def test_a_standfirst_that_holds_the_headline_would_say_it_twice() -> None:
    article = replace(ARTICLE, standfirst=f"The town of sandbags: {STANDFIRST}", headline="The town of sandbags")

    assert summarise(article).rung is Rung.EXTRACT


@pytest.mark.parametrize(
    "broken",
    [
        "The new sandbags of Northmere come with a carrying case, a shovel, a manual and straps, 3.",
        "Northmere counts its nights and its sandbags at https://sandbags.example every single day of the year.",
        "All comments are moderated before the town of sandbags gets to read what you have written.",
        "(The town of Northmere has counted its sandbags twice since the storm, as every council promises.)",
        "Comes with sandbags for the town of Northmere, a shovel and a pair of boots for the council.",
    ],
)
def test_a_torn_or_technical_sentence_is_not_shown(broken: str) -> None:
    assert broken not in summarise(with_body(broken, *COLUMN)).text


@pytest.mark.parametrize("end", ["won the sandbag cup 45-17", "begins at 7:30", "waits between 20 and 30"])
def test_a_sentence_that_ends_on_a_number_is_whole(end: str) -> None:
    whole = f"The town of sandbags, which nobody on the council has slept in since the storm, {end}."

    assert whole in summarise(with_body(whole, *COLUMN)).text


@pytest.mark.parametrize("label", ["Summary: ", "SUMMARY: 5-1A: ", "In brief: ", "UPDATE: ", "TL;DR: "])
def test_a_label_before_a_sentence_is_left_out(label: str) -> None:
    first = "The town of sandbags has counted four hundred nights without sleep since the storm came in."
    article = with_body(label + first, *COLUMN)

    summary = summarise(article, limits=Limits(10, 20))

    assert summary.text == first
    assert article.body[summary.spans[0].start : summary.spans[0].end] == first


def test_a_standfirst_that_only_repeats_the_headline_is_passed_over() -> None:
    article = replace(
        ARTICLE,
        headline="Northmere still waits for the wall that every council promises",
        standfirst="Northmere is still waiting for the wall that every council promises.",
    )

    assert summarise(article).rung is Rung.EXTRACT


def test_an_agencys_dateline_is_left_out_of_the_publishers_line_too() -> None:
    summary = summarise(replace(ARTICLE, standfirst=f"NORTHMERE (AP) — {STANDFIRST}"))

    assert (summary.text, summary.rung) == (STANDFIRST, Rung.STANDFIRST)


class OneLine:
    """A summariser that always says the same."""

    def __init__(self, said: Summary) -> None:
        self.said = said

    def summarise(self, article: Article, limits: Limits) -> Summary:
        return self.said


class Modest:
    """A summariser that never has anything to say."""

    def summarise(self, article: Article, limits: Limits) -> Summary:
        raise Declined("The model named “Paris”, which the article does not.")


def test_a_model_is_asked_before_the_extract() -> None:
    said = Summary(text="A wall is promised.", rung=Rung.MODEL)

    summary = summarise(ARTICLE, model=OneLine(said))

    assert summary == replace(said, why=("The publisher gives no summary line.",))


def test_where_the_model_declines_the_extract_says_why() -> None:
    summary = summarise(ARTICLE, model=Modest())

    assert summary.rung is Rung.EXTRACT
    assert "The model named “Paris”, which the article does not." in summary.why


def test_an_extract_is_whole_sentences_verbatim_in_order_within_limits() -> None:
    summary = summarise(ARTICLE)
    quoted = [ARTICLE.body[span.start : span.end] for span in summary.spans]

    assert summary.rung is Rung.EXTRACT
    assert summary.text == " ".join(quoted)
    assert [span.start for span in summary.spans] == sorted(span.start for span in summary.spans)
    assert 1 <= len(quoted) <= 3
    assert 20 <= len(summary.text.split()) <= 60


def test_a_sentence_that_leans_on_another_never_stands_without_it() -> None:
    leaning = "But he refused to say when the council of Northmere would build the promised wall of the harbour town."
    summary = summarise(with_body(*COLUMN[:2], "Nobody asked the mayor twice.", leaning))

    assert leaning not in summary.text or "Nobody asked the mayor twice." in summary.text


def test_the_middle_of_a_quotation_is_not_told_as_fact() -> None:
    middle = "The council has stolen the money for the wall and every household in the harbour town knows it."
    quoted = f"“I have had enough of sandbags. {middle} We will not pay again,” said Amos Lee."

    assert middle not in summarise(with_body(quoted, *COLUMN[1:])).text


def test_an_agencys_dateline_is_left_out() -> None:
    summary = summarise(with_body(f"NORTHMERE (AP) — {COLUMN[0]}", *COLUMN[1:]))

    assert summary.text.startswith("In the two and a half years since the storm")


def test_the_headline_and_leftover_promotion_are_never_summarised() -> None:
    promotion = "Sign up for our newsletter and get the news of Northmere and its wall in your inbox."
    summary = summarise(with_body("The town of sandbags.", promotion, *COLUMN))

    assert promotion not in summary.text
    assert "The town of sandbags." not in summary.text


def test_rather_one_long_sentence_than_none() -> None:
    long = "The council " + "which promised a wall and " * 10 + "built nothing at all resigned on Monday in the rain."

    assert summarise(with_body(long), limits=Limits(10, 30)).text == long


def test_of_a_sentence_that_never_ends_the_first_clauses_are_shown() -> None:
    endless = (
        "The council " + "which promised a wall, and " * 30 + "built nothing at all resigned on Monday in the rain."
    )

    summary = summarise(with_body(endless))

    assert endless.startswith(summary.text)
    assert summary.text.endswith(",")
    assert len(summary.text.split()) <= 70


def test_a_body_without_sentences_gives_its_first_line() -> None:
    line = "Wall of Northmere promised again by the council on Monday morning"

    assert summarise(with_body(line, headline="Council")).rung is Rung.LEAD


@pytest.mark.parametrize("body", ["", "It rained."])
def test_nothing_to_summarise_is_said_and_a_standfirst_helps(body: str) -> None:
    with pytest.raises(InputError, match="The town of sandbags"):
        summarise(replace(ARTICLE, body=body))

    unfinished = "Northmere has waited two years for the wall that every council promises"
    assert summarise(replace(ARTICLE, body=body, standfirst=unfinished)).text == unfinished


WORDS = st.lists(
    st.sampled_from(["the", "Wall", "rose", "he", "“in", "rain”", "(and", "fell)", "3.5", "But", "שלום"]),
    min_size=1,
    max_size=90,
)
BODIES = st.lists(st.lists(st.tuples(WORDS, st.sampled_from(".!?…, ")), min_size=1, max_size=4), min_size=1, max_size=5)


@given(BODIES, st.integers(5, 40), st.integers(0, 40))
def test_whatever_the_body_a_summary_is_a_verbatim_part_of_it(
    body: list[list[tuple[list[str], str]]], least: int, room: int
) -> None:
    paragraphs = [" ".join(" ".join(words) + mark for words, mark in sentences).strip() for sentences in body]
    article = with_body(*paragraphs, headline="")
    try:
        summary = summarise(article, limits=Limits(least, least + room))
    except InputError:
        return
    assert summary.text == " ".join(article.body[span.start : span.end] for span in summary.spans)
    assert 8 <= len(summary.text.split()) <= 70
