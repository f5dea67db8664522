"""The wire to SES: where it leads, who signs, and that nothing is sent twice."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from digest.deliver.senders.ses import SesSender
from digest.errors import AccountError, DoubtError, PaceError, SenderError
from digest.model import DeliveryState, Receipt
from tests.contracts.sender import ALICE, BOB, MORNING, NOON, messages
from tests.doubles.gateway import Answer, Gateway
from tests.doubles.smtp.server import CERTIFICATE

Aws = Callable[[str], None]


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_PROFILE", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "HTTP_PROXY", "http_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def sender() -> Iterator[SesSender]:
    made = SesSender(clock=lambda: NOON, region="eu-west-1", mode="single", read_timeout=5.0)
    yield made
    made.close()


@pytest.fixture
def profile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Credentials as the profile "sending" of AWS's settings has them, and not from the environment."""

    def use(settings: str) -> None:
        (tmp_path / "config").write_text(f"[profile sending]\n{settings}\n")
        (tmp_path / "credentials").write_text("[base]\naws_access_key_id = a\naws_secret_access_key = b\n")
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        monkeypatch.setenv("AWS_PROFILE", "sending")

    return use


def send(sender: SesSender, reader: object = ALICE) -> list[Receipt]:
    return sender.send(sender.prepare(MORNING, messages(reader)))  # type: ignore[arg-type]


def accepted(receipts: list[Receipt]) -> bool:
    return [receipt.state for receipt in receipts] == [DeliveryState.ACCEPTED]


# --- Connections ------------------------------------------------------------------------------------------


def test_one_connection_serves_one_message_after_the_other(aws: Aws, sender: SesSender) -> None:
    with Gateway() as gateway:
        aws(gateway.url)

        assert accepted(send(sender))
        assert accepted(send(sender, BOB))
        assert len({request.connection for request in gateway.seen}) == 1


def test_a_connection_that_was_closed_meanwhile_is_replaced_and_leaves_no_doubt(aws: Aws, sender: SesSender) -> None:
    with Gateway(Answer(does="then close")) as gateway:
        aws(gateway.url)

        assert accepted(send(sender))
        assert gateway.hung_up.acquire(timeout=5)
        assert accepted(send(sender, BOB))
        assert len({request.connection for request in gateway.seen}) == 2
        assert len(gateway.seen) == 2


def test_a_kept_connection_that_ends_while_we_write_is_doubt_and_not_a_second_message(
    aws: Aws, sender: SesSender
) -> None:
    with Gateway(Answer(), Answer(does="vanish")) as gateway:
        aws(gateway.url)
        assert accepted(send(sender))

        with pytest.raises(DoubtError):
            send(sender, BOB)
        assert len(gateway.seen) == 2


@pytest.mark.parametrize("status", [200, 202])
@pytest.mark.parametrize(
    "answer",
    [
        {"does": "part"},
        {"body": b""},
        {"body": b"{}"},
        {"body": b"null"},
        {"body": b'{"MessageId": null}'},
        {"body": b"<html>Welcome to the guest network</html>"},
    ],
)
def test_a_yes_that_cannot_be_read_is_doubt(
    aws: Aws, sender: SesSender, status: int, answer: dict[str, object]
) -> None:
    with Gateway(Answer(status=status, **answer)) as gateway:  # type: ignore[arg-type]
        aws(gateway.url)

        with pytest.raises(DoubtError):
            send(sender)
        assert len(gateway.seen) == 1


@pytest.mark.parametrize(
    "results",
    [None, "SUCCESS", {}, [], [None], ["SUCCESS"], [{}], [{"Status": None}], [{"Status": "SUCCESS"}] * 2],
)
def test_a_bulk_answer_without_a_result_for_each_reader_is_doubt(aws: Aws, results: object) -> None:
    bulk = SesSender(clock=lambda: NOON, region="eu-west-1")
    with Gateway(Answer(body=json.dumps({"BulkEmailEntryResults": results}).encode())) as gateway:
        aws(gateway.url)
        try:
            (receipt,) = send(bulk)
        except DoubtError:
            state = DeliveryState.UNCERTAIN
        else:
            state = receipt.state
        bulk.close()

    assert state is DeliveryState.UNCERTAIN
    assert len(gateway.seen) == 1


