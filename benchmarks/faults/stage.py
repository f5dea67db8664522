"""One database, one SES and one crew, and what an operator does about an issue on its way."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select

import subscribers
from benchmarks.faults.compare import Entry
from benchmarks.faults.crew import Crew
from benchmarks.faults.ses import Ses
from benchmarks.faults.worker import Station
from benchmarks.newsroom import ses_double
from digest.deliver import control
from digest.deliver.pace import Pace
from digest.desk.editing import Edits, story_of
from digest.errors import IllegalStep, StoreError
from digest.model import BatchState, DeliveryState, Issue, IssueState
from digest.store import issues, ledger, paces, schema
from digest.store.articles import StoredArticle
from tests.newsroom import Newsroom
from tests.postgres import Server

Result = TypeVar("Result")

OPERATOR = "Omar"
#: Seconds after which a silent worker's batch is taken over: the least that the settings allow.
LEASE = 5
#: Bytes of the disk that an SQLite database has to itself where we may mount one.
_DISK = 192_000_000


@dataclass
class Stage:
    #: "sqlite" or "postgresql".
    database: str
    room: Newsroom
    ses: Ses
    crew: Crew
    #: Threads of each worker that send.
    threads: int
    #: The server of PostgreSQL.
    server: Server | None = None
    #: The folder of SQLite's file when it is a small disk of its own, which can be filled.
    disk: Path | None = None
    #: The issue of this round.
    issue_id: int = 0
    #: Addresses that are to get it.
    invited: list[str] = field(default_factory=list)
    #: The issue is scheduled so late that it does not go by itself.
    hours_late: float = 0.0
    #: An operator leaves the issue alone as long as some fault says so.
    hands_off: int = 0
    #: The database does not answer, and is not asked.
    blind: int = 0
    seen: Issue | None = None
    #: The issue was seen paused or held in this round.
    was_stopped: bool = False
    article: StoredArticle | None = None
    _looked_at: float = 0.0

    # --- An issue ------------------------------------------------------------------------------------------

    def begin_round(self, subject: str) -> None:
        """A fresh issue of one story, approved, and an SES that knows nothing of the one before."""
        self.ses.begin()
        app = self.room.app
        if self.article is None:
            self.article = self.room.write_article()
        story = story_of(self.article, section="news", reason="asked for")
        with app.database.write() as conn:
            now = app.clock()
            issue = issues.create(conn, "daily", on=now.date(), slot_at=None, at=now)
            issues.arrange(conn, issue.id, [story])
            issues.change(conn, issue.id, subject=subject)
            # What the account said in the last round is forgotten.
            paces.write(conn, "ses", Pace(max_rate=self.ses.rate, rate=self.ses.rate, checked_at=now.timestamp()))
        app.proofs.approve(issue.id, actor=OPERATOR)
        self.issue_id, self.seen, self.was_stopped = issue.id, None, False
        self.invited, self.hours_late = self._audience(), 0.0

    def schedule(self, *, hours_ago: float = 0.0) -> None:
        app = self.room.app
        with app.database.write() as conn:
            now = app.clock()
            control.schedule(conn, self.issue_id, now - timedelta(hours=hours_ago), actor=OPERATOR, now=now)

    def look(self) -> Issue | None:
        """The issue; as it was seen last when the database does not answer."""
        if not self.blind and time.monotonic() - self._looked_at > 0.1:
            self._looked_at = time.monotonic()
            with contextlib.suppress(StoreError):
                self.seen = self.room.issue(self.issue_id)
                self.was_stopped |= bool(self.seen.hold) or self.seen.state is IssueState.PAUSED
        return self.seen

    @property
    def is_finished(self) -> bool:
        found = self.look()
        return found is not None and found.state is IssueState.FINISHED

    @property
    def is_sending(self) -> bool:
        found = self.look()
        return found is not None and found.state is IssueState.SENDING

    @property
    def open_batches(self) -> int:
        with self.room.app.database.read() as conn:
            counts = ledger.open_batches(conn, self.issue_id)
        return sum(counts.get(state, 0) for state in (BatchState.PLANNED, BatchState.CLAIMED, BatchState.CALLING))

    # --- What an operator does -----------------------------------------------------------------------------

    def operate(self) -> None:
        """Whatever stopped the issue is mended by now: let it go on."""
        found = self.look()
        if found is None or self.hands_off or self.blind:
            return
        with contextlib.suppress(StoreError, IllegalStep):
            if found.state is IssueState.PAUSED and not found.fingerprint:
                self.room.app.proofs.approve(found.id, actor=OPERATOR)
            elif found.state is IssueState.PAUSED or (found.state is IssueState.SENDING and found.hold):
                self.resume()
            elif found.state is IssueState.APPROVED and found.hold:
                self.schedule()

    def pause(self) -> bool:
        return self._step(control.pause)

    def resume(self) -> bool:
        return self._step(control.resume)

    def correct(self, subject: str) -> bool:
        """Change the paused issue and approve it again."""
        try:
            self.room.app.editing.edit(self.issue_id, Edits(subject=subject), actor=OPERATOR)
            self.room.app.proofs.approve(self.issue_id, actor=OPERATOR)
        except (IllegalStep, StoreError):
            return False
        return True

    def _step(self, step: Callable[..., Issue]) -> bool:
        app = self.room.app
        try:
            with app.database.write() as conn:
                step(conn, self.issue_id, actor=OPERATOR, now=app.clock())
        except (IllegalStep, StoreError):
            return False
        return True

    def hold(self, wait: timedelta) -> None:
        """Have the issue wait, as it does for the quota."""
        app = self.room.app
        with contextlib.suppress(StoreError), app.database.write() as conn:
            issues.change(conn, self.issue_id, hold="waits for the proof", held_until=app.clock() + wait)

    def recover(self) -> None:
        """Nothing fails any more."""
        self.ses.recover()
        self.crew.calm()

    def drain(self, seconds: float) -> bool:
        """Nothing fails any more: everybody alive and awake, and the issue finishes. False when it does not."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.crew.mend()
            self.operate()
            if self.is_finished and not self.open_batches:
                return True
            time.sleep(0.05)
        return False

    def is_locked(self) -> bool:
        """Somebody holds the database's lock, and not just for a moment."""
        file = self.room.app.database.file
        if file is None:
            return False
        with contextlib.closing(sqlite3.connect(str(file), timeout=1.5, isolation_level=None)) as conn:
            try:
                conn.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            conn.execute("ROLLBACK")
            return False

    # --- What is compared ----------------------------------------------------------------------------------

    def patiently(self, ask: Callable[[], Result]) -> Result:
        """An answer from a database that may just have been restarted."""
        for _ in range(40):
            with contextlib.suppress(StoreError):
                return ask()
            time.sleep(0.25)
        return ask()

    def _audience(self) -> list[str]:
        with self.room.app.database.read() as conn:
            return [row.address for row in conn.execute(subscribers.audience("daily", at=datetime.now(UTC)))]

    def ledger(self) -> list[Entry]:
        """The roster, as the ledger has it now."""
        d, b, e = schema.delivery, schema.batch, schema.edition
        query = (
            select(d.c.position, d.c.address, d.c.state, d.c.message_id, e.c.subject, b.c.number)
            .join(b, (b.c.issue_id == d.c.issue_id) & d.c.position.between(b.c.first, b.c.last))
            .outerjoin(e, e.c.id == d.c.edition_id)
            .where(d.c.issue_id == self.issue_id)
            .order_by(d.c.position)
        )
        with self.room.app.database.read() as conn:
            return [
                Entry(
                    position=position,
                    address=address,
                    state=DeliveryState(state),
                    message_id=message_id or "",
                    subject=subject or "",
                    batch=batch,
                )
                for position, address, state, message_id, subject, batch in conn.execute(query)
            ]


