"""Sentences: whole ones, and rather one too long than half of one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.articles.summaries.sentences import split
from tests.articles.summaries.splits import BY_LANGUAGE


def cut(text: str, language: str = "") -> list[str]:
    return [text[span.start : span.end] for span in split(text, language)]


PARAGRAPHS = [(language, sentences) for language, found in BY_LANGUAGE.items() for sentences in found]


@pytest.mark.parametrize(("language", "sentences"), PARAGRAPHS, ids=[f"{lang}-{s[0][:30]}" for lang, s in PARAGRAPHS])
def test_abbreviations_quotes_and_numbers_end_no_sentence(language: str, sentences: list[str]) -> None:
    assert cut(" ".join(sentences), language) == sentences


@pytest.mark.parametrize("language", BY_LANGUAGE)
def test_a_language_nobody_told_is_cut_nearly_as_well_and_never_finer(language: str) -> None:
    """Without the language the lists of all are taken together: more is held back, nothing more is cut."""
    found = [sentence for sentences in BY_LANGUAGE[language] for sentence in cut(" ".join(sentences))]
    whole = [sentence for sentences in BY_LANGUAGE[language] for sentence in sentences]

    assert len(whole) >= 25
    assert len(set(found) & set(whole)) >= 0.75 * len(whole)
    assert len(found) <= len(whole)


def test_a_paragraph_always_ends_a_sentence() -> None:
    assert cut("A heading\n\nIt rained.") == ["A heading", "It rained."]


@given(st.text(alphabet='aB é.!?…"“”() \n\n3א', max_size=200), st.sampled_from(["", "en", "fr", "de", "he"]))
def test_sentences_cover_the_text_in_order_and_lose_only_white_space(text: str, language: str) -> None:
    spans = split(text, language)
    ends = [0, *(span.end for span in spans)]
    starts = [*(span.start for span in spans), len(text)]

    assert all(text[end:start].strip() == "" for end, start in zip(ends, starts, strict=True))
    assert all(text[span.start : span.end].strip() == text[span.start : span.end] != "" for span in spans)
