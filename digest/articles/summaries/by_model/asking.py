"""A summary from a language model: asked, checked, asked once more with what was wrong, else declined with the reason.

What a model costs is counted as soon as it has answered, and what it answered is kept by what it was asked: reading an
article again costs nothing. The model itself, and where all this is kept, stand behind ports.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from digest.articles.blocks import tidy
from digest.articles.summaries.by_model.checks import Brief, Failure, failures
from digest.articles.summaries.by_model.prompt import Prompt, prompt_for
from digest.articles.summaries.ladder import Declined
from digest.articles.summaries.limits import Limits
from digest.articles.summaries.support import supported_by
from digest.model import Article, Rung, Span, Summary

#: How often a model is asked about one article: once, and once more with what was wrong.
_ATTEMPTS = 2
#: A body with fewer words than this is as short as its summary.
_LEAST_BODY = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    text: str
    #: What keeps it from being whole, as a sentence about it; empty when the model came to its end.
    cut: str = ""
    tokens_in: int = 0
    tokens_out: int = 0


class NoAnswerError(Exception):
    """The model gave none: out of reach, throttled, forbidden. The message is a sentence for an editor."""


class Model(Protocol):
    """A language model."""

    @property
    def name(self) -> str:
        """What the account calls it."""

    def ask(self, system: str, turns: Sequence[Turn]) -> Answer:
        """Raises NoAnswerError, and nothing else."""

    def lacks(self) -> str:
        """What this machine lacks to ask it, found without asking; empty for nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """What came of asking about an article: a summary, or the reason why there is none."""

    text: str = ""
    reason: str = ""


class Book(Protocol):
    """Where answers are kept and their cost is counted."""

    def recall(self, key: str) -> Kept | None:
        """What came of asking just that before."""

    def full(self) -> str:
        """Why nothing more may be asked for this issue, as a sentence; empty when something may."""

    def count(self, key: str, article: Article, model: str, answer: Answer) -> None:
        """Add what an answer cost, before anything is done with it."""

    def settle(self, key: str, kept: Kept) -> None:
        """Keep what came of it."""


class ModelSummariser:
    """The rung MODEL of the ladder."""

    def __init__(self, model: Model, book: Book) -> None:
        self._model = model
        self._book = book

    def summarise(self, article: Article, limits: Limits) -> Summary:
        """Raises Declined, and nothing else."""
        brief = Brief(article, limits)
        if len(brief.body.split()) < _LEAST_BODY:
            raise Declined(f"The article has less than {_LEAST_BODY} words, so no model was asked.")
        prompt = prompt_for(brief)
        brief.asked = prompt.own
        key = self._key(prompt)
        kept = self._book.recall(key)
        if kept is None:
            kept = self._ask(brief, prompt, key)
            self._book.settle(key, kept)
        if kept.reason:
            raise Declined(kept.reason)
        return Summary(text=kept.text, rung=Rung.MODEL, spans=_spans(kept.text, brief))

    def _key(self, prompt: Prompt) -> str:
        asked = json.dumps([self._model.name, prompt.system, prompt.user], ensure_ascii=True)
        return hashlib.sha256(asked.encode()).hexdigest()

    def _ask(self, brief: Brief, prompt: Prompt, key: str) -> Kept:
        turns = [Turn(role="user", text=prompt.user)]
        wrong: list[Failure] = []
        for _ in range(_ATTEMPTS):
            if why := self._book.full():
                raise Declined(why)
            answer = self._answer(prompt, turns)
            self._book.count(key, brief.article, self._model.name, answer)
            text = tidy(answer.text) if "\n" not in answer.text.strip() else answer.text.strip()
            wrong = [Failure(code="cut", message=answer.cut)] if answer.cut else failures(text, brief)
            if not wrong:
                return Kept(text=text)
            turns = _once_more(turns, text, prompt.again(wrong))
        said = " ".join(failure.message for failure in wrong)
        return Kept(reason=f"{self._model.name} was asked {_ATTEMPTS} times, and its summary was not used. {said}")

    def _answer(self, prompt: Prompt, turns: Sequence[Turn]) -> Answer:
        try:
            return self._model.ask(prompt.system, turns)
        except NoAnswerError as trouble:
            raise Declined(str(trouble)) from trouble


def _once_more(turns: Sequence[Turn], said: str, again: str) -> list[Turn]:
    """What was asked and answered, and what was wrong with it. A turn without words cannot be sent."""
    if said:
        return [*turns, Turn(role="assistant", text=said), Turn(role="user", text=again)]
    return [*turns[:-1], Turn(role="user", text=f"{turns[-1].text}\n\n{again}")]


def _spans(text: str, brief: Brief) -> tuple[Span, ...]:
    """Where in the article's body the summary's sentences rest, each of them once."""
    found: dict[Span, None] = {}
    for backed in supported_by(text, brief.source):
        for span in backed.rests_on:
            found.setdefault(_in_body(span, brief), None)
    return tuple(found)


def _in_body(span: Span, brief: Brief) -> Span:
    """The span in the whole body; the source lacks the paragraphs that speak to machines."""
    if brief.body == brief.article.body:
        return span
    said = brief.body[span.start : span.end]
    at = brief.article.body.index(said)
    return Span(start=at, end=at + len(said))
