"""The double as a process: what benchmarks and kill tests hold on to."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.doubles.ses import read_log
from tests.doubles.test_ses import bulk, entry

ROOT = Path(__file__).parents[2]


def started(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.doubles.ses", "--port", "0", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def url_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def asked(url: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data=data), timeout=10) as answer:
        return json.load(answer)


def client(url: str) -> Any:
    session = boto3.session.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")
    return session.client("sesv2", endpoint_url=url, config=Config(retries={"total_max_attempts": 1}))


def tagged(position: int) -> dict[str, Any]:
    tags = [{"Name": "issue", "Value": "7"}, {"Name": "delivery", "Value": str(position)}]
    return entry(f"reader{position}@example.org", ReplacementTags=tags)


@pytest.fixture
def process(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    log = str(tmp_path / "accepted.log")
    with started("--rate", "200", "--quota", "50000", "--latency", "0.01", "--log", log) as running:
        yield running
        running.kill()


def test_it_prints_its_address_and_its_limits_hold(process: subprocess.Popen[str]) -> None:
    ses = client(url_of(process))

    quota = ses.get_account()["SendQuota"]
    assert (quota["MaxSendRate"], quota["Max24HourSend"]) == (200, 50_000)
    ses.close()


def test_the_log_survives_a_kill_and_has_every_accepted_mail(process: subprocess.Popen[str], tmp_path: Path) -> None:
    ses = client(url_of(process))
    results = bulk(ses, tagged(1), tagged(2))
    process.kill()
    process.wait()
    ses.close()

    log = read_log(tmp_path / "accepted.log")
    assert [line["id"] for line in log] == [result["MessageId"] for result in results]
    assert [line["tags"]["delivery"] for line in log] == ["1", "2"]
    assert {line["subject"] for line in log} == {"Hello {{name}}"}


def test_mail_events_and_counts_can_be_asked_for(process: subprocess.Popen[str]) -> None:
    url = url_of(process)
    ses = client(url)
    bulk(ses, tagged(1), tagged(2), tagged(2))
    ses.close()

    page = asked(f"{url}/_double/mails?after=1&limit=1")
    assert [mail["to"] for mail in page["mails"]] == [["reader2@example.org"]]
    assert page["next"] == 2
    assert [event["eventType"] for event in asked(f"{url}/_double/events?after=2")["events"]] == ["Send", "Delivery"]
    assert asked(f"{url}/_double/tally?issue=7") == {"once": 1, "more": 1}
    assert asked(f"{url}/_double/stats")["accepted"] == 3


def test_faults_and_the_account_can_be_set_from_outside(process: subprocess.Popen[str]) -> None:
    url = url_of(process)
    ses = client(url)
    asked(f"{url}/_double/faults", {"kind": "refuse", "code": "SendingPausedException"})
    with pytest.raises(ses.exceptions.SendingPausedException):
        bulk(ses, tagged(1))
    asked(f"{url}/_double/faults", {"kind": "error", "name": "the answer is lost", "every": 9})
    assert asked(f"{url}/_double/faults") == {"": 1, "the answer is lost": 0}
    asked(f"{url}/_double/account", {"rate": 7, "suppressed": {"reader1@example.org": "BOUNCE"}})
    assert ses.get_account()["SendQuota"]["MaxSendRate"] == 7
    bulk(ses, tagged(1))
    assert asked(f"{url}/_double/events")["events"][1]["eventType"] == "Bounce"
    asked(f"{url}/_double/reset", {})
    assert asked(f"{url}/_double/stats")["accepted"] == 0
    ses.close()


def test_a_tally_counts_without_keeping_the_mail() -> None:
    with started("--tally") as process:
        url = url_of(process)
        ses = client(url)
        bulk(ses, tagged(1), tagged(70_000))
        bulk(ses, tagged(70_000))
        ses.close()

        assert asked(f"{url}/_double/stats")["issues"] == {"7": {"once": 1, "more": 1}}
        assert asked(f"{url}/_double/mails") == {"mails": [], "next": 0}
        process.kill()


def test_sigterm_ends_it() -> None:
    with started() as process:
        url_of(process)
        process.send_signal(signal.SIGTERM)

        assert process.wait(10) == 0
