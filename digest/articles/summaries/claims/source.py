"""The text that claims are looked up in: an article's sentences with their words, numbers, dates and names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from digest.articles.summaries.claims.dates import Date, dates
from digest.articles.summaries.claims.names import Names
from digest.articles.summaries.claims.numbers import Number, numbers
from digest.articles.summaries.claims.quotations import spelled
from digest.articles.summaries.claims.words import Word, content
from digest.articles.summaries.sentences import split
from digest.model import Span


@dataclass(frozen=True, slots=True)
class Sentence:
    #: None for what is known beside the body, such as the headline.
    span: Span | None
    text: str
    words: tuple[Word, ...]
    keys: frozenset[str]
    numbers: tuple[Number, ...]

    def has_number(self, number: Number) -> bool:
        return any(number.readings & other.readings for other in self.numbers)


class Source:
    """A body and what else is known, prepared for looking up; read once, as it takes milliseconds."""

    def __init__(self, body: str, language: str, *, known: str = "") -> None:
        self.body = body
        self.language = language
        self.text = f"{known}\n\n{body}" if known else body
        self.sentences = tuple(self._sentences(known))
        #: Key → number of sentences that have it.
        self.spread = Counter(key for sentence in self.sentences for key in sentence.keys)

    def _sentences(self, known: str) -> Iterator[Sentence]:
        for text, has_spans in ((known, False), (self.body, True)):
            for span in split(text, self.language):
                said = text[span.start : span.end]
                told = tuple(content(said, self.language))
                keys = frozenset().union(*(word.keys for word in told))
                counted = tuple(numbers(said, self.language))
                yield Sentence(span if has_spans else None, said, told, keys, counted)

    def has(self, word: Word) -> bool:
        return not self.spread.keys().isdisjoint(word.keys)

    @cached_property
    def dates(self) -> tuple[Date, ...]:
        return tuple(dates(self.text, self.language))

    @cached_property
    def names(self) -> Names:
        return Names(self.text, self.language)

    @cached_property
    def spelled(self) -> str:
        """All of it as quotations compare."""
        return spelled(self.text)
