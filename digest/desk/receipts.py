"""Receipts: each sentence of a summary shown where it stands in the article, and what was left out of the article."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from digest.desk.summaries import VERBATIM, outdated
from digest.model import DropReason, Rung, Span, Story
from digest.store.articles import StoredArticle

#: How a summary came about, and how far an editor may lean on it.
_RUNGS: dict[Rung, str] = {
    Rung.EDITOR: "Written by an editor.",
    Rung.STANDFIRST: "The publisher's own summary line.",
    Rung.MODEL: "Written by a language model from the sentences marked. Compare them.",
    Rung.EXTRACT: "Sentences of the article, word for word, chosen because they say most.",
    Rung.LEAD: "The article's first sentences: it is too short or too odd to choose from.",
}

_DROPPED: dict[DropReason, str] = {
    DropReason.HEADLINE: "the headline again",
    DropReason.STANDFIRST: "the publisher's summary line: kept as such",
    DropReason.BYLINE: "who wrote it",
    DropReason.CAPTION: "a caption",
    DropReason.CREDIT: "who published it first: shown as the credit",
    DropReason.APPEAL: "somebody else's appeal",
    DropReason.PROMOTION: "promotion",
    DropReason.BIO: "about the author",
    DropReason.CORRECTION: "a correction: shown with the story",
    DropReason.FRAGMENT: "no sentence",
    DropReason.TAIL: "after the end",
}


class Piece(NamedTuple):
    text: str
    #: The sentence of the summary that stands here, counted from 1; 0 for none.
    sentence: int = 0


class Receipt(NamedTuple):
    """A story's summary against the article that it rests on."""

    story: Story
    how: str
    #: The summary's sentences, in its own order; one piece where they rest on nothing in particular.
    sentences: Sequence[Piece]
    paragraphs: Sequence[Sequence[Piece]]
    #: Paragraphs that are no part of the article, each with the reason.
    left_out: Sequence[tuple[str, str]]
    #: What an editor should look at.
    warnings: Sequence[str]


def receipt(story: Story, stored: StoredArticle | None) -> Receipt:
    body = stored.article.body if stored else ""
    spans = _spans(story, body)
    warnings = list(stored.article.warnings) if stored else ["The article is not kept any more."]
    if stored and (said := outdated(story, stored.article)):
        warnings.append(said)
    elif story.summary.spans and not spans and stored:
        warnings.append("The article changed since it was summarised: compare the summary with it.")
    return Receipt(
        story=story,
        how=_RUNGS[story.summary.rung],
        sentences=_sentences(story, body, spans),
        paragraphs=_paragraphs(body, spans),
        left_out=[(dropped.text, _DROPPED[dropped.reason]) for dropped in stored.article.dropped] if stored else (),
        warnings=warnings,
    )


def _sentences(story: Story, body: str, spans: Sequence[Span]) -> list[Piece]:
    if story.summary.rung in VERBATIM and spans:
        return [Piece(body[span.start : span.end], at) for at, span in enumerate(spans, start=1)]
    return [Piece(story.summary.text)]


def _spans(story: Story, body: str) -> Sequence[Span]:
    """Where the summary stands in the article; nothing when the article is not the one it was taken from."""
    text, spans = story.summary.text, story.summary.spans
    if not spans:
        at = body.find(text) if text else -1
        return [Span(start=at, end=at + len(text))] if at >= 0 else []
    verbatim = story.summary.rung in VERBATIM
    true = all(0 <= s.start < s.end <= len(body) and (not verbatim or body[s.start : s.end] in text) for s in spans)
    return spans if true else []


def _paragraphs(body: str, spans: Sequence[Span]) -> list[list[Piece]]:
    numbered = sorted((span.start, span.end, at) for at, span in enumerate(spans, start=1))
    paragraphs: list[list[Piece]] = []
    begin = 0
    for paragraph in body.split("\n\n"):
        end = begin + len(paragraph)
        paragraphs.append(_pieces(body, begin, end, numbered))
        begin = end + 2
    return paragraphs


def _pieces(body: str, begin: int, end: int, numbered: Sequence[tuple[int, int, int]]) -> list[Piece]:
    """The paragraph `body[begin:end]`, cut where sentences of the summary begin and end."""
    pieces: list[Piece] = []
    at = begin
    for start, stop, number in numbered:
        first, last = max(start, at), min(stop, end)
        if first < last:
            pieces += [Piece(body[at:first]), Piece(body[first:last], number)]
            at = last
    return [piece for piece in [*pieces, Piece(body[at:end])] if piece.text]
