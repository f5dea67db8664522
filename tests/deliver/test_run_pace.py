"""The pace that workers keep together, against a double that allows no second more than it should."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from tests.doubles.ses import SesDouble
from tests.newsroom import Newsroom

RATE, BATCH = 200, 50


def test_two_workers_together_are_never_throttled(
    tmp_path: Path, database_url: str, aws: Callable[[str], None]
) -> None:
    """Turns are given at the rate; how late each call then leaves is up to the machine, by a batch at most."""
    with SesDouble(rate=RATE + BATCH, strict=True, latency=0.05) as ses:
        aws(ses.url)
        settings = {"DIGEST_SENDER": "ses", "DIGEST_SES_MAX_RATE": str(RATE), "DIGEST_DATABASE_URL": database_url}
        room = Newsroom(tmp_path, environment=settings)
        room.subscribe_many(400)
        issue = room.frozen()
        other = room.open()
        second = threading.Thread(target=lambda: other.delivery.deliver(issue.id, stop=threading.Event()))
        second.start()
        room.deliver(issue)
        second.join()
        other.close()
        room.app.close()

    assert ses.stats["throttled"] == 0
    assert ses.accepted == 400
    assert ses.calls("SendBulkEmail") == 400 / BATCH
