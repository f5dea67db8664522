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

DELIVERY: dict[D, frozenset[D]] = {
    D.PLANNED: frozenset({D.ACCEPTED, D.REFUSED, D.SKIPPED, D.UNCERTAIN}),
    # By a late reply, by an event that proves it, or by a person.
    D.UNCERTAIN: frozenset({D.ACCEPTED, D.REFUSED, D.PLANNED, D.DELIVERED, D.BOUNCED, D.COMPLAINED}),
    D.ACCEPTED: frozenset({D.DELIVERED, D.BOUNCED, D.COMPLAINED}),
    # A server may take a message and send it back later; a reader may complain about one that arrived.
    D.DELIVERED: frozenset({D.BOUNCED, D.COMPLAINED}),
    D.BOUNCED: frozenset({D.COMPLAINED}),
    D.COMPLAINED: frozenset(),
    D.REFUSED: frozenset(),
    D.SKIPPED: frozenset(),
}
