"""Worker processes, replaced when they die, as a supervisor would."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

import psutil

from benchmarks.faults.worker import Order, Station, work

#: Processes are forked from one that has everything loaded: a thousand of them would spend half an hour on imports.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["benchmarks.faults.worker", "boto3", "premailer", "mjml", "psycopg"])
#: What a worker ends with: told to, told to before it listens, without its database, killed.
_EXPECTED = (0, -signal.SIGTERM, 8, -signal.SIGKILL)


@dataclass(eq=False)
class Member:
    process: multiprocessing.process.BaseProcess
    orders: Connection
    #: Some fault has its hands on it.
    is_meant: bool = False

    def tell(self, order: Order) -> None:
        with suppress(OSError):  # it died meanwhile
            self.orders.send(order)

    @property
    def is_alive(self) -> bool:
        return self.process.is_alive()

    @property
    def is_asleep(self) -> bool:
        try:
            return bool(psutil.Process(self.pid).status() == psutil.STATUS_STOPPED)
        except psutil.NoSuchProcess:
            return False

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    def signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)


@dataclass
class Crew:
    station: Station
    count: int
    members: list[Member] = field(default_factory=list)
    #: Asleep; somebody else does their work.
    aside: list[Member] = field(default_factory=list)
    #: How members ended: exit code → how often.
    ends: Counter[int] = field(default_factory=Counter)

    def mend(self) -> None:
        """Replace who died."""
        for member in [member for member in self.members if not member.is_alive]:
            self._bury(member)
        while len(self.members) < self.count:
            self.members.append(self._hire())

    def put_aside(self, member: Member) -> None:
        """It sleeps, and another one takes its place."""
        if member in self.members:
            self.members.remove(member)
            self.aside.append(member)
            self.mend()

    def wake(self, member: Member) -> None:
        """It goes on with what it was doing, and ends after that."""
        if member in self.aside:
            self.aside.remove(member)
            self.members.append(member)
        member.signal(signal.SIGCONT)
        member.signal(signal.SIGTERM)

    def calm(self) -> None:
        """Nobody has orders any more."""
        for member in self.members:
            member.tell(None)
            member.is_meant = False

    @property
    def crashes(self) -> int:
        """Members that ended as none should."""
        return sum(count for code, count in self.ends.items() if code not in _EXPECTED)

    def settle_down(self, seconds: float = 15.0) -> None:
        """Until only as many live as should: those that were woken have ended."""
        until = time.monotonic() + seconds
        while sum(member.is_alive for member in self.members) > self.count and time.monotonic() < until:
            time.sleep(0.02)

    def dismiss(self) -> None:
        everybody = [*self.members, *self.aside]
        for member in everybody:
            member.signal(signal.SIGCONT)
            member.signal(signal.SIGTERM)
        for member in everybody:
            member.process.join(15)
            if member.is_alive:
                member.process.kill()
                member.process.join()
            self._bury(member)
        self.members, self.aside = [], []

    def _hire(self) -> Member:
        theirs, ours = _FORKS.Pipe(duplex=False)
        process = _FORKS.Process(target=work, args=(self.station, theirs), daemon=True)
        process.start()
        theirs.close()
        return Member(process, ours)

    def _bury(self, member: Member) -> None:
        member.process.join()
        member.orders.close()
        self.ends[member.process.exitcode or 0] += 1
        if member in self.members:
            self.members.remove(member)
