"""Freeze: who gets an issue is decided once, counted, and written down before the first message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

import subscribers
from digest.deliver import brakes
from digest.issue.lifecycle import Step
from digest.model import Issue, Supporter
from digest.store import issues, ledger
from digest.store.issues import StoredEdition


@dataclass(frozen=True, kw_only=True, slots=True)
class Frozen:
    """What a roster holds."""

    #: Edition key → recipients.
    editions: dict[str, int]
    #: Reason → readers who are on the list and may not be mailed.
    not_mailed: dict[str, int]

    @property
    def recipients(self) -> int:
        return sum(self.editions.values())


def freeze(
    conn: Connection,
    issue: Issue,
    *,
    batch_size: int,
    audience_jump: float,
    best_first: bool = False,
    actor: str,
    now: datetime,
) -> Frozen:
    """Freeze the roster of an approved issue and start sending it, all in the caller's transaction.

    With `best_first`, as in a warm-up, supporters come first and then who has been on the list longest; it takes a
    sort of the whole list, so without a reason readers stand as they joined.
    Raises NotApproved or Brake, and IllegalStep when the issue is in no state to be sent.
    """
    started = issues.take(conn, issue, Step.START, actor=actor, at=now, started_at=now, hold="", held_until=None)
    # Read after the step, which keeps everybody else from approving the issue anew meanwhile.
    editions = issues.editions(conn, issue.id)
    brakes.approved(started, [edition.rendered for edition in editions])
    sizes = {
        edition.rendered.edition: ledger.freeze(
            conn,
            issue.id,
            edition.id,
            subscribers.audience(
                issue.newsletter,
                supporters=[supporter.value for supporter in edition.supporters],
                best_first=best_first,
            ),
            batch_size=batch_size,
        )
        for edition in (sorted(editions, key=_standing) if best_first else editions)
    }
    brakes.audience(issue, sum(sizes.values()), jump=audience_jump)
    not_mailed = dict(subscribers.not_mailable(conn, issue.newsletter))
    issues.change(conn, issue.id, not_mailed=not_mailed)
    return Frozen(editions=sizes, not_mailed=not_mailed)


def _standing(edition: StoredEdition) -> bool:
    """The edition of those who give every month goes first."""
    return Supporter.MONTHLY not in edition.supporters
