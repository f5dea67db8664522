"""From an article to a summary: the ladder editor → standfirst → model → extract → lead.

The best summary is often already written: by an editor here, or by the publisher. Else a model, where one is plugged
in (`Summariser`), and else whole sentences of the body, verbatim and in their order, each with the span it stands at.
Why each rung above had none is kept with the summary: an editor who wonders is told.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from digest.articles.blocks import tidy
from digest.articles.summaries.form import Form, form_of
from digest.articles.summaries.limits import LEAST_WORDS, MOST_WORDS, USUAL, Limits
from digest.articles.summaries.standfirst import is_better_than_nothing, why_not
from digest.errors import InputError
from digest.model import Access, Article, Rung, Span, Summary

__all__ = ["LEAST_WORDS", "MOST_WORDS", "USUAL", "Declined", "Limits", "Summariser", "summarise"]

_NO_EXTRACT = "No sentence of the article that fits can stand by itself."


class Declined(Exception):
    """A summariser has no summary that passes its own checks.

    The reason is a whole sentence for an editor: “The model named “Paris”, which the article does not.”
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Summariser(Protocol):
    """Writes a summary of an article (rung MODEL, with the spans that it rests on). Raises Declined when it has none.

    Nothing else may come out of it: time-outs, refusals and broken answers are Declined as well.
    """

    def summarise(self, article: Article, limits: Limits) -> Summary: ...


def summarise(
    article: Article,
    *,
    override: str = "",
    limits: Limits = USUAL,
    model: Summariser | None = None,
) -> Summary:
    """The summary from the best rung that has one.

    Raises InputError when neither the standfirst nor the body holds eight words: then an editor must write it.
    """
    if text := tidy(override):
        return Summary(text=text, rung=Rung.EDITOR, about=article.mark)
    passed = why_not(article, limits, preferred=form_of(article) is not Form.NEWS)
    if not passed:
        return Summary(text=_without_town(article.standfirst), rung=Rung.STANDFIRST)
    if article.access is Access.CUT:
        return _without_body(article, passed)
    why = [passed]
    if model is not None:
        try:
            return replace(model.summarise(article, limits), why=(passed,))
        except Declined as declined:
            why.append(declined.reason)
    return _from_body(article, limits, why)


def _from_body(article: Article, limits: Limits, why: list[str]) -> Summary:
    from digest.articles.summaries.ranking import best_sentences, first_sentences

    if spans := best_sentences(article, limits):
        return _verbatim(article, Rung.EXTRACT, spans, why)
    if spans := first_sentences(article, limits):
        return _verbatim(article, Rung.LEAD, spans, [*why, _NO_EXTRACT])
    return _without_body(article, *why)


def _without_town(line: str) -> str:
    """The publisher's line without its agency's "WASHINGTON (AP) —"."""
    from digest.articles.summaries.candidates import without_dateline

    span = without_dateline(line, Span(start=0, end=len(line)))
    return line[span.start : span.end]


def _verbatim(article: Article, rung: Rung, spans: list[Span], why: list[str]) -> Summary:
    text = " ".join(article.body[span.start : span.end] for span in spans)
    return Summary(text=text, rung=rung, spans=tuple(spans), why=tuple(why))


def _without_body(article: Article, *why: str) -> Summary:
    """No sentence to take, or too little of the article came: the standfirst, even if it would not have been chosen."""
    if is_better_than_nothing(article):
        return Summary(text=article.standfirst, rung=Rung.STANDFIRST, why=why)
    called = f"“{article.headline or article.url or 'The article'}”"
    if article.access is Access.CUT:
        said = f"Only the beginning of {called} came: the rest is for who pays or registers."
    else:
        said = f"{called} holds no sentence to take a summary from."
    raise InputError(said, hint="Write its summary yourself, or leave the article out.")
