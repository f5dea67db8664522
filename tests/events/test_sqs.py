"""The queue: taken by the ten, recorded, and deleted only then."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from digest.errors import SenderError, StoreError
from digest.events.fold import Recorded
from digest.events.record import Recorder
from digest.events.sqs import Queue, Reader
from digest.model import DeliveryState
from tests.events import mails
from tests.events.cloud import REGION, Cloud
from tests.events.mails import enveloped, text
from tests.events.post import READERS, Post


def reader(post: Post, url: str) -> Reader:
    return Reader(Queue(url, region=REGION), Recorder(post.database, post.policy, clock=lambda: post.now))


def until_empty(reading: Reader) -> Recorded:
    return reading.read(lambda: False, patience=0)


def test_what_waits_is_recorded_and_deleted(post: Post, cloud: Cloud) -> None:
    issue, queue = post.issue(), cloud.queue()
    cloud.put(queue, text(mails.send()), text(mails.delivery()), enveloped(mails.bounce(name="Bob", position=2)))

    done = until_empty(reader(post, queue))

    assert (done.new, done.aside) == (3, 0)
    assert post.state(issue, "Alice") is DeliveryState.DELIVERED
    assert post.state(issue, "Bob") is DeliveryState.BOUNCED
    assert cloud.left(queue) == (0, 0)


def test_more_than_fit_one_commit_are_all_read(post: Post, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.events.sqs.MOST", 30)
    post.issue()
    queue = cloud.queue()
    clicks = [text(mails.clicked(10 + number)) for number in range(207)]
    cloud.put(queue, *clicks)

    done = until_empty(reader(post, queue))

    assert (done.new, post.events()) == (207, 207)
    assert cloud.left(queue) == (0, 0)


def test_a_poisoned_message_is_set_aside_and_deleted_and_the_others_are_recorded(post: Post, cloud: Cloud) -> None:
    issue, queue = post.issue(), cloud.queue()
    cloud.put(queue, "Good morning.", text(mails.delivery()), json.dumps({"hello": 1}))

    done = until_empty(reader(post, queue))

    assert (done.new, done.aside) == (1, 2)
    assert post.state(issue, "Alice") is DeliveryState.DELIVERED
    assert {aside.body for aside in post.asides()} == {"Good morning.", '{"hello": 1}'}
    assert cloud.left(queue) == (0, 0)


def test_what_could_not_be_committed_stays_in_the_queue(post: Post, cloud: Cloud) -> None:
    post.issue()
    queue = cloud.queue()
    cloud.put(queue, text(mails.delivery()))

    class Away:
        def take(self, bodies: Sequence[str], *, way: str) -> Recorded:
            raise StoreError("The database did not answer as it should.")

    with pytest.raises(StoreError):
        Reader(Queue(queue, region=REGION), Away()).read(lambda: False, patience=0)

    assert sum(cloud.left(queue)) == 1
    assert post.events() == 0


def test_a_message_that_comes_twice_counts_once(post: Post, cloud: Cloud) -> None:
    """The worker died after the commit and before it deleted."""
    post.issue()
    queue = cloud.queue()
    cloud.put(queue, text(mails.complaint()))
    until_empty(reader(post, queue))
    cloud.put(queue, text(mails.complaint()))

    done = until_empty(reader(post, queue))

    assert (done.new, done.again, done.suppressed) == (0, 1, 0)


def test_told_to_stop_it_takes_nothing_more(post: Post, cloud: Cloud) -> None:
    queue = cloud.queue()
    cloud.put(queue, text(mails.send()))

    reader(post, queue).read(lambda: True, patience=0)

    assert cloud.left(queue) == (1, 0)


def test_a_queue_that_is_not_there_is_named(post: Post, cloud: Cloud) -> None:
    gone = cloud.queue().replace("digest-events", "gone")

    with pytest.raises(SenderError, match="gone") as told:
        until_empty(reader(post, gone))

    assert "events.queue_url" in told.value.hint


def test_from_ses_through_topic_and_queue_to_the_ledger(post: Post, cloud: Cloud) -> None:
    """As SNS delivers: raw, and wrapped."""
    issue = post.issue()
    topic = cloud.sns.create_topic(Name="digest-events")["TopicArn"]
    raw, wrapped = cloud.queue("raw"), cloud.queue("wrapped")
    for queue, is_raw in ((raw, "true"), (wrapped, "false")):
        arn = f"arn:aws:sqs:{REGION}:123456789012:{queue.rpartition('/')[2]}"
        cloud.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": is_raw})
    for position, name in enumerate(READERS, start=1):
        cloud.sns.publish(TopicArn=topic, Message=text(mails.delivery(name=name, position=position)))

    first, second = until_empty(reader(post, raw)), until_empty(reader(post, wrapped))

    assert (first.new, second.new, second.again) == (3, 0, 3)
    assert set(post.desk.states(issue).values()) == {DeliveryState.DELIVERED}
