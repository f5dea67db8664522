"""A site without a feed, read through what it tells search engines: its sitemap.

A news sitemap states headline and date of what was published in the last two days. A plain one lists every page there
is, so its newest changes come first, and pages that are nobody's article (sections, tags, authors) are passed over by
their names. An index leads to further sitemaps, of which the newest are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

from lxml import etree

from digest.articles.similarity import canonical_url
from digest.articles.sources.answer import Fetched
from digest.articles.sources.entries import (
    MOST_ENTRIES,
    Entry,
    Listing,
    absolute,
    language,
    moment,
    newest_first,
    plain,
)
from digest.articles.sources.feeds import looks_like_page
from digest.errors import FetchError, InputError
from digest.model import Hints

#: Sitemaps that are read of an index, and how deep indexes may lead.
MOST_PARTS = 5
_DEEPEST = 2
#: Addresses that one sitemap may hold, by its protocol.
_MOST_LINKS = 50_000
#: Without dates what is new is what was not there before, and no more than these are remembered.
_MOST_UNDATED = 1500
#: So many pages that all changed in the same moment did not: the dates are made up.
_MADE_UP = 50

#: Names of sitemaps, and of pages, that hold no articles.
_NO_ARTICLES = re.compile(
    r"(categor|tag|taxonom|author|user|person|posts-page|(?<![a-z])pages?(?![a-z])|image|video|product|section|topic)",
    re.IGNORECASE,
)
_ARTICLES = re.compile(r"(news|article|story|stories|posts?(?!s?-page))", re.IGNORECASE)
_NO_ARTICLE = re.compile(
    r"^/?$|/(tags?|categor(y|ies)|authors?|topics?|sections?|search|feeds?|page/\d+)(/|$)", re.IGNORECASE
)


class Web(Protocol):
    """What this module needs of the network."""

    def get_if_changed(self, url: str, /, *, etag: str = "", last_modified: str = "") -> Fetched | None: ...

    def sitemaps(self, url: str, /) -> list[str]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class _Link:
    """A line of a sitemap: a page, or a further sitemap."""

    url: str
    changed_at: datetime | None = None
    headline: str = ""
    language: str = ""
    published_at: datetime | None = None

    @property
    def when(self) -> datetime | None:
        return self.published_at or self.changed_at


@dataclass(frozen=True, slots=True)
class _Map:
    is_index: bool
    links: list[_Link]


@dataclass(frozen=True, slots=True)
class Sitemap:
    listing: Listing
    #: Keys of pages without dates that were there at the first look: they are not new, and will not be.
    old: tuple[str, ...] = ()
    #: It stands in one document.
    whole: bool = True


def read(answer: Fetched, web: Web, *, first: bool) -> Sitemap:
    """The articles that a sitemap leads to, newest first. `first`: nothing is remembered of it yet.

    Raises InputError when it is no sitemap and none can be found from it.
    """
    problems: list[str] = []
    root = _parse(answer)
    if root is None:
        root = _named(answer, web)
    links = list(_pages(root, web, problems, depth=0))
    news = any(link.published_at for link in links)
    links = _articles(links, answer.url)
    old: tuple[str, ...] = ()
    if links and not news and _is_undated(links):
        many = f"{len(links):,} pages"
        if len(links) > _MOST_UNDATED:
            problems.append(f"It lists {many} and not when they changed: what is new cannot be told. {_BETTER}")
            links = []
        elif first:
            problems.append(f"It does not say when its {many} changed: what comes from now on counts as new.")
            links, old = [], tuple(canonical_url(link.url) for link in links)
    name = "news sitemap" if news else "sitemap"
    return Sitemap(Listing(format=name, entries=_entries(links), problems=tuple(problems)), old, not root.is_index)


_BETTER = "Use the site's news sitemap, or a feed."


def _named(answer: Fetched, web: Web) -> _Map:
    """What a page stands for: the sitemaps that its site's robots.txt names."""
    named = web.sitemaps(answer.url) if looks_like_page(answer.content) else []
    if not named:
        raise InputError(
            f"{answer.url} is not a sitemap, and its robots.txt names none.",
            hint="Look for /sitemap.xml, /news-sitemap.xml or /sitemap_index.xml on the site.",
        )
    return _Map(True, [_Link(url=url) for each in named if (url := absolute(each, answer.url))])


def _pages(found: _Map, web: Web, problems: list[str], *, depth: int) -> Iterator[_Link]:
    """The pages of a sitemap; of an index those of its newest sitemaps. One that cannot be read costs only itself."""
    if not found.is_index:
        yield from found.links
        return
    for part in _worth_reading(found.links) if depth < _DEEPEST else []:
        try:
            answer = web.get_if_changed(part.url)
            inner = _parse(answer) if answer else None
        except FetchError as trouble:
            problems.append(trouble.message)
            continue
        if inner is None:
            problems.append(f"{part.url} is not a sitemap.")
        else:
            yield from _pages(inner, web, problems, depth=depth + 1)


