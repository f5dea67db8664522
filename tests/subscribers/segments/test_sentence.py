"""Segments as sentences: what a newsroom reads before it mails anybody."""

from __future__ import annotations

import pytest

from subscribers.segments import read_segment as read
from subscribers.segments import segment_in_words as sentence

NAMES = {"weekend": "The Weekend Courier"}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("clicked 90d and not supporter:monthly", "clicked in the last 90 days and do not give monthly"),
        ("not clicked", "never clicked"),
        ("clicked", "have clicked"),
        ("not opened 30d", "did not open an issue in the last 30 days"),
        ("opened 1d", "opened an issue in the last day"),
        ("joined 30d", "joined in the last 30 days"),
        ("not joined 30d", "joined more than 30 days ago"),
        ("joined before 2026-01-31", "joined before 31 January 2026"),
        ("not clicked since 2026-01-01", "did not click since 1 January 2026"),
        ("supporter:one-time,lapsed", "(gave once or gave and stopped)"),
        ("not supporter:one-time,lapsed", "(did not give just once and did not give and stop)"),
        ("language:fr,he", "read French or Hebrew"),
        ("not language:unknown", "do not read a language that we do not know"),
        ("topic:sport,culture", "want the topic “sport” or “culture”"),
        ("not topic", "chose no topics"),
        ('tag:"gala 2026"', "have the tag “gala 2026”"),
        ("on:weekend", "are also on The Weekend Courier"),
        ("not on:weekend,evening", "are not on The Weekend Courier or evening"),
        ("sample 10%", "are in a lasting sample of 10 %"),
        ("not sample:spring 50-62.5%", "are not in a lasting sample “spring” of 12.5 % (50 to 62.5 %)"),
        ("clicked and (tag:a or tag:b)", "have clicked and (have the tag “a” or have the tag “b”)"),
        ("not (clicked and tag)", "never clicked or have no tag"),
        ("tag and not (clicked or opened)", "have a tag and never clicked and never opened an issue"),
        ("not (not clicked)", "have clicked"),
    ],
)
def test_a_segment_is_said_as_the_sentence_it_means(written: str, said: str) -> None:
    assert sentence(read(written), "The Courier", names=NAMES) == f"readers of The Courier who {said}"


def test_everybody_has_a_sentence_too() -> None:
    assert sentence(None, "The Courier") == "all readers of The Courier"
