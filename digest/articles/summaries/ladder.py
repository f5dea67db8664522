"""From an article to a summary: the ladder editor → standfirst → model → extract → lead.

The best summary is often already written: by an editor here, or by the publisher. Else a model, where one is plugged
in (`Summariser`), and else whole sentences of the body, verbatim and in their order, each with the span it stands at.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from digest.articles.blocks import tidy
from digest.errors import InputError
from digest.model import Article, Rung, Span, Summary

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
    limits: Limits = Limits(),
    model: Summariser | None = None,
) -> Summary:
    """The summary from the best rung that has one.

    Raises InputError when neither the standfirst nor the body holds eight words: then an editor must write it.
    """
    if text := tidy(override):
        return Summary(text=text, rung=Rung.EDITOR)
    if standfirst_fits(article, limits):
        return Summary(text=article.standfirst, rung=Rung.STANDFIRST)
    why: list[str] = []
    if model is not None:
        try:
            return replace(model.summarise(article, limits), why=tuple(why))
        except Declined as declined:
            why.append(declined.reason)
    summary = _from_body(article, limits) or _from_what_is_left(article)
    return replace(summary, why=(*why, *summary.why))


def _from_body(article: Article, limits: Limits) -> Summary | None:
    from digest.articles.summaries.ranking import best_sentences, first_sentences

    if spans := best_sentences(article, limits.least, limits.most):
        return _verbatim(article, Rung.EXTRACT, spans)
    if spans := first_sentences(article, limits.least, limits.most):
        return _verbatim(article, Rung.LEAD, spans)
    return None


def _verbatim(article: Article, rung: Rung, spans: list[Span]) -> Summary:
    text = " ".join(article.body[span.start : span.end] for span in spans)
    return Summary(text=text, rung=rung, spans=tuple(spans))


def _from_what_is_left(article: Article) -> Summary:
    """No sentence to take: the standfirst, even if it would not have fitted."""
    words = len(article.standfirst.split())
    if LEAST_WORDS <= words <= MOST_WORDS and _rejections(article)["promotion"](article.standfirst) is False:
        return Summary(text=article.standfirst, rung=Rung.STANDFIRST)
    raise InputError(
        f"“{article.headline or article.url or 'The article'}” holds no sentence to take a summary from.",
        hint="Write its summary yourself, or leave the article out.",
    )


# --- The publisher's standfirst -------------------------------------------------------------------------


def standfirst_fits(article: Article, limits: Limits) -> bool:
    """Is the publisher's own summary line clean, whole, and about this article?"""
    text = article.standfirst
    if not LEAST_WORDS <= len(text.split()) <= min(limits.most, MOST_WORDS):
        return False
    return not any(is_so(text) for is_so in _rejections(article).values())


def _rejections(article: Article) -> dict[str, Callable[[str], bool]]:
    from digest.articles.verdicts import is_clutter, repeats

    return {
        "unfinished": lambda text: (
            not re.search(r"[.!?؟][\"'”’»)]*$", text) or bool(re.search(r"(?:…|\.\.\.)\W*$", text))
        ),
        "headline": lambda text: repeats(text, article.headline) or bool(article.headline and article.headline in text),
        "promotion": is_clutter,
        "elsewhere": lambda text: not _is_about(text, article),
    }


#: "… is the private blog of Ada Brook about tides", in four languages.
_SELF_DESCRIPTION = re.compile(
    r"\b(?:is|ist|est|es|é|è)\s+(?:an?|the|your|ein|eine|das|der|die|dein|ihr|une?|le|la|l[’']|el|un|una|o|um|il)\b"
    r"(?:[\s’']+[\w-]+){0,4}?[\s’'-]+(?:web-?log|blog|web-?site|site|portal|magazin\w*|e-?zine|platform|plattform|newspaper"
    r"|zeitung|journal|podcast|community|source|home|quelle|online\w+|nachrichten\w+|revista|periódico|sitio)\b",
    re.IGNORECASE,
)


def describes_site(text: str, article: Article) -> bool:
    """Is it the site's line about itself, as it stands on every page: "The Reed is a blog about tides."?"""
    from digest.articles.headlines import Site, squashed

    if article.publisher and text.lower().startswith(article.publisher.lower()):
        return True
    said = _SELF_DESCRIPTION.search(text[:300])
    if not said or said.start() > 60:
        return False
    subject = squashed(text[: said.start()])
    if re.match(r"(?:this|welcome|here|we|dies|hier|ceci|ici|est[aeo])(?:$|blog|site|web|page|seite)", subject):
        return True
    named = Site.of(article.publisher, article.url).names
    headline = set(re.findall(r"\w{4,}", article.headline.lower()))
    return any(len(name) > 3 and name in subject for name in named) or not headline & set(
        re.findall(r"\w{4,}", text.lower())
    )


def _is_about(text: str, article: Article) -> bool:
    """Same script, and words in common: not the site's own slogan, and not another language's summary."""
    from digest.articles.language import STOP_WORDS, detect, words_of

    other = detect(text)
    if article.language and other and other != article.language:
        return False
    if describes_site(text, article):
        return False
    common = STOP_WORDS.get(article.language, frozenset())
    words = {word for word in words_of(text) if len(word) > 3 and word not in common}
    told = set(words_of(f"{article.headline} {article.body}"))
    return not words or len(words & told) >= 0.3 * len(words)
