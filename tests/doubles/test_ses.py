"""The double, seen through boto3: it must refuse, throttle, count and report as SES is known to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from tests.doubles.ses import SesDouble

NEWS = "Riverbend <news@riverbend.example>"
HELLO = {"Subject": "Hello {{name}}", "Html": "<p>{{{name}}}</p>", "Text": "Hello {{name}}"}


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def double(clock: Clock) -> Iterator[SesDouble]:
    with SesDouble(clock=clock) as server:
        yield server


@pytest.fixture(scope="module")
def session() -> boto3.session.Session:
    return boto3.session.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")


@pytest.fixture
def ses(double: SesDouble, session: boto3.session.Session) -> Iterator[Any]:
    config = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
    client = session.client("sesv2", endpoint_url=double.url, config=config)
    yield client
    client.close()


def entry(address: str, data: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    content = json.dumps({"name": "you"} if data is None else data)
    replacement = {"ReplacementTemplate": {"ReplacementTemplateData": content}}
    return {"Destination": {"ToAddresses": [address]}, "ReplacementEmailContent": replacement, **fields}


def bulk(
    ses: Any, *entries: dict[str, Any], template: dict[str, Any] | None = None, **fields: Any
) -> list[dict[str, Any]]:
    content = {"Template": {"TemplateContent": HELLO, "TemplateData": "{}"} | (template or {})}
    request = {"FromEmailAddress": NEWS, "DefaultContent": content, "BulkEmailEntries": list(entries), **fields}
    results: list[dict[str, Any]] = ses.send_bulk_email(**request)["BulkEmailEntryResults"]
    return results


def readers(count: int) -> list[dict[str, Any]]:
    return [entry(f"reader{number}@example.org") for number in range(count)]


def refusal(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str, int]:
    response = error.value.response
    return response["Error"]["Code"], response["Error"]["Message"], response["ResponseMetadata"]["HTTPStatusCode"]


# --- Mail -----------------------------------------------------------------------------------------------


def test_a_bulk_mail_is_rendered_for_each_reader_without_escaping(double: SesDouble, ses: Any) -> None:
    results = bulk(ses, entry("alice@example.org", {"name": "<Alice>"}), entry("bob@example.org", {"name": "{{Bob}}"}))

    assert [result["Status"] for result in results] == ["SUCCESS", "SUCCESS"]
    assert [mail.html for mail in double.mails] == ["<p><Alice></p>", "<p>{{Bob}}</p>"]
    assert [mail.message_id for mail in double.mails] == [result["MessageId"] for result in results]


def test_an_entrys_headers_win_over_the_templates_by_name(double: SesDouble, ses: Any) -> None:
    own = [{"Name": "list-id", "Value": "<own>"}]
    common = [{"Name": "List-Id", "Value": "<common>"}, {"Name": "X-Kept", "Value": "yes"}]
    bulk(ses, entry("alice@example.org", ReplacementHeaders=own), template={"Headers": common})

    assert double.mails[0].headers == {"X-Kept": "yes", "list-id": "<own>"}


def test_default_data_is_not_merged_into_an_entrys_own(double: SesDouble, ses: Any) -> None:
    bulk(ses, entry("alice@example.org", {}), template={"TemplateData": '{"name": "default"}'})

    assert "'name' is not present" in double.mails[0].failure


def test_a_missing_value_is_accepted_and_never_delivered(double: SesDouble, ses: Any) -> None:
    (result,) = bulk(ses, entry("alice@example.org", {"name": None}, ReplacementTags=[{"Name": "n", "Value": "1"}]))

    assert result["Status"] == "SUCCESS"
    (event,) = double.events
    assert event["eventType"] == "Rendering Failure"
    assert event["failure"]["errorMessage"] == "Attribute 'name' is not present in the rendering data."
    assert event["mail"]["tags"]["n"] == ["1"]


def test_a_simple_mail_keeps_its_headers_and_tags(double: SesDouble, ses: Any) -> None:
    simple = {
        "Subject": {"Data": "Grüße"},
        "Body": {"Text": {"Data": "Hallo {{name}}"}, "Html": {"Data": "<p>Hallo</p>"}},
        "Headers": [{"Name": "List-Id", "Value": "<daily>"}],
    }
    ses.send_email(
        FromEmailAddress=NEWS,
        Destination={"ToAddresses": ["Alice <alice@example.org>"]},
        Content={"Simple": simple},
        EmailTags=[{"Name": "issue", "Value": "7"}],
    )

    (mail,) = double.mails
    assert (mail.subject, mail.text, mail.to) == ("Grüße", "Hallo {{name}}", ("alice@example.org",))
    assert (mail.headers, mail.tags) == ({"List-Id": "<daily>"}, {"issue": "7"})


def test_a_raw_mail_is_read_for_its_readers_and_parts(double: SesDouble, ses: Any) -> None:
    raw = b"From: news@riverbend.example\r\nTo: alice@example.org\r\nSubject: Hi\r\n\r\nHello\r\n"
    ses.send_email(Content={"Raw": {"Data": raw}})

    assert (double.mails[0].to, double.mails[0].subject) == (("alice@example.org",), "Hi")
    assert double.mails[0].text.strip() == "Hello"


def test_a_raw_line_beyond_1000_characters_is_refused(ses: Any) -> None:
    raw = b"From: news@riverbend.example\r\nTo: alice@example.org\r\n\r\n" + b"x" * 1001
    with pytest.raises(ses.exceptions.BadRequestException):
        ses.send_email(Content={"Raw": {"Data": raw}})


def test_a_stored_template_can_be_written_used_and_removed(double: SesDouble, ses: Any) -> None:
    ses.create_email_template(TemplateName="daily", TemplateContent=HELLO)
    with pytest.raises(ses.exceptions.AlreadyExistsException):
        ses.create_email_template(TemplateName="daily", TemplateContent=HELLO)
    ses.update_email_template(TemplateName="daily", TemplateContent=HELLO | {"Subject": "New {{name}}"})
    content = {"Template": {"TemplateName": "daily", "TemplateData": '{"name": "Alice"}'}}
    ses.send_email(FromEmailAddress=NEWS, Destination={"ToAddresses": ["alice@example.org"]}, Content=content)
    shown = ses.test_render_email_template(TemplateName="daily", TemplateData='{"name": "Bob"}')
    ses.delete_email_template(TemplateName="daily")

    assert double.mails[0].subject == "New Alice"
    assert "New Bob" in shown["RenderedTemplate"]
    with pytest.raises(ses.exceptions.NotFoundException):
        ses.get_email_template(TemplateName="daily")


# --- Limits ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        [{"Name": f"X-{number}", "Value": "x"} for number in range(16)],
        [{"Name": "X-Näme", "Value": "x"}],
        [{"Name": "X Y", "Value": "x"}],
        [{"Name": "X", "Value": "ä"}],
        [{"Name": "X", "Value": "a\r\nBcc: all@example.org"}],
        [{"Name": "X", "Value": "x" * 996}],
        [{"Name": "X" * 127, "Value": "x"}],
        [{"Name": "Message-ID", "Value": "<1@x>"}],
        [{"Name": "reply-to", "Value": "a@b.example"}],
        [{"Name": "List-Id", "Value": "<a>"}, {"Name": "list-id", "Value": "<b>"}],
    ],
)
def test_headers_that_ses_does_not_take_refuse_the_whole_call(double: SesDouble, ses: Any, headers: Any) -> None:
    with pytest.raises(ses.exceptions.BadRequestException):
        bulk(ses, *readers(2), entry("alice@example.org", ReplacementHeaders=headers))
    assert double.accepted == 0


@pytest.mark.parametrize("tag", [("issue", "a b"), ("ses:x", "1"), ("", "1"), ("issue", "x" * 257), ("issue", "ä")])
def test_tags_that_ses_does_not_take_refuse_the_whole_call(ses: Any, tag: tuple[str, str]) -> None:
    with pytest.raises(ses.exceptions.BadRequestException):
        bulk(ses, entry("alice@example.org", ReplacementTags=[{"Name": tag[0], "Value": tag[1]}]))


def test_fifty_entries_are_the_most(double: SesDouble, ses: Any) -> None:
    assert len(bulk(ses, *readers(50))) == 50
    with pytest.raises(ses.exceptions.BadRequestException, match="50"):
        bulk(ses, *readers(51))


def test_an_inline_template_beyond_a_megabyte_is_refused(ses: Any) -> None:
    with pytest.raises(ses.exceptions.BadRequestException, match="1 MB"):
        bulk(ses, *readers(1), template={"TemplateContent": HELLO | {"Html": "x" * (1 << 20)}})


@pytest.mark.parametrize("source", ["{{#if x}}y{{/if}}", "{{> part}}", "{{x", "{{x}}}", "{{{{x}}}}", "{{{x}}", "{{}}"])
def test_an_inline_template_has_plain_substitution_only(ses: Any, source: str) -> None:
    with pytest.raises(ses.exceptions.BadRequestException, match=r"Template contains unsupported operations\."):
        bulk(ses, *readers(1), template={"TemplateContent": HELLO | {"Html": source}})


def test_an_address_that_is_none_fails_alone(ses: Any) -> None:
    results = bulk(ses, entry("nobody"), entry("dorá@example.org"), entry("alice@example.org"))

    assert [result["Status"] for result in results] == ["INVALID_PARAMETER", "INVALID_PARAMETER", "SUCCESS"]


@pytest.mark.parametrize("sender", ["Bücher <news@riverbend.example>", "nobody", ""])
def test_a_sender_must_be_an_address_with_an_encoded_name(ses: Any, sender: str) -> None:
    with pytest.raises(ses.exceptions.BadRequestException):
        bulk(ses, *readers(1), FromEmailAddress=sender)


def test_a_sender_that_is_not_verified_is_rejected(double: SesDouble, ses: Any) -> None:
    double.account.identities = {"other.example"}

    with pytest.raises(ses.exceptions.MessageRejected) as error:
        bulk(ses, *readers(1))
    assert refusal(error)[1].startswith("Email address is not verified.")
    double.account.identities = {"riverbend.example"}
    assert bulk(ses, *readers(1))[0]["Status"] == "SUCCESS"


def test_the_sandbox_mails_verified_readers_and_the_simulator_only(double: SesDouble, ses: Any) -> None:
    double.account.production = False
    double.account.identities = {"riverbend.example", "alice@example.org"}

    results = bulk(ses, entry("alice@example.org"), entry("bob@example.org"), entry("success@simulator.amazonses.com"))
    assert [result["Status"] for result in results] == ["SUCCESS", "MESSAGE_REJECTED", "SUCCESS"]
    assert ses.get_account()["SendQuota"]["Max24HourSend"] == 200


def test_an_unknown_configuration_set_is_not_found(double: SesDouble, ses: Any) -> None:
    with pytest.raises(ses.exceptions.NotFoundException):
        bulk(ses, *readers(1), ConfigurationSetName="news")
    ses.create_configuration_set(ConfigurationSetName="news")
    bulk(ses, *readers(1), ConfigurationSetName="news")

    assert double.events[0]["mail"]["tags"]["ses:configuration-set"] == ["news"]


def test_a_paused_and_a_suspended_account_take_nothing(double: SesDouble, ses: Any) -> None:
    ses.put_account_sending_attributes(SendingEnabled=False)
    with pytest.raises(ses.exceptions.SendingPausedException):
        bulk(ses, *readers(1))
    double.account.enforcement = "SHUTDOWN"
    with pytest.raises(ses.exceptions.AccountSuspendedException):
        bulk(ses, *readers(1))
    assert double.accepted == 0


# --- Rate and quota -------------------------------------------------------------------------------------


def test_the_rate_counts_readers_and_lets_one_call_overdraw(double: SesDouble, ses: Any, clock: Clock) -> None:
    double.account.limit(14)
    bulk(ses, *readers(10))
    bulk(ses, *readers(10))  # 4 were left: taken, and owed

    with pytest.raises(ses.exceptions.TooManyRequestsException) as error:
        bulk(ses, *readers(1))
    assert refusal(error) == ("TooManyRequestsException", "Maximum sending rate exceeded.", 429)
    clock.now += 0.4  # the debt of 6 is not yet paid
    with pytest.raises(ses.exceptions.TooManyRequestsException):
        bulk(ses, *readers(1))
    clock.now += 0.2
    bulk(ses, *readers(1))
    assert double.stats["throttled"] == 2


def test_no_second_holds_more_than_the_rate_when_strict(double: SesDouble, ses: Any, clock: Clock) -> None:
    double.account.strict = True
    double.account.limit(14)
    bulk(ses, *readers(10))
    clock.now += 0.9

    with pytest.raises(ses.exceptions.TooManyRequestsException):
        bulk(ses, *readers(5))
    clock.now += 0.11
    bulk(ses, *readers(5))


def test_bulk_calls_may_have_a_limit_of_their_own(double: SesDouble, ses: Any, clock: Clock) -> None:
    double.account.limit(1000, bulk_calls=1)
    bulk(ses, *readers(1))

    with pytest.raises(ses.exceptions.TooManyRequestsException, match="Rate exceeded"):
        bulk(ses, *readers(1))
    clock.now += 1
    bulk(ses, *readers(1))


def test_the_quota_ends_within_a_batch_and_frees_itself_after_a_day(double: SesDouble, ses: Any, clock: Clock) -> None:
    double.account.quota = 3
    results = bulk(ses, *readers(4), entry("success+1@simulator.amazonses.com"))

    assert [result["Status"] for result in results] == [*["SUCCESS"] * 3, "ACCOUNT_DAILY_QUOTA_EXCEEDED", "SUCCESS"]
    assert ses.get_account()["SendQuota"]["SentLast24Hours"] == 3
    with pytest.raises(ses.exceptions.TooManyRequestsException, match=r"Daily message quota exceeded\."):
        bulk(ses, *readers(1))
    clock.now += 86_400
    assert bulk(ses, *readers(1))[0]["Status"] == "SUCCESS"


# --- Suppression and events -----------------------------------------------------------------------------


def test_the_suppression_list_is_kept_and_listed_by_reason(ses: Any) -> None:
    for address, reason in (("Ann@example.org", "BOUNCE"), ("bob@example.org", "COMPLAINT")):
        ses.put_suppressed_destination(EmailAddress=address, Reason=reason)

    listed = ses.list_suppressed_destinations(Reasons=["COMPLAINT"])["SuppressedDestinationSummaries"]
    assert [item["EmailAddress"] for item in listed] == ["bob@example.org"]
    assert ses.get_suppressed_destination(EmailAddress="ann@example.org")["SuppressedDestination"]["Reason"] == "BOUNCE"
    ses.delete_suppressed_destination(EmailAddress="ann@example.org")
    with pytest.raises(ses.exceptions.NotFoundException):
        ses.get_suppressed_destination(EmailAddress="ann@example.org")


def test_a_long_suppression_list_comes_in_pages(ses: Any) -> None:
    for number in range(5):
        ses.put_suppressed_destination(EmailAddress=f"r{number}@example.org", Reason="BOUNCE")

    first = ses.list_suppressed_destinations(PageSize=3)
    second = ses.list_suppressed_destinations(PageSize=3, NextToken=first["NextToken"])
    assert len(first["SuppressedDestinationSummaries"]) == 3
    assert len(second["SuppressedDestinationSummaries"]) == 2
    assert "NextToken" not in second


def test_mail_to_a_suppressed_reader_is_accepted_counted_and_bounces(double: SesDouble, ses: Any) -> None:
    ses.put_suppressed_destination(EmailAddress="alice@example.org", Reason="COMPLAINT")
    (result,) = bulk(ses, entry("Alice@example.org"))

    assert result["Status"] == "SUCCESS"
    assert ses.get_account()["SendQuota"]["SentLast24Hours"] == 1
    assert [event["eventType"] for event in double.events] == ["Send", "Bounce"]
    assert double.events[1]["bounce"]["bounceSubType"] == "OnAccountSuppressionList"


@pytest.mark.parametrize(
    ("label", "types"),
    [
        ("success", ["Send", "Delivery"]),
        ("bounce+issue7", ["Send", "Bounce"]),
        ("complaint", ["Send", "Delivery", "Complaint"]),
        ("suppressionlist", ["Send", "Bounce"]),
        ("ooto", ["Send", "Delivery"]),
    ],
)
def test_the_simulators_addresses_do_what_they_say(double: SesDouble, ses: Any, label: str, types: list[str]) -> None:
    address = f"{label}@simulator.amazonses.com"
    (result,) = bulk(ses, entry(address, ReplacementTags=[{"Name": "delivery", "Value": "5"}]))

    assert [event["eventType"] for event in double.events] == types
    for event in double.events:
        assert event["mail"]["messageId"] == result["MessageId"]
        assert event["mail"]["tags"]["delivery"] == ["5"]
        assert event["mail"]["destination"] == [address]


# --- Faults ---------------------------------------------------------------------------------------------


def test_a_refusal_may_come_so_many_times_or_at_every_kth_call(double: SesDouble, ses: Any) -> None:
    double.refuse("ThrottlingException", "slow down", times=2, every=2)

    outcomes = []
    for _ in range(6):
        try:
            bulk(ses, *readers(1))
            outcomes.append("taken")
        except ClientError as error:
            outcomes.append(error.response["Error"]["Code"])
    assert outcomes == ["taken", "ThrottlingException"] * 2 + ["taken"] * 2
    assert double.accepted == 4


def test_a_dropped_answer_leaves_the_mail_accepted(double: SesDouble, ses: Any) -> None:
    double.fault("drop")

    with pytest.raises(ConnectionClosedError):
        bulk(ses, *readers(3))
    assert double.accepted == 3


def test_a_closed_connection_leaves_nothing_accepted(double: SesDouble, ses: Any) -> None:
    double.fault("close")

    with pytest.raises(ConnectionClosedError):
        bulk(ses, *readers(3))
    assert double.accepted == 0


def test_a_server_error_after_acceptance_has_ses_status(double: SesDouble, ses: Any) -> None:
    double.fault("error", status=503)

    with pytest.raises(ClientError) as error:
        bulk(ses, *readers(1))
    assert refusal(error)[2] == 503
    assert double.accepted == 1


def test_a_fault_of_another_operation_spares_the_sends(double: SesDouble, ses: Any) -> None:
    double.refuse("TooManyRequestsException", operation="GetAccount", times=0)

    bulk(ses, *readers(1))
    for _ in range(2):
        with pytest.raises(ses.exceptions.TooManyRequestsException):
            ses.get_account()
    double.recover()
    assert ses.get_account()["SendingEnabled"]


def test_an_unknown_call_is_not_mistaken_for_one_that_works(ses: Any) -> None:
    with pytest.raises(ClientError) as error:
        ses.list_contact_lists()
    assert refusal(error)[0] == "UnknownOperationException"


def test_a_request_that_was_signed_too_long_ago_is_refused(double: SesDouble, ses: Any) -> None:
    double.service.signature_age = -1

    with pytest.raises(ClientError) as error:
        bulk(ses, *readers(1))

    code, text, status = refusal(error)
    assert (code, status) == ("InvalidSignatureException", 403)
    assert text.startswith("Signature expired: ")
    assert double.accepted == 0
