"""The calendar of quota: what is scheduled against what the 24-hour quota still allows. Pure; counts are recipients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.model import Account

DAY = timedelta(hours=24)
#: Beyond that the day of an issue's last reader is only estimated: nobody will wait for it.
MOST_DAYS = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """An issue that is sending or scheduled."""

    issue: int
    at: datetime
    recipients: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One issue of the calendar."""

    issue: int
    at: datetime
    recipients: int
    #: Recipients that the quota has room for at that time.
    room: int
    #: When the last of them can go; `at` when all of them fit.
    last_at: datetime

    @property
    def fits(self) -> bool:
        return self.room >= self.recipients


def calendar(planned: Sequence[Planned], account: Account, *, now: datetime) -> list[Entry]:
    """The issues in the order of their times, each with the room that the earlier ones leave it.

    What the account sent before now is taken as sent just now: SES says how much it was and not when, and a promise
    should be kept rather than be early. Without a quota everything fits.
    """
    quota = account.max_per_day
    in_order = sorted(planned, key=lambda one: (one.at, one.issue))
    if quota is None:
        return [_entry(one, room=one.recipients, last_at=one.at) for one in in_order]
    spent: list[tuple[datetime, int]] = [(now, account.sent_last_day)]
    entries = []
    for one in in_order:
        room = _room(spent, quota, max(one.at, now))
        last_at = _spend(spent, quota, one, now)
        entries.append(_entry(one, room=room, last_at=last_at))
    return entries


def _entry(one: Planned, *, room: int, last_at: datetime) -> Entry:
    return Entry(issue=one.issue, at=one.at, recipients=one.recipients, room=room, last_at=last_at)


def _room(spent: Sequence[tuple[datetime, int]], quota: int, at: datetime) -> int:
    return max(0, quota - sum(count for when, count in spent if at - DAY < when <= at))


def _spend(spent: list[tuple[datetime, int]], quota: int, one: Planned, now: datetime) -> datetime:
    """Book the issue into the quota, as soon as there is room for each part of it; when the last part goes."""
    at, left = max(one.at, now), one.recipients
    if quota <= 0:
        return datetime.max.replace(tzinfo=at.tzinfo)  # never
    if left > MOST_DAYS * quota:
        return at + left // quota * DAY
    while left > 0:
        part = min(left, _room(spent, quota, at))
        if part:
            spent.append((at, part))
            left -= part
        else:
            at = min(when for when, _ in spent if at - DAY < when) + DAY
    return at
