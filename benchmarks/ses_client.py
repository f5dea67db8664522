"""What SES's client costs: CPU and wall time to prepare and send a batch, without ledger and pace.

    python -m benchmarks.ses_client [--calls 200] [--kilobytes 60]

Runs against the SES double as a process of its own, with credentials that are none. Prints one JSON line for each path;
`boto3_cpu_ms` is what boto3 takes for the same request, its parameter checks left out.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from digest.deliver.message import personalise
from digest.deliver.senders.ses import SesSender
from digest.model import Issue, IssueState, Message, Recipient, Rendered
from digest.web.links import ReaderLinks
from subscribers import Tokens
from tests.contracts.sender import NOON, RIVERBEND

ROOT = Path(__file__).parent.parent
_ISSUE = Issue(id=7, newsletter="daily", number=1, state=IssueState.SENDING, date=NOON.date(), created_at=NOON)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--kilobytes", type=int, default=60, help="size of the html")
    args = parser.parse_args()
    command = [sys.executable, "-m", "tests.doubles.ses", "--tally"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as double:
        assert double.stdout is not None
        os.environ |= {
            "AWS_ENDPOINT_URL_SESV2": double.stdout.readline().strip(),
            "AWS_ACCESS_KEY_ID": "none",
            "AWS_SECRET_ACCESS_KEY": "none",
        }
        for mode, readers in (("bulk", 50), ("single", 1)):
            print(json.dumps({"mode": mode, **_measured(mode, readers, args.calls, edition(args.kilobytes))}))
        double.terminate()


def edition(kilobytes: int) -> Rendered:
    links = '<a href="%%{unsubscribe_url}%%">Leave</a> <a href="%%{preferences_url}%%">Choose</a>'
    filling = '<td style="color:#333333">A sentence of the river, and what it carries.</td>\n'
    return Rendered(
        edition="everyone",
        subject="Good morning, %%{name}%%",
        preheader="",
        html=f"<p>Good morning, %%{{name}}%%</p>{links}" + filling * (kilobytes * 1024 // len(filling)),
        text="Good morning, %%{name}%%\n" + "A sentence of the river.\n" * 300 + "%%{unsubscribe_url}%%",
        envelope=RIVERBEND,
    )


def _measured(mode: str, readers: int, calls: int, rendered: Rendered) -> dict[str, float]:
    sender = SesSender(clock=lambda: datetime.now(UTC), region="us-east-1", mode="bulk" if mode == "bulk" else "single")
    people = [
        Recipient(position=number, subscriber_id=number, address=f"reader{number}@example.org", name=f"Reader {number}")
        for number in range(1, readers + 1)
    ]
    links = ReaderLinks("https://news.example.org", Tokens(["a secret of the benchmark"]), _ISSUE)

    def personalised() -> list[Message]:
        return [
            personalise(rendered, person, links, issue=7, attempt=1, newsletter="daily", fallback_name="reader")
            for person in people
        ]

    messages = personalised()
    prepared = sender.prepare(rendered, messages)
    sender.send(prepared)
    personalising = _best(personalised, calls)
    prepare = _best(lambda: sender.prepare(rendered, messages), calls)
    send = _best(lambda: sender.send(prepared), calls)
    sender.close()
    cpu = personalising[0] + prepare[0] + send[0]
    return {
        "readers_per_call": readers,
        "request_kilobytes": round(prepared.total_bytes / 1024, 1),
        "personalise_cpu_ms": round(personalising[0] * 1e3, 3),
        "prepare_cpu_ms": round(prepare[0] * 1e3, 3),
        "send_cpu_ms": round(send[0] * 1e3, 3),
        "boto3_cpu_ms": round(_boto3(mode, prepared.request[0], calls) * 1e3, 3),
        "send_wall_ms": round(send[1] * 1e3, 3),
        "cpu_microseconds_per_reader": round(cpu * 1e6 / readers, 1),
        "readers_per_second_of_cpu": round(readers / cpu),
    }


def _boto3(mode: str, body: bytes, calls: int) -> float:
    """CPU seconds of one call through boto3."""
    import boto3
    from botocore.config import Config

    config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
    client = boto3.session.Session(region_name="us-east-1").client("sesv2", config=config)
    call = client.send_bulk_email if mode == "bulk" else client.send_email
    request = json.loads(body)
    call(**request)
    best, _ = _best(lambda: call(**request), calls)
    client.close()
    return best


def _best(work: Callable[[], object], calls: int) -> tuple[float, float]:
    """CPU and wall seconds of one call: the best of ten rounds, because the machine is shared."""
    rounds = 10
    best = (float("inf"), float("inf"))
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(max(1, calls // rounds)):
            work()
        each = max(1, calls // rounds)
        best = (min(best[0], (time.process_time() - cpu) / each), min(best[1], (time.perf_counter() - wall) / each))
    return best


if __name__ == "__main__":
    main()
