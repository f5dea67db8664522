"""SNS as it signs: a certificate of its own, both versions, and whatever forger a test needs."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from tests.events.mails import NOON, iso

TOPIC = "arn:aws:sns:eu-west-1:123456789012:digest-events"
CERTIFICATE = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"
_NAMES = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}


@cache
def _key(_name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Signer:
    """Somebody with a key: SNS, or a stranger."""

    def __init__(self, name: str = "sns.amazonaws.com", *, until: datetime = NOON + timedelta(days=300)) -> None:
        self._key = _key(name)
        self._until = until
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        #: How often the certificate was asked for, and by which address.
        self.asked: list[str] = []

    def fetch(self, url: str) -> bytes:
        self.asked.append(url)
        made = (
            x509.CertificateBuilder()
            .subject_name(self._name)
            .issuer_name(self._name)
            .public_key(self._key.public_key())
            .serial_number(7)
            .not_valid_before(NOON - timedelta(days=30))
            .not_valid_after(self._until)
            .sign(self._key, hashes.SHA256())
        )
        return made.public_bytes(serialization.Encoding.PEM)

    def envelope(
        self, message: str, *, kind: str = "Notification", version: str = "2", at: datetime = NOON, **said: Any
    ) -> dict[str, str]:
        """A signed envelope; `said` is put in before it is signed."""
        found = {
            "Type": kind,
            "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
            "TopicArn": TOPIC,
            "Message": message,
            "Timestamp": iso(at),
            "SignatureVersion": version,
            "SigningCertURL": CERTIFICATE,
        }
        if kind == "Notification":
            found["UnsubscribeURL"] = "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe"
        else:
            found |= {"Token": "a-token", "SubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=Confirm"}
        found |= said
        signed = "".join(f"{name}\n{found[name]}\n" for name in _NAMES[kind] if name in found)
        algorithm = hashes.SHA1() if version == "1" else hashes.SHA256()
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), algorithm)
        return found | {"Signature": base64.b64encode(signature).decode()}

    def body(self, message: str, **said: Any) -> bytes:
        return json.dumps(self.envelope(message, **said)).encode()
