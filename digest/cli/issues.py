"""`digest issues`: the life of an issue, from draft to report."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from digest.cli import drafting, editing, on_its_way, outlook, segments
from digest.cli.issue_words import (
    corrections_in_words,
    facts_of,
    info,
    insist_on_approval,
    proof_facts,
    standing,
    state_of,
    story_facts,
    tell_findings,
    tell_stories,
    zone_of,
)
from digest.cli.output import PARTLY, AsJson, say, show, table
from digest.cli.session import IssueId, actor, session

if TYPE_CHECKING:
    from digest.model import Issue

#: How long `list` shows the times for which there was no issue.
SKIPPED = timedelta(days=14)

app = typer.Typer(help="Issues: draft, edit, approve, schedule, watch, report.", no_args_is_help=True)


app.command("draft")(drafting.draft)
app.command("explain")(drafting.explain)


@app.command("list")
def list_(
    newsletter: Annotated[str, typer.Option("--newsletter", "-n", help="Only this newsletter's.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List issues, newest first.

    Example: `digest issues list -n daily --limit 5`
    """
    from digest.issue.schedule import describe
    from digest.store import candidates, issues

    with session() as app_, app_.database.read() as conn:
        slug = app_.settings.newsletter(newsletter).slug if newsletter else ""
        found = issues.listed(conn, newsletter=slug, limit=limit)
        skipped = candidates.skipped(conn, slug, since=app_.clock() - SKIPPED)
        zones = {slug: letter.timezone for slug, letter in app_.newsletters.items()}
    rows = [(i.id, i.newsletter, i.number, state_of(i), i.date.isoformat(), i.scheduled_at, i.hold) for i in found]

    def tell() -> None:
        table(["issue", "newsletter", "no.", "state", "date", "scheduled (UTC)", "hold"], rows, empty="No issues yet.")
        for one in skipped:
            say(f"Skipped: {one.newsletter} for {describe(one.slot_at, zones.get(one.newsletter, 'UTC'))}. {one.why}")

    show({"issues": [facts_of(issue) for issue in found], "skipped": skipped}, as_json, tell)


@app.command("show")
def show_(issue: IssueId, as_json: AsJson = False) -> None:
    """Show an issue: its stories with the rung of each summary, and what was done to it.

    Example: `digest issues show 7`
    """
    from digest.store import deliveries, issues

    with session() as app_, app_.database.read() as conn:
        found = issues.get(conn, issue)
        stories = issues.stories(conn, issue)
        journal = issues.journal(conn, issue)
        outdated, corrected_by = deliveries.outdated(conn, issue), deliveries.corrections(conn, issue)
        letter = app_.settings.newsletter(found.newsletter)
        meant = segments.whom(app_, found)
        since = list(app_.proofs.since(conn, found))

    def tell() -> None:
        say(f"Issue {found.id}: {letter.name} no. {found.number} of {found.date:%-d %B %Y}, {found.state}")
        for line in standing(found, letter.timezone) + meant + corrections_in_words(outdated, corrected_by):
            say(f"  {line}")
        tell_stories(stories, articles=True)
        if since:
            tell_findings(since)
        for entry in journal:
            say(f"  {entry.at:%Y-%m-%d %H:%M} UTC  {entry.actor}: {entry.what} {entry.detail[:80]}".rstrip())

    facts = facts_of(found) | {"outdated": outdated, "corrected_by": corrected_by, "since": since}
    show(facts | {"stories": story_facts(stories), "journal": journal}, as_json, tell)


app.command("edit")(editing.edit)


@app.command("check")
def check(issue: IssueId, as_json: AsJson = False) -> None:
    """Render an issue and say what the check found; the pages of its stories are read again for it.

    Exit code 10 when there are errors.

    Example: `digest issues check 7`
    """
    from digest.store import issues

    with session() as app_:
        with app_.database.read() as conn:
            found = issues.get(conn, issue)
        app_.rereading.look([found])
        proof = app_.proofs.proof(issue)

    def tell() -> None:
        tell_findings(proof.findings)
        for edition, rendered in proof.editions:
            say(f"edition {edition.key}: {len(rendered.html.encode()) / 1024:.1f} KB html, “{rendered.subject}”")

    show(proof_facts(proof), as_json, tell)
    if proof.errors:
        raise typer.Exit(PARTLY)


