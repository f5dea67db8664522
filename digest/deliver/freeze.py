"""Freeze: who gets an issue is decided once, counted, and written down before the first message.

Everybody who may be mailed gets an issue; a correction goes to those alone who were sent the wrong text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select

import subscribers
from digest.deliver import brakes
from digest.issue.lifecycle import Step
from digest.model import Issue, Supporter
from digest.store import deliveries, issues, ledger
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

    With `best_first`, as in a warm-up, who clicked lately comes first, then supporters, then who has been on the list
    longest; it takes a sort of the whole list, so without a reason readers stand as they joined.
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
            audience(conn, issue, edition.supporters, at=now, best_first=best_first),
            batch_size=batch_size,
        )
        for edition in (sorted(editions, key=_standing) if best_first else editions)
    }
    brakes.audience(issue, sum(sizes.values()), jump=audience_jump)
    ledger.survey(conn)
    not_mailed = _not_mailed(conn, issue, sum(sizes.values()), at=now)
    if issue.corrects is None:
        subscribers.had_issue(conn, issue.newsletter, deliveries.roster(issue.id), at=now)
    issues.change(conn, issue.id, not_mailed=not_mailed)
    return Frozen(editions=sizes, not_mailed=not_mailed)


def _standing(edition: StoredEdition) -> bool:
    """The edition of those who give every month goes first."""
    return Supporter.MONTHLY not in edition.supporters


def audience(
    conn: Connection,
    issue: Issue,
    supporters: Sequence[Supporter] = tuple(Supporter),
    *,
    at: datetime,
    best_first: bool = False,
) -> Select[Any]:
    """SELECT of those whom the issue would go to then, of some supporter groups: see `subscribers.audience`."""
    rows: Select[Any] = subscribers.audience(
        issue.newsletter,
        at=at,
        supporters=[supporter.value for supporter in supporters],
        segment=_segment(issue, at) if issue.corrects is None else None,
        best_first=best_first,
        # Whoever got the wrong text had an issue, and wants to know.
        however_often=issue.corrects is not None,
    )
    if issue.corrects is None:
        return rows
    return rows.where(rows.selected_columns.subscriber_id.in_(sent_wrong(conn, issue.corrects)))


def _segment(issue: Issue, at: datetime) -> ColumnElement[bool] | None:
    if not issue.segment:
        return None
    meant = subscribers.read_segment(issue.segment)
    return subscribers.in_segment(meant, newsletter=issue.newsletter, at=at)


def sent_wrong(conn: Connection, issue_id: int) -> Select[tuple[int]]:
    """SELECT subscriber_id of those who were sent what a correction of the issue puts right.

    That is what was approved before the last time, while the issue was on its way; where it was approved once only,
    whatever was sent.
    """
    outdated = issues.outdated_editions(conn, issue_id)
    wrong = outdated or [edition.id for edition in issues.editions(conn, issue_id)]
    return deliveries.readers_of(issue_id, wrong)


def _not_mailed(conn: Connection, issue: Issue, recipients: int, *, at: datetime) -> dict[str, int]:
    """Reason → readers whom the issue is for and who may not be mailed."""
    if issue.corrects is None:
        others = _not_meant(conn, issue, recipients, at=at)
        return dict(subscribers.not_mailable(conn, issue.newsletter, at=at)) | others
    gone = deliveries.count(conn, sent_wrong(conn, issue.corrects)) - recipients
    return {"no longer on the list": gone} if gone else {}


def _not_meant(conn: Connection, issue: Issue, recipients: int, *, at: datetime) -> dict[str, int]:
    if not issue.segment:
        return {}
    others = deliveries.count(conn, audience(conn, replace(issue, segment=""), at=at)) - recipients
    return {"not in the segment": others} if others else {}
