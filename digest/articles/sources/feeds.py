"""RSS and Atom as found in the wild, and JSON Feed, read into entries.

feedparser reads the XML; it is given bytes and never fetches. What it calls "bozo" (broken XML, a wrong charset) is
tolerated as long as entries came out, because most broken feeds are still read by every other reader.
"""

from __future__ import annotations

import calendar
import io
import re
from datetime import UTC, datetime
from typing import Any

import feedparser

from digest.articles.similarity import canonical_url
from digest.articles.sources import jsonfeed
from digest.articles.sources.entries import (
    Entry,
    Listing,
    absolute,
    full_text,
    image,
    language,
    listing,
    plain,
    standfirst,
    text_of,
)
from digest.articles.sources.login import asks_for_password
from digest.errors import InputError
from digest.model import Hints, Image

_NAMES = {
    "rss10": "RSS 1.0", "rss20": "RSS 2.0", "rss090": "RSS 0.90", "rss091n": "RSS 0.91", "rss091u": "RSS 0.91",
    "rss092": "RSS 0.92", "rss093": "RSS 0.93", "rss094": "RSS 0.94", "rss": "RSS", "atom": "Atom",
    "atom03": "Atom 0.3", "atom10": "Atom 1.0", "cdf": "CDF",
}  # fmt: skip

#: A longer one is a list of everybody, or no name.
_LONGEST_AUTHOR = 500
_ADDRESS = re.compile(r"\S+@\S+")
# Bounded, because a hostile page can make an open-ended pattern search for hours.
_FEED_LINK = re.compile(
    rb"<link\b[^<>]{0,1000}?\btype\s{0,9}=\s{0,9}[\"']?application/(?:rss\+xml|atom\+xml|feed\+json)[^<>]{0,1000}>",
    re.IGNORECASE,
)
_RSS = re.compile(rb"<(rss|rdf:rdf)\b", re.IGNORECASE)
#: Read as its superset, as browsers do: the quotes, dashes and dots are in the difference.
_LATIN = re.compile(r"\b(iso-?8859-1|latin-?1)\b", re.IGNORECASE)
_DECLARED_LATIN = re.compile(rb"(<\?xml[^<>]{1,60}encoding=[\"'])(?:iso-?8859-1|latin-?1)(?=[\"'])", re.IGNORECASE)
_HREF = re.compile(rb"\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)


def read(content: bytes, *, where: str, base: str = "", content_type: str = "") -> Listing:
    """A feed's entries, newest first. `base` is its URL; empty for a file, whose relative links stay as they are.

    Raises InputError, naming `where`, when the content is no feed at all.
    """
    if jsonfeed.looks_like(content):
        return jsonfeed.read(content, where=where, base=base)
    if looks_like_page(content):
        raise not_a_feed(content, where=where, base=base)
    parsed = _parse(content, where=where, base=base, content_type=content_type)
    feed: Any = parsed.get("feed", {})
    version = str(parsed.get("version", ""))
    if not version and not parsed.entries:
        raise not_a_feed(content, where=where, base=base)
    broken = f"The feed is not well-formed ({parsed.bozo_exception})." if _is_broken(parsed) else ""
    if broken and not parsed.entries:
        raise InputError(f"Could not read the feed {where}: {parsed.bozo_exception}.", hint="Tell its publisher.")
    return listing(
        _NAMES.get(version, "feed"),
        plain(feed.get("title")),
        parsed.entries,
        lambda entry: _entry(entry, _base_of_links(version, feed, base), language(feed.get("language"))),
        problem=broken,
        when=_published,
    )


def _is_broken(parsed: Any) -> bool:
    """Is the XML itself damaged? What servers say of charset and kind is wrong as often as not, and costs nothing."""
    harmless = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)
    return bool(parsed.bozo) and not isinstance(parsed.bozo_exception, harmless)


def _base_of_links(version: str, feed: Any, base: str) -> str:
    """What links are relative to: in Atom the feed itself, in RSS the site that it is about."""
    site = absolute(feed.get("link"), base) if version.startswith("rss") and base else ""
    return site or base


