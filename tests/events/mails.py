"""SES's events about somebody's mail, as JSON has them, for the tests of this folder."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def event(
    kind: str,
    *,
    name: str = "Alice",
    issue: int | None = 1,
    position: int = 1,
    attempt: int = 1,
    message_id: str = "",
    at: datetime = NOON,
    shape: str = "eventType",
    **part: Any,
) -> dict[str, Any]:
    """An event of a message to a reader; without `issue` it has no tags."""
    to = f"{name.lower()}@example.com"
    mail: dict[str, Any] = {
        "timestamp": iso(NOON),
        "messageId": message_id or f"<m{position}.{attempt}>",
        "source": "The Harbour Post <daily@harbour.example>",
        "sourceArn": "arn:aws:ses:eu-west-1:123456789012:identity/harbour.example",
        "sendingAccountId": "123456789012",
        "destination": [to],
        "headersTruncated": False,
        "headers": [{"name": "To", "value": to}],
        "commonHeaders": {"to": [to], "messageId": message_id},
    }
    if issue is not None:
        mail["tags"] = {
            "ses:operation": ["SendBulkEmail"],
            "issue": [str(issue)],
            "delivery": [str(position)],
            "attempt": [str(attempt)],
            "newsletter": ["daily"],
        }
    name_of_part = {"Rendering Failure": "failure", "DeliveryDelay": "deliveryDelay"}.get(kind, kind.lower())
    if kind in ("Send", "Reject", "Rendering Failure"):
        mail["timestamp"] = iso(at)
    else:
        part = {"timestamp": iso(at), **part}
    return {shape: kind, "mail": mail, name_of_part: part}


def send(**said: Any) -> dict[str, Any]:
    return event("Send", **said)


def delivery(name: str = "Alice", **said: Any) -> dict[str, Any]:
    said = {"at": NOON + timedelta(seconds=2), **said}
    more: dict[str, Any] = {
        "recipients": [f"{name.lower()}@example.com"],
        "smtpResponse": "250 2.6.0 ok",
        "processingTimeMillis": 900,
    }
    return event("Delivery", name=name, **said, **more)


def bounce(type_: str = "Permanent", sub: str = "General", *, name: str = "Alice", **said: Any) -> dict[str, Any]:
    position, attempt = said.get("position", 1), said.get("attempt", 1)
    who = {"emailAddress": f"{name.lower()}@example.com", "action": "failed", "status": "5.1.1"}
    who["diagnosticCode"] = "smtp; 550 5.1.1 user unknown"
    feedback = said.pop("feedback", f"b-{position}-{attempt}-{type_}-{sub}")
    more: dict[str, Any] = {
        "bounceType": type_,
        "bounceSubType": sub,
        "bouncedRecipients": [who],
        "feedbackId": feedback,
    }
    return event("Bounce", name=name, **{"at": NOON + timedelta(seconds=3), **said}, **more)


def complaint(
    type_: str | None = "abuse", sub: str | None = None, *, name: str = "Alice", **said: Any
) -> dict[str, Any]:
    position, attempt = said.get("position", 1), said.get("attempt", 1)
    more: dict[str, Any] = {
        "complainedRecipients": [{"emailAddress": f"{name.lower()}@example.com"}],
        "complaintSubType": sub,
        "feedbackId": f"c-{position}-{attempt}-{type_}-{sub}",
    }
    if type_:
        more["complaintFeedbackType"] = type_
    return event("Complaint", name=name, **{"at": NOON + timedelta(hours=1), **said}, **more)


def reject(**said: Any) -> dict[str, Any]:
    return event("Reject", reason="Bad content", **said)


def rendering_failure(**said: Any) -> dict[str, Any]:
    missing = "Attribute 'name' is not present in the rendering data."
    return event("Rendering Failure", errorMessage=missing, templateName="", **said)


def delay(**said: Any) -> dict[str, Any]:
    who = [{"emailAddress": f"{said.get('name', 'Alice').lower()}@example.com", "status": "4.4.1"}]
    return event("DeliveryDelay", delayType="MailboxFull", delayedRecipients=who, **said)


def opened(minutes: float = 10, *, agent: str = "Mozilla/5.0 (iPhone) Mail/16", **said: Any) -> dict[str, Any]:
    at = NOON + timedelta(minutes=minutes)
    return event("Open", at=at, userAgent=agent, ipAddress=said.pop("network", "192.0.2.7"), **said)


def clicked(
    minutes: float = 10,
    *,
    link: str = "https://harbour.example/pier",
    agent: str = "Mozilla/5.0 (X11) Firefox/140",
    **said: Any,
) -> dict[str, Any]:
    at = NOON + timedelta(minutes=minutes)
    return event("Click", at=at, userAgent=agent, ipAddress=said.pop("network", "192.0.2.7"), link=link, **said)


def text(said: dict[str, Any]) -> str:
    return json.dumps(said)


def enveloped(said: dict[str, Any], *, topic: str = "arn:aws:sns:eu-west-1:123456789012:digest-events") -> str:
    """As SQS brings it when the subscription is not raw."""
    message = {"Type": "Notification", "MessageId": "n-1", "TopicArn": topic, "Message": json.dumps(said)}
    return json.dumps(message | {"Timestamp": iso(NOON), "SignatureVersion": "1"})
