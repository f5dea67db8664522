"""What an SES account needs so that its events reach us, made step by step, and only where it is missing.

    configuration set ──► SNS topic ──► SQS queue ──► digest run
                                            └─ after ten vain tries ──► another queue, for a person to look at

Each part lets in the one before it and nobody else (aws:SourceArn), so what comes out of the queue is SES's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

from digest.errors import SenderError
from digest.events.amazon import Amazon, explained

#: All that SES publishes, except what is about contact lists of its own, which we do not use.
EVENTS = (
    "SEND",
    "REJECT",
    "BOUNCE",
    "COMPLAINT",
    "DELIVERY",
    "OPEN",
    "CLICK",
    "RENDERING_FAILURE",
    "DELIVERY_DELAY",
)
#: SQS keeps messages for so long at most, in seconds: two weeks without a worker lose nothing.
_KEEP = 14 * 86_400
#: Seconds for which a message is hidden from others once it was taken, and how often it may come back.
_HIDDEN, _TRIES = 120, 10
#: What AWS says where something is not there.
_MISSING = frozenset(
    {
        "NotFoundException",
        "NotFound",
        "AWS.SimpleQueueService.NonExistentQueue",
        "QueueDoesNotExist",
    }
)


class State(StrEnum):
    THERE = "is there"
    MISSING = "is missing"
    MADE = "made"


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One thing of the account."""

    what: str
    state: State


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """The names of everything."""

    region: str
    account: str
    configuration_set: str
    name: str = "digest-events"

    @property
    def partition(self) -> str:
        starts = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
        return next((name for start, name in starts.items() if self.region.startswith(start)), "aws")

    @property
    def set_arn(self) -> str:
        return f"arn:{self.partition}:ses:{self.region}:{self.account}:configuration-set/{self.configuration_set}"

    @property
    def topic_arn(self) -> str:
        return f"arn:{self.partition}:sns:{self.region}:{self.account}:{self.name}"

    @property
    def dead(self) -> str:
        return f"{self.name}-dead"

    def queue_arn(self, name: str) -> str:
        return f"arn:{self.partition}:sqs:{self.region}:{self.account}:{name}"

    @property
    def topic_policy(self) -> dict[str, Any]:
        return self._let_in("ses.amazonaws.com", "sns:Publish", self.topic_arn, self.set_arn)

    @property
    def queue_policy(self) -> dict[str, Any]:
        return self._let_in("sns.amazonaws.com", "sqs:SendMessage", self.queue_arn(self.name), self.topic_arn)

    def _let_in(self, service: str, action: str, resource: str, source: str) -> dict[str, Any]:
        who = {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": resource}
        only = {"ArnEquals": {"aws:SourceArn": source}, "StringEquals": {"aws:SourceAccount": self.account}}
        if service == "sns.amazonaws.com":
            del only["StringEquals"]  # the topic's name has the account in it
        return {"Version": "2012-10-17", "Statement": [{"Sid": "digest", **who, "Condition": only}]}


class Setup:
    def __init__(self, amazon: Amazon, plan: Plan) -> None:
        self._aws = amazon
        self.plan = plan

    def look(self) -> list[Part]:
        """Everything as it is. Changes nothing. Raises SenderError."""
        return [
            Part(what=what, state=State.THERE if is_there() else State.MISSING) for what, is_there, _ in self._all()
        ]

    def make(self) -> Iterator[Part]:
        """Make what is missing, one after the other; doing it again makes nothing. Raises SenderError."""
        for what, is_there, make in self._all():
            if is_there():
                yield Part(what=what, state=State.THERE)
                continue
            with explained(what):
                make()
            yield Part(what=what, state=State.MADE)

    def queue_url(self) -> str:
        """Empty when there is no queue."""
        return self._queue_url(self.plan.name)

    def _all(self) -> list[tuple[str, Callable[[], bool], Callable[[], object]]]:
        p = self.plan
        return [
            (f"Configuration set {p.configuration_set}", self._has_set, self._make_set),
            (f"Queue {p.dead} for what nobody can read", lambda: self._has_queue(p.dead), self._make_dead),
            (f"Queue {p.name}", lambda: self._has_queue(p.name), self._make_queue),
            (f"… gives up after {_TRIES} tries", self._has_redrive, self._make_redrive),
            (f"Topic {p.name}", lambda: self._topic() is not None, lambda: self._aws.sns.create_topic(Name=p.name)),
            ("… signs with SHA-256", self._signs, lambda: self._set_topic("SignatureVersion", "2")),
            (
                f"… lets in SES for {p.configuration_set} alone",
                lambda: _same(self._topic_says("Policy"), p.topic_policy),
                lambda: self._set_topic("Policy", json.dumps(p.topic_policy)),
            ),
            (
                f"Queue {p.name} lets in topic {p.name} alone",
                lambda: _same(self._queue_says(p.name, "Policy"), p.queue_policy),
                lambda: self._set_queue(p.name, Policy=json.dumps(p.queue_policy)),
            ),
            (f"Subscription of queue {p.name}, as the events come", self._is_subscribed, self._subscribe),
            (f"Event destination {p.name}: all events", self._has_destination, self._make_destination),
        ]

    # --- SES -----------------------------------------------------------------------------------------------

    def _has_set(self) -> bool:
        return self._there(
            lambda: self._aws.ses.get_configuration_set(ConfigurationSetName=self.plan.configuration_set)
        )

    def _make_set(self) -> None:
        self._aws.ses.create_configuration_set(ConfigurationSetName=self.plan.configuration_set)

    def _destination(self) -> dict[str, Any] | None:
        name = self.plan.configuration_set
        said = self._asked(lambda: self._aws.ses.get_configuration_set_event_destinations(ConfigurationSetName=name))
        found = (said or {}).get("EventDestinations", [])
        return next((one for one in found if one.get("Name") == self.plan.name), None)

    def _has_destination(self) -> bool:
        found = self._destination()
        return (
            found is not None
            and bool(found.get("Enabled"))
            and set(found.get("MatchingEventTypes", [])) >= set(EVENTS)
            and found.get("SnsDestination", {}).get("TopicArn") == self.plan.topic_arn
        )

    def _make_destination(self) -> None:
        topic = {"TopicArn": self.plan.topic_arn}
        wanted = {
            "ConfigurationSetName": self.plan.configuration_set,
            "EventDestinationName": self.plan.name,
            "EventDestination": {"Enabled": True, "MatchingEventTypes": list(EVENTS), "SnsDestination": topic},
        }
        if self._destination() is None:
            self._aws.ses.create_configuration_set_event_destination(**wanted)
        else:
            self._aws.ses.update_configuration_set_event_destination(**wanted)

    # --- SNS -----------------------------------------------------------------------------------------------

    def _topic(self) -> dict[str, str] | None:
        said = self._asked(lambda: self._aws.sns.get_topic_attributes(TopicArn=self.plan.topic_arn))
        return None if said is None else dict(said["Attributes"])

    def _topic_says(self, name: str) -> str:
        return (self._topic() or {}).get(name, "")

    def _signs(self) -> bool:
        return self._topic_says("SignatureVersion") == "2"

    def _set_topic(self, name: str, value: str) -> None:
        self._aws.sns.set_topic_attributes(TopicArn=self.plan.topic_arn, AttributeName=name, AttributeValue=value)

    def _subscription(self) -> str:
        """The ARN of the queue's subscription; empty when there is none."""
        asked = {"TopicArn": self.plan.topic_arn}
        while True:
            said = self._asked(partial(self._aws.sns.list_subscriptions_by_topic, **asked)) or {}
            for one in said.get("Subscriptions", []):
                if one["Endpoint"] == self.plan.queue_arn(self.plan.name):
                    return str(one["SubscriptionArn"])
            if not said.get("NextToken"):
                return ""
            asked["NextToken"] = said["NextToken"]

    def _is_subscribed(self) -> bool:
        arn = self._subscription()
        said = self._asked(lambda: self._aws.sns.get_subscription_attributes(SubscriptionArn=arn)) if arn else None
        return said is not None and said["Attributes"].get("RawMessageDelivery") == "true"

    def _subscribe(self) -> None:
        if arn := self._subscription():
            raw = {"AttributeName": "RawMessageDelivery", "AttributeValue": "true"}
            self._aws.sns.set_subscription_attributes(SubscriptionArn=arn, **raw)
            return
        self._aws.sns.subscribe(
            TopicArn=self.plan.topic_arn,
            Protocol="sqs",
            Endpoint=self.plan.queue_arn(self.plan.name),
            Attributes={"RawMessageDelivery": "true"},
            ReturnSubscriptionArn=True,
        )

    # --- SQS -----------------------------------------------------------------------------------------------

    def _queue_url(self, name: str) -> str:
        said = self._asked(lambda: self._aws.sqs.get_queue_url(QueueName=name))
        return str(said["QueueUrl"]) if said else ""

    def _has_queue(self, name: str) -> bool:
        return bool(self._queue_url(name))

    def _make_dead(self) -> None:
        attributes = {"MessageRetentionPeriod": str(_KEEP)}
        self._aws.sqs.create_queue(QueueName=self.plan.dead, Attributes=attributes)

    def _make_queue(self) -> None:
        attributes = {"MessageRetentionPeriod": str(_KEEP), "VisibilityTimeout": str(_HIDDEN)}
        self._aws.sqs.create_queue(QueueName=self.plan.name, Attributes=attributes)

    @property
    def _redrive(self) -> dict[str, Any]:
        return {"deadLetterTargetArn": self.plan.queue_arn(self.plan.dead), "maxReceiveCount": _TRIES}

    def _has_redrive(self) -> bool:
        said = self._queue_says(self.plan.name, "RedrivePolicy")
        target = json.loads(said).get("deadLetterTargetArn") if said else ""
        return bool(target == self._redrive["deadLetterTargetArn"])

    def _make_redrive(self) -> None:
        self._set_queue(self.plan.name, RedrivePolicy=json.dumps(self._redrive))

    def _queue_says(self, name: str, attribute: str) -> str:
        url = self._queue_url(name)
        if not url:
            return ""
        with explained(f"The queue {name}"):
            said = self._aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[attribute])
        return str(said.get("Attributes", {}).get(attribute, ""))

    def _set_queue(self, name: str, **attributes: str) -> None:
        self._aws.sqs.set_queue_attributes(QueueUrl=self._queue_url(name), Attributes=attributes)

    # --- Asking --------------------------------------------------------------------------------------------

    def _there(self, ask: Callable[[], Any]) -> bool:
        return self._asked(ask) is not None

    def _asked(self, ask: Callable[[], Any]) -> dict[str, Any] | None:
        """What AWS answers; None where what was asked about is not there."""
        try:
            with explained("Amazon"):
                said: dict[str, Any] = ask()
                return said
        except SenderError as error:
            if error.code in _MISSING:
                return None
            raise


def _same(said: str, wanted: dict[str, Any]) -> bool:
    try:
        return bool(json.loads(said or "{}") == wanted)
    except ValueError:
        return False
