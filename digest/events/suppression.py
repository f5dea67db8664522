"""SES's own suppression list, which it keeps for the whole account: taken over into ours, and ours into it.

SES adds addresses by itself, and mail to them is accepted, counted and never sent. What it knows from other programs
on the account is worth knowing here; and what we know keeps those from mailing the same people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

import subscribers
from digest.events.amazon import Amazon, explained
from digest.events.fold import lift_soft
from digest.store.database import Database

_PAGE = 1000
#: What of ours SES should know, and as what: not what was blocked by hand, and nothing of the forgotten.
_REASONS = {subscribers.Reason.BOUNCE: "BOUNCE", subscribers.Reason.COMPLAINT: "COMPLAINT"}
_OURS = {name: reason for reason, name in _REASONS.items()}
_LIST = "SES's suppression list"

Progress = Callable[[int], object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchanged:
    #: Addresses that the other side has.
    looked_at: int
    #: Those that were new to the side that was told.
    new: int


def theirs(amazon: Amazon) -> Iterator[tuple[str, str, datetime | None]]:
    """Address, reason and moment of all that SES suppresses, page by page. Raises SenderError."""
    token: dict[str, Any] = {}
    while True:
        with explained(_LIST):
            page = amazon.ses.list_suppressed_destinations(PageSize=_PAGE, **token)
        for one in page.get("SuppressedDestinationSummaries", []):
            yield one["EmailAddress"], one["Reason"], one.get("LastUpdateTime")
        if not page.get("NextToken"):
            return
        token = {"NextToken": page["NextToken"]}


def pull(amazon: Amazon, database: Database, *, now: datetime, progress: Progress = lambda _: None) -> Exchanged:
    """Suppress here what SES suppresses. Raises SenderError; pages that were read before are kept."""
    looked_at = new = 0
    page: list[tuple[str, str, datetime | None]] = []
    for one in theirs(amazon):
        page.append(one)
        looked_at += 1
        if len(page) == _PAGE:
            new += _keep(database, page, now)
            page = []
            progress(looked_at)
    return Exchanged(looked_at=looked_at, new=new + _keep(database, page, now))


def _keep(database: Database, page: list[tuple[str, str, datetime | None]], now: datetime) -> int:
    with database.write("suppression") as conn:
        return sum(_suppress(conn, *one, now) for one in page)


def _suppress(conn: Connection, address: str, reason: str, at: datetime | None, now: datetime) -> bool:
    # What passing bounces led to is lifted by a delivery; what stands on SES's own list must not go with it.
    known = lift_soft(conn, address)
    when = min(at, now) if at and at.tzinfo else now
    ours = _OURS.get(reason, subscribers.Reason.BOUNCE)
    return subscribers.suppress(conn, address, reason=ours, at=when, detail=_LIST) and not known


def push(amazon: Amazon, database: Database, *, progress: Progress = lambda _: None) -> Exchanged:
    """Tell SES what bounced and complained here and is not on its list. Raises SenderError; doing it again goes on."""
    known = {address.lower(): reason for address, reason, _ in theirs(amazon)}
    looked_at = new = 0
    for entry in _all_ours(database):
        looked_at += 1
        reason = _REASONS[entry.reason]
        # A complaint outweighs a bounce there as well.
        if known.get(entry.address) in (reason, "COMPLAINT"):
            continue
        with explained(_LIST):
            amazon.ses.put_suppressed_destination(EmailAddress=entry.address, Reason=reason)
        new += 1
        progress(looked_at)
    return Exchanged(looked_at=looked_at, new=new)


def _all_ours(database: Database) -> Iterator[subscribers.SuppressionEntry]:
    for reason in _REASONS:
        after = ""
        while True:
            with database.read() as conn:
                page = subscribers.suppressions(conn, reason=reason, after=after, limit=_PAGE)
            yield from page
            if len(page) < _PAGE:
                break
            after = page[-1].address
