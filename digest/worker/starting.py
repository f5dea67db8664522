"""Issues whose time has come: scheduled when an editor approved them, looked at once more, frozen and started."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from digest.deliver import control
from digest.deliver.run import Delivery
from digest.errors import Brake, DigestError, IllegalStep, SenderError, StoreError
from digest.issue.schedule import describe
from digest.model import Issue, IssueState, Newsletter
from digest.store import issues
from digest.store.database import Database
from digest.work.port import needed_by
from digest.worker import patience as waits
from digest.worker.patience import Patience

if TYPE_CHECKING:  # the libraries that read articles load when something is gathered
    from digest.desk.proof import Proofs
    from digest.desk.rereading import Rereading

ACTOR = "worker"
#: Issues in one state that a look takes in; there are hardly ever two.
MANY = 1000
#: While pages are read again breaking news is looked for at every so manyth of the glances, of which ten are a second.
GLANCES = 5
#: An issue that waits and is tried again need not be looked at again so soon.
RECENTLY = timedelta(minutes=5)


class Starting:
    def __init__(
        self,
        database: Database,
        *,
        delivery: Delivery,
        proofs: Proofs,
        rereading: Rereading,
        newsletters: Mapping[str, Newsletter],
        late: timedelta,
        patience: Patience,
        clock: Callable[[], datetime],
    ) -> None:
        """`late` is how long after its time a scheduled issue is still sent by itself."""
        self._db = database
        self._delivery = delivery
        self._proofs = proofs
        self._rereading = rereading
        self._newsletters = newsletters
        self._late = late
        self._patience = patience
        self._clock = clock

    def schedule_approved(self) -> bool:
        """An issue drafted for a slot goes out at that slot once it is approved."""
        scheduled = False
        with self._db.read() as conn:
            approved = issues.listed(conn, states=[IssueState.APPROVED], limit=MANY)
        for issue in approved:
            if issue.slot_at is None or needed_by(issue, self._clock()) is None:
                continue
            try:
                with self._db.write("schedule") as conn:
                    if issues.get(conn, issue.id) != issue:
                        continue  # an editor or another worker was faster
                    control.schedule(conn, issue.id, issue.slot_at, actor=ACTOR, now=self._clock())
            except IllegalStep:
                continue  # … within this very moment
            self._patience.say(f"Issue {issue.id} is scheduled for {self._when(issue, issue.slot_at)}")
            scheduled = True
        return scheduled

    def start_due(self, stop: threading.Event) -> bool:
        with self._db.read() as conn:
            scheduled = issues.listed(conn, states=[IssueState.SCHEDULED], limit=MANY)
        due = [issue for issue in scheduled if self._may_start(issue)]
        # Breaking news by itself and at once: its few seconds for a look are not those of the others.
        urgent = [issue for issue in due if issue.urgent]
        due = urgent or due
        if due and not self._look_again(due, stop):
            return not stop.is_set() and self.start_due(stop)
        started = [issue for issue in due if not stop.is_set() and self._start(issue)]
        if urgent and started:
            self.start_due(stop)
        return bool(started)

    def _look_again(self, due: list[Issue], stop: threading.Event) -> bool:
        """Read the pages of these issues' stories once more; False when breaking news came due, or the end."""
        glances = itertools.count(1)

        def hurry() -> bool:
            if due[0].urgent or next(glances) % GLANCES:
                return stop.is_set()
            return stop.is_set() or self._is_breaking()

        return self._rereading.look(due, unless_since=RECENTLY, hurry=hurry)

    def _is_breaking(self) -> bool:
        """Breaking news is to be sent, and not begun."""
        with self._db.read() as conn:
            scheduled = issues.listed(conn, states=[IssueState.SCHEDULED], limit=MANY)
        return any(one.urgent and self._may_start(one) for one in scheduled)

    def _may_start(self, issue: Issue) -> bool:
        return needed_by(issue, self._clock()) is not None and not self._patience.must_wait(issue.id)

    def _start(self, issue: Issue) -> bool:
        """Freeze and start one issue that is due. What a brake stops stays unsent and says why."""
        try:
            self._brake_if_late(issue)
            self._rereading.insist(issue.id)
            self._proofs.still_approved(issue.id)
            frozen = self._delivery.start(issue.id, actor=ACTOR)
        except (SenderError, StoreError) as error:
            self._patience.say(f"Issue {issue.id} waits: {error}")
            self._patience.put_off(issue.id, waits.SEND_AGAIN)
            return False
        except IllegalStep:
            return False  # another worker was faster
        except DigestError as error:
            return self._keep_back(issue, error)
        self._patience.say(f"Issue {issue.id} starts: {frozen.recipients:,} readers")
        return True

    def _keep_back(self, issue: Issue, error: DigestError) -> bool:
        try:
            with self._db.write("keep back") as conn:
                control.unschedule(conn, issue.id, why=error.message, actor=ACTOR, now=self._clock())
        except IllegalStep:
            return False  # another worker said so already
        self._patience.say(f"Issue {issue.id} was not sent: {error}")
        return False

    def _brake_if_late(self, issue: Issue) -> None:
        if issue.scheduled_at and self._clock() - issue.scheduled_at > self._late:
            due = self._when(issue, issue.scheduled_at)
            raise Brake(
                f"Issue {issue.id} was due {due}, and no worker ran: that is too long ago to send it unasked.",
                hint=f"Send it with `digest send {issue.id} --now` or schedule it anew.",
            )

    def _when(self, issue: Issue, moment: datetime) -> str:
        newsletter = self._newsletters.get(issue.newsletter)
        return describe(moment, newsletter.timezone if newsletter else "UTC")
