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
from pathlib import Path

import pytest
import sqlalchemy as sa

from benchmarks.events import accept_all, told
from digest.events.sqs import Queue, Reader
from digest.model import DeliveryState
from digest.store import deliveries, events, schema
from tests.events.cloud import REGION, Cloud
from tests.newsroom import SETTINGS, Newsroom

#: As many as moto carries. Its ReceiveMessage reads the clock some 120 times for every message of the queue: with 1,000
#: in it an answer takes seconds, and twenty questions at once far longer than what is taken stays hidden, so it shows
#: all of it again before it can be deleted; and of deletions at the same moment it forgets some. None of it is ours: on
#: a queue that answers in time 48,000 messages about 20,000 readers came out right over twelve kills, each compared.
READERS = 40
POISON = ("Good morning.", "{", '{"eventType": "Bounce"}', '{"hello": 1}', "[" * 20_000)
KILLS = 1

#: `digest run` as it is, but that what it has in hand when it dies is shown to others after seconds, not minutes.
WORKER = """
import runpy, sys
import digest.events.sqs as sqs
sqs.HIDDEN = 8
sys.argv = ["digest", "run"]
runpy.run_module("digest", run_name="__main__")
"""


def _worker(room: Newsroom) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", WORKER],
        cwd=room.folder,
        env=os.environ | room.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_a_reader_of_the_queue_that_is_killed_again_and_again_loses_nothing_and_counts_nothing_twice(
    tmp_path: Path, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.events.sqs.HIDDEN", 8)
    queue = cloud.queue()
    room = Newsroom(tmp_path, settings=f'{SETTINGS}\n[events]\nqueue_url = "{queue}"\n')
    room.subscribe_many(READERS)
    issue = room.frozen()
    accept_all(room.app, issue.id)
    bodies = [*told(issue.id, READERS), *POISON]
    chance = random.Random(20261122)
    chance.shuffle(bodies)
    cloud.put(queue, *bodies)

    kills = 0
    while kills < KILLS and cloud.left(queue)[0]:
        before, worker = _events(room), _worker(room)
        ends = time.monotonic() + 30
        while _events(room) == before and time.monotonic() < ends:
            time.sleep(0.02)  # in the middle: some are committed, and not yet deleted
        assert _events(room) != before, "it reads"
        os.kill(worker.pid, signal.SIGKILL)
        worker.communicate()
        kills += 1
    assert kills, "the first worker had read all of it before it could be killed"
    reading = Reader(Queue(queue, region=REGION), room.app.recorder)
    ends = time.monotonic() + 60
    while cloud.left(queue) != (0, 0) and time.monotonic() < ends:
        reading.read(lambda: False, patience=1)
    reading.close()

    kinds = Counter(json.loads(body)["eventType"] for body in set(bodies) - set(POISON))
    assert _events(room) == kinds, "each once"
    with room.app.database.read() as conn:
        assert events.count_asides(conn) == len(POISON)
        states = Counter(row.state for row in deliveries.listed(conn, issue.id, limit=READERS))
    assert states[DeliveryState.BOUNCED] == kinds["Bounce"]
    assert states[DeliveryState.COMPLAINED] == kinds["Complaint"]
    assert states[DeliveryState.DELIVERED] == kinds["Delivery"] - kinds["Complaint"]
    assert cloud.left(queue) == (0, 0)
    room.app.close()


def _events(room: Newsroom) -> Counter[str]:
    """Kind → how many are in the inbox."""
    kind = schema.event.c.kind
    with room.app.database.read() as conn:
        rows = conn.execute(sa.select(kind, sa.func.count()).group_by(kind)).all()
    return Counter({name.capitalize(): count for name, count in rows})
