"""How a source fares from one gathering to the next: pure rules over what is kept in the database.

A source that is gone for good (410) is retired until an operator says otherwise, one that asked to wait is left alone
until then, and one that has nothing new for much longer than it ever had is said to be dry.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

#: A silence shorter than this is never unusual.
_SHORT = timedelta(days=3)
#: … and for a source that states no dates this is when it becomes so.
_LONG = timedelta(days=14)
#: A silence is unusual when it is so many times the longest of the last ones.
_UNUSUAL = 3
#: The last articles that say how often there are new ones, and how many of them are needed.
_LATEST, _LEAST = 20, 5
#: Failures in a row that are worth a word of their own.
OFTEN = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    #: The location that all of this is about: in settings it may have changed since.
    location: str = ""
    checked_at: datetime | None = None
    #: When it was last read without trouble.
    good_at: datetime | None = None
    #: The newest article's own time, or when we first saw it.
    new_at: datetime | None = None
    failures: int = 0
    #: What was wrong last time, in words.
    problem: str = ""
    #: Where it is read instead of its location.
    moved_to: str = ""
    retired_at: datetime | None = None
    wait_until: datetime | None = None
    #: The longest pause between its last articles.
    rhythm: timedelta | None = None

    def standing(self, now: datetime) -> str:
        """One word for a table."""
        if self.retired_at:
            return "retired"
        if self.wait_until and self.wait_until > now:
            return "waits"
        if self.failures:
            return "failing"
        return "dry" if self.dry_since(now) else "good" if self.good_at else "new"

    def why_not_asked(self, now: datetime) -> str:
        """Why it is left alone at the moment, in a sentence; empty when it is to be asked."""
        if self.retired_at:
            return f"It is retired since {_day(self.retired_at)}: its server said that it is gone for good."
        if self.wait_until and self.wait_until > now:
            return f"It asked to be left alone until {self.wait_until:%Y-%m-%d %H:%M} UTC."
        return ""

    def dry_since(self, now: datetime) -> datetime | None:
        """Since when there is nothing new, if that is unusually long; else None."""
        if self.new_at is None or self.retired_at or self.failures:
            return None
        bearable = max(_SHORT, _UNUSUAL * self.rhythm) if self.rhythm is not None else _LONG
        return self.new_at if now - self.new_at > bearable else None

    def remarks(self, now: datetime) -> tuple[str, ...]:
        """What an operator should know, in sentences."""
        said = [f"{stands} {_AGAIN}" if (stands := self.why_not_asked(now)) else ""]
        if self.failures >= OFTEN and not self.retired_at:
            last = f"it was last read on {_day(self.good_at)}" if self.good_at else "it was never read"
            said.append(f"It failed {self.failures} times in a row; {last}.")
        if self.moved_to:
            said.append(f"It is read at {self.moved_to} now: change its location.")
        if since := self.dry_since(now):
            said.append(f"There is nothing new since {_day(since)}, which is unusually long.")
        return tuple(each for each in said if each)

    def after_success(
        self,
        now: datetime,
        *,
        problem: str,
        moved_to: str,
        newest: datetime | None,
        brought_new: bool,
        rhythm: timedelta | None,
        wait: float,
    ) -> Health:
        """`newest` is the date that the newest article states; `wait` seconds were asked for by one of its pages."""
        stated = min(newest, now) if newest else None
        came = now if brought_new or self.new_at is None else self.new_at
        return replace(
            self,
            checked_at=now,
            good_at=now,
            new_at=stated or came,
            failures=0,
            problem=problem,
            moved_to=moved_to,
            retired_at=None,
            wait_until=now + timedelta(seconds=wait) if wait else None,
            rhythm=rhythm if rhythm is not None else self.rhythm,
        )

    def after_failure(self, now: datetime, *, problem: str, gone: bool, wait: float) -> Health:
        return replace(
            self,
            checked_at=now,
            failures=self.failures + 1,
            problem=problem,
            retired_at=now if gone else None,
            wait_until=now + timedelta(seconds=wait) if wait else None,
        )


_AGAIN = "`digest sources retry` has it asked all the same."


def rhythm_of(dates: Iterable[datetime]) -> timedelta | None:
    """The longest pause between the latest articles; None when too few of them are dated."""
    latest = sorted(dates, reverse=True)[:_LATEST]
    return (
        max((later - earlier for later, earlier in pairwise(latest)), default=None) if len(latest) >= _LEAST else None
    )


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
