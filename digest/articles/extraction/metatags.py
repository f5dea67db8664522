"""What a page states in `<meta>`, `<link>` and microdata."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from digest.articles.blocks import tidy
from digest.articles.extraction.facts import absolute, as_byline, plain, readable_url
from digest.articles.extraction.pictures import alt, is_thumbnail
from digest.model import Image

#: Addresses are longer than words.
_LONGEST_STATED = 8000
#: Of one name; a page has as many authors, or pictures.
_MOST_VALUES = 12
_ARTICLE = re.compile(r"(?:article|posting|report|review)$", re.IGNORECASE)
#: Another form of the same page, or another page of the same piece.
_FORM = re.compile(
    r"^(?:amp|amp\.html|print|printable|index\.\w+|full|all|single|\d{1,2}|page-?\d{0,2}|p)$", re.IGNORECASE
)
_LOCKED = re.compile(
    r"^(?:locked|paid|premium|subscribers?|subscription|restricted|paywall(?:ed)?|registered|registration)$",
    re.IGNORECASE,
)


class MetaTags:
    """All `<meta>` of a page by name, in their order."""

    def __init__(self, root: Any) -> None:
        self._values: dict[str, list[str]] = {}
        for tag in root.iter("meta"):
            name = tag.get("property") or tag.get("name") or tag.get("itemprop") or ""
            if content := (tag.get("content") or "")[:_LONGEST_STATED].strip():
                self._values.setdefault(name.lower(), []).append(content)

    def first(self, *names: str) -> str:
        return next(iter(self.each(*names)), "")

    def each(self, *names: str) -> Iterator[str]:
        """The first value of each name that has one."""
        return (tidy(self._values[name][0]) for name in names if name in self._values)

    def all(self, name: str) -> list[str]:
        return list(map(tidy, self._values.get(name, [])[:_MOST_VALUES]))

    def byline(self) -> str:
        """The first that names somebody; several `<meta>` of one name are several people."""
        for name in (
            "author",
            "article:author",
            "parsely-author",
            "sailthru.author",
            "dc.creator",
            "byl",
            "twitter:creator",
        ):
            if named := as_byline(", ".join(dict.fromkeys(filter(None, map(as_byline, self.all(name)))))):
                return named
        return ""

    def pictures(self, location: str) -> Iterator[Image]:
        said = {"og": self.first("og:image:alt"), "twitter": self.first("twitter:image:alt", "og:image:alt")}
        for name in (
            "og:image:secure_url",
            "og:image",
            "og:image:url",
            "twitter:image",
            "twitter:image:src",
            "thumbnailurl",
        ):
            small = name.startswith("og:") and any(map(is_thumbnail, self.each("og:image:width", "og:image:height")))
            for at, address in enumerate(self.all(name)):
                if (url := absolute(address, location)) and not (small and at == 0):
                    yield Image(url=url, alt=alt(said.get(name.partition(":")[0], "")) if at == 0 else "")

    def dates(self) -> Iterator[str]:
        return self.each(
            "article:published_time", "og:published_time", "datepublished", "parsely-pub-date", "sailthru.date",
            "dc.date.issued", "dcterms.created", "dc.date", "date", "pubdate", "publish-date", "article.published",
        )  # fmt: skip

    @property
    def locked(self) -> bool:
        return any(
            _LOCKED.match(said)
            for said in self.each("article:content_tier", "access", "content_tier", "article:access")
        )


def canonical(root: Any, tags: MetaTags, location: str, *also: str) -> str:
    """The article's address. A link to the home page, or to the section above, is a template's mistake."""
    links = root.xpath('//link[translate(@rel, "CANOIL", "canoil")="canonical"]/@href')
    here = absolute(location)
    for stated in (*links[:1], tags.first("og:url"), *also):
        url = absolute(stated, location) if stated else ""
        if url and not _is_above(url, here):
            return readable_url(url)
    return readable_url(here) if here else ""


def _is_above(url: str, here: str) -> bool:
    stated, mine = urlsplit(url), urlsplit(here)
    steps, own = stated.path.strip("/").split("/"), mine.path.strip("/").split("/")
    if not steps[0]:
        # "/?p=12" is an address of its own.
        return bool(own[0]) and not stated.query
    same = (stated.hostname or "").removeprefix("www.") == (mine.hostname or "").removeprefix("www.")
    below = own[len(steps) :]
    return same and own[: len(steps)] == steps and bool(below) and not all(map(_FORM.match, below))


# --- Microdata ---------------------------------------------------------------------------------------------


class Microdata:
    """The properties of the first `itemscope` that is an article."""

    def __init__(self, root: Any) -> None:
        scopes = (scope for scope in root.xpath("//*[@itemtype]") if _ARTICLE.search(str(scope.get("itemtype") or "")))
        self._scope = next(scopes, None)

    def first(self, name: str) -> str:
        """A property's value: what a machine should read before what a person does."""
        for element in self._elements(name):
            if value := element.get("content") or element.get("datetime") or element.get("src"):
                return tidy(value[:_LONGEST_STATED])
            return tidy(element.text_content()[:_LONGEST_STATED])
        return ""

    def names(self, name: str) -> str:
        """Of people or houses, which are things with a name of their own."""
        named = []
        for element in self._elements(name):
            inner = next(
                (e for e in element.iter() if e is not element and "name" in (e.get("itemprop") or "").split()), None
            )
            meant = inner if inner is not None else element
            named.append(as_byline(tidy(meant.get("content") or meant.text_content()[:_LONGEST_STATED])))
        return ", ".join(dict.fromkeys(filter(None, named)))

    def _elements(self, name: str) -> Iterator[Any]:
        if self._scope is not None:
            yield from (e for e in self._scope.xpath(".//*[@itemprop]") if name in (e.get("itemprop") or "").split())


def stated_times(root: Any) -> list[str]:
    """Of `<time>` elements that say what they are."""
    return [str(at) for at in root.xpath('//time[@itemprop="datePublished" or @pubdate]/@datetime')[:3]]


def section_of(tags: MetaTags, microdata: Microdata) -> str:
    return plain(
        tags.first("article:section", "parsely-section", "sailthru.section", "section")
        or microdata.first("articleSection")
    )
