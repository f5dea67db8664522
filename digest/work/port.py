"""The dispatcher, as workers and those who make work necessary see it.

It carries nudges and nothing else: "somebody look after this kind of work". What there is to do stands in the
database, and each handler asks it anew, so a nudge that is lost, late or doubled does no harm. A lost one costs the
time until the next tick, which looks at everything.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from sqlalchemy import Connection

from digest.model import Issue, IssueState


class Kind(StrEnum):
    """What a nudge is about. Each has a handler in `digest.worker`, and hands of its own: none waits for another."""

    #: Look at everything: what is due, what was left behind.
    TICK = "tick"
    #: Gather for a newsletter and draft its next issue; the key is its slug. One newsletter is drafted once at a time.
    DRAFT = "draft"
    #: Send what is to be sent.
    PUMP = "pump"
    #: Read what SES tells of what was sent, and fold it into ledger and list.
    FOLD = "fold"
    #: Send the notices that pages owe to single readers.
    NOTICE = "notice"


#: Does the work of one key until there is none, or `stop` is set.
Handler = Callable[[str, threading.Event], object]
Handlers = Mapping[Kind, Handler]

#: How often an engine looks whether it should stop, in seconds.
GLANCE = 0.1
#: How long a draft in hand may go on after the engine was told to stop, in seconds. It is begun anew elsewhere, and
#: a slow site must not hold up the end. A pump is waited for: it ends with the call in hand.
GRACE = 2.0


class Dispatcher(Protocol):
    """Starts work. Every adapter passes `tests/contracts/dispatcher.py`."""

    def nudge(self, conn: Connection, kind: Kind, key: str = "") -> None:
        """Have work looked after once the transaction of `conn` is committed; a rolled-back one nudges nobody.

        Say it last in the transaction: another one that nudges the same may have to wait for its end.
        """
        ...

    def run(self, handlers: Handlers, stop: threading.Event) -> None:
        """Tick at once and then again and again, and hand every nudge to its handler, until `stop` is set.

        A handler that raises costs its own work only. Returns after the pumps in hand.
        """
        ...

    def close(self) -> None: ...


def needed_by(issue: Issue, now: datetime) -> Kind | None:
    """The work that an issue needs as it is now; None when it needs none, or not yet."""
    if issue.state is IssueState.SENDING and not (issue.held_until and issue.held_until > now):
        return Kind.PUMP
    if issue.state is IssueState.SCHEDULED and issue.scheduled_at and issue.scheduled_at <= now:
        return Kind.TICK
    if issue.state is IssueState.APPROVED and issue.slot_at and issue.approved_at and not issue.hold:
        # Approved in time, if only by a second: it goes on the schedule, also when no tick came before the slot.
        return Kind.TICK if issue.approved_at < issue.slot_at else None
    return None
