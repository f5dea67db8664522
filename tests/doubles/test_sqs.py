"""The SQS double through boto3: held to the same as moto where moto can, and doing what a real queue may do."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError

import boto3
import pytest

from tests.doubles.sqs import SqsDouble
from tests.events.cloud import REGION, Cloud

BODIES = {f"message {number}" for number in range(25)}


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> Iterator[SqsDouble]:
    with SqsDouble() as sqs:
        point(monkeypatch, sqs)
        yield sqs


def point(monkeypatch: pytest.MonkeyPatch, sqs: SqsDouble) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", sqs.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def client() -> Any:
    return boto3.Session().client("sqs", region_name=REGION)


@pytest.fixture(params=["moto", "double"])
def amazon(request: pytest.FixtureRequest) -> Any:
    """A client of either."""
    if request.param == "moto":
        cloud: Cloud = request.getfixturevalue("cloud")
        return cloud.sqs
    request.getfixturevalue("double")
    return client()


def put(amazon: Any, queue: str, *bodies: str) -> None:
    for body in bodies:
        amazon.send_message(QueueUrl=queue, MessageBody=body)


def taken(amazon: Any, queue: str, *, hidden: int = 30, most: int = 10, wait: int = 0) -> list[dict[str, Any]]:
    said = amazon.receive_message(
        QueueUrl=queue, MaxNumberOfMessages=most, VisibilityTimeout=hidden, WaitTimeSeconds=wait
    )
    found: list[dict[str, Any]] = said.get("Messages", [])
    return found


def left(amazon: Any, queue: str) -> tuple[int, int]:
    said = amazon.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    return int(said["ApproximateNumberOfMessages"]), int(said["ApproximateNumberOfMessagesNotVisible"])


# --- As moto does ------------------------------------------------------------------------------------------


def test_what_was_sent_is_taken_by_the_ten_and_deleted(amazon: Any) -> None:
    queue = amazon.create_queue(QueueName="events")["QueueUrl"]
    for start in range(0, 25, 10):
        entries = [{"Id": body.split()[1], "MessageBody": body} for body in sorted(BODIES)[start : start + 10]]
        assert len(amazon.send_message_batch(QueueUrl=queue, Entries=entries)["Successful"]) == len(entries)
    assert left(amazon, queue) == (25, 0)

    found: list[str] = []
    while some := taken(amazon, queue):
        assert len(some) <= 10
        found += [one["Body"] for one in some]
        entries = [{"Id": str(at), "ReceiptHandle": one["ReceiptHandle"]} for at, one in enumerate(some)]
        assert len(amazon.delete_message_batch(QueueUrl=queue, Entries=entries)["Successful"]) == len(some)

    assert sorted(found) == sorted(BODIES)
    assert left(amazon, queue) == (0, 0)


def test_what_is_in_hand_is_hidden_for_its_time_and_then_comes_again(amazon: Any) -> None:
    queue = amazon.create_queue(QueueName="events")["QueueUrl"]
    put(amazon, queue, "Hello")

    (first,) = taken(amazon, queue, hidden=1)
    assert taken(amazon, queue) == []
    assert left(amazon, queue) == (0, 1)
    time.sleep(1.1)
    (again,) = taken(amazon, queue)

    assert (again["Body"], again["MessageId"]) == ("Hello", first["MessageId"])
    assert again["ReceiptHandle"] != first["ReceiptHandle"]
    amazon.delete_message(QueueUrl=queue, ReceiptHandle=again["ReceiptHandle"])
    assert left(amazon, queue) == (0, 0)


def test_who_waits_for_a_message_gets_it_as_it_comes(amazon: Any) -> None:
    queue = amazon.create_queue(QueueName="events")["QueueUrl"]
    later = threading.Timer(0.5, put, (amazon, queue, "Hello"))
    later.start()
    began = time.monotonic()

    (message,) = taken(amazon, queue, wait=20)

    assert message["Body"] == "Hello"
    assert 0.4 < time.monotonic() - began < 10
    later.join()


def test_who_waits_in_vain_is_told_so_after_that_time(amazon: Any) -> None:
    queue = amazon.create_queue(QueueName="events")["QueueUrl"]
    began = time.monotonic()

    assert taken(amazon, queue, wait=1) == []

    assert time.monotonic() - began >= 0.9


def test_what_was_taken_too_often_is_given_up_on(amazon: Any) -> None:
    dead = amazon.create_queue(QueueName="events-dead")["QueueUrl"]
    arn = amazon.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})
    queue = amazon.create_queue(QueueName="events", Attributes={"RedrivePolicy": policy})["QueueUrl"]
    put(amazon, queue, "Hello")

    tries = [[one["Body"] for one in taken(amazon, queue, hidden=0)] for _ in range(3)]

    assert tries == [["Hello"], ["Hello"], []]
    assert left(amazon, queue) == (0, 0)
    (message,) = taken(amazon, dead)
    assert message["Body"] == "Hello"
    assert amazon.get_queue_url(QueueName="events-dead")["QueueUrl"] == dead


def test_mistakes_are_told_by_the_same_names(amazon: Any) -> None:
    queue = amazon.create_queue(QueueName="events")["QueueUrl"]
    eleven = [{"Id": str(number), "MessageBody": "Hello"} for number in range(11)]
    gone = queue.replace("events", "gone")
    no = amazon.exceptions

    with pytest.raises(no.QueueDoesNotExist) as missing:
        taken(amazon, gone)
    assert missing.value.response["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue"
    with pytest.raises(no.TooManyEntriesInBatchRequest):
        amazon.send_message_batch(QueueUrl=queue, Entries=eleven)
    with pytest.raises(no.EmptyBatchRequest):
        amazon.delete_message_batch(QueueUrl=queue, Entries=[])
    with pytest.raises(no.ClientError):
        taken(amazon, queue, most=11)


# --- As a real queue may -----------------------------------------------------------------------------------


def test_messages_come_in_any_order(double: SqsDouble) -> None:
    queue = double.queue()
    bodies = [str(number) for number in range(40)]
    double.put(queue, *bodies)

    found = [one["Body"] for _ in range(4) for one in taken(client(), queue)]

    assert sorted(found, key=int) == bodies
    assert found != bodies


def test_some_show_twice_though_they_were_deleted_and_in_the_end_none_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    with SqsDouble(twice=0.2, fewer=0.3) as sqs:
        point(monkeypatch, sqs)
        amazon, queue = client(), sqs.queue()
        sqs.put(queue, *BODIES)
        found: list[str] = []
        sizes: list[int] = []
        while some := taken(amazon, queue):
            sizes.append(len(some))
            for one in some:
                found.append(one["Body"])
                amazon.delete_message(QueueUrl=queue, ReceiptHandle=one["ReceiptHandle"])

        assert set(found) == BODIES
        assert len(found) - len(BODIES) == sqs.of(queue).shown_twice > 0
        assert min(sizes[:3]) < 10
        assert sqs.left(queue) == (0, 0)


def test_who_held_a_message_for_too_long_does_not_delete_it_from_under_another(double: SqsDouble) -> None:
    amazon, queue = client(), double.queue()
    double.put(queue, "Hello")
    (alice,) = taken(amazon, queue, hidden=0)
    (bob,) = taken(amazon, queue)

    amazon.delete_message(QueueUrl=queue, ReceiptHandle=alice["ReceiptHandle"])
    assert double.left(queue) == (0, 1)
    amazon.delete_message(QueueUrl=queue, ReceiptHandle=bob["ReceiptHandle"])

    assert double.left(queue) == (0, 0)
    assert double.of(queue).came_back == 1


def test_nobody_is_answered_without_a_signature(double: SqsDouble) -> None:
    request = urllib.request.Request(double.url, data=b"{}", headers={"X-Amz-Target": "AmazonSQS.ReceiveMessage"})

    with pytest.raises(HTTPError) as refused:
        urllib.request.urlopen(request)

    with refused.value as said:
        assert b"MissingAuthenticationToken" in said.read()
