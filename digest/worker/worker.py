"""The worker: `digest run`. It drafts what is due to be drafted, sends what is due to be sent, and resumes the rest.

Kinds of work, each a question to the database and then the answer: *tick* looks at everything and nudges the others,
*draft* gathers for one newsletter and drafts its issue, *pump* sends, *notice* mails what public pages owe, *fold*
reads what SES tells. Any number of workers may do any of them at once, and a worker that was away goes on where it is
needed. SIGTERM and SIGINT end it after the batches in hand.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from digest.deliver import identity
from digest.deliver.notices import Notices
from digest.deliver.progress import Progress
from digest.deliver.retention import Retention
from digest.deliver.run import Delivery
from digest.desk import overdue
from digest.errors import SenderError, StoreError
from digest.events.listening import Listening
from digest.model import Issue, IssueState, Newsletter
from digest.store import issues, ledger
from digest.store.database import Database
from digest.work.port import Dispatcher, Handler, Kind, needed_by
from digest.work.spell import Spell
from digest.worker import patience as waits
from digest.worker.drafts import Drafts
from digest.worker.patience import Patience, Say
from digest.worker.starting import ACTOR, MANY, Starting

if TYPE_CHECKING:  # the libraries that read articles load when something is gathered
    from digest.desk.drafting import Drafting
    from digest.desk.intake import Intake
    from digest.desk.proof import Proofs
    from digest.desk.rereading import Rereading

log = logging.getLogger(__name__)

#: Seconds that a pump runs before it looks anew at what is most urgent; who stops a machine waits for less.
SPELL = 30.0
#: … and that a tick spends on deleting what is old.
TIDYING = 5.0
Watch = Callable[[Issue, Progress], None]


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
        self._listening = listening
        self._notices = notices
        self._retention = retention
        self._newsletters = newsletters
        self._clock = clock
        self._watch: Watch = lambda _issue, _progress: None
        self._patience = Patience(clock)
        self._starting = Starting(
            database,
            delivery=delivery,
            proofs=proofs,
            rereading=rereading,
            newsletters=newsletters,
            late=late,
            patience=self._patience,
            clock=clock,
        )
        self._drafts = Drafts(
            database, intake=intake, drafting=drafting, newsletters=newsletters, patience=self._patience, clock=clock
        )

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
        self._patience.say, self._watch = say, progress
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
        for newsletter in self._drafts.due():
            busy |= self.draft(newsletter.slug, stop)
        busy |= self.notices("", stop)
        busy |= self.fold("", stop, patience=0)
        return self.pump("", stop) or busy

    def _guarded(self, kind: Kind, work: Handler) -> Handler:
        """`work` that waits for the database, and outlives a mistake of the program."""

        def handler(key: str, stop: threading.Event) -> None:
            if self._patience.must_wait(kind):
                return
            try:
                work(key, stop)
            except Exception as error:  # noqa: BLE001 (this kind of work is tried again, and the others go on)
                what = "Waiting for the database" if isinstance(error, StoreError) else f"The {kind} failed"
                self._patience.say_trouble(what, error)
                self._patience.put_off(kind, waits.LOOK_AGAIN)

        return handler

    # --- Tick ----------------------------------------------------------------------------------------------

    def tick(self, _key: str, stop: threading.Event) -> bool:
        """One look at everything; True when something was done here. One issue's trouble never stops another's."""
        done = self._starting.schedule_approved()
        done |= self._starting.start_due(stop)
        for said in overdue.remind(self._db, self._newsletters, actor=ACTOR, now=self._clock()):
            self._patience.say(said)
        drafts = self._drafts.due()
        with self._db.write("tick") as conn:
            ledger.reap(conn, now=self._clock(), is_dead=identity.is_dead)
            for newsletter in drafts:
                self._dispatcher.nudge(conn, Kind.DRAFT, newsletter.slug)
            if self._to_send(issues.listed(conn, states=[IssueState.SENDING], limit=MANY)):
                self._dispatcher.nudge(conn, Kind.PUMP)
            if self._notices.owed(conn):
                self._dispatcher.nudge(conn, Kind.NOTICE)
            if self._listening.is_due() and not self._patience.must_wait(Kind.FOLD):
                self._dispatcher.nudge(conn, Kind.FOLD)
        return self._delete_old(stop) or done

    def _delete_old(self, stop: threading.Event) -> bool:
        """Last and for seconds only: what is due to be sent does not wait for what is due to be forgotten."""
        if not self._retention.is_due():
            return False
        spent = Spell(stop, TIDYING).is_set
        unconfirmed = self._retention.erase_unconfirmed(spent)
        if unconfirmed.erased:
            self._patience.say(f"{unconfirmed.erased} sign-up(s) that nobody confirmed were erased")
        if unconfirmed.more:
            return True
        pruned = self._retention.prune(spent, actor=ACTOR)
        if pruned.issues:
            self._patience.say(f"Who got {pruned.issues} old issue(s) was deleted; the figures stay")
        return pruned.more

    # --- Draft ---------------------------------------------------------------------------------------------

    def draft(self, slug: str, stop: threading.Event) -> bool:
        """Gather for a newsletter and draft its next issue, where it is time; True when one was made."""
        return self._drafts.draft(slug, stop)

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
            self._patience.say_trouble(f"Issue {issue_id} stopped", trouble)
            self._patience.put_off(issue_id, waits.SEND_AGAIN)
        for issue_id in sorted(seen - troubles.keys()):
            self._say_how_far(issue_id, stop)
        return True

    def _to_send(self, sending: list[Issue]) -> list[Issue]:
        now = self._clock()
        return [issue for issue in sending if needed_by(issue, now) and not self._patience.must_wait(issue.id)]

    def _say_how_far(self, issue_id: int, stop: threading.Event) -> None:
        """Unless it simply goes on: that is said meanwhile, by `progress`."""
        figures = self._delivery.figures(issue_id)
        if figures.state is IssueState.SENDING and not figures.hold and not stop.is_set():
            return
        self._patience.say(
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
        if self._patience.must_wait(Kind.FOLD):
            return False
        try:
            told = self._listening.listen(Spell(stop, SPELL).is_set, patience=patience)
        except SenderError as error:
            self._patience.say_trouble("Events wait", error)
            self._patience.put_off(Kind.FOLD, waits.SEND_AGAIN)
            return False
        for said in told.said:
            self._patience.say(said)
        return told.something
