"""From a file, or what a server answered, to a document; and single ones that an editor names by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from digest.articles.sources import feeds
from digest.articles.sources.answer import Fetched
from digest.articles.sources.entries import Entry, page_of
from digest.articles.sources.files import READABLE, list_folder, read_file
from digest.errors import InputError
from digest.model import Document, DocumentKind, Hints


class Web(Protocol):
    """What this module needs of the network."""

    def get(self, url: str, /) -> Fetched: ...


def is_web(location: str) -> bool:
    return location.strip().lower().startswith(("http://", "https://"))


def of_answer(fetched: Fetched, *, source: str = "", hints: Hints | None = None) -> Document:
    """A fetched page or text. Raises InputError when it is a feed, or data."""
    if feeds.looks_like_feed(fetched.content):
        raise InputError(
            f"{fetched.url} is a feed, not an article.",
            hint='Declare it as a source: kind = "feed". To look at it first: digest sources check.',
        )
    if fetched.content_type.endswith(("json", "/xml")) and not feeds.looks_like_page(fetched.content):
        raise InputError(f"{fetched.url} is data ({fetched.content_type}), not an article.")
    if not fetched.content.strip():
        raise InputError(f"{fetched.url} is empty.")
    return Document(
        location=fetched.url,
        kind=_kind(fetched),
        content=fetched.content,
        charset=fetched.charset,
        source=source,
        hints=hints or Hints(),
    )


def of_entry(entry: Entry, *, source: str) -> Document:
    """The article as its feed or API carries it."""
    return Document(
        location=entry.link,
        kind=DocumentKind.HTML,
        content=page_of(entry, language=entry.hints.language),
        charset="utf-8",
        source=source,
        hints=entry.hints,
    )


def _kind(fetched: Fetched) -> DocumentKind:
    markdown = fetched.url.partition("?")[0].lower().endswith((".md", ".markdown"))
    if fetched.content_type == "text/markdown" or (fetched.content_type == "text/plain" and markdown):
        return DocumentKind.MARKDOWN
    if fetched.content_type == "text/plain" and not feeds.looks_like_page(fetched.content):
        return DocumentKind.TEXT
    return DocumentKind.HTML


def read_one(path_or_url: str, web: Web) -> list[Document]:
    """What an editor names by hand: an article's URL, a file, or all the texts of a folder. Raises InputError."""
    if is_web(path_or_url):
        return [of_answer(web.get(path_or_url.strip()))]
    if "://" in path_or_url:
        raise InputError(f"Cannot read {path_or_url}.", hint="Only http and https addresses are read.")
    path = Path(path_or_url).expanduser()
    if path.is_dir():
        return _folder(path)
    if not path.exists():
        domain = "." in path_or_url.partition("/")[0].strip(".") and not path.suffix
        hint = f"For a web page write https://{path_or_url}." if domain else "Check the path."
        raise InputError(f"There is no file or folder {path_or_url}.", hint=hint)
    if path.suffix.lower() in (".xml", ".rss", ".atom", ".json", ".rdf"):
        raise InputError(
            f"{path_or_url} looks like a feed, not an article.", hint='Declare it as a source: kind = "feed".'
        )
    return [read_file(path)]


def _folder(path: Path) -> list[Document]:
    found, skipped = list_folder(path)
    if not found:
        why = "; ".join(f"{left.path.name}: {left.reason}" for left in skipped[:3]) or "the folder is empty"
        raise InputError(f"There is nothing to read in {path} ({why}).", hint=READABLE)
    return [read_file(file) for file in found]
