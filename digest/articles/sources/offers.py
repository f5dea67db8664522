"""What each kind of source offers: the articles it announces, and how each one is read when it is wanted.

Finding is one or two requests; reading is one for each article, and happens only for what is new
(`digest.articles.sources.gather`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Protocol, Self
from urllib.parse import unquote, urlsplit

from digest.articles.similarity import canonical_url
from digest.articles.sources import feeds, sitemaps, wordpress
from digest.articles.sources.answer import Fetched
from digest.articles.sources.documents import is_web, of_answer, of_entry
from digest.articles.sources.entries import FULL_TEXT_WORDS, Entry, Listing, plain
from digest.articles.sources.files import list_folder, read_file
from digest.articles.sources.health import rhythm_of
from digest.articles.sources.login import leads_to_login
from digest.articles.sources.memory import SourceMemory
from digest.articles.sources.network import Term
from digest.errors import AddressRefused, FetchError, Forbidden, InputError, Postponed
from digest.model import Document, Source, SourceKind


class Web(Protocol):
    """What gathering needs of the network: `digest.articles.sources.fetch.Fetcher`."""

    def get(self, url: str, /) -> Fetched: ...

    def get_if_changed(self, url: str, /, *, etag: str = "", last_modified: str = "") -> Fetched | None: ...

    def within(self, location: str, /, *, robots: bool = True, term: Term | None = None) -> Self:
        """The same, with manners, for what a location leads to, until the term is over.

        Private hosts that settings allow are reached only when the location stands on them.
        """
        ...

    def sitemaps(self, url: str, /) -> list[str]:
        """The sitemaps that the robots.txt of a URL's site names."""
        ...


