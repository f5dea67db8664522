"""Work on several machines: Procrastinate on PostgreSQL hands nudges to whichever machine is free.

A nudge is a job, written in the transaction that made the work necessary. Every machine runs `digest run`, which
listens for jobs (LISTEN/NOTIFY) and sends heartbeats. Jobs are deleted when they end, whatever came of them: what is
left to do stands in the ledger, and each minute's tick nudges anew.

- One job of a kind and key waits at a time (its queueing lock): more would say the same.
- A newsletter is drafted once at a time (its lock). Ticks and pumps have no lock: several may run, and a dead
  machine's must not keep the others waiting.
- The job of a machine that died stays "doing" for ever. The tick deletes such jobs and nudges anew. Putting them back
  in line, as Procrastinate's documentation has it, fails for all of them as soon as one has a successor waiting: two
  jobs may not wait with the same queueing lock.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import procrastinate
import psycopg.conninfo
from procrastinate.app import WorkerOptions
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job, JobDeferrer, Status
from sqlalchemy import Connection
from sqlalchemy.engine import make_url

from digest.errors import StoreError
from digest.store.database import Database
from digest.store.foreign import make_once
from digest.work.hands import hands, in_thread
from digest.work.port import GLANCE, GRACE, Handler, Handlers, Kind

#: What PostgreSQL says where Procrastinate's tables, types and functions are not.
_NO_TABLES = (psycopg.errors.UndefinedObject, psycopg.errors.UndefinedFunction, psycopg.errors.UndefinedTable)

Task = Callable[..., Coroutine[Any, Any, None]]

log = logging.getLogger(__name__)

#: Every minute, in cron's words; of one minute's tick there is one job, however many machines there are.
EACH_MINUTE = "* * * * *"
#: Seconds between looks for jobs whose notification was lost: one in a hundred comes while nobody listens.
LOOK = 1.0
#: Seconds between a machine's signs of life, and after how many without one it counts as dead.
HEARTBEAT, DEAD = 5.0, 20.0
#: Seconds that a connection is waited for; told to stop while the database is away, a worker ends in twice that.
PATIENCE = 3.0
#: How long after the database did not answer the work is begun again, in seconds.
AGAIN = 10.0


class Procrastinate:
    def __init__(self, database: Database, *, drafts: int = 4) -> None:
        """`drafts` newsletters are gathered and drafted at once by one machine. Raises StoreError for SQLite."""
        if database.is_sqlite:
            raise StoreError(
                "Several machines cannot share an SQLite file.",
                hint='Set database.url to a PostgreSQL server, or engine.kind = "threads".',
            )
        self._database = database
        self._drafts = drafts
        # Never opened: it writes nudges over the connections of others.
        self._writer = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())

    # --- Nudging -------------------------------------------------------------------------------------------

    def nudge(self, conn: Connection, kind: Kind, key: str = "") -> None:
        driver = conn.connection.driver_connection
        try:
            # A savepoint: a nudge that is there already must not cost the caller's transaction.
            with conn.begin_nested():
                _job(self._writer, kind, key, connection=driver).defer(key=key)
        except AlreadyEnqueued:
            pass
        except ConnectorException as error:
            if isinstance(error.__cause__, _NO_TABLES):
                return  # no worker ran yet, and the first one looks at everything
            log.warning("A nudge was lost, and the next tick makes up for it: %s", error.__cause__ or error)

    def close(self) -> None:
        """Nothing is held: nudges went over the connections of others, and `run` closes its own."""

    # --- Working -------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Make Procrastinate's tables where they are missing: not before a worker needs them."""
        with self._database.write() as conn:
            make_once(conn, "procrastinate_jobs", self._writer.schema_manager.get_schema())

    def run(self, handlers: Handlers, stop: threading.Event) -> None:
        while not stop.is_set():
            # What is in hand ends with this round, also when not the caller but the database ended it.
            leave = threading.Event()
            try:
                # A database that is away says so at once here; a pool of connections would wait for it.
                self.prepare()
                asyncio.run(self._round(handlers, stop, leave))
            except (StoreError, ConnectorException, psycopg.Error, OSError) as error:
                log.warning("The database did not answer, and is asked again: %s", error.__cause__ or error)
                stop.wait(AGAIN)

    async def _round(self, handlers: Handlers, stop: threading.Event, leave: threading.Event) -> None:
        """Work until told to stop, or until the database does not answer."""
        app = self._app(handlers, leave)
        async with app.open_async():
            await self._say(app, Kind.TICK)
            workers = [asyncio.create_task(self._worker(app, kind)) for kind in handlers]
            try:
                while not stop.is_set() and not any(worker.done() for worker in workers):  # noqa: ASYNC110 (set by a signal)
                    await asyncio.sleep(GLANCE)
            finally:
                leave.set()
                for worker in workers:
                    worker.cancel()
                ends = await asyncio.gather(*workers, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception):
                raise end

    def _worker(self, app: procrastinate.App, kind: Kind) -> Coroutine[Any, Any, None]:
        options: WorkerOptions = {
            "queues": [_name(kind)],
            "concurrency": hands(kind, self._drafts),
            "delete_jobs": "always",
            "fetch_job_polling_interval": LOOK,
            "update_heartbeat_interval": HEARTBEAT,
            "stalled_worker_timeout": DEAD,
            "install_signal_handlers": False,
        }
        if kind is Kind.DRAFT:
            options["shutdown_graceful_timeout"] = GRACE
        return app.run_worker_async(**options)

    def _app(self, handlers: Handlers, leave: threading.Event) -> procrastinate.App:
        """The application as a worker has it: a task for each kind, and the tick's cron."""
        dialect = make_url(self._database.url).get_dialect()()
        _, where = dialect.create_connect_args(make_url(self._database.url))
        connector = procrastinate.PsycopgConnector(
            conninfo=psycopg.conninfo.make_conninfo(**where), min_size=1, max_size=len(handlers) + 2, timeout=PATIENCE
        )
        app = procrastinate.App(connector=connector)
        for kind in handlers:
            task = app.task(name=_name(kind), queue=_name(kind), queueing_lock=_lock(kind, ""))
            added = task(self._worked(app, kind, handlers[kind], leave))
            if kind is Kind.TICK:
                app.periodic(cron=EACH_MINUTE)(added)
        return app

    def _worked(self, app: procrastinate.App, kind: Kind, handler: Handler, leave: threading.Event) -> Task:
        async def work(key: str = "", timestamp: int = 0) -> None:  # noqa: ARG001 (cron says which minute it is)
            if kind is Kind.TICK:
                await self._bury(app)
            await asyncio.wrap_future(in_thread(partial(handler, key, leave), f"{kind} {key}".strip()))

        return work

    async def _say(self, app: procrastinate.App, kind: Kind, key: str = "") -> None:
        with contextlib.suppress(AlreadyEnqueued):
            await _job(app, kind, key).defer_async(key=key)

    async def _bury(self, app: procrastinate.App) -> None:
        """Delete the jobs of machines that died, and nudge anew what they had in hand."""
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD):
            if job.task_name not in app.tasks:
                continue  # another program's
            try:
                await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
            except ConnectorException:
                continue  # another machine was faster
            await self._say(app, *_meant(job))


def _name(kind: Kind) -> str:
    """Of queue and task: another program may use Procrastinate in the same database."""
    return f"digest.{kind}"


def _lock(kind: Kind, key: str) -> str:
    return f"{_name(kind)}:{key}"


def _meant(job: Job) -> tuple[Kind, str]:
    return Kind(job.task_name.removeprefix("digest.")), str(job.task_kwargs.get("key", ""))


def _job(app: procrastinate.App, kind: Kind, key: str, *, connection: object = None) -> JobDeferrer:
    return app.configure_task(
        _name(kind),
        queue=_name(kind),
        queueing_lock=_lock(kind, key),
        lock=_lock(kind, key) if kind is Kind.DRAFT else None,
        connection=connection,
    )
