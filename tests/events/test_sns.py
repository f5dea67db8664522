"""SNS over https: what it signed for us is believed, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import FetchError
from digest.events.certificates import Forged
from digest.events.sns import Verifier
from tests.events.mails import NOON
from tests.events.signer import CERTIFICATE, TOPIC, Signer


def verifier(signer: Signer, **options: Any) -> Verifier:
    return Verifier([TOPIC], **{"fetch": signer.fetch, "clock": lambda: NOON, **options})


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("kind", ["Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"])
def test_what_sns_signed_is_believed_in_either_version(version: str, kind: str) -> None:
    signer = Signer()

    found = verifier(signer).verified(signer.body("Good morning, Zoë.", kind=kind, version=version))

    assert (found.type, found.topic, found.message) == (kind, TOPIC, "Good morning, Zoë.")
    assert found.token == ("" if kind == "Notification" else "a-token")


def test_a_subject_is_signed_too() -> None:
    signer = Signer()
    said = signer.envelope("Hello", Subject="Amazon SES")

    assert verifier(signer).verified(json.dumps(said).encode()).message == "Hello"
    with pytest.raises(Forged, match="signature"):
        verifier(signer).verified(json.dumps(said | {"Subject": "Another"}).encode())


def test_a_certificate_is_fetched_once() -> None:
    signer = Signer()
    checked = verifier(signer)

    for _ in range(3):
        checked.verified(signer.body("Hello"))

    assert signer.asked == [CERTIFICATE]


TAMPERED = [
    ("Message", "Bob bounced"),
    ("MessageId", "another"),
    ("Timestamp", "2026-11-22T12:00:01.000Z"),
    ("Signature", "AAAA"),
    ("Signature", "not base64!"),
    ("Signature", ""),
    ("SignatureVersion", "3"),
    ("SignatureVersion", "1"),
    ("Type", "SubscriptionConfirmation"),
    ("Type", "Greeting"),
    ("Type", ["Notification"]),
]


@pytest.mark.parametrize(("name", "value"), TAMPERED)
def test_whatever_was_changed_on_the_way_is_refused(name: str, value: object) -> None:
    signer = Signer()
    said: dict[str, Any] = signer.envelope("Alice bounced")

    with pytest.raises(Forged):
        verifier(signer).verified(json.dumps(said | {name: value}).encode())


def test_a_signature_by_a_stranger_s_key_is_refused() -> None:
    stranger, sns = Signer("stranger.example"), Signer()

    with pytest.raises(Forged, match="signature"):
        verifier(sns).verified(stranger.body("Hello"))


def test_sns_signs_for_anybody_so_only_our_topics_are_believed_and_nothing_is_fetched_for_others() -> None:
    signer = Signer()

    with pytest.raises(Forged, match="not one of ours"):
        verifier(signer).verified(signer.body("Hello", TopicArn="arn:aws:sns:eu-west-1:666666666666:digest-events"))

    assert signer.asked == []


@pytest.mark.parametrize("minutes", [61, 60 * 24, -6])
def test_a_recording_is_refused(minutes: float) -> None:
    signer = Signer()

    with pytest.raises(Forged, match="not now"):
        verifier(signer).verified(signer.body("Hello", at=NOON - timedelta(minutes=minutes)))


def test_what_is_not_an_hour_old_is_no_recording() -> None:
    signer = Signer()

    assert verifier(signer).verified(signer.body("Hello", at=NOON - timedelta(minutes=59))).message == "Hello"


def test_a_certificate_that_ran_out_is_refused() -> None:
    signer = Signer(until=NOON - timedelta(days=1))

    with pytest.raises(Forged, match="not valid now"):
        verifier(signer).verified(signer.body("Hello"))


def test_what_is_no_certificate_is_refused() -> None:
    signer = Signer()

    with pytest.raises(Forged, match="no certificate"):
        verifier(signer, fetch=lambda _: b"<html>").verified(signer.body("Hello"))


def test_a_certificate_that_cannot_be_had_now_is_no_forgery() -> None:
    signer = Signer()

    def down(_: str) -> bytes:
        raise FetchError("No answer.")

    with pytest.raises(FetchError):
        verifier(signer, fetch=down).verified(signer.body("Hello"))


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-1.pem",
        "https://evil.example/SimpleNotificationService-1.pem",
        "https://sns.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.eu-west-1.amazonaws.org/SimpleNotificationService-1.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/SimpleNotificationService-1.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-1.pem",
        "https://evil.example#sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem",
        "https://bucket.s3.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.eu-west-1.amazonaws.com/bucket/evil.pem",
        "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem?next=x",
        "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem\n",
        "https://[sns",
        "",
    ],
)
def test_a_certificate_elsewhere_is_not_even_fetched(url: str) -> None:
    signer = Signer()

    with pytest.raises(Forged, match="not at SNS"):
        verifier(signer).verified(signer.body("Hello", SigningCertURL=url))

    assert signer.asked == []


@pytest.mark.parametrize(
    "host",
    ["sns.us-east-1.amazonaws.com", "sns.cn-north-1.amazonaws.com.cn", "sns.us-gov-west-1.amazonaws.com"],
)
def test_every_partition_s_certificates_are_fetched(host: str) -> None:
    signer, url = Signer(), f"https://{host}/SimpleNotificationService-0a1b.pem"

    verifier(signer).verified(signer.body("Hello", SigningCertURL=url))

    assert signer.asked == [url]


SHAPES: list[Callable[[bytes], bytes]] = [lambda body: body[:-9], lambda body: body[5:], lambda body: b"[" + body]


@given(body=st.binary(max_size=300) | st.sampled_from([b"", b"[]", b"7", b"null", b'{"Type": "Notification"}']))
def test_anything_else_is_refused_and_breaks_nothing(body: bytes) -> None:
    signer = Signer()

    with pytest.raises(Forged):
        verifier(signer).verified(body)


@pytest.mark.parametrize("bend", SHAPES)
def test_a_body_that_was_cut_is_refused(bend: Callable[[bytes], bytes]) -> None:
    signer = Signer()

    with pytest.raises(Forged):
        verifier(signer).verified(bend(signer.body("Hello")))
