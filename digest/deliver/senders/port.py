"""What sending needs of a sender, and the values that pass between them.

The worker owns this interface. A sender splits its work in two, so that a dry run can do everything but the
last step: `prepare` builds the exact request without any I/O, and `send` lets it leave.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from digest.errors import AccountError, PaceError
from digest.model import Account, Message, Receipt, Rendered


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """Messages of one edition, ready to leave in one `send`."""

    #: Roster positions, in the order of the messages.
    positions: tuple[int, ...]
    #: Bytes that leave for all of them together: SES's requests, or the whole messages.
    total_bytes: int
    #: Position → why this one will be refused without being sent; the others go.
    refused: dict[int, str] = field(default_factory=dict)
    #: Why none of them can go, in one sentence; empty when they can. It is our mistake, never a reader's.
    fault: str = ""
    #: Builds the message at an index (not position) as an .eml file.
    compose: Callable[[int], bytes] = field(repr=False)
    #: Weighs the message at an index: bytes of subject, html and text, before any transfer encoding.
    weigh: Callable[[int], int] = field(repr=False)
    #: In seconds since 1970: after this moment nothing of it may leave any more.
    latest: float = math.inf
    #: The sender's own request.
    request: Any = field(default=None, repr=False)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The weight of each message, none when there is a fault. Reckoned when asked: only a dry run wants to know."""
        return () if self.fault else tuple(self.weigh(index) for index in range(len(self.positions)))

    def eml(self, index: int) -> bytes:
        """The message at `index` as it would arrive. Raises AccountError when there is a fault."""
        self.insist()
        return self.compose(index)

    def insist(self) -> None:
        """Raise AccountError when there is a fault: the issue pauses and nobody is marked failed."""
        if self.fault:
            raise AccountError(
                f"No message of this batch can be sent: {self.fault}",
                code="fault",
                hint="Nobody was mailed or marked as failed. Correct it and resume the issue.",
            )

    def insist_in_time(self, now: datetime) -> None:
        """Raise PaceError when it is too late. Asked as late as possible: a machine may sleep at any line before."""
        if now.timestamp() > self.latest:
            raise PaceError("Its turn had gone by, because the machine slept; nothing left.", code="late")


class Sender(Protocol):
    """Takes messages and says what became of each."""

    #: "ses", "outbox" or "smtp".
    name: str
    #: At most so many messages per `send`.
    batch_size: int

    def account(self) -> Account:
        """What may be sent right now. Raises AccountError or PaceError when that cannot be learnt."""
        ...

    def prepare(self, rendered: Rendered, messages: Sequence[Message]) -> Prepared:
        """The exact request for these messages of one edition. Pure: no I/O, and nothing leaves."""
        ...

    def send(self, prepared: Prepared) -> list[Receipt]:
        """One receipt for each message, in their order.

        Raises for all of them together: PaceError and AccountError mean that none was accepted, DoubtError that
        nobody knows.
        """
        ...

    def close(self) -> None:
        """Let go of connections. A closed sender may be used again."""
        ...
