"""Which articles an issue carries, and why: every yes and every no has its reason in words an editor understands.

Fresh and weighty first: weight × ½^(age / 12 h). Nothing is padded silently: when too little is new the window widens
once, and each article that came in that way says so. Same candidates, same clock, same choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.articles.selection.carried import Carried, Earlier, Repeat, told
from digest.articles.selection.quotas import Places, Rules
from digest.articles.similarity import Shingles, clusters
from digest.model import Access, Candidate, Cause, Choice

__all__ = ["Carried", "Rules", "choose"]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    """A candidate with the copies merged into it."""

    candidate: Candidate
    also: tuple[Candidate, ...]
    at: datetime
    score: float
    #: Of a story that an earlier issue carried.
    repeat: Repeat | None = None

    @property
    def is_update(self) -> bool:
        return self.repeat is not None and self.repeat.is_update


def choose(
    candidates: Sequence[Candidate],
    *,
    now: datetime,
    since: datetime | None = None,
    rules: Rules = Rules(),  # noqa: B008  # frozen
    carried: Sequence[Carried] = (),
) -> list[Choice]:
    """A choice for every candidate: the chosen ones first, in the order to print them.

    `since` is when the last issue was made, `carried` what earlier issues held, newest first. Copies that were merged
    into another article stand in its `also` and have no choice of their own.
    """
    unfit = [choice for one in candidates if (choice := _unfit(one))]
    kept_out = {id(choice.candidate) for choice in unfit}
    earlier = Earlier(carried)
    fit = [one for one in candidates if id(one) not in kept_out]
    entries = sorted((_entry(copies, earlier, now, rules) for copies in _merged(fit)), key=_rank)
    repeated = [choice for entry in entries if (choice := _repeated(entry))]
    kept_out |= {id(choice.candidate) for choice in repeated}
    open_entries = [entry for entry in entries if id(entry.candidate) not in kept_out]
    filled = _filled(open_entries, _window(open_entries, now, since, rules), now, rules)
    return sorted([*filled, *repeated, *unfit], key=lambda choice: not choice.chosen)


def _unfit(candidate: Candidate) -> Choice | None:
    """What keeps it out however new it is."""
    article = candidate.article
    if not article.headline.strip():
        return _no(candidate, Cause.HEADLINE, "it has no headline. Give it one to use it")
    if not article.body.strip() and not article.standfirst.strip():
        return _no(candidate, Cause.TEXT, "it has no text to summarise")
    if article.access is Access.CUT and not article.standfirst.strip() and not candidate.pinned:
        return _no(candidate, Cause.TEXT, "only its beginning could be read, the rest is for those who pay or log in")
    return None


# --- Time and rank --------------------------------------------------------------------------------------


def _time(candidate: Candidate, now: datetime) -> datetime:
    """When it was published, as stated; else when we found it. Nothing is newer than now."""
    return min(candidate.article.published_at or candidate.gathered_at, now)


def _rank(entry: _Entry) -> tuple[bool, float, float, int]:
    """Pinned, score, newest, then the order in which they were read, so that no tie is left to chance."""
    one = entry.candidate
    return (not one.pinned, -round(entry.score, 9), -entry.at.timestamp(), one.article_id)


# --- Copies and what was carried before -----------------------------------------------------------------


#: A candidate with what it tells, as stories are compared.
_Copy = tuple[Candidate, Shingles]


def _merged(candidates: Sequence[Candidate]) -> list[list[_Copy]]:
    """Copies of each story, the one to keep first: a pinned one, the weightiest source, the longest text."""
    texts = [told(one.article) for one in candidates]
    groups = clusters(texts, [one.article.url for one in candidates])
    return [sorted(((candidates[at], texts[at]) for at in group), key=_preference) for group in groups]


def _preference(copy: _Copy) -> tuple[bool, float, int, str, int]:
    one, _ = copy
    return (not one.pinned, -one.weight, -one.article.words, one.article.url, one.article_id)


def _entry(copies: Sequence[_Copy], earlier: Earlier, now: datetime, rules: Rules) -> _Entry:
    """The copy to keep of a story; of one that was carried before, the copy that says what is new."""
    repeats = [earlier.repeats(copy.article, text) for copy, text in copies]
    updates = [at for at, one in enumerate(repeats) if one and one.is_update]
    kept = updates[0] if updates and not copies[0][0].pinned else 0
    repeat = repeats[kept] or next(filter(None, repeats), None)
    best, _ = copies[kept]
    # An update stands at its old address with its old date; it is as new as its change.
    at = min(best.gathered_at, now) if repeat and repeat.is_update else _time(best, now)
    return _Entry(
        candidate=best,
        also=tuple(copy for copy, _ in copies if copy is not best),
        at=at,
        score=float(best.weight * 0.5 ** min((now - at) / rules.half_life, 1000.0)),
        repeat=repeat,
    )


def _repeated(entry: _Entry) -> Choice | None:
    """A no for what an earlier issue carried; what an editor asked for is carried all the same."""
    repeat = entry.repeat
    if repeat is None or repeat.is_update or entry.candidate.pinned:
        return None
    issue = f"issue {repeat.before.issue}"
    if not repeat.by_the_same:
        why = f"{issue} carried the same story (“{repeat.before.article.headline}”)"
    elif round(repeat.new * 100):
        why = f"{issue} carried it, and {repeat.new:.0%} of its text is new since: too little for an update"
    else:
        why = f"{issue} carried it"
    return _no(entry.candidate, Cause.CARRIED, why, entry.also)


# --- Filling the issue ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Window:
    start: datetime
    #: Nothing older is new, even if it was found only now.
    floor: datetime
    #: Where it begins when it was not widened: what is older came in because too little was new.
    narrow: datetime
    #: In words: "since the last issue", "in the last 24 hours".
    words: str


def _window(entries: Iterable[_Entry], now: datetime, since: datetime | None, rules: Rules) -> _Window:
    start = min(since, now) if since else now - rules.window
    wide = now - rules.wide_window
    fresh = sum(_is_new(entry, start, wide) or entry.candidate.pinned for entry in entries)
    if fresh < rules.too_few and wide < start:
        return _Window(wide, wide, start, words=f"in the last {_hours(rules.wide_window)}")
    return _Window(start, wide, start, words="since the last issue" if since else f"in the last {_hours(rules.window)}")


def _is_new(entry: _Entry, start: datetime, floor: datetime) -> bool:
    """Published since, or published a little before and found only since: a slow feed loses no story."""
    return entry.at > start or (entry.candidate.gathered_at > start and entry.at > floor)


def _filled(entries: Sequence[_Entry], window: _Window, now: datetime, rules: Rules) -> list[Choice]:
    new = [entry for entry in entries if entry.candidate.pinned or _is_new(entry, window.start, window.floor)]
    places = Places(rules, [entry.candidate for entry in new])
    old = {id(entry) for entry in entries} - {id(entry) for entry in new}
    choices: list[Choice] = []
    for entry in entries:
        if id(entry) in old:
            choices.append(_no(entry.candidate, Cause.OLD, f"it is not new ({window.words})", entry.also))
        elif no := places.refusal(entry.candidate):
            choices.append(_no(entry.candidate, *no, entry.also))
        else:
            places.take(entry.candidate)
            choices.append(_yes(entry, window, now))
    return choices


# --- In words -------------------------------------------------------------------------------------------


def _yes(entry: _Entry, window: _Window, now: datetime) -> Choice:
    one = entry.candidate
    cause, parts = _in(entry, window, now)
    if one.weight != 1.0 and cause is not Cause.PINNED:
        parts.append(f"its source counts {one.weight:g} times")
    if cause is Cause.WIDENED:
        parts.append(f"the search was widened to {window.words.removeprefix('in ')} because too little was new")
    if entry.also:
        parts.append(f"{len(entry.also)} other cop{'y' if len(entry.also) == 1 else 'ies'} of the story merged into it")
    return Choice(
        candidate=one,
        chosen=True,
        cause=cause,
        reason=f"Yes: {'; '.join(parts)}.",
        also=entry.also,
        update=entry.is_update,
    )


def _in(entry: _Entry, window: _Window, now: datetime) -> tuple[Cause, list[str]]:
    one = entry.candidate
    if one.pinned:
        return Cause.PINNED, ["an editor asked for it"]
    if entry.repeat and entry.is_update:
        repeat = entry.repeat
        changed = f"it is an update, {repeat.new:.0%} of its text is new since issue {repeat.before.issue} carried it"
        return Cause.UPDATE, [changed]
    published = "published" if one.article.published_at else "found (it states no date)"
    is_new = _is_new(entry, window.narrow, window.floor)
    return Cause.NEW if is_new else Cause.WIDENED, [f"{published} {_ago(now - entry.at)}"]


def _no(candidate: Candidate, cause: Cause, why: str, also: tuple[Candidate, ...] = ()) -> Choice:
    return Choice(candidate=candidate, chosen=False, cause=cause, reason=f"No: {why}.", also=also)


def _ago(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    if hours < 1:
        return "within the last hour"
    if hours < 48:
        return f"{hours} hour{'s' if hours != 1 else ''} ago"
    return f"{hours // 24} days ago"


def _hours(span: timedelta) -> str:
    return f"{span.total_seconds() / 3600:g} hours"
