"""Receipts: each sentence of a summary beside the sentences of the article that it rests on, and what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from digest.desk.backing import Backing, Foreign, Said, Words, backing
from digest.desk.summaries import outdated
from digest.model import DropReason, Rung, Span, Story
from digest.render.words import Direction, direction_of
from digest.store.articles import StoredArticle
from digest.store.asked import Spent

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

#: Characters shown of what stands before and after a sentence in its paragraph.
_AROUND = 180


class Quote(NamedTuple):
    """A sentence of the article, in its paragraph."""

    before: str
    text: str
    after: str
    paragraph: int
    #: Where it begins in the body: names its place on the page.
    at: int


class Sentence(NamedTuple):
    """A sentence of the summary, counted from 1."""

    number: int
    words: Sequence[Words]
    quotes: Sequence[Quote]


class Piece(NamedTuple):
    """A part of the article."""

    text: str
    #: The sentences of the summary that rest on it, counted from 1.
    sentences: Sequence[int] = ()
    #: Those of which this is the last word.
    ends: Sequence[int] = ()
    #: Where it begins in the body, when a sentence begins there; else -1.
    at: int = -1


class Receipt(NamedTuple):
    """A story's summary against the article that it rests on."""

    story: Story
    how: str
    sentences: Sequence[Sentence]
    #: The sentences are the article's own.
    is_verbatim: bool
    #: Whether the two could be compared.
    is_compared: bool
    paragraphs: Sequence[Sequence[Piece]]
    #: How the summary and the article are written; they may be in two languages.
    direction: Direction
    article_direction: Direction
    #: What the summary has and the article has not, the gravest first.
    foreign: Sequence[Foreign]
    #: Paragraphs that are no part of the article, each with the reason.
    left_out: Sequence[tuple[str, str]]
    #: What an editor should look at.
    warnings: Sequence[str]
    #: What a model was asked for it and what that came to; empty when none was asked.
    asked: str

    @property
    def is_grave(self) -> bool:
        return any(found.is_grave for found in self.foreign)

    @property
    def glance(self) -> str:
        """What the article does not have, in few words: "1 name, 2 words not in the article"."""
        told = [f"{len(found.texts)} {found.called}" for found in self.foreign]
        return f"{', '.join(told)} not in the article" if told else ""


def receipt(story: Story, stored: StoredArticle | None, spent: Spent | None = None) -> Receipt:
    """The receipt of a story; `spent` is what a model was asked about its article."""
    body = stored.article.body if stored else ""
    found = backing(story, stored.article) if stored else _unknown(story.summary.text)
    warnings = list(stored.article.warnings) if stored else ["The article is not kept any more."]
    if stored and (said := outdated(story.summary, stored.article)):
        warnings.append(said)
    if stored and found.why_not and story.summary.text:
        warnings.append(found.why_not)
    return Receipt(
        story=story,
        how=_RUNGS[story.summary.rung],
        sentences=[_sentence(number, said, body) for number, said in enumerate(found.sentences, start=1)],
        is_verbatim=found.is_verbatim,
        is_compared=stored is not None and not found.why_not,
        paragraphs=_paragraphs(body, [said.rests_on for said in found.sentences]),
        direction=direction_of(story.summary.text, story.language),
        article_direction=direction_of(body, story.language),
        foreign=found.foreign,
        left_out=[(dropped.text, _DROPPED[dropped.reason]) for dropped in stored.article.dropped] if stored else (),
        warnings=warnings,
        asked=_in_words(spent),
    )


def _unknown(text: str) -> Backing:
    return Backing(sentences=(Said(words=(Words(text=text),)),) if text else ())


def _in_words(spent: Spent | None) -> str:
    """ "scribe-v1 was asked twice: 2,310 tokens, $0.0041."."""
    if spent is None or not spent.answers:
        return ""
    often = {1: "once", 2: "twice"}.get(spent.answers, f"{spent.answers} times")
    # What one summary costs is less than a cent, as a rule.
    price = f", ${spent.dollars:.4f}" if spent.dollars else ""
    was = "were" if len(spent.models) > 1 else "was"
    return f"{' and '.join(spent.models)} {was} asked {often}: {spent.tokens:,} tokens{price}."


# --- Sentences ------------------------------------------------------------------------------------------


def _sentence(number: int, said: Said, body: str) -> Sentence:
    return Sentence(number, said.words, [_quote(span, body) for span in said.rests_on])


def _quote(span: Span, body: str) -> Quote:
    begin = body.rfind("\n\n", 0, span.start)
    begin = 0 if begin < 0 else begin + 2
    end = body.find("\n\n", span.end)
    before, after = body[begin : span.start], body[span.end : end if end >= 0 else len(body)]
    return Quote(
        before=before if len(before) <= _AROUND else f"… {before[-_AROUND:].partition(' ')[2]}",
        text=body[span.start : span.end],
        after=after if len(after) <= _AROUND else f"{after[:_AROUND].rpartition(' ')[0]} …",
        paragraph=body.count("\n\n", 0, span.start) + 1,
        at=span.start,
    )


# --- The article ----------------------------------------------------------------------------------------

#: A span of the body, and the number of a sentence that rests on it.
_Rest = tuple[Span, int]


def _paragraphs(body: str, rests: Sequence[Sequence[Span]]) -> list[list[Piece]]:
    numbered = [(span, number) for number, spans in enumerate(rests, start=1) for span in spans]
    paragraphs: list[list[Piece]] = []
    begin = 0
    for paragraph in body.split("\n\n"):
        end = begin + len(paragraph)
        paragraphs.append(list(_pieces(body, begin, end, numbered)))
        begin = end + 2
    return paragraphs


def _pieces(body: str, begin: int, end: int, rests: Sequence[_Rest]) -> Iterator[Piece]:
    """The paragraph `body[begin:end]`, cut where sentences that something rests on begin and end."""
    here = [(span, number) for span, number in rests if span.start < end and begin < span.end]
    cuts = sorted(
        {begin, end, *(max(span.start, begin) for span, _ in here), *(min(span.end, end) for span, _ in here)}
    )
    for first, last in pairwise(cuts):
        yield Piece(
            text=body[first:last],
            sentences=sorted({number for span, number in here if span.start <= first and last <= span.end}),
            ends=sorted({number for span, number in here if span.end == last}),
            at=first if any(span.start == first for span, _ in here) else -1,
        )
