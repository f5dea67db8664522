"""Proofs and approval: what an issue would look like now, what the check says of it, and the editor's yes.

Approving stores the rendered editions byte for byte and binds their fingerprint. What is sent is what was stored; an
issue that would come out otherwise by then, because a story, the theme or a setting changed, is not approved any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from digest.articles.selection.changes import USUAL, Changed, Then, between, in_words, not_read
from digest.deliver import brakes
from digest.deliver.freeze import audience
from digest.desk import summaries
from digest.errors import NotApproved
from digest.issue.compose import compose
from digest.issue.lifecycle import Step, step
from digest.model import Edition, Finding, Issue, IssueState, Level, Newsletter, Rendered
from digest.render.check import check
from digest.render.edition import Renderer
from digest.store import articles, deliveries, issues, ledger, readings
from digest.store.database import Database

#: After these nobody can do anything about what a page says.
_NOT_SENT = (IssueState.DRAFT, IssueState.APPROVED, IssueState.SCHEDULED, IssueState.PAUSED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """An issue as it would go out now."""

    issue: Issue
    editions: tuple[tuple[Edition, Rendered], ...]
    findings: tuple[Finding, ...]

    @property
    def fingerprint(self) -> str:
        return brakes.fingerprint([rendered for _, rendered in self.editions], self.issue.segment)

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.level is Level.ERROR]


class Proofs:
    def __init__(
        self,
        database: Database,
        renderer: Renderer,
        newsletters: Mapping[str, Newsletter],
        *,
        on_change: Mapping[Changed, Then] = USUAL,
        clock: Callable[[], datetime],
    ) -> None:
        """`on_change` is what a change on the page of a story does to an issue that is to be sent."""
        self._on_change = on_change
        self._db = database
        self._renderer = renderer
        self._newsletters = newsletters
        self._clock = clock

    def proof(self, issue_id: int) -> Proof:
        """Compose, render and check. Raises RenderError for a mistake in a theme."""
        with self._db.read() as conn:
            return self._proof(conn, issues.get(conn, issue_id))

    def approve(self, issue_id: int, *, actor: str, despite_errors: bool = False) -> tuple[Issue, Proof]:
        """Store what the proof shows and bind its fingerprint. Raises NotApproved when the check found errors."""
        with self._db.write() as conn:
            issue = issues.get(conn, issue_id, lock=True)  # of two who approve at once, one comes after the other
            step(issue.state, Step.APPROVE, issue=issue.id)
            proof = self._proof(conn, issue)
            if proof.errors and not despite_errors:
                raise NotApproved(
                    f"Issue {issue_id} has {len(proof.errors)} error(s): "
                    + "; ".join(finding.message for finding in proof.errors),
                    hint="It stays a draft. Mend them, or approve with --despite-errors.",
                )
            issues.keep_editions(
                conn, issue.id, [(rendered, edition.supporters) for edition, rendered in proof.editions]
            )
            on_its_way = issue.state is IssueState.PAUSED
            if on_its_way:
                _hand_over(conn, issue)
            approved = issues.take(
                conn,
                issue,
                Step.APPROVE,
                actor=actor,
                at=self._clock(),
                detail=proof.fingerprint,
                fingerprint=proof.fingerprint,
                approved_at=self._clock(),
                approved_by=actor,
                # Who gets an issue on its way was decided when it started.
                audience=issue.audience if on_its_way else self._readers(conn, issue),
                hold=issue.hold if on_its_way else "",
            )
            readings.accept(conn, issue.id)
        return approved, proof

    def _readers(self, conn: Connection, issue: Issue) -> int:
        """Who would get the issue now."""
        return deliveries.count(conn, audience(conn, issue, at=self._clock()))

    def still_approved(self, issue_id: int) -> None:
        """Raises NotApproved when the issue would come out otherwise than it was approved."""
        proof = self.proof(issue_id)
        brakes.approved(proof.issue, [rendered for _, rendered in proof.editions])

    def _proof(self, conn: Connection, issue: Issue) -> Proof:
        newsletter = self._newsletters[issue.newsletter]
        stories = issues.stories(conn, issue.id)
        editions = compose(issue, newsletter, stories)
        rendered = [(edition, self._renderer.render(edition, newsletter.theme)) for edition in editions]
        told = articles.several(conn, [story.article_id for story in stories])
        findings = _once(
            [
                *_unchanged(conn, issue),
                *self.since(conn, issue),
                *summaries.to_look_at(stories, told, self._renderer.theme(newsletter.theme).room),
                *(found for edition, result in rendered for found in check(result, edition)),
            ]
        )
        return Proof(issue=issue, editions=tuple(rendered), findings=findings)

    def since(self, conn: Connection, issue: Issue) -> Iterator[Finding]:
        """What the pages of the stories say now, as far as somebody looked; part of no edition."""
        if issue.state not in _NOT_SENT:
            return
        for basis in readings.of(conn, [issue.id]):
            for change in between(basis.then, basis.now):
                if (then := self._on_change[change.kind]) is not Then.IGNORE:
                    yield in_words(basis.headline, change, then)
            if basis.now.trouble:
                yield not_read(basis.headline, basis.now)


def _hand_over(conn: Connection, issue: Issue) -> None:
    """Who was not mailed yet gets what is approved now. Raises NotApproved when there is nothing for some of them."""
    now = {edition.rendered.edition: edition.id for edition in issues.editions(conn, issue.id)}
    without = ledger.repoint(conn, issue.id, now)
    if without:
        raise NotApproved(
            f"Issue {issue.id} has readers left for the edition “{'”, “'.join(sorted(without))}”, which is not there "
            "any more: the newsletter's appeal was changed in the settings.",
            hint="Put the appeal back as it was, or cancel the issue and draft a new one. Nothing was changed.",
        )


def _unchanged(conn: Connection, issue: Issue) -> Iterator[Finding]:
    """A correction whose stories are still those of the issue that it puts right; they may be right by now."""
    if issue.corrects is None or issues.outdated_editions(conn, issue.corrects):
        return
    now, then = ([replace(story, id=0) for story in issues.stories(conn, of)] for of in (issue.id, issue.corrects))
    if now == then:
        said = f"The stories say what issue {issue.corrects} said: put right what was wrong there."
        yield Finding(level=Level.WARNING, code="correction-unchanged", message=said)


def _once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings in order of their weight; what several editions have in common is said once."""
    order = list(Level)
    places: dict[Finding, list[str]] = {}
    for finding in findings:
        places.setdefault(replace(finding, where=""), []).append(finding.where)
    merged = [
        replace(finding, where=", ".join(dict.fromkeys(filter(None, where)))) for finding, where in places.items()
    ]
    return tuple(sorted(merged, key=lambda finding: order.index(finding.level)))
