"""Claims: a batch is in one worker's hands at a time, and comes back when that worker does not."""

from __future__ import annotations

import threading
from collections import Counter

import pytest

from digest.model import BatchState, DeliveryState, IssueState
from digest.store import issues, ledger
from digest.store.database import Database
from digest.store.ledger import Claim
from tests.store.desk import LEASE, NOON, Desk, accepted, after, doubtful, refused, throttled

STOPPED = "the worker stopped between the request and the reply"


# --- Claiming ----------------------------------------------------------------------------------------------


def test_batches_are_claimed_in_order_and_each_once(desk: Desk) -> None:
    issue = desk.frozen("Alice", "Bob", "Charlie", batch_size=1)

    claims = [desk.claim(issue, worker) for worker in ("Wanda", "Will", "Wanda", "Will")]

    assert [claim and (claim.number, claim.first, claim.last, claim.attempt) for claim in claims] == [
        (1, 1, 1, 1),
        (2, 2, 2, 1),
        (3, 3, 3, 1),
        None,
    ]


def test_on_postgresql_a_second_worker_does_not_wait_for_the_first_to_commit(postgres_ready: str) -> None:
    """SQLite lets them in one by one: the next test is about that."""
    database = Database(postgres_ready)
    desk = Desk(database)
    issue = desk.frozen("Alice", "Bob", batch_size=1)
    found: list[Claim | None] = []
    with database.write() as conn:
        wanda = ledger.claim(conn, issue, worker="Wanda", lease=LEASE, now=NOON)
        will = threading.Thread(target=lambda: found.append(desk.claim(issue, "Will")))
        will.start()
        will.join(5)
        assert not will.is_alive(), "Will waits for Wanda's transaction"
    database.close()

    assert wanda is not None
    assert found[0] is not None
    assert {wanda.number, found[0].number} == {1, 2}


