"""Brakes: what stops an issue before anybody is mailed who should not be. Pure; each raises with what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from digest.errors import Brake, NotApproved
from digest.model import Issue, Rendered


def fingerprint(editions: Sequence[Rendered], segment: str = "") -> str:
    """The fingerprint of an issue: SHA-256 in hex over those of its editions in any order, and over whom it is for."""
    return sha256("".join([*sorted(edition.fingerprint for edition in editions), segment]).encode()).hexdigest()


def approved(issue: Issue, editions: Sequence[Rendered]) -> None:
    """Raises NotApproved unless these very editions were approved."""
    if not issue.fingerprint:
        raise NotApproved(
            f"Issue {issue.id} is not approved.",
            hint=f"Look at it with `digest preview {issue.id}`, then run `digest issues approve {issue.id}`.",
        )
    if fingerprint(editions, issue.segment) != issue.fingerprint:
        raise NotApproved(
            f"Issue {issue.id} is not what was approved: its text, its theme or its settings changed since.",
            hint=f"Nobody was mailed. Look at it with `digest preview {issue.id}` and approve it again.",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Reputation:
    """Shares of the accepted messages at which an issue stops; 0 is never.

    SES reviews an account whose mail bounces 5 % or is reported as spam 0.1 %; these are a little below.
    """

    bounces: float = 0.04
    complaints: float = 0.0008
    #: Of an edition that SES accepts and then finds it cannot send: a template that fails for some fails for more.
    not_sent: float = 0.02


#: So many at least: two bad addresses among the first twenty say nothing about a list.
FEW_BOUNCES, FEW_COMPLAINTS, FEW_NOT_SENT = 10, 3, 10


def reputation(issue: Issue, marks: Reputation, *, accepted: int, bounced: int, complained: int) -> None:
    """Raises Brake when so many bounce or complain that going on would harm the sender. Counts are of this issue."""
    for count, few, share, what, setting in (
        (bounced, FEW_BOUNCES, marks.bounces, "bounced", "brakes.bounces"),
        (complained, FEW_COMPLAINTS, marks.complaints, "were reported as spam", "brakes.complaints"),
    ):
        if share and count >= few and count >= share * accepted:
            raise Brake(
                f"{count:,} of {accepted:,} messages of issue {issue.id} {what}: the brake is at {share:.2%}.",
                hint="The issue is paused. Look where these addresses came from; to go on all the same, "
                f"raise {setting} and resume it.",
            )


def not_sent(issue: Issue, marks: Reputation, *, edition: str, called: int, unsent: int, why: str) -> None:
    """Raises Brake when SES takes messages and does not send them. Counts are of one edition as approved last."""
    if marks.not_sent and unsent >= FEW_NOT_SENT and unsent >= marks.not_sent * called:
        raise Brake(
            f"SES took {called:,} messages of issue {issue.id} ({edition}) and did not send {unsent:,} of them: "
            f"{why.rstrip('.')}. The brake is at {marks.not_sent:.2%}.",
            hint="The issue is paused. Correct what SES names, approve the issue again and resume it; to go on all the "
            "same, raise brakes.not_sent and resume it.",
        )


def audience(issue: Issue, count: int, *, jump: float) -> None:
    """Raises Brake when nobody would get it, or when the audience grew too much since approval."""
    if count == 0:
        if issue.segment:
            raise Brake(
                f"Issue {issue.id} has no readers: nobody in its segment “{issue.segment}” may be mailed.",
                hint=f"Look whom it means: digest segments count '{issue.segment}' -n {issue.newsletter}",
            )
        raise Brake(
            f"Issue {issue.id} has no readers: nobody on {issue.newsletter} may be mailed.",
            hint="Import subscribers with `digest subscribers import FILE --newsletter SLUG`.",
        )
    if count > max(issue.audience * jump, issue.audience + 50):
        raise Brake(
            f"Issue {issue.id} would go to {count:,} readers; at approval it was {issue.audience:,}.",
            hint="Nobody was mailed. If the list is right, approve the issue again.",
        )
