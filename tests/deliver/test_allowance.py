"""What the account allows: asked every minute, shared by all, and never more than the operator's own cap."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from digest.deliver.allowance import Allowance
from digest.deliver.pace import Limits, Pace
from digest.deliver.senders.ses import SesSender
from digest.deliver.warmup import WarmUp
from digest.errors import AccountError, PaceError, StoreError
from digest.store import paces
from digest.store.database import Database
from tests.doubles.ses import SesDouble
from tests.newsroom import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make(database: Database, ses: SesDouble, aws: Callable[[str], None], clock: Clock) -> Callable[..., Allowance]:
    """An allowance as a new process has it."""
    aws(ses.url)

    def build(*, warm_up: WarmUp | None = None, **limits: Any) -> Allowance:
        sender = SesSender(clock=clock, region="eu-west-1")
        return Allowance(database, sender, limits=Limits(**limits), warm_up=warm_up, clock=clock)

    return build


def kept(database: Database) -> Pace:
    with database.read() as conn:
        pace = paces.read(conn, "ses")
    assert pace is not None
    return pace


Make = Callable[..., Allowance]


def test_the_accounts_rate_and_quota_are_kept_for_all(
    make: Make, database: Database, ses: SesDouble, clock: Clock
) -> None:
    ses.account.limit(14)
    ses.account.quota = 50_000

    make().ask()

    now = clock().timestamp()
    day = int(now // 86_400)
    assert kept(database) == Pace(max_rate=14, rate=14, quota=50_000, quota_left=50_000, day=day, checked_at=now)


def test_an_operators_cap_holds_where_it_is_the_lower_one(make: Make, ses: SesDouble) -> None:
    ses.account.limit(200)

    assert make(max_rate=50).ask().max_rate == 50
    assert make(max_rate=900).ask().max_rate == 200


@pytest.mark.parametrize(("rate", "size"), [(1, 1), (14, 14), (14.9, 14), (200, 50), (0.5, 1)])
def test_a_batch_is_at_most_one_second_of_the_rate(make: Make, ses: SesDouble, rate: float, size: int) -> None:
    ses.account.limit(rate)

    assert make().batch_size() == size


def test_a_process_asks_when_it_begins_and_then_one_of_all_asks_each_minute(
    make: Make, ses: SesDouble, clock: Clock
) -> None:
    processes = [make() for _ in range(3)]
    for _ in range(2):
        for process in processes:
            process.refresh()
    assert ses.calls("GetAccount") == 3, "connecting takes a while: better before the first batch than with it"

    clock.now += timedelta(seconds=61)
    for process in processes:
        process.refresh()
    assert ses.calls("GetAccount") == 4


def test_the_rate_that_a_person_sees_is_what_is_used_now(make: Make, database: Database) -> None:
    allowance = make()
    allowance.ask()
    allowance.give_back(50, ease=True)

    seen = make()
    seen.refresh()

    assert seen.rate == kept(database).rate < 500


def test_an_account_that_does_not_answer_changes_nothing(
    make: Make, database: Database, ses: SesDouble, clock: Clock
) -> None:
    make().ask()
    clock.now += timedelta(minutes=5)
    ses.fault("error", operation="GetAccount", times=0)

    process = make()
    process.refresh()

    now = clock().timestamp()
    assert kept(database) == Pace(max_rate=500, rate=500, day=int(now // 86_400), checked_at=now)
    clock.now += timedelta(seconds=6)
    process.refresh()
    assert ses.calls("GetAccount") == 2, "and is not asked again and again"


def test_an_account_that_never_answered_is_not_guessed(make: Make, ses: SesDouble) -> None:
    ses.fault("error", operation="GetAccount", times=0)

    with pytest.raises(PaceError):
        make().refresh()


def test_an_account_that_was_stopped_is_an_error_when_it_is_asked_again(
    make: Make, ses: SesDouble, clock: Clock
) -> None:
    make().ask()
    ses.account.enforcement = "SHUTDOWN"
    clock.now += timedelta(minutes=5)

    with pytest.raises(AccountError, match="may not send now") as told:
        make().refresh()
    assert "resume the issue" in told.value.hint


def test_easing_off_outlives_the_process_and_the_next_question(make: Make, database: Database, clock: Clock) -> None:
    allowance = make()
    allowance.ask()
    allowance.give_back(50, ease=True)
    eased = kept(database).rate
    clock.now += timedelta(minutes=5)

    make().ask()

    assert eased < 500
    assert kept(database).rate == eased


def test_turns_are_given_one_after_the_other_to_all_processes(
    make: Make, database: Database, ses: SesDouble, clock: Clock
) -> None:
    ses.account.limit(100)
    one, other = make(), make()
    one.ask()
    moments = []
    for allowance in (one, other, one):
        with database.write() as conn:
            turn = allowance.reserve(conn, 50)
        assert turn is not None
        moments.append(turn.go_at)

    now = clock().timestamp()
    assert moments == [now, now + 0.5, now + 1.0]


def test_the_next_turn_can_be_seen_before_it_is_taken(
    make: Make, database: Database, ses: SesDouble, clock: Clock
) -> None:
    ses.account.limit(100)
    allowance = make()
    with database.read() as conn:
        assert allowance.next_turn(conn) == 0.0, "nobody knows better yet"
    allowance.ask()
    with database.read() as conn:
        assert allowance.next_turn(conn) <= clock().timestamp(), "one is free"

    with database.write() as conn:
        allowance.reserve(conn, 50)

    with database.read() as conn:
        assert allowance.next_turn(conn) == clock().timestamp() + 0.5
        assert allowance.next_turn(conn) == clock().timestamp() + 0.5, "looking takes nothing"


def test_calls_have_their_own_limit_where_the_operator_says_so(make: Make, database: Database, clock: Clock) -> None:
    allowance = make(calls_per_second=1)
    allowance.ask()
    moments = []
    for _ in range(3):
        with database.write() as conn:
            turn = allowance.reserve(conn, 50)
        assert turn is not None
        moments.append(turn.go_at)

    now = clock().timestamp()
    assert moments == [now, now + 1, now + 2]


def test_quota_that_is_used_up_gives_no_turn_and_what_is_given_back_does(
    make: Make, database: Database, ses: SesDouble
) -> None:
    ses.account.quota = 60
    allowance = make()
    allowance.ask()
    with database.write() as conn:
        assert allowance.reserve(conn, 50) is not None
    with database.write() as conn:
        assert allowance.reserve(conn, 50) is None
        assert kept_in(conn) == 10, "what was not given was not taken"

    allowance.give_back(50, ease=False)

    with database.write() as conn:
        assert allowance.reserve(conn, 50) is not None


def test_nobody_reserves_from_an_account_that_was_never_asked(make: Make, database: Database) -> None:
    with pytest.raises(StoreError, match="rate is not known"), database.write() as conn:
        make().reserve(conn, 1)


def kept_in(conn: object) -> int | None:
    pace = paces.read(conn, "ses")  # type: ignore[arg-type]
    assert pace is not None
    return pace.quota_left
