"""kill -9 at any moment, start again: every reader is mailed once or listed as uncertain, and nobody is lost."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from digest.model import DeliveryState
from digest.store import deliveries
from tests.doubles.ses import SesDouble
from tests.newsroom import Newsroom

READERS = 3000
KILLS = 8


@pytest.fixture
def slow_ses() -> Iterator[SesDouble]:
    """SES as far away as it really is: an answer takes 40 ms."""
    with SesDouble(rate=2000, latency=0.04) as double:
        yield double


@pytest.fixture
def room(tmp_path: Path, slow_ses: SesDouble, aws: Callable[[str], None]) -> Iterator[Newsroom]:
    aws(slow_ses.url)
    newsroom = Newsroom(tmp_path, environment={"DIGEST_SENDER": "ses"})
    yield newsroom
    newsroom.app.close()


def test_killing_the_sender_again_and_again_loses_nobody_and_mails_nobody_twice(
    room: Newsroom, slow_ses: SesDouble
) -> None:
    room.subscribe_many(READERS)
    issue = room.approved()
    chance = random.Random(20261122)

    kills = 0
    while kills < KILLS:
        sender = _send(room, issue.id)
        # Some die before they freeze the roster, some in the middle of their calls.
        time.sleep(0.5 + chance.random() * 1.2)
        if sender.poll() is None:
            os.kill(sender.pid, signal.SIGKILL)
            kills += 1
        sender.communicate()
        if sender.returncode != -signal.SIGKILL:
            break
    last = _send(room, issue.id)
    said, _ = last.communicate(timeout=120)

    report = json.loads(said)
    accepted_by_ses = Counter(mail.to[0] for mail in slow_ses.mails)
    with room.app.database.read() as conn:
        rows = deliveries.listed(conn, issue.id, limit=READERS + 1)
    said_accepted = {row.address for row in rows if row.state is DeliveryState.ACCEPTED}
    uncertain = {row.address for row in rows if row.state is DeliveryState.UNCERTAIN}

    assert kills > 2, "the sender finished before it could be killed: the test proves nothing"
    assert report["state"] == "finished"
    assert report["recipients"] == len(rows) == READERS
    assert report["accepted"] + report["uncertain"] == READERS
    assert max(accepted_by_ses.values()) == 1, "somebody was mailed twice"
    assert said_accepted <= set(accepted_by_ses), "the ledger claims more than SES took"
    assert set(accepted_by_ses) <= said_accepted | uncertain, "SES mailed somebody whom the ledger does not know of"
    in_flight = room.app.settings["delivery.workers"] * 50
    assert len(uncertain) <= kills * in_flight
    assert last.returncode == (10 if uncertain else 0)


def test_two_senders_at_the_same_time_share_the_readers(room: Newsroom, slow_ses: SesDouble) -> None:
    room.subscribe_many(READERS)
    issue = room.frozen()

    senders = [_send(room, issue.id), _send(room, issue.id)]
    for sender in senders:
        sender.communicate(timeout=120)

    assert [sender.returncode for sender in senders] == [0, 0]
    assert Counter(mail.to[0] for mail in slow_ses.mails) == {
        f"reader{n}@example.com": 1 for n in range(1, READERS + 1)
    }
    assert room.app.delivery.figures(issue.id).accepted == READERS


def test_sigterm_finishes_the_batch_in_hand_and_leaves_nothing_uncertain(room: Newsroom, slow_ses: SesDouble) -> None:
    room.subscribe_many(READERS)
    issue = room.frozen()

    sender = _send(room, issue.id)
    while slow_ses.accepted < 200:
        time.sleep(0.01)
    sender.send_signal(signal.SIGTERM)
    said, _ = sender.communicate(timeout=30)

    report = json.loads(said)
    assert sender.returncode == 10
    assert report["state"] == "sending"
    assert report["uncertain"] == 0
    assert 200 <= report["accepted"] == slow_ses.accepted < READERS
    again = _send(room, issue.id)
    again.communicate(timeout=60)
    assert again.returncode == 0
    assert slow_ses.accepted == READERS


def _send(room: Newsroom, issue: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "digest", "send", str(issue), "--now", "--json"],
        cwd=room.folder,
        env=os.environ | room.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