def test_a_redirect_is_not_followed_and_nobody_counts_as_mailed(aws: Aws, sender: SesSender) -> None:
    with Gateway() as elsewhere, Gateway(Answer(status=307, headers={"Location": elsewhere.url})) as gateway:
        aws(gateway.url)

        with pytest.raises(AccountError, match="307"):
            send(sender)
        assert elsewhere.seen == []


def test_a_proxy_without_words_that_says_too_many_is_a_matter_of_pace(aws: Aws, sender: SesSender) -> None:
    with Gateway(Answer(status=429, body=b"")) as gateway:
        aws(gateway.url)

        with pytest.raises(PaceError):
            send(sender)


# --- Security -----------------------------------------------------------------------------------------------


def test_a_certificate_of_the_newsrooms_own_is_trusted_when_it_is_named(
    aws: Aws, sender: SesSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(CERTIFICATE))
    with Gateway(certificate=CERTIFICATE) as gateway:
        aws(gateway.url)

        assert accepted(send(sender))


def test_a_certificate_that_nobody_vouches_for_stops_before_anything_leaves(aws: Aws, sender: SesSender) -> None:
    with Gateway(certificate=CERTIFICATE) as gateway:
        aws(gateway.url)

        with pytest.raises(AccountError, match="not trusted"):
            send(sender)
        assert gateway.seen == []


def test_a_proxy_of_the_environment_is_used(aws: Aws, sender: SesSender, monkeypatch: pytest.MonkeyPatch) -> None:
    with Gateway() as proxy:
        aws("http://ses.riverbend.example")
        monkeypatch.setenv("HTTP_PROXY", proxy.url)

        assert accepted(send(sender))
        assert [request.target for request in proxy.seen] == [
            "http://ses.riverbend.example/v2/email/outbound-emails",
        ]


# --- Signatures ---------------------------------------------------------------------------------------------


def signer(gateway: Gateway) -> str:
    """Credential and scope of the last request's signature."""
    return gateway.seen[-1].headers["Authorization"].partition("Credential=")[2].partition(",")[0]


def test_a_request_is_signed_for_ses_in_its_region(aws: Aws, sender: SesSender) -> None:
    with Gateway() as gateway:
        aws(gateway.url)
        send(sender)

        key, day, *scope = signer(gateway).split("/")
        assert (key, scope) == ("nobody", ["eu-west-1", "ses", "aws4_request"])
        assert gateway.seen[0].headers["X-Amz-Date"].startswith(day)


def test_what_is_sent_and_signed_has_the_signature_that_aws_expects(aws: Aws, sender: SesSender) -> None:
    """Signed once more, from what arrived, by botocore's own hand."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    with Gateway() as gateway:
        aws(gateway.url)
        send(sender)
        (seen,) = gateway.seen
    signed = seen.headers["Authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    headers = {name: value for name, value in seen.headers.items() if name.lower() in signed}
    request = AWSRequest("POST", gateway.url + seen.target, headers=headers, data=seen.body)
    request.context["timestamp"] = seen.headers["X-Amz-Date"]
    auth = SigV4Auth(Credentials("nobody", "nothing"), "ses", "eu-west-1")
    text = auth.string_to_sign(request, auth.canonical_request(request))

    assert seen.headers["Authorization"].endswith(f"Signature={auth.signature(text, request)}")
    assert {"host", "x-amz-date"} <= set(signed)


def test_a_session_token_travels_with_its_credentials(
    aws: Aws, sender: SesSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "for an hour")
    with Gateway() as gateway:
        aws(gateway.url)
        send(sender)

        assert gateway.seen[0].headers["X-Amz-Security-Token"] == "for an hour"


#: Good for a minute: boto3 fetches anew what has less than ten left.
ROTATING = """
import datetime, json, os
until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=1)
print(json.dumps({"Version": 1, "AccessKeyId": f"key{os.getpid()}", "SecretAccessKey": "secret", "SessionToken": "t",
                  "Expiration": until.isoformat()}))
