"""Death at every named point, with the trouble that brings a worker there."""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import timedelta
from random import Random

from benchmarks.faults.account import TOO_FAST
from benchmarks.faults.crew import Member
from benchmarks.faults.fault import Kind, Ongoing, Phase, calls_of_one, release
from benchmarks.faults.points import POINTS, WHENS, Lead, Point, When
from benchmarks.faults.stage import Stage
from benchmarks.faults.worker import At


def _bring(stage: Stage, lead: Lead, members: list[Member]) -> None:
    """The trouble that brings a worker to a point."""
    match lead:
        case "throttle":
            stage.ses.ask("faults", {"kind": "refuse", "times": 2, "name": "lead", **TOO_FAST})
        case "account silent":
            stage.ses.ask("faults", _SILENT)
        case "account":
            stage.ses.ask("account", {"sending_enabled": False})
        case "quota":
            stage.ses.ask("account", {"quota": stage.ses.ask("stats")["last_day"]})
        case "stop at claim":
            for member in members:
                member.tell(At(when="after", step="claim", act="stop"))
        case "hold over":
            stage.hold(timedelta(seconds=0.3))
        case "too late":
            stage.hours_late = 7


def _take_back(stage: Stage, lead: Lead) -> None:
    if lead in ("throttle", "account silent"):
        stage.ses.ask("faults", {"name": "lead"}, method="DELETE")
    if lead in ("account", "quota"):
        stage.ses.mend()


_SILENT = {
    "name": "lead",
    "operation": "GetAccount",
    "kind": "refuse",
    "code": "InternalFailure",
    "status": 500,
    "times": 4,
}


#: Seconds that a point is waited for. An issue's end comes when it comes.
_PATIENCE: dict[Phase, float] = {"opening": 6.0, "middle": 3.0, "closing": 60.0}


def _at(point: Point, when: When) -> Callable[[Stage, Random], Ongoing | None]:
    def begin(stage: Stage, chance: Random) -> Ongoing | None:
        stage.crew.mend()
        free = [member for member in stage.crew.members if not member.is_meant]
        # What is rare is waited for by all: whoever comes there first dies.
        often = point.phase == "middle" and not point.lead
        members = [chance.choice(free)] if free and often else free
        if not members:
            return None
        for member in members:
            member.is_meant = True
            member.tell(At(when=when, step=point.step, passing=chance.choice((1, 2, 3)) if often else 1))
        _bring(stage, point.lead, members)

        def end() -> int:
            _take_back(stage, point.lead)
            for member in members:
                release(member)
            return sum(not member.is_alive and member.process.exitcode == -signal.SIGKILL for member in members)

        def is_done() -> bool:
            return not any(member.is_alive for member in members) or (
                point.lead != "" and any(not member.is_alive for member in members)
            )

        return Ongoing(end=end, lasts=_PATIENCE[point.phase], is_done=is_done)

    return begin


AT_POINTS = tuple(
    Kind(
        name=f"killed {when} {point.step}",
        begin=_at(point, when),
        phase=point.phase,
        kills=True,
        in_doubt=calls_of_one,
    )
    for point in POINTS
    for when in WHENS
)
