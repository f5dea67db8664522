"""Where SES allows fewer bulk calls than the rate needs, single messages fill the rest; nobody can tell."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from digest.deliver import control
from digest.deliver.pace import Pace, Way, reserve
from digest.model import Figures, IssueState
from tests.doubles.ses import SesDouble
from tests.newsroom import Newsroom

READERS = 400


@pytest.fixture
def ses() -> Iterator[SesDouble]:
    """No second with more than 400 readers or 2 bulk calls: room for a busy machine, and none for a burst."""
    with SesDouble(rate=400, strict=True, bulk_calls=2) as double:
        yield double


@pytest.fixture
def room(tmp_path: Path, ses: SesDouble, aws: Callable[[str], None]) -> Iterator[Newsroom]:
    aws(ses.url)
    # 200 readers a second and one bulk call: bulk alone would carry 50.
    environment = {"DIGEST_SENDER": "ses", "DIGEST_SES_BULK_CALLS_PER_SECOND": "1", "DIGEST_SES_MAX_RATE": "200"}
    newsroom = Newsroom(tmp_path, environment=environment)
    yield newsroom
    newsroom.app.close()


def test_a_bulk_call_is_taken_when_it_is_free_and_single_messages_when_it_is_not() -> None:
    pace = Pace(max_rate=200, rate=200)
    turns = []
    for _ in range(5):
        turn = reserve(pace, 50, 1000.0, calls_per_second=1, way=Way.MIXED)
        assert turn is not None
        pace = turn.pace
        turns.append((turn.singly, round(turn.go_at - 1000, 2)))

    assert turns == [(False, 0.0), (True, 0.25), (True, 0.5), (True, 0.75), (False, 1.0)]


def test_without_single_messages_bulk_calls_wait_for_each_other() -> None:
    first = reserve(Pace(max_rate=200, rate=200), 50, 1000.0, calls_per_second=1)
    assert first is not None
    second = reserve(first.pace, 50, 1000.0, calls_per_second=1)

    assert second is not None
    assert (second.singly, second.go_at) == (False, 1001.0)


def test_single_messages_fill_what_bulk_calls_leave_of_the_rate(room: Newsroom, ses: SesDouble) -> None:
    room.subscribe_many(READERS)
    issue = room.frozen()

    figures = room.deliver(issue)

    assert (figures.state, figures.accepted) == (IssueState.FINISHED, READERS)
    assert Counter(mail.to[0] for mail in ses.mails) == {f"reader{n}@example.com": 1 for n in range(1, READERS + 1)}
    by_path = Counter(mail.call.operation for mail in ses.mails)
    assert by_path["SendBulkEmail"] >= 100
    assert by_path["SendEmail"] >= 150
    assert ses.stats.get("throttled", 0) == 0


def test_a_reader_cannot_tell_which_way_the_mail_came(room: Newsroom, ses: SesDouble) -> None:
    room.subscribe_many(READERS)

    room.deliver(room.frozen())

    bulk = next(mail for mail in ses.mails if mail.call.operation == "SendBulkEmail")
    single = next(mail for mail in ses.mails if mail.call.operation == "SendEmail")
    assert bulk.subject == single.subject
    assert bulk.headers.keys() == single.headers.keys()
    assert bulk.tags.keys() == single.tags.keys()
    links = [(mail.headers["List-Unsubscribe"].strip("<>"), mail) for mail in (bulk, single)]
    assert all(link in mail.html and link in mail.text for link, mail in links)


def test_a_lost_answer_to_a_single_message_puts_one_reader_in_doubt(room: Newsroom, ses: SesDouble) -> None:
    room.subscribe_many(READERS)
    issue = room.frozen()
    ses.fault("drop", operation="SendEmail")

    figures = room.deliver(issue)

    assert (figures.state, figures.uncertain, figures.accepted) == (IssueState.FINISHED, 1, READERS - 1)
    assert ses.accepted == READERS


def test_a_paused_account_leaves_the_rest_of_a_batch_on_the_ground(room: Newsroom, ses: SesDouble) -> None:
    from digest.errors import AccountError

    room.subscribe_many(READERS)
    issue = room.frozen()
    ses.refuse("SendingPausedException", operation="SendEmail", times=0)

    with pytest.raises(AccountError):
        room.deliver(issue)

    figures = room.app.delivery.figures(issue.id)
    assert figures.state is IssueState.PAUSED
    assert (figures.refused, figures.uncertain) == (0, 0)
    assert figures.accepted == ses.accepted
    ses.recover()


def test_with_the_single_path_every_reader_has_a_message_of_their_own(
    tmp_path: Path, ses: SesDouble, aws: Callable[[str], None]
) -> None:
    aws(ses.url)
    environment = {"DIGEST_SENDER": "ses", "DIGEST_SES_PATH": "single", "DIGEST_SES_MAX_RATE": "200"}
    room = Newsroom(tmp_path, environment=environment)
    room.subscribe_many(120)
    issue = room.frozen()
    ses.fault("drop", operation="SendEmail")

    figures = room.deliver(issue)
    room.app.close()

    assert (figures.state, figures.accepted, figures.uncertain) == (IssueState.FINISHED, 119, 1)
    assert {mail.call.operation for mail in ses.mails} == {"SendEmail"}
    assert ses.accepted == 120


@pytest.mark.parametrize("how", ["stop", "pause"])
def test_single_messages_that_are_not_in_the_air_stay_on_the_ground(
    tmp_path: Path, aws: Callable[[str], None], how: str
) -> None:
    """Fifty readers at five a second leave for ten seconds: whoever says stop does not wait for them."""
    with SesDouble(rate=50) as ses:
        aws(ses.url)
        room = Newsroom(tmp_path, environment={"DIGEST_SENDER": "ses", "DIGEST_SES_PATH": "single"})
        room.subscribe_many(50)
        issue = room.frozen()
        ses.account.limit(5)
        room.app.delivery.allowance.ask()
        stop = threading.Event()
        figures: list[Figures] = []
        sending = threading.Thread(target=lambda: figures.append(room.app.delivery.deliver(issue.id, stop=stop)))
        sending.start()
        while ses.accepted < 2:
            time.sleep(0.01)
        if how == "stop":
            stop.set()
        else:
            with room.app.database.write() as conn:
                control.pause(conn, issue.id, actor="Nora", now=room.app.clock())
        began = time.monotonic()
        sending.join()
        took = time.monotonic() - began
        room.app.close()

    assert took < 2
    assert (figures[0].uncertain, figures[0].accepted) == (0, ses.accepted)
    assert figures[0].planned == 50 - ses.accepted
