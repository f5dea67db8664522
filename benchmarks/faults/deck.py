"""Every kind of fault, in an order that chance decides."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from benchmarks.faults.account import SES
from benchmarks.faults.deaths import AT_POINTS
from benchmarks.faults.disks import DATABASE
from benchmarks.faults.fault import Kind, Phase
from benchmarks.faults.people import PEOPLE
from benchmarks.faults.processes import PROCESSES
from benchmarks.faults.stage import Stage

KINDS: tuple[Kind, ...] = (*AT_POINTS, *PROCESSES, *SES, *DATABASE, *PEOPLE)


class Deck:
    """Kinds in an order that chance decides, each once before any comes again."""

    def __init__(self, stage: Stage, chance: Random, kinds: Sequence[Kind] = KINDS) -> None:
        on = stage.database
        self._kinds = [kind for kind in kinds if on in kind.on and not kind.missing(stage)]
        self._chance = chance
        self._left: dict[Phase, list[Kind]] = {"opening": [], "middle": [], "closing": []}

    def draw(self, phase: Phase) -> Kind | None:
        """The next one of a phase; None when the deck has none for it."""
        left = self._left[phase]
        if not left:
            left.extend(kind for kind in self._kinds if kind.phase == phase)
            self._chance.shuffle(left)
        return left.pop() if left else None

    def put_back(self, kind: Kind) -> None:
        """It could not begin, or did not strike: its turn comes again after all others."""
        self._left[kind.phase].insert(0, kind)
