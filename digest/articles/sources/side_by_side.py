"""Several pieces of waiting at the same time, in threads that never keep a program alive.

A pool of the standard library waits for its threads when the program ends: a site that does not answer would hold
SIGTERM up for as long. These threads die with the program, and whoever asked is free at any moment.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from digest.articles.sources.network import Term

T = TypeVar("T")

#: Sources that are asked at the same time. They wait most of the time, each for a host of its own.
SOURCES_AT_ONCE = 100
#: Seconds between two glances.
_GLANCE = 0.1


def each(
    work: Sequence[Callable[[], T]], *, at_once: int, glance: Callable[[], bool] = lambda: False
) -> list[T | None]:
    """What each piece of work came to, in order; None for what was not done when `glance` had enough.

    `glance` is called by the caller's own thread some times a second. What it raises, or a piece of work, is raised
    here at once; the other threads begin nothing more.
    """
    results: list[T | None] = [None] * len(work)
    troubles: list[BaseException] = []
    numbers = itertools.count()
    left, enough, change = len(work), threading.Event(), threading.Condition()

    def hand() -> None:
        nonlocal left
        while not enough.is_set() and (number := next(numbers)) < len(work):
            try:
                results[number] = work[number]()
            except BaseException as trouble:  # noqa: BLE001 - whoever waits for it gets it
                troubles.append(trouble)
            with change:
                left -= 1
                change.notify_all()

    for number in range(min(at_once, len(work))):
        threading.Thread(target=hand, name=f"gather {number}", daemon=True).start()
    try:
        while left and not troubles and not glance():
            with change:
                change.wait_for(lambda: not left or troubles, _GLANCE)
    finally:
        enough.set()
    if troubles:
        raise troubles[0]
    return list(results)


def each_within(
    term: Term,
    work: Sequence[Callable[[], T]],
    *,
    at_once: int,
    grace: float,
    glance: Callable[[], bool | None] = lambda: False,
) -> list[T | None]:
    """`each`, until the term is over and `grace` seconds more for whoever is in the middle of something.

    The term ends with it, so that nobody goes on whom nobody waits for.
    """

    def enough() -> bool:
        return bool(glance()) or term.left < -grace

    try:
        return each(work, at_once=at_once, glance=enough)
    finally:
        term.end()
