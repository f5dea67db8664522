"""Watching an issue on its way: what all workers together have done, at a look that costs next to nothing.

Batches are counted, of which there is one for fifty readers, and those few deliveries that went another way than
most; the deliveries themselves are not read. That nothing passes any more is seen in the batches too: nobody need
write it down, and it is over as soon as it is.
"""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from digest.deliver.progress import pace_in_words
from digest.model import IssueState
from digest.store import deliveries, issues, paces
from digest.store.database import Database

#: The rate is that of the last so many looks.
LOOKS = 15
_ON_ITS_WAY = (IssueState.SENDING, IssueState.PAUSED, IssueState.SCHEDULED, IssueState.APPROVED, IssueState.DRAFT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    issue: int
    state: IssueState
    recipients: int
    accepted: int
    uncertain: int
    #: Recipients who are not taken care of yet.
    left: int
    #: Accepted per second by all workers; None before there were two looks.
    rate: float | None
    #: What the account allows us now, in recipients per second; None when nobody asked it yet.
    allowed_rate: float | None
    hold: str
    held_until: datetime | None
    #: Of the accepted, as far as SES told.
    bounced: int = 0
    complained: int = 0
    #: What keeps anybody from passing although it is tried again and again, and since when; empty when somebody does.
    trouble: str = ""
    trouble_since: datetime | None = None
    scheduled_at: datetime | None = None
    #: Whether what would go out now is what was approved last.
    approved: bool = True

    @property
    def is_over(self) -> bool:
        return self.state not in _ON_ITS_WAY

    @property
    def seconds_left(self) -> float | None:
        """At the rate of the last looks; None while nothing moves."""
        return self.left / self.rate if self.rate and self.state is IssueState.SENDING else None

    def facts(self) -> dict[str, Any]:
        return asdict(self) | {"seconds_left": self.seconds_left}

    def line(self) -> str:
        """What a person reads."""
        return f"{self.state}: {'; '.join(filter(None, self._said()))}"

    def _said(self) -> list[str]:
        if not self.recipients:
            return [self._before_the_start(), self.hold]
        return [
            f"{self.accepted:,} of {self.recipients:,} accepted",
            f"{self.left:,} left" if self.left else "",
            f"{self.uncertain:,} uncertain" if self.uncertain else "",
            f"{self.bounced:,} bounced" if self.bounced else "",
            f"{self.complained:,} reported as spam" if self.complained else "",
            self._pace(),
            self._what_holds_it(),
        ]

    def _before_the_start(self) -> str:
        if self.state is IssueState.SCHEDULED and self.scheduled_at:
            return f"starts at {self.scheduled_at:%Y-%m-%d %H:%M} UTC"
        return "not approved yet" if self.state is IssueState.DRAFT else "not started"

    def _pace(self) -> str:
        if self.rate is None or self.state is not IssueState.SENDING or self.trouble or self.hold:
            return ""
        return pace_in_words(self.left, self.rate, self.allowed_rate)

    def _what_holds_it(self) -> str:
        if self.hold:
            until = f" until {self.held_until:%H:%M} UTC" if self.held_until else ""
            unapproved = "" if self.approved else "; it was changed and is not approved again"
            return f"held{until}: {self.hold}{unapproved}"
        if self.trouble and self.trouble_since:
            return f"nothing passes since {self.trouble_since:%H:%M:%S} UTC, and it is tried again: {self.trouble}"
        return ""


class Watching:
    def __init__(self, database: Database, issue: int, *, sender: str) -> None:
        self._db = database
        self._issue = issue
        self._sender = sender
        self._looks: deque[tuple[float, int]] = deque(maxlen=LOOKS)

    def look(self, now: float) -> Seen:
        """The issue now. `now` is in seconds, from any beginning. Raises UsageMistake when there is no such issue."""
        with self._db.read() as conn:
            issue = issues.get(conn, self._issue)
            found = deliveries.glance(conn, self._issue)
            pace = paces.look(conn, self._sender)
            since = found.standing_since(issue.started_at)
            tried = since is not None and issue.state is IssueState.SENDING and not issue.hold
            trouble = deliveries.why_back(conn, self._issue) if tried else ""
        self._looks.append((now, found.accepted))
        return Seen(
            issue=issue.id,
            state=issue.state,
            recipients=found.recipients,
            accepted=found.accepted,
            uncertain=found.uncertain,
            left=found.left,
            rate=self._rate(),
            allowed_rate=pace.rate if pace else None,
            bounced=found.bounced,
            complained=found.complained,
            hold=issue.hold,
            held_until=issue.held_until,
            trouble=trouble,
            trouble_since=since if trouble else None,
            scheduled_at=issue.scheduled_at,
            approved=bool(issue.fingerprint),
        )

    def _rate(self) -> float | None:
        (began, before), (now, accepted) = self._looks[0], self._looks[-1]
        return max(0, accepted - before) / (now - began) if now > began else None
