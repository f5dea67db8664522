"""JSON Feed 1.0 and 1.1, which feedparser does not read."""

from __future__ import annotations

import html
import json
from datetime import datetime
from typing import Any

from digest.articles.similarity import canonical_url
from digest.articles.sources.entries import (
    Entry,
    Listing,
    absolute,
    full_text,
    image,
    language,
    listing,
    moment,
    plain,
    standfirst,
)
from digest.errors import InputError
from digest.model import Hints

_VERSION = "https://jsonfeed.org/version/"


def looks_like(content: bytes) -> bool:
    start = content[:4000].lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith(b"{") and (b"jsonfeed.org/version" in content or b'"items"' in content)


def read(content: bytes, *, where: str, base: str) -> Listing:
    """A JSON Feed's entries, newest first. Raises InputError when it is damaged or something else."""
    feed = _document(content, where)
    name = f"JSON Feed {str(feed.get('version', '')).removeprefix(_VERSION) or '1'}"
    said = language(feed.get("language"))
    authors = _authors(feed)
    items = [item for item in _list(feed.get("items")) if isinstance(item, dict)]
    return listing(
        name, plain(feed.get("title")), items, lambda item: _entry(item, base, said, authors), when=_published
    )


def _document(content: bytes, where: str) -> dict[str, Any]:
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as trouble:
        raise InputError(f"Could not read the feed {where}: {trouble}.", hint="Tell its publisher.") from trouble
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        raise InputError(f"{where} is JSON, but not a JSON Feed.", hint="A JSON Feed has a list named “items”.")
    return document


def _entry(item: dict[str, Any], base: str, feed_language: str, feed_authors: list[str]) -> Entry:
    headline = plain(item.get("title"))
    link = absolute(item.get("url"), base) or absolute(item.get("external_url"), base)
    picture = image(item.get("image"), base) or image(item.get("banner_image"), base)
    return Entry(
        key=str(item.get("id") or canonical_url(link)),
        link=link,
        content=full_text(item.get("content_html"), _paragraphs(item.get("content_text"))),
        hints=Hints(
            headline=headline,
            standfirst=standfirst(item.get("summary"), headline=headline),
            byline=", ".join(_authors(item) or feed_authors),
            published_at=_published(item),
            language=language(item.get("language")) or feed_language,
            image=picture,
            categories=tuple(dict.fromkeys(tag for raw in _list(item.get("tags")) if (tag := plain(raw)))),
        ),
    )


def _published(item: dict[str, Any]) -> datetime | None:
    return moment(item.get("date_published")) or moment(item.get("date_modified"))


def _authors(owner: dict[str, Any]) -> list[str]:
    """Names of 1.1's "authors", or of 1.0's "author"."""
    authors = [*_list(owner.get("authors")), owner.get("author")]
    names = [plain(author.get("name")) for author in authors if isinstance(author, dict)]
    return list(dict.fromkeys(name for name in names if name))


def _paragraphs(text: object) -> str:
    if not isinstance(text, str):
        return ""
    return "".join(f"<p>{html.escape(block.strip())}</p>" for block in text.split("\n\n") if block.strip())


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
