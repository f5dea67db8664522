"""Amazon SNS over https: only what SNS itself signed, for a topic of ours, within the last hour.

A valid signature alone proves that it came from SNS, and not that the topic is ours: anybody with an account can have
SNS sign anything. So the topic must be on our list. The certificate comes from SNS's own hosts by https, and is kept.
A subscription is confirmed by calling SNS with the token, never by fetching the address that a message names.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from digest.errors import DigestError, InputError

Type = Literal["Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"]

#: Where SNS keeps the certificates that it signs with, written in one way and no other.
_CERTIFICATE = re.compile(
    r"https://sns\.[a-z]{2,4}(?:-[a-z]+){1,3}-[0-9]{1,2}\.amazonaws\.com(?:\.cn)?/SimpleNotificationService-[A-Za-z0-9]+\.pem"
)
#: An older message is somebody's recording; SNS tries again for less than this.
OLDEST = timedelta(hours=1)
#: A clock may be so much ahead of ours.
AHEAD = timedelta(minutes=5)
#: SNS signs with one certificate for months; more than a handful are somebody's attempt to fill our memory.
_MOST = 8

#: What is signed, by type, in this order; Subject only where there is one.
_SIGNED: dict[Type, tuple[str, ...]] = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}


class Forged(DigestError):
    """Not from SNS, not for us, or not from now. The message is for our log: the sender is told nothing."""


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
        self._fetch = fetch
        self._clock = clock
        self._known: dict[str, Any] = {}
        self._lock = threading.Lock()

    def verified(self, body: bytes) -> Envelope:
        """The envelope in a request's body. Raises Forged."""
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
        try:
            signature = base64.b64decode(said.get("Signature", ""), validate=True)
            key = self._key(certificate_address(said.get("SigningCertURL", "")))
            key.verify(signature, signed_text(said, kind), padding.PKCS1v15(), algorithm)
        except (InvalidSignature, binascii.Error):
            raise Forged("Its signature is wrong.") from None

    def _key(self, url: str) -> Any:
        """The public key at SNS's address; what was fetched once is kept while it is valid."""
        with self._lock:
            certificate = self._known.get(url)
        now = self._clock()
        if certificate is None or not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            certificate = _certificate(self._fetch(url))
            if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
                raise Forged("Its certificate is not valid now.")
            with self._lock:
                if len(self._known) >= _MOST:
                    self._known.clear()
                self._known[url] = certificate
        return certificate.public_key()


def certificate_address(url: str) -> str:
    """`url` if it is one where SNS keeps its certificates. Raises Forged."""
    if not _CERTIFICATE.fullmatch(url):
        raise Forged(f"Its certificate is not at SNS: {url[:200]!r}.")
    return url


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


def _certificate(pem: bytes) -> Any:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    try:
        certificate = x509.load_pem_x509_certificate(pem)
        if isinstance(certificate.public_key(), RSAPublicKey):
            return certificate
    except ValueError:
        pass
    raise Forged("What is at its certificate's address is no certificate of SNS's.")
