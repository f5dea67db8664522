"""The worker: `digest run`. It drafts what is due to be drafted, sends what is due to be sent, and resumes the rest.

Every minute-by-minute decision is a question to the database, so any number of workers may run, and a worker that was
away goes on where it is needed. SIGTERM and SIGINT end it after the batches in hand.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from digest.deliver import control, identity
from digest.deliver.progress import Progress
from digest.deliver.run import Delivery
from digest.errors import Brake, DigestError, IllegalStep, SenderError, StoreError
from digest.issue.schedule import describe, read_cadence
from digest.model import Issue, IssueState, Newsletter
from digest.store import issues, ledger
from digest.store.database import Database

if TYPE_CHECKING:  # the libraries that read articles load when something is gathered
    from digest.desk.drafting import Drafting
    from digest.desk.intake import Intake
    from digest.desk.proof import Proofs

log = logging.getLogger(__name__)

#: How often the worker looks for something to do, in seconds.
TICK = 1.0
#: How long after the database did not answer it is asked again, in seconds.
LOOK_AGAIN = 10.0
#: How long after a failure drafting is tried again.
DRAFT_AGAIN = timedelta(minutes=10)
#: How long an issue is left alone after the account or the database did not answer.
SEND_AGAIN = timedelta(minutes=1)
ACTOR = "worker"
#: Issues in one state that a look takes in; there are hardly ever two.
MANY = 1000


class Worker:
    def __init__(
        self,
        database: Database,
        *,
        delivery: Delivery,
        intake: Intake,
        drafting: Drafting,
        proofs: Proofs,
        newsletters: Mapping[str, Newsletter],
        late: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        """`late` is how long after its time a scheduled issue is still sent by itself."""
        self._db = database
        self._delivery = delivery
        self._intake = intake
        self._drafting = drafting
        self._proofs = proofs
        self._newsletters = newsletters
        self._late = late
        self._clock = clock
        #: Newsletters whose drafting failed, and issues that could not go on → when they are tried again.
        self._try_again: dict[str | int, datetime] = {}

    def run(
        self,
        stop: threading.Event,
        *,
        say: Callable[[str], None] = log.info,
        progress: Callable[[Issue, Progress], None] = lambda _issue, _progress: None,
        until_idle: bool = False,
    ) -> None:
        """Work until `stop` is set, or, with `until_idle`, until there is nothing to do now."""
        while not stop.is_set():
            try:
                busy = self.tick(stop, say=say, progress=progress)
            except StoreError as error:
                if until_idle:
                    raise
                say(f"Waiting for the database: {error}")
                stop.wait(LOOK_AGAIN)
                continue
            if until_idle and not busy:
                return
            if not busy:
                stop.wait(TICK)

    def tick(
        self,
        stop: threading.Event,
        *,
        say: Callable[[str], None] = log.info,
        progress: Callable[[Issue, Progress], None] = lambda _issue, _progress: None,
    ) -> bool:
        """One look at everything; True when there was something to do. One issue's trouble never stops another's."""
        busy = False
        for work in (self._draft_due, self._schedule_approved, self._start_due):
            busy |= work(say)
        for issue in self._sending():
            if stop.is_set():
                return busy
            busy |= self._deliver(issue, stop, say, progress)
        return busy

    # --- Drafting ------------------------------------------------------------------------------------------

    def _draft_due(self, say: Callable[[str], None]) -> bool:
        """Draft the next issue of each newsletter that has a cadence, some hours ahead of its slot."""
        drafted = False
        for newsletter in self._newsletters.values():
            slot = self._next_slot(newsletter)
            if slot is None or slot - self._clock() > timedelta(hours=newsletter.draft_ahead):
                continue
            if self._must_wait(newsletter.slug):
                continue
            with self._db.read() as conn:
                if issues.for_slot(conn, newsletter.slug, slot) is not None:
                    continue
            drafted |= self._draft(newsletter, slot, say)
        return drafted

    def _draft(self, newsletter: Newsletter, slot: datetime, say: Callable[[str], None]) -> bool:
        try:
            for report in self._intake.gather(newsletter):
                for problem in report.problems:
                    say(f"{newsletter.name}: {problem.source}: {problem.message}")
            issue = self._drafting.draft(newsletter, slot_at=slot, actor=ACTOR).issue
        except Exception as error:  # noqa: BLE001 (whatever befell one newsletter must not cost the others)
            self._say_trouble(say, f"{newsletter.name} was not drafted, and will be tried again", error)
            self._try_again[newsletter.slug] = self._clock() + DRAFT_AGAIN
            return False
        when = describe(slot, newsletter.timezone)
        say(f"{newsletter.name}: issue {issue.id} is drafted for {when}. Approve it: digest issues approve {issue.id}")
        return True

    def _next_slot(self, newsletter: Newsletter) -> datetime | None:
        if not newsletter.cadence:
            return None
        return read_cadence(newsletter.cadence).next(self._clock(), newsletter.timezone)

    # --- Starting ------------------------------------------------------------------------------------------

    def _schedule_approved(self, say: Callable[[str], None]) -> bool:
        """An issue drafted for a slot goes out at that slot once it is approved."""
        scheduled = False
        with self._db.read() as conn:
            approved = issues.listed(conn, states=[IssueState.APPROVED], limit=MANY)
        for issue in approved:
            if issue.slot_at is None or issue.slot_at <= self._clock() or issue.hold:
                continue
            with self._db.write() as conn:
                if issues.get(conn, issue.id) != issue:
                    continue  # an editor or another worker was faster
                control.schedule(conn, issue.id, issue.slot_at, actor=ACTOR, now=self._clock())
            say(f"Issue {issue.id} is scheduled for {self._when(issue, issue.slot_at)}")
            scheduled = True
        return scheduled

    def _start_due(self, say: Callable[[str], None]) -> bool:
        started = False
        with self._db.read() as conn:
            due = [
                issue
                for issue in issues.listed(conn, states=[IssueState.SCHEDULED], limit=MANY)
                if issue.scheduled_at and issue.scheduled_at <= self._clock() and not self._must_wait(issue.id)
            ]
        for issue in due:
            started |= self._start(issue, say)
        return started

    def _start(self, issue: Issue, say: Callable[[str], None]) -> bool:
        """Freeze and start one issue that is due. What a brake stops stays unsent and says why."""
        try:
            self._brake_if_late(issue)
            self._proofs.still_approved(issue.id)
            frozen = self._delivery.start(issue.id, actor=ACTOR)
        except (SenderError, StoreError) as error:
            say(f"Issue {issue.id} waits: {error}")
            self._try_again[issue.id] = self._clock() + SEND_AGAIN
            return False
        except IllegalStep:
            return False  # another worker was faster
        except DigestError as error:
            say(f"Issue {issue.id} was not sent: {error}")
            with self._db.write() as conn:
                control.unschedule(conn, issue.id, why=error.message, actor=ACTOR, now=self._clock())
            return False
        say(f"Issue {issue.id} starts: {frozen.recipients:,} readers")
        return True

    def _brake_if_late(self, issue: Issue) -> None:
        if issue.scheduled_at and self._clock() - issue.scheduled_at > self._late:
            due = self._when(issue, issue.scheduled_at)
            raise Brake(
                f"Issue {issue.id} was due {due}, and no worker ran: that is too long ago to send it unasked.",
                hint=f"Send it with `digest send {issue.id} --now` or schedule it anew.",
            )

    # --- Sending -------------------------------------------------------------------------------------------

    def _sending(self) -> list[Issue]:
        now = self._clock()
        with self._db.write() as conn:
            ledger.reap(conn, now=now, is_dead=identity.is_dead)
        with self._db.read() as conn:
            sending = issues.listed(conn, states=[IssueState.SENDING], limit=MANY)
        return [
            issue
            for issue in reversed(sending)
            if not self._must_wait(issue.id) and (not issue.held_until or issue.held_until <= now)
        ]

    def _deliver(
        self,
        issue: Issue,
        stop: threading.Event,
        say: Callable[[str], None],
        progress: Callable[[Issue, Progress], None],
    ) -> bool:
        try:
            figures = self._delivery.deliver(issue.id, stop=stop, progress=lambda now: progress(issue, now))
        except Exception as error:  # noqa: BLE001 (whatever befell one issue must not cost the others)
            self._say_trouble(say, f"Issue {issue.id} stopped", error)
            self._try_again[issue.id] = self._clock() + SEND_AGAIN
            return False
        say(
            f"Issue {issue.id} is {figures.state}: {figures.accepted:,} accepted, {figures.skipped:,} skipped, "
            f"{figures.refused:,} refused, {figures.uncertain:,} uncertain, {figures.planned:,} left"
        )
        return True

    # --- What these share ----------------------------------------------------------------------------------

    def _must_wait(self, which: str | int) -> bool:
        return which in self._try_again and self._try_again[which] > self._clock()

    def _say_trouble(self, say: Callable[[str], None], what: str, error: Exception) -> None:
        """Say it; a mistake of the program goes to the log as well, with its traceback."""
        if not isinstance(error, DigestError):
            log.error("%s", what, exc_info=error)
        say(f"{what}: {error if isinstance(error, DigestError) else repr(error)}")

    def _when(self, issue: Issue, moment: datetime) -> str:
        newsletter = self._newsletters.get(issue.newsletter)
        return describe(moment, newsletter.timezone if newsletter else "UTC")
