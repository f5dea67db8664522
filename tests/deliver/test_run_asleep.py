"""A machine that sleeps in the middle of a call and wakes up when others have long done its work."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.deliver import control
from digest.deliver.control import Decision
from digest.model import IssueState
from digest.store import ledger
from tests.doubles.ses import SesDouble
from tests.newsroom import Newsroom, Running


@pytest.fixture(params=["bulk", "single"])
def room(
    request: pytest.FixtureRequest, tmp_path: Path, database_url: str, ses: SesDouble, aws: Callable[[str], None]
) -> Iterator[Newsroom]:
    aws(ses.url)
    environment = {
        "DIGEST_SENDER": "ses",
        "DIGEST_DATABASE_URL": database_url,
        "DIGEST_SES_PATH": request.param,
        # A second thread would take the sleeper for lost, which is right, and finish the issue.
        "DIGEST_DELIVERY_WORKERS": "1",
    }
    made = Newsroom(tmp_path, environment=environment)
    made.clock = Running(datetime(2026, 11, 22, 10, tzinfo=UTC))
    yield made
    made.app.close()


def fall_asleep_once_called(room: Newsroom, minutes: float, meanwhile: Callable[[], object]) -> None:
    """The first batch is committed as calling; then the machine sleeps."""
    slept: list[str] = []

    def at_commit(when: str, step: str) -> None:
        if (when, step) == ("after", "call") and not slept:
            slept.append(step)
            assert room.clock is not None
            room.clock.turn(minutes=minutes)
            meanwhile()

    room.app.database.at_commit = at_commit


def mailed(ses: SesDouble) -> Counter[str]:
    return Counter(mail.to[0].partition("@")[0].title() for mail in ses.mails)


def test_whoever_wakes_up_after_its_readers_were_settled_and_mailed_sends_nothing(
    room: Newsroom, ses: SesDouble
) -> None:
    room.subscribe("Alice", "Bob")
    issue = room.frozen()
    other = room.open()

    def the_others_settle_and_send() -> None:
        with other.database.write() as conn:
            assert ledger.reap(conn, now=other.clock(), is_dead=lambda _: False) == 2
            assert control.settle(conn, issue.id, Decision.RESEND, actor="Omar", now=other.clock()) == 2
        other.delivery.deliver(issue.id, stop=threading.Event())

    fall_asleep_once_called(room, 20, the_others_settle_and_send)
    figures = room.deliver(issue)
    other.close()

    assert mailed(ses) == {"Alice": 1, "Bob": 1}
    assert (figures.state, figures.accepted) == (IssueState.FINISHED, 2)


def test_whoever_wakes_up_before_anybody_took_its_place_plans_its_readers_anew(room: Newsroom, ses: SesDouble) -> None:
    room.subscribe("Alice", "Bob")
    issue = room.frozen()
    calls_at_waking: list[int] = []
    fall_asleep_once_called(room, 20, lambda: calls_at_waking.append(ses.accepted))

    figures = room.deliver(issue)

    assert calls_at_waking == [0]
    assert mailed(ses) == {"Alice": 1, "Bob": 1}
    assert (figures.accepted, figures.uncertain) == (2, 0)
