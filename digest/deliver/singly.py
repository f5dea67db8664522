"""Reader by reader: how a batch goes out while no bulk call is free and the account's rate still has room.

SES may allow fewer bulk calls a second than the rate needs. Then a batch leaves as single messages with the same
content, headers and tags, spread evenly over its part of the rate, several in the air at a time.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from threading import Event, Lock

from digest.deliver.lanes import GLANCE
from digest.deliver.senders.port import Sender
from digest.errors import AccountError, DoubtError, PaceError, SenderError
from digest.model import DeliveryState, Message, Receipt, Rendered

#: Messages in the air at a time: enough for 1,000 a second at 60 ms each.
IN_THE_AIR = 64

#: A batch is handed over so many seconds before it begins, at most.
SOON = 1.0


@dataclass
class _Trouble:
    """The first error that is not one reader's: what is not yet in the air stays on the ground."""

    error: SenderError | None = None
    met: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)

    def meet(self, error: SenderError) -> None:
        with self.lock:
            # An account's trouble outweighs "too fast".
            if self.error is None or isinstance(error, AccountError):
                self.error = error
        self.met.set()


class Singly:
    def __init__(self, sender: Sender, *, now: Callable[[], float] = time.time) -> None:
        """`sender` takes one message in a `send`; `now` is in seconds since 1970."""
        self._sender = sender
        self._now = now
        self._pool = ThreadPoolExecutor(IN_THE_AIR, thread_name_prefix="singly")

    def send(
        self,
        rendered: Rendered,
        messages: Sequence[Message],
        *,
        start: float,
        seconds: float,
        latest: float = math.inf,
        stop: Callable[[], bool] = lambda: False,
    ) -> tuple[list[Receipt], SenderError | None]:
        """One receipt for each message, in order, and the error that stopped the rest, if one did.

        The messages leave evenly within `seconds` from `start` on; those that are not in the air at `latest`, or once
        `stop` says so, stay on the ground. Never raises for what the sender says.
        """
        trouble = _Trouble()
        step = seconds / len(messages)
        # From here on by a clock that nobody sets.
        began = time.monotonic() + min(max(0.0, start - self._now()), SOON)
        waiting = [
            self._pool.submit(self._one, rendered, message, began + at * step, latest, trouble)
            for at, message in enumerate(messages)
        ]
        while wait(waiting, timeout=GLANCE).not_done:
            if stop():
                trouble.met.set()
        return [future.result() for future in waiting], trouble.error

    def close(self) -> None:
        self._pool.shutdown()
        self._sender.close()

    def _one(self, rendered: Rendered, message: Message, moment: float, latest: float, trouble: _Trouble) -> Receipt:
        position = message.recipient.position
        if trouble.met.wait(max(0.0, moment - time.monotonic())):
            return Receipt(position=position, state=DeliveryState.PLANNED, reason="not tried")
        try:
            (receipt,) = self._sender.send(replace(self._sender.prepare(rendered, [message]), latest=latest))
        except DoubtError as doubt:
            return Receipt(position=position, state=DeliveryState.UNCERTAIN, reason=doubt.message)
        except SenderError as error:
            trouble.meet(error)
            return Receipt(position=position, state=DeliveryState.PLANNED, reason=error.message)
        except Exception as mistake:  # noqa: BLE001 (whatever it is, this message is in doubt and the issue stops)
            # Our own mistake in the middle of a call: nobody knows whether it left.
            trouble.meet(AccountError(f"an error of the program: {type(mistake).__name__}: {mistake}"))
            return Receipt(position=position, state=DeliveryState.UNCERTAIN, reason=f"{type(mistake).__name__}")
        if receipt.state is DeliveryState.PLANNED:
            trouble.meet(PaceError(receipt.reason))
        return receipt
