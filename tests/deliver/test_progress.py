"""Progress: what a person watches, counted from receipts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.deliver.progress import Progress, Tally
from digest.model import DeliveryState, Figures, IssueState, Receipt

BEFORE = Figures(
    issue=7,
    newsletter="daily",
    state=IssueState.SENDING,
    recipients=100,
    planned=90,
    accepted=6,
    skipped=2,
    refused=1,
    uncertain=1,
    skipped_why={"left": 2},
    refused_why={"MESSAGE_REJECTED": 1},
    editions={"everyone": 100},
)


def receipts(**counts: int) -> list[Receipt]:
    return [
        Receipt(position=1, state=DeliveryState(state))  # type: ignore[arg-type]
        for state, count in counts.items()
        for _ in range(count)
    ]


def test_progress_begins_where_an_earlier_run_ended() -> None:
    now = Tally(BEFORE).progress(200.0)

    assert (now.recipients, now.done, now.accepted, now.uncertain) == (100, 10, 6, 1)
    assert now.allowed_rate == 200.0


def test_whoever_needs_no_more_work_is_done() -> None:
    tally = Tally(BEFORE)

    tally.count(receipts(accepted=40, refused=3, uncertain=2, planned=5), skipped=4)

    now = tally.progress(200.0)
    assert now.done == 10 + 40 + 3 + 2 + 4
    assert now.accepted == 46
    assert now.uncertain == 3


def test_what_is_tried_again_is_counted_once_it_passed() -> None:
    tally = Tally(BEFORE)

    tally.count(receipts(planned=50))
    tally.count(receipts(accepted=50))

    assert tally.progress(200.0).done == 60


def test_the_rate_is_of_this_run_alone() -> None:
    tally = Tally(BEFORE)
    assert tally.progress(200.0).rate == 0

    tally.count(receipts(accepted=1))

    assert tally.progress(200.0).rate > 0


def test_the_time_left_is_said_once_there_is_a_rate() -> None:
    waiting = Progress(recipients=100, done=40, accepted=40, uncertain=0, rate=0.0, allowed_rate=20.0)

    assert waiting.seconds_left is None
    assert replace(waiting, rate=20.0).seconds_left == pytest.approx(3.0)
