"""A whole day with every log open: nobody's address or name stands in any line of it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

import subscribers
from digest.store import people
from digest.web.pages import create_app
from tests.doubles.ses import SesDouble
from tests.events import mails
from tests.newsroom import Newsroom
from tests.web.conftest import Site, served

SECRETS = ("alice", "bob", "zebedee", "example.com", "quackenbush")


def test_a_day_leaves_no_address_and_no_name_in_the_logs(
    tmp_path: Path, ses: SesDouble, aws: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    aws(ses.url)
    room = Newsroom(tmp_path, environment={"DIGEST_SENDER": "ses"})
    try:
        _a_day(room, ses)
    finally:
        room.app.close()

    # What these tests say to the pages as a reader's browser is not the mailer's log.
    ours = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    lines = [f"{record.name}: {record.getMessage()} {record.exc_text or ''}" for record in ours]
    assert lines, "nothing was logged, so nothing was tested"
    assert [line for line in lines if any(secret in line.lower() for secret in SECRETS)] == []


def _a_day(room: Newsroom, ses: SesDouble) -> None:
    file = room.folder / "readers.csv"
    file.write_text("email,name\nzebedee@example.com,Zebedee Quackenbush\nnot-bob@,Bob\n", encoding="utf-8")
    alice, bob, _ = room.subscribe("Alice", "Bob", "Charlie")
    with room.app.database.write() as conn:
        subscribers.import_csv(conn, file, newsletter="daily", at=room.app.clock())
        subscribers.tag(conn, alice, "member")
    issue = room.approved()
    room.app.delivery.start(issue.id, actor="Nora")
    room.deliver(issue)
    assert {mail.to[0] for mail in ses.mails} >= {"alice@example.com", "zebedee@example.com"}
    bodies = [mails.text(mails.bounce(name="Bob", position=2)), '{"mail": "alice@example.com"', "alice@example.com"]
    room.app.recorder.take(bodies, way="queue")
    _readers(Site(room, ""), alice, bob)
    room.app.worker.run(threading.Event(), until_idle=True)
    with room.app.database.write() as conn:
        person = subscribers.forget(conn, "alice@example.com", at=room.app.clock())
        people.erase(conn, person, "alice@example.com")
    room.app.retention.prune(before=room.app.clock() + timedelta(days=1), actor="Nora")


def _readers(site: Site, alice: int, bob: int) -> None:
    with served(create_app(site.room.app)) as url, httpx.Client(base_url=url) as http:
        for link in (site.preferences_link(alice), site.leave_link(bob), "/join/daily"):
            assert http.get(link).status_code == 200
        assert http.post(site.leave_link(bob), data={"List-Unsubscribe": "One-Click"}).status_code == 200
        assert http.post("/join/daily", data={"address": "new-zebedee@example.com"}).status_code < 500
        assert http.post("/leave/alice@example.com").status_code == 404