#: The document, and what the report should say of it; raises InputError.
Read = Callable[[], tuple[Document, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """An article that a source has: its names, and how to read it."""

    key: str
    names: tuple[str, ...]
    read: Read


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    offers: list[Offer]
    #: The memory with this gathering's validators, before what is read is added.
    memory: SourceMemory
    problems: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    #: The date that the newest article states, and the longest pause between the latest.
    newest: datetime | None = None
    rhythm: timedelta | None = None
    #: Keys of what is not new and need not be offered.
    old: tuple[str, ...] = ()


def find(source: Source, since: SourceMemory, web: Web, term: Term | None = None) -> Found:
    """What a source offers now, newest first. Raises InputError when it cannot be read at all."""
    return _FINDERS[source.kind](source, since, web.within(source.location, robots=source.robots, term=term))


def _found(listing: Listing, memory: SourceMemory, read: Callable[[Entry], Read], *said: str) -> Found:
    dates = [entry.hints.published_at for entry in listing.entries if entry.hints.published_at]
    return Found(
        offers=[Offer(key=entry.key, names=names_of(entry), read=read(entry)) for entry in listing.entries],
        memory=memory,
        problems=said + listing.problems,
        newest=max(dates, default=None),
        rhythm=rhythm_of(dates),
    )


def _find_feed(source: Source, since: SourceMemory, web: Web) -> Found:
    if not is_web(source.location):
        return _find_local_feed(source, since, web)
    answer, memory = ask_feed(source.location, since, web)
    if answer is None:
        return Found(offers=[], memory=memory, problems=where_now(memory))
    listing = read_feed(answer, source.location)
    return _found(listing, memory, lambda entry: partial(_read_entry, entry, source, web), *where_now(memory))


def ask_feed(location: str, since: SourceMemory, web: Web) -> tuple[Fetched | None, SourceMemory]:
    """What `ask` finds; for a web page the first feed that it names."""
    answer, memory = ask(location, since, web)
    links = feeds.feed_links(answer.content, answer.url) if answer and feeds.looks_like_page(answer.content) else []
    return (
        ask(location, SourceMemory(seen=since.seen, failed=since.failed, at=links[0]), web)
        if links
        else (answer, memory)
    )


def ask(location: str, since: SourceMemory, web: Web) -> tuple[Fetched | None, SourceMemory]:
    """What stands at a location, or where it is read instead; None when it has not changed. And what to remember."""
    if since.at:
        try:
            answer = web.get_if_changed(since.at, etag=since.etag, last_modified=since.last_modified)
        except FetchError as trouble:
            if not (trouble.unanswered or trouble.status in (404, 410)):
                raise
            since = replace(since, at="", moved=False, etag="", last_modified="")  # it may be at its old place again
        else:
            return answer, _asked(answer, since)
    answer = web.get_if_changed(location, etag=since.etag, last_modified=since.last_modified)
    return answer, _asked(answer, since)


def _asked(answer: Fetched | None, since: SourceMemory) -> SourceMemory:
    if answer is None:
        return since
    at, moved = (answer.moved_to, True) if answer.moved_to else (since.at, since.moved)
    return replace(since, etag=answer.etag, last_modified=answer.last_modified, at=at, moved=moved)


def where_now(memory: SourceMemory) -> tuple[str, ...]:
    """That the settings should name another address, said until they do."""
    if memory.moved:
        return (f"It has moved for good to {memory.at}: change its location.",)
    return (f"Its location is a web page, which names the feed {memory.at}: use that address.",) if memory.at else ()


def read_feed(answer: Fetched, where: str) -> Listing:
    kind = answer.content_type + (f"; charset={answer.charset}" if answer.charset else "")
    return feeds.read(answer.content, where=where, base=answer.url, content_type=kind)


def _find_local_feed(source: Source, since: SourceMemory, web: Web) -> Found:
    path = Path(source.location)
    return _found(read_local_feed(path), since, lambda entry: _reader(entry, path, source, web))


def _find_sitemap(source: Source, since: SourceMemory, web: Web) -> Found:
    answer, memory = ask(source.location, since, web)
    if answer is None:
        return Found(offers=[], memory=memory, problems=where_now(memory))
    found = sitemaps.read(answer, web, first=since.is_first)
    if not found.whole:  # its own validators say nothing of the sitemaps that it leads to
        memory = replace(memory, etag="", last_modified="")
    made = _found(found.listing, memory, lambda entry: partial(_read_entry, entry, source, web), *where_now(memory))
    return replace(made, old=found.old)


def _reader(entry: Entry, feed: Path, source: Source, web: Web) -> Read:
    if is_web(entry.link):
        return partial(_read_entry, entry, source, web)
    return partial(_read_beside, entry, feed, source)


def read_local_feed(path: Path) -> Listing:
    try:
        content = path.read_bytes()
    except OSError as trouble:
        why = (trouble.strerror or str(trouble)).lower()
        raise InputError(f"Could not read the feed {path}: {why}.", hint="Check the source's location.") from trouble
    return feeds.read(content, where=str(path))


def names_of(entry: Entry) -> tuple[str, ...]:
    """What the store may know the article by."""
    return tuple(dict.fromkeys((entry.key, entry.link, canonical_url(entry.link))))


def _read_entry(entry: Entry, source: Source, web: Web) -> tuple[Document, str]:
    """The page that an entry links to; when it cannot be had, the article as the feed carries it."""
    try:
        return of_answer(_open(entry.link, web), source=source.name, hints=entry.hints), ""
    except (AddressRefused, Postponed):
        raise
    except InputError as trouble:  # no page, or none that holds anything
        if not entry.content:
            raise
        # That the feed is meant for programs and the pages are not is nobody's mistake.
        said = "" if isinstance(trouble, Forbidden) else f"{trouble.message} The text in the feed was used instead."
        return of_entry(entry, source=source.name), said


def _open(link: str, web: Web) -> Fetched:
    answer = web.get(link)
    if leads_to_login(link, answer.url, answer.content):
        raise InputError(f"{link} leads to a login page ({answer.url}).", hint=_LOGIN)
    return answer


_LOGIN = "Only what everybody can read goes into the digest."


def _read_beside(entry: Entry, feed: Path, source: Source) -> tuple[Document, str]:
    """The file beside a local feed that an entry names. It cannot lead out of the feed's folder."""
    folder = feed.resolve().parent
    target = (folder / unquote(urlsplit(entry.link).path)).resolve()
    if not target.is_relative_to(folder):
        raise InputError(f"Did not read {entry.link}: it leads out of the folder of {feed}.")
    return replace(read_file(target, source=source.name), hints=entry.hints), ""


def _find_wordpress(source: Source, since: SourceMemory, web: Web) -> Found:
    api = since.api or wordpress.find_api(source.location, web)
    listing = wordpress.read(api, web, limit=source.limit, after=since.newest)
    found = _found(listing, since, lambda entry: partial(_read_post, entry, source, web))
    newest = max((date for date in (found.newest, since.newest) if date), default=None)
    return replace(found, memory=replace(since, api=api, newest=newest))


def _read_post(entry: Entry, source: Source, web: Web) -> tuple[Document, str]:
    """The article as the API gives it; sites that build pages by other means give next to nothing there."""
    if len(plain(entry.content).split()) >= FULL_TEXT_WORDS // 2:
        return of_entry(entry, source=source.name), ""
    return _read_entry(entry, source, web)


def _find_page(source: Source, since: SourceMemory, web: Web) -> Found:
    if not is_web(source.location):
        return _found_files([Path(source.location)], source, since)
    names = (source.location, canonical_url(source.location))
    read = partial(_read_entry, Entry(key=names[1], link=source.location), source, web)
    return Found(offers=[Offer(key=names[1], names=names, read=read)], memory=since)


def _find_folder(source: Source, since: SourceMemory, _web: Web) -> Found:
    files, skipped = list_folder(Path(source.location))
    found = _found_files(files, source, since)
    return replace(found, skipped=tuple(f"{left.path}: {left.reason}" for left in skipped))


def _found_files(files: list[Path], source: Source, since: SourceMemory) -> Found:
    """Files, the newest first. A file's key holds its content, so that an edited file is read again."""
    offers = [Offer(key=_file_key(path), names=(), read=partial(_read_local, path, source)) for path in _recent(files)]
    return Found(offers=offers, memory=since)


def _recent(files: list[Path]) -> list[Path]:
    return sorted(files, key=lambda path: (-path.stat().st_mtime if path.exists() else 0, path))


def _file_key(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError:  # reading it will say what is wrong
        return str(path)
    return f"{path}#{hashlib.sha256(content).hexdigest()[:16]}"


def _read_local(path: Path, source: Source) -> tuple[Document, str]:
    return read_file(path, source=source.name), ""


_FINDERS: dict[SourceKind, Callable[[Source, SourceMemory, Web], Found]] = {
    SourceKind.FEED: _find_feed,
    SourceKind.PAGE: _find_page,
    SourceKind.WORDPRESS: _find_wordpress,
    SourceKind.SITEMAP: _find_sitemap,
    SourceKind.FOLDER: _find_folder,
}
