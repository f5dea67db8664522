"""No faults, but what people do at the worst moment: pause, correct, leave."""

from __future__ import annotations

import contextlib
import itertools
from random import Random

import subscribers
from benchmarks.faults.fault import Kind, Ongoing
from benchmarks.faults.stage import Stage
from digest.errors import StoreError

_NUMBERS = itertools.count(1)


def _paused(stage: Stage, chance: Random) -> Ongoing | None:
    if not stage.pause():
        return None
    stage.hands_off += 1

    def end() -> int:
        stage.hands_off -= 1
        stage.resume()
        return 1

    return Ongoing(end=end, lasts=chance.uniform(0, 1))


def _corrected(stage: Stage, _: Random) -> Ongoing | None:
    if not stage.pause():
        return None
    corrected = stage.correct(f"Corrected {next(_NUMBERS)}: the pier")
    stage.resume()
    return Ongoing(end=lambda: int(corrected), lasts=0)


def _some_leave(stage: Stage, chance: Random) -> Ongoing | None:
    """Two readers leave who are on the roster."""
    if not stage.is_sending:
        return None
    app = stage.room.app
    with contextlib.suppress(StoreError), app.database.write() as conn:
        for address in chance.sample(stage.invited, 2):
            found = subscribers.find(conn, address)
            if found is not None:
                subscribers.leave(conn, found.id, "daily", at=app.clock(), how="link")
    return Ongoing(end=lambda: 1, lasts=0)


PEOPLE = (
    Kind(name="paused and resumed", begin=_paused),
    Kind(name="corrected on its way", begin=_corrected),
    Kind(name="readers leave", begin=_some_leave),
)
