"""Delivery: who gets a message, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from digest.model.issues import IssueState


class DeliveryState(StrEnum):
    """What became of one message."""

    PLANNED = "planned"
    ACCEPTED = "accepted"
    SKIPPED = "skipped"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


#: How the reason begins of a delivery that SES accepted and did not send.
NOT_SENT = "SES did not send it"


class BatchState(StrEnum):
    PLANNED = "planned"
    CLAIMED = "claimed"
    #: Committed before the request leaves: from here on a crash means doubt.
    CALLING = "calling"
    RECORDED = "recorded"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    """A subscriber frozen into an edition."""

    #: 1-based place in the issue's roster; with the issue it names the delivery.
    position: int
    subscriber_id: int
    address: str
    #: Empty when the subscriber gave none.
    name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One recipient's share of an edition: all that differs from reader to reader."""

    recipient: Recipient
    #: Value of every slot, unescaped.
    slots: dict[str, str]
    #: Header name → value, ASCII, without line breaks.
    headers: dict[str, str]
    #: SES message tags; they come back in events.
    tags: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What the sender says of one message."""

    position: int
    #: ACCEPTED, REFUSED, UNCERTAIN, or PLANNED for "known not accepted, may be tried again".
    state: Literal[DeliveryState.ACCEPTED, DeliveryState.REFUSED, DeliveryState.UNCERTAIN, DeliveryState.PLANNED]
    #: The sender's own id of the message; empty unless accepted.
    message_id: str = ""
    #: Why not, in the sender's words.
    reason: str = ""


class EventKind(StrEnum):
    """What SES or a reader tells us later."""

    SEND = "send"
    DELIVERY = "delivery"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    #: SES took the message and found that it will not send it: a virus, or a template that it cannot fill.
    REJECT = "reject"
    RENDERING_FAILURE = "rendering failure"
    DELAY = "delay"
    OPEN = "open"
    CLICK = "click"
    SUBSCRIPTION = "subscription"
    #: A kind that SES has invented since; kept as it came.
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One thing that became of one message, or that its reader did."""

    #: Same key, same event: SES may tell it more than once.
    key: bytes
    kind: EventKind
    at: datetime
    message_id: str
    #: The recipient it is about; empty when it names none.
    address: str = ""
    #: Of the message's tags; 0 where they are missing.
    issue: int = 0
    position: int = 0
    attempt: int = 0
    #: Bounce type and subtype, kind of complaint or delay, or the link that was followed.
    what: str = ""
    #: What a person would want to read: the server's answer, SES's reason.
    detail: str = ""
    #: What opened or followed it, and from where: looked at and not kept.
    agent: str = ""
    network: str = ""
    #: As it came; empty for the kinds of which there are millions.
    raw: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """What the sender's account allows right now. Counts are recipients, not calls."""

    #: Recipients per second.
    max_rate: float
    #: Recipients per rolling 24 hours; None is no limit.
    max_per_day: int | None = None
    sent_last_day: int = 0
    sending_enabled: bool = True
    #: Why sending is not enabled, or what else the operator should know.
    note: str = ""

    @property
    def remaining(self) -> int | None:
        if self.max_per_day is None:
            return None
        return max(0, self.max_per_day - self.sent_last_day)


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """An issue in numbers, counted from the ledger and from nothing else."""

    issue: int
    newsletter: str
    state: IssueState
    recipients: int
    planned: int
    accepted: int
    skipped: int
    refused: int
    uncertain: int
    #: Reason → number of readers.
    skipped_why: dict[str, int]
    refused_why: dict[str, int]
    #: Edition key → recipients.
    editions: dict[str, int]
    #: Of the accepted: taken by the reader's server, sent back by it, reported as spam by the reader.
    delivered: int = 0
    bounced: int = 0
    complained: int = 0
    #: Readers who got it before it was corrected on its way.
    outdated: int = 0
    #: The issue that it puts right, and those that put it right.
    corrects: int | None = None
    corrected_by: tuple[int, ...] = ()
    #: Why the issue is held or paused; empty when it is not.
    hold: str = ""
    held_until: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
