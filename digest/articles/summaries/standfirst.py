"""Whether the publisher's own summary line may stand as ours: clean, whole, about this article, and of a length.

Of the lines that pages carry for search engines three in five are; the others are cut off, or slogans of the site.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from digest.articles.summaries.candidates import is_balanced, leans
from digest.articles.summaries.limits import LEAST_WORDS, MOST_WORDS, Limits
from digest.model import Article

_THE_LINE = "The publisher's summary line"
_ENDS = re.compile(r"[.!?؟۔][\"'”’»“״)]*$")
_CUT = re.compile(r"(?:…|\.\.\.)\W*$")

#: "… is the private blog of Ada Brook about tides", in four languages.
_SELF_DESCRIPTION = re.compile(
    r"\b(?:is|ist|est|es|é|è)\s+(?:an?|the|your|ein|eine|das|der|die|dein|ihr|une?|le|la|l[’']|el|un|una|o|um|il)\b"
    r"(?:[\s’']+[\w-]+){0,4}?[\s’'-]+(?:web-?log|blog|web-?site|site|portal|magazin\w*|e-?zine|platform|plattform|newspaper"
    r"|zeitung|journal|podcast|community|source|home|quelle|online\w+|nachrichten\w+|revista|periódico|sitio)\b",
    re.IGNORECASE,
)


def why_not(article: Article, limits: Limits, *, preferred: bool = False) -> str:
    """Why the line cannot be the summary, in a sentence for an editor; empty when it can.

    `preferred`: nothing of the body would say better what the piece is about. Then the line may be longer or shorter
    than was asked for, and end without a full stop, as many do.
    """
    if not article.standfirst:
        return "The publisher gives no summary line."
    room, end = limits, _of_its_end(article)
    if preferred:
        room, end = Limits(LEAST_WORDS, MOST_WORDS, limits.characters * 5 // 4), iter(())
    return next(chain(_of_length(article.standfirst, room), end, _faults(article)), "")


def is_better_than_nothing(article: Article) -> bool:
    """No sentence of the body can be shown: may the line, though it would not have been chosen?"""
    from digest.articles.extraction.verdicts import is_clutter

    return LEAST_WORDS <= len(article.standfirst.split()) <= MOST_WORDS and not is_clutter(article.standfirst)


def _of_length(text: str, limits: Limits) -> Iterator[str]:
    words, most = len(text.split()), min(limits.most, MOST_WORDS)
    if words < LEAST_WORDS:
        yield f"{_THE_LINE} has only {words} words."
    if words > most:
        yield f"{_THE_LINE} has {words} words; there is room for {most}."
    if len(text) > limits.characters:
        yield f"{_THE_LINE} has {len(text)} characters; there is room for {limits.characters}."


def _of_its_end(article: Article) -> Iterator[str]:
    if not _ENDS.search(article.standfirst) and not _CUT.search(article.standfirst):
        yield f"{_THE_LINE} does not end as a sentence does."


def _faults(article: Article) -> Iterator[str]:
    """What no summary may be, however much it is wanted."""
    from digest.articles.extraction.verdicts import is_clutter, repeats

    text = article.standfirst
    if _CUT.search(text):
        yield f"{_THE_LINE} is cut off."
    if repeats(text, article.headline) or (article.headline and article.headline in text):
        yield f"{_THE_LINE} says the headline again."
    if is_clutter(text):
        yield f"{_THE_LINE} is promotion or a credit."
    if not is_balanced(text):
        yield f"{_THE_LINE} opens a quotation or a bracket that it does not close."
    if text in article.body and leans(text, article.language):
        yield f"{_THE_LINE} is a sentence of the article that leans on the one before it."
    yield from _of_its_subject(text, article)


def _of_its_subject(text: str, article: Article) -> Iterator[str]:
    """Same script, and words in common: not the site's own slogan, and not another language's summary."""
    from digest.articles.language import STOP_WORDS, detect, words_of

    other = detect(text)
    if article.language and other and other != article.language:
        yield f"{_THE_LINE} is in another language than the article."
    if describes_site(text, article):
        yield f"{_THE_LINE} speaks of the site and not of the article."
    common = STOP_WORDS.get(article.language, frozenset())
    words = {word for word in words_of(text) if len(word) > 3 and word not in common}
    told = set(words_of(f"{article.headline} {article.body}"))
    if words and len(words & told) < 0.3 * len(words):
        yield f"{_THE_LINE} has hardly a word in common with the article."


def describes_site(text: str, article: Article) -> bool:
    """Is it the site's line about itself, as it stands on every page: "The Reed is a blog about tides."?"""
    from digest.articles.extraction.headlines import Site, squashed

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
