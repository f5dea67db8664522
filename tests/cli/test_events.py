"""The commands and the worker, as an operator meets them, against queue, topic and SES on this machine."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import subscribers
from digest.model import Issue
from digest.store import deliveries
from tests.cli.conftest import Terminal
from tests.doubles.ses import SesDouble
from tests.events.cloud import Cloud
from tests.events.mails import text
from tests.newsroom import SETTINGS, Newsroom


@pytest.fixture
def room(  # noqa: PLR0917  # fixtures
    tmp_path: Path,
    ses: SesDouble,
    aws: Callable[[str], None],
    cloud: Cloud,
    digest: Terminal,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Newsroom]:
    """A newsroom that sends through SES and hears of it by a queue."""
    aws(ses.url)
    ses.account.configuration_sets.add("digest")
    settings = f'sender = "ses"\n{SETTINGS}\n[events]\nqueue_url = "{cloud.queue()}"\n'
    made = Newsroom(tmp_path, settings=settings.replace('"eu-west-1"', '"eu-west-1"\nconfiguration_set = "digest"'))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIGEST_SECRET_KEY", "a key that is only used in tests")
    monkeypatch.setattr("digest.events.sqs.PATIENCE", 1)
    yield made
    made.app.close()


def sent_to(room: Newsroom, *names: str) -> Issue:
    room.subscribe(*names)
    issue = room.frozen()
    room.deliver(issue)
    return issue


def told(ses: SesDouble, cloud: Cloud, room: Newsroom) -> None:
    """Everything that SES publishes about what it accepted goes into the queue."""
    cloud.put(room.app.settings["events.queue_url"], *map(text, ses.events))


def states(room: Newsroom, issue: Issue) -> dict[str, str]:
    with room.app.database.read() as conn:
        return {row.address.partition("@")[0]: row.state.value for row in deliveries.listed(conn, issue.id)}


def put_on_the_list(room: Newsroom, address: str) -> None:
    now = room.app.clock()
    yes = subscribers.Consent(at=now, act=subscribers.Act.JOINED, how="form")
    with room.app.database.write() as conn:
        subscribers.add(conn, address, newsletter="daily", consent=yes, at=now)


def test_what_ses_tells_of_an_issue_is_in_its_report(
    room: Newsroom, ses: SesDouble, cloud: Cloud, digest: Terminal
) -> None:
    put_on_the_list(room, "bounce+bob@simulator.amazonses.com")
    put_on_the_list(room, "complaint@simulator.amazonses.com")
    issue = sent_to(room, "Alice")
    told(ses, cloud, room)

    ran = digest.ok("events", "run", "--until-idle")

    assert "events" in ran.out
    assert states(room, issue) == {"alice": "delivered", "bounce+bob": "bounced", "complaint": "complained"}
    facts = digest.ok("issues", "report", issue.id, "--json").facts
    assert (facts["accepted"], facts["delivered"], facts["bounced"], facts["complained"]) == (3, 2, 1, 1)
    said = digest.ok("issues", "report", issue.id).out
    assert "2 of them delivered" in said
    assert "1 of them bounced (33.3%)" in said
    assert "1 of them reported as spam (33.33%)" in said


def test_digest_run_reads_the_queue_by_itself(room: Newsroom, ses: SesDouble, cloud: Cloud) -> None:
    issue = sent_to(room, "Alice")
    told(ses, cloud, room)
    stop = threading.Event()
    worker = threading.Thread(target=room.app.worker.run, args=(stop,), kwargs={"say": lambda _: None})
    worker.start()
    ends = time.monotonic() + 20
    while states(room, issue) != {"alice": "delivered"} and time.monotonic() < ends:
        time.sleep(0.05)
    stop.set()
    worker.join(20)

    assert states(room, issue) == {"alice": "delivered"}
    assert cloud.left(room.app.settings["events.queue_url"]) == (0, 0)


def test_while_the_queue_does_not_answer_the_worker_sends_and_says_so(
    room: Newsroom, ses: SesDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:9")
    room.subscribe("Alice")
    room.frozen()
    said: list[str] = []

    room.app.worker.run(threading.Event(), say=said.append, until_idle=True)

    assert [line for line in said if line.startswith("Events wait: The queue")]
    assert ses.accepted == 1


def test_what_ses_took_and_did_not_send_is_said_wherever_an_operator_looks(
    room: Newsroom, ses: SesDouble, cloud: Cloud, digest: Terminal
) -> None:
    issue = sent_to(room, "Alice", "Bob")
    failed = [{**event, "eventType": "Reject", "reject": {"reason": "Bad content"}} for event in ses.events]
    cloud.put(room.app.settings["events.queue_url"], *map(text, failed))
    said: list[str] = []

    room.app.worker.run(threading.Event(), say=said.append, until_idle=True)

    assert said == [f"Issue {issue.id}: SES accepted messages and did not send them: Bad content"]
    assert "2 refused: 2 SES did not send it: Bad content" in digest.ok("issues", "report", issue.id).out
    assert "2 messages: SES did not send it: Bad content" in digest("doctor").out
    assert "2 messages were accepted and not sent" in digest.ok("events", "status").out


def test_a_call_whose_answer_was_lost_is_settled_by_its_events(
    room: Newsroom, ses: SesDouble, cloud: Cloud, digest: Terminal
) -> None:
    ses.fault("drop", times=1)
    issue = sent_to(room, "Alice", "Bob")
    assert set(states(room, issue).values()) == {"uncertain"}
    told(ses, cloud, room)

    digest.ok("events", "run", "--until-idle")

    assert set(states(room, issue).values()) == {"delivered"}


def test_status_says_what_came_and_what_nobody_could_read(
    room: Newsroom, cloud: Cloud, digest: Terminal, ses: SesDouble
) -> None:
    assert "No event ever came." in digest.ok("events", "status").out
    sent_to(room, "Alice")
    told(ses, cloud, room)
    cloud.put(room.app.settings["events.queue_url"], "Good morning.")
    assert digest.ok("events", "status", "--json").facts["queue"] == {"waiting": 3, "taken": 0}

    digest.ok("events", "run", "--until-idle")

    said = digest.ok("events", "status").out
    assert "The queue last brought events at" in said
    assert "1 messages could not be read" in said
    assert "It is not JSON." in said


def given_up(room: Newsroom, digest: Terminal, cloud: Cloud, *bodies: str) -> None:
    """SQS gave up on these messages, in a queue as `digest aws setup` makes it."""
    digest.ok("aws", "setup")
    cloud.put(room.app.settings["events.queue_url"] + "-dead", *bodies)


def test_what_sqs_gave_up_on_is_seen_and_brought_back(
    room: Newsroom, ses: SesDouble, cloud: Cloud, digest: Terminal
) -> None:
    issue = sent_to(room, "Alice")
    given_up(room, digest, cloud, *map(text, ses.events), "Good morning.")

    found = {one["code"]: one["message"] for one in digest("doctor", "--json").facts["findings"]}
    assert "About 3 messages" in found["given-up"]
    assert "digest events redrive" in found["given-up"]
    assert "SQS gave up on 3 messages" in digest.ok("events", "status").out

    said = digest.ok("events", "redrive").out

    assert "2 events were recorded; 0 had been before." in said
    assert "1 messages could not be read" in said
    assert states(room, issue) == {"alice": "delivered"}
    findings = {one["code"] for one in digest("doctor", "--json").facts["findings"]}
    assert "given-up" not in findings
    assert "last-event" not in findings, "what was brought back says nothing of the way in"
    facts = digest.ok("events", "redrive", "--json").facts
    assert facts == {"recorded": 0, "known_before": 0, "unreadable": 0, "warnings": []}
    assert "SQS gave up on nothing." in digest.ok("events", "redrive").out


def test_a_message_that_the_worker_never_records_ends_where_redrive_finds_it(
    room: Newsroom, ses: SesDouble, cloud: Cloud, digest: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From SQS's own redrive policy, not put there by hand."""
    monkeypatch.setattr("digest.events.setup._TRIES", 2)
    digest.ok("aws", "setup")
    issue, url = sent_to(room, "Alice"), room.app.settings["events.queue_url"]
    told(ses, cloud, room)
    for _ in range(3):
        cloud.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)

    assert digest.ok("events", "status", "--json").facts["given_up"] == 2
    digest.ok("events", "redrive")

    assert states(room, issue) == {"alice": "delivered"}
    assert cloud.left(url + "-dead") == (0, 0)