@app.command("approve")
def approve(
    issue: IssueId,
    despite_errors: Annotated[
        bool, typer.Option("--despite-errors", help="Approve although the check found errors.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Approve exactly what the preview shows. Any change afterwards voids it.

    Example: `digest issues approve 7`
    """
    with session() as app_:
        approved, proof = app_.proofs.approve(issue, actor=actor(), despite_errors=despite_errors)
        next_step = _next_step(approved, zone_of(app_, issue), app_.clock())
        meant = segments.whom(app_, approved)
        found = app_.outlook() if approved.scheduled_at or approved.slot_at else None

    def tell() -> None:
        tell_findings(proof.findings)
        mark = approved.fingerprint[:12]
        say(f"Issue {issue} is {approved.state}: {approved.audience:,} readers, fingerprint {mark}.")
        for line in [*meant, next_step]:
            say(line)
        if found:
            outlook.warn(found, issue)

    show(facts_of(approved) | proof_facts(proof) | outlook.fit(found, issue), as_json, tell)


@app.command("schedule")
def schedule(
    issue: IssueId,
    at: Annotated[str, typer.Option(help="Local time in the newsletter's zone: '2026-11-29 06:00', 'tomorrow 06:00'.")],
    which: Annotated[
        Literal["first", "second"] | None, typer.Option(help="Which one, when the clocks go back and it happens twice.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Have an approved issue sent at a time; `digest run` sends it. Says what it understood.

    Example: `digest issues schedule 7 --at "tomorrow 06:00"`
    """
    from digest.deliver import control
    from digest.issue.schedule import describe, read_at, until

    with session() as app_:
        zone = zone_of(app_, issue)
        now = app_.clock()
        moment = read_at(at, timezone=zone, now=now, which=which)
        insist_on_approval(app_, issue)
        with app_.database.write() as conn:
            scheduled = control.schedule(conn, issue, moment, actor=actor(), now=now)
            app_.nudge(conn, scheduled)
        found = app_.outlook()
    understood = describe(moment, zone)

    def tell() -> None:
        say(f"Issue {issue} goes out on {understood}, {until(moment, now)}.")
        if scheduled.date.isoformat() != f"{moment.astimezone(info(zone)):%Y-%m-%d}":
            say(f"It is dated {scheduled.date:%-d %B %Y}; `digest issues edit {issue} --date` changes that.")
        say("`digest run` must be running then.")
        outlook.warn(found, issue)

    show(facts_of(scheduled) | {"understood": understood} | outlook.fit(found, issue), as_json, tell)


app.command("calendar")(outlook.calendar)


@app.command("unschedule")
def unschedule(issue: IssueId, as_json: AsJson = False) -> None:
    """Take an issue off its schedule; it stays approved.

    Example: `digest issues unschedule 7`
    """
    from digest.deliver import control

    with session() as app_, app_.database.write() as conn:
        changed = control.unschedule(conn, issue, why=f"taken off by {actor()}", actor=actor(), now=app_.clock())
    show(facts_of(changed), as_json, lambda: say(f"Issue {issue} is {changed.state} and not scheduled."))


for _command in (on_its_way.pause, on_its_way.resume, on_its_way.cancel, on_its_way.watch, on_its_way.urgent):
    app.command()(_command)
app.command()(on_its_way.correct)


@app.command("report")
def report(issue: IssueId, as_json: AsJson = False) -> None:
    """What became of every reader, counted from the ledger; and which of its newsletter's sources need a look.

    Example: `digest issues report 7 --json`
    """
    from digest.cli.sources import remarks
    from digest.report.figures import report as report_of

    with session() as app_, app_.database.read() as conn:
        found = report_of(conn, issue)
        letter = app_.newsletters.get(found.figures.newsletter)
        sources = list(remarks(app_, conn, letter)) if letter else []

    def tell() -> None:
        for line in found.lines():
            say(line)
        for source, sentence in sources:
            say(f"  ! Source {source}: {sentence}")

    noted = [{"source": source, "remark": sentence} for source, sentence in sources]
    show(found.facts() | {"sources": noted}, as_json, tell)


def _next_step(approved: Issue, zone: str, now: datetime) -> str:
    """When an approved issue goes out, or how it does."""
    from digest.issue.schedule import describe
    from digest.model import IssueState

    if approved.state is IssueState.PAUSED:
        return f"Who was not mailed yet gets this text. Let it go on: digest issues resume {approved.id}"
    by_hand = f"Send it with `digest send {approved.id} --now`, or schedule it."
    if approved.scheduled_at:
        return f"It goes out on {describe(approved.scheduled_at, zone)}; `digest run` must be running then."
    if approved.slot_at is None:
        return by_hand
    if approved.slot_at <= now:
        return f"Its time, {describe(approved.slot_at, zone)}, has gone by. {by_hand}"
    return f"`digest run` sends it on {describe(approved.slot_at, zone)}."
