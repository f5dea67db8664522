"""A worker process as `digest run` is one, except that it dies, stops or sleeps where it is told.

The mailer itself has no kill switch: this program hangs one into its seams, which are the database's `at_commit`, the
sender and the clock.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal

import digest.deliver.allowance
import digest.deliver.call
import digest.deliver.pace
import digest.store.connecting
import digest.worker.patience
from benchmarks.faults.points import REQUEST
from digest.bootstrap import App
from digest.deliver.senders.port import Prepared, Sender
from digest.deliver.senders.ses import SesSender
from digest.deliver.singly import IN_THE_AIR
from digest.errors import DigestError, DoubtError
from digest.model import Account, Message, Receipt, Rendered
from digest.settings import load

#: Seconds until an answer is given up; SES's real one takes 30.
READ_TIMEOUT = 3.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Station:
    """What a worker process needs to know."""

    folder: Path
    settings: Mapping[str, str]
    environment: Mapping[str, str]
    log: Path
    #: A mistake on purpose, by which the harness shows that it can fail: a request whose answer was lost is repeated.
    repeats: bool = False


Act = Literal["kill", "stop", "sleep"]


@dataclass(frozen=True, kw_only=True, slots=True)
class At:
    """An order: at the n-th passing of a point die (SIGKILL), end (as SIGTERM does) or sleep (SIGSTOP)."""

    when: str
    step: str
    act: Act = "kill"
    passing: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Clock:
    """An order: the clock is wrong by so many seconds from now on."""

    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Files:
    """An order: no file may grow beyond so many bytes; -1 is no limit."""

    size: int


Order = At | Clock | Files | None  # None: forget all orders


class _Wrong:
    """The machine's clock, and by how much it is wrong."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.seconds)


class _Points:
    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._armed: dict[tuple[str, str], tuple[int, Act]] = {}
        self._lock = threading.Lock()

    def arm(self, order: At) -> None:
        with self._lock:
            self._armed[order.when, order.step] = (order.passing, order.act)

    def disarm(self) -> None:
        with self._lock:
            self._armed.clear()

    def passing(self, when: str, step: str) -> None:
        with self._lock:
            left, act = self._armed.pop((when, step), (0, "kill"))
            if left > 1:
                self._armed[when, step] = (left - 1, act)
        if left != 1:
            return
        if act == "stop":
            self._stop.set()
        else:
            os.kill(os.getpid(), signal.SIGKILL if act == "kill" else signal.SIGSTOP)


@dataclass
class _Watched:
    """A sender, with a point before the request leaves and one after the answer came."""

    inner: Sender
    passing: Callable[[str, str], None]
    repeats: bool
    name: str = field(init=False)
    batch_size: int = field(init=False)

    def __post_init__(self) -> None:
        self.name, self.batch_size = self.inner.name, self.inner.batch_size

    def account(self) -> Account:
        return self.inner.account()

    def prepare(self, rendered: Rendered, messages: Sequence[Message]) -> Prepared:
        return self.inner.prepare(rendered, messages)

    def send(self, prepared: Prepared) -> list[Receipt]:
        self.passing("before", REQUEST)
        try:
            return self.inner.send(prepared)
        except DoubtError:
            if not self.repeats:
                raise
            return self.inner.send(prepared)
        finally:
            self.passing("after", REQUEST)

    def close(self) -> None:
        self.inner.close()


def work(station: Station, orders: Connection) -> None:
    """A worker's life, until SIGTERM or an order ends it."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for whoever watches
    os.environ.update(station.environment)
    sys.stdout = sys.stderr = station.log.open("a", buffering=1)
    _be_impatient()
    points, clock = _Points(stop), _Wrong()
    app = App(load(station.settings, file=station.folder / "settings.toml"), clock=clock)
    threading.Thread(target=_obey, args=(orders, points, clock), daemon=True).start()
    try:
        app.database.at_commit = points.passing
        for name, mode in (("sender", "bulk"), ("single", "single")):
            vars(app)[name] = _Watched(_ses(app, mode), points.passing, station.repeats)
        app.worker.run(stop, say=_say)
    except DigestError as error:
        _say(str(error))
        sys.exit(error.exit_code)  # as `digest run` does; its supervisor starts it again
    finally:
        app.close()


def _be_impatient() -> None:
    """What takes a minute in a newsroom takes a second here."""
    for name in ("LOOK_AGAIN", "SEND_AGAIN"):
        setattr(digest.worker.patience, name, timedelta(seconds=1))
    digest.deliver.allowance.ASK_EVERY = 3.0
    digest.deliver.allowance.LOOK_EVERY = 0.5
    digest.deliver.call.TRY_AGAIN = timedelta(seconds=0.3)
    digest.deliver.pace.LONGEST = 3.0
    digest.store.connecting.SILENT_SECONDS = 3


def _ses(app: App, mode: Any) -> Sender:
    connections = max(IN_THE_AIR, app.settings["delivery.workers"])
    region = app.settings["ses.region"]
    return SesSender(clock=app.clock, region=region, mode=mode, connections=connections, read_timeout=READ_TIMEOUT)


def _obey(orders: Connection, points: _Points, clock: _Wrong) -> None:
    while True:
        try:
            order: Order = orders.recv()
        except (EOFError, OSError):
            return
        match order:
            case At():
                points.arm(order)
            case Clock():
                clock.seconds = order.seconds
            case Files():
                _limit_files(order.size)
            case None:
                points.disarm()
                clock.seconds = 0.0
                _limit_files(-1)


def _limit_files(size: int) -> None:
    hardest = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (hardest if size < 0 else size, hardest))


def _say(what: str) -> None:
    with suppress(OSError):  # the limit on files is one on this one, too
        print(f"{time.time():.3f} {os.getpid()} {what}")
