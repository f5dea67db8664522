"""What an event makes of a delivery: pure, and the same whatever the order in which events come and however often.

Each event puts the delivery on a rung, and the highest rung counts. Events name the attempt that they are about: one
of an earlier attempt proves nothing about a newer one that nobody answered for, but whoever was planned to be tried
again and turns out to have it already is not mailed again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from digest.model import NOT_SENT, Event, EventKind
from digest.model import DeliveryState as D


class Rung(IntEnum):
    """From nothing known to the worst; of two bounces a passing one says less than an arrival."""

    OPEN = 0
    ACCEPTED = 1
    #: SES took it and never sent it.
    REFUSED = 2
    #: Sent back for now: a full mailbox, or the note of somebody who is on holiday, which comes after an arrival.
    SOFT = 3
    DELIVERED = 4
    HARD = 5
    COMPLAINED = 6


_STATE = {
    Rung.ACCEPTED: D.ACCEPTED,
    Rung.REFUSED: D.REFUSED,
    Rung.SOFT: D.BOUNCED,
    Rung.DELIVERED: D.DELIVERED,
    Rung.HARD: D.BOUNCED,
    Rung.COMPLAINED: D.COMPLAINED,
}
_RUNG = {state: rung for rung, state in _STATE.items()}

#: How the reason of a lasting bounce begins.
PERMANENT = "Permanent"
#: Subtypes of bounces and complaints that SES makes up by itself: it sent nothing, and counts nothing against us.
#: (Its global list, subtype Suppressed, does count.)
NEVER_SENT = frozenset(
    {"OnAccountSuppressionList", "OnTenantSuppressionList", "EmailValidationSuppressed", "UnsubscribedRecipient"}
)
#: A reader took the message out of the spam folder: the opposite of a complaint.
NOT_SPAM = "not-spam"


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """A delivery as events see it."""

    state: D
    reason: str = ""
    attempt: int = 0
    message_id: str = ""

    @property
    def rung(self) -> Rung:
        if self.state is D.BOUNCED:
            return Rung.HARD if self.reason.startswith(PERMANENT) else Rung.SOFT
        return _RUNG.get(self.state, Rung.OPEN)


def after(standing: Standing, events: Sequence[Event]) -> Standing:
    """Where the delivery stands once these events, and all that were told of it before, are known."""
    # Who was tried again and skipped, or waits to be, got no newer message: whatever comes is about the one there is.
    newest = standing.attempt if standing.state is D.UNCERTAIN else 0
    if standing.rung is Rung.OPEN and not any(_attempt(event, standing) >= newest for event in events):
        return standing
    # Its own reason counts where it stands on a rung; what was said of a doubt that is settled does not.
    own = [(standing.rung, standing.reason)] if standing.rung else []
    rung, reason = max([*own, *map(meaning, events)])
    last = max(events, key=lambda event: (_attempt(event, standing), event.message_id))
    newer = _attempt(last, standing) > standing.attempt or not standing.message_id
    return replace(
        standing,
        state=_STATE[rung],
        reason=reason,
        attempt=max(standing.attempt, _attempt(last, standing)),
        message_id=last.message_id if newer else standing.message_id,
    )


def _attempt(event: Event, standing: Standing) -> int:
    """Without tags it was found by the message id, which is the present attempt's."""
    return event.attempt or standing.attempt


def meaning(event: Event) -> tuple[Rung, str]:
    """The rung that an event proves by itself, and the reason to give for it. Any event proves that SES took it."""
    match event.kind:
        case EventKind.DELIVERY:
            return Rung.DELIVERED, ""
        case EventKind.BOUNCE:
            return _of_bounce(event)
        case EventKind.COMPLAINT if is_complaint(event):
            return (Rung.REFUSED if is_never_sent(event) else Rung.COMPLAINED), event.what
        case EventKind.REJECT | EventKind.RENDERING_FAILURE:
            return Rung.REFUSED, f"{NOT_SENT}: {event.detail}"
        case _:
            return Rung.ACCEPTED, ""


def _of_bounce(event: Event) -> tuple[Rung, str]:
    if is_never_sent(event):
        return Rung.REFUSED, event.what
    said = f"{event.what}: {event.detail}" if event.detail else event.what
    return (Rung.HARD if is_hard(event) else Rung.SOFT), said


def is_never_sent(event: Event) -> bool:
    return event.kind in (EventKind.BOUNCE, EventKind.COMPLAINT) and not NEVER_SENT.isdisjoint(event.what.split())


def is_hard(event: Event) -> bool:
    """The address is dead, or SES will not try it: never mail it again."""
    return event.kind is EventKind.BOUNCE and event.what.startswith(PERMANENT)


def is_soft(event: Event) -> bool:
    return event.kind is EventKind.BOUNCE and not event.what.startswith(PERMANENT)


def is_complaint(event: Event) -> bool:
    return event.kind is EventKind.COMPLAINT and NOT_SPAM not in event.what.split()


def is_warning(event: Event) -> bool:
    """Ours to mend: SES found something in the message that keeps it from being sent."""
    return event.kind in (EventKind.REJECT, EventKind.RENDERING_FAILURE)
