"""The report in sentences: what became of every reader."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from digest.model import Figures, IssueState
from digest.report.figures import Report

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SENT = Figures(
    issue=7,
    newsletter="daily",
    state=IssueState.FINISHED,
    recipients=40,
    planned=0,
    accepted=37,
    skipped=2,
    refused=1,
    uncertain=0,
    skipped_why={"left": 2},
    refused_why={"MESSAGE_REJECTED": 1},
    editions={"ask": 30, "thanks": 10},
    started_at=NOON,
    finished_at=NOON + timedelta(seconds=2),
)


def lines(figures: Figures) -> list[str]:
    return [line.strip() for line in Report(figures=figures, not_mailed={"unconfirmed": 3}).lines()]


def test_a_finished_issue_in_sentences() -> None:
    assert lines(SENT) == [
        "Issue 7 of daily is finished.",
        "40 recipients: 30 ask, 10 thanks",
        "37 accepted",
        "2 skipped: 2 left",
        "1 refused: 1 MESSAGE_REJECTED",
        "0 uncertain",
        "3 on the list and not mailed: 3 unconfirmed",
        "Took 2.0 s, 18 a second",
    ]


def test_of_very_many_reasons_the_most_frequent_are_named() -> None:
    why = {f"550 no such user {number}": 1 for number in range(40)} | {"MESSAGE_REJECTED": 60}

    [said] = [line for line in lines(replace(SENT, refused=100, refused_why=why)) if "refused" in line]

    assert said.startswith("100 refused: 1 550 no such user 0, ")
    assert said.endswith(", 60 MESSAGE_REJECTED, 33 for other reasons")


def test_an_issue_that_was_corrected_on_its_way_says_how_many_got_the_text_of_before() -> None:
    said = lines(replace(SENT, outdated=20, corrected_by=(9,)))

    assert said[said.index("37 accepted") + 1] == "20 of them got the text of before it was corrected"
    assert said[-1] == "Issue 9 corrects it."


def test_a_correction_says_what_it_corrects() -> None:
    assert lines(replace(SENT, corrects=7))[-1] == "It corrects issue 7."


def test_a_held_issue_says_until_when_and_how_to_look_now() -> None:
    held = replace(SENT, state=IssueState.SENDING, planned=9, finished_at=None, hold="the quota", held_until=NOON)

    said = lines(held)
    assert said[0] == "Issue 7 of daily is sending. Hold: the quota."
    assert "12:00 UTC" in said[1]
    assert "9 not yet called" in said
    assert not [line for line in said if line.startswith("Took")]
