"""The life of an issue: each legal step as drawn, and a readable no for every other."""

from __future__ import annotations

import pytest

from digest.errors import IllegalStep
from digest.issue.lifecycle import Step, step
from digest.model import IssueState

#: A row for each state, a column for each step, as an editor would draw it; "·" is refused.
DRAWN = """
             edit   approve    schedule   unschedule  start    pause   resume   finish    cancel     reopen
draft        draft  approved   ·          ·           ·        ·       ·        ·         cancelled     ·
approved     draft  approved   scheduled  ·           sending  ·       ·        ·         cancelled     ·
scheduled    draft  scheduled  scheduled  approved    sending  ·       ·        ·         cancelled     ·
sending      ·      ·          ·          ·           ·        paused  ·        finished  cancelled     sending
paused       paused paused     ·          ·           ·        ·       sending  ·         cancelled     paused
finished     ·      ·          ·          ·           ·        ·       ·        ·         ·             sending
cancelled    ·      ·          ·          ·           ·        ·       ·        ·         ·             ·
"""


def _pairs() -> list[tuple[IssueState, Step, str]]:
    head, *rows = [line.split() for line in DRAWN.strip().splitlines()]
    return [
        (IssueState(state), Step(name), after)
        for state, *cells in rows
        for name, after in zip(head, cells, strict=True)
    ]


PAIRS = _pairs()
LEGAL = [(state, action, IssueState(after)) for state, action, after in PAIRS if after != "·"]
ILLEGAL = [(state, action) for state, action, after in PAIRS if after == "·"]


def test_the_drawing_has_every_state_and_every_step() -> None:
    assert {(state, action) for state, action, _ in PAIRS} == {(s, a) for s in IssueState for a in Step}


@pytest.mark.parametrize(("state", "action", "after"), LEGAL)
def test_a_legal_step_leads_where_it_is_drawn(state: IssueState, action: Step, after: IssueState) -> None:
    assert step(state, action, issue=7) is after


@pytest.mark.parametrize(("state", "action"), ILLEGAL)
def test_any_other_step_is_refused_with_the_issue_and_the_reason(state: IssueState, action: Step) -> None:
    with pytest.raises(IllegalStep, match=r"^Issue 7 cannot be \w.*: [a-z].*\.$") as refused:
        step(state, action, issue=7)

    assert "{" not in refused.value.hint
    if state is IssueState.CANCELLED:
        assert "digest issues draft" in refused.value.hint


_PAUSE_FIRST = (
    "Pause it with `digest issues pause 7`, change it, approve it again and resume it: who was not mailed yet gets the "
    "corrected text."
)


@pytest.mark.parametrize(
    ("state", "action", "message", "hint"),
    [
        (
            IssueState.DRAFT,
            Step.START,
            "Issue 7 cannot be sent: it is not approved.",
            "Look at it with `digest preview 7` and approve it with `digest issues approve 7`.",
        ),
        (
            IssueState.DRAFT,
            Step.SCHEDULE,
            "Issue 7 cannot be scheduled: it is not approved.",
            "Approve it first with `digest issues approve 7`.",
        ),
        (
            IssueState.SENDING,
            Step.EDIT,
            "Issue 7 cannot be changed: readers are already getting it.",
            _PAUSE_FIRST,
        ),
        (
            IssueState.FINISHED,
            Step.EDIT,
            "Issue 7 cannot be changed: it is finished.",
            "Readers have it: `digest issues correct 7` drafts a correction for them.",
        ),
        (
            IssueState.PAUSED,
            Step.START,
            "Issue 7 cannot be sent: it is paused.",
            "Let it go on with `digest issues resume 7`.",
        ),
        (
            IssueState.FINISHED,
            Step.START,
            "Issue 7 cannot be sent: every reader was already taken care of.",
            "",
        ),
    ],
)
def test_the_reason_is_one_that_an_editor_understands(state: IssueState, action: Step, message: str, hint: str) -> None:
    with pytest.raises(IllegalStep) as refused:
        step(state, action, issue=7)

    assert (refused.value.message, refused.value.hint) == (message, hint)
    assert refused.value.exit_code == 6
