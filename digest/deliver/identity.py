"""Who a worker is, so that another can tell whether it still lives without waiting for its lease.

Containers may share a host's name and not its processes, so the name of a place has both.
"""

from __future__ import annotations

import functools
import os
import socket
import threading
from pathlib import Path

import psutil

#: Seconds by which a process may seem to have started otherwise: setting the system's clock moves what it says.
DRIFT = 2.0


@functools.cache
def _place() -> str:
    try:
        processes = Path("/proc/self/ns/pid").stat().st_ino
    except OSError:  # not Linux, which alone has several worlds of processes on one host
        processes = 0
    return f"{socket.gethostname()}/{processes}"


@functools.cache
def _process(pid: int) -> str:
    # The start time tells a process from another one that got its number later, as in a restarted container.
    return f"{_place()}:{pid}:{psutil.Process(pid).create_time():.2f}"


def my_name() -> str:
    """The name of the calling thread as a worker: "host/processes:pid:start:thread"."""
    return f"{_process(os.getpid())}:{threading.get_ident()}"


def is_dead(worker: str) -> bool:
    """True when the worker's process surely ended: it ran on this host and is gone. False when nobody here can know."""
    host, _, rest = worker.partition(":")
    pid, _, rest = rest.partition(":")
    started = rest.partition(":")[0]
    if host != _place() or not pid.isdigit():
        return False
    try:
        process = psutil.Process(int(pid))
        # Killed, and its parent has not taken notice yet: it does nothing any more.
        ended = process.status() == psutil.STATUS_ZOMBIE
        return bool(ended or abs(process.create_time() - float(started)) > DRIFT)
    except psutil.NoSuchProcess:
        return True
    except (psutil.Error, ValueError):
        return False
