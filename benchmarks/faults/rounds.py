"""One round: an issue is sent while faults strike, then nothing fails any more, then everything is compared."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from benchmarks.faults.compare import Verdict, compare
from benchmarks.faults.deck import Deck
from benchmarks.faults.fault import Kind, Ongoing, Phase
from benchmarks.faults.stage import OPERATOR, Stage
from digest.deliver import control
from digest.deliver.control import Decision
from digest.deliver.evidence import GRACE, Doubt, Neighbours
from digest.deliver.evidence import Verdict as Proof
from digest.deliver.evidence import verdict as weigh
from digest.model import DeliveryState
from digest.store import schema

#: Seconds in which an issue finishes once nothing fails any more. A throttled account needs some to recover.
PATIENCE = 90.0
#: So many faults strike one issue at most, so that it comes to an end.
MOST = 20


@dataclass(kw_only=True)
class Report:
    """What came of one round."""

    number: int
    database: str
    workers: int
    seed: int
    faults: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    #: Batches that may be in doubt after these faults.
    bound: int = 0
    before: Verdict | None = None
    after: Verdict | None = None
    settled: Counter[str] = field(default_factory=Counter)
    #: What went wrong beside lost, twice and lies, in sentences.
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0
    #: … of these, after the last fault.
    seconds_after: float = 0.0

    @property
    def is_clean(self) -> bool:
        verdicts = [verdict for verdict in (self.before, self.after) if verdict]
        return not self.wrong and len(verdicts) == 2 and all(verdict.is_clean for verdict in verdicts)

    def _times(self) -> dict[str, float]:
        return {"seconds": round(self.seconds, 1), "seconds_after": round(self.seconds_after, 1)}

    def as_dict(self) -> dict[str, Any]:
        names = ("number", "database", "workers", "seed", "kills", "bound", "wrong")
        plain = {name: getattr(self, name) for name in names}
        verdicts = {name: one and asdict(one) for name, one in (("before", self.before), ("after", self.after))}
        counted = {"faults": dict(self.faults), "settled": dict(self.settled)}
        return plain | counted | verdicts | self._times() | {"clean": self.is_clean}


@dataclass(eq=False, kw_only=True)
class _Struck:
    kind: Kind
    ongoing: Ongoing
    until: float


class Round:
    def __init__(self, stage: Stage, deck: Deck, chance: Random, report: Report, *, gap: float) -> None:
        """Faults begin up to `gap` seconds after one another."""
        self._stage = stage
        self._deck = deck
        self._chance = chance
        self._report = report
        self._gap = gap
        self._ongoing: list[_Struck] = []
        self._late: list[_Struck] = []
        self._begun = 0

    def play(self) -> Report:
        began = time.monotonic()
        stage, report = self._stage, self._report
        stage.begin_round(f"The north pier will be rebuilt, says round {report.number}")
        stage.crew.mend()
        self._begin("opening")
        stage.schedule(hours_ago=stage.hours_late)
        self._strike()
        self._stop_failing()
        struck = time.monotonic()
        report.before = self._finish("sent")
        self._settle()
        self._end_all(self._late)
        time.sleep(0.3 if self._late else 0)
        self._late.clear()
        report.after = self._finish("settled")
        self._judge()
        report.seconds, report.seconds_after = time.monotonic() - began, time.monotonic() - struck
        return report

    # --- While it is sent ----------------------------------------------------------------------------------

    def _strike(self) -> None:
        stage, next_at, closing = self._stage, time.monotonic() + self._chance.uniform(0, self._gap), False
        while not stage.is_finished and time.monotonic() < next_at + PATIENCE:
            stage.crew.mend()
            stage.operate()
            self._end_those_that_are_over()
            if time.monotonic() >= next_at and self._begun < MOST:
                self._begin("middle")
                next_at = time.monotonic() + self._chance.uniform(0, self._gap)
            elif self._begun >= MOST and not closing:
                self._begin("closing")
                closing = True
            time.sleep(0.04)

    def _begin(self, phase: Phase) -> None:
        kind = self._deck.draw(phase)
        if kind is None:
            return
        ongoing = kind.begin(self._stage, self._chance)
        if ongoing is None:
            self._deck.put_back(kind)
            return
        self._begun += 1
        struck = _Struck(kind=kind, ongoing=ongoing, until=time.monotonic() + ongoing.lasts)
        (self._late if ongoing.till_settled else self._ongoing).append(struck)

    def _end_those_that_are_over(self) -> None:
        now = time.monotonic()
        over = [struck for struck in self._ongoing if now >= struck.until or struck.ongoing.is_done()]
        self._end_all(over)
        self._ongoing = [struck for struck in self._ongoing if struck not in over]

    def _end_all(self, over: list[_Struck]) -> None:
        for struck in over:
            count = struck.ongoing.end()
            if not count:
                self._deck.put_back(struck.kind)
                continue
            self._report.faults[struck.kind.name] += count
            self._report.kills += count if struck.kind.kills else 0
            self._report.bound += count * struck.kind.in_doubt(self._stage)

    def _stop_failing(self) -> None:
        self._end_all(self._ongoing)
        self._ongoing = []
        # Who sleeps on may have calls in hand.
        self._report.bound += sum(struck.kind.in_doubt(self._stage) for struck in self._late)
        self._stage.recover()

    # --- When it is over -----------------------------------------------------------------------------------

    def _finish(self, what: str) -> Verdict:
        """The issue finished, compared with what SES took."""
        stage = self._stage
        if self._late and not stage.drain(PATIENCE / 3):
            # Who sleeps holds a lock that the others need: this one wakes early.
            self._end_all(self._late)
            self._late.clear()
        if not stage.drain(PATIENCE):
            self._report.wrong.append(f"not finished {PATIENCE:.0f} s after all failing ended ({what}): {stage.seen}")
        stage.crew.settle_down()
        return compare(stage.invited, stage.patiently(stage.ledger), stage.ses.taken(stage.issue_id))

    def _settle(self) -> None:
        """As SES's events prove: who was accepted is, and who was not is sent to again."""
        stage = self._stage
        doubts, calls = _what_is_known(stage)
        if not doubts:
            return
        sent = stage.ses.sent(stage.issue_id)
        heard = [
            Neighbours(called_at=called_at, accepted=len(named), heard=len(sent & named))
            for called_at, named in calls.items()
        ]
        later = stage.room.app.clock() + GRACE + timedelta(minutes=1)
        proofs = {doubt.position: weigh(doubt, sent, heard, now=later) for doubt in doubts}
        self._report.settled["open"] += sum(proof is Proof.OPEN for proof in proofs.values())
        # Where nothing is proved (the clock of the call was wrong, say) a person asks AWS, and decides.
        known = {mail.position for mail in stage.ses.taken(stage.issue_id)}
        accepted = [p for p, proof in proofs.items() if proof is Proof.ACCEPTED or (proof is Proof.OPEN and p in known)]
        again = sorted(proofs.keys() - set(accepted))
        for decision, positions in ((Decision.ACCEPTED, accepted), (Decision.RESEND, again)):
            self._report.settled[decision.value] += len(positions)
            if positions:
                _decide(stage, decision, positions)

    def _judge(self) -> None:
        report, stage = self._report, self._stage
        before, after = report.before, report.after
        assert before is not None
        assert after is not None
        if before.uncertain_batches > report.bound:
            report.wrong.append(f"{before.uncertain_batches} batches in doubt, {report.bound} calls were in the air")
        if after.uncertain:
            report.wrong.append(f"{after.uncertain} readers are uncertain still")
        if stage.crew.crashes:
            report.wrong.append(f"workers ended by themselves: {dict(stage.crew.ends)}")
            stage.crew.ends.clear()


