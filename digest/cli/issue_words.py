"""Issues as facts for programs and in words for people, and how options name stories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from digest.cli.output import say, table

if TYPE_CHECKING:
    from digest.bootstrap import App
    from digest.desk.proof import Proof
    from digest.model import Finding, Issue, Newsletter, Story


def proof_facts(proof: Proof) -> dict[str, Any]:
    return {
        "issue": proof.issue.id,
        "fingerprint": proof.fingerprint,
        "editions": [
            {
                "edition": edition.key,
                "supporters": edition.supporters,
                "subject": rendered.subject,
                "preheader": rendered.preheader,
                "html_bytes": len(rendered.html.encode()),
                "text_bytes": len(rendered.text.encode()),
                "fingerprint": rendered.fingerprint,
            }
            for edition, rendered in proof.editions
        ],
        "findings": proof.findings,
    }


def tell_findings(findings: Sequence[Finding]) -> None:
    for finding in findings:
        where = f" ({finding.where})" if finding.where else ""
        say(f"{finding.level}: {finding.message}{where} [{finding.code}]")
    if not findings:
        say("The check found nothing.")


def facts_of(issue: Issue) -> dict[str, Any]:
    facts = {field.name: getattr(issue, field.name) for field in fields(issue) if field.name != "id"}
    return {"issue": issue.id} | facts


def stories_of(app_: App, issue: int) -> list[Story]:
    from digest.store import issues

    with app_.database.read() as conn:
        return issues.stories(conn, issue)


def story_facts(stories: Sequence[Story]) -> list[dict[str, Any]]:
    return [
        {
            "place": place,
            "article": story.article_id,
            "section": story.section,
            "headline": story.headline,
            "summary": story.summary.text,
            "summary_rung": story.summary.rung,
            "summary_spans": [[span.start, span.end] for span in story.summary.spans],
            "summary_why": story.summary.why,
            "byline": story.byline,
            "credit": story.credit,
            "correction": story.correction,
            "url": story.url,
            "also": story.also,
            "reason": story.reason,
        }
        for place, story in enumerate(stories, start=1)
    ]


def tell_stories(stories: Sequence[Story], *, why: bool = False, articles: bool = False) -> None:
    rows = [
        (place, story.section, story.headline, story.summary.rung, len(story.summary.text.split()))
        + ((story.article_id,) if articles else ())
        for place, story in enumerate(stories, start=1)
    ]
    more = ["article"] if articles else []
    table(["place", "section", "headline", "summary", "words", *more], rows)
    for place, story in enumerate(stories, start=1):
        if why and story.summary.why:
            say(f"  summary {place} ({story.summary.rung}): {' '.join(story.summary.why)}")


def standing(issue: Issue, zone: str) -> list[str]:
    """Where an issue stands: what an editor set, who approved it, when it goes, why it waits."""
    from digest.issue.schedule import describe
    from digest.model import IssueState

    lines = [f"subject: {issue.subject or '(follows from the lead)'}"]
    if issue.preheader:
        lines.append(f"preheader: {issue.preheader}")
    if issue.note:
        lines.append(f"note: {issue.note}")
    if issue.urgent:
        lines.append("urgent: goes before all others")
    if issue.corrects:
        lines.append(f"correction: of issue {issue.corrects}, for those alone who were sent the wrong text")
    if issue.approved_at and issue.fingerprint:
        when = f"{issue.approved_at:%Y-%m-%d %H:%M} UTC"
        mark = issue.fingerprint[:12]
        lines.append(f"approved: {when} by {issue.approved_by}, {issue.audience:,} readers then, fingerprint {mark}")
    elif issue.state is IssueState.PAUSED:
        lines.append(f"changed and not approved again: digest issues approve {issue.id}, then digest issues resume it")
    if issue.pruned_at:
        lines.append(f"readers: deleted on {issue.pruned_at:%Y-%m-%d}; only the figures are kept")
    if issue.scheduled_at:
        lines.append(f"scheduled: {describe(issue.scheduled_at, zone)}")
    if issue.hold:
        lines.append(f"hold: {issue.hold}")
    return lines


def state_of(issue: Issue) -> str:
    """The state and what sets an issue apart: "sending, urgent", "draft, corrects 7"."""
    marks = ("urgent" if issue.urgent else "", f"corrects {issue.corrects}" if issue.corrects else "")
    return ", ".join([issue.state.value, *filter(None, marks)])


def after_edit(issue: Issue) -> str:
    """What a changed issue is now, and what it takes to go on where it was on its way."""
    from digest.model import IssueState

    if issue.state is not IssueState.PAUSED:
        return f"a {issue.state}."
    return f"paused. Who was not mailed yet gets this text: digest issues approve {issue.id}, then resume it."


def corrections_in_words(outdated: int, corrected_by: Sequence[int]) -> list[str]:
    """What became of a text that was wrong: who got it, and what tells them."""
    lines = [f"corrected on its way: {outdated:,} readers got the text of before"] if outdated else []
    return lines + [f"corrected by: issue {other}" for other in corrected_by]


def next_slot_of(newsletter: Newsletter, now: datetime) -> datetime:
    """The next time of a newsletter's cadence. Raises UsageMistake for one without."""
    from digest.errors import UsageMistake
    from digest.issue.schedule import read_cadence

    if not newsletter.cadence:
        raise UsageMistake(f"{newsletter.name} has no cadence.", hint="Give --date, or set a cadence in settings.toml.")
    return read_cadence(newsletter.cadence).next(now, newsletter.timezone)


def insist_on_approval(app: App, issue: int) -> None:
    """Before an issue is scheduled or frozen: what would be rendered now must be what was approved."""
    from digest.model import IssueState
    from digest.store import issues

    with app.database.read() as conn:
        state = issues.get(conn, issue).state
    if state in (IssueState.APPROVED, IssueState.SCHEDULED):
        app.proofs.still_approved(issue)


def zone_of(app_: App, issue: int) -> str:
    from digest.store import issues

    with app_.database.read() as conn:
        return app_.settings.newsletter(issues.get(conn, issue).newsletter).timezone


def info(zone: str) -> Any:
    from zoneinfo import ZoneInfo

    return ZoneInfo(zone)


def placed(options: Sequence[str] | None) -> dict[int, str]:
    """`PLACE:TEXT` options."""
    from digest.errors import UsageMistake

    found: dict[int, str] = {}
    for option in options or ():
        place, colon, text = option.partition(":")
        if not colon or not place.strip().isdigit() or not text.strip():
            raise UsageMistake(f"{option!r} is not PLACE:TEXT.", hint="Write it as 1:The new words.")
        found[int(place)] = text.strip()
    return found


def number(text: str) -> int:
    from digest.errors import UsageMistake

    if not text.isdigit():
        raise UsageMistake(f"{text!r} is not a place.", hint="Write --move 3:1.")
    return int(text)


def date_of(text: str | None) -> date | None:
    from digest.errors import UsageMistake

    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageMistake(f"{text!r} is not a date.", hint="Write it as 2026-11-29.") from None
