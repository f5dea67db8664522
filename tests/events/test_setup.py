"""The account's set-up: what `digest aws setup` makes lets an event through and nobody else in."""

from __future__ import annotations

import json

import pytest

from digest.events.amazon import Amazon
from digest.events.fold import lift_soft
from digest.events.setup import EVENTS, Part, Plan, Setup, State
from digest.events.suppression import pull, push
from digest.store.database import Database
from subscribers import Reason, suppress, suppressed
from tests.doubles.ses import SesDouble
from tests.events.cloud import ACCOUNT, REGION, Cloud
from tests.events.mails import NOON


@pytest.fixture
def amazon(cloud: Cloud, ses: SesDouble, monkeypatch: pytest.MonkeyPatch) -> Amazon:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", ses.url)
    return Amazon(REGION)


@pytest.fixture
def setup(amazon: Amazon) -> Setup:
    return Setup(amazon, Plan(region=REGION, account=ACCOUNT, configuration_set="digest"))


#: moto takes a topic's version of signatures and never tells it.
UNTOLD = "… signs with SHA-256"


def states(parts: list[Part]) -> set[State]:
    return {part.state for part in parts if part.what != UNTOLD}


def test_looking_makes_nothing(setup: Setup, cloud: Cloud, ses: SesDouble) -> None:
    assert states(setup.look()) == {State.MISSING}

    assert cloud.sqs.list_queues().get("QueueUrls", []) == []
    assert cloud.sns.list_topics()["Topics"] == []
    assert ses.account.configuration_sets == set()


def test_what_is_missing_is_made_and_made_once(setup: Setup) -> None:
    assert states(list(setup.make())) == {State.MADE}
    assert states(setup.look()) == {State.THERE}
    assert states(list(setup.make())) == {State.THERE}


def test_what_somebody_changed_is_seen_and_mended(setup: Setup, cloud: Cloud) -> None:
    list(setup.make())
    (subscribed,) = cloud.sns.list_subscriptions()["Subscriptions"]
    cloud.sns.set_subscription_attributes(
        SubscriptionArn=subscribed["SubscriptionArn"], AttributeName="RawMessageDelivery", AttributeValue="false"
    )
    cloud.sqs.set_queue_attributes(QueueUrl=setup.queue_url(), Attributes={"Policy": ""})

    missing = [part.what for part in setup.look() if part.state is State.MISSING and part.what != UNTOLD]

    assert missing == [
        "Queue digest-events lets in topic digest-events alone",
        "Subscription of queue digest-events, as the events come",
    ]
    list(setup.make())
    assert states(setup.look()) == {State.THERE}


def test_each_part_lets_in_the_one_before_it_alone(setup: Setup, cloud: Cloud) -> None:
    list(setup.make())

    topic = json.loads(cloud.sns.get_topic_attributes(TopicArn=setup.plan.topic_arn)["Attributes"]["Policy"])
    said = cloud.sqs.get_queue_attributes(QueueUrl=setup.queue_url(), AttributeNames=["All"])["Attributes"]
    (ses_may,), (sns_may,) = topic["Statement"], json.loads(said["Policy"])["Statement"]

    assert ses_may["Principal"] == {"Service": "ses.amazonaws.com"}
    assert ses_may["Condition"]["ArnEquals"] == {
        "aws:SourceArn": f"arn:aws:ses:{REGION}:{ACCOUNT}:configuration-set/digest"
    }
    assert ses_may["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
    assert sns_may["Principal"] == {"Service": "sns.amazonaws.com"}
    assert sns_may["Condition"] == {"ArnEquals": {"aws:SourceArn": setup.plan.topic_arn}}
    assert json.loads(said["RedrivePolicy"])["deadLetterTargetArn"].endswith(":digest-events-dead")


def test_all_events_come_to_the_topic_and_from_there_raw_into_the_queue(
    setup: Setup, cloud: Cloud, ses: SesDouble
) -> None:
    list(setup.make())

    destination = ses.account.destinations["digest"]["digest-events"]
    assert destination["SnsDestination"] == {"TopicArn": setup.plan.topic_arn}
    assert set(destination["MatchingEventTypes"]) == set(EVENTS) >= {"SEND", "BOUNCE", "COMPLAINT"}
    cloud.sns.publish(TopicArn=setup.plan.topic_arn, Message='{"eventType": "Send"}')
    (message,) = cloud.sqs.receive_message(QueueUrl=setup.queue_url())["Messages"]
    assert message["Body"] == '{"eventType": "Send"}'


def test_an_event_destination_that_lacks_events_gets_them(setup: Setup, ses: SesDouble) -> None:
    list(setup.make())
    ses.account.destinations["digest"]["digest-events"]["MatchingEventTypes"] = ["BOUNCE"]

    made = [part.what for part in setup.make() if part.state is State.MADE and part.what != UNTOLD]

    assert made == ["Event destination digest-events: all events"]


@pytest.mark.parametrize(
    ("region", "arn"),
    [
        ("cn-north-1", "arn:aws-cn:sns:cn-north-1:1:digest-events"),
        ("us-gov-west-1", "arn:aws-us-gov:sns:us-gov-west-1:1:digest-events"),
    ],
)
def test_other_partitions_have_other_names(region: str, arn: str) -> None:
    assert Plan(region=region, account="1", configuration_set="digest").topic_arn == arn


# --- The account's suppression list ------------------------------------------------------------------------


def test_pulling_takes_every_page_over(amazon: Amazon, ses: SesDouble, database: Database) -> None:
    ses.account.suppressed |= {f"reader{number}@example.com": "BOUNCE" for number in range(2500)}
    ses.account.suppressed["alice@example.com"] = "COMPLAINT"

    first, again = (pull(amazon, database, now=NOON) for _ in range(2))

    assert (first.looked_at, first.new, again.new) == (2501, 2501, 0)
    with database.read() as conn:
        entry = suppressed(conn, "Alice@example.com")
    assert entry
    assert (entry.reason, entry.detail) == (Reason.COMPLAINT, "SES's suppression list")


def test_what_ses_says_is_not_lifted_with_what_passing_bounces_led_to(
    amazon: Amazon, ses: SesDouble, database: Database
) -> None:
    with database.write() as conn:
        suppress(conn, "alice@example.com", reason=Reason.BOUNCE, at=NOON, detail="passing bounces: 3 in a row")
    ses.account.suppressed["alice@example.com"] = "BOUNCE"

    assert pull(amazon, database, now=NOON).new == 0

    with database.write() as conn:
        assert not lift_soft(conn, "alice@example.com"), "a delivery that is told late brings nobody back"
        assert suppressed(conn, "alice@example.com")


def test_pushing_tells_what_bounced_and_complained_here_and_nothing_else(
    amazon: Amazon, ses: SesDouble, database: Database
) -> None:
    ses.account.suppressed["zoe@example.com"] = "BOUNCE"
    here = {"alice": Reason.BOUNCE, "bob": Reason.COMPLAINT, "charlie": Reason.MANUAL, "zoe": Reason.COMPLAINT}
    with database.write() as conn:
        for name, reason in here.items():
            suppress(conn, f"{name}@example.com", reason=reason, at=NOON)

    first, again = push(amazon, database), push(amazon, database)

    assert (first.looked_at, first.new, again.new) == (3, 3, 0)
    assert ses.account.suppressed == {
        "alice@example.com": "BOUNCE",
        "bob@example.com": "COMPLAINT",
        "zoe@example.com": "COMPLAINT",
    }
