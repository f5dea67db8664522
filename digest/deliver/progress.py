"""How far an issue is, counted by this process alone: what a person watches. The ledger counts for good."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from digest.model import DeliveryState, Figures, Receipt


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    recipients: int
    #: Recipients who need no more work.
    done: int
    accepted: int
    uncertain: int
    #: Accepted per second by this process, and what all processes together may.
    rate: float
    allowed_rate: float

    @property
    def seconds_left(self) -> float | None:
        """At the rate so far; None before there is one."""
        return (self.recipients - self.done) / self.rate if self.rate else None


class Tally:
    """Counts receipts as they come; safe to call from any thread."""

    def __init__(self, before: Figures) -> None:
        self._before = before
        self._lock = threading.Lock()
        self._accepted = self._uncertain = self._done = 0
        self._began = time.monotonic()

    def count(self, receipts: Sequence[Receipt], *, skipped: int = 0) -> None:
        with self._lock:
            self._done += skipped
            for receipt in receipts:
                self._accepted += receipt.state is DeliveryState.ACCEPTED
                self._uncertain += receipt.state is DeliveryState.UNCERTAIN
                self._done += receipt.state is not DeliveryState.PLANNED

    def progress(self, allowed_rate: float) -> Progress:
        before = self._before
        with self._lock:
            seconds = max(time.monotonic() - self._began, 0.001)
            return Progress(
                recipients=before.recipients,
                done=before.recipients - before.planned + self._done,
                accepted=before.accepted + self._accepted,
                uncertain=before.uncertain + self._uncertain,
                rate=self._accepted / seconds,
                allowed_rate=allowed_rate,
            )
