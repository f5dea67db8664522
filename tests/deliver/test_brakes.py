"""Brakes: each stops an issue before anybody is mailed who should not be, and says what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from digest.deliver import brakes
from digest.errors import Brake, NotApproved
from digest.model import Envelope, Issue, IssueState, Rendered

ENVELOPE = Envelope(
    sender_name="The Harbour Post", sender_address="daily@harbour.example", reply_to="", list_id="daily.harbour.example"
)
ASK = Rendered(edition="ask", subject="Pier", preheader="Soon", html="<p>Pier</p>", text="Pier", envelope=ENVELOPE)
THANKS = replace(ASK, edition="thanks")
ISSUE = Issue(
    id=7,
    newsletter="daily",
    number=7,
    state=IssueState.APPROVED,
    date=date(2026, 11, 22),
    created_at=datetime(2026, 11, 22, tzinfo=UTC),
    fingerprint=brakes.fingerprint([ASK, THANKS]),
    audience=1000,
)


# --- Fingerprint -------------------------------------------------------------------------------------------


def test_what_was_approved_passes_in_whatever_order_it_is_read() -> None:
    brakes.approved(ISSUE, [THANKS, ASK])


@pytest.mark.parametrize(
    "changed",
    [
        replace(ASK, edition="asked"),
        replace(ASK, subject="Pier!"),
        replace(ASK, preheader="Soon."),
        replace(ASK, html="<p>Pier </p>"),
        replace(ASK, text="Pier\n"),
        replace(ASK, envelope=replace(ENVELOPE, sender_name="The Harbor Post")),
        replace(ASK, envelope=replace(ENVELOPE, sender_address="daily@harbor.example")),
        replace(ASK, envelope=replace(ENVELOPE, reply_to="desk@harbour.example")),
        replace(ASK, envelope=replace(ENVELOPE, list_id="weekly.harbour.example")),
    ],
)
def test_whatever_a_reader_would_be_sent_otherwise_is_not_approved(changed: Rendered) -> None:
    with pytest.raises(NotApproved, match="is not what was approved") as told:
        brakes.approved(ISSUE, [changed, THANKS])

    assert "Nobody was mailed" in told.value.hint
    assert "approve it again" in told.value.hint


@pytest.mark.parametrize("editions", [[], [ASK], [ASK, THANKS, replace(ASK, edition="more")], [ASK, ASK]])
def test_an_edition_that_is_missing_or_too_many_is_not_approved(editions: list[Rendered]) -> None:
    with pytest.raises(NotApproved):
        brakes.approved(ISSUE, editions)


def test_text_cannot_move_from_one_part_to_another_unseen() -> None:
    one = replace(ASK, subject="Pier", preheader="Soon")
    other = replace(ASK, subject="PierSoon", preheader="")

    assert one.fingerprint != other.fingerprint


def test_an_issue_without_approval_says_how_to_approve_it() -> None:
    with pytest.raises(NotApproved) as told:
        brakes.approved(replace(ISSUE, fingerprint=""), [ASK, THANKS])

    assert "digest issues approve 7" in told.value.hint


# --- Audience ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("approved", "now", "stops"),
    [
        (1000, 1000, False),
        (1000, 1500, False),
        (1000, 1501, True),
        (1000, 1, False),  # fewer than approved is no danger
        (10, 60, False),  # a small list may grow by fifty
        (10, 61, True),
        (0, 50, False),
        (0, 51, True),
    ],
)
def test_an_audience_may_grow_by_half_or_by_fifty(approved: int, now: int, stops: bool) -> None:
    issue = replace(ISSUE, audience=approved)
    if not stops:
        brakes.audience(issue, now, jump=1.5)
        return
    with pytest.raises(Brake, match=f"at approval it was {approved:,}") as told:
        brakes.audience(issue, now, jump=1.5)
    assert "approve the issue again" in told.value.hint


def test_an_empty_audience_is_a_mistake_and_not_a_success() -> None:
    with pytest.raises(Brake, match="has no readers") as told:
        brakes.audience(ISSUE, 0, jump=1.5)

    assert told.value.exit_code == 7
    assert "digest subscribers import" in told.value.hint
