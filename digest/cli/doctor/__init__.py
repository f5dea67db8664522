"""`digest doctor`: what is wrong, before readers find out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import typer

from digest.cli.doctor.account import of_identities, of_pace, of_sender
from digest.cli.doctor.database import of_database
from digest.cli.doctor.events import of_events
from digest.cli.doctor.model import of_model
from digest.cli.doctor.newsletters import of_audiences, of_links, of_newsletters
from digest.cli.doctor.sources import of_sources
from digest.cli.doctor.waiting import of_issues, of_notices
from digest.cli.output import PARTLY, AsJson, say, show
from digest.cli.session import session

if TYPE_CHECKING:
    from digest.bootstrap import App
    from digest.model import Finding


EXAMINATIONS: tuple[Callable[[App], Iterator[Finding]], ...] = (
    of_database,
    of_sender,
    of_identities,
    of_pace,
    of_links,
    of_newsletters,
    of_sources,
    of_model,
    of_audiences,
    of_issues,
    of_notices,
    of_events,
)


def doctor(as_json: AsJson = False) -> None:
    """Look at settings, database, sender, themes and newsletters, and say what is wrong and what to do.

    Exit code 10 when something must be mended before sending.

    Example: `digest doctor`
    """
    from digest.model import Level

    with session() as app_:
        findings = [finding for examine in EXAMINATIONS for finding in examine(app_)]
    errors = [finding for finding in findings if finding.level is Level.ERROR]

    def tell() -> None:
        for finding in findings:
            where = f"{finding.where}: " if finding.where else ""
            say(f"{finding.level}: {where}{finding.message}")
        say("Something must be mended before sending." if errors else "Ready.")

    show({"healthy": not errors, "findings": findings}, as_json, tell)
    if errors:
        raise typer.Exit(PARTLY)
