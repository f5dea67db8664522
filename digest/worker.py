"""The worker: `digest run`. It drafts what is due to be drafted, sends what is due to be sent, and resumes the rest.

Kinds of work, each a question to the database and then the answer: *tick* looks at everything and nudges the others,
*draft* gathers for one newsletter and drafts its issue, *pump* sends, *notice* mails what public pages owe, *fold*
reads what SES tells. Any number of workers may do any of them at once, and a worker that was away goes on where it is
needed. SIGTERM and SIGINT end it after the batches in hand.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from digest.deliver import control, identity
from digest.deliver.notices import Notices
from digest.deliver.progress import Progress
from digest.deliver.retention import Retention
from digest.deliver.run import Delivery
from digest.desk import overdue
from digest.errors import Brake, DigestError, IllegalStep, NothingNew, SenderError, StoreError
from digest.events.listening import Listening
from digest.issue.schedule import describe, read_cadence
from digest.model import Issue, IssueState, Newsletter
from digest.store import issues, ledger
from digest.store.database import Database
from digest.work.port import Dispatcher, Handler, Kind, needed_by
from digest.work.spell import Spell

if TYPE_CHECKING:  # the libraries that read articles load when something is gathered
    from digest.desk.drafting import Drafting
    from digest.desk.intake import Intake
    from digest.desk.proof import Proofs
    from digest.desk.rereading import Rereading

log = logging.getLogger(__name__)

#: How long after the database did not answer it is asked again.
LOOK_AGAIN = timedelta(seconds=10)
#: How long after a failure drafting is tried again.
DRAFT_AGAIN = timedelta(minutes=10)
#: How long an issue is left alone after the account or the database did not answer.
SEND_AGAIN = timedelta(minutes=1)
#: Seconds that a pump runs before it looks anew at what is most urgent; who stops a machine waits for less.
SPELL = 30.0
#: … and that a tick spends on deleting what is old.
TIDYING = 5.0
#: While pages are read again breaking news is looked for at every so manyth of the glances, of which ten are a second.
GLANCES = 5
#: An issue that waits and is tried again need not be looked at again so soon.
RECENTLY = timedelta(minutes=5)
ACTOR = "worker"
#: Issues in one state that a look takes in; there are hardly ever two.
MANY = 1000

Say = Callable[[str], None]
Watch = Callable[[Issue, Progress], None]


class _Told(BaseException):
    """Told to stop in the middle of gathering: none of it is kept, and it is begun anew. Nobody else's to catch."""


