"""One queue: what waits, what is in somebody's hands and until when, what was given up on. No clock, no threads."""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass, field
from random import Random


@dataclass(kw_only=True, slots=True)
class Message:
    number: int
    body: str
    sent_at: float
    #: How often it was handed out.
    tries: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A message as one client got it."""

    message_id: str
    receipt: str
    body: str
    tries: int
    sent_at: float


@dataclass(kw_only=True)
class Queue:
    """A standard queue: at least once, in any order. Where SQS promises nothing it takes the harsher reading."""

    name: str
    chance: Random
    #: As they were set, and as `GetQueueAttributes` tells them.
    attributes: dict[str, str] = field(default_factory=dict)
    #: Where a message goes that was handed out so often.
    dead: Queue | None = None
    tries: int = 0
    #: Of so many messages that are handed out, or deleted, one shows again: a host of SQS's had missed it.
    twice: float = 0.0
    #: Of so many answers one has fewer messages than there are.
    fewer: float = 0.0
    #: What became of messages: handed out, shown twice, back after their time, given up on.
    received: int = 0
    shown_twice: int = 0
    came_back: int = 0
    given_up: int = 0

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self._waiting: list[Message] = []
        #: Number → message and receipt of who has it; and when each is shown again.
        self._taken: dict[int, tuple[Message, str]] = {}
        self._until: list[tuple[float, int, str]] = []

    def send(self, body: str, *, now: float) -> str:
        """The id of the message."""
        message = Message(number=next(self._numbers), body=body, sent_at=now)
        self._waiting.append(message)
        return f"{self.name}-{message.number}"

    def receive(self, most: int, *, hidden: float, now: float) -> list[Shown]:
        """Messages that others do not see for `hidden` seconds."""
        self._show_again(now)
        if self.chance.random() < self.fewer:
            most = self.chance.randint(1, most)
        found: list[Shown] = []
        while self._waiting and len(found) < most:
            message = self._any()
            if self.dead is not None and message.tries >= self.tries:
                self.dead.send(message.body, now=message.sent_at)
                self.given_up += 1
                continue
            found.append(self._hand_out(message, now + hidden))
        return found

    def delete(self, receipt: str) -> None:
        """Only the last receipt deletes: who held a message for too long has it come again."""
        number = int(receipt.partition("-")[0])
        message, held = self._taken.get(number, (None, ""))
        if message is None or held != receipt:
            return
        del self._taken[number]
        self._again(message)

    def counts(self, now: float) -> tuple[int, int]:
        """Messages that wait, and that somebody has in hand."""
        self._show_again(now)
        return len(self._waiting), len(self._taken)

    def due(self) -> float | None:
        """When something is shown again."""
        return self._until[0][0] if self._until else None

    def _any(self) -> Message:
        at = self.chance.randrange(len(self._waiting))
        self._waiting[at], self._waiting[-1] = self._waiting[-1], self._waiting[at]
        return self._waiting.pop()

    def _hand_out(self, message: Message, until: float) -> Shown:
        message.tries += 1
        self.received += 1
        receipt = f"{message.number}-{self.received}"
        if not self._again(message):
            self._taken[message.number] = (message, receipt)
            heapq.heappush(self._until, (until, message.number, receipt))
        return Shown(
            message_id=f"{self.name}-{message.number}",
            receipt=receipt,
            body=message.body,
            tries=message.tries,
            sent_at=message.sent_at,
        )

    def _again(self, message: Message) -> bool:
        if self.chance.random() >= self.twice:
            return False
        self._waiting.append(message)
        self.shown_twice += 1
        return True

    def _show_again(self, now: float) -> None:
        while self._until and self._until[0][0] <= now:
            _, number, receipt = heapq.heappop(self._until)
            message, held = self._taken.get(number, (None, ""))
            if message is not None and held == receipt:
                del self._taken[number]
                self._waiting.append(message)
                self.came_back += 1
