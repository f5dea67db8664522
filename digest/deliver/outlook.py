"""The outlook: every issue that is still to go, against the quota and the warm-up of the account it goes through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.deliver import warmup
from digest.deliver.calendar import Entry, Planned, calendar
from digest.deliver.pace import Limits
from digest.deliver.senders.port import Sender
from digest.deliver.warmup import WarmUp
from digest.errors import SenderError
from digest.model import Account, Issue, IssueState
from digest.store import issues, paces, sending
from digest.store.database import Database

#: Issues in one state that a look takes in; there are hardly ever two.
MANY = 1000
_STILL_TO_GO = (IssueState.APPROVED, IssueState.SCHEDULED, IssueState.SENDING, IssueState.PAUSED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlook:
    entries: Sequence[Entry]
    #: Readers a second; 0 when nobody knows.
    rate: float
    #: Why the account could not be asked; empty when it could.
    fault: str = ""

    def of(self, issue: int) -> Entry | None:
        return next((entry for entry in self.entries if entry.issue == issue), None)

    def done_at(self, entry: Entry) -> datetime | None:
        """When its last reader has been mailed; None for never."""
        try:
            return entry.last_at + timedelta(seconds=entry.last_part / self.rate if self.rate else 0.0)
        except OverflowError:
            return None


def outlook(
    database: Database,
    sender: Sender,
    *,
    limits: Limits,
    warm_up: WarmUp | None,
    clock: Callable[[], datetime],
) -> Outlook:
    """Asks the account once. One that cannot be asked is taken as it was when it last could."""
    account, fault = _account(database, sender)
    now = clock()
    with database.read() as conn:
        planned = [
            Planned(issue=issue.id, at=at, recipients=_recipients(issue, sending.left(conn, issue.id)))
            for issue in issues.listed(conn, states=_STILL_TO_GO, limit=MANY)
            if (at := _goes_at(issue, now)) is not None
        ]
        sent_today = sending.since(conn, warmup.day_of(now)) if warm_up else 0
    entries = calendar(planned, account, now=now, plan=warm_up, sent_today=sent_today)
    return Outlook(entries=entries, rate=limits.rate(account.max_rate) if account.max_rate else 0.0, fault=fault)


def _account(database: Database, sender: Sender) -> tuple[Account, str]:
    try:
        return sender.account(), ""
    except SenderError as error:
        with database.read() as conn:
            known = paces.look(conn, sender.name)
        if known is None or known.quota is None or known.quota_left is None:
            return Account(max_rate=known.max_rate if known else 0.0), error.message
        sent = known.quota - known.quota_left
        return Account(max_rate=known.max_rate, max_per_day=known.quota, sent_last_day=sent), error.message


def _goes_at(issue: Issue, now: datetime) -> datetime | None:
    """When its readers are mailed, as things stand; None when nobody has said."""
    if issue.state in (IssueState.SENDING, IssueState.PAUSED):
        return now
    # Once it is approved, the worker schedules an issue that was drafted for a time of the cadence.
    slot = issue.slot_at if issue.slot_at and issue.slot_at > now and not issue.hold else None
    return issue.scheduled_at or slot


def _recipients(issue: Issue, left: int) -> int:
    frozen = issue.state in (IssueState.SENDING, IssueState.PAUSED)
    return left if frozen else issue.audience
