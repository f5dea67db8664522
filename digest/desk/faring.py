"""How sources fare from one gathering to the next: what is known of each, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from digest.articles.sources.gather import Gathered, Problem
from digest.articles.sources.health import OFTEN, Health
from digest.articles.sources.memory import SourceMemory
from digest.model import Source, SourceKind
from digest.store import sources
from digest.store.articles import StoredArticle


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceReport:
    """What one source brought."""

    source: str
    new: tuple[StoredArticle, ...] = ()
    problems: tuple[Problem, ...] = ()
    #: Nothing of it could be read.
    failed: bool = False
    #: How it fares since this gathering.
    health: Health = field(default_factory=Health)


def recall(conn: Connection, slug: str, source: Source) -> tuple[SourceMemory, Health]:
    """What is known of a source; when its location changed, only which articles were read."""
    memory, health = sources.recall(conn, slug, source.name)
    if health.location in ("", source.location):
        return SourceMemory.load(memory), replace(health, location=source.location)
    return SourceMemory.load(memory).elsewhere(), Health(location=source.location)


def health_after(before: Health, source: Source, found: Gathered, problem: str, now: datetime) -> Health:
    if found.failed:
        return before.after_failure(now, problem=problem, gone=found.gone, wait=found.wait)
    after = before.after_success(
        now,
        problem=problem,
        moved_to=found.memory.at,
        newest=found.newest,
        brought_new=bool(found.documents),
        rhythm=found.rhythm,
        wait=found.wait,
    )
    # A page or a folder is not expected to have something new.
    return after if source.kind in _LISTINGS else replace(after, new_at=None)


_LISTINGS = (SourceKind.FEED, SourceKind.WORDPRESS, SourceKind.SITEMAP)


def left_alone(source: Source, health: Health, now: datetime) -> SourceReport:
    hint = f'`digest sources retry "{source.name}"` has it asked all the same; or take it out of settings.toml.'
    problem = Problem(source=source.name, message=health.why_not_asked(now), hint=hint)
    return SourceReport(source=source.name, problems=(problem,), failed=True, health=health)


def as_often(problem: Problem, health: Health) -> Problem:
    """The trouble with a source, and how it stands since."""
    if health.retired_at:
        said = f"{problem.message} It is retired: nobody asks it again until a person says so."
        return replace(problem, message=said, hint=f'Remove it, or: digest sources retry "{problem.source}".')
    if health.failures >= OFTEN:
        return replace(problem, message=f"{problem.message} It failed {health.failures} times in a row.")
    return problem
