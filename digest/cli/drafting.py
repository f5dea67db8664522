"""`digest issues draft` and `explain`: an issue from what is new, and why each article is in it or is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.issue_words import date_of, facts_of, next_slot_of, stories_of, story_facts, tell_stories
from digest.cli.output import PARTLY, AsJson, people, remark, say, show
from digest.cli.session import IssueId, actor, session

if TYPE_CHECKING:
    from digest.articles.sources.gather import Problem
    from digest.desk.explaining import Explained, Explanation
    from digest.store.choices import Merged

#: Longer lines are hard to read, however wide the window.
_WIDEST = 100


def draft(
    newsletter: Annotated[str, typer.Argument(metavar="SLUG", help="Newsletter, as in settings.toml.")],
    gather: Annotated[bool, typer.Option("--gather", help="Read the sources first.")] = False,
    next_slot: Annotated[
        bool, typer.Option("--next", help="For the next time of its cadence: dated then, and sent then once approved.")
    ] = False,
    printed: Annotated[
        str | None, typer.Option("--date", help="Printed date, as 2026-11-29; today when not given.")
    ] = None,
    why: Annotated[bool, typer.Option("--why", help="Say of every article why it is in or not.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make an issue from what is new: selected, ordered, without what an earlier issue carried.

    Exit code 11 when too little is new (`least_new` in the settings): there is no issue then.

    Example: `digest issues draft daily --gather`
    """
    from digest.desk import explaining
    from digest.errors import NothingNew

    with session() as app_:
        letter = app_.settings.newsletter(newsletter)
        problems = [p for report in app_.intake.gather(letter) for p in report.problems] if gather else []
        slot = next_slot_of(letter, app_.clock()) if next_slot else None
        try:
            drafted = app_.drafting.draft(letter, actor=actor(), slot_at=slot, on=date_of(printed))
        except NothingNew:
            _tell_problems(problems, remark)
            raise
        stories = stories_of(app_, drafted.issue.id)
        with app_.database.read() as conn:
            explained = explaining.explain(conn, drafted.issue.id)

    def tell() -> None:
        say(f"Issue {drafted.issue.id}: {letter.name} no. {drafted.issue.number}, {len(stories)} stories")
        tell_stories(stories, why=why)
        if why:
            say()
            tell_reasons(explained, letter.name)
            say()
        _tell_problems(problems, say)
        say(f"Look at it: digest preview {drafted.issue.id}")
        if not why:
            say(f"Why these and not others: digest issues explain {drafted.issue.id}")

    choices = reasons_of(explained)["candidates"]
    facts = facts_of(drafted.issue) | {"stories": story_facts(stories), "choices": choices, "problems": problems}
    show(facts, as_json, tell)
    if problems:
        raise typer.Exit(PARTLY)


def _tell_problems(problems: Sequence[Problem], tell: Callable[[str], None]) -> None:
    for problem in problems:
        tell(f"! {problem.source}: {problem.message}")


def explain(issue: IssueId, as_json: AsJson = False) -> None:
    """Say of every article that was on offer why it is in an issue or not, and what editors did since.

    Example: `digest issues explain 7`
    """
    from digest.desk import explaining

    with session() as app_, app_.database.read() as conn:
        found = explaining.explain(conn, issue)
        name = app_.settings.newsletter(found.issue.newsletter).name
    show(reasons_of(found), as_json, lambda: tell_reasons(found, name))


def tell_reasons(found: Explanation, name: str) -> None:
    """In groups, each article on lines of its own."""
    from digest.desk.explaining import Group

    issue = found.issue
    said = f"Issue {issue.id}: {name} no. {issue.number}, drafted {issue.created_at:%-d %B %Y, %H:%M} UTC."
    for line in _wrapped(f"{said} {_how_many(found)}"):
        say(line)
    for group in Group:
        members = found.of(group)
        if members:
            say()
            say(f"{group.value.capitalize()}: {len(members)}")
        for one in members:
            for line in _lines(one):
                say(line)


def _how_many(found: Explanation) -> str:
    offered = sum(one.choice.cause is not None for one in found.candidates)
    copies = sum(len(one.choice.also) for one in found.candidates)
    if found.issue.corrects is not None:
        return f"It corrects issue {found.issue.corrects}: its stories are those."
    if not found.candidates:
        return "Nothing was written down about its articles."
    articles = f"{offered + copies} article{'s were' if offered + copies != 1 else ' was'} on offer"
    if not copies:
        return f"{articles}."
    return f"{articles}, {'one of them a copy of another' if copies == 1 else f'{copies} of them copies of others'}."


def _lines(one: Explained) -> Iterator[str]:
    choice = one.choice
    where = ", ".join(filter(None, (f"article {choice.article}", choice.source or choice.publisher, choice.section)))
    mark = f"{one.place:>3}. " if one.place else "   - "
    headline = one.story.headline if one.story else choice.headline
    yield from _wrapped(f"{headline or '(no headline)'} ({where})", first=mark)
    if headline != choice.headline:
        yield from _wrapped(f"The publisher's headline: {choice.headline}")
    yield from _wrapped(_reason(one))
    for copy in choice.also:
        yield from _wrapped(f"Merged into it: {_of(copy)}")
    for deed in choice.since:
        said = f"{deed.what[:1].upper()}{deed.what[1:]} by {deed.actor}, {deed.at:%-d %B, %H:%M} UTC."
        yield from _wrapped(said)


def _reason(one: Explained) -> str:
    """Without the yes or no that the group says already; where an editor decided otherwise it is said."""
    choice = one.choice
    if choice.cause is None:
        return "It was not on offer when the issue was drafted."
    _, _, why = choice.reason.partition(": ")
    if choice.chosen == (one.place is not None):
        return f"{why[:1].upper()}{why[1:]}"
    return f"{'Chosen' if choice.chosen else 'Left out'} when the issue was drafted: {why}"


def _of(copy: Merged) -> str:
    where = ", ".join(filter(None, (f"article {copy.article}", copy.publisher or copy.source)))
    return f"{copy.headline or '(no headline)'} ({where})"


def _wrapped(text: str, *, first: str = "") -> list[str]:
    indent = "     " if first or not text.startswith("Issue ") else ""
    width = min(people().width, _WIDEST)
    return wrap(text, width, initial_indent=first or indent, subsequent_indent=indent, break_on_hyphens=False)


# --- For programs ------------------------------------------------------------------------------------------


def reasons_of(found: Explanation) -> dict[str, Any]:
    issue = found.issue
    return {
        "issue": issue.id,
        "newsletter": issue.newsletter,
        "number": issue.number,
        "state": issue.state,
        "drafted_at": issue.created_at,
        "corrects": issue.corrects,
        "candidates": [_candidate(one) for one in found.candidates],
    }


def _candidate(one: Explained) -> dict[str, Any]:
    choice = one.choice
    return {
        "article": choice.article,
        "headline": choice.headline,
        "publisher": choice.publisher,
        "source": choice.source,
        "section": choice.section,
        "published_at": choice.published_at,
        "group": one.group,
        "place": one.place,
        "in_issue": one.place is not None,
        "chosen": choice.chosen,
        "cause": choice.cause,
        "reason": choice.reason,
        "merged": choice.also,
        "since": choice.since,
    }
