"""What the credentials may do, as policies of IAM: one for the day's work, one for `digest aws setup`.

Sending, GetAccount and the suppression list are of the account as a whole; topic and queue are named.
(Actions: docs.aws.amazon.com/service-authorization, "Amazon Simple Email Service v2", "Amazon SQS", "Amazon SNS",
"Amazon Bedrock".)
"""

from __future__ import annotations

import re
from typing import Any

from digest.events.setup import Plan

_SENDING = ("ses:SendBulkEmail", "ses:SendEmail", "ses:GetAccount")
_DOCTOR = ("ses:GetEmailIdentity", "ses:GetConfigurationSet", "ses:GetConfigurationSetEventDestinations")
_SUPPRESSION = ("ses:ListSuppressedDestinations", "ses:PutSuppressedDestination")
_READING = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl")
_LOOKING = ("sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:GetSubscriptionAttributes")
_MAKING_SETS = (
    "ses:CreateConfigurationSet",
    "ses:CreateConfigurationSetEventDestination",
    "ses:UpdateConfigurationSetEventDestination",
)
_MAKING_TOPICS = ("sns:CreateTopic", "sns:SetTopicAttributes", "sns:Subscribe", "sns:SetSubscriptionAttributes")
_MAKING_QUEUES = ("sqs:CreateQueue", "sqs:SetQueueAttributes")
#: Converse asks for this one as well.
_ASKING = ("bedrock:InvokeModel",)
#: A profile over several regions is called like its model, with where it is in front: us.amazon.nova-lite-v1:0.
_PROFILE = re.compile(r"^(?:us|us-gov|eu|apac|ap|jp|au|ca|sa|me|global)\.")


def of_work(plan: Plan, *, model: str = "", model_region: str = "") -> dict[str, Any]:
    """For `digest run`, `digest serve`, `digest doctor` and the suppression list; for a model's summaries, if any."""
    queues = [plan.queue_arn(plan.name), plan.queue_arn(plan.dead)]
    return _policy(
        _allow("Send", (*_SENDING, *_DOCTOR, *_SUPPRESSION), ["*"]),
        _allow("Events", _READING, queues),
        _allow("Topic", (*_LOOKING, "sns:ConfirmSubscription"), [plan.topic_arn]),
        *([_allow("Summaries", _ASKING, _models(plan, model, model_region or plan.region))] if model else []),
    )


def _models(plan: Plan, model: str, region: str) -> list[str]:
    """A model in its region; behind a profile, the profile and its model wherever it is asked."""
    if model.startswith("arn:"):
        return [model]
    start = f"arn:{plan.partition}:bedrock"
    if not (profile := _PROFILE.match(model)):
        return [f"{start}:{region}::foundation-model/{model}"]
    return [
        f"{start}:{region}:{plan.account}:inference-profile/{model}",
        f"{start}:*::foundation-model/{model[profile.end() :]}",
    ]


def of_setup(plan: Plan) -> dict[str, Any]:
    """For `digest aws setup`, beside the other one and for the time it takes."""
    queues = [plan.queue_arn(plan.name), plan.queue_arn(plan.dead)]
    return _policy(
        _allow("Sets", _MAKING_SETS, ["*"]),
        _allow("Topic", _MAKING_TOPICS, [plan.topic_arn]),
        _allow("Queues", _MAKING_QUEUES, queues),
    )


def _allow(name: str, actions: tuple[str, ...], resources: list[str]) -> dict[str, Any]:
    return {"Sid": name, "Effect": "Allow", "Action": list(actions), "Resource": resources}


def _policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}
