"""A summary told again, shorter or longer than it was: the same ladder with other limits.

What is there is the measure, and not the settings: who finds a summary too long is not helped by hearing that it is
not. First a clear step is tried, also with the model; then anything that is shorter or longer at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from enum import StrEnum

from digest.articles.summaries.ladder import Summariser, summarise
from digest.articles.summaries.limits import LEAST_WORDS, MOST_WORDS, Limits
from digest.errors import InputError
from digest.model import Article, Summary

#: A clear step: three quarters of the words at most, or five quarters at least.
_SHORTER, _LONGER = 0.75, 1.25
#: … and by so many words at most, which is one long sentence.
_STEP = 25
#: Below so many words it is whole sentences that count: the few that are much shorter are rarely the best.
_SHORT = 20


class Wish(StrEnum):
    """How a summary is to be told."""

    AGAIN = "told again"
    SHORTER = "shortened"
    LONGER = "lengthened"


def retell(
    article: Article, before: Summary, wish: Wish, limits: Limits, *, model: Summariser | None = None
) -> Summary:
    """The article's summary as wished. `limits` are what the newsletter and its theme have room for.

    Raises InputError when it cannot be told so, or comes out as it was.
    """
    if wish is Wish.SHORTER:
        return _shorter(article, before, model)
    if wish is Wish.LONGER:
        return _longer(article, before, limits, model)
    found = summarise(article, limits=limits, model=model)
    if (found.text, found.rung) == (before.text, before.rung):
        raise InputError(
            "It comes out as it is: neither the article nor the settings changed since.",
            hint="Have it shorter or longer, or write it yourself.",
        )
    return found


def _shorter(article: Article, before: Summary, model: Summariser | None) -> Summary:
    words, characters = _measure(before.text)
    clear = round(_SHORTER * words)
    steps = [(clear, model), (words - 1, None)] if clear >= _SHORT else [(words - 1, model)]
    for most, asked in steps:
        limits = Limits(max(LEAST_WORDS, words // 2), most, characters - 1)
        for found in _tellings(article, limits, asked, "shorter") if most >= LEAST_WORDS else ():
            if limits.hold(*_measure(found.text)):
                return found
    raise InputError(
        "It cannot be shorter: nothing shorter in the article stands by itself.", hint="Write it yourself."
    )


def _longer(article: Article, before: Summary, limits: Limits, model: Summariser | None) -> Summary:
    words, characters = _measure(before.text)
    clear = min(MOST_WORDS, round(_LONGER * words) + 1)
    steps = [(clear, min(MOST_WORDS, words + _STEP), model), (words + 1, MOST_WORDS, None)]
    for least, most, asked in steps:
        room = Limits(least, most, limits.characters)
        for found in _tellings(article, room, asked, "longer") if least <= most else ():
            more = _measure(found.text)
            if room.hold(*more) and more[0] >= least and more[1] > characters:
                return found
    raise InputError(
        f"It cannot be longer: nothing that says more fits into {limits.characters} characters and {MOST_WORDS} words.",
        hint="Write it yourself.",
    )


def _tellings(article: Article, limits: Limits, model: Summariser | None, wished: str) -> Iterator[Summary]:
    """What the ladder has within the limits; and once more without the publisher's line, which has but one length."""
    with suppress(InputError):
        yield summarise(article, limits=limits, model=model)
    if not article.standfirst:
        return
    with suppress(InputError):
        found = summarise(replace(article, standfirst=""), limits=limits, model=model)
        passed = f"The publisher's summary line is not {wished} than what was there."
        yield replace(found, why=(passed, *found.why[1:]))


def _measure(text: str) -> tuple[int, int]:
    return len(text.split()), len(text)
