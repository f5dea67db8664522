"""Brakes: what stops an issue before anybody is mailed who should not be. Pure; each raises with what to do."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from digest.errors import Brake, NotApproved
from digest.model import Issue, Rendered


def fingerprint(editions: Sequence[Rendered]) -> str:
    """The fingerprint of an issue: SHA-256 in hex over those of its editions, whatever their order."""
    return sha256("".join(sorted(edition.fingerprint for edition in editions)).encode()).hexdigest()


def approved(issue: Issue, editions: Sequence[Rendered]) -> None:
    """Raises NotApproved unless these very editions were approved."""
    if not issue.fingerprint:
        raise NotApproved(
            f"Issue {issue.id} is not approved.",
            hint=f"Look at it with `digest preview {issue.id}`, then run `digest issues approve {issue.id}`.",
        )
    if fingerprint(editions) != issue.fingerprint:
        raise NotApproved(
            f"Issue {issue.id} is not what was approved: its text, its theme or its settings changed since.",
            hint=f"Nobody was mailed. Look at it with `digest preview {issue.id}` and approve it again.",
        )


def audience(issue: Issue, count: int, *, jump: float) -> None:
    """Raises Brake when nobody would get it, or when the audience grew too much since approval."""
    if count == 0:
        raise Brake(
            f"Issue {issue.id} has no readers: nobody on {issue.newsletter} may be mailed.",
            hint="Import subscribers with `digest subscribers import FILE --newsletter SLUG`.",
        )
    if count > max(issue.audience * jump, issue.audience + 50):
        raise Brake(
            f"Issue {issue.id} would go to {count:,} readers; at approval it was {issue.audience:,}.",
            hint="Nobody was mailed. If the list is right, approve the issue again.",
        )
