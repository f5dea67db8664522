"""Manners towards the machines that we read from: few requests at once, no hurry, and no asking where it is no use.

All threads of a process share one `Manners`. A host has two requests in the air at most, as far apart as its
robots.txt asks; one that asked to wait, or that did not answer twice in a row, is left alone for a while.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from digest.articles.sources.network import Clock, Term
from digest.errors import FetchError, Postponed

#: Requests to one host at the same time.
AT_ONCE = 2
#: A robots.txt that asks for more seconds between requests gets these: twenty articles must be read some day.
LONGEST_DELAY = 10.0
#: After so many requests in a row without an answer a host is not asked …
SILENT = 2
#: … for so many seconds.
LEFT_ALONE = 60.0
#: Seconds after which a thread that waits looks whether the gathering is over.
_GLANCE = 0.2


@dataclass(slots=True)
class _Host:
    in_the_air: int = 0
    #: The next request may not begin before.
    next_at: float = 0.0
    #: How often in a row it did not answer.
    silent: int = 0
    #: Not to be asked before, and why.
    closed_until: float = 0.0
    why: str = ""


class Manners:
    def __init__(self, *, at_once: int = AT_ONCE, clock: Clock = time.monotonic) -> None:
        self._at_once = at_once
        self._clock = clock
        self._hosts: dict[str, _Host] = {}
        self._change = threading.Condition()

    @contextmanager
    def turn(self, host: str, term: Term, *, delay: float = 0.0) -> Iterator[None]:
        """One request to a host: waits until it may begin. Raises Postponed when it may not, or not in time."""
        with self._change:
            state = self._hosts.setdefault(host, _Host())
            while wait := self._wait(host, state):
                if term.is_over:
                    raise Postponed(f"{host} was not asked: the time for gathering was up.", hint=NEXT_TIME)
                self._change.wait(min(wait, _GLANCE))
            state.in_the_air += 1
            state.next_at = self._clock() + min(delay, LONGEST_DELAY)
        try:
            yield
        except FetchError as trouble:
            self._note(state, trouble)
            raise
        else:
            state.silent = 0
        finally:
            with self._change:
                state.in_the_air -= 1
                self._change.notify_all()

    def _wait(self, host: str, state: _Host) -> float:
        """Seconds to wait before looking again; 0 to begin. Raises Postponed for a host that is left alone."""
        closed = state.closed_until - self._clock()
        if closed > 0:
            asked = closed if state.silent < SILENT else 0
            raise Postponed(f"{host} was not asked: {state.why}.", hint=NEXT_TIME, wait=asked)
        if state.in_the_air >= self._at_once:
            return _GLANCE
        return max(0.0, state.next_at - self._clock())

    def _note(self, state: _Host, trouble: FetchError) -> None:
        with self._change:
            state.silent = state.silent + 1 if trouble.unanswered else 0
            if isinstance(trouble, Postponed) and trouble.wait:
                state.closed_until = self._clock() + trouble.wait
                state.why = f"it answered {trouble.status} a moment ago and wants to be left alone"
            elif state.silent >= SILENT:
                state.closed_until = self._clock() + LEFT_ALONE
                state.why = f"it did not answer {state.silent} times in a row"


NEXT_TIME = "It is asked at the next gathering."
