"""Faults of worker processes: they die, are told to end, sleep beyond their lease, or have a wrong clock."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from random import Random

from benchmarks.faults.crew import Member
from benchmarks.faults.fault import Kind, Ongoing, calls_of_all, calls_of_one, free_member, release
from benchmarks.faults.points import REQUEST
from benchmarks.faults.stage import LEASE, Stage
from benchmarks.faults.worker import At, Clock


def _killed(stage: Stage, chance: Random) -> Ongoing | None:
    member = free_member(stage, chance)
    if member is None:
        return None
    member.process.kill()
    member.process.join()
    return Ongoing(end=lambda: 1, lasts=0)


def _all_killed(stage: Stage, _: Random) -> Ongoing | None:
    members = [member for member in stage.crew.members if not member.is_meant]
    for member in members:
        member.signal(signal.SIGKILL)
    for member in members:
        member.process.join()
    return Ongoing(end=lambda: len(members), lasts=0)


def _told_to_end(stage: Stage, chance: Random) -> Ongoing | None:
    member = free_member(stage, chance)
    if member is None:
        return None
    member.is_meant = True
    member.signal(signal.SIGTERM)
    return Ongoing(end=lambda: 1, lasts=10, is_done=lambda: not member.is_alive)


def _asleep(stage: Stage, chance: Random) -> Ongoing | None:
    """Stopped beyond its lease, and then going on as if nothing had been."""
    member = free_member(stage, chance)
    if member is None:
        return None
    member.is_meant = True
    member.signal(signal.SIGSTOP)
    # It may sleep in the middle of a commit, and then nobody else writes to SQLite: not even we, while we wait for it.
    waker = threading.Timer(LEASE + 2, member.signal, (signal.SIGCONT,))
    waker.daemon = True
    waker.start()
    stage.crew.put_aside(member)
    return Ongoing(end=lambda: _woken(stage, member), lasts=LEASE + 1.5)


def _asleep_after(step: str, *, till_settled: bool) -> Callable[[Stage, Random], Ongoing | None]:
    def begin(stage: Stage, chance: Random) -> Ongoing | None:
        member = free_member(stage, chance)
        if member is None:
            return None
        member.is_meant = True
        member.tell(At(when="after", step=step, act="sleep"))
        end = time.monotonic() + 4
        while not member.is_asleep and time.monotonic() < end and member.is_alive:
            time.sleep(0.02)
        if not member.is_asleep:
            release(member)
            return None
        if stage.is_locked():
            # Another of its threads was in the middle of a commit: nobody could do anything until it wakes.
            member.signal(signal.SIGCONT)
            release(member)
            return None
        stage.crew.put_aside(member)
        return Ongoing(end=lambda: _woken(stage, member), lasts=LEASE + 1.5, till_settled=till_settled)

    return begin


def _woken(stage: Stage, member: Member) -> int:
    stage.crew.wake(member)
    return 1


def _wrong_clock(*, forward: bool) -> Callable[[Stage, Random], Ongoing | None]:
    def begin(stage: Stage, chance: Random) -> Ongoing | None:
        member = free_member(stage, chance)
        if member is None:
            return None
        member.is_meant = True
        seconds = chance.choice([5, 400, 4000, 14_000])
        member.tell(Clock(seconds=seconds if forward else -seconds))

        def end() -> int:
            release(member)
            return 1

        return Ongoing(end=end, lasts=chance.uniform(1, 3))

    return begin


PROCESSES = (
    Kind(name="killed at a random moment", begin=_killed, kills=True, in_doubt=calls_of_one),
    Kind(name="all killed at once", begin=_all_killed, kills=True, in_doubt=calls_of_one),
    Kind(name="told to end (SIGTERM)", begin=_told_to_end),
    Kind(name="asleep beyond its lease", begin=_asleep, in_doubt=calls_of_one),
    Kind(
        name="asleep before the request, beyond its lease",
        begin=_asleep_after("call", till_settled=False),
        in_doubt=calls_of_one,
    ),
    Kind(
        name="asleep before the request, till all is settled",
        begin=_asleep_after("call", till_settled=True),
        in_doubt=calls_of_one,
    ),
    Kind(
        name="asleep with the answer in hand, till all is settled",
        begin=_asleep_after(REQUEST, till_settled=True),
        in_doubt=calls_of_one,
    ),
    Kind(name="clock ahead", begin=_wrong_clock(forward=True), in_doubt=calls_of_all),
    Kind(name="clock behind", begin=_wrong_clock(forward=False), in_doubt=calls_of_all),
)
