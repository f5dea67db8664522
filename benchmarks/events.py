"""SES events recorded per second: from the text of messages as a queue brings them to the commit.

    python -m benchmarks.events [READERS] [--database sqlite|postgresql] [--batch N]

Each reader's message has a Send and a Delivery; of a hundred one bounces, of a thousand one complains, of ten three
open and one clicks; of ten events two are told again. They come in any order. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import subscribers
from benchmarks.newsroom import approved_issue, database, fill_audience, newsroom
from digest.bootstrap import App
from digest.events.fold import Policy
from digest.events.record import Recorder
from digest.model import DeliveryState, Receipt
from digest.store import ledger

_BASE = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
#: As many bytes of headers as a real event carries.
_HEADERS = [{"name": f"X-Header-{number}", "value": "v" * 60} for number in range(7)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("readers", nargs="?", type=int, default=10_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--batch", type=int, default=100, help="messages in one commit")
    options = parser.parse_args()
    with (
        database(options.database) as ledger_url,
        newsroom(
            sender="outbox", DIGEST_DATABASE_URL=ledger_url, DIGEST_SECRET_KEY="a key that is only used in benchmarks"
        ) as app,
    ):
        fill_audience(app, options.readers)
        issue = approved_issue(app)
        app.delivery.start(issue, actor="benchmark")
        accept_all(app, issue)
        bodies = list(told(issue, options.readers))
        recorder = Recorder(app.database, Policy(), clock=app.clock)
        cpu, began = time.process_time(), time.perf_counter()
        for start in range(0, len(bodies), options.batch):
            recorder.take(bodies[start : start + options.batch], way="queue")
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        with app.database.read() as conn:
            complaints = len(subscribers.suppressions(conn, reason=subscribers.Reason.COMPLAINT, limit=1_000_000))
    print(
        json.dumps(
            {
                "benchmark": "events",
                "database": options.database,
                "readers": options.readers,
                "events": len(bodies),
                "in_one_commit": options.batch,
                "seconds": round(seconds, 2),
                "events_per_second": round(len(bodies) / seconds),
                "per_core": round(len(bodies) / cpu),
                "complaints": complaints,
            }
        )
    )


def accept_all(app: App, issue: int) -> None:
    """Every batch called and accepted, without a sender."""
    now = app.clock()
    with app.database.write() as conn:
        while claim := ledger.claim(conn, issue, worker="benchmark", lease=60, now=now):
            assert ledger.call(conn, claim, lease=60, now=now)
            positions = range(claim.first, claim.last + 1)
            receipts = [Receipt(position=p, state=DeliveryState.ACCEPTED, message_id=f"m-{p}") for p in positions]
            ledger.record(conn, claim, receipts, now=now)


def told(issue: int, readers: int) -> Iterator[str]:
    """Messages as a queue with raw delivery brings them, shuffled within some thousands."""
    chance = random.Random(7)
    window: list[str] = []
    for position in range(1, readers + 1):
        for event in _of(issue, position, chance):
            body = json.dumps(event)
            window += [body, body] if chance.random() < 0.2 else [body]
        if len(window) > 5000:
            chance.shuffle(window)
            yield from window
            window = []
    chance.shuffle(window)
    yield from window


def _of(issue: int, position: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    to = [f"reader{position}@example.com"]
    at = _BASE + timedelta(milliseconds=position)
    yield _event("Send", issue, position, at, send={})
    if chance.random() < 0.01:
        bounced: dict[str, Any] = {"bounceType": "Permanent", "bounceSubType": "General", "feedbackId": f"b-{position}"}
        bounced |= {"bouncedRecipients": [{"emailAddress": to[0]}], "timestamp": _iso(at)}
        yield _event("Bounce", issue, position, at, bounce=bounced)
        return
    yield _event("Delivery", issue, position, at, delivery={"timestamp": _iso(at), "recipients": to})
    if chance.random() < 0.001:
        complained: dict[str, Any] = {"complainedRecipients": [{"emailAddress": to[0]}], "timestamp": _iso(at)}
        complained |= {"feedbackId": f"c-{position}", "complaintFeedbackType": "abuse"}
        yield _event("Complaint", issue, position, at, complaint=complained)
    if chance.random() < 0.3:
        opened = {"timestamp": _iso(at + timedelta(minutes=9)), "userAgent": "Mail/16.0", "ipAddress": "192.0.2.7"}
        yield _event("Open", issue, position, at, open=opened)
    if chance.random() < 0.1:
        clicked = {"timestamp": _iso(at + timedelta(minutes=10)), "userAgent": "Safari", "ipAddress": "192.0.2.7"}
        yield _event("Click", issue, position, at, click=clicked | {"link": "https://harbour.example/pier"})


def _event(kind: str, issue: int, position: int, at: datetime, **part: Any) -> dict[str, Any]:
    mail = {
        "timestamp": _iso(at),
        "messageId": f"m-{position}",
        "source": "daily@harbour.example",
        "destination": [f"reader{position}@example.com"],
        "headersTruncated": False,
        "headers": _HEADERS,
        "tags": {"issue": [str(issue)], "delivery": [str(position)], "attempt": ["1"], "newsletter": ["daily"]},
    }
    return {"eventType": kind, "mail": mail, **part}


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


if __name__ == "__main__":
    main()
