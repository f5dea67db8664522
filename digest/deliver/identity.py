"""Who a worker is, so that another can tell whether it still lives without waiting for its lease."""

from __future__ import annotations

import functools
import os
import socket
import threading

import psutil


@functools.cache
def _process(pid: int) -> str:
    # The start time tells a process from another one that got its number later, as in a restarted container.
    return f"{socket.gethostname()}:{pid}:{psutil.Process(pid).create_time():.2f}"


def my_name() -> str:
    """The name of the calling thread as a worker: "host:pid:start:thread"."""
    return f"{_process(os.getpid())}:{threading.get_ident()}"


def is_dead(worker: str) -> bool:
    """True when the worker's process surely ended: it ran on this host and is gone. False when nobody here can know."""
    host, _, rest = worker.partition(":")
    pid, _, rest = rest.partition(":")
    started = rest.partition(":")[0]
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        return f"{psutil.Process(int(pid)).create_time():.2f}" != started
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False
