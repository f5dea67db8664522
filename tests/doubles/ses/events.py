"""The events that SES publishes for a mail, made from the mail itself whenever somebody asks.

What happens to a mail is written in its address (the mailbox simulator's) or follows from the suppression list and
from template data that lacks a value.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.doubles.ses.account import SIMULATOR
from tests.doubles.ses.mail import Mail

Event = dict[str, Any]


def events_of(mail: Mail) -> list[Event]:
    """In the order in which they happen; SES promises none."""
    if failure := mail.failure:
        about = {"templateName": "", "errorMessage": failure}
        return [{"eventType": "Rendering Failure", "mail": _mail(mail), "failure": about}]
    if mail.suppressed:
        return [_send(mail), _bounce(mail, "OnAccountSuppressionList")]
    local, at, domain = mail.to[0].partition("@")
    label = local.partition("+")[0] if at + domain == SIMULATOR else ""
    return _SIMULATED.get(label, _delivered)(mail)


def _delivered(mail: Mail) -> list[Event]:
    return [_send(mail), _delivery(mail)]


#: Local part of a simulator address, without its +label → what comes of the mail.
_SIMULATED: dict[str, Callable[[Mail], list[Event]]] = {
    "bounce": lambda mail: [_send(mail), _bounce(mail, "General")],
    "suppressionlist": lambda mail: [_send(mail), _bounce(mail, "Suppressed")],
    "complaint": lambda mail: [*_delivered(mail), _complaint(mail)],
}


def _send(mail: Mail) -> Event:
    return {"eventType": "Send", "mail": _mail(mail), "send": {}}


def _mail(mail: Mail) -> dict[str, Any]:
    tags: dict[str, list[str]] = {"ses:operation": [mail.call.operation]}
    if mail.call.configuration_set:
        tags["ses:configuration-set"] = [mail.call.configuration_set]
    tags |= {name: [value] for name, value in mail.tags.items()}
    headers = [{"name": name, "value": value} for name, value in mail.headers.items()]
    return {
        "timestamp": _time(mail),
        "messageId": mail.message_id,
        "source": mail.sender,
        "sendingAccountId": "123456789012",
        "destination": list(mail.to),
        "headersTruncated": False,
        "headers": [{"name": "From", "value": mail.sender}, {"name": "To", "value": ", ".join(mail.to)}, *headers],
        # No subject: a templated mail's is rendered later.
        "commonHeaders": {"from": [mail.sender], "to": list(mail.to), "messageId": mail.message_id},
        "tags": tags,
    }


def _delivery(mail: Mail) -> Event:
    delivery = {
        "timestamp": _time(mail, after=1.0),
        "processingTimeMillis": 1000,
        "recipients": list(mail.to),
        "smtpResponse": "250 2.6.0 Message received",
        "reportingMTA": "a8-70.smtp-out.amazonses.com",
        "remoteMtaIp": "127.0.0.1",
    }
    return {"eventType": "Delivery", "mail": _mail(mail), "delivery": delivery}


def _bounce(mail: Mail, kind: str) -> Event:
    recipients = [
        {
            "emailAddress": address,
            "action": "failed",
            "status": "5.1.1",
            "diagnosticCode": "smtp; 550 5.1.1 user unknown",
        }
        for address in mail.to
    ]
    bounce = {
        "bounceType": "Permanent",
        "bounceSubType": kind,
        "bouncedRecipients": recipients,
        "timestamp": _time(mail, after=1.0),
        "feedbackId": f"{mail.message_id}-bounce",
        "reportingMTA": "dns; amazonses.com",
    }
    return {"eventType": "Bounce", "mail": _mail(mail), "bounce": bounce}


def _complaint(mail: Mail) -> Event:
    complaint = {
        "complainedRecipients": [{"emailAddress": address} for address in mail.to],
        "timestamp": _time(mail, after=2.0),
        "feedbackId": f"{mail.message_id}-complaint",
        "complaintSubType": None,
        "complaintFeedbackType": "abuse",
        "userAgent": "Amazon SES Mailbox Simulator",
    }
    return {"eventType": "Complaint", "mail": _mail(mail), "complaint": complaint}


def _time(mail: Mail, *, after: float = 0.0) -> str:
    at = datetime.fromtimestamp(mail.at, UTC) + timedelta(seconds=after)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
