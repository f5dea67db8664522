"""Corrections: when something wrong was sent, exactly those who got it are told.

While an issue is on its way it is paused, changed, approved and resumed: who was not mailed yet gets the right text.
The ledger knows which edition each of the others was sent; a correction is an issue that goes to them and nobody else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from digest.deliver.freeze import audience, sent_wrong
from digest.errors import IllegalStep, UsageMistake
from digest.issue.compose import subject_of
from digest.model import Issue, IssueState, Newsletter
from digest.render.edition import Renderer
from digest.render.words import Words
from digest.store import deliveries, issues
from digest.store.database import Database

_ON_ITS_WAY = (IssueState.SENDING, IssueState.PAUSED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Correction:
    issue: Issue
    #: Readers who were sent the wrong text, and those of them who may still be mailed.
    sent_wrong: int
    readers: int
    #: Readers of whom nobody knows whether they were sent it; they get no correction before that is settled.
    uncertain: int
    #: The stories still say what the wrong issue said: an editor has to put them right.
    as_it_was: bool


class Correcting:
    def __init__(
        self,
        database: Database,
        renderer: Renderer,
        newsletters: Mapping[str, Newsletter],
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._db = database
        self._renderer = renderer
        self._newsletters = newsletters
        self._clock = clock

    def correct(self, issue_id: int, *, actor: str) -> Correction:
        """Draft a correction of an issue, with its stories as they are now, for those who were sent the wrong text.

        That is every text but the one that was approved last; where the issue was approved once only, everybody who
        got it. Raises IllegalStep while it is on its way and was not corrected itself, UsageMistake when nobody got it.
        """
        with self._db.write() as conn:
            wrong = issues.get(conn, issue_id)
            if wrong.state in _ON_ITS_WAY and not issues.outdated_editions(conn, issue_id):
                raise IllegalStep(
                    f"Issue {issue_id} is on its way with the text that is wrong.",
                    hint=f"First: digest issues pause {issue_id}, edit it, approve it again, and resume it.",
                )
            if wrong.pruned_at is not None:
                raise UsageMistake(
                    f"Who got issue {issue_id} was deleted on {wrong.pruned_at:%Y-%m-%d}: nobody can be told any more.",
                    hint="No issue was made. Say it in the next issue of the newsletter.",
                )
            count = deliveries.count(conn, sent_wrong(conn, issue_id))
            if not count:
                raise UsageMistake(f"Nobody was sent a wrong text of issue {issue_id}.", hint="No issue was made.")
            _insist_on_one(conn, issue_id)
            draft = self._draft(conn, wrong, actor)
            return Correction(
                issue=draft,
                sent_wrong=count,
                readers=deliveries.count(conn, audience(conn, draft, at=self._clock())),
                uncertain=deliveries.figures(conn, issue_id).uncertain,
                as_it_was=not issues.outdated_editions(conn, issue_id),
            )

    def _draft(self, conn: Connection, wrong: Issue, actor: str) -> Issue:
        newsletter = self._newsletters[wrong.newsletter]
        words = self._renderer.words(newsletter.language)
        stories = issues.stories(conn, wrong.id)
        now = self._clock()
        today = now.astimezone(ZoneInfo(newsletter.timezone)).date()
        draft = issues.create(conn, newsletter.slug, on=today, slot_at=None, at=now)
        issues.arrange(conn, draft.id, [replace(story, id=0) for story in stories])
        issues.change(
            conn,
            draft.id,
            corrects=wrong.id,
            subject=_once(words, subject_of(wrong, newsletter, stories)),
            note=words.say("corrected", date=words.date(wrong.date)),
            urgent=int(newsletter.urgent),
        )
        issues.note(conn, draft.id, actor=actor, what="draft", detail=f"a correction of issue {wrong.id}", at=now)
        issues.note(conn, wrong.id, actor=actor, what="correct", detail=f"by issue {draft.id}", at=now)
        return issues.get(conn, draft.id)


def _insist_on_one(conn: Connection, issue_id: int) -> None:
    """Of the same mistake readers are told once. Raises IllegalStep while another correction is not sent yet."""
    for other in deliveries.corrections(conn, issue_id):
        state = issues.get(conn, other).state
        if state is not IssueState.FINISHED:
            raise IllegalStep(
                f"Issue {other} corrects issue {issue_id} already; it is {state}. No second one was made.",
                hint=f"Edit that one (digest issues edit {other}), or cancel it first (digest issues cancel {other}).",
            )


def _once(words: Words, subject: str) -> str:
    """The subject of a correction, also of a correction that was wrong itself."""
    before = words.say("correction", subject="")
    return subject if subject.startswith(before) else words.say("correction", subject=subject)
