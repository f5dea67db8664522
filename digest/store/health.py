"""How a database is: what an operator should know of it before readers are mailed. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePath

import psutil
from sqlalchemy import Connection, text

from digest.store.database import Database

#: File systems of other machines. SQLite's locks do not hold on them, and its WAL needs memory that all share.
NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afpfs", "afs", "webdav", "davfs", "gpfs", "lustre"}
    | {"glusterfs", "ceph", "beegfs", "ocfs2", "gfs2"}
    | {"fuse.sshfs", "fuse.davfs2", "fuse.s3fs", "fuse.rclone", "fuse.glusterfs", "fuse.ceph"}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerHealth:
    """A PostgreSQL server, as it looks from here."""

    product: str
    #: Seconds that a question takes.
    answers_in: float
    #: Seconds that its clock is ahead of this machine's; negative when it is behind.
    clock_ahead: float
    connections: int
    #: Of those that are not kept for superusers.
    max_connections: int
    #: What one process of the mailer may take at most.
    pool: int
    encoding: str
    #: Settings that make a commit outlive a crash → as they are.
    durable: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class FileHealth:
    """An SQLite file."""

    product: str
    file: Path
    journal_mode: str
    #: The file system that it is on, when that is another machine's; empty when not.
    network: str


def examine(database: Database, clock: Callable[[], datetime]) -> ServerHealth | FileHealth:
    """Raises StoreError when the database does not answer."""
    with database.read() as conn:
        if database.file is not None:
            return _file(conn, database.file)
        return _server(conn, database.most_connections, clock)


def _file(conn: Connection, file: Path) -> FileHealth:
    mounts = ((part.mountpoint, part.fstype) for part in psutil.disk_partitions(all=True))
    return FileHealth(
        product=f"SQLite {_say(conn, 'SELECT sqlite_version()')}",
        file=file,
        journal_mode=_say(conn, "PRAGMA journal_mode"),
        network=network_of(file, mounts),
    )


def network_of(file: Path, mounts: Iterable[tuple[str, str]]) -> str:
    """The network file system that a file is on, by the innermost of the mounts (point, kind) that hold it."""
    holding = [(len(PurePath(point).parts), kind) for point, kind in mounts if file.is_relative_to(point)]
    kind = max(holding, default=(0, ""))[1]
    return kind if kind in NETWORK else ""


def _server(conn: Connection, pool: int, clock: Callable[[], datetime]) -> ServerHealth:
    _say(conn, "SELECT 1")  # the transaction is open from here on, so that only the question itself is timed
    before = clock()
    theirs: datetime = conn.execute(text("SELECT clock_timestamp()")).scalar_one()
    took = clock() - before
    free = "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
    used = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
    return ServerHealth(
        product=f"PostgreSQL {_say(conn, 'SHOW server_version').partition(' ')[0]}",
        answers_in=took.total_seconds(),
        clock_ahead=(theirs - before - took / 2).total_seconds(),
        connections=int(_say(conn, used)),
        max_connections=int(_say(conn, free)),
        pool=pool,
        encoding=_say(conn, "SHOW server_encoding"),
        durable={name: _say(conn, f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")},
    )


def _say(conn: Connection, question: str) -> str:
    return str(conn.execute(text(question)).scalar())
