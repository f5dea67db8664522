"""The life of an issue as a table: every legal step, and why the others are refused.

draft ──approve──► approved ──schedule──► scheduled ──start──► sending ⇄ paused
  ▲                   │   └───────start────────────────────────►  │
  └──────edit─────────┴──────edit─────────┘                    finish ──► finished
unschedule: scheduled → approved
cancel: from every state but finished
edit and approve while paused: who was not yet mailed gets the corrected text
reopen: finished → sending, when a person decides that uncertain readers are mailed after all
"""

from __future__ import annotations

from enum import StrEnum

from digest.errors import IllegalStep
from digest.model import IssueState as S


class Step(StrEnum):
    EDIT = "edit"
    APPROVE = "approve"
    SCHEDULE = "schedule"
    UNSCHEDULE = "unschedule"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    FINISH = "finish"
    CANCEL = "cancel"
    REOPEN = "reopen"


STEPS: dict[tuple[S, Step], S] = {
    (S.DRAFT, Step.EDIT): S.DRAFT,
    # Approval binds a fingerprint; whatever changes afterwards is a draft again.
    (S.APPROVED, Step.EDIT): S.DRAFT,
    (S.SCHEDULED, Step.EDIT): S.DRAFT,
    # Mid-send: the text is changed and approved anew for those who were not mailed yet.
    (S.PAUSED, Step.EDIT): S.PAUSED,
    (S.PAUSED, Step.APPROVE): S.PAUSED,
    (S.DRAFT, Step.APPROVE): S.APPROVED,
    # Approving again is how a changed theme or audience is accepted.
    (S.APPROVED, Step.APPROVE): S.APPROVED,
    (S.SCHEDULED, Step.APPROVE): S.SCHEDULED,
    (S.APPROVED, Step.SCHEDULE): S.SCHEDULED,
    (S.SCHEDULED, Step.SCHEDULE): S.SCHEDULED,
    (S.SCHEDULED, Step.UNSCHEDULE): S.APPROVED,
    (S.APPROVED, Step.START): S.SENDING,
    (S.SCHEDULED, Step.START): S.SENDING,
    (S.SENDING, Step.PAUSE): S.PAUSED,
    (S.PAUSED, Step.RESUME): S.SENDING,
    (S.SENDING, Step.FINISH): S.FINISHED,
    # A person decided that uncertain readers are to be mailed after all.
    (S.FINISHED, Step.REOPEN): S.SENDING,
    (S.SENDING, Step.REOPEN): S.SENDING,
    (S.PAUSED, Step.REOPEN): S.PAUSED,
    (S.DRAFT, Step.CANCEL): S.CANCELLED,
    (S.APPROVED, Step.CANCEL): S.CANCELLED,
    (S.SCHEDULED, Step.CANCEL): S.CANCELLED,
    # Who was not yet mailed will not be; the ledger keeps who was.
    (S.SENDING, Step.CANCEL): S.CANCELLED,
    (S.PAUSED, Step.CANCEL): S.CANCELLED,
}

#: Why not, where the state alone would leave a person wondering.
_WHY: dict[tuple[S, Step], str] = {
    (S.DRAFT, Step.START): "it is not approved",
    (S.DRAFT, Step.SCHEDULE): "it is not approved",
    (S.APPROVED, Step.UNSCHEDULE): "it is not scheduled",
    (S.SENDING, Step.EDIT): "readers are already getting it",
    (S.FINISHED, Step.START): "every reader was already taken care of",
}

_IS: dict[S, str] = {
    S.DRAFT: "it is still a draft",
    S.APPROVED: "it is approved and not yet on its way",
    S.SCHEDULED: "it is scheduled and not yet on its way",
    S.SENDING: "it is on its way to readers",
    S.PAUSED: "it is paused",
    S.FINISHED: "it is finished",
    S.CANCELLED: "it is cancelled, and that is final",
}

_HINTS: dict[tuple[S, Step], str] = {
    (S.DRAFT, Step.START): "Look at it with `digest preview {id}` and approve it with `digest issues approve {id}`.",
    (S.DRAFT, Step.SCHEDULE): "Approve it first with `digest issues approve {id}`.",
    (S.PAUSED, Step.START): "Let it go on with `digest issues resume {id}`.",
    (S.FINISHED, Step.EDIT): "Readers have it: `digest issues correct {id}` drafts a correction for them.",
    (S.SENDING, Step.EDIT): "Pause it with `digest issues pause {id}`, change it, approve it again and resume it: "
    "who was not mailed yet gets the corrected text.",
}

#: What helps whatever was asked for.
_HINTS_FOR: dict[S, str] = {
    S.CANCELLED: "Draft a new issue with `digest issues draft`; its stories are free again.",
}


def step(state: S, action: Step, *, issue: int) -> S:
    """The state after `action`. Raises IllegalStep, which says why not and what to do."""
    after = STEPS.get((state, action))
    if after is None:
        why = _WHY.get((state, action), _IS[state])
        hint = _HINTS.get((state, action), _HINTS_FOR.get(state, "")).format(id=issue)
        raise IllegalStep(f"Issue {issue} cannot {_VERBS[action]}: {why}.", hint=hint)
    return after


_VERBS: dict[Step, str] = {
    Step.EDIT: "be changed",
    Step.APPROVE: "be approved",
    Step.SCHEDULE: "be scheduled",
    Step.UNSCHEDULE: "be taken off its schedule",
    Step.START: "be sent",
    Step.PAUSE: "be paused",
    Step.RESUME: "be resumed",
    Step.FINISH: "be finished",
    Step.CANCEL: "be cancelled",
    Step.REOPEN: "be sent to readers again",
}
