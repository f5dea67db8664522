"""`digest issues …` for an issue on its way: pause, resume, cancel, watch, make urgent, correct."""

from __future__ import annotations

import time
from typing import Annotated, Literal

import typer

from digest.cli.issue_words import facts_of
from digest.cli.output import AsJson, is_live, progress, say, show
from digest.cli.session import IssueId, actor, session, until_told


def pause(issue: IssueId, as_json: AsJson = False) -> None:
    """Stop a sending issue: no further call leaves; resume goes on where it stopped.

    While it is paused it can be edited and approved again: who was not mailed yet gets the corrected text.

    Example: `digest issues pause 7`
    """
    _control("pause", issue, as_json)


def resume(issue: IssueId, as_json: AsJson = False) -> None:
    """Let a paused issue go on; `digest run` or `digest send ISSUE --now` carries it.

    Example: `digest issues resume 7`
    """
    _control("resume", issue, as_json)


def cancel(issue: IssueId, as_json: AsJson = False) -> None:
    """End an issue for good. Who was not yet mailed will not be; the ledger keeps who was.

    Example: `digest issues cancel 7`
    """
    _control("cancel", issue, as_json)


def _control(verb: Literal["pause", "resume", "cancel"], issue: int, as_json: bool) -> None:
    from digest.deliver import control

    with session() as app_, app_.database.write() as conn:
        changed = getattr(control, verb)(conn, issue, actor=actor(), now=app_.clock())
        app_.nudge(conn, changed)
    show(facts_of(changed), as_json, lambda: say(f"Issue {issue} is {changed.state}."))


def urgent(
    issue: IssueId,
    off: Annotated[bool, typer.Option("--off", help="Not urgent any more.")] = False,
    as_json: AsJson = False,
) -> None:
    """Breaking news: while an urgent issue is on its way its batches go before those of every other issue.

    Example: `digest issues urgent 8`, then `digest send 8 --now`
    """
    from digest.deliver import control

    with session() as app_, app_.database.write() as conn:
        changed = control.rank(conn, issue, urgent=not off, actor=actor(), now=app_.clock())
    words = "goes before all others" if changed.urgent else "goes in its turn"
    show(facts_of(changed), as_json, lambda: say(f"Issue {issue} {words}."))


def correct(issue: IssueId, as_json: AsJson = False) -> None:
    """Draft a correction that goes to exactly those who were sent the wrong text of an issue.

    The wrong text is every one but that approved last; where an issue was approved once, everybody who got it.

    Example: `digest issues correct 7`
    """
    with session() as app_:
        made = app_.correcting.correct(issue, actor=actor())

    def tell() -> None:
        say(f"Issue {made.issue.id}: “{made.issue.subject}”, for {made.readers:,} readers of issue {issue}.")
        if made.sent_wrong > made.readers:
            say(f"  {made.sent_wrong - made.readers:,} more were sent the wrong text and are no longer on the list.")
        if made.uncertain:
            say(f"  {made.uncertain:,} are uncertain: settle them first (`digest deliveries settle {issue}`).")
        if made.as_it_was:
            say(f"  Its stories still say what issue {issue} said: put right what was wrong.")
        say(f"Edit it: digest issues edit {made.issue.id} --help. Look at it: digest preview {made.issue.id}")

    facts = {"sent_wrong": made.sent_wrong, "readers": made.readers, "uncertain": made.uncertain}
    show(facts_of(made.issue) | facts, as_json, tell)


def watch(
    issue: IssueId,
    every: Annotated[float, typer.Option(help="Seconds between two looks.", min=0.2)] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Watch an issue on its way, whoever sends it; ends with it, or with Ctrl-C. Costs the database next to nothing.

    Example: `digest issues watch 7`; with --json one line for each look.
    """
    from digest.report.watching import Watching

    with session() as app_, until_told() as stop:
        watching = Watching(app_.database, issue, sender=app_.sender.name)
        with progress(f"Issue {issue}") as bar:
            said = ""
            while not (seen := watching.look(time.monotonic())).is_over:
                bar(seen.recipients - seen.left, seen.recipients, seen.line())
                if as_json or (seen.line() != said and not is_live()):
                    said = seen.line()
                    show(seen.facts(), as_json, lambda: say(said), in_a_row=True)  # noqa: B023  # said at once
                if stop.wait(every):
                    break
        if seen.is_over or is_live():
            show(seen.facts(), as_json, lambda: say(seen.line()), in_a_row=True)
