"""The database: is it there, is it durable, can it be shared?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from digest.cli.doctor.finding import finding

if TYPE_CHECKING:
    from digest.bootstrap import App
    from digest.model import Finding
    from digest.store.health import FileHealth, ServerHealth


def of_database(app_: App) -> Iterator[Finding]:
    from digest.errors import StoreError
    from digest.store.health import FileHealth, examine

    try:
        version = app_.database.version()
        health = examine(app_.database, app_.clock)
    except StoreError as error:
        yield finding("error", "database", str(error), "database")
        return
    yield finding("hint", "database", f"{app_.database.shown} ({health.product}) is at version {version}.", "database")
    yield from of_file(health) if isinstance(health, FileHealth) else of_server(health)


def of_file(health: FileHealth) -> Iterator[Finding]:
    if health.network:
        yield finding("error", "network-file", _NETWORK.format(health=health), "database")
    if health.journal_mode != "wal":
        yield finding("error", "no-wal", _NO_WAL.format(health=health), "database")


_NETWORK = (
    "{health.file} is on another machine ({health.network}), where SQLite loses what it writes: move it, or use "
    "PostgreSQL."
)
_NO_WAL = (
    "SQLite's journal mode is {health.journal_mode} and not WAL: the file system does not allow it. Move the file."
)


def of_server(health: ServerHealth) -> Iterator[Finding]:
    free, ahead = health.max_connections - health.connections, health.clock_ahead
    yield finding("hint", "server", f"It answers in {health.answers_in * 1000:,.1f} ms.", "database")
    for name, value in health.durable.items():
        if value == "off":
            yield finding("warning", "not-durable", _NOT_DURABLE.format(name=name), "database")
    if abs(ahead) > _CLOCKS:
        way = "ahead of" if ahead > 0 else "behind"
        yield finding("warning", "clocks", _CLOCK.format(seconds=abs(ahead), way=way), "database")
    if free < health.pool:
        yield finding("warning", "connections", _FEW.format(free=free, health=health), "database")
    if health.encoding != "UTF8":
        yield finding("error", "encoding", _ENCODING.format(health=health), "database")


#: Leases are compared by the workers' clocks: seconds that the clocks of two machines may differ.
_CLOCKS = 1.0
_NOT_DURABLE = "{name} is off: after a crash of the server readers may be mailed twice. Set it on."
_CLOCK = (
    "The server's clock is {seconds:,.1f} s {way} this machine's. Let NTP set both: a worker whose clock is wrong "
    "takes over what others hold, or sends too early or too late."
)
_FEW = "Only {free} of {health.max_connections} connections are free, and a process takes up to {health.pool}."
_ENCODING = "The database is in {health.encoding}, which has no room for every name: make it with ENCODING 'UTF8'."
