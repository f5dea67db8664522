"""What earlier issues carried, so that nothing is told twice; and when a story changed so much that it is told again.

An update comes from whoever told the story first, by the same address or the same publisher: somebody else's rewrite
of old news is no news. It is one when half of its words are new, or a quarter of them under a new headline. Words are
compared in runs of three against all that issues carried of the story, so an update is not updated by its own text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from digest.articles.similarity import Shingles, Stories, canonical_url, shingles
from digest.model import Article

#: Share of new words that makes an update by itself, and under a new headline.
MUCH, SOME = 0.5, 0.25
#: Fewer new runs than this are a sentence or two, whatever their share of a short text.
_FEWEST = 40
#: A text of fewer runs that stands whole in the new one was the beginning of it, as feeds carry it.
_EXCERPT = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Carried:
    """An article as it was when an issue carried it."""

    article: Article
    #: The issue's id.
    issue: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Repeat:
    """What is known of a story that an earlier issue carried."""

    #: The latest telling of it.
    before: Carried
    #: By the same address or the same publisher, not by somebody else.
    by_the_same: bool
    #: Share of its words that no issue carried.
    new: float
    is_update: bool


class Earlier:
    """What earlier issues held, to be asked about each candidate."""

    def __init__(self, carried: Sequence[Carried]) -> None:
        """`carried` is newest first."""
        self._carried = list(carried)
        self._addresses: dict[str, list[int]] = {}
        for at, one in enumerate(self._carried):
            if one.article.url:
                self._addresses.setdefault(canonical_url(one.article.url), []).append(at)
        self._texts = [told(one.article) for one in self._carried]
        self._stories = Stories(self._texts)

    def repeats(self, article: Article, text: Shingles) -> Repeat | None:
        """What an earlier issue carried of this story; None when it is not known. `text` is what `told` says of it."""
        same = self._addresses.get(canonical_url(article.url), []) if article.url else []
        alike = [at for at, _ in self._stories.like(text)]
        found = sorted({*same, *alike})
        if not found:
            return None
        tellings = [self._carried[at] for at in found]
        by_the_same = bool(same) or any(_publisher(one.article) == _publisher(article) for one in tellings)
        headlined = all(_plain(article.headline) != _plain(one.article.headline) for one in tellings)
        new, is_update = _changed(text, [self._texts[at] for at in found], headlined=headlined)
        return Repeat(
            before=self._carried[same[0]] if same else tellings[0],
            by_the_same=by_the_same,
            new=new,
            is_update=by_the_same and is_update,
        )


def told(article: Article) -> Shingles:
    """The text by which stories are compared."""
    return shingles(article.body or article.standfirst)


def _changed(now: Shingles, before: Sequence[Shingles], *, headlined: bool) -> tuple[float, bool]:
    """The share of new words, and whether they make it news, under a new headline or not."""
    if not now:
        return 0.0, False
    unheard = now - frozenset().union(*before)
    share = len(unheard) / len(now)
    if len(unheard) < _FEWEST or (not headlined and any(_is_excerpt(one, now) for one in before)):
        return share, False
    return share, share >= (SOME if headlined else MUCH)


def _is_excerpt(before: Shingles, now: Shingles) -> bool:
    return len(before) < _EXCERPT and len(before & now) >= 0.9 * len(before)


def _plain(headline: str) -> str:
    return " ".join(re.findall(r"\w+", headline.casefold()))


def _publisher(article: Article) -> str:
    """Who published it: the site, and where it has none the name; nobody is everybody's own."""
    host = urlsplit(canonical_url(article.url)).hostname or ""
    return host or article.publisher.casefold() or f"nobody {id(article)}"
