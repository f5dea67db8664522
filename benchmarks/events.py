"""SES events recorded per second: from the text of messages as a queue brings them to the commit.

    python -m benchmarks.events [READERS] [--database sqlite|postgresql] [--batch N]
    python -m benchmarks.events [READERS] [--database …] --workers 1,2 [--latency 0.03]

Each reader's message has a Send and a Delivery; of a hundred one bounces, of a thousand one complains, of ten three
open and one clicks; of ten events two are told again. They come in any order. Prints one JSON line.

With `--workers` they wait in a queue, which is a process of its own and answers after the latency, and so many
processes `digest events run` read them: one JSON line for each number, from the first commit to the last, and the CPU
of each worker's whole life.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

import subscribers
from benchmarks.newsroom import ROOT, approved_issue, database, fill_audience, newsroom, sqs_double
from digest.bootstrap import App
from digest.events.fold import Policy
from digest.events.record import Recorder
from digest.model import DeliveryState, Receipt
from digest.store import ledger, schema

_BASE = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
#: As many bytes of headers as a real event carries.
_HEADERS = [{"name": f"X-Header-{number}", "value": "v" * 60} for number in range(7)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("readers", nargs="?", type=int, default=10_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--batch", type=int, default=100, help="messages in one commit")
    parser.add_argument("--workers", default="", help="numbers of processes that read a queue; none: without one")
    parser.add_argument("--latency", type=float, default=0.03, help="seconds that the queue takes to answer")
    options = parser.parse_args()
    if not options.workers:
        print(json.dumps(_recorded(options)))
    for number in filter(None, options.workers.split(",")):
        print(json.dumps(_read(options, int(number))), flush=True)


@contextlib.contextmanager
def _accepted(options: argparse.Namespace) -> Iterator[tuple[App, dict[str, str], list[str]]]:
    """A newsroom whose issue SES accepted, what a process needs to be in it, and the messages that SES sends."""
    with database(options.database) as url:
        environment = {"DIGEST_DATABASE_URL": url, "DIGEST_SECRET_KEY": "a key that is only used in benchmarks"}
        with newsroom(sender="outbox", **environment) as app:
            fill_audience(app, options.readers)
            issue = approved_issue(app)
            app.delivery.start(issue, actor="benchmark")
            accept_all(app, issue)
            yield app, environment | {"DIGEST_SENDER": "outbox"}, list(told(issue, options.readers))


def _recorded(options: argparse.Namespace) -> dict[str, Any]:
    """From the text to the commit, in this process."""
    with _accepted(options) as (app, _, bodies):
        recorder = Recorder(app.database, Policy(), clock=app.clock)
        cpu, began = time.process_time(), time.perf_counter()
        for start in range(0, len(bodies), options.batch):
            recorder.take(bodies[start : start + options.batch], way="queue")
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        with app.database.read() as conn:
            complaints = len(subscribers.suppressions(conn, reason=subscribers.Reason.COMPLAINT, limit=1_000_000))
    return {
        "benchmark": "events",
        "database": options.database,
        "readers": options.readers,
        "events": len(bodies),
        "in_one_commit": options.batch,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu, 2),
        "events_per_second": round(len(bodies) / seconds),
        "per_core": round(len(bodies) / cpu),
        "complaints": complaints,
        "load": round(os.getloadavg()[0], 1),
    }


def _read(options: argparse.Namespace, workers: int) -> dict[str, Any]:
    """From the queue to the commit and out of the queue, by workers as they are."""
    with _accepted(options) as (app, environment, bodies), tempfile.TemporaryDirectory() as folder:
        messages = Path(folder) / "messages.jsonl"
        messages.write_text("\n".join(bodies))
        with sqs_double("--latency", f"{options.latency}", "--messages", str(messages)) as queue:
            env = os.environ | environment | {"DIGEST_EVENTS_QUEUE_URL": queue, "PYTHONPATH": str(ROOT)}
            env |= {"AWS_ENDPOINT_URL_SQS": queue.rpartition("/")[0].rpartition("/")[0], "AWS_REGION": "eu-west-1"}
            env["AWS_EC2_METADATA_DISABLED"] = "true"
            command = [sys.executable, "-m", "digest", "events", "run", "--until-idle"]
            home = app.settings.file.parent
            processes = [
                subprocess.Popen(command, cwd=home, env=env, stdout=subprocess.DEVNULL) for _ in range(workers)
            ]
            seconds, share = _watched(app, len(set(bodies)))
            cpu = [_cpu_of(process) for process in processes]
    return {
        "benchmark": "events from a queue",
        "database": options.database,
        "readers": options.readers,
        "events": len(bodies),
        "workers": workers,
        "latency": options.latency,
        "seconds": round(seconds, 2),
        "events_per_second": round(share * len(bodies) / seconds),
        "cpu_seconds": [round(one, 2) for one in cpu],
        "load": round(os.getloadavg()[0], 1),
    }


def _watched(app: App, events: int) -> tuple[float, float]:
    """Seconds from the first commit that is seen until all events are recorded, and what part of them that was."""
    began, before, ends = 0.0, 0, time.perf_counter() + 600
    while time.perf_counter() < ends:
        with app.database.read() as conn:
            count = int(conn.execute(select(func.count()).select_from(schema.event)).scalar_one())
        if count == events:
            return time.perf_counter() - began, 1 - before / events
        if count and not began:
            began, before = time.perf_counter(), count
        time.sleep(0.05)
    raise RuntimeError("the workers did not record everything within ten minutes")


def _cpu_of(process: subprocess.Popen[bytes]) -> float:
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"a worker ended with {process.returncode}"
    return usage.ru_utime + usage.ru_stime


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
