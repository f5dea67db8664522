"""A mistake is found while an issue is on its way: the rest get the right text, and who got the wrong one is told."""

from __future__ import annotations

import threading
from collections import Counter

import pytest

import subscribers
from digest.deliver import control
from digest.deliver.call import Calls
from digest.desk.editing import Edits
from digest.errors import IllegalStep, NotApproved, UsageMistake
from digest.model import DeliveryState, Issue, IssueState
from digest.store import deliveries, issues
from tests.doubles.ses import SesDouble
from tests.newsroom import Newsroom

WRONG, RIGHT = "The pier burnt on Tuesday.", "The pier burnt on Wednesday."


def half_sent(room: Newsroom, ses: SesDouble, *, readers: int = 40) -> Issue:
    """Paused by Nora when the first twenty have the wrong text."""
    ses.account.limit(20)
    room.subscribe_many(readers)
    draft = room.draft()
    room.app.editing.edit(draft.id, Edits(summaries={1: WRONG}), actor="Nora")
    room.app.proofs.approve(draft.id, actor="Nora")
    room.app.delivery.start(draft.id, actor="Nora")
    stop = threading.Event()

    def after_the_first(_: object) -> None:
        if ses.accepted >= 20:
            stop.set()

    room.app.delivery.deliver(draft.id, stop=stop, progress=after_the_first)
    pause(room, draft)
    ses.account.limit(500)
    return room.issue(draft.id)


def pause(room: Newsroom, issue: Issue) -> None:
    with room.app.database.write() as conn:
        control.pause(conn, issue.id, actor="Nora", now=room.app.clock())


def resume(room: Newsroom, issue: Issue) -> None:
    with room.app.database.write() as conn:
        control.resume(conn, issue.id, actor="Nora", now=room.app.clock())


def put_right(room: Newsroom, issue: Issue, text: str = RIGHT) -> None:
    room.app.editing.edit(issue.id, Edits(summaries={1: text}), actor="Nora")
    room.app.proofs.approve(issue.id, actor="Nora")


def readers_of(ses: SesDouble, text: str) -> set[str]:
    return {mail.to[0] for mail in ses.mails if text in mail.html}


# --- The rest of the readers -------------------------------------------------------------------------------


def test_who_was_not_mailed_yet_gets_the_corrected_text(ses_room: Newsroom, ses: SesDouble) -> None:
    issue = half_sent(ses_room, ses)

    put_right(ses_room, issue)
    assert ses_room.issue(issue.id).state is IssueState.PAUSED
    resume(ses_room, issue)
    figures = ses_room.deliver(issue)

    assert (figures.state, figures.accepted, figures.recipients) == (IssueState.FINISHED, 40, 40)
    assert figures.editions == {"ask": 40}, "both texts are of one edition"
    wrong, right = readers_of(ses, WRONG), readers_of(ses, RIGHT)
    assert (len(wrong), len(right), wrong & right) == (20, 20, set())
    assert set(Counter(mail.to[0] for mail in ses.mails).values()) == {1}


def test_a_changed_issue_does_not_go_on_before_it_is_approved_again(ses_room: Newsroom, ses: SesDouble) -> None:
    issue = half_sent(ses_room, ses)
    ses_room.app.editing.edit(issue.id, Edits(summaries={1: RIGHT}), actor="Nora")

    with pytest.raises(NotApproved, match="changed and is not approved again"):
        resume(ses_room, issue)

    assert ses_room.issue(issue.id).state is IssueState.PAUSED
    assert len(ses.mails) == 20


def test_an_issue_is_not_changed_while_it_is_sending(ses_room: Newsroom, ses: SesDouble) -> None:
    issue = half_sent(ses_room, ses)
    resume(ses_room, issue)

    with pytest.raises(IllegalStep) as told:
        ses_room.app.editing.edit(issue.id, Edits(summaries={1: RIGHT}), actor="Nora")

    assert f"Pause it with `digest issues pause {issue.id}`" in told.value.hint


