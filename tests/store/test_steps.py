"""Every change of state that the database makes is a step of the tables, whatever befalls a delivery."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

import subscribers
from digest.deliver import control
from digest.desk.editing import Edits
from digest.model import BatchState, DeliveryState
from digest.store import ledger, steps
from digest.store.database import Database
from tests.doubles.ses import SesDouble
from tests.newsroom import Newsroom
from tests.store.desk import LEASE, Desk, accepted, after, doubtful, refused, throttled

_SQLITE = """
CREATE TRIGGER watch_{table} AFTER UPDATE OF state ON {table} WHEN old.state <> new.state
BEGIN INSERT INTO seen VALUES ('{table}', old.state, new.state); END
"""
_POSTGRESQL = """
CREATE FUNCTION watch_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO seen VALUES ('{table}', old.state, new.state); RETURN new; END $$;
CREATE TRIGGER watch_{table} AFTER UPDATE ON {table} FOR EACH ROW WHEN (old.state <> new.state)
EXECUTE FUNCTION watch_{table}()
"""


def watch(database: Database) -> None:
    """Have the database itself write down every change of a state."""
    with database.write() as conn:
        conn.exec_driver_sql("CREATE TABLE seen (of_what TEXT, was TEXT, became TEXT)")
        for table in ("batch", "delivery"):
            conn.exec_driver_sql((_SQLITE if database.is_sqlite else _POSTGRESQL).format(table=table))


def forget_watching(database: Database) -> None:
    with database.write() as conn:
        if not database.is_sqlite:
            for table in ("batch", "delivery"):
                conn.exec_driver_sql(f"DROP TRIGGER watch_{table} ON {table}")
                conn.exec_driver_sql(f"DROP FUNCTION watch_{table}()")
        conn.exec_driver_sql("DROP TABLE seen")


def seen(database: Database) -> tuple[set[tuple[BatchState, BatchState]], set[tuple[DeliveryState, DeliveryState]]]:
    with database.read() as conn:
        rows = conn.execute(sa.text("SELECT DISTINCT of_what, was, became FROM seen")).all()
    of_batches = {(BatchState(was), BatchState(became)) for what, was, became in rows if what == "batch"}
    of_deliveries = {(DeliveryState(was), DeliveryState(became)) for what, was, became in rows if what == "delivery"}
    return of_batches, of_deliveries


def test_the_tables_know_every_state() -> None:
    assert steps.BATCH.keys() == set(BatchState)
    assert steps.DELIVERY.keys() == set(DeliveryState)


def test_whatever_a_worker_does_is_a_step_of_the_tables(desk: Desk) -> None:
    issue = desk.frozen("Alice", "Bob", "Charlie", "Dora", "Emil", "Fatima", batch_size=1)
    watch(desk.database)
    desk.release(desk.claimed(issue))
    desk.record(desk.calling(issue), accepted(1))
    desk.record(desk.calling(issue), refused(2))
    desk.record(desk.calling(issue), doubtful(3))
    throttled_one = desk.calling(issue)
    desk.record(throttled_one, throttled(4), try_again=after(1))
    late = desk.calling(issue)
    desk.reap(at=after(LEASE + 1))
    desk.record(late, accepted(5), at=after(LEASE + 2))
    claimed = desk.claimed(issue, at=after(LEASE + 2))
    desk.reap(at=after(3 * LEASE))
    with desk.database.write() as conn:
        control.settle(conn, issue, control.Decision.RESEND, actor="Nora", now=after(3 * LEASE))
    again = desk.calling(issue, at=after(3 * LEASE))
    with desk.database.write() as conn:
        ledger.skip(conn, again, {again.first: "left"}, now=after(3 * LEASE))
    desk.record(again, at=after(3 * LEASE))
    assert not desk.call(claimed, at=after(3 * LEASE)), "it was taken over"

    of_batches, of_deliveries = seen(desk.database)
    forget_watching(desk.database)

    assert {(was, became) for was, became in of_batches if became not in steps.BATCH[was]} == set()
    assert {(was, became) for was, became in of_deliveries if became not in steps.DELIVERY[was]} == set()
    every = {(was, became) for was, after_ in steps.BATCH.items() for became in after_}
    assert every - of_batches <= {(BatchState.RECORDED, BatchState.PLANNED)}, "a step that nothing takes"


def test_a_troubled_issue_takes_legal_steps_only(
    ses_newsroom: Newsroom, ses: SesDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, database = ses_newsroom, ses_newsroom.app.database
    monkeypatch.setattr("digest.deliver.call.TRY_AGAIN", after(0.1) - after(0))
    room.subscribe_many(220)
    issue = room.frozen()
    watch(database)
    with database.write() as conn:
        subscribers.suppress(conn, "reader7@example.com", reason=subscribers.Reason.COMPLAINT, at=room.app.clock())
    ses.fail_entries({"reader9@example.com": "MESSAGE_REJECTED", "reader60@example.com": "TRANSIENT_FAILURE"})
    ses.fault("drop")
    ses.refuse("TooManyRequestsException", "Maximum sending rate exceeded.")
    stop = threading.Event()
    room.app.delivery.deliver(issue.id, stop=stop, progress=lambda _: stop.set() if ses.accepted else None)
    with database.write() as conn:
        if room.issue(issue.id).state == "sending":
            control.pause(conn, issue.id, actor="Nora", now=room.app.clock())
    if room.issue(issue.id).state == "paused":
        room.app.editing.edit(issue.id, Edits(subject="Put right"), actor="Nora")
        room.app.proofs.approve(issue.id, actor="Nora")
        with database.write() as conn:
            control.resume(conn, issue.id, actor="Nora", now=room.app.clock())
        room.deliver(issue)
    with database.write() as conn:
        control.settle(conn, issue.id, control.Decision.RESEND, actor="Nora", now=room.app.clock())
    room.deliver(issue)

    of_batches, of_deliveries = seen(database)

    assert {(was, became) for was, became in of_batches if became not in steps.BATCH[was]} == set()
    assert {(was, became) for was, became in of_deliveries if became not in steps.DELIVERY[was]} == set()
    assert (DeliveryState.UNCERTAIN, DeliveryState.PLANNED) in of_deliveries
