"""Silence: what it proves about readers whom nobody answered for, and what is done then.

The rule is `digest.deliver.evidence`; here it meets the ledger. A Send event settles its delivery when it is
recorded; this is about those that none came for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from digest.deliver import control
from digest.deliver.evidence import NEARBY, Doubt, Neighbours, Verdict, verdict
from digest.errors import DigestError
from digest.model import IssueState
from digest.store import issues, silence
from digest.store.database import Database

ACTOR = "events"


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What is known of the uncertain readers of one call."""

    batch: int
    attempt: int
    called_at: datetime
    positions: tuple[int, ...]
    verdict: Verdict


def known(conn: Connection, issue_id: int, *, now: datetime) -> list[Known]:
    """What events prove about an issue's uncertain readers, call by call."""
    found = []
    for call in silence.doubts(conn, issue_id):
        near = silence.neighbours(conn, call.called_at, NEARBY)
        others = [Neighbours(called_at=n.called_at, accepted=n.accepted, heard=n.heard) for n in near]
        by_verdict: dict[Verdict, list[int]] = {}
        for position in call.positions:
            doubt = Doubt(position=position, attempt=call.attempt, called_at=call.called_at)
            said = verdict(doubt, frozenset(), others, now=now)
            # Of an earlier attempt there is a sign: they have the issue, so nobody mails them again unasked.
            held_back = said is Verdict.NOT_ACCEPTED and position in call.heard_before
            by_verdict.setdefault(Verdict.OPEN if held_back else said, []).append(position)
        found += [
            Known(
                batch=call.batch,
                attempt=call.attempt,
                called_at=call.called_at,
                positions=tuple(positions),
                verdict=said,
            )
            for said, positions in by_verdict.items()
        ]
    return found


class Silence:
    def __init__(self, database: Database, *, resend: bool, clock: Callable[[], datetime]) -> None:
        """With `resend` readers whom SES never accepted are mailed again; without, a person decides."""
        self._db = database
        self.resends = resend
        self._clock = clock

    def settle(self) -> dict[int, int]:
        """Plan anew whom SES never accepted, if that is wanted; issue → how many readers."""
        if not self.resends:
            return {}
        now, settled = self._clock(), {}
        with self._db.read() as conn:
            doubtful = silence.doubtful_issues(conn)
        for issue_id in doubtful:
            try:
                with self._db.write("settle") as conn:
                    count = self._settle_one(conn, issue_id, now)
            except DigestError:
                continue  # cancelled or changed at this very moment
            if count:
                settled[issue_id] = count
        return settled

    def _settle_one(self, conn: Connection, issue_id: int, now: datetime) -> int:
        if issues.get(conn, issue_id).state is IssueState.CANCELLED:
            return 0
        positions = [
            position
            for call in known(conn, issue_id, now=now)
            if call.verdict is Verdict.NOT_ACCEPTED
            for position in call.positions
        ]
        if not positions:
            return 0
        decision = control.Decision.RESEND
        return control.settle(conn, issue_id, decision, positions=positions, actor=ACTOR, now=now)
