"""Correcting by command: what editors see of a mistake that readers were sent, and of the issue that mends it."""

from __future__ import annotations

import threading
from pathlib import Path

from digest.desk.editing import Edits
from tests.cli.conftest import Terminal, sent
from tests.doubles.ses import SesDouble
from tests.newsroom import Newsroom

WRONG = "1:The pier burnt on Tuesday, the harbour master said."
RIGHT = "1:The pier burnt on Wednesday, the harbour master said."


def half_sent(digest: Terminal, room: Newsroom, ses: SesDouble) -> int:
    """Nora paused it when twenty of forty readers had the wrong text."""
    ses.account.limit(20)
    room.subscribe_many(40)
    issue = room.draft().id
    digest.ok("issues", "edit", issue, "--summary", WRONG)
    digest.ok("issues", "approve", issue)
    sending = room.open()
    sending.delivery.start(issue, actor="Nora")
    stop = threading.Event()
    sending.delivery.deliver(issue, stop=stop, progress=lambda _: stop.set() if ses.accepted >= 20 else None)
    sending.close()
    digest.ok("issues", "pause", issue)
    ses.account.limit(500)
    assert ses.accepted == 20
    return issue


def corrected(digest: Terminal, room: Newsroom, ses: SesDouble) -> int:
    """… and put it right for the other twenty."""
    issue = half_sent(digest, room, ses)
    digest.ok("issues", "edit", issue, "--summary", RIGHT)
    digest.ok("issues", "approve", issue)
    digest.ok("issues", "resume", issue)
    digest.ok("send", issue, "--now")
    return issue


# --- Correcting on the way ---------------------------------------------------------------------------------


def test_a_mistake_is_put_right_for_who_was_not_mailed_yet(
    digest: Terminal, room: Newsroom, through_ses: SesDouble
) -> None:
    issue = half_sent(digest, room, through_ses)

    edited = digest.ok("issues", "edit", issue, "--summary", RIGHT).out
    assert f"Issue {issue} is changed; it is paused." in edited
    assert f"digest issues approve {issue}" in edited
    assert "not approved again" in digest.ok("issues", "show", issue).out
    early = digest("issues", "resume", issue)
    assert early.code == 6
    assert f"digest issues approve {issue}" in early.err

    approved = digest.ok("issues", "approve", issue).out
    assert f"Let it go on: digest issues resume {issue}" in approved
    digest.ok("issues", "resume", issue)
    said = digest.ok("send", issue, "--now").out
    assert "40 accepted" in said
    assert "20 of them got the text of before it was corrected" in said
    texts = ["on Tuesday," in mail.html for mail in through_ses.mails]
    assert (texts.count(True), texts.count(False)) == (20, 20)


def test_an_issue_that_readers_are_getting_is_not_edited_and_the_way_is_shown(digest: Terminal, room: Newsroom) -> None:
    room.subscribe("Alice")
    issue = room.frozen()

    refused = digest("issues", "edit", issue.id, "--note", "We are sorry.")

    assert refused.code == 6
    assert f"Pause it with `digest issues pause {issue.id}`" in refused.err


def test_show_report_and_list_say_what_was_corrected(digest: Terminal, room: Newsroom, through_ses: SesDouble) -> None:
    issue = corrected(digest, room, through_ses)
    made = digest.ok("issues", "correct", issue)
    assert f"for 20 readers of issue {issue}." in made.out
    assert "put right what was wrong" not in made.out, "its stories are right already"

    shown = digest.ok("issues", "show", issue).out
    assert "corrected on its way: 20 readers got the text of before" in shown
    assert f"corrected by: issue {issue + 1}" in shown
    facts = digest.ok("issues", "report", issue, "--json").facts
    assert (facts["outdated"], facts["corrects"], facts["corrected_by"]) == (20, None, [issue + 1])
    assert f"Issue {issue + 1} corrects it." in digest.ok("issues", "report", issue).out
    assert f"correction: of issue {issue}" in digest.ok("issues", "show", issue + 1).out
    assert f"draft, corrects {issue}" in digest.ok("issues", "list").out


def test_the_deliveries_show_who_got_which_text(digest: Terminal, room: Newsroom, through_ses: SesDouble) -> None:
    issue = corrected(digest, room, through_ses)

    rows = digest.ok("deliveries", "list", issue, "--json").facts["deliveries"]
    texts = [row["fingerprint"] for row in rows]
    assert sorted(texts.count(text) for text in set(texts)) == [20, 20]
    told = digest.ok("deliveries", "list", issue).out.splitlines()
    assert "text" in told[0]
    assert sum(texts[0][:8] in line for line in told) == 20


