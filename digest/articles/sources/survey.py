"""A look at a source before it is used, or when something seems wrong with it. Nothing is stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from digest.articles.sources import feeds, sitemaps, wordpress
from digest.articles.sources.documents import is_web, of_answer
from digest.articles.sources.entries import Listing
from digest.articles.sources.files import KINDS, list_folder, read_file
from digest.articles.sources.memory import SourceMemory
from digest.articles.sources.offers import Web, ask, ask_feed, read_feed, read_local_feed, where_now
from digest.articles.sources.side_by_side import SOURCES_AT_ONCE, each
from digest.errors import DigestError, InputError
from digest.model import Document, Source, SourceKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Survey:
    """What a source looks like now."""

    source: str
    #: Such as "RSS 2.0", "WordPress site", "web page", "folder"; empty when it could not be read.
    looks_like: str = ""
    title: str = ""
    entries: int = 0
    #: As stated by the source; None when no entry states a date.
    newest: datetime | None = None
    #: How many entries carry the whole article; the pages of the others are fetched.
    full_text: int = 0
    #: The newest headlines, at most five.
    headlines: tuple[str, ...] = ()
    #: What an operator should know or mend, in sentences.
    problems: tuple[str, ...] = ()

    @property
    def readable(self) -> bool:
        return bool(self.looks_like)


def check(source: Source, web: Web) -> Survey:
    """What a source looks like now. Never raises for what the source does wrong: see `problems`."""
    try:
        return _SURVEYS[source.kind](source, web.within(source.location, robots=source.robots))
    except DigestError as trouble:
        return Survey(source=source.name, problems=(str(trouble),))


def check_all(
    sources: Sequence[Source], web: Web, *, done: Callable[[int], None] = lambda _count: None
) -> list[Survey]:
    """All sources, in the order given, at the same time. `done` hears how many are, in the caller's own thread."""
    finished: list[str] = []

    def look(source: Source) -> Survey:
        try:
            return check(source, web)
        finally:
            finished.append(source.name)

    def glance() -> bool:
        done(len(finished))
        return False

    found = each([partial(look, source) for source in sources], at_once=SOURCES_AT_ONCE, glance=glance)
    return [survey for survey in found if survey]


def _feed(source: Source, web: Web) -> Survey:
    if not is_web(source.location):
        return _of_listing(source, read_local_feed(Path(source.location)))
    answer, memory = ask_feed(source.location, SourceMemory(), web)
    if answer is None:
        raise _not_asked(source)
    return _of_listing(source, read_feed(answer, source.location), where_now(memory))


def _sitemap(source: Source, web: Web) -> Survey:
    answer, memory = ask(source.location, SourceMemory(), web)
    if answer is None:
        raise _not_asked(source)
    found = sitemaps.read(answer, web, first=False)
    return _of_listing(source, found.listing, where_now(memory))


def _not_asked(source: Source) -> InputError:
    return InputError(f"{source.location} says that it has not changed, although nobody asked that.")


def _wordpress(source: Source, web: Web) -> Survey:
    listing = wordpress.read(wordpress.find_api(source.location, web), web, limit=source.limit)
    return _of_listing(source, listing)


def _of_listing(source: Source, listing: Listing, problems: tuple[str, ...] = ()) -> Survey:
    dates = [entry.hints.published_at for entry in listing.entries if entry.hints.published_at]
    return Survey(
        source=source.name,
        looks_like=listing.format,
        title=listing.title,
        entries=len(listing.entries),
        newest=max(dates, default=None),
        full_text=sum(1 for entry in listing.entries if entry.content),
        headlines=tuple(entry.hints.headline for entry in listing.entries[:5]),
        problems=problems + listing.problems + _missing(listing),
    )


def _missing(listing: Listing) -> tuple[str, ...]:
    if not listing.entries:
        return ("It has no articles at the moment.",)
    if listing.format == "sitemap":
        return ()  # it says when pages changed, and the pages when they were published
    undated = sum(1 for entry in listing.entries if not entry.hints.published_at)
    if undated:
        return (f"{undated} of {len(listing.entries)} entries state no date: they count from when they were gathered.",)
    return ()


def _page(source: Source, web: Web) -> Survey:
    if not is_web(source.location):
        return _of_file(source, read_file(Path(source.location)))
    answer = web.get(source.location)
    links = feeds.feed_links(answer.content, answer.url)
    hint = (f"The page names a feed: {links[0]}. For all of its articles use that.",) if links else ()
    return _of_file(source, of_answer(answer), hint)


def _of_file(source: Source, document: Document, problems: tuple[str, ...] = ()) -> Survey:
    looks = "web page" if is_web(document.location) else f"{document.kind} file"
    return Survey(source=source.name, looks_like=looks, entries=1, full_text=1, problems=problems)


def _folder(source: Source, _web: Web) -> Survey:
    files, skipped = list_folder(Path(source.location))
    unread = []
    for path in files:
        try:
            read_file(path)
        except InputError as trouble:
            unread.append(str(trouble))
    left = tuple(f"{file.path.name} is left out: {file.reason}." for file in skipped)
    none = (f"There is nothing to read; {', '.join(sorted(KINDS))} files are.",) if not files else ()
    return Survey(
        source=source.name,
        looks_like="folder",
        entries=len(files) - len(unread),
        full_text=len(files) - len(unread),
        headlines=tuple(path.name for path in files[:5]),
        problems=none + tuple(unread) + left,
    )


_SURVEYS = {
    SourceKind.FEED: _feed,
    SourceKind.WORDPRESS: _wordpress,
    SourceKind.SITEMAP: _sitemap,
    SourceKind.PAGE: _page,
    SourceKind.FOLDER: _folder,
}
