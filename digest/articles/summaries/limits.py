"""How long a summary may be, in words for the reader's patience and in characters for the theme's room."""

from __future__ import annotations

from dataclasses import dataclass

#: Shorter is a headline, longer is the article: no summary is ever outside, whatever the limits.
LEAST_WORDS = 8
MOST_WORDS = 70


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a summary should be."""

    #: Words, least and most.
    least: int = 20
    most: int = 60
    #: As many characters as the theme has room for.
    characters: int = 450

    def hold(self, words: int, characters: int) -> bool:
        """Does a summary of that length stay within the most?"""
        return words <= min(self.most, MOST_WORDS) and characters <= self.characters


USUAL = Limits()
