"""Gathering: what is new in the sources since last time, as raw documents.

All sources are asked at the same time, and two articles of each: gathering takes as long as the slowest host, and no
longer than its term. One bad page never stops the other pages of its source, and one bad source never stops the other
sources: each trouble is a problem in the report. A page that failed is tried again at the next gatherings, and given
up after a few; one whose turn did not come waits for the next. Until then the feed is read in full, because a server
that answers "not changed" would hide it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus

from digest.articles.sources.manners import AT_ONCE
from digest.articles.sources.memory import SourceMemory
from digest.articles.sources.network import Term
from digest.articles.sources.offers import Found, Offer, Web, find
from digest.articles.sources.side_by_side import SOURCES_AT_ONCE, each, each_within
from digest.errors import DigestError, FetchError, InputError, Postponed
from digest.model import Document, Source

__all__ = ["TRIES", "Gathered", "Known", "Problem", "Progress", "Web", "gather", "gather_all"]

#: How often a page is tried before it is given up.
TRIES = 3
#: Seconds after its term for which a gathering waits for who is in the middle of something.
GRACE = 1.0

_log = logging.getLogger(__name__)


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
    #: … because the source is gone for good, as its server says.
    gone: bool = False
    #: Seconds for which the server wants to be left alone.
    wait: float = 0.0
    #: The date that the newest article states, and the longest pause between the latest.
    newest: datetime | None = None
    rhythm: timedelta | None = None


def gather(
    source: Source,
    since: SourceMemory,
    web: Web,
    *,
    known: Known = lambda _name: False,
    progress: Progress = lambda _source, _done, _total: None,
    term: Term | None = None,
) -> Gathered:
    """What is new in a source. Never raises for what a source did wrong: see `problems` and `failed`."""
    try:
        found = find(source, since, web, term)
    except DigestError as trouble:
        return _failed(source, since, trouble)
    return _take(source, since, found, known, progress)


def gather_all(
    sources: Sequence[Source],
    memories: Mapping[str, SourceMemory],
    web: Web,
    *,
    known: Known = lambda _name: False,
    progress: Progress = lambda _source, _done, _total: None,
    seconds: float = 300.0,
) -> list[Gathered]:
    """Every source gathered, in the order given, all at the same time. `memories` goes by the source's name.

    `progress` hears of all sources together, several times a second and from the caller's own thread. When it raises,
    that is the end: nothing is waited for.
    """
    term, tally = Term(seconds), _Tally()

    def glance() -> None:
        progress(*tally.now)

    work = [
        partial(
            _gather_safely,
            source,
            memories.get(source.name, SourceMemory()),
            web,
            known=known,
            progress=tally.count,
            term=term,
        )
        for source in sources
    ]
    found = each_within(term, work, at_once=SOURCES_AT_ONCE, grace=GRACE, glance=glance)
    return [
        gathered or _failed(source, memories.get(source.name, SourceMemory()), _unfinished(source, seconds))
        for source, gathered in zip(sources, found, strict=True)
    ]


@dataclass(slots=True)
class _Tally:
    """How far all sources are."""

    latest: str = ""
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)

    def count(self, source: str, done: int, total: int) -> None:
        self.counts[source] = (done, total)
        self.latest = source

    @property
    def now(self) -> tuple[str, int, int]:
        counts = list(self.counts.values())
        return self.latest, sum(done for done, _ in counts), sum(total for _, total in counts)


def _gather_safely(
    source: Source, since: SourceMemory, web: Web, *, known: Known, progress: Progress, term: Term
) -> Gathered:
    try:
        return gather(source, since, web, known=known, progress=progress, term=term)
    except Exception as trouble:  # noqa: BLE001 - a mistake of ours in one source must not cost the others
        _log.exception("gathering %s failed", source.name)
        message = f"Gathering stopped by a mistake of ours ({type(trouble).__name__}: {trouble})."
        return _failed(source, since, InputError(message, hint="Please report it; the log has the details."))


def _failed(source: Source, since: SourceMemory, trouble: DigestError) -> Gathered:
    return Gathered(
        source=source.name,
        memory=since.doubted(),
        problems=(Problem(source=source.name, message=trouble.message, hint=trouble.hint),),
        failed=True,
        gone=isinstance(trouble, FetchError) and trouble.status == HTTPStatus.GONE,
        wait=trouble.wait if isinstance(trouble, Postponed) else 0.0,
    )


def _unfinished(source: Source, seconds: float) -> DigestError:
    return Postponed(f"{source.name} was not done when the time for gathering ({seconds:g} seconds) was up.")


@dataclass(slots=True)
class _Reading:
    """The new articles of a source as they are read, by several threads."""

    source: Source
    since: SourceMemory
    total: int
    progress: Progress
    done: int = 0
    #: Key → how often it failed, this time included.
    failed: dict[str, int] = field(default_factory=dict)
    #: Keys of those whose turn did not come.
    left: list[str] = field(default_factory=list)
    wait: float = 0.0
    reports: dict[str, Problem] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, offer: Offer) -> Document | None:
        try:
            document, remark = offer.read()
        except Exception as trouble:  # noqa: BLE001 - one article, whatever it does to us, must not cost the others
            document, remark = None, ""
            with self.lock:
                self._note(offer, trouble)
        with self.lock:
            if remark:
                self.reports[offer.key] = Problem(source=self.source.name, message=remark)
            self.done += 1
            self.progress(self.source.name, self.done, self.total)
        return document

    def _note(self, offer: Offer, trouble: Exception) -> None:
        if isinstance(trouble, Postponed):
            self.left.append(offer.key)
            self.wait = max(self.wait, trouble.wait)
            self.reports.setdefault("", Problem(source=self.source.name, message=trouble.message, hint=trouble.hint))
            return
        gone = isinstance(trouble, FetchError) and trouble.status == HTTPStatus.GONE
        tries = TRIES if gone else self.since.failed.get(offer.key, 0) + 1
        self.failed[offer.key] = tries
        self.reports[offer.key] = _trouble(self.source, _explained(offer, trouble), tries)


def _take(source: Source, since: SourceMemory, found: Found, known: Known, progress: Progress) -> Gathered:
    """Reads the offers that are new, within the source's limit."""
    is_new = partial(_is_new, seen=frozenset(since.seen), known=known)
    new = [offer for offer in found.offers[: source.limit] if is_new(offer)]
    problems = list(found.problems)
    too_many = [offer for offer in found.offers[source.limit :] if is_new(offer)]
    if too_many and not since.is_first:
        problems.append(f"{len(too_many)} more new articles are over the limit of {source.limit}; they were left out.")
    reading = _Reading(source=source, since=since, total=len(new), progress=progress)
    progress(source.name, 0, len(new))
    documents = each([partial(reading.read, offer) for offer in new], at_once=AT_ONCE)
    reports = [reading.reports[key] for key in (*(offer.key for offer in new), "") if key in reading.reports]
    return Gathered(
        source=source.name,
        documents=tuple(document for document in documents if document),
        memory=_remember(found, reading),
        problems=(*(Problem(source=source.name, message=message) for message in problems), *reports),
        skipped=found.skipped,
        wait=reading.wait,
        newest=found.newest,
        rhythm=found.rhythm,
    )


