"""Sentences: whole ones, and rather one too long than half of one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.articles.summaries.sentences import split


def cut(text: str, language: str = "") -> list[str]:
    return [text[span.start : span.end] for span in split(text, language)]


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ["Sen. John Smith met Gov. Jane Doe on Jan. 5.", "They talked."]),
        ("en", ["He works at Yahoo! Inc. in California.", "She does not."]),
        ("en", ["Brig. Gen. Amos Lee spoke at 5 p.m.", "The crowd left."]),
        ("en", ["John F. Kennedy never met J. Edgar Hoover there.", "He wrote to him."]),
        ("en", ["The U.S. Capitol was closed.", "It reopened at 3.5 percent of its size."]),
        ("en", ['"Why?" he asked.', '"Because."', "She left."]),
        ("en", ["Wait... what?", "No."]),
        ("en", ["(He left. She stayed.)", "They met."]),
        ("en", ["He said no.", "The vote failed."]),
        ("en", ["DeKalb, Ill. Mayor Ann Poe resigned.", "Nobody knew why."]),
        ("fr", ["M. Dupont a vu Mme. Durand.", "Il est parti."]),
        ("fr", ["« Non ! » a lancé le ministre.", "Puis il est sorti."]),
        ("es", ["La Sra. López vive en EE. UU. desde 1990.", "Es feliz."]),
        ("de", ["Am 3. Oktober ist Feiertag.", "Das gilt z. B. in Berlin.", "Gut."]),
        ("he", ['דובר צה"ל מסר הודעה.', 'ד"ר כהן אמר: "לא".', "הוא הלך."]),
        ("ar", ["هل عاد الوزير؟", "لا أحد يعرف."]),
    ],
)
def test_abbreviations_quotes_and_numbers_end_no_sentence(language: str, sentences: list[str]) -> None:
    assert cut(" ".join(sentences), language) == sentences


def test_a_paragraph_always_ends_a_sentence() -> None:
    assert cut("A heading\n\nIt rained.") == ["A heading", "It rained."]


@given(st.text(alphabet='aB é.!?…"“”() \n\n3א', max_size=200), st.sampled_from(["", "en", "fr", "de", "he"]))
def test_sentences_cover_the_text_in_order_and_lose_only_white_space(text: str, language: str) -> None:
    spans = split(text, language)
    ends = [0, *(span.end for span in spans)]
    starts = [*(span.start for span in spans), len(text)]

    assert all(text[end:start].strip() == "" for end, start in zip(ends, starts, strict=True))
    assert all(text[span.start : span.end].strip() == text[span.start : span.end] != "" for span in spans)
