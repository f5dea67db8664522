"""Reading segments: what is written is what is meant, and a mistake says where it is and what could stand there."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.segments import SegmentMistake, newsletters_in, signs_in
from subscribers.segments import read_segment as read
from subscribers.segments import segment_in_words as sentence
from subscribers.segments.terms import Segment, Sign
from tests.subscribers.segments.strategies import SEGMENTS


@given(SEGMENTS)
def test_what_is_written_is_read_as_what_it_was(segment: Segment) -> None:
    assert read(str(segment)) == segment


@given(st.text(max_size=60) | st.text('acdeiklnoprstu0129 :,()"%-', max_size=60))
def test_any_text_is_a_segment_or_a_mistake(text: str) -> None:
    with suppress(SegmentMistake):
        found = read(text)
        assert read(str(found)) == found
        assert sentence(found, "The Courier")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  Clicked  90D  AND Not supporter:Monthly ", "clicked 90d and not supporter:monthly"),
        ("opened 2w", "opened 14d"),
        ("joined since 2026-01-01", "joined since 2026-01-01"),
        ('tag:"Gala 2026",Member', 'tag:"gala 2026",member'),
        ('topic:"local news"', 'topic:"local news"'),
        ("sample 10%", "sample 10%"),
        ("sample 50-62.5%", "sample 50-62.5%"),
        ("sample:spring 5%", "sample:spring 5%"),
        ("((clicked))", "clicked"),
        ("(clicked or opened 30d) and tag", "(clicked or opened 30d) and tag"),
        ("not (clicked and tag)", "not (clicked and tag)"),
        ("language:fr,unknown", "language:fr,unknown"),
        ("on:weekend", "on:weekend"),
    ],
)
def test_each_thing_can_be_said_in_some_ways_and_is_kept_in_one(written: str, kept: str) -> None:
    assert str(read(written)) == kept


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "it says nothing"),
        ("clicked 90", "“90” is no time; write it as 90d (days) or 12w (weeks)"),
        ("clicked 0d", "“0d” is not a time that anybody remembers"),
        ("clcked 90d", "“clcked” is no condition; perhaps “clicked” is meant"),
        ("clicked or", "something is missing after “or”"),
        ("and clicked", "there is no condition before “and”"),
        ("not", "something is missing after “not”"),
        ("clicked opened", "between “clicked” and “opened” there must be “and” or “or”"),
        ("clicked or opened and tag", "need parentheses, for instance “(clicked or opened) and …”"),
        ("(clicked", "a parenthesis is not closed"),
        ("clicked)", "“)” closes what was not opened"),
        ("()", "there is no condition before “)”"),
        ("supporter:rich", "there are none, one-time, monthly, lapsed, unknown"),
        ("supporter", "“supporter” needs a word, as in “supporter:monthly”"),
        ("tag:,", "“tag” needs a word, as in “tag:member”"),
        ("language:english", "“english” is no language; write it as en, fr or he"),
        ("on:the/weekend", "“the/weekend” is no newsletter's slug"),
        ("joined", "everybody joined; say when"),
        ("joined before friday", "“friday” is no day; write it as 2026-01-31"),
        ("sample 200%", "“200%” is no share; write it as 10% or 50-100%"),
        ("sample 0%", "“0%” is no share"),
        ("sample 50-10%", "“50-10%” is no share"),
        ('tag:"gala', "a quotation mark is not closed"),
        ("segment:loyal", "there is no segment “loyal”; declared are: none yet"),
        ("(" * 30 + "clicked" + ")" * 30, "nested too deeply"),
        ("not " * 30 + "clicked", "nested too deeply"),
        ("clicked and " * 300 + "tag", "more than 2,000 characters"),
        ("1=1; DROP TABLE subscriber", "“1=1;” is no condition"),
    ],
)
def test_a_mistake_is_told_with_what_could_stand_there(written: str, said: str) -> None:
    with pytest.raises(SegmentMistake) as mistake:
        read(written)

    assert said in mistake.value.message
    assert "clicked 90d" in mistake.value.hint


def test_a_segment_can_use_others_by_name_but_not_itself() -> None:
    named = {"loyal": "clicked 90d or supporter:monthly", "local": "segment:loyal and tag:harbour"}

    assert str(read("segment:local", named=named)) == "(clicked 90d or supporter:monthly) and tag:harbour"
    assert str(read("not segment:loyal", named=named)) == "not (clicked 90d or supporter:monthly)"
    for round_and_round in ({"a": "segment:a"}, {"a": "segment:b", "b": "not segment:a"}):
        with pytest.raises(SegmentMistake, match="goes round in a circle"):
            read("segment:a", named=round_and_round)
    with pytest.raises(SegmentMistake, match="declared are: loyal, local"):
        read("segment:royal", named=named)


def test_it_is_known_what_a_segment_asks_for() -> None:
    found = read("not (on:weekend,evening and clicked 90d) or joined 30d")

    assert newsletters_in(found) == {"weekend", "evening"}
    assert signs_in(found) == {Sign.CLICKED, Sign.JOINED}
