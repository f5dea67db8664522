"""kill -9 while the queue is read, over real HTTP: no event is lost, none counts twice, and poison stops nobody."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

import pytest
import sqlalchemy as sa

from benchmarks.events import accept_all, told
from digest.events.sqs import Queue, Reader
from digest.model import DeliveryState
from digest.store import deliveries, events, schema
from tests.doubles.sqs import SqsDouble
from tests.events.cloud import REGION
from tests.newsroom import SETTINGS, Newsroom

READERS = 3_000
POISON = ("Good morning.", "{", '{"eventType": "Bounce"}', '{"hello": 1}', "[" * 20_000)
#: Workers are killed when so much of everything is recorded: at the beginning, all the way, and near the end.
KILLED_AT = (0.02, 0.25, 0.5, 0.75, 0.95)
#: What a worker has in hand when it dies is shown to others after so many seconds, instead of two minutes.
HIDDEN = 3

#: `digest run` as it is, but for that.
WORKER = f"""
import runpy, sys
import digest.events.sqs as sqs
sqs.HIDDEN = {HIDDEN}
sys.argv = ["digest", "run"]
runpy.run_module("digest", run_name="__main__")
"""


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Iterator[SqsDouble]:
    """A queue that gives any order, and of fifty messages one twice."""
    with SqsDouble(twice=0.02, fewer=0.1, latency=0.005) as double:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", double.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield double


def test_a_reader_of_the_queue_that_is_killed_again_and_again_loses_nothing_and_counts_nothing_twice(
    tmp_path: Path, sqs: SqsDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.events.sqs.HIDDEN", HIDDEN)
    queue = sqs.queue(tries=10)
    room = Newsroom(tmp_path, settings=f'{SETTINGS}\n[events]\nqueue_url = "{queue}"\n')
    room.subscribe_many(READERS)
    issue = room.frozen()
    accept_all(room.app, issue.id)
    happened = list(told(issue.id, READERS))
    sqs.put(queue, *happened, *POISON)
    kinds = Counter(json.loads(body)["eventType"] for body in set(happened))
    assert kinds.total() > 6_000
    assert len(happened) > kinds.total(), "SES itself tells some twice"

    with _Workers(room) as workers:
        for share in KILLED_AT:
            workers.kill_one_at(share * kinds.total())
    in_hand = sqs.of(queue).came_back + sqs.left(queue)[1]
    _read_the_rest(sqs, queue, room)

    assert in_hand > len(KILLED_AT), "they were killed with messages in their hands"
    assert sqs.of(queue).shown_twice > READERS / 50
    assert _events(room) == kinds, "each once"
    with room.app.database.read() as conn:
        assert events.count_asides(conn) == len(POISON)
        stands = {row.position: row.state for row in deliveries.listed(conn, issue.id, limit=READERS)}
    assert stands == _as_told(happened), "everybody is where their own events put them"
    assert sqs.of(queue).given_up == 0
    room.app.close()


class _Workers:
    """Two that read side by side; whoever dies is replaced."""

    def __init__(self, room: Newsroom) -> None:
        self._room = room
        self._chance = random.Random(20261122)
        self._alive: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        self._alive = [self._started(), self._started()]
        return self

    def __exit__(self, *_: object) -> None:
        while self._alive:
            self._kill()

    def kill_one_at(self, recorded: float) -> None:
        """The older one dies at some moment after so many events are recorded."""
        ends = time.monotonic() + 60
        while _events(self._room).total() < recorded and time.monotonic() < ends:
            time.sleep(0.02)
        assert _events(self._room).total() >= recorded, "they read"
        time.sleep(self._chance.uniform(0, 0.1))
        self._kill()
        self._alive.append(self._started())

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-c", WORKER],
            cwd=self._room.folder,
            env=os.environ | self._room.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _kill(self) -> None:
        worker = self._alive.pop(0)
        os.kill(worker.pid, signal.SIGKILL)
        worker.communicate()


def _read_the_rest(sqs: SqsDouble, queue: str, room: Newsroom) -> None:
    reading = Reader(Queue(queue, region=REGION), room.app.recorder)
    ends = time.monotonic() + 60
    while sqs.left(queue) != (0, 0) and time.monotonic() < ends:
        reading.read(lambda: False, patience=1)
    reading.close()
    assert sqs.left(queue) == (0, 0)


def _as_told(bodies: Sequence[str]) -> dict[int, DeliveryState]:
    """Position → where a message stands that all this was told of."""
    rungs = {
        "Delivery": DeliveryState.DELIVERED,
        "Bounce": DeliveryState.BOUNCED,
        "Complaint": DeliveryState.COMPLAINED,
    }
    ordered = list(rungs)
    highest: dict[int, str] = {}
    for event in map(json.loads, bodies):
        kind, position = event["eventType"], int(event["mail"]["tags"]["delivery"][0])
        if kind in rungs:
            highest[position] = max(highest.get(position, kind), kind, key=ordered.index)
    return {position: rungs[kind] for position, kind in highest.items()}


def _events(room: Newsroom) -> Counter[str]:
    """Kind → how many are in the inbox."""
    kind = schema.event.c.kind
    with room.app.database.read() as conn:
        rows = conn.execute(sa.select(kind, sa.func.count()).group_by(kind)).all()
    return Counter({name.capitalize(): count for name, count in rows})
