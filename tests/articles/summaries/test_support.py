"""What a summary rests on: each sentence with its sentences of the article, and the words that stand nowhere in it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.articles.summaries.claims.strange import Kind
from digest.articles.summaries.sentences import split
from digest.articles.summaries.support import support
from tests.articles.summaries.towns import BIBLIOTHEK, MAKTABA, PARK, PIER, TOWNS, Town


def said(text: str, town: Town) -> list[tuple[str, Kind]]:
    """What is strange about a summary of the town's news, and what kind of claim it is."""
    backed = support(text, town.article.body, town.article.language, known=town.article.headline)
    return [(text[one.start : one.end], one.kind) for sentence in backed for one in sentence.strange]


def test_each_sentence_names_the_sentences_it_rests_on_the_best_first() -> None:
    body = PIER.article.body

    first, second = support(PIER.first, body, "en")

    assert PIER.first[second.start : second.end].startswith("Seven members")
    assert [body[span.start : span.end][:14] for span in first.rests_on] == ["The harbour bo", "The money, $4."]
    assert "seven in favour" in body[second.rests_on[0].start : second.rests_on[0].end]


@pytest.mark.parametrize("town", TOWNS, ids=[town.article.language for town in TOWNS])
def test_a_sentence_of_the_article_rests_on_itself_and_nothing_in_it_is_strange(town: Town) -> None:
    body, language = town.article.body, town.article.language
    for span in split(body, language):
        (backed, *more) = support(body[span.start : span.end], body, language)

        assert backed.rests_on == (span,)
        assert not more
        assert backed.strange == ()


@pytest.mark.parametrize("town", TOWNS, ids=[town.article.language for town in TOWNS])
def test_nothing_grave_is_strange_about_a_good_summary(town: Town) -> None:
    for good in town.good:
        assert [one for one in said(good, town) if one[1] is not Kind.WORD] == []


def test_a_sentence_about_something_else_rests_on_nothing() -> None:
    (backed,) = support("Penguins marched through sleepy Antarctica.", PIER.article.body, "en")

    assert backed.rests_on == ()


@pytest.mark.parametrize(
    ("town", "text", "strange"),
    [
        (PIER, "The Hamburg board voted on Tuesday.", [("Hamburg", Kind.NAME)]),
        (PIER, "The board voted on Friday.", [("Friday", Kind.DATE)]),
        (PIER, "Fishermen have been using the pier twelve miles up the coast.", [("twelve miles", Kind.NUMBER)]),
        (PIER, "The money is €4.5 million in all.", [("€4.5 million", Kind.NUMBER)]),
        (PIER, "Tom Reed said “more diesel than cod” there.", [("“more diesel than cod”", Kind.QUOTATION)]),
        (PIER, "The board voted cheerfully.", [("cheerfully", Kind.WORD)]),
        (BIBLIOTHEK, "Die Bücherei zieht nach Bremen.", [("Bremen", Kind.NAME)]),
        (PARK, "בפארק יינטעו 700 עצים.", [("700", Kind.NUMBER)]),
        (PARK, "ראש הממשלה בנימין נתניהו אישר את הפארק.", [("הממשלה בנימין", Kind.NAME), ("נתניהו", Kind.WORD)]),
        (MAKTABA, "وتبدأ الأعمال في 5 مارس.", [("5 مارس", Kind.DATE)]),
    ],
)
def test_what_the_article_does_not_have_is_marked_by_its_kind(
    town: Town, text: str, strange: list[tuple[str, Kind]]
) -> None:
    assert said(text, town) == strange


def test_a_name_that_only_the_headline_has_is_not_strange() -> None:
    body = "The council met on Monday and talked about the old bridge for three hours."

    (backed,) = support("Riverbend met on Monday.", body, "en", known="Riverbend talks")

    assert backed.strange == ()


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=200), language=st.sampled_from(["en", "fr", "es", "de", "ru", "he", "ar", ""]))
def test_any_text_is_taken_and_every_mark_lies_within_it(text: str, language: str) -> None:
    for backed in support(text, PIER.article.body, language):
        assert 0 <= backed.start < backed.end <= len(text)
        assert len(backed.rests_on) <= 3
        for one in backed.strange:
            assert backed.start <= one.start < one.end <= len(text)


@settings(max_examples=40, deadline=None)
@given(body=st.text(max_size=300))
def test_any_body_is_taken(body: str) -> None:
    for backed in support(PIER.first, body, "en"):
        assert all(0 <= span.start < span.end <= len(body) for span in backed.rests_on)
