"""Gathering: what is new in the sources since last time, as raw documents.

One bad page never stops the other pages of its source, and one bad source never stops the other sources: each trouble
is a problem in the report. A page that failed is tried again at the next gatherings, and given up after a few; until
then the feed is read in full, because a server that answers "not changed" would hide it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from digest.articles.memory import SourceMemory
from digest.articles.offers import Found, Offer, Web, find
from digest.errors import DigestError, InputError
from digest.model import Document, Source

__all__ = ["TRIES", "Gathered", "Known", "Problem", "Progress", "Web", "gather", "gather_all"]

#: How often a page is tried before it is given up.
TRIES = 3

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
        found = find(source, since, web)
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
    except Exception as trouble:  # noqa: BLE001 - a mistake of ours in one source must not cost the others
        _log.exception("gathering %s failed", source.name)
        message = f"Gathering stopped by a mistake of ours ({type(trouble).__name__}: {trouble})."
        problem = Problem(source=source.name, message=message, hint="Please report it; the log has the details.")
        return Gathered(source=source.name, memory=since, problems=(problem,), failed=True)


def _take(source: Source, since: SourceMemory, found: Found, known: Known, progress: Progress) -> Gathered:
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
        except Exception as trouble:  # noqa: BLE001 - one article, whatever it does to us, must not cost the others
            failed[offer.key] = since.failed.get(offer.key, 0) + 1
            reports.append(_trouble(source, _explained(offer, trouble), failed[offer.key]))
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


def _is_new(offer: Offer, *, seen: frozenset[str], known: Known) -> bool:
    return offer.key not in seen and not any(known(name) for name in offer.names)


def _explained(offer: Offer, trouble: Exception) -> DigestError:
    if isinstance(trouble, DigestError):
        return trouble
    _log.warning("reading %s failed", offer.key, exc_info=trouble)
    return InputError(f"{offer.key} could not be read ({type(trouble).__name__}: {trouble}).")


def _trouble(source: Source, trouble: DigestError, tries: int) -> Problem:
    given_up = f" It failed {tries} times and is given up." if tries >= TRIES else ""
    return Problem(source=source.name, message=trouble.message + given_up, hint="" if given_up else trouble.hint)


def _remember(found: Found, again: dict[str, int]) -> SourceMemory:
    """Everything offered is seen now, except what is to be tried again."""
    seen = found.memory.with_seen(offer.key for offer in found.offers if offer.key not in again)
    if again:
        return replace(found.memory, seen=seen, failed=again, etag="", last_modified="", newest=None)
    return replace(found.memory, seen=seen, failed={})
