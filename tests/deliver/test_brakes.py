"""Brakes: each stops an issue before anybody is mailed who should not be, and says what to do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from digest.deliver import brakes, control
from digest.desk.editing import Edits
from digest.errors import Brake, NotApproved
from digest.model import Envelope, Issue, IssueState, Rendered
from tests.doubles.ses import SesDouble
from tests.events import mails
from tests.newsroom import Newsroom

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


# --- Reputation --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "bounced", "complained", "stops"),
    [
        (1000, 39, 0, ""),
        (1000, 40, 0, "40 of 1,000 messages of issue 7 bounced: the brake is at 4.00%"),
        (20, 9, 0, ""),  # a few bad addresses among the first
        (20, 10, 0, "10 of 20 messages"),
        (10_000, 0, 7, ""),
        (10_000, 0, 8, "8 of 10,000 messages of issue 7 were reported as spam: the brake is at 0.08%"),
        (500, 0, 2, ""),  # two angry readers are no verdict
        (500, 0, 3, "3 of 500 messages"),
        (0, 0, 0, ""),
    ],
)
def test_bounces_and_complaints_stop_an_issue(accepted: int, bounced: int, complained: int, stops: str) -> None:
    def judge() -> None:
        brakes.reputation(ISSUE, brakes.Reputation(), accepted=accepted, bounced=bounced, complained=complained)

    if not stops:
        judge()
        return
    with pytest.raises(Brake, match=stops):
        judge()


def test_who_knows_better_may_go_on_after_bounces() -> None:
    marks = brakes.Reputation(bounces=0, complaints=0.5)

    brakes.reputation(ISSUE, marks, accepted=100, bounced=90, complained=10)


@pytest.mark.parametrize(
    ("called", "unsent", "stops"),
    [(1000, 19, False), (1000, 20, True), (50, 9, False), (50, 10, True), (0, 0, False)],
)
def test_an_edition_that_ses_takes_and_does_not_send_stops_the_issue(called: int, unsent: int, stops: bool) -> None:
    def judge(marks: brakes.Reputation) -> None:
        why = "Attribute 'name' is not present in the rendering data."
        brakes.not_sent(ISSUE, marks, edition="ask", called=called, unsent=unsent, why=why)

    judge(brakes.Reputation(not_sent=0))
    if not stops:
        judge(brakes.Reputation())
        return
    with pytest.raises(Brake, match=f"did not send {unsent} of them: Attribute 'name' is not present") as told:
        judge(brakes.Reputation())
    assert "approve the issue again" in told.value.hint


def test_an_issue_on_its_way_stops_when_too_much_of_it_bounces(
    ses_newsroom: Newsroom, ses: SesDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.deliver.pump.BRAKES_EVERY", 0.2)
    ses.account.limit(20)
    ses_newsroom.subscribe_many(100)
    issue = ses_newsroom.frozen()

    def bounce(_: object) -> None:
        """As events will: a dozen of the first twenty."""
        if ses.accepted >= 20:
            with ses_newsroom.app.database.write() as conn:
                conn.exec_driver_sql(
                    "UPDATE delivery SET state = 'bounced' WHERE state = 'accepted' AND position <= 12"
                )

    with pytest.raises(Brake, match="bounced: the brake is at"):
        ses_newsroom.app.delivery.deliver(issue.id, stop=threading.Event(), progress=bounce)

    paused = ses_newsroom.issue(issue.id)
    assert paused.state is IssueState.PAUSED
    assert "bounced" in paused.hold
    assert ses.accepted < 100


@pytest.fixture
def either(tmp_path: Path, ses: SesDouble, aws: Callable[[str], None], database_url: str) -> Iterator[Newsroom]:
    """A newsroom on either database that sends through the SES double."""
    aws(ses.url)
    room = Newsroom(tmp_path, environment={"DIGEST_SENDER": "ses", "DIGEST_DATABASE_URL": database_url})
    yield room
    room.app.close()


def test_a_flood_of_rendering_failures_stops_the_issue_and_its_correction_goes_on(
    either: Newsroom, ses: SesDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.deliver.pump.BRAKES_EVERY", 0.2)
    ses.account.limit(20)
    either.subscribe_many(100)
    issue = either.frozen()
    told: set[str] = set()

    def fail(_: object) -> None:
        """As SES tells a moment later: it cannot fill the template for any of the readers whom it accepted."""
        failed = [mail for mail in ses.mails if mail.message_id not in told]
        told.update(mail.message_id for mail in failed)
        events = [mails.rendering_failure(name=mail.to[0].partition("@")[0], issue=issue.id) for mail in failed]
        for event, mail in zip(events, failed, strict=True):
            event["mail"]["tags"]["delivery"] = [mail.tags["delivery"]]
        either.app.recorder.take([mails.text(event) for event in events], way="queue")

    with pytest.raises(Brake, match="did not send"):
        either.app.delivery.deliver(issue.id, stop=threading.Event(), progress=fail)

    paused = either.issue(issue.id)
    assert paused.state is IssueState.PAUSED
    assert "Attribute 'name' is not present in the rendering data" in paused.hold
    assert 10 <= ses.accepted < 100
    failed = ses.accepted

    # Nora corrects the text; what failed before is no reason to stop what is approved now.
    either.app.editing.edit(issue.id, Edits(subject="The north pier, corrected"), actor="Nora")
    either.app.proofs.approve(issue.id, actor="Nora")
    ses.account.limit(1000)
    with either.app.database.write() as conn:
        control.resume(conn, issue.id, actor="Nora", now=either.app.clock())
    figures = either.app.delivery.deliver(issue.id, stop=threading.Event())

    assert figures.state is IssueState.FINISHED
    assert (figures.accepted, figures.refused) == (100 - failed, failed)