class Worker:
    def __init__(
        self,
        database: Database,
        dispatcher: Dispatcher,
        *,
        delivery: Delivery,
        intake: Intake,
        drafting: Drafting,
        proofs: Proofs,
        rereading: Rereading,
        listening: Listening,
        notices: Notices,
        retention: Retention,
        newsletters: Mapping[str, Newsletter],
        late: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        """`late` is how long after its time a scheduled issue is still sent by itself."""
        self._db = database
        self._dispatcher = dispatcher
        self._delivery = delivery
        self._intake = intake
        self._drafting = drafting
        self._proofs = proofs
        self._rereading = rereading
        self._listening = listening
        self._notices = notices
        self._retention = retention
        self._newsletters = newsletters
        self._late = late
        self._clock = clock
        self._say: Say = log.info
        self._watch: Watch = lambda _issue, _progress: None
        #: Newsletters whose drafting failed, issues that could not go on, kinds of work → when they are tried again.
        self._try_again: dict[str | int | Kind, datetime] = {}

    def run(
        self,
        stop: threading.Event,
        *,
        say: Say = log.info,
        progress: Watch = lambda _issue, _progress: None,
        until_idle: bool = False,
    ) -> None:
        """Work until `stop` is set, or, with `until_idle`, until there is nothing to do now: then one thing at a time.

        With `until_idle` it raises StoreError when the database does not answer; otherwise it waits for it.
        """
        self._say, self._watch = say, progress
        if until_idle:
            while not stop.is_set() and self._all_once(stop):
                pass
            return
        handlers = {
            Kind.TICK: self.tick,
            Kind.DRAFT: self.draft,
            Kind.PUMP: self.pump,
            Kind.NOTICE: self.notices,
            Kind.FOLD: self.fold,
        }
        self._dispatcher.run({kind: self._guarded(kind, work) for kind, work in handlers.items()}, stop)

    def _all_once(self, stop: threading.Event) -> bool:
        busy = self.tick("", stop)
        for newsletter in self._due_for_drafting():
            busy |= self.draft(newsletter.slug, stop)
        busy |= self.notices("", stop)
        busy |= self.fold("", stop, patience=0)
        return self.pump("", stop) or busy

    def _guarded(self, kind: Kind, work: Handler) -> Handler:
        """`work` that waits for the database, and outlives a mistake of the program."""

        def handler(key: str, stop: threading.Event) -> None:
            if self._must_wait(kind):
                return
            try:
                work(key, stop)
            except Exception as error:  # noqa: BLE001 (this kind of work is tried again, and the others go on)
                what = "Waiting for the database" if isinstance(error, StoreError) else f"The {kind} failed"
                self._say_trouble(what, error)
                self._try_again[kind] = self._clock() + LOOK_AGAIN

        return handler

    # --- Tick ----------------------------------------------------------------------------------------------

    def tick(self, _key: str, stop: threading.Event) -> bool:
        """One look at everything; True when something was done here. One issue's trouble never stops another's."""
        done = self._schedule_approved()
        done |= self._start_due(stop)
        for said in overdue.remind(self._db, self._newsletters, actor=ACTOR, now=self._clock()):
            self._say(said)
        drafts = self._due_for_drafting()
        with self._db.write("tick") as conn:
            ledger.reap(conn, now=self._clock(), is_dead=identity.is_dead)
            for newsletter in drafts:
                self._dispatcher.nudge(conn, Kind.DRAFT, newsletter.slug)
            if self._to_send(issues.listed(conn, states=[IssueState.SENDING], limit=MANY)):
                self._dispatcher.nudge(conn, Kind.PUMP)
            if self._notices.owed(conn):
                self._dispatcher.nudge(conn, Kind.NOTICE)
            if self._listening.is_due() and not self._must_wait(Kind.FOLD):
                self._dispatcher.nudge(conn, Kind.FOLD)
        return self._delete_old(stop) or done

    def _delete_old(self, stop: threading.Event) -> bool:
        """Last and for seconds only: what is due to be sent does not wait for what is due to be forgotten."""
        if not self._retention.is_due():
            return False
        spent = Spell(stop, TIDYING).is_set
        unconfirmed = self._retention.erase_unconfirmed(spent)
        if unconfirmed.erased:
            self._say(f"{unconfirmed.erased} sign-up(s) that nobody confirmed were erased")
        if unconfirmed.more:
            return True
        pruned = self._retention.prune(spent, actor=ACTOR)
        if pruned.issues:
            self._say(f"Who got {pruned.issues} old issue(s) was deleted; the figures stay")
        return pruned.more

    def _schedule_approved(self) -> bool:
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
            self._say(f"Issue {issue.id} is scheduled for {self._when(issue, issue.slot_at)}")
            scheduled = True
        return scheduled

    def _start_due(self, stop: threading.Event) -> bool:
        with self._db.read() as conn:
            scheduled = issues.listed(conn, states=[IssueState.SCHEDULED], limit=MANY)
        due = [issue for issue in scheduled if needed_by(issue, self._clock()) and not self._must_wait(issue.id)]
        # Breaking news by itself and at once: its few seconds for a look are not those of the others.
        urgent = [issue for issue in due if issue.urgent]
        due = urgent or due
        if due and not self._look_again(due, stop):
            return not stop.is_set() and self._start_due(stop)
        started = [issue for issue in due if not stop.is_set() and self._start(issue)]
        if urgent and started:
            self._start_due(stop)
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
        return any(one.urgent and needed_by(one, self._clock()) and not self._must_wait(one.id) for one in scheduled)

    def _start(self, issue: Issue) -> bool:
        """Freeze and start one issue that is due. What a brake stops stays unsent and says why."""
        try:
            self._brake_if_late(issue)
            self._rereading.insist(issue.id)
            self._proofs.still_approved(issue.id)
            frozen = self._delivery.start(issue.id, actor=ACTOR)
        except (SenderError, StoreError) as error:
            self._say(f"Issue {issue.id} waits: {error}")
            self._try_again[issue.id] = self._clock() + SEND_AGAIN
            return False
        except IllegalStep:
            return False  # another worker was faster
        except DigestError as error:
            return self._keep_back(issue, error)
        self._say(f"Issue {issue.id} starts: {frozen.recipients:,} readers")
        return True

    def _keep_back(self, issue: Issue, error: DigestError) -> bool:
        try:
            with self._db.write("keep back") as conn:
                control.unschedule(conn, issue.id, why=error.message, actor=ACTOR, now=self._clock())
        except IllegalStep:
            return False  # another worker said so already
        self._say(f"Issue {issue.id} was not sent: {error}")
        return False

    def _brake_if_late(self, issue: Issue) -> None:
        if issue.scheduled_at and self._clock() - issue.scheduled_at > self._late:
            due = self._when(issue, issue.scheduled_at)
            raise Brake(
                f"Issue {issue.id} was due {due}, and no worker ran: that is too long ago to send it unasked.",
                hint=f"Send it with `digest send {issue.id} --now` or schedule it anew.",
            )

    # --- Draft ---------------------------------------------------------------------------------------------

    def draft(self, slug: str, stop: threading.Event) -> bool:
        """Gather for a newsletter and draft the issue of its next slot, where it is time; True when one was made."""
        newsletter = self._newsletters.get(slug)
        slot = self._slot_to_draft(newsletter) if newsletter else None
        if newsletter is None or slot is None:
            return False  # a nudge of yesterday, or one too many

        def between_articles(_source: str, _done: int, _total: int) -> None:
            if stop.is_set():
                raise _Told

        try:
            for report in self._intake.gather(newsletter, progress=between_articles):
                for problem in report.problems:
                    self._say(f"{newsletter.name}: {problem.source}: {problem.message}")
            issue = self._drafting.draft(newsletter, slot_at=slot, actor=ACTOR).issue
        except _Told:
            return False
        except NothingNew as error:
            self._skip(newsletter, slot, error)
            return False
        except Exception as error:  # noqa: BLE001 (whatever befell one newsletter must not cost the others)
            self._say_trouble(f"{newsletter.name} was not drafted, and will be tried again", error)
            self._try_again[slug] = self._clock() + DRAFT_AGAIN
            return False
        when = describe(slot, newsletter.timezone)
        next_step = f"Approve it: digest issues approve {issue.id}"
        self._say(f"{newsletter.name}: issue {issue.id} is drafted for {when}. {next_step}")
        return True

    def _skip(self, newsletter: Newsletter, slot: datetime, error: NothingNew) -> None:
        """There is no issue for this time, which is written down and said once; unless news comes before it."""
        self._try_again[newsletter.slug] = self._clock() + DRAFT_AGAIN
        if self._drafting.skip(newsletter, slot, why=error.message):
            when = describe(slot, newsletter.timezone)
            self._say(
                f"{newsletter.name} was not drafted for {when}: {error.message} That time is skipped, unless more "
                "comes in before it."
            )

    def _due_for_drafting(self) -> list[Newsletter]:
        return [newsletter for newsletter in self._newsletters.values() if self._slot_to_draft(newsletter)]

    def _slot_to_draft(self, newsletter: Newsletter) -> datetime | None:
        """The newsletter's next slot, when it is time to draft for it and nobody has."""
        if not newsletter.cadence or self._must_wait(newsletter.slug):
            return None
        now = self._clock()
        slot = read_cadence(newsletter.cadence).next(now, newsletter.timezone)
        if slot is None or slot - now > timedelta(hours=newsletter.draft_ahead):
            return None
        with self._db.read() as conn:
            return None if issues.for_slot(conn, newsletter.slug, slot) else slot

    # --- Pump ----------------------------------------------------------------------------------------------

    def pump(self, _key: str, stop: threading.Event) -> bool:
        """Send what is to be sent, for a spell; True when there was something."""
        with self._db.write("pump") as conn:
            sending = self._to_send(issues.listed(conn, states=[IssueState.SENDING], limit=MANY))
            if sending:
                # Another machine helps; where there is none, this one goes on after its spell.
                self._dispatcher.nudge(conn, Kind.PUMP)
        if not sending:
            return False
        seen = {issue.id for issue in sending}

        def watch(issue: Issue, now: Progress) -> None:
            seen.add(issue.id)
            self._watch(issue, now)

        troubles = self._delivery.work(stop=Spell(stop, SPELL), progress=watch)
        for issue_id, trouble in troubles.items():
            self._say_trouble(f"Issue {issue_id} stopped", trouble)
            self._try_again[issue_id] = self._clock() + SEND_AGAIN
        for issue_id in sorted(seen - troubles.keys()):
            self._say_how_far(issue_id, stop)
        return True

    def _to_send(self, sending: list[Issue]) -> list[Issue]:
        now = self._clock()
        return [issue for issue in sending if needed_by(issue, now) and not self._must_wait(issue.id)]

    def _say_how_far(self, issue_id: int, stop: threading.Event) -> None:
        """Unless it simply goes on: that is said meanwhile, by `progress`."""
        figures = self._delivery.figures(issue_id)
        if figures.state is IssueState.SENDING and not figures.hold and not stop.is_set():
            return
        self._say(
            f"Issue {issue_id} is {figures.state}: {figures.accepted:,} accepted, {figures.skipped:,} skipped, "
            f"{figures.refused:,} refused, {figures.uncertain:,} uncertain, {figures.planned:,} left"
        )

    # --- Notices -------------------------------------------------------------------------------------------

    def notices(self, _key: str, stop: threading.Event) -> bool:
        """Send what the public pages owe and nobody has sent; True when there was something."""
        busy = False
        while not stop.is_set() and self._notices.work(stop):
            busy = True
        return busy

    # --- Fold ----------------------------------------------------------------------------------------------

    def fold(self, _key: str, stop: threading.Event, *, patience: int | None = None) -> bool:
        """Read what SES tells, for a spell, and settle by it what can be; True when there was something."""
        if self._must_wait(Kind.FOLD):
            return False
        try:
            told = self._listening.listen(Spell(stop, SPELL).is_set, patience=patience)
        except SenderError as error:
            self._say_trouble("Events wait", error)
            self._try_again[Kind.FOLD] = self._clock() + SEND_AGAIN
            return False
        for said in told.said:
            self._say(said)
        return told.something

    # --- What these share ----------------------------------------------------------------------------------

    def _must_wait(self, which: str | int | Kind) -> bool:
        # Not for longer than anything is put off: a clock that was ahead may have been set right since.
        now = self._clock()
        return timedelta(0) < self._try_again.get(which, now) - now <= DRAFT_AGAIN

    def _say_trouble(self, what: str, error: Exception) -> None:
        """Say it; a mistake of the program goes to the log as well, with its traceback."""
        if not isinstance(error, DigestError):
            log.error("%s", what, exc_info=error)
        self._say(f"{what}: {error if isinstance(error, DigestError) else repr(error)}")

    def _when(self, issue: Issue, moment: datetime) -> str:
        newsletter = self._newsletters.get(issue.newsletter)
        return describe(moment, newsletter.timezone if newsletter else "UTC")
