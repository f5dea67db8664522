"""From SQLite to PostgreSQL in the middle of an issue, as docs/running.md tells it: nobody lost, nobody twice."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import subscribers
from digest.deliver.progress import Progress
from digest.model import DeliveryState, Figures, IssueState
from digest.store import deliveries
from tests.cli.conftest import shell
from tests.doubles.ses import SesDouble
from tests.newsroom import Newsroom

READERS = 2000
ROOT = Path(__file__).parents[2]


@pytest.fixture
def ses() -> Iterator[SesDouble]:
    """Slow enough that an issue is caught in the middle."""
    with SesDouble(rate=1000, latency=0.02) as double:
        yield double


@pytest.fixture
def old(tmp_path: Path, ses: SesDouble, aws: Callable[[str], None]) -> Iterator[Newsroom]:
    aws(ses.url)
    newsroom = Newsroom(tmp_path, environment={"DIGEST_SENDER": "ses"})
    yield newsroom
    newsroom.app.close()


def test_an_issue_that_is_half_sent_goes_on_from_postgresql_with_two_workers(
    old: Newsroom, ses: SesDouble, postgres: str
) -> None:
    old.subscribe_many(READERS)
    issue = old.approved()
    old.app.delivery.start(issue.id, actor="Nora")
    half = _send_half(old, issue.id)
    assert 0 < half.accepted < READERS, "the issue was not caught in the middle: the test proves nothing"
    _leaves(old, "reader1999@example.com")

    copied = shell("db", "copy", postgres, "--json", folder=old.folder, **old.environment)
    assert copied.code == 0, copied.err
    assert copied.facts["rows"]["delivery"] == READERS
    assert _run(old).wait(60) == 8, "a worker went on with the old database"
    assert ses.accepted == half.accepted

    moved = old.environment | {"DIGEST_DATABASE_URL": postgres}
    workers = [_run(old, **moved) for _ in range(2)]
    assert [worker.wait(120) for worker in workers] == [0, 0]

    new = Newsroom(old.folder, environment=moved)
    with new.app.database.read() as conn:
        figures = deliveries.figures(conn, issue.id)
        rows = deliveries.listed(conn, issue.id, limit=READERS + 1)
    new.app.close()
    mailed = Counter(mail.to[0] for mail in ses.mails)
    assert figures.state is IssueState.FINISHED
    assert (figures.accepted, figures.skipped, figures.uncertain, figures.planned) == (READERS - 1, 1, 0, 0)
    assert set(mailed.values()) == {1}, "somebody was mailed twice"
    assert set(mailed) == {row.address for row in rows if row.state is DeliveryState.ACCEPTED}
    assert "reader1999@example.com" not in mailed


def _send_half(room: Newsroom, issue_id: int) -> Figures:
    stop = threading.Event()

    def enough(now: Progress) -> None:
        if now.accepted > READERS / 4:
            stop.set()

    return room.app.delivery.deliver(issue_id, stop=stop, progress=enough)


def _leaves(room: Newsroom, address: str) -> None:
    with room.app.database.write() as conn:
        person = subscribers.find(conn, address)
        assert person
        subscribers.leave(conn, person.id, "daily", at=room.app.clock(), how="one-click")


def _run(room: Newsroom, **environment: str) -> subprocess.Popen[bytes]:
    """`digest run --until-idle` as a process of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DIGEST_")}
    return subprocess.Popen(
        [sys.executable, str(ROOT / "send.py"), "run", "--until-idle"],
        cwd=room.folder,
        env=clean | room.environment | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