def test_a_queue_that_gives_nothing_up_has_nothing_to_bring_back(room: Newsroom, digest: Terminal) -> None:
    ran = digest("events", "redrive")

    assert (ran.code, "digest aws setup" in ran.err) == (2, True)
    assert digest.ok("events", "status", "--json").facts["given_up"] == 0


def test_while_sqs_has_given_up_on_messages_silence_proves_nothing(
    room: Newsroom, ses: SesDouble, cloud: Cloud, digest: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SES took it, the answer was lost, and what says so is among what SQS gave up on."""
    monkeypatch.setenv("DIGEST_EVENTS_SILENCE", "resend")
    room.subscribe_many(120)
    issue = room.frozen()
    ses.fault("close", times=1)
    room.deliver(issue)
    given_up(room, digest, cloud, "{}")
    told(ses, cloud, room)
    digest.ok("events", "run", "--until-idle")
    with room.app.database.write() as conn:
        early = datetime.now(UTC) - timedelta(minutes=20)
        conn.exec_driver_sql("UPDATE batch SET called_at = ?", (early.replace(tzinfo=None).isoformat(" "),))
        conn.exec_driver_sql("UPDATE issue SET started_at = ?", (early.replace(tzinfo=None).isoformat(" "),))

    digest.ok("events", "run", "--until-idle")
    assert "uncertain" in states(room, issue).values()

    digest.ok("events", "redrive")
    digest.ok("events", "run", "--until-idle")
    assert "uncertain" not in states(room, issue).values(), "now it proves that they were never accepted"


def test_without_a_queue_there_is_nothing_to_read(digest: Terminal, tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    ran = digest("events", "run")
    room.app.close()

    assert (ran.code, "aws setup" in ran.err) == (2, True) or ran.code == 3


def test_setting_up_prints_first_then_makes_and_the_doctor_agrees(
    room: Newsroom, digest: Terminal, ses: SesDouble
) -> None:
    ses.account.configuration_sets.clear()

    dry = digest("aws", "setup", "--dry-run")
    assert dry.code == 10
    assert "Configuration set digest: would be made" in dry.out
    assert "Queue digest-events: is there" in dry.out
    assert "Nothing was changed." in dry.out
    assert ses.account.configuration_sets == set()

    made = digest.ok("aws", "setup")
    assert "Event destination digest-events: all events: made" in made.out
    assert f'queue_url = "{room.app.settings["events.queue_url"]}"' in made.out

    findings = digest("doctor", "--json").facts["findings"]
    # moto takes a topic's version of signatures and never tells it.
    missing = [one["message"] for one in findings if one["code"] == "set-up" and "SHA-256" not in one["message"]]
    assert missing == []


def test_the_doctor_says_that_ses_does_not_know_the_sender(room: Newsroom, digest: Terminal, ses: SesDouble) -> None:
    ses.account.identities = {"elsewhere.news"}

    findings = digest("doctor", "--json").facts["findings"]

    said = {one["where"]: one for one in findings if one["code"] == "no-identity"}["daily"]
    assert said["level"] == "error"
    assert "SES knows no identity that" in said["message"]


def test_policies_are_printed_for_iam_even_before_there_are_credentials(
    room: Newsroom, digest: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = json.loads(digest.ok("aws", "policy").out)
    making = json.loads(digest.ok("aws", "policy", "--for-setup").out)
    assert "ses:SendBulkEmail" in named["Statement"][0]["Action"]
    assert "123456789012" in named["Statement"][1]["Resource"][0]
    assert "sqs:CreateQueue" in making["Statement"][2]["Action"]

    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    room.app.close()
    ran = digest("aws", "policy")
    assert ":ACCOUNT:" in json.loads(ran.out)["Statement"][1]["Resource"][0]
    assert "where ACCOUNT stands" in ran.err


def test_the_doctor_misses_a_way_in_and_events_that_should_have_come(
    room: Newsroom, digest: Terminal, ses: SesDouble, cloud: Cloud, tmp_path: Path
) -> None:
    issue = sent_to(room, "Alice")
    with room.app.database.write() as conn:
        hour_ago = datetime.now(UTC) - timedelta(hours=1)
        conn.exec_driver_sql("UPDATE batch SET called_at = ?", (hour_ago.replace(tzinfo=None).isoformat(" "),))

    codes = {one["code"] for one in digest("doctor", "--json").facts["findings"]}
    assert {"no-events", "set-up"} <= codes

    told(ses, cloud, room)
    digest.ok("events", "run", "--until-idle")
    codes = {one["code"] for one in digest("doctor", "--json").facts["findings"]}
    assert "no-events" not in codes
    assert states(room, issue) == {"alice": "delivered"}


def test_settle_shows_what_silence_proves(room: Newsroom, digest: Terminal, ses: SesDouble, cloud: Cloud) -> None:
    room.subscribe_many(120)
    issue = room.frozen()
    ses.fault("close", times=1)
    room.deliver(issue)
    uncertain = [name for name, state in states(room, issue).items() if state == "uncertain"]
    told(ses, cloud, room)
    digest.ok("events", "run", "--until-idle")
    assert len(uncertain) in (20, 50), "a batch, whose neighbours speak for the channel"

    with room.app.database.write() as conn:
        early = datetime.now(UTC) - timedelta(minutes=20)
        conn.exec_driver_sql("UPDATE batch SET called_at = ?", (early.replace(tzinfo=None).isoformat(" "),))
        conn.exec_driver_sql("UPDATE issue SET started_at = ?", (early.replace(tzinfo=None).isoformat(" "),))

    facts = digest.ok("deliveries", "settle", issue.id, "--json").facts
    assert [one["verdict"] for one in facts["proved"]] == ["not accepted"]
    assert "--resend is safe" in digest.ok("deliveries", "settle", issue.id).out


def test_pruning_and_the_account_s_list_have_commands(room: Newsroom, digest: Terminal, ses: SesDouble) -> None:
    ses.account.suppressed["zoe@example.com"] = "COMPLAINT"

    assert digest.ok("events", "suppression", "pull", "--json").facts == {"looked_at": 1, "new": 1}
    assert digest.ok("events", "suppression", "push", "--json").facts == {"looked_at": 1, "new": 0}
    assert digest.ok("events", "prune", "--json").facts == {"deleted": 0}
