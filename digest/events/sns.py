"""Amazon SNS over https: only what SNS itself signed, for a topic of ours, within the last hour.

A valid signature alone proves that it came from SNS, and not that the topic is ours: anybody with an account can have
SNS sign anything. So the topic must be on our list.
A subscription is confirmed by calling SNS with the token, never by fetching the address that a message names.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from digest.errors import InputError
from digest.events.certificates import Certificates, Forged

Type = Literal["Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"]

#: An older message is somebody's recording; SNS tries again for less than this.
OLDEST = timedelta(hours=1)
#: A clock may be so much ahead of ours.
AHEAD = timedelta(minutes=5)

#: What is signed, by type, in this order; Subject only where there is one.
_SIGNED: dict[Type, tuple[str, ...]] = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Envelope:
    """What SNS wraps around a message."""

    type: Type
    topic: str
    message: str
    message_id: str
    #: Of a confirmation; empty for a notification.
    token: str = ""


def unwrapped(body: str) -> str:
    """The message in a queue's body: out of SNS's envelope, or as it stands where delivery is raw.

    Raises InputError for what is an envelope and no notification.
    """
    if '"TopicArn"' not in body:
        return body  # most are raw: none is read twice for nothing
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return body
    if not isinstance(value, dict) or "eventType" in value or "notificationType" in value or "TopicArn" not in value:
        return body
    if value.get("Type") != "Notification":
        raise InputError(f"It is SNS's {str(value.get('Type'))[:40]}, and no event.")
    return str(value.get("Message") or "")


class Verifier:
    """Believes what SNS signed for our topics. Safe for threads."""

    def __init__(
        self, topics: Collection[str], *, fetch: Callable[[str], bytes], clock: Callable[[], datetime]
    ) -> None:
        """`fetch` gets a certificate (PEM) from an https address of SNS's; it may raise a DigestError."""
        self._topics = frozenset(topics)
        self._certificates = Certificates(fetch, clock=clock)
        self._clock = clock

    def verified(self, body: bytes) -> Envelope:
        """The envelope in a request's body. Raises Forged; another DigestError when it cannot be told just now."""
        said = _parsed(body)
        kind, topic = said.get("Type"), said.get("TopicArn", "")
        if kind not in _SIGNED:
            raise Forged("It is no message of SNS's.")
        # Before anything is fetched: strangers must not make us fetch.
        if topic not in self._topics:
            raise Forged(f"The topic {topic[:200]!r} is not one of ours (events.topics).")
        self._insist_on_age(said.get("Timestamp", ""))
        self._insist_on_signature(said, kind)
        return Envelope(
            type=kind,
            topic=topic,
            message=said.get("Message", ""),
            message_id=said.get("MessageId", ""),
            token=said.get("Token", ""),
        )

    def _insist_on_age(self, timestamp: str) -> None:
        try:
            at = datetime.fromisoformat(timestamp)
        except ValueError:
            raise Forged("It has no time.") from None
        if at.tzinfo is None or not -AHEAD <= self._clock() - at <= OLDEST:
            raise Forged(f"It was signed at {timestamp}, which is not now.")

    def _insist_on_signature(self, said: dict[str, str], kind: Type) -> None:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        # SHA-1 is what SNS signs with unless a topic says otherwise; it signs nothing that a stranger could prepare.
        versions = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303
        algorithm = versions.get(said.get("SignatureVersion", ""))
        if algorithm is None:
            raise Forged("It is signed in a way that SNS does not sign.")
        url = said.get("SigningCertURL", "")
        try:
            signature, text = base64.b64decode(said.get("Signature", ""), validate=True), signed_text(said, kind)
            certificate = self._certificates.at(url)
            certificate.public_key().verify(signature, text, padding.PKCS1v15(), algorithm)
        except (InvalidSignature, binascii.Error):
            raise Forged("Its signature is wrong.") from None
        self._certificates.proved(url, certificate)


def signed_text(said: dict[str, str], kind: Type) -> bytes:
    """What SNS signs: names and values, a line each."""
    names = [name for name in _SIGNED[kind] if name in said]
    missing = set(_SIGNED[kind]) - set(names) - {"Subject"}
    if missing:
        raise Forged(f"It has no {', '.join(sorted(missing))}.")
    return "".join(f"{name}\n{said[name]}\n" for name in names).encode("utf-8", "surrogatepass")


def _parsed(body: bytes) -> dict[str, str]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise Forged("It is not JSON.") from None
    if not isinstance(said, dict):
        raise Forged("It is no object.")
    return {name: value for name, value in said.items() if isinstance(value, str)}
