"""Which articles an issue carries, and why: every yes and every no has its reason in words an editor understands.

Fresh and weighty first: weight × ½^(age / 12 h). Nothing is padded silently: when too little is new the window widens
once, and each article that came in that way says so. Same candidates, same clock, same choice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from digest.articles.similarity import Stories, canonical_url, clusters
from digest.model import Article, Candidate, Choice


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What a newsletter wants in an issue."""

    #: At most so many articles. Pinned ones come first; what is beyond waits for the next issue.
    count: int = 12
    #: At most so many from one source; 0 is no limit.
    per_source: int = 0
    #: Section slug → at most so many; sections that are not named have no limit of their own.
    per_section: dict[str, int] = field(default_factory=dict)
    #: An article this old counts half of a new one.
    half_life: timedelta = timedelta(hours=12)
    #: How far back to look when there is no earlier issue.
    window: timedelta = timedelta(hours=24)
    #: How far back to look when that brings too few.
    wide_window: timedelta = timedelta(hours=48)
    #: Fewer than this are too few; 0 for half of `count`.
    least: int = 0

    @property
    def too_few(self) -> int:
        return self.least or max(1, self.count // 2)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    """A candidate with the copies merged into it."""

    candidate: Candidate
    also: tuple[Candidate, ...]
    at: datetime
    score: float


def choose(
    candidates: Sequence[Candidate],
    *,
    now: datetime,
    since: datetime | None = None,
    rules: Rules = Rules(),
    carried: Sequence[Article] = (),
) -> list[Choice]:
    """A choice for every candidate: the chosen ones first, in the order to print them.

    `since` is when the last issue was made, `carried` what earlier issues held. Copies that were merged into another
    article stand in its `also` and have no choice of their own.
    """
    refused = {id(one): reason for one in candidates if (reason := _refusal(one))}
    fit = [one for one in candidates if id(one) not in refused]
    entries = sorted(_merged(fit, now, rules), key=_rank)
    known = _Carried(carried)
    for entry in entries:
        if not entry.candidate.pinned and (reason := known.reason(entry)):
            refused[id(entry.candidate)] = reason
    open_entries = [entry for entry in entries if id(entry.candidate) not in refused]
    choices = _filled(open_entries, _window(open_entries, now, since, rules), now, rules)
    kept = {id(choice.candidate): choice for choice in choices}
    return sorted(
        [
            kept.get(id(entry.candidate)) or _no(entry.candidate, refused[id(entry.candidate)], entry.also)
            for entry in entries
        ]
        + [
            _no(one, refused[id(one)])
            for one in candidates
            if id(one) in refused and not any(one is e.candidate for e in entries)
        ],
        key=lambda choice: not choice.chosen,
    )


def _refusal(candidate: Candidate) -> str:
    """What keeps it out however new it is."""
    if not candidate.article.headline.strip():
        return "No: it has no headline. Give it one to use it."
    if not candidate.article.body.strip() and not candidate.article.standfirst.strip():
        return "No: it has no text to summarise."
    return ""


# --- Time and rank --------------------------------------------------------------------------------------


def _time(candidate: Candidate, now: datetime) -> datetime:
    """When it was published, as stated; else when we found it. Nothing is newer than now."""
    return min(candidate.article.published_at or candidate.gathered_at, now)


def _score(candidate: Candidate, now: datetime, rules: Rules) -> float:
    age = (now - _time(candidate, now)) / rules.half_life
    return float(candidate.weight * 0.5 ** min(age, 1000.0))


def _rank(entry: _Entry) -> tuple[bool, float, float, int]:
    """Pinned, score, newest, then the order in which they were read, so that no tie is left to chance."""
    one = entry.candidate
    return (not one.pinned, -round(entry.score, 9), -entry.at.timestamp(), one.article_id)


# --- Copies and what was carried before -----------------------------------------------------------------


def _merged(candidates: Sequence[Candidate], now: datetime, rules: Rules) -> list[_Entry]:
    groups = clusters([_told(one.article) for one in candidates], [one.article.url for one in candidates])
    entries = []
    for group in groups:
        copies = sorted((candidates[at] for at in group), key=_preference)
        pinned = any(copy.pinned for copy in copies)
        best = copies[0] if copies[0].pinned == pinned else replace(copies[0], pinned=pinned)
        entries.append(
            _Entry(candidate=best, also=tuple(copies[1:]), at=_time(best, now), score=_score(best, now, rules))
        )
    return entries


def _told(article: Article) -> str:
    return article.body or article.standfirst


def _preference(candidate: Candidate) -> tuple[bool, float, int, str, int]:
    """Which copy to keep: a pinned one, the weightiest source, the longest text."""
    one = candidate
    return (not one.pinned, -one.weight, -one.article.words, one.article.url, one.article_id)


class _Carried:
    """What earlier issues held, to be asked about each entry."""

    def __init__(self, carried: Sequence[Article]) -> None:
        self._articles = list(carried)
        self._urls = {canonical_url(article.url) for article in carried if article.url}
        self._stories = Stories(_told(article) for article in carried)

    def reason(self, entry: _Entry) -> str:
        for one in (entry.candidate, *entry.also):
            if one.article.url and canonical_url(one.article.url) in self._urls:
                return "No: an earlier issue carried it."
            if alike := self._stories.like(_told(one.article)):
                headline = self._articles[alike[0][0]].headline
                return f"No: an earlier issue carried the same story (“{headline}”)."
        return ""


# --- Filling the issue ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Window:
    start: datetime
    #: Nothing older is new, even if it was found only now.
    floor: datetime
    widened: bool
    #: In words: "since the last issue", "in the last 24 hours".
    words: str


def _window(entries: Iterable[_Entry], now: datetime, since: datetime | None, rules: Rules) -> _Window:
    start = min(since, now) if since else now - rules.window
    wide = now - rules.wide_window
    fresh = sum(_is_new(entry, start, wide) or entry.candidate.pinned for entry in entries)
    if fresh < rules.too_few and wide < start:
        return _Window(wide, wide, widened=True, words=f"in the last {_hours(rules.wide_window)}")
    return _Window(
        start, wide, widened=False, words="since the last issue" if since else f"in the last {_hours(rules.window)}"
    )


def _is_new(entry: _Entry, start: datetime, floor: datetime) -> bool:
    """Published since, or published a little before and found only since: a slow feed loses no story."""
    return entry.at > start or (entry.candidate.gathered_at > start and entry.at > floor)


def _filled(entries: Sequence[_Entry], window: _Window, now: datetime, rules: Rules) -> list[Choice]:
    sources: Counter[str] = Counter()
    sections: Counter[str] = Counter()
    choices: list[Choice] = []
    for entry in entries:
        one = entry.candidate
        no = _full(entry, window, rules, sources=sources, sections=sections)
        if no:
            choices.append(_no(one, no, entry.also))
            continue
        sources[one.source] += 1
        sections[one.section] += 1
        choices.append(Choice(candidate=one, chosen=True, reason=_yes(entry, window, now), also=entry.also))
    return choices


def _full(entry: _Entry, window: _Window, rules: Rules, *, sources: Counter[str], sections: Counter[str]) -> str:
    one = entry.candidate
    if one.pinned:
        return f"No: the issue is full with {_many(rules.count)}." if sources.total() >= rules.count else ""
    if not _is_new(entry, window.start, window.floor):
        return f"No: it is not new ({window.words})."
    if sources.total() >= rules.count:
        return f"No: the issue is full with {_many(rules.count)} that rank higher."
    if rules.per_source and one.source and sources[one.source] >= rules.per_source:
        return f"No: {one.source} has its {_many(rules.per_source)} already."
    limit = rules.per_section.get(one.section)
    if limit is not None and sections[one.section] >= limit:
        return f"No: the section “{one.section}” has its {_many(limit)} already."
    return ""


def _yes(entry: _Entry, window: _Window, now: datetime) -> str:
    one = entry.candidate
    if one.pinned:
        parts = ["Yes: an editor asked for it"]
    else:
        verb = "published" if one.article.published_at else "found (it states no date)"
        parts = [f"Yes: {verb} {_ago(now - entry.at)}"]
        if one.weight != 1.0:
            parts.append(f"its source counts {one.weight:g} times")
        if window.widened:
            parts.append(f"the search was widened to {window.words.removeprefix('in ')} because too little was new")
    if entry.also:
        parts.append(f"{len(entry.also)} other cop{'y' if len(entry.also) == 1 else 'ies'} of the story merged into it")
    return "; ".join(parts) + "."


def _no(candidate: Candidate, reason: str, also: tuple[Candidate, ...] = ()) -> Choice:
    return Choice(candidate=candidate, chosen=False, reason=reason, also=also)


def _ago(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    if hours < 1:
        return "within the last hour"
    if hours < 48:
        return f"{hours} hour{'s' if hours != 1 else ''} ago"
    return f"{hours // 24} days ago"


def _hours(span: timedelta) -> str:
    return f"{span.total_seconds() / 3600:g} hours"


def _many(number: int) -> str:
    return f"{number} article{'s' if number != 1 else ''}"
