"""Progress: what a person watches, counted from receipts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.deliver.progress import Progress, Tally, pace_in_words
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


# --- How fast ----------------------------------------------------------------------------------------------


class Seconds:
    """A stopwatch that a test turns."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_rate_is_of_this_run_alone() -> None:
    clock = Seconds()
    tally = Tally(BEFORE, clock=clock)
    assert tally.progress(200.0).rate == 0

    tally.count(receipts(accepted=30))
    clock.now += 2

    assert tally.progress(200.0).rate == pytest.approx(15)


def test_the_rate_is_that_of_the_last_seconds_and_not_of_an_hours_hold() -> None:
    clock = Seconds()
    tally = Tally(BEFORE, clock=clock)
    clock.now += 3600
    tally.progress(200.0)
    for _ in range(20):
        clock.now += 1
        tally.count(receipts(accepted=4))
        now = tally.progress(200.0)

    assert now.rate == pytest.approx(4)


def test_the_time_left_is_said_once_there_is_a_rate() -> None:
    waiting = Progress(recipients=100, done=40, accepted=40, uncertain=0, rate=0.0, allowed_rate=20.0)

    assert waiting.seconds_left is None
    assert waiting.words() == "40 accepted, 0/s of 20/s (3 s at the full rate)"
    assert replace(waiting, rate=20.0).seconds_left == pytest.approx(3.0)
    assert replace(waiting, rate=20.0).words() == "40 accepted, 20/s of 20/s, 3 s left"


def test_uncertain_readers_are_said_as_they_come() -> None:
    now = Progress(recipients=100, done=100, accepted=90, uncertain=10, rate=20.0, allowed_rate=20.0)

    assert now.words() == "90 accepted, 10 uncertain"


@pytest.mark.parametrize(
    ("rate", "allowed", "words"),
    [
        (200, 200, "200/s of 200/s, 1 min 30 s left"),
        (10, 200, "10/s of 200/s, 30 min 0 s left (1 min 30 s at the full rate)"),
        (0.5, 0.5, "0.5/s of 0.5/s, 10 h 0 min left"),
        (5, None, "5/s, 1 h 0 min left"),
        (0, None, "0/s"),
        (0, 1_000_000, "0/s of 1,000,000/s"),
    ],
)
def test_how_fast_it_goes_in_words(rate: float, allowed: float | None, words: str) -> None:
    assert pace_in_words(18_000, rate, allowed) == words


# --- When nothing passes -----------------------------------------------------------------------------------


def test_when_everything_comes_back_it_says_why_and_for_how_long() -> None:
    clock = Seconds()
    tally = Tally(BEFORE, clock=clock)
    tally.count(receipts(accepted=1))
    clock.now += 30
    tally.count([Receipt(position=2, state=DeliveryState.PLANNED, reason="SES does not answer.")])
    clock.now += 60

    now = tally.progress(200.0)

    assert (now.trouble, now.trouble_seconds) == ("SES does not answer.", 90)
    assert now.words().endswith("nothing passes for 1 min 30 s, and it is tried again: SES does not answer.")


def test_a_worker_that_takes_over_knows_for_how_long_nobody_passed() -> None:
    tally = Tally(BEFORE, stood_still=3600, clock=Seconds())

    assert tally.progress(200.0).trouble == "", "not before it was tried again"
    tally.count(receipts(planned=50))
    assert tally.progress(200.0).trouble_seconds == 3600


def test_that_is_over_as_soon_as_one_reader_passes() -> None:
    tally = Tally(BEFORE)
    tally.count(receipts(planned=50))
    assert tally.progress(200.0).trouble

    tally.count(receipts(planned=49, accepted=1))

    assert (tally.progress(200.0).trouble, tally.progress(200.0).trouble_seconds) == ("", 0.0)


def test_a_batch_whose_readers_all_left_says_nothing_about_the_sender() -> None:
    tally = Tally(BEFORE)
    tally.count(receipts(planned=50))

    tally.count([], skipped=50)

    assert tally.progress(200.0).trouble
