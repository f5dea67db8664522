"""The pace that workers keep together: no call leaves before its turn, whoever takes it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

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
