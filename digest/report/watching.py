"""Watching an issue on its way: what all workers together have done, at a look that costs next to nothing.

Batches are counted, of which there is one for fifty readers, and those few deliveries that went another way than
most; the deliveries themselves are not read.
"""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

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

    @property
    def is_over(self) -> bool:
        return self.state not in _ON_ITS_WAY

    @property
    def seconds_left(self) -> float | None:
        """At the rate of the last looks; None while nothing moves."""
        return self.left / self.rate if self.rate else None

    def facts(self) -> dict[str, Any]:
        return asdict(self) | {"seconds_left": self.seconds_left}

    def line(self) -> str:
        """What a person reads."""
        said = [f"{self.state}: {self.accepted:,} of {self.recipients:,} accepted"]
        if self.rate is not None and self.state is IssueState.SENDING:
            allowed = f" of {self.allowed_rate:,.0f}/s" if self.allowed_rate else ""
            said.append(f"{self.rate:,.0f}/s{allowed}")
        if self.uncertain:
            said.append(f"{self.uncertain:,} uncertain")
        if self.left:
            said.append(f"{self.left:,} left")
        if self.seconds_left is not None and self.left:
            said.append(f"{self.seconds_left:,.0f} s to go")
        if self.hold:
            until = f" until {self.held_until:%H:%M} UTC" if self.held_until else ""
            said.append(f"held{until}: {self.hold}")
        return ", ".join(said)


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
            hold=issue.hold,
            held_until=issue.held_until,
        )

    def _rate(self) -> float | None:
        (began, before), (now, accepted) = self._looks[0], self._looks[-1]
        return (accepted - before) / (now - began) if now > began else None
