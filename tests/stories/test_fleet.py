"""Several machines: `digest run` on PostgreSQL with Procrastinate, each a process of its own, and SES another one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from digest.deliver import control
from digest.issue.lifecycle import Step
from digest.model import DeliveryState, Issue, IssueState
from digest.store import deliveries, issues
from digest.work.port import Kind
from tests.doubles.ses import read_log
from tests.newsroom import Newsroom

ROOT = Path(__file__).parents[2]
READERS = 3000


class Fleet:
    """A newsroom on PostgreSQL, SES, and the machines that work for it."""

    def __init__(self, folder: Path, room: Newsroom, log: Path) -> None:
        self.folder = folder
        self.room = room
        self._log = log
        self.machines: list[subprocess.Popen[bytes]] = []

    def start(self, count: int) -> None:
        for number in range(len(self.machines), len(self.machines) + count):
            with (self.folder / f"machine{number}.txt").open("wb") as said:
                machine = subprocess.Popen(
                    [sys.executable, "-m", "digest", "worker"],
                    cwd=self.room.folder,
                    env=os.environ | self.room.environment | {"PYTHONUNBUFFERED": "1"},
                    stdout=said,
                    stderr=subprocess.STDOUT,
                )
            self.machines.append(machine)
        self.until(lambda: all("Working for" in self.said(number) for number in range(len(self.machines))))

    def said(self, number: int) -> str:
        return (self.folder / f"machine{number}.txt").read_text(encoding="utf-8")

    def everything_said(self) -> str:
        return "\n".join(f"--- {number}\n{self.said(number)}" for number in range(len(self.machines)))

    def until(self, happened: Callable[[], object], seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not happened():
            assert time.monotonic() < end, self.everything_said()
            time.sleep(0.02)

    def finished(self, issue: Issue) -> Callable[[], bool]:
        return lambda: self.room.issue(issue.id).state is IssueState.FINISHED

    def mailed(self) -> Counter[str]:
        """Address → how often SES took a mail for it."""
        return Counter(mail["to"][0] for mail in read_log(self._log))

    def start_now(self, issue: Issue) -> None:
        """As `digest issues schedule --at` this very minute: the transaction that makes the work also tells of it."""
        with self.room.app.database.write() as conn:
            now = self.room.app.clock()
            scheduled = control.schedule(conn, issue.id, now, actor="Nora", now=now)
            self.room.app.nudge(conn, scheduled)

    def end(self) -> None:
        for machine in self.machines:
            machine.terminate()
        for machine in self.machines:
            machine.wait(timeout=20)


@pytest.fixture
def fleet(tmp_path: Path, postgres: str, aws: Callable[[str], None]) -> Iterator[Fleet]:
    log = tmp_path / "accepted.log"
    command = [sys.executable, "-m", "tests.doubles.ses", "--rate", "1500", "--latency", "0.04", "--log", str(log)]
    with ExitStack() as held:
        ses = held.enter_context(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True))
        held.callback(ses.kill)
        assert ses.stdout is not None
        aws(ses.stdout.readline().strip())
        environment = {
            "DIGEST_SENDER": "ses",
            "DIGEST_DATABASE_URL": postgres,
            "DIGEST_ENGINE_KIND": "procrastinate",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        room = Newsroom(tmp_path, environment=environment)
        held.callback(room.app.close)
        fleet = Fleet(tmp_path, room, log)
        held.callback(fleet.end)
        yield fleet


def test_one_of_two_machines_is_killed_in_the_middle_and_the_other_goes_on(fleet: Fleet) -> None:
    fleet.room.subscribe_many(READERS)
    issue = fleet.room.approved()
    fleet.start(2)
    fleet.start_now(issue)
    fleet.until(lambda: sum(fleet.mailed().values()) > READERS // 4)
    helping = _claimed_by(fleet, issue)
    os.kill(fleet.machines[0].pid, signal.SIGKILL)

    fleet.until(fleet.finished(issue))
    mailed = fleet.mailed()
    with fleet.room.app.database.read() as conn:
        rows = deliveries.listed(conn, issue.id, limit=READERS + 1)
    accepted = {row.address for row in rows if row.state is DeliveryState.ACCEPTED}
    uncertain = {row.address for row in rows if row.state is DeliveryState.UNCERTAIN}

    assert len(rows) == READERS
    assert helping == {machine.pid for machine in fleet.machines}, "one machine did all: the kill proves nothing"
    assert max(mailed.values()) == 1, "somebody was mailed twice"
    assert len(accepted) + len(uncertain) == READERS
    assert accepted <= set(mailed) <= accepted | uncertain
    assert len(uncertain) <= fleet.room.app.settings["delivery.workers"] * 50


def _claimed_by(fleet: Fleet, issue: Issue) -> set[int]:
    """The processes that took batches so far."""
    url = fleet.room.environment["DIGEST_DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(url) as conn:
        workers = conn.execute("SELECT DISTINCT worker FROM batch WHERE issue_id = %s", [issue.id]).fetchall()
    return {int(worker.split(":")[1]) for (worker,) in workers if worker}


def test_an_issue_that_is_due_is_started_once_by_three_machines(fleet: Fleet) -> None:
    fleet.room.subscribe("Alice", "Bob", "Charlie")
    issue = fleet.room.approved()
    fleet.start(3)
    with fleet.room.app.database.write() as conn:
        now = fleet.room.app.clock()
        control.schedule(conn, issue.id, now + timedelta(seconds=1), actor="Nora", now=now)
    time.sleep(1.1)
    for _ in range(8):  # ticks that come at once, or nearly so, on all machines
        with fleet.room.app.database.write() as conn:
            fleet.room.app.dispatcher.nudge(conn, Kind.TICK)

    fleet.until(fleet.finished(issue))
    with fleet.room.app.database.read() as conn:
        journal = [entry.what for entry in issues.journal(conn, issue.id)]
    assert journal.count(Step.START) == journal.count(Step.FINISH) == 1
    assert fleet.mailed() == {f"{name}@example.com": 1 for name in ("alice", "bob", "charlie")}
    assert fleet.everything_said().count(f"Issue {issue.id} starts") == 1


def test_told_to_end_a_machine_finishes_its_calls_and_leaves_the_rest_to_others(fleet: Fleet) -> None:
    fleet.room.subscribe_many(READERS)
    issue = fleet.room.approved()
    fleet.start(1)
    fleet.start_now(issue)
    fleet.until(lambda: sum(fleet.mailed().values()) > 300)

    began = time.monotonic()
    fleet.machines[0].terminate()
    assert fleet.machines[0].wait(timeout=20) == 0
    assert time.monotonic() - began < 10, "a second or so where the machine is idle; its spell would last longer"
    figures = fleet.room.app.delivery.figures(issue.id)
    assert figures.state is IssueState.SENDING
    assert figures.uncertain == 0
    assert "Ended in good order." in fleet.said(0)

    fleet.start(1)
    fleet.until(fleet.finished(issue))
    assert fleet.mailed() == {f"reader{n}@example.com": 1 for n in range(1, READERS + 1)}
