"""What the policies allow is what is asked of Amazon, and nothing is asked that they do not allow."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.model import OperationModel

from digest.events import permissions
from digest.events.amazon import Amazon
from digest.events.identity import covering
from digest.events.setup import Plan, Setup
from digest.events.suppression import pull, push
from digest.store.database import Database
from subscribers import Reason, suppress
from tests.doubles.ses import SesDouble
from tests.events.cloud import ACCOUNT, REGION, Cloud
from tests.events.mails import NOON

PLAN = Plan(region=REGION, account=ACCOUNT, configuration_set="digest")


@pytest.fixture
def asked(cloud: Cloud, ses: SesDouble, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The actions that boto3's clients ask for from now on, as policies write them."""
    actions: set[str] = set()

    def note(model: OperationModel, **_: Any) -> None:
        service = model.service_model
        actions.add(f"{service.signing_name}:{model.name}")

    monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", ses.url)
    fresh = boto3.Session()
    fresh.events.register("before-call", note)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", fresh)
    return actions


def allowed(policy: dict[str, Any]) -> set[str]:
    return {action for statement in policy["Statement"] for action in statement["Action"]}


def test_setting_up_asks_for_all_that_the_policies_name_and_no_more(asked: set[str]) -> None:
    setup = Setup(Amazon(REGION), PLAN)
    list(setup.make())
    making = allowed(permissions.of_setup(PLAN))

    assert asked <= making | allowed(permissions.of_work(PLAN))
    # What is wrong already is set right by these two, and nothing was.
    unasked = {"ses:UpdateConfigurationSetEventDestination", "sns:SetSubscriptionAttributes"}
    assert making - asked == unasked


def test_looking_and_the_suppression_list_need_the_policy_of_every_day(asked: set[str], database: Database) -> None:
    amazon = Amazon(REGION)
    list(Setup(amazon, PLAN).make())
    asked.clear()

    Setup(amazon, PLAN).look()
    covering(amazon, "daily@courier.news")
    with database.write() as conn:
        suppress(conn, "alice@example.com", reason=Reason.BOUNCE, at=NOON)
    push(amazon, database)
    pull(amazon, database, now=NOON)

    assert asked <= allowed(permissions.of_work(PLAN))
    assert {"ses:GetEmailIdentity", "ses:PutSuppressedDestination", "sns:GetTopicAttributes"} <= asked


def test_topic_and_queues_are_named(asked: set[str]) -> None:
    named = {
        resource
        for policy in (permissions.of_work(PLAN), permissions.of_setup(PLAN))
        for statement in policy["Statement"]
        if not any(action.startswith("ses:") for action in statement["Action"])
        for resource in statement["Resource"]
    }

    assert named == {PLAN.topic_arn, PLAN.queue_arn("digest-events"), PLAN.queue_arn("digest-events-dead")}


@pytest.mark.parametrize(
    ("model", "resources"),
    [
        ("amazon.nova-lite-v1:0", ["arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0"]),
        (
            "eu.amazon.nova-lite-v1:0",
            [
                f"arn:aws:bedrock:eu-west-1:{ACCOUNT}:inference-profile/eu.amazon.nova-lite-v1:0",
                "arn:aws:bedrock:*::foundation-model/amazon.nova-lite-v1:0",
            ],
        ),
        ("arn:aws:bedrock:eu-west-1:1:custom/x", ["arn:aws:bedrock:eu-west-1:1:custom/x"]),
    ],
)
def test_a_model_that_writes_summaries_may_be_asked_and_no_other(model: str, resources: list[str]) -> None:
    policy = permissions.of_work(PLAN, model=model, model_region="eu-west-1")

    asking = [statement for statement in policy["Statement"] if "bedrock:InvokeModel" in statement["Action"]]
    assert [statement["Resource"] for statement in asking] == [resources]


def test_without_a_model_nothing_of_models_is_allowed() -> None:
    assert "bedrock:InvokeModel" not in allowed(permissions.of_work(PLAN))
