"""Gathering: what is new in the sources since last time, as raw documents.

One bad page never stops the other pages of its source, and one bad source never stops the other sources: each trouble is
a problem in the report. A page that failed is tried again at the next gatherings, and given up after a few; until then the
feed is read in full, because a server that answers "not changed" would hide it.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from digest.articles import feeds, wordpress
from digest.articles.answer import Fetched
from digest.articles.documents import is_web, of_answer, of_entry
from digest.articles.entries import FULL_TEXT_WORDS, Entry, Listing, canonical, plain
from digest.articles.files import list_folder, read_file
from digest.articles.memory import SourceMemory
from digest.errors import AddressRefused, DigestError, FetchError, InputError
from digest.model import Document, Source, SourceKind

#: How often a page is tried before it is given up.
TRIES = 3

_log = logging.getLogger(__name__)


class Web(Protocol):
    """What gathering needs of the network: `digest.articles.fetch.Fetcher`."""

    def get(self, url: str, /) -> Fetched: ...

    def get_if_changed(self, url: str, /, *, etag: str = "", last_modified: str = "") -> Fetched | None: ...


#: Is this URL, guid or file's path an article that is stored already? Called from several threads.
Known = Callable[[str], bool]
#: Source's name, articles done, articles to do. Called from several threads.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Something that could not be read, for the report."""

    source: str
    message: str
    hint: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gathered:
    """What one gathering of a source brought."""

    source: str
    documents: tuple[Document, ...] = ()
    #: To be stored together with the documents.
    memory: SourceMemory
    problems: tuple[Problem, ...] = ()
    #: Files that are not articles, such as hidden ones: nothing to worry about.
    skipped: tuple[str, ...] = ()
    #: Nothing could be read at all; the memory is as it was.
    failed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Offer:
    """An article that a source has: its names, and how to read it."""

    key: str
    names: tuple[str, ...]
    #: The document, and what the report should say of it.
    read: Callable[[], tuple[Document, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    offers: list[_Offer]
    #: The memory with this gathering's validators, before what is read is added.
    memory: SourceMemory
    problems: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


def gather(
    source: Source,
    since: SourceMemory,
    web: Web,
    *,
    known: Known = lambda _name: False,
    progress: Progress = lambda _source, _done, _total: None,
) -> Gathered:
    """What is new in a source. Never raises for what a source did wrong: see `problems` and `failed`."""
    try:
        found = _FINDERS[source.kind](source, since, web)
    except DigestError as trouble:
        problem = Problem(source=source.name, message=trouble.message, hint=trouble.hint)
        return Gathered(source=source.name, memory=since, problems=(problem,), failed=True)
    return _take(source, since, found, known, progress)


def gather_all(
    sources: Sequence[Source],
    memories: Mapping[str, SourceMemory],
    web: Web,
    *,
    known: Known = lambda _name: False,
    progress: Progress = lambda _source, _done, _total: None,
    workers: int = 4,
) -> list[Gathered]:
    """Every source gathered, in the order given, several at the same time. `memories` goes by the source's name."""
    pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="gather")
    try:
        work = partial(_gather_safely, memories=memories, web=web, known=known, progress=progress)
        return list(pool.map(work, sources))
    finally:
        pool.shutdown(cancel_futures=True)  # on Ctrl-C the sources not yet begun are left


def _gather_safely(
    source: Source, *, memories: Mapping[str, SourceMemory], web: Web, known: Known, progress: Progress
) -> Gathered:
    since = memories.get(source.name, SourceMemory())
    try:
        return gather(source, since, web, known=known, progress=progress)
    except Exception as trouble:  # a mistake of ours in one source must not cost the others
        _log.exception("gathering %s failed", source.name)
        message = f"Gathering stopped by a mistake of ours ({type(trouble).__name__}: {trouble})."
        problem = Problem(source=source.name, message=message, hint="Please report it; the log has the details.")
        return Gathered(source=source.name, memory=since, problems=(problem,), failed=True)


def _take(source: Source, since: SourceMemory, found: _Found, known: Known, progress: Progress) -> Gathered:
    """Reads the offers that are new, within the source's limit."""
    is_new = partial(_is_new, seen=frozenset(since.seen), known=known)
    new = [offer for offer in found.offers[: source.limit] if is_new(offer)]
    problems = list(found.problems)
    too_many = [offer for offer in found.offers[source.limit :] if is_new(offer)]
    if too_many and not since.is_first:
        problems.append(f"{len(too_many)} more new articles are over the limit of {source.limit}; they were left out.")
    documents: list[Document] = []
    failed: dict[str, int] = {}
    reports = [Problem(source=source.name, message=message) for message in problems]
    for done, offer in enumerate(new):
        progress(source.name, done, len(new))
        try:
            document, remark = offer.read()
        except InputError as trouble:
            failed[offer.key] = since.failed.get(offer.key, 0) + 1
            reports.append(_trouble(source, trouble, failed[offer.key]))
        else:
            documents.append(document)
            reports += [Problem(source=source.name, message=remark)] if remark else []
    progress(source.name, len(new), len(new))
    return Gathered(
        source=source.name,
        documents=tuple(documents),
        memory=_remember(found, {key: tries for key, tries in failed.items() if tries < TRIES}),
        problems=tuple(reports),
        skipped=found.skipped,
    )


def _is_new(offer: _Offer, *, seen: frozenset[str], known: Known) -> bool:
    return offer.key not in seen and not any(known(name) for name in offer.names)


def _trouble(source: Source, trouble: InputError, tries: int) -> Problem:
    given_up = f" It failed {tries} times and is given up." if tries >= TRIES else ""
    return Problem(source=source.name, message=trouble.message + given_up, hint="" if given_up else trouble.hint)


def _remember(found: _Found, again: dict[str, int]) -> SourceMemory:
    """Everything offered is seen now, except what is to be tried again."""
    seen = found.memory.with_seen(offer.key for offer in found.offers if offer.key not in again)
    if again:
        return replace(found.memory, seen=seen, failed=again, etag="", last_modified="", newest=None)
    return replace(found.memory, seen=seen, failed={})


# --- Kinds of sources -------------------------------------------------------------------------------------


def _find_feed(source: Source, since: SourceMemory, web: Web) -> _Found:
    if not is_web(source.location):
        return _find_local_feed(source, since)
    answer = web.get_if_changed(source.location, etag=since.etag, last_modified=since.last_modified)
    if answer is None:
        return _Found(offers=[], memory=since)
    listing = read_feed(answer, source.location)
    offers = [
        _Offer(key=entry.key, names=names_of(entry), read=partial(_read_entry, entry, source, web))
        for entry in listing.entries
    ]
    memory = replace(since, etag=answer.etag, last_modified=answer.last_modified)
    moved = (f"The feed has moved for good to {answer.moved_to}: change its location.",) if answer.moved_to else ()
    return _Found(offers=offers, memory=memory, problems=moved + listing.problems)


def read_feed(answer: Fetched, where: str) -> Listing:
    kind = answer.content_type + (f"; charset={answer.charset}" if answer.charset else "")
    return feeds.read(answer.content, where=where, base=answer.url, content_type=kind)


def _find_local_feed(source: Source, since: SourceMemory) -> _Found:
    path = Path(source.location)
    listing = read_local_feed(path)
    offers = [
        _Offer(key=entry.key, names=names_of(entry), read=partial(_read_beside, entry, path, source))
        for entry in listing.entries
    ]
    return _Found(offers=offers, memory=since, problems=listing.problems)


def read_local_feed(path: Path) -> Listing:
    try:
        content = path.read_bytes()
    except OSError as trouble:
        why = (trouble.strerror or str(trouble)).lower()
        raise InputError(f"Could not read the feed {path}: {why}.", hint="Check the source's location.") from trouble
    return feeds.read(content, where=str(path))


def names_of(entry: Entry) -> tuple[str, ...]:
    """What the store may know the article by."""
    return tuple(dict.fromkeys((entry.key, entry.link, canonical(entry.link))))


def _read_entry(entry: Entry, source: Source, web: Web) -> tuple[Document, str]:
    """The page that an entry links to; when it cannot be had, the article as the feed carries it."""
    try:
        return of_answer(web.get(entry.link), source=source.name, hints=entry.hints), ""
    except AddressRefused:
        raise
    except FetchError as trouble:
        if not entry.content:
            raise
        return of_entry(entry, source=source.name), f"{trouble.message} The text in the feed was used instead."


def _read_beside(entry: Entry, feed: Path, source: Source) -> tuple[Document, str]:
    """The file beside a local feed that an entry names. It cannot lead out of the feed's folder."""
    if is_web(entry.link):
        raise InputError(f"{entry.link} is on the web, but its feed {feed} is a file.")
    folder = feed.resolve().parent
    target = (folder / unquote(urlsplit(entry.link).path)).resolve()
    if not target.is_relative_to(folder):
        raise InputError(f"Did not read {entry.link}: it leads out of the folder of {feed}.")
    return replace(read_file(target, source=source.name), hints=entry.hints), ""


def _find_wordpress(source: Source, since: SourceMemory, web: Web) -> _Found:
    api = since.api or wordpress.find_api(source.location, web)
    listing = wordpress.read(api, web, limit=source.limit, after=since.newest)
    offers = [
        _Offer(key=entry.key, names=names_of(entry), read=partial(_read_post, entry, source, web))
        for entry in listing.entries
    ]
    dates = [entry.hints.published_at for entry in listing.entries if entry.hints.published_at]
    newest = max([*dates, *([since.newest] if since.newest else [])], default=None)
    return _Found(offers=offers, memory=replace(since, api=api, newest=newest), problems=listing.problems)


def _read_post(entry: Entry, source: Source, web: Web) -> tuple[Document, str]:
    """The article as the API gives it; sites that build pages by other means give next to nothing there."""
    if len(plain(entry.content).split()) >= FULL_TEXT_WORDS // 2:
        return of_entry(entry, source=source.name), ""
    return _read_entry(entry, source, web)


def _find_page(source: Source, since: SourceMemory, web: Web) -> _Found:
    if not is_web(source.location):
        return _found_files([Path(source.location)], source, since)
    names = (source.location, canonical(source.location))
    read = partial(_read_entry, Entry(key=names[1], link=source.location), source, web)
    return _Found(offers=[_Offer(key=names[1], names=names, read=read)], memory=since)


def _find_folder(source: Source, since: SourceMemory, _web: Web) -> _Found:
    files, skipped = list_folder(Path(source.location))
    found = _found_files(files, source, since)
    return replace(found, skipped=tuple(f"{left.path}: {left.reason}" for left in skipped))


def _found_files(files: list[Path], source: Source, since: SourceMemory) -> _Found:
    """Files, the newest first. A file's key holds its content, so that an edited file is read again."""
    offers = [_Offer(key=_file_key(path), names=(), read=partial(_read_local, path, source)) for path in _recent(files)]
    return _Found(offers=offers, memory=since)


def _recent(files: list[Path]) -> list[Path]:
    return sorted(files, key=lambda path: (-path.stat().st_mtime if path.exists() else 0, path))


def _file_key(path: Path) -> str:
    content = path.read_bytes() if path.is_file() else b""
    return f"{path}#{hashlib.sha256(content).hexdigest()[:16]}"


def _read_local(path: Path, source: Source) -> tuple[Document, str]:
    return read_file(path, source=source.name), ""


_FINDERS: dict[SourceKind, Callable[[Source, SourceMemory, Web], _Found]] = {
    SourceKind.FEED: _find_feed,
    SourceKind.PAGE: _find_page,
    SourceKind.WORDPRESS: _find_wordpress,
    SourceKind.FOLDER: _find_folder,
}