def _is_new(offer: Offer, *, seen: frozenset[str], known: Known) -> bool:
    return offer.key not in seen and not any(known(name) for name in offer.names)


def _explained(offer: Offer, trouble: Exception) -> DigestError:
    if isinstance(trouble, DigestError):
        return trouble
    _log.warning("reading %s failed", offer.key, exc_info=trouble)
    return InputError(f"{offer.key} could not be read ({type(trouble).__name__}: {trouble}).")


def _trouble(source: Source, trouble: DigestError, tries: int) -> Problem:
    given_up = f" It failed {tries} times and is given up." if tries >= TRIES else ""
    if isinstance(trouble, FetchError) and trouble.status == HTTPStatus.GONE:
        given_up = " It is given up."
    return Problem(source=source.name, message=trouble.message + given_up, hint="" if given_up else trouble.hint)


def _remember(found: Found, reading: _Reading) -> SourceMemory:
    """Everything offered is seen now, except what is to be tried again."""
    again = {key: tries for key, tries in reading.failed.items() if tries < TRIES}
    again |= {key: tries for key in reading.left if (tries := reading.since.failed.get(key, 0))}
    open_still = {*again, *reading.left}
    seen = found.memory.with_seen([*(offer.key for offer in found.offers if offer.key not in open_still), *found.old])
    if open_still:
        return replace(found.memory, seen=seen, failed=again, etag="", last_modified="", newest=None)
    return replace(found.memory, seen=seen, failed={})
