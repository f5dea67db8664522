"""The table: a test for each row, so that no row can change what it decides unnoticed."""

from __future__ import annotations

import ssl

import botocore.exceptions
import pytest

from digest.deliver import outcome
from digest.deliver.outcome import CALLS, EXCEPTIONS, REPLIES, STATUSES, Answer, Kind
from digest.errors import AccountError, DoubtError, PaceError, PersonError
from digest.model import DeliveryState

PERSON, PACE, RETRY, ACCOUNT, DOUBT = Kind.PERSON, Kind.PACE, Kind.RETRY, Kind.ACCOUNT, Kind.DOUBT

WHOLE_CALLS = {
    "TooManyRequestsException": PACE,
    "ThrottlingException": PACE,
    "Throttling": PACE,
    "RequestThrottled": PACE,
    "RequestLimitExceeded": PACE,
    "429": PACE,
    "LimitExceededException": ACCOUNT,
    "SendingPausedException": ACCOUNT,
    "AccountSuspendedException": ACCOUNT,
    "MailFromDomainNotVerifiedException": ACCOUNT,
    "MessageRejected": ACCOUNT,
    "NotFoundException": ACCOUNT,
    "BadRequestException": ACCOUNT,
    "ValidationException": ACCOUNT,
    "SerializationException": ACCOUNT,
    "413": ACCOUNT,
    "AccessDeniedException": ACCOUNT,
    "AccessDenied": ACCOUNT,
    "UnrecognizedClientException": ACCOUNT,
    "InvalidClientTokenId": ACCOUNT,
    "ExpiredTokenException": ACCOUNT,
    "ExpiredToken": ACCOUNT,
    "MissingAuthenticationTokenException": ACCOUNT,
    "InvalidSignatureException": ACCOUNT,
    "SignatureDoesNotMatch": ACCOUNT,
    "RequestExpired": ACCOUNT,
    "RequestTimeTooSkewed": ACCOUNT,
}
ENTRIES = {
    "MESSAGE_REJECTED": PERSON,
    "INVALID_PARAMETER": PERSON,
    "ACCOUNT_THROTTLED": PACE,
    "TRANSIENT_FAILURE": RETRY,
    "FAILED": RETRY,
    "ACCOUNT_DAILY_QUOTA_EXCEEDED": ACCOUNT,
    "ACCOUNT_SENDING_PAUSED": ACCOUNT,
    "ACCOUNT_SUSPENDED": ACCOUNT,
    "MAIL_FROM_DOMAIN_NOT_VERIFIED": ACCOUNT,
    "CONFIGURATION_SET_NOT_FOUND": ACCOUNT,
    "CONFIGURATION_SET_SENDING_PAUSED": ACCOUNT,
    "INVALID_SENDING_POOL_NAME": ACCOUNT,
    "TEMPLATE_NOT_FOUND": ACCOUNT,
}
NO_ANSWER = {
    "EndpointConnectionError": PACE,
    "ConnectTimeoutError": PACE,
    "ProxyConnectionError": PACE,
    "NoCredentialsError": ACCOUNT,
    "PartialCredentialsError": ACCOUNT,
    "CredentialRetrievalError": ACCOUNT,
    "SSOError": ACCOUNT,
    "TokenRetrievalError": ACCOUNT,
    "ProfileNotFound": ACCOUNT,
    "NoRegionError": ACCOUNT,
    "InvalidRegionError": ACCOUNT,
    "InvalidEndpointConfigurationError": ACCOUNT,
    "EndpointResolutionError": ACCOUNT,
    "ParamValidationError": ACCOUNT,
    "ReadTimeoutError": DOUBT,
    "ConnectionClosedError": DOUBT,
    "ResponseStreamingError": DOUBT,
    "ResponseParserError": DOUBT,
}
SMTP = {
    ("hello", 4): PACE,
    ("hello", 5): ACCOUNT,
    ("mail", 4): PACE,
    ("mail", 5): ACCOUNT,
    ("rcpt", 4): RETRY,
    ("rcpt", 5): PERSON,
    ("data", 4): RETRY,
    ("data", 5): ACCOUNT,
    ("end", 4): RETRY,
    ("end", 5): PERSON,
}


@pytest.mark.parametrize(("code", "kind"), WHOLE_CALLS.items())
def test_the_error_of_a_whole_call_is_of_this_kind(code: str, kind: Kind) -> None:
    assert outcome.of_call(code, 400, "…").kind is kind


@pytest.mark.parametrize(("status", "kind"), ENTRIES.items())
def test_the_status_of_a_bulk_entry_is_of_this_kind(status: str, kind: Kind) -> None:
    row = outcome.of_status(status, "…")
    assert row is not None
    assert row.kind is kind


@pytest.mark.parametrize(("name", "kind"), NO_ANSWER.items())
def test_a_missing_answer_is_of_this_kind(name: str, kind: Kind) -> None:
    named = type(name, (Exception,), {})
    assert outcome.of_exception(named("…"), left=True).kind is kind