def looks_like_page(content: bytes) -> bool:
    start = content[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html")) or (b"<html" in start and b"<rss" not in start)


def looks_like_feed(content: bytes) -> bool:
    start = content[:4000].lower()
    return jsonfeed.looks_like(content) or (
        not looks_like_page(content) and any(root in start for root in (b"<rss", b"<feed", b"<rdf:rdf"))
    )


def feed_links(content: bytes, base: str) -> list[str]:
    """The feeds that a page names in its head."""
    links = []
    for tag in _FEED_LINK.findall(content[:200_000]):
        href = _HREF.search(tag)
        if href:
            value = next(group for group in href.groups() if group is not None).decode("utf-8", "replace")
            links.append(absolute(value.replace("&amp;", "&"), base))
    return [link for link in dict.fromkeys(links) if link]


def not_a_feed(content: bytes, *, where: str, base: str) -> InputError:
    links = feed_links(content, base)
    if links:
        return InputError(f"{where} is a web page, not a feed.", hint=f"Its feed is {links[0]}: use that address.")
    if looks_like_page(content) and asks_for_password(content):
        return InputError(f"{where} is a page to log in, not a feed.", hint="Only what everybody can read is read.")
    if looks_like_page(content):
        return InputError(
            f"{where} is a web page, not a feed.", hint='For one article use kind = "page"; else look for its feed.'
        )
    return InputError(f"{where} is not a feed.", hint="RSS, Atom and JSON Feed are read.")


def _parse(content: bytes, *, where: str, base: str, content_type: str) -> Any:
    headers = {"content-type": _LATIN.sub("windows-1252", content_type) or "application/xml"}
    if base and not _RSS.search(content[:4000]):  # where links of RSS are relative to is seen later
        headers["content-location"] = base
    content = _DECLARED_LATIN.sub(rb"\1windows-1252", content[:200]) + content[200:]
    try:
        # A stream, because feedparser would open a string as a file or fetch it. Neither cleaned nor resolved by it:
        # text is made plain here, and articles are cleaned when they are extracted.
        return feedparser.parse(
            io.BytesIO(content), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as trouble:
        raise InputError(f"Could not read the feed {where}: {trouble}.", hint="Tell its publisher.") from trouble


def _entry(raw: Any, base: str, feed_language: str) -> Entry:
    headline = text_of(raw.get("title"))
    link = absolute(raw.get("feedburner_origlink"), base) or absolute(raw.get("link"), base)
    if not link and str(raw.get("id")).startswith(("http://", "https://")):  # though it says it is no permalink
        link = absolute(raw.get("id"), base)
    contents = raw.get("content") or []
    description = raw.get("summary")
    stated = [part.get("value") for part in contents if "html" in part.get("type", "")]
    return Entry(
        key=str(raw.get("id") or canonical_url(link)),
        link=link,
        content=full_text(*stated, description=description),
        hints=Hints(
            headline=headline,
            standfirst=standfirst(description, headline=headline),
            byline=_byline(raw),
            published_at=_published(raw),
            language=next((found for part in contents if (found := language(part.get("language")))), feed_language),
            image=_image(raw, base),
            categories=tuple(dict.fromkeys(term for tag in raw.get("tags", []) if (term := plain(tag.get("term"))))),
        ),
    )


def _published(raw: Any) -> datetime | None:
    # dict.get, because feedparser's own falls back from one date to another with a deprecation warning. RSS 1.0 and
    # many Atom feeds state only what feedparser calls "updated".
    for name in ("published_parsed", "updated_parsed"):
        stated = dict.get(raw, name)
        if stated:
            try:
                return datetime.fromtimestamp(calendar.timegm(stated), UTC)
            except (ValueError, OverflowError, OSError):
                continue
    return None


def _byline(raw: Any) -> str:
    author = plain(raw.get("author"))[:_LONGEST_AUTHOR]
    # feedparser takes addresses apart by itself, and leaves bits of longer domains in the name.
    names = [] if "@" in author else [plain(each.get("name")) for each in raw.get("authors", [])]
    names = names if any(names) else [_without_address(author)]
    return ", ".join(dict.fromkeys(name for name in names if name))


def _without_address(author: str) -> str:
    """ "kim@riverbend.example (Kim Vale)" as "Kim Vale": a reporter's address is not for readers."""
    return _ADDRESS.sub("", author).strip(" ()<>,;")


def _image(raw: Any, base: str) -> Image | None:
    pictures = [media for media in raw.get("media_content", []) if _is_picture(media)]
    pictures.sort(key=lambda media: int(width) if (width := str(media.get("width", ""))[:9]).isdecimal() else 0)
    links = [media.get("url") for media in reversed(pictures)]
    links += [attached.get("href") for attached in raw.get("enclosures", []) if _is_picture(attached)]
    links += [(raw.get("image") or {}).get("href")]
    links += [thumbnail.get("url") for thumbnail in raw.get("media_thumbnail", [])]
    return next((found for link in links if (found := image(link, base))), None)


def _is_picture(media: Any) -> bool:
    kind, medium = str(media.get("type", "")), media.get("medium")
    if kind or medium:
        return kind.startswith("image/") or medium == "image"
    path = str(media.get("url") or media.get("href") or "").partition("?")[0].lower()
    return path.endswith((".jpg", ".jpeg", ".png", ".webp", ".gif"))