def test_eight_workers_claim_each_batch_once(desk: Desk) -> None:
    desk.subscribe_many(60)
    issue = desk.frozen(batch_size=1)
    claims: list[Claim] = []

    def work(name: str) -> None:
        while claim := desk.claim(issue, name):
            claims.append(claim)

    workers = [threading.Thread(target=work, args=(f"Worker{n}",)) for n in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert Counter(claim.number for claim in claims) == dict.fromkeys(range(1, 61), 1)


@pytest.mark.parametrize("state", [state for state in IssueState if state is not IssueState.SENDING])
def test_only_an_issue_that_is_sending_gives_batches(desk: Desk, state: IssueState) -> None:
    issue = desk.frozen("Alice")
    with desk.database.write() as conn:
        issues.change(conn, issue, state=state.value)

    assert desk.claim(issue) is None


def test_a_held_issue_gives_batches_again_when_its_time_has_come(desk: Desk) -> None:
    issue = desk.frozen("Alice")
    with desk.database.write() as conn:
        issues.change(conn, issue, hold="the 24-hour quota", held_until=after(900))

    assert desk.claim(issue, at=after(899)) is None
    assert desk.claim(issue, at=after(900)) is not None


def test_a_claim_knows_its_recipients_and_none_of_another_batch(desk: Desk) -> None:
    issue = desk.frozen("Alice", "Bob", "Charlie", batch_size=2)
    claim = desk.claimed(issue)

    with desk.database.read() as conn:
        recipients = ledger.planned(conn, claim)

    assert claim.size == 2
    assert [recipient.position for recipient in recipients] == [1, 2]
    assert [recipient.name for recipient in recipients] == ["Alice", "Bob"]
    assert [recipient.address for recipient in recipients] == ["alice@example.com", "bob@example.com"]


def test_an_issue_waits_while_a_batch_is_planned_or_in_hand_and_not_while_it_is_in_the_air(desk: Desk) -> None:
    """Breaking news whose last batch waits for its turn must not be passed by a digest."""
    issue = desk.frozen("Alice")

    def waits(at: float = 0) -> bool:
        with desk.database.read() as conn:
            return ledger.is_waiting(conn, issue, now=after(at))

    assert waits()
    claim = desk.claimed(issue)
    assert waits()
    assert not waits(LEASE + 1), "its worker fell silent"
    desk.call(claim)
    assert not waits()


# --- Giving back -------------------------------------------------------------------------------------------


def test_a_released_batch_comes_back(desk: Desk) -> None:
    issue = desk.frozen("Alice")
    claim = desk.claimed(issue, "Wanda")

    assert desk.release(claim)

    again = desk.claimed(issue, "Will")
    assert (again.number, again.attempt) == (1, 2)


def test_a_batch_that_must_wait_is_passed_over_and_comes_back_in_its_time(desk: Desk) -> None:
    issue = desk.frozen("Alice", "Bob", batch_size=1)
    desk.record(desk.calling(issue), throttled(1), try_again=after(2))

    passed_over = desk.calling(issue)
    assert passed_over.number == 2
    with desk.database.read() as conn:
        assert not ledger.is_waiting(conn, issue, now=after(1))
        assert ledger.is_waiting(conn, issue, now=after(2))
    assert desk.claim(issue, at=after(1)) is None
    assert desk.claimed(issue, at=after(2)).number == 1


def test_a_batch_that_a_clock_ahead_put_off_for_hours_goes_at_once(desk: Desk) -> None:
    issue = desk.frozen("Alice")
    desk.record(desk.calling(issue), throttled(1), try_again=after(3 * 3600))

    assert desk.claimed(issue, at=after(1)).number == 1


def test_a_batch_cannot_be_given_back_once_its_request_has_left(desk: Desk) -> None:
    issue = desk.frozen("Alice")
    claim = desk.calling(issue)

    assert not desk.release(claim)

    assert desk.batches(issue) == {BatchState.CALLING: 1}


# --- Calling -----------------------------------------------------------------------------------------------


def test_a_call_does_not_leave_once_the_issue_is_paused(desk: Desk) -> None:
    issue = desk.frozen("Alice")
    claim = desk.claimed(issue)
    with desk.database.write() as conn:
        issues.change(conn, issue, state=IssueState.PAUSED.value)

    assert not desk.call(claim)

    assert desk.release(claim)
    assert desk.states(issue) == {"Alice": DeliveryState.PLANNED}


def test_a_worker_that_lost_its_claim_cannot_call(desk: Desk) -> None:
    issue = desk.frozen("Alice")
    lost = desk.claimed(issue, "Wanda")
    desk.reap(at=after(LEASE))
    desk.claimed(issue, "Will", at=after(LEASE))

    assert not desk.call(lost, at=after(LEASE + 1))
    assert not desk.release(lost)


def test_not_even_a_worker_of_the_same_name_can_call_for_an_older_claim(desk: Desk) -> None:
    issue = desk.frozen("Alice")
    old = desk.claimed(issue, "Wanda")
    desk.reap(at=after(LEASE))
    new = desk.claimed(issue, "Wanda", at=after(LEASE))

    assert not desk.call(old, at=after(LEASE))
    assert desk.call(new, at=after(LEASE))


# --- After a crash -----------------------------------------------------------------------------------------


def test_a_batch_that_was_only_claimed_is_planned_again_when_its_lease_has_run_out(desk: Desk) -> None:
    issue = desk.frozen("Alice")
    desk.claimed(issue, "Wanda")

    assert desk.reap(at=after(LEASE - 1)) == 0
    assert desk.claim(issue, "Will", at=after(LEASE - 1)) is None
    assert desk.reap(at=after(LEASE)) == 0

    assert desk.states(issue) == {"Alice": DeliveryState.PLANNED}
    assert desk.claimed(issue, "Will", at=after(LEASE)).attempt == 2


def test_a_batch_whose_request_may_have_left_is_uncertain_and_says_why(desk: Desk) -> None:
    issue = desk.frozen("Alice", "Bob")
    desk.calling(issue, "Wanda")

    assert desk.reap(at=after(LEASE - 1)) == 0
    assert desk.reap(at=after(LEASE)) == 2

    assert desk.states(issue) == {"Alice": DeliveryState.UNCERTAIN, "Bob": DeliveryState.UNCERTAIN}
    assert desk.reasons(issue) == {"Alice": STOPPED, "Bob": STOPPED}
    assert desk.batches(issue) == {BatchState.UNCERTAIN: 1}


def test_the_lease_begins_anew_with_the_call(desk: Desk) -> None:
    """Waiting for its turn must not eat up the time that the answer may take."""
    issue = desk.frozen("Alice")
    claim = desk.claimed(issue, at=NOON)
    desk.call(claim, at=after(50))

    assert desk.reap(at=after(50 + LEASE - 1)) == 0
    assert desk.reap(at=after(50 + LEASE)) == 1


def test_a_dead_workers_batches_are_taken_over_at_once(desk: Desk) -> None:
    issue = desk.frozen("Alice", "Bob", "Charlie", "Dora", batch_size=1)
    desk.claimed(issue, "Wanda")
    desk.calling(issue, "Wanda")
    desk.claimed(issue, "Will")

    assert desk.reap(at=after(1), dead=["Wanda"]) == 1

    assert desk.states(issue) == {
        "Alice": DeliveryState.PLANNED,
        "Bob": DeliveryState.UNCERTAIN,
        "Charlie": DeliveryState.PLANNED,
        "Dora": DeliveryState.PLANNED,
    }
    assert desk.batches(issue) == {BatchState.PLANNED: 2, BatchState.UNCERTAIN: 1, BatchState.CLAIMED: 1}
    assert desk.claimed(issue, "Will").number == 1


def test_one_issue_can_be_looked_after_alone(desk: Desk) -> None:
    one = desk.frozen("Alice")
    other = desk.issue()
    desk.freeze(other)
    desk.calling(one)
    desk.calling(other)

    assert desk.reap(at=after(LEASE), issue_id=one) == 1
    assert desk.batches(other) == {BatchState.CALLING: 1}


def test_what_is_uncertain_is_never_claimed_again(desk: Desk) -> None:
    issue = desk.frozen("Alice", "Bob", batch_size=1)
    desk.calling(issue)
    desk.reap(at=after(LEASE))
    desk.record(desk.calling(issue, at=after(LEASE)), doubtful(2), at=after(LEASE))

    assert desk.states(issue) == {"Alice": DeliveryState.UNCERTAIN, "Bob": DeliveryState.UNCERTAIN}
    for days in range(3):
        assert desk.reap(at=after(86_400 * days)) == 0
        assert desk.claim(issue, at=after(86_400 * days)) is None


# --- Recording ---------------------------------------------------------------------------------------------


def test_receipts_are_written_down_for_each_reader(desk: Desk) -> None:
    issue = desk.frozen("Alice", "Bob")
    claim = desk.calling(issue)

    assert desk.record(claim, accepted(1, "ses-1"), refused(2, "MESSAGE_REJECTED: no such place"), at=after(1))

    alice, bob = desk.deliveries(issue)
    assert (alice.state, alice.message_id, alice.reason) == (DeliveryState.ACCEPTED, "ses-1", "")
    assert (bob.state, bob.reason) == (DeliveryState.REFUSED, "MESSAGE_REJECTED: no such place")
    assert alice.updated_at == bob.updated_at == after(1)
    assert desk.batches(issue) == {BatchState.RECORDED: 1}
    assert desk.claim(issue, at=after(9)) is None


def test_of_a_batch_that_passed_in_part_only_the_rest_is_tried_again(desk: Desk) -> None:
    issue = desk.frozen("Alice", "Bob", "Charlie", "Dora")
    claim = desk.calling(issue)
    desk.record(claim, accepted(1), throttled(2), refused(3), doubtful(4), try_again=after(2))

    assert desk.claim(issue, at=after(1)) is None
    again = desk.claimed(issue, at=after(2))
    with desk.database.read() as conn:
        left = ledger.planned(conn, again)
    assert [recipient.name for recipient in left] == ["Bob"]

    assert desk.call(again, at=after(2))
    desk.record(again, accepted(2), at=after(3))
    assert desk.states(issue) == {
        "Alice": DeliveryState.ACCEPTED,
        "Bob": DeliveryState.ACCEPTED,
        "Charlie": DeliveryState.REFUSED,
        "Dora": DeliveryState.UNCERTAIN,
    }


def test_a_worker_that_lost_its_lease_cannot_write_over_its_successor(desk: Desk) -> None:
    issue = desk.frozen("Alice")
    wanda = desk.claimed(issue, "Wanda")
    desk.reap(at=after(LEASE))
    will = desk.calling(issue, "Will", at=after(LEASE))

    assert not desk.record(wanda, refused(1))
    assert desk.states(issue) == {"Alice": DeliveryState.PLANNED}

    assert desk.record(will, accepted(1))
    assert not desk.record(wanda, refused(1))
    assert desk.states(issue) == {"Alice": DeliveryState.ACCEPTED}


def test_nobody_records_twice(desk: Desk) -> None:
    issue = desk.frozen("Alice")
    claim = desk.calling(issue)
    desk.record(claim, accepted(1, "ses-1"))

    assert not desk.record(claim, accepted(1, "ses-2"))

    assert desk.deliveries(issue)[0].message_id == "ses-1"


def test_a_batch_that_was_not_called_has_nothing_to_record(desk: Desk) -> None:
    issue = desk.frozen("Alice")

    assert not desk.record(desk.claimed(issue), accepted(1))

    assert desk.states(issue) == {"Alice": DeliveryState.PLANNED}


def test_a_late_reply_to_the_same_attempt_settles_the_doubt(desk: Desk) -> None:
    issue = desk.frozen("Alice", "Bob", "Charlie")
    claim = desk.calling(issue)
    assert desk.reap(at=after(LEASE)) == 3

    assert desk.record(claim, accepted(1), refused(2), doubtful(3, "no answer"), at=after(LEASE + 5))

    assert desk.states(issue) == {
        "Alice": DeliveryState.ACCEPTED,
        "Bob": DeliveryState.REFUSED,
        "Charlie": DeliveryState.UNCERTAIN,
    }
    assert desk.reasons(issue)["Charlie"] == "no answer"


def test_a_late_reply_that_nothing_was_taken_plans_the_readers_again(desk: Desk) -> None:
    issue = desk.frozen("Alice")
    claim = desk.calling(issue)
    desk.reap(at=after(LEASE))

    assert desk.record(claim, throttled(1), at=after(LEASE + 5))

    assert desk.states(issue) == {"Alice": DeliveryState.PLANNED}
    assert desk.claimed(issue, at=after(LEASE + 5)).attempt == 2


def test_a_late_reply_plans_nobody_in_an_issue_that_is_finished(desk: Desk) -> None:
    """Nobody would claim them any more: they stay with what a person must look at."""
    issue = desk.frozen("Alice", "Bob")
    claim = desk.calling(issue)
    desk.reap(at=after(LEASE))
    with desk.database.write() as conn:
        issues.change(conn, issue, state=IssueState.FINISHED.value)

    assert desk.record(claim, throttled(1), accepted(2), at=after(LEASE + 5))

    assert desk.states(issue) == {"Alice": DeliveryState.UNCERTAIN, "Bob": DeliveryState.ACCEPTED}
    assert desk.reasons(issue)["Alice"] == "ACCOUNT_THROTTLED"
    assert desk.batches(issue) == {BatchState.UNCERTAIN: 1}


def test_who_must_not_be_mailed_any_more_is_skipped_with_the_reason(desk: Desk) -> None:
    issue = desk.frozen("Alice", "Bob")
    claim = desk.calling(issue)

    with desk.database.write() as conn:
        ledger.skip(conn, claim, {1: "left"}, now=after(1))
    desk.record(claim, accepted(2))

    assert desk.states(issue) == {"Alice": DeliveryState.SKIPPED, "Bob": DeliveryState.ACCEPTED}
    assert desk.reasons(issue)["Alice"] == "left"


def test_a_receipt_never_undoes_what_events_said_meanwhile(desk: Desk) -> None:
    issue = desk.frozen("Alice")
    claim = desk.calling(issue)
    desk.reap(at=after(LEASE))
    with desk.database.write() as conn:
        conn.exec_driver_sql("UPDATE delivery SET state = 'delivered'")

    desk.record(claim, doubtful(1), at=after(LEASE + 5))

    assert desk.states(issue) == {"Alice": DeliveryState.DELIVERED}


# --- What a dry run walks through --------------------------------------------------------------------------


def test_all_batches_are_walked_through_in_order_and_none_is_claimed(desk: Desk) -> None:
    desk.subscribe_many(1100)
    issue = desk.frozen(batch_size=1)

    with desk.database.read() as conn:
        numbers = [claim.number for claim in ledger.batches(conn, issue)]

    assert numbers == list(range(1, 1101))
    assert desk.batches(issue) == {BatchState.PLANNED: 1100}
