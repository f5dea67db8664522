"""What a document states about itself, in this order of trust, fact by fact:

1. what the source says beside the document: an editor's option, the feed's entry (`from_hints`)
2. JSON-LD, of the article that the page is about
3. OpenGraph, then the other `<meta>` and `<link>` tags
4. microdata, and what the page prints: its `<h1>`, its `<title>`
5. a guess (`page`): of headline, byline and site only, never of a date

What is a lie is passed over, and the next in order is asked: a login name or "Staff" as the author, the site's name as
the headline or the byline, its logo as the picture, its home page as the address, its slogan as the standfirst, a
date that is still to come. The language is what the text is written in, whatever is stated (`language`).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from digest.articles.blocks import tidy
from digest.articles.extraction import headlines
from digest.articles.extraction.facts import Found, absolute, as_byline, plain
from digest.articles.extraction.headlines import Site, squashed
from digest.articles.extraction.jsonld import Statements, Thing, is_a, word, words
from digest.articles.extraction.metatags import MetaTags, Microdata, canonical, section_of, stated_times
from digest.articles.extraction.pictures import described, first_picture, stated_in_json_ld
from digest.articles.extraction.times import first_stated
from digest.model import Hints, Image

_H = ("h1", "h2")
#: Kinds of pieces that schema.org tells apart, and what they are called as a section.
_FORMS = {"Opinion": re.compile(r"^OpinionNewsArticle$"), "Live": re.compile(r"^LiveBlogPosting$")}
#: Clocks go wrong, and tomorrow's paper is out tonight; what is later than this has not been published.
_AHEAD = timedelta(days=1)


def from_hints(hints: Hints) -> Found:
    image = hints.image if hints.image and absolute(hints.image.url) else None
    published = hints.published_at
    return Found(
        headline=plain(hints.headline),
        standfirst=plain(hints.standfirst),
        byline=as_byline(hints.byline),
        published_at=published if published is None or published.tzinfo else published.replace(tzinfo=UTC),
        language=hints.language,
        image=image,
        categories=tuple(name for name in map(plain, hints.categories) if name),
    )


def is_to_come(moment: datetime | None, now: datetime | None) -> bool:
    """Is it a date that nothing can have been published on?"""
    return moment is not None and now is not None and moment > now + _AHEAD


def read_facts(root: Any, location: str) -> Found:
    """What a parsed HTML page states."""
    return _Page(root, location).facts()


class _Page:
    """A page's statements, collected once and asked fact by fact."""

    def __init__(self, root: Any, location: str) -> None:
        self._root, self._location = root, location
        self._tags = MetaTags(root)
        self._micro = Microdata(root)
        self._headings = {h: [text for text in (tidy(e.text_content()) for e in root.iter(h)) if text] for h in _H}
        title = root.find(".//title")
        self._title = tidy(title.text or "") if title is not None else ""
        self._ld = Statements.of(root)
        self._url = canonical(root, self._tags, location)
        self._things = self._ld.articles({self._url, absolute(location)}, self._titles())
        self._url = self._url or self._stated_address()
        self._publisher = self._named_publisher()
        named = (*self._tags.each("og:site_name", "application-name"), *self._ld.site_names())
        closing = headlines.closing_names(self._title, self._headings["h1"])
        self._site = Site.of(self._publisher, location, self._url, also=(*named, *closing))

    def facts(self) -> Found:
        said = [plain(word(thing.get("description"))) for thing in self._things]
        tagged = self._tags.each("og:description", "twitter:description", "description", "dc.description")
        slogans = self._ld.site_says()
        # What the site says of itself is said of every page.
        standfirst = next((text for text in chain(said, map(plain, tagged)) if text), "")
        return Found(
            url=self._url,
            headline=self._headline(),
            standfirst="" if standfirst in slogans else standfirst,
            byline=self._byline(),
            published_at=self._published(),
            publisher=self._publisher,
            language=self._language(),
            image=self._picture(),
            categories=self._sections(),
            forms=self._forms(),
            locked=self._tags.locked or any(map(_is_locked, self._things)),
            length=max((_count(thing.get("wordCount")) for thing in self._things), default=0),
        )

    def _titles(self) -> set[str]:
        titles = {self._title, *self._tags.each("og:title", "twitter:title"), *self._headings["h1"]}
        names = Site.of("", self._location, self._url, also=self._tags.each("og:site_name"))
        return titles | {headlines.without_site(title, names) for title in titles}

    def _stated_address(self) -> str:
        """Of a saved page, which has no address of its own."""
        stated = (word(thing.get(key)) for thing in self._things for key in ("url", "mainEntityOfPage", "@id"))
        return canonical(self._root, self._tags, self._location, *stated)

    def _named_publisher(self) -> str:
        # Whatever else a page describes, its publisher is the same.
        stated = chain.from_iterable(
            self._ld.names(thing.get("publisher")) for thing in (*self._things, *self._ld.things)
        )
        tagged = self._tags.each("og:site_name", "application-name")
        names = map(plain, chain(stated, tagged, self._ld.site_names()))
        return next((name for name in names if name and not _is_address(name)), "")

    def _byline(self) -> str:
        stated = (", ".join(dict.fromkeys(self._ld.names(thing.get("author")))) for thing in self._things)
        names = chain(map(as_byline, stated), [self._tags.byline()], [self._micro.names("author")])
        return next((name for name in names if name and not self._site.is_named(name)), "")

    def _published(self) -> datetime | None:
        stated = [thing.get("datePublished") for thing in self._things]
        told = [self._micro.first("datePublished"), *stated_times(self._root)]
        return first_stated([*stated, *self._tags.dates(), *told])

    def _language(self) -> str:
        said = next(filter(None, (word(thing.get("inLanguage")) for thing in self._things)), "")
        root = self._root
        written = root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang")
        return said or written or self._tags.first("og:locale", "content-language", "language")

    def _picture(self) -> Image | None:
        stated = (stated_in_json_ld(self._ld.resolved(thing.get("image")), self._location) for thing in self._things)
        tagged = self._tags.pictures(self._location)
        image = first_picture(chain(chain.from_iterable(stated), tagged), self._site)
        if image is None:
            return None
        same = (other.alt for other in self._tags.pictures(self._location) if other.url == image.url and other.alt)
        image = described(Image(url=image.url, alt=image.alt or next(same, "")), self._root, self._location)
        # Who cannot see the picture has heard the headline already.
        return (
            Image(url=image.url) if squashed(image.alt) in map(squashed, (*self._titles(), self._headline())) else image
        )

    def _sections(self) -> tuple[str, ...]:
        stated = (plain(name) for thing in self._things for name in words(thing.get("articleSection")))
        named = [*filter(None, stated)] or [*filter(None, [section_of(self._tags, self._micro)])]
        # Of "Home > Coast > What the tide leaves" the middle.
        inner = [name for name in self._ld.trail()[1:] if name and not self._site.is_named(name)]
        named = named or [name for name in inner if name not in self._titles()][-1:]
        return tuple(dict.fromkeys(named))

    def _forms(self) -> tuple[str, ...]:
        return tuple(name for name, kind in _FORMS.items() if any(is_a(thing, kind) for thing in self._things))

    def _headline(self) -> str:
        site, h1 = self._site, self._headings["h1"]
        stated = (plain(word(thing.get(key))) for thing in self._things[:1] for key in ("headline", "name"))
        tagged = self._tags.each("og:title", "twitter:title", "dc.title", "parsely-title", "sailthru.title")
        # Several h1 name sections of the page; the site's name is no section.
        telling = [text for text in h1 if not site.is_named(text)]
        printed = [self._micro.first("headline"), *(telling if len(telling) == 1 else []), self._title]
        best = headlines.best(map(plain, (*stated, *tagged, *printed)), site)
        return headlines.uncut(best, telling) or headlines.named_in_address(
            (text for level in _H for text in self._headings[level] if not site.is_named(text)),
            self._url or self._location,
        )


def _is_address(name: str) -> bool:
    return name.startswith(("http://", "https://", "@", "/")) or len(name) > 100


def _is_locked(thing: Thing) -> bool:
    parts = thing.get("hasPart")
    stated = [thing, *(parts if isinstance(parts, list) else [parts])]
    return any(
        str(part.get("isAccessibleForFree")).strip().lower() in {"false", "no", "0"}
        for part in stated
        if isinstance(part, dict) and "isAccessibleForFree" in part
    )


def _count(value: Any) -> int:
    return int(value) if str(value).isascii() and str(value).isdigit() and len(str(value)) < 7 else 0
