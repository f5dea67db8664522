"""The pace that workers keep together: no call leaves before its turn, whoever takes it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

from digest.model import IssueState
from digest.store import paces
from tests.doubles.ses import SesDouble
from tests.newsroom import Newsroom

RATE, BATCH = 200, 50


def test_two_workers_together_never_go_faster_than_the_account_allows(
    tmp_path: Path, database_url: str, aws: Callable[[str], None]
) -> None:
    """How late a call leaves is up to the machine, so that is not what is looked at; and SES forgives a burst."""
    with SesDouble(rate=2 * RATE, strict=True, latency=0.05) as ses:
        aws(ses.url)
        settings = {"DIGEST_SENDER": "ses", "DIGEST_SES_MAX_RATE": str(RATE), "DIGEST_DATABASE_URL": database_url}
        room = Newsroom(tmp_path, environment=settings)
        room.subscribe_many(400)
        issue = room.frozen()
        other = room.open()
        began = time.time()
        second = threading.Thread(target=lambda: other.delivery.deliver(issue.id, stop=threading.Event()))
        second.start()
        room.deliver(issue)
        second.join()
        other.close()
        room.app.close()

    calls = [list(mails) for _, mails in groupby(ses.mails, key=lambda mail: id(mail.call))]
    assert [len(mails) for mails in calls] == [BATCH] * 8
    for before, mails in enumerate(calls):
        assert mails[0].at - began >= before * BATCH / RATE, f"call {before + 1} left before its turn"
    assert ses.stats["throttled"] == 0


# --- What SES does not say ---------------------------------------------------------------------------------


def test_a_limit_on_bulk_calls_is_found_out_and_single_messages_fill_the_rate(
    tmp_path: Path, aws: Callable[[str], None]
) -> None:
    with SesDouble(rate=RATE, bulk_calls=1, latency=0.02) as ses:
        aws(ses.url)
        room = Newsroom(tmp_path, environment={"DIGEST_SENDER": "ses"})
        room.subscribe_many(1500)
        issue = room.frozen()
        figures = room.deliver(issue)
        with room.app.database.read() as conn:
            learned = paces.look(conn, "ses")
        room.app.close()

    assert figures.accepted == 1500
    assert learned is not None
    assert learned.calls is not None
    assert 0.2 < learned.calls < 2
    assert learned.rate == RATE, "too many calls are not too fast"
    assert ses.stats["throttled"] <= 12
    operations = Counter(mail.call.operation for mail in ses.mails)
    assert operations["SendEmail"] > 700
    assert operations["SendBulkEmail"] > 100


def test_who_may_make_bulk_calls_only_goes_on_with_those(tmp_path: Path, aws: Callable[[str], None]) -> None:
    with SesDouble(rate=RATE) as ses:
        aws(ses.url)
        calls = {"DIGEST_SES_BULK_CALLS_PER_SECOND": "2"}
        room = Newsroom(tmp_path, environment={"DIGEST_SENDER": "ses"} | calls)
        ses.refuse("AccessDeniedException", "not ses:SendEmail", operation="SendEmail", status=403, times=0)
        room.subscribe_many(300)
        figures = room.deliver(room.frozen())
        room.app.close()

    assert (figures.state, figures.accepted, figures.refused) == (IssueState.FINISHED, 300, 0)
    assert {mail.call.operation for mail in ses.mails} == {"SendBulkEmail"}


def test_a_rate_that_is_raised_or_lowered_while_an_issue_runs_is_followed(
    tmp_path: Path, aws: Callable[[str], None]
) -> None:
    with SesDouble(rate=100) as ses:
        aws(ses.url)
        room = Newsroom(tmp_path, environment={"DIGEST_SENDER": "ses"})
        room.app.delivery.allowance.ask()
        for rate in (400, 50):
            ses.account.limit(rate)
            assert room.app.delivery.allowance.ask().rate == rate
        room.app.close()
