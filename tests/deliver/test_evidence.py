"""What events prove about a delivery that nobody answered for, and what their silence does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from digest.deliver.evidence import GRACE, NEIGHBOURS, Doubt, Neighbours, Verdict, verdict

LEFT = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
LATER = LEFT + GRACE
ALICE = Doubt(position=7, attempt=2, called_at=LEFT)


def others(count: int = NEIGHBOURS, *, heard: int | None = None, minutes: float = 1) -> list[Neighbours]:
    at = LEFT + timedelta(minutes=minutes)
    return [Neighbours(called_at=at, accepted=count, heard=count if heard is None else min(heard, count))]


def test_a_send_event_of_the_very_attempt_proves_acceptance_at_once() -> None:
    assert verdict(ALICE, frozenset({(7, 2)}), [], now=LEFT) is Verdict.ACCEPTED


def test_an_event_of_an_earlier_attempt_proves_nothing_about_this_one() -> None:
    assert verdict(ALICE, frozenset({(7, 1)}), [], now=LATER) is Verdict.OPEN


def test_silence_is_worth_nothing_before_the_grace_time_is_over() -> None:
    assert verdict(ALICE, frozenset(), others(), now=LATER - timedelta(seconds=1)) is Verdict.OPEN


def test_silence_proves_the_opposite_when_all_neighbours_were_heard_of() -> None:
    assert verdict(ALICE, frozenset(), others(), now=LATER) is Verdict.NOT_ACCEPTED


def test_silence_proves_nothing_when_the_channel_is_silent_about_everybody() -> None:
    assert verdict(ALICE, frozenset(), others(heard=0), now=LATER) is Verdict.OPEN


def test_silence_proves_nothing_when_too_many_neighbours_are_missing_too() -> None:
    assert verdict(ALICE, frozenset(), others(200, heard=197), now=LATER) is Verdict.OPEN
    assert verdict(ALICE, frozenset(), others(200, heard=198), now=LATER) is Verdict.NOT_ACCEPTED


def test_messages_of_another_hour_are_no_neighbours() -> None:
    assert verdict(ALICE, frozenset(), others(minutes=60), now=LATER + timedelta(hours=2)) is Verdict.OPEN


def test_a_few_neighbours_are_too_few_to_trust_their_channel() -> None:
    assert verdict(ALICE, frozenset(), others(NEIGHBOURS - 1), now=LATER) is Verdict.OPEN


@given(count=st.integers(0, 60), heard=st.integers(0, 60), minutes=st.integers(0, 40))
def test_without_an_event_nobody_is_ever_called_accepted(count: int, heard: int, minutes: int) -> None:
    said = verdict(ALICE, frozenset(), others(count, heard=heard), now=LEFT + timedelta(minutes=minutes))

    assert said is not Verdict.ACCEPTED