# --- Correcting afterwards ---------------------------------------------------------------------------------


def test_a_correction_of_a_finished_issue_goes_to_everybody_who_got_it(digest: Terminal, room: Newsroom) -> None:
    issue = sent(digest, room, "Alice", "Bob")
    room.subscribe("Charlie")

    made = digest.ok("issues", "correct", issue)
    facts = digest.ok("issues", "show", issue + 1, "--json").facts
    assert "Correction: " in made.out
    assert f"Its stories still say what issue {issue} said: put right what was wrong." in made.out
    assert (facts["corrects"], facts["note"].startswith("We got something wrong")) == (issue, True)
    codes = [finding["code"] for finding in digest.ok("issues", "check", issue + 1, "--json").facts["findings"]]
    assert "correction-unchanged" in codes

    digest.ok("issues", "edit", issue + 1, "--summary", RIGHT, "--note", "It was Wednesday. We are sorry.")
    codes = [finding["code"] for finding in digest.ok("issues", "check", issue + 1, "--json").facts["findings"]]
    assert "correction-unchanged" not in codes
    digest.ok("issues", "approve", issue + 1)
    report = digest.ok("send", issue + 1, "--now", "--json").facts
    assert (report["accepted"], report["corrects"]) == (2, issue)
    mails = [file.read_text(encoding="utf-8") for file in (room.folder / "data/outbox").rglob("*.eml")]
    assert sum("It was Wednesday. We are sorry." in mail for mail in mails) == 2


def test_the_preview_shows_the_note_and_whom_a_correction_is_for(digest: Terminal, room: Newsroom) -> None:
    issue = sent(digest, room, "Alice", "Bob")
    digest.ok("issues", "correct", issue)

    page = Path(digest.ok("preview", issue + 1, "--json").facts["preview"]).read_text(encoding="utf-8")

    assert f"issue {issue}, for 2 readers who got the wrong text" in page
    assert '<dt>Note</dt><dd dir="auto">We got something wrong' in page
    assert "<dt>Note</dt>" not in Path(digest.ok("preview", issue, "--json").facts["preview"]).read_text()


def test_readers_are_told_of_a_mistake_once(digest: Terminal, room: Newsroom) -> None:
    issue = sent(digest, room, "Alice")
    digest.ok("issues", "correct", issue)

    again = digest("issues", "correct", issue)
    assert again.code == 6
    assert f"Issue {issue + 1} corrects issue {issue} already; it is draft." in again.err

    digest.ok("issues", "cancel", issue + 1)
    assert digest.ok("issues", "correct", issue, "--json").facts["issue"] == issue + 2


def test_a_correction_of_a_correction_says_so_once_in_its_subject(digest: Terminal, room: Newsroom) -> None:
    issue = sent(digest, room, "Alice")
    first = digest.ok("issues", "correct", issue, "--json").facts
    digest.ok("issues", "approve", first["issue"])
    digest.ok("send", first["issue"], "--now")

    second = digest.ok("issues", "correct", first["issue"], "--json").facts

    assert second["subject"] == first["subject"]
    assert second["subject"].count("Correction") == 1


def test_nobody_to_correct_is_said(digest: Terminal, room: Newsroom) -> None:
    nobody = digest("issues", "correct", room.draft().id)
    assert (nobody.code, "Nobody was sent a wrong text" in nobody.err) == (2, True)
    assert digest("issues", "correct", 99).code == 2


# --- The note ----------------------------------------------------------------------------------------------


def test_a_note_is_set_shown_and_taken_away(digest: Terminal, room: Newsroom) -> None:
    room.subscribe("Alice")
    issue = room.draft().id

    facts = digest.ok("issues", "edit", issue, "--note", "  No issue\non Monday. ", "--json").facts
    assert facts["note"] == "No issue on Monday."
    assert "note: No issue on Monday." in digest.ok("issues", "show", issue).out
    assert digest.ok("issues", "edit", issue, "--note", "", "--json").facts["note"] == ""
    assert "note:" not in digest.ok("issues", "show", issue).out


def test_edits_of_an_issue_that_is_paused_keep_its_hold(digest: Terminal, room: Newsroom) -> None:
    room.subscribe("Alice")
    issue = room.frozen()
    digest.ok("issues", "pause", issue.id)
    room.app.editing.edit(issue.id, Edits(subject="The pier, put right"), actor="Nora")

    assert "paused by Nora" in digest.ok("issues", "list").out