@pytest.mark.parametrize(("step", "kind"), SMTP.items())
def test_an_smtp_reply_is_of_this_kind(step: tuple[str, int], kind: Kind) -> None:
    assert outcome.of_reply(step[0], step[1] * 100 + 50, "…").kind is kind


def test_every_row_of_the_table_has_a_test() -> None:
    assert WHOLE_CALLS.keys() == CALLS.keys()
    assert ENTRIES.keys() == STATUSES.keys()
    assert NO_ANSWER.keys() == EXCEPTIONS.keys()
    assert SMTP.keys() == REPLIES.keys()


def test_the_table_knows_every_status_of_boto3s_own_model() -> None:
    import boto3

    model = boto3.session.Session(region_name="eu-west-1").client("sesv2").meta.service_model
    statuses = model.shape_for("BulkEmailStatus").enum
    assert set(statuses) == STATUSES.keys() | {"SUCCESS"}


def test_the_table_knows_every_error_of_boto3s_own_model() -> None:
    import boto3

    model = boto3.session.Session(region_name="eu-west-1").client("sesv2").meta.service_model
    for operation in ("SendBulkEmail", "SendEmail"):
        errors = {shape.name for shape in model.operation_model(operation).error_shapes}
        assert errors <= CALLS.keys()


def test_the_exceptions_that_the_table_names_exist() -> None:
    from botocore.parsers import ResponseParserError

    known = vars(botocore.exceptions).keys() | {ResponseParserError.__name__}
    assert EXCEPTIONS.keys() <= known


def test_a_child_of_a_known_exception_is_known() -> None:
    expired = botocore.exceptions.UnauthorizedSSOTokenError()
    assert outcome.of_exception(expired, left=False).kind is ACCOUNT


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Daily message quota exceeded.", ACCOUNT),
        ("Throttling failure: Daily message quota exceeded.", ACCOUNT),
        ("Daily sending quota exceeded", ACCOUNT),
        ("Maximum sending rate exceeded.", PACE),
        ("Rate exceeded", PACE),
        ("Throttling failure", PACE),
        ("Email address is not verified. The following identities failed the check in region …", ACCOUNT),
        ("Invalid email address.", PERSON),
        ("Missing final '@domain'", PERSON),
        ("Domain contains illegal character", PERSON),
        ("454 4.7.1 Relay access denied", ACCOUNT),
    ],
)
def test_the_text_outranks_the_code(text: str, kind: Kind) -> None:
    for code in ("TooManyRequestsException", "MessageRejected", "BadRequestException", "ThrottlingException"):
        assert outcome.of_call(code, 400, text).kind is kind
    row = outcome.of_status("MESSAGE_REJECTED", text)
    assert row is not None
    assert row.kind is kind


@pytest.mark.parametrize("code", ["TooManyRequestsException", "ThrottlingException", "LimitExceededException"])
def test_a_full_day_waits_whatever_its_code(code: str) -> None:
    assert outcome.of_call(code, 400, "Daily message quota exceeded.").waits


def test_a_full_second_does_not_wait_for_tomorrow() -> None:
    assert not outcome.of_call("TooManyRequestsException", 429, "Maximum sending rate exceeded.").waits


@pytest.mark.parametrize(
    ("code", "text", "limit"),
    [
        ("TooManyRequestsException", "Maximum sending rate exceeded.", "rate"),
        ("Throttling", "Maximum sending rate exceeded.", "rate"),
        ("TooManyRequestsException", "Rate exceeded", "calls"),
        ("ThrottlingException", "Rate exceeded", "calls"),
        ("TooManyRequestsException", "Too Many Requests", "calls"),
        ("RequestLimitExceeded", "Request limit exceeded.", "calls"),
        ("TooManyRequestsException", "", "either"),
        ("429", "", "either"),
    ],
)
def test_too_fast_and_too_many_calls_are_told_apart_where_ses_does(code: str, text: str, limit: str) -> None:
    error = outcome.error(outcome.of_call(code, 429, text), code=code, text=text)

    assert isinstance(error, PaceError)
    assert error.limit == limit


def test_credentials_that_may_not_make_this_call_may_well_make_another() -> None:
    forbidden = outcome.error(outcome.of_call("AccessDeniedException", 403, "No."), code="AccessDenied", text="No.")
    unknown = outcome.error(outcome.of_call("UnrecognizedClientException", 403, "No."), code="Who", text="No.")

    assert isinstance(forbidden, AccountError)
    assert isinstance(unknown, AccountError)
    assert (forbidden.forbidden, unknown.forbidden) == (True, False)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_is_doubt_whatever_it_is_called(status: int) -> None:
    for code in (str(status), "InternalFailure", "ServiceUnavailable", "SomethingNew"):
        assert outcome.of_call(code, status, "Rate exceeded").kind is DOUBT


