"""Drafting: an issue from what is new, with the reason for every yes and every no."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from digest.articles.selection.select import Rules, choose
from digest.desk.editing import story_of
from digest.errors import NothingNew
from digest.model import Candidate, Choice, Issue, Mention, Newsletter, Story
from digest.store import articles, candidates, choices, issues
from digest.store.candidates import Skipped
from digest.store.database import Database

#: How far back an article must not repeat what an issue carried.
MEMORY = timedelta(days=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class Drafted:
    issue: Issue
    choices: tuple[Choice, ...]


class Drafting:
    def __init__(self, database: Database, *, clock: Callable[[], datetime]) -> None:
        self._db = database
        self._clock = clock

    def draft(
        self, newsletter: Newsletter, *, actor: str, slot_at: datetime | None = None, on: date | None = None
    ) -> Drafted:
        """A new draft of a newsletter. Raises NothingNew, and makes no issue, when less is new than it wants.

        `slot_at` is the moment of the cadence that it is for; drafting for the same slot again returns what is there.
        `on` is the printed date; by default the slot's day, else today, in the newsletter's zone.
        """
        now = self._clock()
        with self._db.write() as conn:
            if slot_at is not None and (there := issues.for_slot(conn, newsletter.slug, slot_at)):
                return Drafted(issue=there, choices=())
            chosen = _led(self._choices(conn, newsletter, now))
            _insist_on_enough(newsletter, chosen)
            day = on or (slot_at or now).astimezone(ZoneInfo(newsletter.timezone)).date()
            issue = issues.create(conn, newsletter.slug, on=day, slot_at=slot_at, at=now)
            stories = [_story(conn, choice, newsletter) for choice in chosen if choice.chosen]
            issues.arrange(conn, issue.id, stories)
            choices.keep(conn, issue.id, chosen)
            issues.change(conn, issue.id, urgent=int(newsletter.urgent), segment=newsletter.segment)
            issues.note(conn, issue.id, actor=actor, what="draft", detail=f"{len(stories)} stories", at=now)
            if slot_at is not None:
                candidates.not_skipped(conn, newsletter.slug, slot_at)
            issue = issues.get(conn, issue.id)
        return Drafted(issue=issue, choices=tuple(chosen))

    def skip(self, newsletter: Newsletter, slot_at: datetime, *, why: str) -> bool:
        """Write down that there is no issue for a time of the cadence; False when that is written already."""
        skipped = Skipped(newsletter=newsletter.slug, slot_at=slot_at, at=self._clock(), why=why)
        with self._db.write("skip") as conn:
            return candidates.skip(conn, skipped)

    def _choices(self, conn: Connection, newsletter: Newsletter, now: datetime) -> list[Choice]:
        rules = _rules(newsletter)
        return choose(
            candidates.candidates(conn, newsletter.slug, since=now - rules.wide_window),
            now=now,
            since=issues.last_created(conn, newsletter.slug),
            rules=rules,
            carried=candidates.carried(conn, newsletter.slug, since=now - MEMORY),
        )


def _rules(newsletter: Newsletter) -> Rules:
    window = timedelta(hours=newsletter.window_hours)
    return Rules(
        count=newsletter.stories,
        # One source alone may fill an issue: a cap is there to keep a balance between several.
        per_source=newsletter.per_source if len(newsletter.sources) > 1 else 0,
        per_section={section.slug: section.stories for section in newsletter.sections if section.stories},
        least_per_section={section.slug: section.least for section in newsletter.sections if section.least},
        window=window,
        wide_window=max(2 * window, timedelta(hours=48)),
    )


def _insist_on_enough(newsletter: Newsletter, choices: Sequence[Choice]) -> None:
    new = sum(choice.is_new for choice in choices)
    if not any(choice.chosen for choice in choices):
        raise NothingNew(f"There is nothing new for {newsletter.name}.", hint=_why_nothing(choices))
    if new < newsletter.least_new:
        raise NothingNew(
            f"Too little is new for {newsletter.name}: {new or 'no'} {'story' if new == 1 else 'stories'}, and "
            f"least_new in the settings asks for {newsletter.least_new}.",
            hint="No issue was made. What is new stays on offer for the next one. To make one all the same, add "
            "articles by hand (digest articles add), or lower least_new.",
        )


def _led(choices: Sequence[Choice]) -> list[Choice]:
    """The choices, led by the first chosen one that has a picture and a link, where there is one.

    The lead stands large and on top: without a picture it is a hole, without a link it leads nowhere.
    """
    for choice in choices:
        article = choice.candidate.article
        if choice.chosen and article.image and article.url:
            if choice is choices[0]:
                break
            lead = replace(choice, reason=f"{choice.reason} It leads as the first with a picture and a link.")
            return [lead, *(other for other in choices if other is not choice)]
    return list(choices)


def _story(conn: Connection, choice: Choice, newsletter: Newsletter) -> Story:
    one = choice.candidate
    section = one.section or newsletter.sections[0].slug
    story = story_of(articles.get(conn, one.article_id), section=section, reason=choice.reason)
    return replace(story, also=_mentions(one, choice.also), update=choice.update)


def _mentions(kept: Candidate, others: Sequence[Candidate]) -> tuple[Mention, ...]:
    """The other publishers who have the story, each once."""
    found: dict[str, Mention] = {}
    for other in others:
        publisher = other.article.publisher
        if other.article.url and publisher and publisher != kept.article.publisher:
            found.setdefault(publisher, Mention(publisher=publisher, url=other.article.url))
    return tuple(found.values())


def _why_nothing(choices: Sequence[Choice]) -> str:
    if not choices:
        return "Read the sources with `digest articles gather`, or add articles with `digest articles add`."
    headline = choices[0].candidate.article.headline or "(no headline)"
    return f"{len(choices)} on offer were left out, the first of them “{headline}”: {choices[0].reason}"
