"""Where a worker can be told to die: every commit that sending makes, by name, and the request itself.

A point that no worker passes by itself has a *lead*: the trouble that brings one there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

When = Literal["before", "after"]
WHENS: tuple[When, When] = ("before", "after")

#: What brings a worker to a point: nothing, or the name of a lead in `benchmarks.faults.kinds`.
Lead = Literal["", "throttle", "stop at claim", "account", "quota", "hold over", "too late", "account silent", "ask"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    step: str
    lead: Lead = ""
    #: When in an issue's life it is passed: while it starts, while it is sent, at its end.
    phase: Literal["opening", "middle", "closing"] = "middle"


#: The request is no commit: just before it leaves, and when the answer came and is not yet recorded.
REQUEST = "request"

POINTS: tuple[Point, ...] = (
    Point(step="tick", phase="opening"),
    Point(step="ask", lead="ask"),
    Point(step="keep back", lead="too late", phase="opening"),
    Point(step="freeze", phase="opening"),
    Point(step="pump"),
    Point(step="claim"),
    Point(step="call"),
    Point(step=REQUEST),
    Point(step="record"),
    Point(step="give back", lead="throttle"),
    Point(step="release", lead="stop at claim"),
    Point(step="pause", lead="account"),
    Point(step="hold", lead="quota"),
    Point(step="wake", lead="hold over"),
    Point(step="ask later", lead="account silent"),
    Point(step="finish", phase="closing"),
)

#: Steps that need no proof here: they send nothing and hold no batch.
ELSEWHERE = {
    # An issue of a cadence goes on its schedule; the next tick does it anew.
    "schedule",
}
