"""Segments: a part of a newsletter's readers, said in a few words that a person can read and a program can count.

    clicked 90d and not supporter:monthly
    topic:sport,culture and (language:fr or joined since 2026-01-01)

`read_segment` makes a `Segment` of such a text, `str` makes the text again, `segment_in_words` says in full what it
means, and `in_segment` narrows an audience by it. Nothing of it is SQL, and a mistake is told with the word it is at.
"""

from subscribers.segments.condition import in_segment as in_segment
from subscribers.segments.reading import SegmentMistake as SegmentMistake
from subscribers.segments.reading import read_segment as read_segment
from subscribers.segments.sentence import segment_in_words as segment_in_words
from subscribers.segments.terms import Segment as Segment
from subscribers.segments.terms import newsletters_in as newsletters_in
from subscribers.segments.terms import signs_in as signs_in
from subscribers.segments.terms import topics_in as topics_in
