"""What a fault is: how it begins, how it ends, and how many batches it may leave in doubt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Literal

from benchmarks.faults.crew import Member
from benchmarks.faults.stage import Stage

Phase = Literal["opening", "middle", "closing"]
BOTH = ("sqlite", "postgresql")


@dataclass(eq=False, kw_only=True)
class Ongoing:
    """A fault that has begun."""

    #: Ends it; how often it struck.
    end: Callable[[], int]
    #: Seconds after which it is ended.
    lasts: float
    #: It is over already.
    is_done: Callable[[], bool] = lambda: False
    #: It lasts until all that is uncertain was settled: what comes then comes late.
    till_settled: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    name: str
    #: None when it cannot begin now.
    begin: Callable[[Stage, Random], Ongoing | None]
    phase: Phase = "middle"
    on: tuple[str, ...] = BOTH
    #: Its strikes are killed processes.
    kills: bool = False
    #: Batches that one strike may leave in doubt: calls that are in the air at that moment.
    in_doubt: Callable[[Stage], int] = lambda _: 0
    #: Why it is left out on this machine; empty when it is not.
    missing: Callable[[Stage], str] = lambda _: ""


def calls_of_one(stage: Stage) -> int:
    return stage.threads


def calls_of_all(stage: Stage) -> int:
    return stage.threads * stage.crew.count


def one_call(_: Stage) -> int:
    return 1


def free_member(stage: Stage, chance: Random) -> Member | None:
    """A member that no other fault has its hands on."""
    stage.crew.mend()
    free = [member for member in stage.crew.members if not member.is_meant]
    return chance.choice(free) if free else None


def release(member: Member) -> None:
    member.tell(None)
    member.is_meant = False