def test_readers_who_were_throttled_before_the_correction_get_the_corrected_text(
    ses_room: Newsroom, ses: SesDouble
) -> None:
    """Their batch came back with the edition of before: of one batch some got the one and some the other."""
    ses_room.subscribe("Alice", "Bob")
    draft = ses_room.draft()
    ses_room.app.editing.edit(draft.id, Edits(summaries={1: WRONG}), actor="Nora")
    ses_room.app.proofs.approve(draft.id, actor="Nora")
    ses_room.app.delivery.start(draft.id, actor="Nora")
    ses.fail_entries({"bob@example.com": "TRANSIENT_FAILURE"})
    stop = threading.Event()
    ses_room.app.delivery.deliver(draft.id, stop=stop, progress=lambda _: stop.set() if ses.mails else None)
    pause(ses_room, draft)

    put_right(ses_room, draft)
    resume(ses_room, draft)
    assert ses_room.deliver(draft).state is IssueState.FINISHED

    assert readers_of(ses, WRONG) == {"alice@example.com"}
    assert readers_of(ses, RIGHT) == {"bob@example.com"}
    correction = ses_room.app.correcting.correct(draft.id, actor="Nora")
    assert (correction.sent_wrong, correction.readers) == (1, 1)


def test_a_batch_in_hand_while_the_issue_is_corrected_never_leaves_with_the_old_text(
    ses_newsroom: Newsroom, ses: SesDouble
) -> None:
    """A slow machine holds a batch over pause, edit, approve and resume: its request is the old one."""
    ses_newsroom.subscribe("Alice")
    issue = ses_newsroom.frozen()
    calls: Calls = ses_newsroom.app.delivery._calls
    ready = calls.claim(issue)
    assert ready is not None

    pause(ses_newsroom, issue)
    put_right(ses_newsroom, issue)
    resume(ses_newsroom, issue)

    assert calls.leave(ready) is None
    assert ses_newsroom.deliver(issue).accepted == 1
    assert readers_of(ses, RIGHT) == {"alice@example.com"}
    assert len(ses.mails) == 1


def test_an_edition_that_is_gone_keeps_its_readers_and_says_so(ses_room: Newsroom, ses: SesDouble) -> None:
    issue = half_sent(ses_room, ses)
    settings = ses_room.folder / "settings.toml"
    settings.write_text(settings.read_text().replace("[newsletters.daily.appeal]", "[newsletters.weekend.appeal]"))
    settings.write_text(settings.read_text().replace("[newsletters.daily.thanks]", "[newsletters.weekend.thanks]"))
    other = ses_room.open()
    other.editing.edit(issue.id, Edits(summaries={1: RIGHT}), actor="Nora")

    with pytest.raises(NotApproved, match="readers left for the edition “ask”"):
        other.proofs.approve(issue.id, actor="Nora")
    other.close()

    assert ses_room.issue(issue.id).fingerprint == ""
    assert ses_room.app.delivery.figures(issue.id).planned == 20


# --- Who got the wrong text --------------------------------------------------------------------------------


def test_a_correction_goes_to_exactly_those_who_were_sent_the_wrong_text(ses_room: Newsroom, ses: SesDouble) -> None:
    issue = half_sent(ses_room, ses)
    put_right(ses_room, issue)
    resume(ses_room, issue)
    ses_room.deliver(issue)
    wrong = readers_of(ses, WRONG)
    ses_room.subscribe("Newcomer")

    correction = ses_room.app.correcting.correct(issue.id, actor="Nora")
    assert (correction.sent_wrong, correction.readers, correction.uncertain) == (20, 20, 0)
    draft = correction.issue
    assert draft.subject.startswith("Correction: ")
    assert "We got something wrong in what we sent you on" in draft.note
    approved, proof = ses_room.app.proofs.approve(draft.id, actor="Nora")
    assert approved.audience == 20
    assert all(draft.note in rendered.text.replace("\n", " ") for _, rendered in proof.editions)
    ses_room.app.delivery.start(draft.id, actor="Nora")
    figures = ses_room.deliver(draft)

    assert (figures.state, figures.accepted) == (IssueState.FINISHED, 20)
    assert {mail.to[0] for mail in ses.mails if mail.tags["issue"] == str(draft.id)} == wrong


