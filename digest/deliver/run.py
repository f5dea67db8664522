"""Delivering: an issue's roster is frozen, and carried to its readers until nobody is left.

Any number of threads and processes may do this for the same issue at the same time; the ledger keeps them apart.
Every step is committed before the next begins, so kill -9 at any line leaves each reader mailed once, not yet
mailed, or listed as uncertain.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection

from digest.deliver.allowance import Allowance
from digest.deliver.brakes import Reputation
from digest.deliver.call import Calls, LinksFor
from digest.deliver.freeze import Frozen, freeze
from digest.deliver.lanes import Lanes
from digest.deliver.pace import Limits
from digest.deliver.progress import Progress
from digest.deliver.pump import Pump, Watch
from digest.deliver.senders.port import Sender
from digest.deliver.singly import Singly
from digest.deliver.warmup import WarmUp
from digest.model import Figures, Issue, Newsletter
from digest.store import deliveries, issues
from digest.store.database import Database, Overtaken


class Delivery:
    """Carries issues from their rosters to a sender."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        links_for: LinksFor,
        newsletters: Mapping[str, Newsletter],
        *,
        workers: int = 4,
        lease: float = 60.0,
        audience_jump: float = 1.5,
        reputation: Reputation = Reputation(),  # noqa: B008  # frozen
        limits: Limits = Limits(),  # noqa: B008  # frozen
        warm_up: WarmUp | None = None,
        single: Sender | None = None,
        on_started: Callable[[Connection], object] = lambda _: None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`lease` is in seconds. A way that is MIXED or SINGLE needs `single`, which sends one by one.

        `on_started` is called last in the transaction that freezes a roster, to have other machines help.
        """
        self._db = database
        self._workers = workers
        self._jump = audience_jump
        self._reputation = reputation
        self._on_started = on_started
        self._clock = clock
        self.allowance = Allowance(
            database,
            sender,
            limits=limits,
            warm_up=warm_up,
            clock=clock,
        )
        self._singly = Singly(single, now=lambda: clock().timestamp()) if single is not None else None
        self._calls = Calls(
            database,
            sender,
            self._singly,
            self.allowance,
            links_for=links_for,
            newsletters=newsletters,
            lease=lease,
            clock=clock,
        )

    # --- For callers ---------------------------------------------------------------------------------------

    def start(self, issue_id: int, *, actor: str) -> Frozen:
        """Freeze an approved issue's roster; it is sending from then on. Raises NotApproved, Brake, IllegalStep."""
        self.allowance.ask()
        batch_size = self.allowance.batch_size()
        try:
            return self._freeze(issue_id, batch_size, actor)
        except Overtaken:
            # By another worker that started it, most likely: the second look says so.
            return self._freeze(issue_id, batch_size, actor)

    def _freeze(self, issue_id: int, batch_size: int, actor: str) -> Frozen:
        # Of one moment: who begins to give while a long list is frozen is in one edition all the same.
        with self._db.write("freeze", one_moment=True) as conn:
            frozen = freeze(
                conn,
                issues.get(conn, issue_id),
                batch_size=batch_size,
                audience_jump=self._jump,
                best_first=self.allowance.is_warming_up,
                actor=actor,
                now=self._clock(),
            )
            self._on_started(conn)
        return frozen

    def deliver(
        self, issue_id: int, *, stop: threading.Event, progress: Callable[[Progress], object] = lambda _: None
    ) -> Figures:
        """Send a frozen issue until every reader is taken care of, it is paused or cancelled, or `stop` is set.

        May be called again after any crash, and by several processes at once. Breaking news that is on its way goes
        first. Raises AccountError, NotApproved or what a sender could not explain, after the issue was paused with
        that as its hold; StoreError without.
        """

        def watch(issue: Issue, now: Progress) -> None:
            if issue.id == issue_id:
                progress(now)

        troubles = self._pump(Lanes(self._db, clock=self._clock, only=issue_id), stop, watch)
        if issue_id in troubles:
            raise troubles[issue_id]
        return self.figures(issue_id)

    def work(
        self, *, stop: threading.Event, progress: Watch = lambda _issue, _progress: None
    ) -> Mapping[int, Exception]:
        """Send all issues that are on their way, the most urgent first, until none needs a worker or `stop` is set.

        What befell an issue did not stop the others: issue id → AccountError, NotApproved or what a sender could not
        explain; that issue is paused with it as its hold. Raises StoreError.
        """
        return self._pump(Lanes(self._db, clock=self._clock), stop, progress)

    def close(self) -> None:
        """End the threads for single messages and close their sender; `sender` belongs to whoever made it."""
        if self._singly is not None:
            self._singly.close()

    def figures(self, issue_id: int) -> Figures:
        with self._db.read() as conn:
            return deliveries.figures(conn, issue_id)

    def _pump(self, lanes: Lanes, stop: threading.Event, watch: Watch) -> Mapping[int, Exception]:
        if not lanes.now():
            return {}
        pump = Pump(
            self._db,
            self._calls,
            self.allowance,
            lanes,
            marks=self._reputation,
            stop=stop,
            watch=watch,
            clock=self._clock,
        )
        pump.run(self._workers)
        return pump.troubles
