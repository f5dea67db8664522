"""What each kind of source offers: the articles it announces, and how each one is read when it is wanted.

Finding is one or two requests; reading is one for each article, and happens only for what is new
(`digest.articles.gather`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol, Self
from urllib.parse import unquote, urlsplit

from digest.articles import feeds, wordpress
from digest.articles.answer import Fetched
from digest.articles.documents import is_web, of_answer, of_entry
from digest.articles.entries import FULL_TEXT_WORDS, Entry, Listing, plain
from digest.articles.files import list_folder, read_file
from digest.articles.memory import SourceMemory
from digest.articles.similarity import canonical_url
from digest.errors import AddressRefused, InputError
from digest.model import Document, Source, SourceKind


class Web(Protocol):
    """What gathering needs of the network: `digest.articles.fetch.Fetcher`."""

    def get(self, url: str, /) -> Fetched: ...

    def get_if_changed(self, url: str, /, *, etag: str = "", last_modified: str = "") -> Fetched | None: ...

    def within(self, location: str, /) -> Self:
        """The same for what a location leads to: private hosts that settings allow only when it stands on them."""
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


def find(source: Source, since: SourceMemory, web: Web) -> Found:
    """What a source offers now, newest first. Raises InputError when it cannot be read at all."""
    return _FINDERS[source.kind](source, since, web.within(source.location))


def _find_feed(source: Source, since: SourceMemory, web: Web) -> Found:
    if not is_web(source.location):
        return _find_local_feed(source, since, web)
    answer = web.get_if_changed(source.location, etag=since.etag, last_modified=since.last_modified)
    if answer is None:
        return Found(offers=[], memory=since)
    listing = read_feed(answer, source.location)
    offers = [
        Offer(key=entry.key, names=names_of(entry), read=partial(_read_entry, entry, source, web))
        for entry in listing.entries
    ]
    memory = replace(since, etag=answer.etag, last_modified=answer.last_modified)
    moved = (f"The feed has moved for good to {answer.moved_to}: change its location.",) if answer.moved_to else ()
    return Found(offers=offers, memory=memory, problems=moved + listing.problems)


def read_feed(answer: Fetched, where: str) -> Listing:
    kind = answer.content_type + (f"; charset={answer.charset}" if answer.charset else "")
    return feeds.read(answer.content, where=where, base=answer.url, content_type=kind)


def _find_local_feed(source: Source, since: SourceMemory, web: Web) -> Found:
    path = Path(source.location)
    listing = read_local_feed(path)
    offers = [
        Offer(key=entry.key, names=names_of(entry), read=_reader(entry, path, source, web)) for entry in listing.entries
    ]
    return Found(offers=offers, memory=since, problems=listing.problems)


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
        return of_answer(web.get(entry.link), source=source.name, hints=entry.hints), ""
    except AddressRefused:
        raise
    except InputError as trouble:  # no page, or none that holds anything
        if not entry.content:
            raise
        return of_entry(entry, source=source.name), f"{trouble.message} The text in the feed was used instead."


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
    offers = [
        Offer(key=entry.key, names=names_of(entry), read=partial(_read_post, entry, source, web))
        for entry in listing.entries
    ]
    dates = [entry.hints.published_at for entry in listing.entries if entry.hints.published_at]
    newest = max([*dates, *([since.newest] if since.newest else [])], default=None)
    return Found(offers=offers, memory=replace(since, api=api, newest=newest), problems=listing.problems)


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
    SourceKind.FOLDER: _find_folder,
}
