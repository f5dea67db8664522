"""What each sentence of a summary rests on in its article, and which of its words the article does not have.

Sentences that were taken from the article stand for themselves. All others (an editor's, the publisher's, a model's)
are compared by their words: that tells where to look, and not whether it is true.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from digest.articles.language import detect
from digest.articles.summaries.claims.strange import Kind, Strange
from digest.articles.summaries.support import Backed, support
from digest.desk.summaries import VERBATIM
from digest.model import Article, Rung, Span, Story, Summary

#: What is foreign to the article, one and several, in the order of its weight.
_CALLED: dict[Kind, tuple[str, str]] = {
    Kind.NAME: ("name", "names"),
    Kind.NUMBER: ("number", "numbers"),
    Kind.DATE: ("date", "dates"),
    Kind.QUOTATION: ("quotation", "quotations"),
    Kind.WORD: ("word", "words"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """A part of a sentence."""

    text: str
    #: What the article does not have of it; None for words that it has.
    foreign: Kind | None = None

    @property
    def is_grave(self) -> bool:
        """A fact that can be wrong, where a word may be another way of saying the same."""
        return self.foreign not in (None, Kind.WORD)

    @property
    def called(self) -> str:
        return _CALLED[self.foreign][0] if self.foreign else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """A sentence of a summary."""

    words: tuple[Words, ...]
    #: Sentences of the body that it rests on, the best first; none where it rests on nothing.
    rests_on: tuple[Span, ...] = ()

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.words)


@dataclass(frozen=True, kw_only=True, slots=True)
class Foreign:
    """What a summary has of one kind and its article has not."""

    kind: Kind
    texts: tuple[str, ...]

    @property
    def is_grave(self) -> bool:
        return self.kind is not Kind.WORD

    @property
    def called(self) -> str:
        """ "name", "words"."""
        return _CALLED[self.kind][len(self.texts) > 1]

    def __str__(self) -> str:
        """ "names “Paris”, “Vale”"."""
        return f"{self.called} {', '.join(f'“{text}”' for text in self.texts)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Backing:
    """A summary against its article."""

    sentences: tuple[Said, ...]
    #: The sentences are the article's own.
    is_verbatim: bool = False
    #: Why its words were not compared, as a sentence; empty where they were.
    why_not: str = ""

    @property
    def foreign(self) -> list[Foreign]:
        """What the article does not have, the gravest first."""
        parts = [part for sentence in self.sentences for part in sentence.words]
        texts = {kind: dict.fromkeys(part.text for part in parts if part.foreign is kind) for kind in _CALLED}
        return [Foreign(kind=kind, texts=tuple(found)) for kind, found in texts.items() if found]


def backing(story: Story, article: Article) -> Backing:
    """The summary of a story against the article as it is now."""
    return backing_of(story.summary, article, known=story.headline)


def backing_of(summary: Summary, article: Article, *, known: str = "") -> Backing:
    """`known` is not foreign either, such as the headline that an editor gave the story."""
    if own := _own_sentences(summary, article.body):
        sentences = (Said(words=(Words(text=article.body[at.start : at.end]),), rests_on=(at,)) for at in own)
        return Backing(sentences=tuple(sentences), is_verbatim=True)
    if why := _why_not(summary.text, article):
        return Backing(sentences=_whole(summary.text), why_not=why)
    language = article.language or detect(article.body)
    found = support(summary.text, article.body, language, known=_known(summary, article, known))
    return Backing(sentences=tuple(_said(summary.text, one) for one in found))


def _own_sentences(summary: Summary, body: str) -> Sequence[Span]:
    """Where the summary's sentences stand in the body; nothing where they do not, or not any more."""
    if summary.rung not in VERBATIM:
        return ()
    said = " ".join(body[span.start : span.end] for span in summary.spans)
    return summary.spans if said == summary.text else ()


def _why_not(text: str, article: Article) -> str:
    if not article.body:
        return "The article has no text that it could be compared with."
    written, told = detect(text), article.language or detect(article.body)
    if written and told and written != told:
        return "It is in another language than the article, so its words were not compared."
    return ""


def _whole(text: str) -> tuple[Said, ...]:
    return (Said(words=(Words(text=text),)),) if text else ()


def _known(summary: Summary, article: Article, headline: str) -> str:
    """What the article says of itself beside its body. The publisher's line does not speak for itself."""
    line = article.standfirst if summary.rung is not Rung.STANDFIRST else ""
    beside = (headline, article.headline, article.own_headline, line, article.byline, article.publisher)
    return "\n\n".join(dict.fromkeys(filter(None, (*beside, article.correction, article.credit, article.bio))))


def _said(text: str, backed: Backed) -> Said:
    words = _cut(text, backed.start, backed.end, backed.strange)
    return Said(words=tuple(words), rests_on=tuple(dict.fromkeys(backed.rests_on)))


def _cut(text: str, begin: int, end: int, strange: Sequence[Strange]) -> Iterator[Words]:
    """The sentence `text[begin:end]`, cut where words begin and end that the article does not have."""
    at = begin
    for one in _joined(text, strange):
        if at < one.start:
            yield Words(text=text[at : one.start])
        yield Words(text=text[one.start : min(one.end, end)], foreign=one.kind)
        at = min(one.end, end)
    if at < end:
        yield Words(text=text[at:end])


def _joined(text: str, strange: Sequence[Strange]) -> list[Strange]:
    """Names in a row as one: who reads “Paul Vale” looks for one person."""
    joined: list[Strange] = []
    for one in strange:
        last = joined[-1] if joined else None
        if last and last.kind is one.kind is Kind.NAME and text[last.end : one.start].isspace():
            joined[-1] = Strange(last.start, one.end, Kind.NAME)
        else:
            joined.append(one)
    return joined
