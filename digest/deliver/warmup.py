"""Warm-up: how many readers a day a new account or domain may mail, until it is known. Pure.

Mailbox providers distrust a sender that appears with a hundred thousand messages on its first day. A plan begins on a
day and caps that day and those that follow; after its last day there is no cap. Days are UTC's: the account belongs to
no newsletter, and several newsletters in several zones share it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class WarmUp:
    #: Recipients a day, from the first day on.
    caps: tuple[int, ...]
    begins: date

    def cap(self, day: date) -> int | None:
        """Recipients of a day; None once the plan is over. Before its first day the first cap holds already."""
        past = max(0, (day - self.begins).days)
        return self.caps[past] if past < len(self.caps) else None

    @property
    def ends(self) -> date:
        """The first day without a cap."""
        return self.begins + timedelta(days=len(self.caps))


def cap_at(plan: WarmUp | None, moment: datetime) -> int | None:
    return plan.cap(moment.astimezone(UTC).date()) if plan else None


def largest_batch(plan: WarmUp | None, moment: datetime) -> int | None:
    """The lowest cap that is still to come: a larger batch would not fit into that day."""
    if plan is None:
        return None
    caps = _to_come(plan, moment.astimezone(UTC).date())
    return min(caps) if caps else None


def is_ahead(plan: WarmUp | None, moment: datetime) -> bool:
    """Whether a day with a cap is still to come, this one included."""
    return plan is not None and bool(_to_come(plan, moment.astimezone(UTC).date()))


def day_of(moment: datetime) -> datetime:
    """When the day began that a moment is in."""
    return datetime.combine(moment.astimezone(UTC).date(), time(), UTC)


def next_day(moment: datetime) -> datetime:
    """When the next day begins, and with it the next cap."""
    return day_of(moment) + timedelta(days=1)


def _to_come(plan: WarmUp, day: date) -> Sequence[int]:
    return plan.caps[max(0, (day - plan.begins).days) :]
