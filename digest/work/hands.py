"""Hands: how many a process has for a kind of work, and the thread that each piece has to itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future

from digest.work.port import Kind


def hands(kind: Kind, drafts: int) -> int:
    """How much of a kind one process does at once; of one pump, `delivery.workers` threads send."""
    return drafts if kind is Kind.DRAFT else 1


def in_thread(work: Callable[[], object], name: str) -> Future[None]:
    """Do `work` in a thread that dies with the program: who hangs in a slow site's answer must not keep it alive."""
    done: Future[None] = Future()
    done.set_running_or_notify_cancel()

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 (whoever waits for the future gets it)
            done.set_exception(error)
        else:
            done.set_result(None)

    threading.Thread(target=run, name=name, daemon=True).start()
    return done
