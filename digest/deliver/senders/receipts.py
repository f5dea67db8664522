"""Receipts in the order that the port promises, whatever was sent and whatever was never tried."""

from __future__ import annotations

from digest.deliver.senders.port import Prepared
from digest.model import DeliveryState, Receipt


def in_order(prepared: Prepared, receipts: list[Receipt]) -> list[Receipt]:
    """A receipt for every position: the sender's, or a refusal for those that could not even be tried."""
    known = {receipt.position: receipt for receipt in receipts}
    return [known.get(at) or _refused(at, prepared.refused[at]) for at in prepared.positions]


def _refused(position: int, reason: str) -> Receipt:
    return Receipt(position=position, state=DeliveryState.REFUSED, reason=reason)
