"""A spell of work: pumps are short, so that a machine is free again soon, to stop or for what is more urgent."""

from __future__ import annotations

import threading
import time


class Spell(threading.Event):
    """A stop that comes by itself after some seconds, and at once when another one is set."""

    def __init__(self, stop: threading.Event, seconds: float) -> None:
        super().__init__()
        self._stop = stop
        self._ends = time.monotonic() + seconds

    def is_set(self) -> bool:
        return self._stop.is_set() or time.monotonic() >= self._ends

    def wait(self, timeout: float | None = None) -> bool:
        left = max(0.0, self._ends - time.monotonic())
        self._stop.wait(left if timeout is None else min(left, timeout))
        return self.is_set()
