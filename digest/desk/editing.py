"""Changing an issue. Whatever is changed, the issue is a draft again afterwards: an approval binds every byte."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from digest.errors import UsageMistake
from digest.issue.lifecycle import Step
from digest.model import Issue, IssueState, Newsletter, Rung, Story, Summary
from digest.store import articles, choices, issues
from digest.store.articles import StoredArticle
from digest.store.database import Database

if TYPE_CHECKING:  # what reads and summarises articles takes a while to load
    from digest.desk.resummarising import Retold

#: What an edit voids.
_VOID = {"fingerprint": "", "approved_at": None, "approved_by": ""}
#: … and of an issue that is not on its way, that too.
_NOT_BEFORE = {"scheduled_at": None, "hold": ""}

Change = Callable[[list[Story]], list[Story]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Edits:
    """What to change, in one go; None leaves a thing as it is. Stories are named by their place, from 1."""

    subject: str | None = None
    preheader: str | None = None
    note: str | None = None
    date: date | None = None
    #: Readers it is for, as `Settings.segment` gives it; empty for all.
    segment: str | None = None
    #: Ids of articles to add at the end.
    add: Sequence[int] = ()
    #: Places to drop.
    drop: Sequence[int] = ()
    #: (place, new place).
    move: Sequence[tuple[int, int]] = ()
    #: Place → headline, summary, or slug of a section.
    headlines: Mapping[int, str] | None = None
    summaries: Mapping[int, str] | None = None
    sections: Mapping[int, str] | None = None
    #: Place → its summary as it was told again.
    retold: Mapping[int, Retold] | None = None

    @property
    def is_empty(self) -> bool:
        said = (getattr(self, field.name) for field in fields(self))
        return not any(value is not None and value not in ((), [], {}) for value in said)


class Editing:
    def __init__(
        self, database: Database, newsletters: Mapping[str, Newsletter], *, clock: Callable[[], datetime]
    ) -> None:
        self._db = database
        self._newsletters = newsletters
        self._clock = clock

    def edit(self, issue_id: int, edits: Edits, *, actor: str) -> Issue:
        """Apply edits together or not at all; the places are those before any of them.

        Raises IllegalStep when readers are getting the issue, UsageMistake for a place or section that is not there
        and for an article that is.
        """
        with self._db.write() as conn:
            issue = issues.get(conn, issue_id)
            newsletter = self._newsletters[issue.newsletter]
            stories = issues.stories(conn, issue_id)
            if edits.segment is not None:
                _insist_on_choice(issue)
            changed = _rewritten(stories, edits, newsletter, _marks(conn, stories))
            changed = _rearranged(changed, edits)
            for article_id in edits.add:
                _insist_on_new(article_id, changed)
                changed.append(self._story(conn, article_id, newsletter))
            fields = {
                name: " ".join(value.split()) if isinstance(value, str) else value
                for name in ("subject", "preheader", "note", "date", "segment")
                if (value := getattr(edits, name)) is not None
            }
            void = _VOID if issue.state is IssueState.PAUSED else _VOID | _NOT_BEFORE
            after = issues.take(
                conn, issue, Step.EDIT, actor=actor, at=self._clock(), detail=_described(edits), **void | fields
            )
            issues.arrange(conn, issue_id, changed)
            for article_id, what in _deeds(edits, stories):
                choices.done(conn, issue_id, article_id, what, actor=actor, at=self._clock())
        return after

    def _story(self, conn: Connection, article_id: int, newsletter: Newsletter) -> Story:
        return story_of(
            articles.get(conn, article_id), section=newsletter.sections[0].slug, reason="added by an editor"
        )


def story_of(stored: StoredArticle, *, section: str, reason: str) -> Story:
    """An article as an issue tells it, before an editor touches it. Raises UsageMistake without headline or summary."""
    article = stored.article
    if not article.headline:
        raise UsageMistake(
            f"Article {stored.id} has no headline.", hint=f"Give it one: digest articles edit {stored.id} --headline …"
        )
    return Story(
        article_id=stored.id,
        section=section,
        headline=article.headline,
        summary=stored.summary or Summary(text="", rung=Rung.LEAD),
        url=article.url,
        byline=article.byline,
        credit=article.credit,
        correction=article.correction,
        publisher=article.publisher,
        image=article.image,
        language=article.language,
        reason=reason,
    )


def _marks(conn: Connection, stories: Sequence[Story]) -> dict[int, str]:
    """The texts as they are while an editor writes about them."""
    found = articles.several(conn, [story.article_id for story in stories])
    return {article_id: stored.article.mark for article_id, stored in found.items()}


def _rewritten(stories: Sequence[Story], edits: Edits, newsletter: Newsletter, marks: Mapping[int, str]) -> list[Story]:
    slugs = [heading.slug for heading in newsletter.sections]
    result = list(stories)
    _insist_on_sense(edits)
    for place, headline in (edits.headlines or {}).items():
        result[_at(place, stories)] = replace(result[_at(place, stories)], headline=headline)
    for place, text in (edits.summaries or {}).items():
        story = result[_at(place, stories)]
        summary = Summary(text=text, rung=Rung.EDITOR, about=marks.get(story.article_id, ""))
        result[_at(place, stories)] = replace(story, summary=summary)
    for place, retold in (edits.retold or {}).items():
        if result[_at(place, stories)].summary != retold.before:
            raise meanwhile(f"story {place}")
        result[_at(place, stories)] = replace(result[_at(place, stories)], summary=retold.after)
    for place, slug in (edits.sections or {}).items():
        if slug not in slugs:
            raise UsageMistake(f"{newsletter.name} has no section {slug!r}.", hint=f"It has {', '.join(slugs)}.")
        result[_at(place, stories)] = replace(result[_at(place, stories)], section=slug)
    return result


def _insist_on_sense(edits: Edits) -> None:
    """Nothing is dropped and changed at once, and no summary written and told again."""
    for words in (edits.headlines, edits.summaries, edits.sections, edits.retold, dict(edits.move)):
        for place in words or {}:
            if place in edits.drop:
                raise UsageMistake(f"Story {place} cannot be dropped and changed at once.", hint="Nothing was changed.")
    if both := set(edits.summaries or {}) & set(edits.retold or {}):
        said = f"Story {min(both)} cannot be given a summary and have it told again at once."
        raise UsageMistake(said, hint="Nothing was changed.")


def _rearranged(stories: Sequence[Story], edits: Edits) -> list[Story]:
    dropped = {_at(place, stories) for place in edits.drop}
    moved = [(stories[_at(place, stories)], _at(to, stories) + 1) for place, to in edits.move]
    result = [story for at, story in enumerate(stories) if at not in dropped]
    for story, to in moved:
        if story in result:
            result.remove(story)
            result.insert(max(0, to - 1), story)
    return result


def _deeds(edits: Edits, before: Sequence[Story]) -> Iterator[tuple[int, str]]:
    """Article and what was done with it, for whoever asks later why it is in the issue or not."""
    for place in edits.drop:
        yield before[_at(place, before)].article_id, "dropped"
    for place, to in edits.move:
        yield before[_at(place, before)].article_id, f"moved from place {place} to {to}"
    for place, slug in (edits.sections or {}).items():
        yield before[_at(place, before)].article_id, f"moved to the section “{slug}”"
    for article_id in edits.add:
        yield article_id, "added"


def meanwhile(what: str) -> UsageMistake:
    """Somebody else was faster."""
    return UsageMistake(
        f"The summary of {what} was changed while another one was written.", hint="Nothing was changed. Look at it."
    )


def _insist_on_choice(issue: Issue) -> None:
    """Whom an issue goes to is decided once."""
    if issue.corrects is not None:
        raise UsageMistake(
            f"Issue {issue.id} is a correction: it goes to those who were sent the wrong text.",
            hint="Nothing was changed.",
        )
    if issue.state is IssueState.PAUSED:
        raise UsageMistake(
            f"Issue {issue.id} is on its way: who gets it was decided when it started.", hint="Nothing was changed."
        )


def _insist_on_new(article_id: int, stories: Sequence[Story]) -> None:
    for place, story in enumerate(stories, start=1):
        if story.article_id == article_id:
            raise UsageMistake(
                f"Article {article_id} is in the issue already, at place {place}.", hint="Nothing was changed."
            )


def _at(place: int, stories: Sequence[Story]) -> int:
    if not 1 <= place <= len(stories):
        raise UsageMistake(f"There is no story {place}; the issue has {len(stories)}.", hint="Nothing was changed.")
    return place - 1


def _described(edits: Edits) -> str:
    """What changed, for the journal."""
    said = [
        name
        for name in ("subject", "preheader", "note", "date", "headlines", "summaries", "sections")
        if getattr(edits, name)
    ]
    if edits.segment is not None:
        said.append(f"segment: {edits.segment or 'everyone'}")
    said += [f"summary {place} {retold.wish}" for place, retold in (edits.retold or {}).items()]
    said += [f"added article {article}" for article in edits.add] + [f"dropped story {place}" for place in edits.drop]
    return ", ".join(said + [f"moved story {place} to {to}" for place, to in edits.move])
