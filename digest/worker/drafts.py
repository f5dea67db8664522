"""Drafts ahead of a newsletter's cadence: gathered for and drafted when it is time, by one worker."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from digest.errors import NothingNew
from digest.issue.schedule import describe, read_cadence
from digest.model import Newsletter
from digest.store import issues
from digest.store.database import Database
from digest.worker import patience as waits
from digest.worker.patience import Patience
from digest.worker.starting import ACTOR

if TYPE_CHECKING:  # the libraries that read articles load when something is gathered
    from digest.desk.drafting import Drafting
    from digest.desk.intake import Intake


class _Told(BaseException):
    """Told to stop in the middle of gathering: none of it is kept, and it is begun anew. Nobody else's to catch."""


class Drafts:
    def __init__(
        self,
        database: Database,
        *,
        intake: Intake,
        drafting: Drafting,
        newsletters: Mapping[str, Newsletter],
        patience: Patience,
        clock: Callable[[], datetime],
    ) -> None:
        self._db = database
        self._intake = intake
        self._drafting = drafting
        self._newsletters = newsletters
        self._patience = patience
        self._clock = clock

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
                    self._patience.say(f"{newsletter.name}: {problem.source}: {problem.message}")
            issue = self._drafting.draft(newsletter, slot_at=slot, actor=ACTOR).issue
        except _Told:
            return False
        except NothingNew as error:
            self._skip(newsletter, slot, error)
            return False
        except Exception as error:  # noqa: BLE001 (whatever befell one newsletter must not cost the others)
            self._patience.say_trouble(f"{newsletter.name} was not drafted, and will be tried again", error)
            self._patience.put_off(slug, waits.DRAFT_AGAIN)
            return False
        when = describe(slot, newsletter.timezone)
        next_step = f"Approve it: digest issues approve {issue.id}"
        self._patience.say(f"{newsletter.name}: issue {issue.id} is drafted for {when}. {next_step}")
        return True

    def _skip(self, newsletter: Newsletter, slot: datetime, error: NothingNew) -> None:
        """There is no issue for this time, which is written down and said once; unless news comes before it."""
        self._patience.put_off(newsletter.slug, waits.DRAFT_AGAIN)
        if self._drafting.skip(newsletter, slot, why=error.message):
            when = describe(slot, newsletter.timezone)
            self._patience.say(
                f"{newsletter.name} was not drafted for {when}: {error.message} That time is skipped, unless more "
                "comes in before it."
            )

    def due(self) -> list[Newsletter]:
        return [newsletter for newsletter in self._newsletters.values() if self._slot_to_draft(newsletter)]

    def _slot_to_draft(self, newsletter: Newsletter) -> datetime | None:
        """The newsletter's next slot, when it is time to draft for it and nobody has."""
        if not newsletter.cadence or self._patience.must_wait(newsletter.slug):
            return None
        now = self._clock()
        slot = read_cadence(newsletter.cadence).next(now, newsletter.timezone)
        if slot is None or slot - now > timedelta(hours=newsletter.draft_ahead):
            return None
        with self._db.read() as conn:
            return None if issues.for_slot(conn, newsletter.slug, slot) else slot
