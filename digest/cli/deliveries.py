"""`digest deliveries`: who got an issue, reader by reader."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli.output import AsJson, show, table
from digest.cli.session import IssueId, session

app = typer.Typer(help="The ledger: what became of each reader of an issue.", no_args_is_help=True)


@app.command("list")
def list_(
    issue: IssueId,
    state: Annotated[str, typer.Option(help="Only these: planned, accepted, skipped, refused, uncertain.")] = "",
    after: Annotated[int, typer.Option(help="Go on after this position.")] = 0,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List an issue's deliveries in the order of its roster.

    Example: `digest deliveries list 7 --state uncertain`
    """
    from digest.errors import UsageMistake
    from digest.model import DeliveryState
    from digest.store import issues, ledger

    if state and state not in set(DeliveryState):
        raise UsageMistake(f"There is no state {state!r}.", hint=f"States are {', '.join(DeliveryState)}.")
    with session() as app_, app_.database.read() as conn:
        issues.get(conn, issue)
        wanted = DeliveryState(state) if state else None
        found = ledger.deliveries(conn, issue, state=wanted, after=after, limit=limit)
    rows = [(d.position, d.address, d.state, d.reason, d.message_id, d.updated_at) for d in found]
    show(
        {"issue": issue, "deliveries": found},
        as_json,
        lambda: table(["position", "address", "state", "reason", "message", "at (UTC)"], rows, empty="None."),
    )
