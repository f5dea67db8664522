"""Why an issue carries what it carries: what was decided when it was drafted, and what editors did since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from digest.model import Cause, Issue, Story
from digest.store import choices, issues
from digest.store.choices import StoredChoice


class Group(StrEnum):
    """What became of a candidate, as an editor asks for it; in the order in which it is told."""

    IN = "in the issue"
    TAKEN_OUT = "taken out by an editor"
    NO_PLACE = "no place left"
    QUOTA = "its source or section has its share"
    CARRIED = "carried by an earlier issue"
    OLD = "not new"
    UNFIT = "something is missing"


_GROUPS: dict[Cause | None, Group] = {
    Cause.FULL: Group.NO_PLACE,
    Cause.SOURCE: Group.QUOTA,
    Cause.SECTION: Group.QUOTA,
    Cause.CARRIED: Group.CARRIED,
    Cause.OLD: Group.OLD,
    Cause.HEADLINE: Group.UNFIT,
    Cause.TEXT: Group.UNFIT,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Explained:
    """One candidate."""

    group: Group
    #: Where it stands in the issue now, from 1; None when it is not in it.
    place: int | None
    choice: StoredChoice
    #: As the issue tells it now.
    story: Story | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    issue: Issue
    candidates: tuple[Explained, ...]

    def of(self, group: Group) -> list[Explained]:
        return [one for one in self.candidates if one.group is group]


def explain(conn: Connection, issue_id: int) -> Explanation:
    """Every candidate of an issue, those that are in it first. Raises UsageMistake when there is no such issue."""
    issue = issues.get(conn, issue_id)
    stories = issues.stories(conn, issue_id)
    places = {story.article_id: place for place, story in enumerate(stories, start=1)}
    explained = [_explained(choice, places.get(choice.article), stories) for choice in choices.of(conn, issue_id)]
    order = list(Group)
    return Explanation(
        issue=issue,
        candidates=tuple(sorted(explained, key=lambda one: (order.index(one.group), one.place or 0))),
    )


def _explained(choice: StoredChoice, place: int | None, stories: Sequence[Story]) -> Explained:
    if place is not None:
        return Explained(group=Group.IN, place=place, choice=choice, story=stories[place - 1])
    # Added and dropped again, or chosen and dropped: either way an editor did it.
    out = choice.chosen or choice.cause is None
    group = Group.TAKEN_OUT if out else _GROUPS[choice.cause]
    return Explained(group=group, place=None, choice=choice, story=None)
