"""What each sentence of a summary rests on in the article, and which of its words rest on nothing.

For the preview, where an editor compares the two, and for the checks of what a model wrote. Sentences are matched by
the words that they share: whether one follows from the other is for a person to say.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from digest.articles.summaries.claims.numbers import Number, numbers
from digest.articles.summaries.claims.source import Sentence, Source
from digest.articles.summaries.claims.strange import Strange, strange
from digest.articles.summaries.claims.words import Word, content
from digest.articles.summaries.sentences import split
from digest.model import Span

#: A sentence rests on at most so many of the body's.
_MOST = 3
#: The best of them shares at least this much of its weight, and each further one adds at least so much.
_LEAST_SHARED, _LEAST_ADDED = 0.25, 0.12


@dataclass(frozen=True, kw_only=True, slots=True)
class Backed:
    """A sentence of a summary, `text[start:end]`, and what stands behind it."""

    start: int
    end: int
    #: Sentences of the body that it rests on, the best first; none where it rests on nothing.
    rests_on: tuple[Span, ...]
    #: Parts of it that the article does not have, in order.
    strange: tuple[Strange, ...]


def support(text: str, body: str, language: str, *, known: str = "") -> tuple[Backed, ...]:
    """Sentence by sentence what `text` rests on in `body`. `known` is not strange either, such as the headline."""
    return supported_by(text, Source(body, language, known=known))


def supported_by(text: str, source: Source) -> tuple[Backed, ...]:
    found = strange(text, source)
    return tuple(
        Backed(
            start=span.start,
            end=span.end,
            rests_on=tuple(one.span for one in rests_on(text[span.start : span.end], source) if one.span),
            strange=tuple(one for one in found if span.start <= one.start < span.end),
        )
        for span in split(text, source.language)
    )


def rests_on(sentence: str, source: Source) -> list[Sentence]:
    """The sentences of the source that together have most of what the sentence tells, the best first."""
    missing: list[_Told] = [*content(sentence, source.language), *numbers(sentence, source.language)]
    whole = sum(_weight(told, source) for told in missing)
    body, chosen = [one for one in source.sentences if one.span], list[Sentence]()
    while missing and len(chosen) < _MOST:
        best = max(body, key=lambda one: _shared(one, missing, source), default=None)
        if best is None or _shared(best, missing, source) < (_LEAST_ADDED if chosen else _LEAST_SHARED) * whole:
            break
        chosen.append(best)
        missing = [told for told in missing if not _has(best, told)]
    return chosen


_Told = Word | Number


def _has(one: Sentence, told: _Told) -> bool:
    return bool(told.keys & one.keys) if isinstance(told, Word) else one.has_number(told)


def _shared(one: Sentence, missing: Sequence[_Told], source: Source) -> float:
    return sum(_weight(told, source) for told in missing if _has(one, told))


def _weight(told: _Told, source: Source) -> float:
    """Rare words say more about where a sentence comes from, and numbers as much as the rarest."""
    spread = max((source.spread[key] for key in told.keys), default=0) if isinstance(told, Word) else 1
    return math.log(1 + len(source.sentences) / spread) if spread else 1.0
