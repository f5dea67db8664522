"""Faults of the database: locked, full, limited, restarted, cut off."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from random import Random

import sqlalchemy as sa

from benchmarks.faults.fault import Kind, Ongoing, calls_of_all, calls_of_one, free_member, release
from benchmarks.faults.stage import Stage
from benchmarks.faults.worker import Files


def _locked(stage: Stage, chance: Random) -> Ongoing | None:
    seconds = chance.uniform(0.5, 2.5)
    stage.blind += 1
    holder = threading.Thread(target=_hold_lock, args=(stage, seconds))
    holder.start()

    def end() -> int:
        holder.join()
        stage.blind -= 1
        return 1

    return Ongoing(end=end, lasts=seconds)


def _hold_lock(stage: Stage, seconds: float) -> None:
    if stage.server is None:
        with contextlib.closing(sqlite3.connect(str(stage.room.app.database.file), timeout=20)) as conn:
            conn.isolation_level = None
            conn.execute("BEGIN IMMEDIATE")
            time.sleep(seconds)
            conn.execute("ROLLBACK")
        return
    engine = sa.create_engine(stage.room.app.database.url)
    # A server that is restarted meanwhile takes the lock away.
    with contextlib.suppress(sa.exc.OperationalError), engine.connect() as conn:
        conn.exec_driver_sql("LOCK TABLE issue, batch, delivery, pace IN ACCESS EXCLUSIVE MODE")
        time.sleep(seconds)
    engine.dispose()


def _disk_full(stage: Stage, chance: Random) -> Ongoing | None:
    """Not a byte is left, and the log of writes was just folded up, so that the next commit needs some."""
    assert stage.disk is not None
    file = stage.room.app.database.file
    with contextlib.closing(sqlite3.connect(str(file), timeout=20)) as conn:
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    ballast = stage.disk / "ballast"
    stage.hands_off += 1
    with ballast.open("wb") as full, contextlib.suppress(OSError):
        while left := os.statvfs(stage.disk).f_bavail:
            os.posix_fallocate(full.fileno(), full.seek(0, 2), left * os.statvfs(stage.disk).f_frsize)

    def end() -> int:
        ballast.unlink()
        stage.hands_off -= 1
        return 1

    return Ongoing(end=end, lasts=chance.uniform(0.5, 2.5))


def _file_limit(stage: Stage, chance: Random) -> Ongoing | None:
    """A worker's writes are refused beyond where its files are now, as a quota would."""
    member = free_member(stage, chance)
    if member is None:
        return None
    member.is_meant = True
    member.tell(Files(size=chance.choice((4096, 200_000))))

    def end() -> int:
        release(member)
        return 1

    return Ongoing(end=end, lasts=chance.uniform(0.5, 2))


def _server(trouble: Callable[[Stage], object]) -> Callable[[Stage, Random], Ongoing | None]:
    def begin(stage: Stage, _: Random) -> Ongoing | None:
        trouble(stage)
        return Ongoing(end=lambda: 1, lasts=0)

    return begin


def _restart(how: str) -> Callable[[Stage], object]:
    def restart(stage: Stage) -> None:
        assert stage.server is not None
        stage.server.control("restart", "-m", how)

    return restart


def _cut(stage: Stage) -> None:
    assert stage.server is not None
    stage.server.cut_connections()


def _no_small_disk(stage: Stage) -> str:
    return "" if stage.disk is not None else "no small disk: mounting one takes root"


_PG = ("postgresql",)

DATABASE = (
    Kind(name="database locked for seconds", begin=_locked),
    Kind(name="disk full", begin=_disk_full, on=("sqlite",), in_doubt=calls_of_all, missing=_no_small_disk),
    Kind(name="file limit reached", begin=_file_limit, on=("sqlite",), in_doubt=calls_of_one),
    Kind(name="server crashed", begin=_server(_restart("immediate")), on=_PG, in_doubt=calls_of_all),
    Kind(name="server restarted", begin=_server(_restart("fast")), on=_PG, in_doubt=calls_of_all),
    Kind(name="connections cut by the server", begin=_server(_cut), on=_PG, in_doubt=calls_of_all),
)