def _worth_reading(parts: list[_Link]) -> list[_Link]:
    """The sitemaps of an index that may hold new articles: by name, then by date, else by their numbers."""
    named = [part for part in parts if not _NO_ARTICLES.search(_path(part)) or _ARTICLES.search(_path(part))]
    return sorted(named or parts, key=_freshness, reverse=True)[:MOST_PARTS]


def _freshness(part: _Link) -> tuple[bool, datetime, list[int]]:
    numbers = [int(number[:9]) for number in re.findall(r"\d+", _path(part))]
    is_news = "news" in _path(part).lower()
    return is_news, part.changed_at or datetime.min.replace(tzinfo=UTC), numbers


def _path(link: _Link) -> str:
    return urlsplit(link.url).path


def _articles(links: list[_Link], where: str) -> list[_Link]:
    """Links that may be articles of this site: a sitemap may not speak for others."""
    return [link for link in links if _is_same_site(link.url, where) and not _NO_ARTICLE.search(_path(link))]


def _is_same_site(one: str, other: str) -> bool:
    """Sitemaps of www.example.org may lie on static.example.org, and lead to news.example.org."""
    a, b = ((urlsplit(url).hostname or "").removeprefix("www.") for url in (one, other))
    return a == b or a.endswith(f".{b}") or b.endswith(f".{a}")


def _is_undated(links: list[_Link]) -> bool:
    changes = {link.changed_at for link in links}
    return changes <= {None} or (len(changes) == 1 and len(links) > _MADE_UP)


def _entries(links: list[_Link]) -> tuple[Entry, ...]:
    links = sorted(links, key=lambda link: link.when or datetime.min.replace(tzinfo=UTC), reverse=True)
    return newest_first(_entry(link) for link in links[:MOST_ENTRIES])


def _entry(link: _Link) -> Entry:
    # When a page changed says nothing of when it was published; that stands on the page itself.
    hints = Hints(headline=link.headline, language=link.language, published_at=link.published_at)
    return Entry(key=canonical_url(link.url), link=link.url, hints=hints)


# --- Reading -----------------------------------------------------------------------------------------------


def _parse(answer: Fetched) -> _Map | None:
    """A sitemap in XML, or as a list of addresses; None for anything else."""
    start = answer.content[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"http://", b"https://")):
        lines = answer.content.decode("utf-8-sig", "replace").splitlines()[:_MOST_LINKS]
        return _Map(False, [_Link(url=url) for line in lines if (url := absolute(line, ""))])
    if looks_like_page(answer.content):
        return None
    # Broken ones are read as far as they go; nothing is fetched and nothing expanded for them.
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(answer.content.lstrip(), parser)
    except (etree.LxmlError, ValueError):
        return None
    kind = _name(root) if root is not None else ""
    if kind not in ("urlset", "sitemapindex"):
        return None
    return _Map(kind == "sitemapindex", list(_links(root, answer.url)))


def _links(root: Any, base: str) -> Iterator[_Link]:
    for number, line in enumerate(root.iterchildren(tag=etree.Element)):
        if number >= _MOST_LINKS:
            return
        stated = dict(_stated(line))
        url = absolute(stated.get("loc"), base)
        if url:
            # Further names stand in <news:news>, and its publication's own below that.
            yield _Link(
                url=url,
                changed_at=_moment(stated.get("lastmod")),
                headline=plain(stated.get("title")),
                language=language(stated.get("language")),
                published_at=_moment(stated.get("publication_date")),
            )


def _stated(line: Any) -> Iterable[tuple[str, str]]:
    """What a line states, by name; pictures and videos have titles of their own, and are passed over."""
    for part in line.iterchildren(tag=etree.Element):
        if _name(part) in ("loc", "lastmod"):
            yield _name(part), (part.text or "").strip()
        if _name(part) == "news":
            yield from ((_name(inner), (inner.text or "").strip()) for inner in part.iter(tag=etree.Element))


def _name(element: Any) -> str:
    return str(etree.QName(element).localname).lower()


def _moment(stated: str | None) -> datetime | None:
    """A W3C date: a whole day without a time counts from its beginning, in UTC."""
    if stated and re.fullmatch(r"\d{4}-\d{2}-\d{2}", stated):
        return moment(f"{stated}T00:00:00Z")
    if stated and not re.search(r"(Z|[+-]\d{2}:?\d{2})$", stated):
        return moment(f"{stated}Z")
    return moment(stated)
