"""`digest issues calendar`, and what scheduling and approving say about the quota."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from digest.cli.output import AsJson, remark, say, show, table
from digest.cli.session import session

if TYPE_CHECKING:
    from digest.bootstrap import App
    from digest.deliver.calendar import Entry
    from digest.deliver.outlook import Outlook


def calendar(as_json: AsJson = False) -> None:
    """What is still to go, and when the last reader of each issue gets it by quota and warm-up.

    Example: `digest issues calendar`
    """
    with session() as app_:
        found = app_.outlook()
        rows = [
            (
                entry.issue,
                _newsletter(app_, entry.issue),
                entry.at,
                entry.recipients,
                "yes" if entry.fits else f"no, {entry.waiting:,} wait",
                found.done_at(entry) or "never",
            )
            for entry in found.entries
        ]

    def tell() -> None:
        headings = ["issue", "newsletter", "when (UTC)", "readers", "fits", "last reader at (UTC)"]
        table(headings, rows, empty="Nothing is scheduled or on its way.")
        _tell_fault(found)

    show({"issues": [facts(found, entry) for entry in found.entries], "fault": found.fault}, as_json, tell)


def facts(found: Outlook, entry: Entry) -> dict[str, Any]:
    return {
        "issue": entry.issue,
        "at": entry.at,
        "readers": entry.recipients,
        "room": entry.room,
        "fits": entry.fits,
        "waiting": entry.waiting,
        "last_at": found.done_at(entry),
    }


def fit(found: Outlook | None, issue: int) -> dict[str, Any]:
    """What a program is told of one issue; nothing when it has no time yet."""
    entry = found.of(issue) if found else None
    return {"quota": facts(found, entry)} if found and entry else {}


def warn(found: Outlook, issue: int) -> None:
    """Say when an issue will not fit; it is scheduled all the same."""
    entry = found.of(issue)
    if entry is None:
        return
    if not entry.fits:
        last = found.done_at(entry)
        until = f"the last of them until {last:%Y-%m-%d %H:%M} UTC" if last else "for ever"
        say(
            f"! Quota and warm-up have room for {entry.room:,} of its {entry.recipients:,} readers then; "
            f"{entry.waiting:,} would wait, {until}. See `digest issues calendar`."
        )
    _tell_fault(found)


def _tell_fault(found: Outlook) -> None:
    if found.fault:
        remark(f"The account could not be asked, so this is by what it last said: {found.fault}")


def _newsletter(app_: App, issue: int) -> str:
    from digest.store import issues

    with app_.database.read() as conn:
        return issues.get(conn, issue).newsletter
