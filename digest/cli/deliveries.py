"""`digest deliveries`: who got an issue, reader by reader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.output import AsJson, say, show, table
from digest.cli.session import IssueId, actor, session

if TYPE_CHECKING:
    from digest.events.silence import Known

app = typer.Typer(help="The ledger: what became of each reader of an issue.", no_args_is_help=True)


@app.command("list")
def list_(
    issue: IssueId,
    state: Annotated[str, typer.Option(help="Only these: planned, accepted, delivered, bounced …")] = "",
    after: Annotated[int, typer.Option(help="Go on after this position.")] = 0,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List an issue's deliveries in the order of its roster.

    Example: `digest deliveries list 7 --state uncertain`
    """
    from digest.errors import UsageMistake
    from digest.model import DeliveryState
    from digest.store import deliveries, issues

    if state and state not in set(DeliveryState):
        raise UsageMistake(f"There is no state {state!r}.", hint=f"States are {', '.join(DeliveryState)}.")
    with session() as app_, app_.database.read() as conn:
        issues.get(conn, issue)
        wanted = DeliveryState(state) if state else None
        found = deliveries.listed(conn, issue, state=wanted, after=after, limit=limit)
    rows = [
        (d.position, d.address, d.state, d.reason, d.message_id, d.fingerprint[:_SHORT], d.updated_at) for d in found
    ]
    show(
        {"issue": issue, "deliveries": found},
        as_json,
        lambda: table(_HEADINGS, rows, empty="None."),
    )


_HEADINGS = ("position", "address", "state", "reason", "message", "text", "at (UTC)")
#: So much of a fingerprint tells texts apart for a person.
_SHORT = 8


@app.command("prune")
def prune(
    days: Annotated[
        int | None, typer.Option(min=0, help="Keep so many days; privacy.keep_days when not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Delete who got issues that are older than `privacy.keep_days`; figures stay. `digest run` does it hourly.

    Example: `digest deliveries prune --days 400`
    """
    from datetime import timedelta

    from digest.cli.session import until_told

    with session() as app_, until_told() as stop:
        before = app_.clock() - timedelta(days=days) if days is not None else None
        pruned = app_.retention.prune(stop.is_set, before=before, actor=actor())

    def tell() -> None:
        say(f"Who got {pruned.issues:,} issue(s) was deleted, {pruned.readers:,} deliveries in all; the figures stay.")
        if pruned.notices:
            say(f"{pruned.notices:,} notice(s) to single readers were deleted.")
        if pruned.more:
            say("Some are left; say it again, or leave it to `digest run`.")

    facts = {"issues": pruned.issues, "deliveries": pruned.readers, "notices": pruned.notices, "more": pruned.more}
    show(facts, as_json, tell)


@app.command("settle")
def settle(
    issue: IssueId,
    accepted: Annotated[bool, typer.Option("--accepted", help="Count them as accepted.")] = False,
    resend: Annotated[bool, typer.Option("--resend", help="Mail them; some may get it twice.")] = False,
    hold: Annotated[bool, typer.Option("--hold", help="Leave them uncertain, and note that somebody looked.")] = False,
    position: Annotated[list[int] | None, typer.Option(help="Only this place of the roster; may be repeated.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Decide about readers who are uncertain: accepted or not, nobody knows. Without a decision: what is known.

    Example: `digest deliveries settle 7`, then `digest deliveries settle 7 --accepted`
    """
    from digest.deliver.control import Decision
    from digest.deliver.control import settle as decide
    from digest.errors import UsageMistake
    from digest.events import silence
    from digest.store import issues, settling

    asked = {Decision.ACCEPTED: accepted, Decision.RESEND: resend, Decision.HOLD: hold}
    decisions = [decision for decision, wanted in asked.items() if wanted]
    if len(decisions) > 1:
        raise UsageMistake("One decision at a time.", hint="Say --accepted, --resend or --hold.")
    with session() as app_:
        with app_.database.read() as conn:
            issues.get(conn, issue)
            known = settling.uncertain(conn, issue)
            proved = silence.known(conn, issue, now=app_.clock())
        rows = [(k.batch, k.readers, k.attempt, k.called_at, k.reason) for k in known]
        if not as_json:
            table(["batch", "readers", "attempt", "called (UTC)", "what is known"], rows, empty="Nobody is uncertain.")
            _tell_proved(proved)
        settled = 0
        if decisions and known:
            if not yes and not typer.confirm(_QUESTIONS[decisions[0].value], err=True):
                raise UsageMistake("Nothing was settled.")
            with app_.database.write() as conn:
                settled = decide(conn, issue, decisions[0], positions=position, actor=actor(), now=app_.clock())
                app_.nudge(conn, issues.get(conn, issue))
    facts = {
        "issue": issue,
        "known": known,
        "proved": proved,
        "decision": decisions[0] if decisions else None,
        "settled": settled,
    }
    show(facts, as_json, lambda: _tell_settled(issue, decisions[0].value if decisions else "", settled))


def _tell_proved(proved: Sequence[Known]) -> None:
    """What SES's silence proves: whoever was never accepted can be mailed without getting it twice."""
    for call in proved:
        if call.verdict == "not accepted":
            say(
                f"Batch {call.batch}: SES tells of everybody mailed in those minutes and not of these "
                f"{len(call.positions):,}: they were never accepted, and --resend is safe."
            )


_QUESTIONS = {
    "accepted": "Count them as accepted?",
    "resend": "Mail them? Whoever got it already gets it twice.",
    "hold": "Leave them uncertain, and note that you looked?",
}


def _tell_settled(issue: int, decision: str, settled: int) -> None:
    if decision:
        say(f"{settled} reader(s) settled: {decision}.")
    if decision == "resend" and settled:
        say(f"`digest run` mails them, or `digest send {issue} --now`.")