def test_what_nobody_knows_pauses_and_says_so() -> None:
    error = outcome.error(outcome.of_call("BrandNewException", 400, "hm"), code="BrandNewException", text="hm")
    assert isinstance(error, AccountError)
    assert "do not know" in error.message
    assert "BrandNewException: hm" in error.message
    status = outcome.of_status("BRAND_NEW", "")
    assert status is not None
    assert status.kind is ACCOUNT


def test_what_nobody_knows_is_doubt_once_the_request_may_have_left() -> None:
    assert outcome.of_exception(RuntimeError("?"), left=True).kind is DOUBT
    assert outcome.of_exception(RuntimeError("?"), left=False).kind is ACCOUNT


def test_a_distrusted_certificate_is_found_before_anything_leaves() -> None:
    distrusted = botocore.exceptions.SSLError(endpoint_url="https://…", error="[SSL: CERTIFICATE_VERIFY_FAILED]")
    broken_off = botocore.exceptions.SSLError(endpoint_url="https://…", error="EOF occurred in violation of protocol")
    assert outcome.of_exception(distrusted, left=True).kind is ACCOUNT
    assert outcome.of_exception(broken_off, left=True).kind is DOUBT
    assert outcome.of_exception(ssl.SSLError("CERTIFICATE_VERIFY_FAILED"), left=True).kind is ACCOUNT


def test_a_strange_reply_after_the_message_was_handed_over_is_doubt() -> None:
    assert outcome.of_reply("end", 299, "hm").kind is DOUBT
    assert outcome.of_reply("rcpt", 299, "hm").kind is ACCOUNT


# --- From answers to receipts ---------------------------------------------------------------------------


def answers(*statuses: str) -> list[Answer]:
    return [
        Answer(position, outcome.of_status(status, ""), message_id=f"id-{position}", code=status)
        for position, status in enumerate(statuses, start=1)
    ]


def test_each_kind_has_its_receipt() -> None:
    given = answers("SUCCESS", "MESSAGE_REJECTED", "TRANSIENT_FAILURE", "ACCOUNT_THROTTLED", "ACCOUNT_SENDING_PAUSED")
    doubt = Answer(6, outcome.LOST, code="ReadTimeoutError")

    receipts = outcome.receipts([*given, doubt])
    assert [receipt.state for receipt in receipts] == [
        DeliveryState.ACCEPTED,
        DeliveryState.REFUSED,
        DeliveryState.PLANNED,
        DeliveryState.PLANNED,
        DeliveryState.PLANNED,
        DeliveryState.UNCERTAIN,
    ]
    assert [receipt.message_id for receipt in receipts] == ["id-1", "", "", "", "", ""]
    assert receipts[1].reason == "MESSAGE_REJECTED"


def test_a_batch_that_is_throttled_as_a_whole_is_a_matter_of_pace() -> None:
    with pytest.raises(PaceError):
        outcome.receipts(answers("ACCOUNT_THROTTLED", "ACCOUNT_THROTTLED"))


def test_a_batch_that_fails_in_passing_as_a_whole_is_planned_again() -> None:
    receipts = outcome.receipts(answers("TRANSIENT_FAILURE", "FAILED"))
    assert {receipt.state for receipt in receipts} == {DeliveryState.PLANNED}


def test_a_batch_that_meets_the_account_as_a_whole_pauses() -> None:
    with pytest.raises(AccountError) as full:
        outcome.receipts(answers("ACCOUNT_DAILY_QUOTA_EXCEEDED", "ACCOUNT_DAILY_QUOTA_EXCEEDED"))
    assert full.value.waits


def test_ten_refusals_for_one_reason_are_not_about_ten_readers() -> None:
    with pytest.raises(AccountError, match="All 10 messages"):
        outcome.receipts(answers(*["MESSAGE_REJECTED"] * 10))


def test_a_few_refusals_or_one_acceptance_among_them_are() -> None:
    few = outcome.receipts(answers(*["MESSAGE_REJECTED"] * 9))
    mixed = outcome.receipts(answers("SUCCESS", *["MESSAGE_REJECTED"] * 49))
    assert {receipt.state for receipt in few} == {DeliveryState.REFUSED}
    assert [receipt.state for receipt in mixed[:2]] == [DeliveryState.ACCEPTED, DeliveryState.REFUSED]


def test_no_answers_are_no_receipts() -> None:
    assert outcome.receipts([]) == []


@pytest.mark.parametrize(
    ("row", "error"),
    [
        (outcome.DAILY, AccountError),
        (outcome.THROTTLED, PaceError),
        (outcome.BAD_ADDRESS, PersonError),
        (outcome.LOST, DoubtError),
        (STATUSES["FAILED"], PaceError),
    ],
)
def test_a_row_becomes_the_error_that_the_worker_catches(row: outcome.Row, error: type[Exception]) -> None:
    made = outcome.error(row, code="Code", text="text")
    assert type(made) is error
    assert made.code == "Code"
    assert made.hint == row.hint
