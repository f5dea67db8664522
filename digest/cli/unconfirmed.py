"""`digest subscribers prune`: who signed up and never confirmed is erased."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli.output import AsJson, say, show
from digest.cli.session import session, until_told


def prune(
    days: Annotated[
        int | None, typer.Option(min=0, help="Give them so many days; privacy.unconfirmed_days when not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Erase who signed up and did not confirm within `privacy.unconfirmed_days`. `digest run` does it hourly.

    Example: `digest subscribers prune --days 14`
    """
    from datetime import timedelta

    with session() as app_, until_told() as stop:
        before = app_.clock() - timedelta(days=days) if days is not None else None
        gone = app_.retention.erase_unconfirmed(stop.is_set, before=before)

    def tell() -> None:
        say(f"{gone.erased:,} sign-up(s) that nobody confirmed were erased; whoever it was can sign up anew.")
        if gone.dropped:
            say(f"{gone.dropped:,} who are on another newsletter, or were, lost the place that they never confirmed.")
        if gone.more:
            say("Some are left; say it again, or leave it to `digest run`.")

    show({"erased": gone.erased, "dropped": gone.dropped, "more": gone.more}, as_json, tell)