@contextlib.contextmanager
def stage(
    database: str, *, workers: int, readers: int, rate: float, threads: int = 2, repeats: bool = False
) -> Iterator[Stage]:
    """Everything that a round needs, in a folder of its own. `repeats` is a mistake on purpose: see `Station`."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="digest-faults-")))
        log = folder / "accepted.log"
        # A signature is good for five minutes, evidence by silence takes fifteen; here all is shorter by a hundred.
        options = ("--rate", str(rate), "--latency", "0.04", "--log", str(log), "--signature-age", "3")
        ses = Ses(stack.enter_context(ses_double(*options)), log, rate)
        server, disk, url = _database(stack, database, folder)
        environment = {
            "DIGEST_SENDER": "ses",
            "DIGEST_DATABASE_URL": url,
            "DIGEST_DELIVERY_LEASE": str(LEASE),
            "DIGEST_DELIVERY_WORKERS": str(threads),
        }
        room = Newsroom(folder, environment=environment)
        stack.callback(room.app.close)
        room.subscribe_many(readers)
        station = Station(
            folder=folder,
            settings=room.environment,
            environment={
                "AWS_ENDPOINT_URL_SESV2": ses.url,
                "AWS_ACCESS_KEY_ID": "nobody",
                "AWS_SECRET_ACCESS_KEY": "nothing",
                "AWS_EC2_METADATA_DISABLED": "true",
            },
            log=folder / "workers.txt",
            repeats=repeats,
        )
        crew = Crew(station, workers)
        stack.callback(crew.dismiss)
        yield Stage(database, room, ses, crew, threads, server, disk)


def _database(stack: ExitStack, database: str, folder: Path) -> tuple[Server | None, Path | None, str]:
    if database == "postgresql":
        # Not below a folder that only we may enter: the server runs as another user when we are root.
        home = Path(tempfile.mkdtemp(prefix="digest-postgres-"))
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        server = Server(home)
        stack.callback(server.close)
        return server, None, server.database("newsroom")
    home = folder / "disk"
    home.mkdir()
    mounted = _mount(home)
    if mounted:
        stack.callback(subprocess.run, ["umount", "-l", str(home)], check=False)
    return None, home if mounted else None, f"sqlite:///{home}/digest.db"


def _mount(folder: Path) -> bool:
    """A small disk in memory, where we may have one: only a full one says what a full disk says."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        return False
    command = ["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "none", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
