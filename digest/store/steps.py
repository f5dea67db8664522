"""The legal steps of batches and deliveries, as tables. Statements of the ledger ask for the state before; this says
which there are, and a test watches every change that the database makes.

The steps of an issue are in `digest.issue.lifecycle`.
"""

from __future__ import annotations

from digest.model import BatchState as B
from digest.model import DeliveryState as D

BATCH: dict[B, frozenset[B]] = {
    B.PLANNED: frozenset({B.CLAIMED}),
    # Its request is written: called when its turn comes, given back otherwise, or taken from a worker that died.
    B.CLAIMED: frozenset({B.CALLING, B.PLANNED}),
    # Planned again when what came back says that nobody, or not everybody, was accepted.
    B.CALLING: frozenset({B.RECORDED, B.PLANNED, B.UNCERTAIN}),
    # By a late reply to the very attempt, or by a person who has uncertain readers mailed again.
    B.UNCERTAIN: frozenset({B.RECORDED, B.PLANNED}),
    B.RECORDED: frozenset({B.PLANNED}),
}

#: What events prove, in whatever state they find a delivery: SES tells of a message that it has.
_BY_EVENTS = frozenset({D.ACCEPTED, D.REFUSED, D.DELIVERED, D.BOUNCED, D.COMPLAINED})

DELIVERY: dict[D, frozenset[D]] = {
    # An event may overtake the reply to the call, or come after a person gave the reader back to be mailed again.
    D.PLANNED: frozenset({D.SKIPPED, D.UNCERTAIN}) | _BY_EVENTS,
    # By a late reply, by an event that proves it, or by a person.
    D.UNCERTAIN: frozenset({D.PLANNED}) | _BY_EVENTS,
    # Skipped when it was to be tried again; then it turns out that the attempt before had been accepted.
    D.SKIPPED: _BY_EVENTS,
    # Refused by SES itself: accepted first, and not sent for what it found in the message.
    D.ACCEPTED: _BY_EVENTS - {D.ACCEPTED},
    # Any sign of the message outweighs that SES said no.
    D.REFUSED: frozenset({D.DELIVERED, D.BOUNCED, D.COMPLAINED}),
    # A server may take a message and send it back later; a reader may complain about one that arrived.
    D.DELIVERED: frozenset({D.BOUNCED, D.COMPLAINED}),
    # A passing bounce after an arrival is a note from somebody on holiday, whichever of the two is told first.
    D.BOUNCED: frozenset({D.DELIVERED, D.COMPLAINED}),
    D.COMPLAINED: frozenset(),
}