def _decide(stage: Stage, decision: Decision, positions: list[int]) -> None:
    app = stage.room.app
    with app.database.write() as conn:
        control.settle(conn, stage.issue_id, decision, positions=positions, actor=OPERATOR, now=app.clock())


def _what_is_known(stage: Stage) -> tuple[list[Doubt], Mapping[datetime, set[tuple[int, int]]]]:
    """Uncertain deliveries, and when a call left → (position, attempt) of those whom SES confirmed in its answer."""
    d, b = schema.delivery, schema.batch
    query = (
        select(d.c.position, d.c.attempt, d.c.state, b.c.called_at)
        .join(b, (b.c.issue_id == d.c.issue_id) & d.c.position.between(b.c.first, b.c.last))
        .where(d.c.issue_id == stage.issue_id)
    )
    with stage.room.app.database.read() as conn:
        rows = conn.execute(query).all()
    doubts = [
        Doubt(position=position, attempt=attempt, called_at=called_at)
        for position, attempt, state, called_at in rows
        if state == DeliveryState.UNCERTAIN.value
    ]
    confirmed: defaultdict[datetime, set[tuple[int, int]]] = defaultdict(set)
    for position, attempt, state, called_at in rows:
        if state == DeliveryState.ACCEPTED.value:
            confirmed[called_at].add((position, attempt))
    return doubts, confirmed


def play_rounds(
    stage: Stage,
    *,
    faults: int,
    seed: int,
    gap: float,
    tell: Callable[[Report], object],
) -> list[Report]:
    """Rounds until so many faults struck."""
    deck = Deck(stage, Random(f"{seed} deck {stage.database} {stage.crew.count}"))
    reports: list[Report] = []
    while sum(report.faults.total() for report in reports) < faults:
        number = len(reports) + 1
        report = Report(number=number, database=stage.database, workers=stage.crew.count, seed=seed)
        chance = Random(f"{seed} {stage.database} {stage.crew.count} {number}")
        reports.append(Round(stage, deck, chance, report, gap=gap).play())
        tell(report)
    return reports
