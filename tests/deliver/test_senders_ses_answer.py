"""SES's answers are read as boto3 reads them, whatever stands between SES and us."""

from __future__ import annotations

import pytest
from botocore.parsers import create_parser
from hypothesis import given
from hypothesis import strategies as st

from digest.deliver import outcome
from digest.deliver.outcome import Kind
from digest.deliver.senders.ses_answer import Reply

HTML = b"<!DOCTYPE html><html><body><h1>Forbidden</h1></body></html>"
BODIES = [
    b"",
    b"  \n",
    b"{}",
    b'{"message": "Rate exceeded"}',
    b'{"Message": "Maximum sending rate exceeded."}',
    b'{"message": "lower wins", "Message": "upper"}',
    b'{"code": "BadRequestException", "message": "no"}',
    b'{"Code": "com.amazonaws.ses#MessageRejected", "message": "no"}',
    b'{"__type": "com.amazon.coral.service#AccessDeniedException", "Message": "no"}',
    b'{"__type": "ExpiredTokenException:http://internal.example/", "message": "old"}',
    '{"message": "«Zürich» ist nicht verifiziert"}'.encode(),
    b'{"message": "Daily message quota exceeded."',
    HTML,
    b"<html><body>Service Unavailable</body></html>",
    b"Bad Gateway",
]
TYPES = [
    None,
    "TooManyRequestsException",
    "BadRequestException:http://internal.amazon.com/coral/com.amazonaws.ses/",
    "com.amazonaws.ses#SendingPausedException",
    "com.amazonaws.ses#NotFoundException:http://internal.amazon.com/",
]


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("error_type", TYPES)
@pytest.mark.parametrize("status", [301, 400, 403, 404, 413, 429, 500, 502, 503])
def test_an_error_is_read_as_boto3_reads_it(status: int, error_type: str | None, body: bytes) -> None:
    headers = {"x-amzn-errortype": error_type} if error_type else {}
    read = create_parser("rest-json").parse({"status_code": status, "headers": headers, "body": body}, None)

    reply = Reply(status, body, error_type)

    assert reply.is_error
    assert reply.error() == (read["Error"]["Code"], read["Error"]["Message"])


@pytest.mark.parametrize(
    ("status", "body", "row"),
    [
        (429, b"", outcome.CALLS["429"]),
        (429, b'"slow down"', outcome.CALLS["429"]),
        (403, HTML, outcome.UNKNOWN),
        (403, b"\xff\xfe\x00", outcome.UNKNOWN),
        (400, b"[1, 2]", outcome.UNKNOWN),
        (400, b'{"code": 42, "message": null}', outcome.UNKNOWN),
        (502, HTML, outcome.SERVER),
        (504, b"\xff\xfe\x00", outcome.SERVER),
        (307, b"", outcome.UNKNOWN),
    ],
)
def test_answers_that_are_not_ses_own_are_judged_by_their_status(status: int, body: bytes, row: outcome.Row) -> None:
    code, text = Reply(status, body).error()

    assert outcome.of_call(code, status, text) is row


@pytest.mark.parametrize("error_type", TYPES)
@pytest.mark.parametrize("body", [b"", b"<html>Bad Gateway</html>"])
def test_a_gateways_error_leaves_doubt_whatever_its_header_says(error_type: str | None, body: bytes) -> None:
    code, text = Reply(502, body, error_type).error()

    assert outcome.of_call(code, 502, text).kind is Kind.DOUBT


@given(st.sampled_from([b'{"MessageId":"0102"}', b'{"BulkEmailEntryResults":[{"Status":"SUCCESS"}]}']), st.data())
def test_an_answer_that_ends_early_is_never_taken_for_a_whole_one(whole: bytes, data: st.DataObject) -> None:
    cut = data.draw(st.integers(min_value=0, max_value=len(whole) - 1))

    assert Reply(200, whole).fields()
    with pytest.raises(ValueError, match="no answer of SES"):
        Reply(200, whole[:cut]).fields()


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"yes"', HTML, b"\xff\xfe"])
def test_an_answer_that_is_no_object_is_not_an_answer(body: bytes) -> None:
    with pytest.raises(ValueError, match="no answer of SES"):
        Reply(200, body).fields()
