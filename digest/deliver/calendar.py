"""The calendar of quota: what is scheduled against what the 24-hour quota and the warm-up still allow.

Pure; counts are recipients.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from digest.deliver import warmup
from digest.deliver.warmup import WarmUp
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
    #: Recipients that quota and warm-up have room for at that time.
    room: int
    #: When the last of them can go; `at` when all of them fit.
    last_at: datetime
    #: How many go then, at the account's rate: the last one so much later.
    last_part: int

    @property
    def fits(self) -> bool:
        return self.room >= self.recipients

    @property
    def waiting(self) -> int:
        """Recipients who do not fit at the issue's time."""
        return max(0, self.recipients - self.room)


def calendar(
    planned: Sequence[Planned], account: Account, *, now: datetime, plan: WarmUp | None = None, sent_today: int = 0
) -> list[Entry]:
    """The issues in the order of their times, each with the room that the earlier ones leave it.

    What the account sent before now is taken as sent just now: SES says how much it was and not when, and a promise
    should be kept rather than be early. `sent_today` is what the warm-up has counted. Without both everything fits.
    """
    book = _Book(account.max_per_day, plan, now, sent_today, [(now, account.sent_last_day)])
    return [book.enter(one) for one in sorted(planned, key=lambda one: (one.at, one.issue))]


@dataclass
class _Book:
    """What is spent of quota and warm-up, and when."""

    quota: int | None
    plan: WarmUp | None
    now: datetime
    sent_today: int
    #: Moment → recipients; the first one is what was spent before now.
    spent: list[tuple[datetime, int]] = field(default_factory=list)

    def enter(self, one: Planned) -> Entry:
        at = max(one.at, self.now)
        room = self._room(at)
        last_at, last_part = self._spend(at, one.recipients)
        return Entry(
            issue=one.issue,
            at=one.at,
            recipients=one.recipients,
            room=one.recipients if room is None else room,
            last_at=one.at if last_at == at else last_at,
            last_part=last_part,
        )

    def _room(self, at: datetime) -> int | None:
        """Recipients that fit at a moment; None is any number."""
        rooms = []
        if self.quota is not None:
            rooms.append(self.quota - sum(count for when, count in self.spent if at - DAY < when <= at))
        if (cap := warmup.cap_at(self.plan, at)) is not None:
            day = warmup.day_of(at)
            before = self.sent_today if day <= self.now else 0
            rooms.append(cap - before - sum(count for when, count in self.spent[1:] if warmup.day_of(when) == day))
        return max(0, min(rooms)) if rooms else None

    def _spend(self, at: datetime, left: int) -> tuple[datetime, int]:
        """Book recipients as soon as there is room for each part of them; when the last part goes, and how many."""
        if self.quota is not None and self.quota <= 0:
            return datetime.max.replace(tzinfo=at.tzinfo), left  # never
        if self.quota is not None and left > MOST_DAYS * self.quota:
            return at + left // self.quota * DAY, self.quota
        part = left
        while left > 0:
            room = self._room(at)
            part = left if room is None else min(left, room)
            if part:
                self.spent.append((at, part))
                left -= part
            else:
                at = self._next(at)
        return at, part

    def _next(self, at: datetime) -> datetime:
        """The next moment at which there may be room."""
        moments = [when + DAY for when, count in self.spent if count and at - DAY < when]
        if self.plan is not None:
            moments.append(warmup.next_day(at))
        return min(moment for moment in moments if moment > at)