def test_who_left_meanwhile_gets_no_correction_and_is_counted(ses_room: Newsroom, ses: SesDouble) -> None:
    issue = half_sent(ses_room, ses)
    put_right(ses_room, issue)
    one = next(iter(readers_of(ses, WRONG)))
    with ses_room.app.database.write() as conn:
        subscribers.suppress(conn, one, reason=subscribers.Reason.COMPLAINT, at=ses_room.app.clock())

    correction = ses_room.app.correcting.correct(issue.id, actor="Nora")

    assert (correction.sent_wrong, correction.readers) == (20, 19)
    ses_room.app.proofs.approve(correction.issue.id, actor="Nora")
    frozen = ses_room.app.delivery.start(correction.issue.id, actor="Nora")
    assert frozen.recipients == 19
    assert frozen.not_mailed == {"no longer on the list": 1}


def test_a_second_correction_counts_both_wrong_texts(ses_room: Newsroom, ses: SesDouble) -> None:
    issue = half_sent(ses_room, ses, readers=60)
    put_right(ses_room, issue, "The pier burnt on Thursday.")
    ses.account.limit(20)
    resume(ses_room, issue)
    stop = threading.Event()
    ses_room.app.delivery.deliver(issue.id, stop=stop, progress=lambda _: stop.set() if len(ses.mails) >= 40 else None)
    pause(ses_room, issue)
    put_right(ses_room, issue)
    ses.account.limit(500)
    resume(ses_room, issue)
    ses_room.deliver(issue)

    assert len(readers_of(ses, RIGHT)) == 20
    assert ses_room.app.correcting.correct(issue.id, actor="Nora").readers == 40


def test_a_finished_issue_is_put_right_for_everybody_who_got_it(ses_room: Newsroom, ses: SesDouble) -> None:
    ses_room.subscribe("Alice", "Bob", "Charlie")
    issue = ses_room.frozen()
    ses.fail_entries({"charlie@example.com": "MESSAGE_REJECTED"})
    ses_room.deliver(issue)

    correction = ses_room.app.correcting.correct(issue.id, actor="Nora")

    assert correction.readers == 2
    with ses_room.app.database.read() as conn:
        assert issues.journal(conn, issue.id)[-1].detail == f"by issue {correction.issue.id}"


def test_uncertain_readers_get_no_correction_before_they_are_settled(ses_room: Newsroom, ses: SesDouble) -> None:
    ses_room.subscribe("Alice")
    issue = ses_room.frozen()
    ses.fault("drop")
    ses_room.deliver(issue)

    with pytest.raises(UsageMistake, match="Nobody was sent a wrong text"):
        ses_room.app.correcting.correct(issue.id, actor="Nora")

    with ses_room.app.database.write() as conn:
        control.settle(conn, issue.id, control.Decision.ACCEPTED, actor="Nora", now=ses_room.app.clock())
    assert ses_room.app.correcting.correct(issue.id, actor="Nora").readers == 1


def test_an_issue_on_its_way_is_corrected_itself_first(ses_room: Newsroom, ses: SesDouble) -> None:
    issue = half_sent(ses_room, ses)

    with pytest.raises(IllegalStep) as told:
        ses_room.app.correcting.correct(issue.id, actor="Nora")

    assert "pause" in told.value.hint
    with ses_room.app.database.read() as conn:
        assert len(issues.listed(conn)) == 1


def test_the_ledger_says_what_each_reader_got(ses_room: Newsroom, ses: SesDouble) -> None:
    issue = half_sent(ses_room, ses)
    put_right(ses_room, issue)
    resume(ses_room, issue)
    ses_room.deliver(issue)

    with ses_room.app.database.read() as conn:
        rows = deliveries.listed(conn, issue.id)
        fingerprints = {row.address: row.fingerprint for row in rows if row.state is DeliveryState.ACCEPTED}
        now = {edition.fingerprint for edition in issues.editions(conn, issue.id)}
    got_right = {address for address, fingerprint in fingerprints.items() if fingerprint in now}
    assert got_right == readers_of(ses, RIGHT)
    assert len(set(fingerprints.values())) == 2
