"""What a document states about itself: hints before JSON-LD, before OpenGraph and meta tags, before a guess.

A date is only ever taken where it is stated: a guessed one would decide what is new, and it is wrong too often.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from digest.articles import headlines
from digest.articles.blocks import tidy
from digest.articles.bylines import names_in
from digest.model import Hints, Image

_ARTICLE_TYPES = re.compile(r"(article|posting|report|review|blog)$", re.IGNORECASE)
_SITE_TYPES = re.compile(r"(website|organization)$", re.IGNORECASE)
_TRACKING = re.compile(
    r"^(utm_.+|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_cid|mc_eid|cmpid|ocid|ncid|smid|ref_src|at_.+)$"
)
#: An article states itself once; the others are teasers of more.
_MOST_THINGS = 20
_H = ("h1", "h2")
#: As much of a stated fact as is looked at.
_LONGEST_FACT = 5000
#: Addresses are longer than words.
_LONGEST_STATED = 8000
#: Halves of surrogate pairs come in by JSON, and no database takes them.
_NOT_IN_LINKS = re.compile(r"[\s<>\"\x00-\x1f\ud800-\udfff]")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """Facts about an article, each empty where nothing states it."""

    url: str = ""
    headline: str = ""
    standfirst: str = ""
    byline: str = ""
    published_at: datetime | None = None
    publisher: str = ""
    language: str = ""
    image: Image | None = None
    categories: tuple[str, ...] = ()

    def over(self, other: Found) -> Found:
        """These facts, with the gaps filled from `other`."""
        gaps = {field.name: getattr(other, field.name) for field in fields(self) if not getattr(self, field.name)}
        return replace(self, **gaps)

    @property
    def complete(self) -> bool:
        """Nothing left that is worth a guess."""
        return bool(self.headline and self.byline)


def from_hints(hints: Hints) -> Found:
    image = hints.image if hints.image and absolute(hints.image.url) else None
    return Found(
        headline=plain(hints.headline),
        standfirst=plain(hints.standfirst),
        byline=as_byline(hints.byline),
        published_at=_aware(hints.published_at) if hints.published_at else None,
        language=hints.language,
        image=image,
        categories=tuple(name for name in map(plain, hints.categories) if name),
    )


def read_facts(root: Any, location: str) -> Found:
    """What a parsed HTML page states, JSON-LD first."""
    tags = _MetaTags(root)
    found = _from_json_ld(root, location).over(_from_tags(root, tags, location))
    standfirst = "" if found.standfirst in _says_the_site(root) else found.standfirst
    return replace(found, headline=_headline(root, tags, found, location), standfirst=standfirst)


def plain(text: str) -> str:
    """Tidy text without the markup that feeds and JSON-LD carry inside headlines."""
    return tidy(_TAG.sub("", tidy(text[:_LONGEST_FACT])))


def absolute(url: str, base: str = "") -> str:
    """`url` as an absolute http(s) address, or nothing."""
    if not url.strip(" /") or len(url) > 8000:
        return ""
    try:
        joined = urljoin(base, url.strip()) if base.startswith(("http://", "https://")) else url.strip()
        parts = urlsplit(joined)
    except ValueError:
        return ""
    clean = parts.scheme.lower() in {"http", "https"} and parts.hostname and not _NOT_IN_LINKS.search(joined)
    return joined if clean else ""


def readable_url(url: str) -> str:
    """A link for readers: without tracking parameters and fragment; everything else as the publisher wrote it."""
    parts = urlsplit(url)
    query = parts.query
    if query and any(_TRACKING.match(name) for name, _ in parse_qsl(query, keep_blank_values=True)):
        kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if not _TRACKING.match(name)]
        query = urlencode(kept)
    fragment = parts.fragment if parts.fragment.startswith("!") else ""  # "#!/…" is the page's own routing
    return urlunsplit(parts._replace(query=query, fragment=fragment))


def as_byline(text: str) -> str:
    """Names only: no "By", no dates, no profile links, addresses or login names."""
    return names_in(plain(text))


def stated_time(text: object) -> datetime | None:
    """An ISO 8601 or RFC 5322 time, aware; one without a zone is read as UTC."""
    stamp = str(text).strip()[:100] if isinstance(text, str) else ""
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = _aware(parse(stamp))
            moment.astimezone(UTC)  # the first and last days of all have no time in other zones
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        else:
            return moment
    return None


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


# --- JSON-LD --------------------------------------------------------------------------------------------


def _from_json_ld(root: Any, location: str) -> Found:
    found = Found()
    for thing in islice(_articles(root), _MOST_THINGS):
        found = found.over(
            Found(
                headline=plain(_word(thing.get("headline"))) or plain(_word(thing.get("name"))),
                standfirst=plain(_word(thing.get("description"))),
                byline=as_byline(", ".join(dict.fromkeys(_names(thing.get("author"))))),
                published_at=stated_time(thing.get("datePublished")),
                publisher=plain(next(_names(thing.get("publisher")), "")),
                language=_word(thing.get("inLanguage")),
                image=_image(thing.get("image"), location),
                categories=tuple(dict.fromkeys(filter(None, map(plain, _words(thing.get("articleSection")))))),
            )
        )
    return found


def _articles(root: Any) -> Iterator[dict[str, Any]]:
    return _stated_things(root, _ARTICLE_TYPES)


def _says_the_site(root: Any) -> set[str]:
    """What the site says of itself, on every page."""
    things = islice(_stated_things(root, _SITE_TYPES), _MOST_THINGS)
    return {plain(_word(thing.get("description"))) for thing in things}


def _stated_things(root: Any, kinds: re.Pattern[str]) -> Iterator[dict[str, Any]]:
    for script in root.xpath('//script[contains(@type, "ld+json")]'):
        text = re.sub(r"^\s*(?:<!--|//<!\[CDATA\[)|(?:-->|//\]\]>)\s*$", "", script.text or "")
        try:
            data = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue  # publishers break their own JSON-LD; the meta tags come next
        yield from _things(data, kinds)


def _things(data: Any, kinds: re.Pattern[str], depth: int = 0) -> Iterator[dict[str, Any]]:
    if isinstance(data, list) and depth < 6:
        for entry in data:
            yield from _things(entry, kinds, depth + 1)
    elif isinstance(data, dict):
        if any(kinds.search(kind) for kind in _words(data.get("@type"))):
            yield data
        for key in ("@graph", "mainEntity"):
            yield from _things(data.get(key), kinds, depth + 1)


def _words(value: Any) -> list[str]:
    return [entry for entry in (value if isinstance(value, list) else [value]) if isinstance(entry, str)]


def _word(value: Any) -> str:
    return next(iter(_words(value)), "")


def _names(value: Any) -> Iterator[str]:
    for entry in value if isinstance(value, list) else [value]:
        name = entry.get("name") if isinstance(entry, dict) else entry
        yield from (tidied for tidied in map(tidy, _words(name)) if tidied)


def _image(value: Any, location: str) -> Image | None:
    for entry in value if isinstance(value, list) else [value]:
        address = entry.get("url") or entry.get("contentUrl") if isinstance(entry, dict) else entry
        if isinstance(address, str) and (url := absolute(address, location)):
            said = entry.get("caption") or entry.get("description") if isinstance(entry, dict) else ""
            return Image(url=url, alt=plain(_word(said)))
    return None


# --- OpenGraph, meta tags, links ------------------------------------------------------------------------


class _MetaTags:
    """All `<meta>` of a page by name, the first of each."""

    def __init__(self, root: Any) -> None:
        self.values: dict[str, str] = {}
        for tag in root.iter("meta"):
            name = tag.get("property") or tag.get("name") or tag.get("itemprop") or ""
            if content := (tag.get("content") or "")[:_LONGEST_STATED].strip():
                self.values.setdefault(name.lower(), content)

    def first(self, *names: str) -> str:
        return next((tidy(self.values[name]) for name in names if name in self.values), "")


def _from_tags(root: Any, tags: _MetaTags, location: str) -> Found:
    publisher = tags.first("og:site_name", "application-name")
    return Found(
        url=_canonical(root, tags, location),
        standfirst=plain(tags.first("og:description", "twitter:description", "description", "dc.description")),
        byline=as_byline(
            tags.first("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "byl")
        ),
        published_at=_stated_in_tags(root, tags),
        publisher=plain(publisher),
        language=root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or tags.first("og:locale"),
        image=_tagged_image(root, tags, location),
        categories=tuple(filter(None, [plain(tags.first("article:section"))])),
    )


def _canonical(root: Any, tags: _MetaTags, location: str) -> str:
    links = root.xpath('//link[translate(@rel, "CANOIL", "canoil")="canonical"]/@href')
    here = absolute(location)
    for stated in (*links[:1], tags.first("og:url")):
        url = absolute(stated, location) if stated else ""
        # A canonical link to the home page is a template mistake, not this article's address.
        if url and (urlsplit(url).path.strip("/") or not urlsplit(here).path.strip("/")):
            return readable_url(url)
    return readable_url(here) if here else ""


def _headline(root: Any, tags: _MetaTags, found: Found, location: str) -> str:
    headings = {level: [text for text in (tidy(h.text_content()) for h in root.iter(level)) if text] for level in _H}
    title = root.find(".//title")
    titled = tidy(title.text or "") if title is not None else ""
    own = (tags.first("og:site_name", "application-name"), *headlines.closing_names(titled, headings["h1"]))
    site = headlines.Site.of(found.publisher, location, found.url, also=own)
    tagged = [tags.first(name) for name in ("og:title", "twitter:title", "dc.title", "parsely-title", "sailthru.title")]
    # Several h1 name sections of the page; the site's name is no section.
    telling = [text for text in headings["h1"] if not site.is_named(text)]
    candidates = [found.headline, *tagged, *(telling if len(telling) == 1 else []), titled]
    return headlines.best(map(plain, candidates), site) or headlines.named_in_address(
        (text for level in _H for text in headings[level] if not site.is_named(text)), found.url or location
    )


def _stated_in_tags(root: Any, tags: _MetaTags) -> datetime | None:
    names = ("article:published_time", "og:published_time", "datepublished", "parsely-pub-date", "sailthru.date")
    stated = stated_time(tags.first(*names, "dc.date.issued", "dcterms.created", "dc.date", "date", "pubdate"))
    if stated:
        return stated
    times = root.xpath('//time[@itemprop="datePublished" or @pubdate]/@datetime')
    return stated_time(times[0]) if times else None


def _tagged_image(root: Any, tags: _MetaTags, location: str) -> Image | None:
    url = absolute(
        tags.first("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src"), location
    )
    if not url:
        return None
    alt = tags.first("og:image:alt", "twitter:image:alt")
    if not alt:
        alts = (
            tidy(img.get("alt") or "") for img in root.iter("img") if absolute(img.get("src") or "", location) == url
        )
        alt = next(filter(None, alts), "")
    return Image(url=url, alt=alt)
