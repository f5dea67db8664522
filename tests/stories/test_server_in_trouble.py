"""A PostgreSQL server that goes away, refuses, or lacks something: workers wait and go on, and people are told why."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import digest.worker.patience
from digest.errors import StoreError
from digest.model import DeliveryState, IssueState
from digest.store import deliveries
from digest.store.database import Database
from tests.doubles.ses import SesDouble
from tests.newsroom import Newsroom
from tests.postgres import Server

READERS = 1500


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="digest-postgres-"))
    running = Server(folder)
    yield running
    running.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def ses() -> Iterator[SesDouble]:
    with SesDouble(rate=600, latency=0.03) as double:
        yield double


@pytest.fixture
def room(tmp_path: Path, server: Server, ses: SesDouble, aws: Callable[[str], None]) -> Iterator[Newsroom]:
    aws(ses.url)
    url = server.database(f"room_{tmp_path.name[-8:].strip('_-')}_{time.monotonic_ns()}")
    environment = {"DIGEST_SENDER": "ses", "DIGEST_DATABASE_URL": url, "DIGEST_DELIVERY_LEASE": "5"}
    newsroom = Newsroom(tmp_path, environment=environment)
    yield newsroom
    newsroom.app.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks again after a second, and not after ten or sixty."""
    for name in ("LOOK_AGAIN", "SEND_AGAIN"):
        monkeypatch.setattr(digest.worker.patience, name, timedelta(seconds=1))


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("end", ["restart", "crash", "cut connections"])
def test_a_server_that_is_restarted_while_an_issue_is_sent_loses_nobody(
    room: Newsroom, server: Server, ses: SesDouble, end: str
) -> None:
    room.subscribe_many(READERS)
    issue = room.frozen()
    stop, said = threading.Event(), list[str]()
    worker = threading.Thread(target=lambda: room.app.worker.run(stop, say=said.append))
    worker.start()
    try:
        _until(lambda: ses.accepted > READERS / 5)
        _trouble(server, end)
        assert ses.accepted < READERS, "the issue was sent before the trouble began: the test proves nothing"
        _until(lambda: room.issue(issue.id).state is IssueState.FINISHED)
    finally:
        stop.set()
        worker.join()

    with room.app.database.read() as conn:
        rows = deliveries.listed(conn, issue.id, limit=READERS + 1)
    mailed = Counter(mail.to[0] for mail in ses.mails)
    accepted = {row.address for row in rows if row.state is DeliveryState.ACCEPTED}
    uncertain = {row.address for row in rows if row.state is DeliveryState.UNCERTAIN}
    assert set(mailed.values()) == {1}, "somebody was mailed twice"
    assert len(accepted) + len(uncertain) == len(rows) == READERS
    assert accepted <= set(mailed) <= accepted | uncertain
    assert len(uncertain) <= room.app.settings["delivery.workers"] * 50


def _trouble(server: Server, kind: str) -> None:
    if kind == "cut connections":
        server.cut_connections()
    else:
        server.control("restart", "-m", "immediate" if kind == "crash" else "fast")


def _until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if true():
                return
        except StoreError:
            pass  # not back yet
        time.sleep(0.05)
    pytest.fail("it did not come to that")


def test_after_a_restart_the_first_page_works(server: Server) -> None:
    """A connection that was idle meanwhile is dead, and is not used."""
    database = Database(server.database("idle"))
    database.ready()

    server.control("restart", "-m", "fast")

    assert database.version()
    database.close()


# --- What is missing ---------------------------------------------------------------------------------------


@pytest.fixture
def locked(server: Server) -> Iterator[Server]:
    """A server that asks the role `nora` for a password."""
    server.say("CREATE ROLE nora LOGIN PASSWORD 'hunter2'")
    hba = server.folder / "pg_hba.conf"
    before = hba.read_text()
    hba.write_text("local all nora scram-sha-256\n" + before)
    server.control("reload")
    yield server
    hba.write_text(before)
    server.control("reload")
    server.say("DROP OWNED BY nora", "DROP ROLE nora")


def _told(url: str) -> StoreError:
    database = Database(url)
    with pytest.raises(StoreError) as told:
        database.ready()
    database.close()
    return told.value


def test_a_wrong_password_is_said_and_not_repeated(locked: Server) -> None:
    for error in (_told(locked.named(username="nora", password="swordfish")), _told(locked.named(username="nora"))):
        assert "with this user and password" in error.hint
        assert "swordfish" not in str(error)


def test_an_unknown_user_is_said(server: Server) -> None:
    error = _told(server.named(username="nobody"))

    assert 'role "nobody" does not exist' in error.message
    assert "with this user and password" in error.hint


def test_a_database_that_is_not_there_is_said(server: Server) -> None:
    error = _told(server.named(database="nowhere"))

    assert 'database "nowhere" does not exist' in error.message
    assert "createdb" in error.hint


def test_a_user_who_may_not_make_tables_is_told_which_right_is_missing(locked: Server) -> None:
    error = _told(locked.named(username="nora", password="hunter2"))

    assert "permission denied for schema public" in error.message
    assert "GRANT it CREATE on the schema" in error.hint
    assert error.exit_code == 8


def test_a_server_that_takes_no_more_connections_says_so(locked: Server) -> None:
    locked.say("ALTER ROLE nora CONNECTION LIMIT 0")

    error = _told(locked.named(username="nora", password="hunter2"))

    assert "too many connections" in error.message
    assert "run fewer workers" in error.hint


def test_a_server_that_is_down_is_said(server: Server) -> None:
    server.control("stop", "-m", "fast")
    try:
        error = _told(server.named())
    finally:
        server.control("start", "-o", f"-h '' -k {server.url.query['host']}")

    assert "Is the server running" in error.hint
