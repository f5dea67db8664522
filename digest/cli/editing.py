"""`digest issues edit`: an issue changed by its editors, and summaries told again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import segments
from digest.cli.issue_words import after_edit, date_of, facts_of, number, placed, stories_of, story_facts, tell_stories
from digest.cli.output import AsJson, say, show
from digest.cli.resummarising import facts_of_foreign, facts_of_retold, foreign_in, grave, in_words, told_again, wished
from digest.cli.session import IssueId, actor, session

if TYPE_CHECKING:
    from digest.model import Story

Places = list[int] | None


def edit(
    issue: IssueId,
    subject: Annotated[str | None, typer.Option(help="Subject line.")] = None,
    preheader: Annotated[str | None, typer.Option(help="What mail programs show beside the subject.")] = None,
    note: Annotated[str | None, typer.Option(help="A line above the stories; empty takes it away.")] = None,
    printed: Annotated[str | None, typer.Option("--date", help="Printed date, as 2026-11-29.")] = None,
    segment: Annotated[
        str | None, typer.Option(help="Readers it is for: a segment's name or words, or `everyone`.")
    ] = None,
    add: Annotated[Places, typer.Option(help="Add an article, by its id; may be repeated.")] = None,
    drop: Annotated[Places, typer.Option(help="Drop the story at this place.")] = None,
    move: Annotated[
        list[str] | None, typer.Option(metavar="FROM:TO", help="Move a story; place 1 is the lead.")
    ] = None,
    headline: Annotated[list[str] | None, typer.Option(metavar="PLACE:TEXT", help="New headline.")] = None,
    summary: Annotated[list[str] | None, typer.Option(metavar="PLACE:TEXT", help="New summary.")] = None,
    section: Annotated[list[str] | None, typer.Option(metavar="PLACE:SLUG", help="Move to a section.")] = None,
    resummarise: Annotated[Places, typer.Option(metavar="PLACE", help="Tell its summary again.")] = None,
    shorten: Annotated[Places, typer.Option(metavar="PLACE", help="Tell its summary shorter.")] = None,
    lengthen: Annotated[Places, typer.Option(metavar="PLACE", help="Tell its summary longer.")] = None,
    force: Annotated[
        bool, typer.Option("--force", help="With --resummarise: also where an editor wrote it; nobody is asked.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Change an issue. Places are those that `digest issues show` prints. Any change voids an approval.

    Example: `digest issues edit 7 --move 3:1 --drop 5 --shorten 2 --headline "1:The ferry is back"`
    """
    from dataclasses import replace

    from digest.desk.editing import Edits
    from digest.errors import UsageMistake

    wishes = wished(resummarise or (), shorten or (), lengthen or ())
    edits = Edits(
        subject=subject,
        preheader=preheader,
        note=note,
        date=date_of(printed),
        segment=segment,
        add=add or (),
        drop=drop or (),
        move=[(place, number(to)) for place, to in placed(move).items()],
        headlines=placed(headline),
        summaries=placed(summary),
        sections=placed(section),
    )
    if edits.is_empty and not wishes:
        raise UsageMistake("Nothing to change.", hint="`digest issues edit --help` lists what can be.")
    with session() as app_:
        if segment is not None:
            edits = replace(edits, segment=app_.settings.segment(segment))
        retold = told_again(app_, issue, wishes, force=force, may_ask=not as_json)
        changed = app_.editing.edit(issue, replace(edits, retold=retold), actor=actor())
        stories = stories_of(app_, issue)
        meant = segments.whom(app_, changed)
        foreign = foreign_in(app_, _written(stories, edits.summaries or {}))

    def tell() -> None:
        say(f"Issue {issue} is changed; it is {after_edit(changed)}")
        for line in [*meant, *in_words(retold)]:
            say(f"  {line}")
        for place, found in foreign.items():
            if said := grave(found):
                say(f"  ! summary {place}: {said}")
        tell_stories(stories)

    strange = [{"place": place, "found": facts_of_foreign(found)} for place, found in foreign.items()]
    facts = {"stories": story_facts(stories), "resummarised": facts_of_retold(retold), "not_in_article": strange}
    show(facts_of(changed) | facts, as_json, tell)


def _written(stories: Sequence[Story], summaries: Mapping[int, str]) -> dict[int, Story]:
    """The stories whose summaries were written just now, at the places where they stand since."""
    from digest.model import Rung

    return {
        place: story
        for place, story in enumerate(stories, start=1)
        if story.summary.rung is Rung.EDITOR and story.summary.text in summaries.values()
    }
