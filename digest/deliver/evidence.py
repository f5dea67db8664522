"""Evidence about uncertain deliveries: what SES's events prove, and what their silence does. Pure.

Every message carries the tags issue, delivery and attempt, which come back in its events. A Send event with the tags of
a doubtful attempt proves that it was accepted. Silence proves the opposite only where the channel is known to speak:
the grace time is over, and events have arrived for the messages that were accepted in the same minutes. SES calls the
delivery of events best effort, so a few may be missing; where nothing else was sent at the time, nothing is proved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

#: Send events usually arrive within seconds; so long silence is worth nothing.
GRACE = timedelta(minutes=15)
#: Which other messages count as of the same minutes: their calls left within this of the doubtful one.
NEARBY = timedelta(minutes=5)
#: So many neighbours must have been accepted, and this share of them heard of, before silence says anything.
NEIGHBOURS = 20
HEARD = 0.99


class Verdict(StrEnum):
    #: An event proves it.
    ACCEPTED = "accepted"
    #: The channel speaks, and is silent about this one.
    NOT_ACCEPTED = "not accepted"
    #: Nothing is proved: a person decides.
    OPEN = "open"


@dataclass(frozen=True, kw_only=True, slots=True)
class Doubt:
    """An uncertain delivery."""

    position: int
    attempt: int
    #: When the request left.
    called_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Neighbours:
    """Messages of one call whose acceptance SES confirmed in its reply."""

    called_at: datetime
    accepted: int
    #: So many of them a Send event arrived for.
    heard: int


def verdict(
    doubt: Doubt, sent: frozenset[tuple[int, int]], neighbours: Sequence[Neighbours], *, now: datetime
) -> Verdict:
    """What is known about a doubtful delivery. `sent` holds (position, attempt) of every Send event of the issue."""
    if (doubt.position, doubt.attempt) in sent:
        return Verdict.ACCEPTED
    if now - doubt.called_at < GRACE:
        return Verdict.OPEN
    near = [other for other in neighbours if abs(other.called_at - doubt.called_at) <= NEARBY]
    accepted, heard = sum(other.accepted for other in near), sum(other.heard for other in near)
    if accepted >= NEIGHBOURS and heard >= HEARD * accepted:
        return Verdict.NOT_ACCEPTED
    return Verdict.OPEN
