"""What issues carried lately is read again when sources are gathered: a story that goes on is told again as an update.

Feeds announce a story once; its page grows for days. Only what readers have is read again: the stories of an issue
that is not out yet are an editor's, and stay as they are.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from digest.articles.extraction.extract import extract
from digest.articles.sources.documents import is_web, of_answer
from digest.articles.sources.network import Term
from digest.articles.sources.offers import Web
from digest.articles.sources.side_by_side import each_within
from digest.errors import DigestError
from digest.model import Access, Article, Newsletter
from digest.store.candidates import Out

_log = logging.getLogger(__name__)

#: Seconds for all pages together.
SECONDS = 20.0
#: Pages that are read again at one gathering, of the latest issues first.
MANY = 40
#: … and at the same time.
AT_ONCE = 16
_GRACE = 0.5


def changed(
    stories: Sequence[Out], newsletter: Newsletter, web: Web, *, glance: Callable[[], object], seconds: float = SECONDS
) -> Iterator[tuple[Out, Article]]:
    """Stories whose text is not what it was, with the article as it stands now. A page that cannot be had is left."""
    pages = [story for story in stories if is_web(story.location)][:MANY]
    robots = {source.name: source.robots for source in newsletter.sources}
    term = Term(seconds)

    def hear() -> None:
        glance()

    work = [partial(_read, page, web, robots=robots.get(page.source, True), term=term) for page in pages]
    found = each_within(term, work, at_once=AT_ONCE, grace=_GRACE, glance=hear)
    for page, now in zip(pages, found, strict=True):
        if now and now.mark != page.article.mark and now.access is not Access.CUT:
            yield page, now


def _read(page: Out, web: Web, *, robots: bool, term: Term) -> Article | None:
    try:
        now = extract(of_answer(web.within(page.location, robots=robots, term=term).get(page.location)))
    except DigestError:
        return None
    except Exception:  # noqa: BLE001 - whatever a page does to us, it costs only itself
        _log.exception("reading %s again failed", page.location)
        return None
    was = page.article
    # The source gave it its headline; where the page's own is the same as ever, so is that one.
    same = _plain(now.own_headline) == _plain(was.own_headline)
    return replace(now, url=was.url, headline=was.headline if same or not now.headline else now.headline)


def _plain(headline: str) -> str:
    return " ".join(re.findall(r"\w+", headline.casefold()))