"""


def test_credentials_that_run_out_are_fetched_anew_before_the_next_message(
    aws: Aws, sender: SesSender, profile: Callable[[str], None], tmp_path: Path
) -> None:
    program = tmp_path / "fetch.py"
    program.write_text(ROTATING)
    with Gateway() as gateway:
        aws(gateway.url)
        profile(f"credential_process = {sys.executable} {program}")
        send(sender)
        first = signer(gateway).partition("/")[0]
        send(sender, BOB)
        second = signer(gateway).partition("/")[0]

    assert first.startswith("key")
    assert second.startswith("key")
    assert first != second


def test_credentials_that_cannot_be_fetched_leave_nobody_in_doubt(
    aws: Aws, sender: SesSender, profile: Callable[[str], None]
) -> None:
    with Gateway() as gateway:
        aws(gateway.url)
        profile("credential_process = false")

        with pytest.raises(AccountError, match="could not be fetched"):
            send(sender)
        assert gateway.seen == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(status=403, body=b"<R><Error><Code>AccessDenied</Code></Error></R>"), "AccountError AccessDenied"),
        (Answer(status=500, body=b""), "PaceError 500"),
        (Answer(does="vanish"), "PaceError ConnectionClosedError"),
    ],
)
def test_a_role_that_is_not_given_leaves_nobody_in_doubt(
    aws: Aws, profile: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, answer: Answer, said: str
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    sender = SesSender(clock=lambda: NOON, region="eu-west-1", mode="single")
    with Gateway() as gateway, Gateway(answer) as roles:
        aws(gateway.url)
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", roles.url)
        profile("role_arn = arn:aws:iam::111122223333:role/sending\nsource_profile = base\nregion = eu-west-1")

        with pytest.raises(SenderError) as refused:
            send(sender)
        sender.close()

    assert f"{type(refused.value).__name__} {refused.value.code}" == said
    assert len(roles.seen) == 1
    assert gateway.seen == []


# --- Where it leads -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "fips", "host"),
    [
        ("eu-west-1", "false", "email.eu-west-1.amazonaws.com"),
        ("us-east-1", "true", "email-fips.us-east-1.amazonaws.com"),
        ("us-gov-west-1", "false", "email.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", "false", "email.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_the_endpoint_is_the_one_that_aws_names_for_the_region(
    monkeypatch: pytest.MonkeyPatch, region: str, fips: str, host: str
) -> None:
    from digest.deliver.senders.ses_wire import Wire

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    monkeypatch.setenv("AWS_USE_FIPS_ENDPOINT", fips)
    wire = Wire(region=region, connections=1, connect_timeout=1, read_timeout=1)

    request = wire.sign("GET", "/v2/email/account", b"")

    assert request.url == f"https://{host}/v2/email/account"
    assert f"/{region}/ses/aws4_request" in str(request.headers["Authorization"])
    wire.close()


def test_a_path_of_the_endpoint_is_kept(aws: Aws, sender: SesSender) -> None:
    with Gateway() as gateway:
        aws(f"{gateway.url}/ses/")
        send(sender)

        assert gateway.seen[0].target == "/ses/v2/email/outbound-emails"


def test_closing_lets_go_of_the_connections(aws: Aws, sender: SesSender) -> None:
    with Gateway() as gateway:
        aws(gateway.url)
        send(sender)
        sender.close()
        gc.collect()  # an open socket would warn, and warnings are errors
        send(sender, BOB)

        assert len({request.connection for request in gateway.seen}) == 2
