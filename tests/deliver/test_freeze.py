"""Freezing: who gets an issue is decided once, and a brake leaves nothing behind."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import subscribers
from digest.deliver import control
from digest.desk.editing import Edits
from digest.errors import Brake, IllegalStep, NotApproved, UsageMistake
from digest.model import DeliveryState, IssueState, Supporter
from digest.store import deliveries, issues, schema
from tests.newsroom import ARTICLE, Newsroom


def roster(room: Newsroom, issue_id: int) -> list[str]:
    with room.app.database.read() as conn:
        return [row.address.partition("@")[0] for row in deliveries.listed(conn, issue_id)]


def rows(room: Newsroom) -> dict[str, int]:
    with room.app.database.read() as conn:
        return {
            table.name: conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in (schema.batch, schema.delivery)
        }


NOTHING = {"batch": 0, "delivery": 0}


# --- Who is in it ------------------------------------------------------------------------------------------


def test_the_roster_has_everybody_who_may_be_mailed_and_counts_who_may_not(room: Newsroom) -> None:
    room.subscribe("Alice", "Bob", "Charlie", "Dora", "Emil")
    _join_without_confirming(room, "frida@example.com")
    issue = room.approved()
    now = room.app.clock()
    with room.app.database.write() as conn:
        subscribers.leave(conn, _id(room, "Bob"), "daily", at=now, how="link")
        subscribers.suppress(conn, "charlie@example.com", reason=subscribers.Reason.BOUNCE, at=now)
        subscribers.forget(conn, "dora@example.com", at=now)

    frozen = room.app.delivery.start(issue.id, actor="Nora")

    assert roster(room, issue.id) == ["alice", "emil"]
    assert frozen.recipients == 2
    assert frozen.not_mailed == {"left": 1, "bounce": 1, "forgotten": 1, "unconfirmed": 1}
    with room.app.database.read() as conn:
        assert issues.not_mailed(conn, issue.id) == frozen.not_mailed


def test_every_kind_of_supporter_is_in_exactly_one_edition(room: Newsroom) -> None:
    for supporter in Supporter:
        room.subscribe(f"{supporter.value}-giver", supporter=supporter.value)
    issue = room.approved()

    frozen = room.app.delivery.start(issue.id, actor="Nora")

    assert set(frozen.editions) == {"ask", "thanks"}
    assert frozen.recipients == len(Supporter)
    assert sorted(roster(room, issue.id)) == sorted(f"{supporter.value}-giver" for supporter in Supporter)
    with room.app.database.read() as conn:
        covered = [supporter for edition in issues.editions(conn, issue.id) for supporter in edition.supporters]
    assert sorted(covered) == sorted(Supporter)


def test_readers_of_another_newsletter_are_not_in_it(room: Newsroom) -> None:
    room.subscribe("Alice")
    room.subscribe("Bob", newsletter="weekend")
    issue = room.approved()

    room.app.delivery.start(issue.id, actor="Nora")

    assert roster(room, issue.id) == ["alice"]


def test_the_moment_and_the_person_are_kept(room: Newsroom) -> None:
    room.subscribe("Alice")
    issue = room.approved()

    room.app.delivery.start(issue.id, actor="Nora")

    started = room.issue(issue.id)
    assert started.state is IssueState.SENDING
    assert started.started_at is not None
    with room.app.database.read() as conn:
        last = issues.journal(conn, issue.id)[-1]
    assert (last.actor, last.what, last.at) == ("Nora", "start", started.started_at)


def test_whoever_joins_after_the_freeze_gets_the_next_issue(room: Newsroom) -> None:
    room.subscribe("Alice")
    issue = room.frozen()
    room.subscribe("Bob")

    room.deliver(issue)

    assert roster(room, issue.id) == ["alice"]


@pytest.mark.parametrize(("before", "after"), [("none", "monthly"), ("monthly", "none")])
def test_whoever_begins_or_ceases_to_give_while_the_list_is_frozen_is_in_one_edition(
    postgres_ready: str, tmp_path: Path, before: str, after: str
) -> None:
    """On PostgreSQL others write meanwhile; on SQLite they wait."""
    room = Newsroom(tmp_path, environment={"DIGEST_DATABASE_URL": postgres_ready})
    room.subscribe("Alice", supporter="none")
    room.subscribe("Bob", supporter="monthly")
    room.subscribe("Charlie", supporter=before)
    issue = room.approved()
    donations = sa.create_engine(postgres_ready)

    @sa.event.listens_for(room.app.database._engine, "after_cursor_execute")
    def give(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO delivery"):
            with donations.begin() as conn:
                conn.exec_driver_sql(f"UPDATE subscriber SET supporter = '{after}' WHERE name = 'Charlie'")

    frozen = room.app.delivery.start(issue.id, actor="Nora")

    assert frozen.recipients == 3
    assert sorted(roster(room, issue.id)) == ["alice", "bob", "charlie"]
    donations.dispose()
    room.app.close()


# --- Brakes ------------------------------------------------------------------------------------------------


def test_an_audience_that_jumped_stops_it_and_leaves_nothing_behind(room: Newsroom) -> None:
    room.subscribe("Alice")
    issue = room.approved()
    room.subscribe_many(60)

    with pytest.raises(Brake, match="would go to 61 readers; at approval it was 1"):
        room.app.delivery.start(issue.id, actor="Nora")

    assert room.issue(issue.id) == issue
    assert rows(room) == NOTHING


def test_an_audience_that_grew_as_audiences_do_is_fine(room: Newsroom) -> None:
    room.subscribe("Alice")
    issue = room.approved()
    room.subscribe("Bob", "Charlie")

    assert room.app.delivery.start(issue.id, actor="Nora").recipients == 3


def test_approving_again_accepts_the_audience_that_jumped(room: Newsroom) -> None:
    room.subscribe("Alice")
    issue = room.approved()
    room.subscribe_many(60)
    room.app.proofs.approve(issue.id, actor="Olga")

    assert room.app.delivery.start(issue.id, actor="Nora").recipients == 61


def test_an_issue_for_nobody_is_not_sent(room: Newsroom) -> None:
    issue = room.approved()

    with pytest.raises(Brake, match="has no readers"):
        room.app.delivery.start(issue.id, actor="Nora")

    assert room.issue(issue.id) == issue


def test_an_issue_that_nobody_approved_is_not_sent(room: Newsroom) -> None:
    room.subscribe("Alice")
    draft = room.draft()

    with pytest.raises(IllegalStep, match="is not approved"):
        room.app.delivery.start(draft.id, actor="Nora")

    assert room.issue(draft.id) == draft
    assert rows(room) == NOTHING


@pytest.mark.parametrize(
    ("column", "value"), [("html", "<p>Buy pigeons</p>"), ("text", "Buy pigeons"), ("subject", "Pigeons")]
)
def test_bytes_that_were_changed_in_the_database_are_not_sent(room: Newsroom, column: str, value: str) -> None:
    room.subscribe("Alice")
    issue = room.approved()
    with room.app.database.write() as conn:
        conn.execute(sa.update(schema.edition).values({column: value}))

    with pytest.raises(NotApproved, match="is not what was approved"):
        room.app.delivery.start(issue.id, actor="Nora")

    assert room.issue(issue.id) == issue
    assert rows(room) == NOTHING


def test_not_even_a_fingerprint_changed_along_with_the_bytes_helps(room: Newsroom) -> None:
    room.subscribe("Alice")
    issue = room.approved()
    with room.app.database.write() as conn:
        conn.execute(sa.update(schema.edition).values(html="<p>Buy pigeons</p>"))
        for edition in issues.editions(conn, issue.id):
            here = schema.edition.c.id == edition.id
            conn.execute(sa.update(schema.edition).where(here).values(fingerprint=edition.rendered.fingerprint))

    with pytest.raises(NotApproved):
        room.app.delivery.start(issue.id, actor="Nora")


def test_bytes_that_were_changed_after_the_freeze_are_not_sent_either(room: Newsroom) -> None:
    room.subscribe("Alice")
    issue = room.frozen()
    with room.app.database.write() as conn:
        conn.execute(sa.update(schema.edition).values(html="<p>Buy pigeons</p>"))

    with pytest.raises(NotApproved, match="is not what was approved"):
        room.deliver(issue)

    paused = room.issue(issue.id)
    assert paused.state is IssueState.PAUSED
    assert "is not what was approved" in paused.hold
    assert not (room.folder / "data" / "outbox").exists()


# --- Twice -------------------------------------------------------------------------------------------------


def test_an_issue_is_started_once(room: Newsroom) -> None:
    room.subscribe("Alice")
    issue = room.frozen()

    with pytest.raises(IllegalStep, match="cannot be sent"):
        room.app.delivery.start(issue.id, actor="Olga")

    assert roster(room, issue.id) == ["alice"]


def test_of_two_workers_that_start_it_at_once_one_does(room: Newsroom) -> None:
    room.subscribe("Alice", "Bob")
    issue = room.approved()
    apps = [room.open(), room.open()]
    together = threading.Barrier(2)
    came_out: list[object] = []

    def start(index: int) -> None:
        delivery = apps[index].delivery
        together.wait()
        try:
            came_out.append(delivery.start(issue.id, actor=f"Worker {index}").recipients)
        except IllegalStep as late:
            came_out.append(type(late))

    threads = [threading.Thread(target=start, args=(index,)) for index in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for app in apps:
        app.close()

    assert sorted(came_out, key=str) == [2, IllegalStep]
    assert sorted(roster(room, issue.id)) == ["alice", "bob"]


def test_a_finished_issue_is_not_sent_again(room: Newsroom) -> None:
    room.subscribe("Alice")
    issue = room.frozen()
    room.deliver(issue)

    with pytest.raises(IllegalStep, match="every reader was already taken care of"):
        room.app.delivery.start(issue.id, actor="Nora")
    assert room.deliver(issue).accepted == 1
    with room.app.database.read() as conn:
        assert [row.state for row in deliveries.listed(conn, issue.id)] == [DeliveryState.ACCEPTED]


def _id(room: Newsroom, name: str) -> int:
    with room.app.database.read() as conn:
        found = subscribers.find(conn, f"{name.lower()}@example.com")
    assert found is not None
    return found.id


def _join_without_confirming(room: Newsroom, address: str) -> None:
    now = room.app.clock()
    consent = subscribers.Consent(at=now, act=subscribers.Act.JOINED, how="form")
    with room.app.database.write() as conn:
        subscribers.add(conn, address, newsletter="daily", consent=consent, at=now, state=subscribers.State.UNCONFIRMED)


# --- Segments, and readers who want less ----------------------------------------------------------------------


def test_an_issue_for_a_segment_counts_those_outside_of_it(room: Newsroom) -> None:
    alice, _, charlie = room.subscribe("Alice", "Bob", "Charlie")
    now = room.app.clock()
    with room.app.database.write() as conn:
        subscribers.tag(conn, alice, "member")
        subscribers.tag(conn, charlie, "member")
        subscribers.leave(conn, charlie, "daily", at=now, how="link")
    issue = room.draft()
    room.app.editing.edit(issue.id, Edits(segment="tag:member"), actor="Nora")
    approved, _ = room.app.proofs.approve(issue.id, actor="Nora")
    assert approved.audience == 1

    frozen = room.app.delivery.start(issue.id, actor="Nora")

    assert roster(room, issue.id) == ["alice"]
    assert frozen.not_mailed == {"left": 1, "not in the segment": 1}


def test_nobody_in_the_segment_stops_the_issue_and_says_how_to_look(room: Newsroom) -> None:
    room.subscribe("Alice")
    issue = room.draft()
    room.app.editing.edit(issue.id, Edits(segment="tag:member"), actor="Nora")
    room.app.proofs.approve(issue.id, actor="Nora")

    with pytest.raises(Brake, match="nobody in its segment “tag:member” may be mailed") as stopped:
        room.app.delivery.start(issue.id, actor="Nora")

    assert "digest segments count 'tag:member' -n daily" in stopped.value.hint
    assert rows(room) == NOTHING


def test_a_segment_that_changed_behind_the_editors_back_is_not_approved(room: Newsroom) -> None:
    room.subscribe("Alice")
    issue = room.approved()
    with room.app.database.write() as conn:
        issues.change(conn, issue.id, segment="tag:member or not tag:member")

    with pytest.raises(NotApproved):
        room.app.delivery.start(issue.id, actor="Nora")

    assert rows(room) == NOTHING


def test_on_its_way_an_issue_keeps_its_readers(room: Newsroom) -> None:
    room.subscribe("Alice")
    issue = room.frozen()
    with room.app.database.write() as conn:
        control.pause(conn, issue.id, actor="Nora", now=room.app.clock())

    with pytest.raises(UsageMistake, match="who gets it was decided when it started"):
        room.app.editing.edit(issue.id, Edits(segment="tag:member"), actor="Nora")


def test_a_reader_who_wants_one_issue_a_week_gets_this_one_and_not_the_next(room: Newsroom) -> None:
    alice, _ = room.subscribe("Alice", "Bob")
    with room.app.database.write() as conn:
        subscribers.choose(conn, alice, "daily", min_days=7)

    first = room.frozen()
    figures = room.deliver(first)
    assert (figures.accepted, figures.skipped) == (2, 0), "this very issue is no reason against itself"
    room.write_article("Another story", "The ferry is back on its old route.\n\n" + ARTICLE[::-1])
    issue, _ = room.app.proofs.approve(room.app.drafting.draft(room.daily, actor="Nora").issue.id, actor="Nora")
    frozen = room.app.delivery.start(issue.id, actor="Nora")

    assert roster(room, issue.id) == ["bob"]
    assert frozen.not_mailed == {"had an issue lately": 1}


def test_a_reader_who_pauses_after_the_freeze_is_skipped_with_the_reason(room: Newsroom) -> None:
    alice, _ = room.subscribe("Alice", "Bob")
    issue = room.frozen()
    with room.app.database.write() as conn:
        subscribers.pause(conn, alice, "daily", until=datetime(2099, 12, 24, tzinfo=UTC))

    figures = room.deliver(issue)

    assert (figures.accepted, figures.skipped_why) == (1, {"paused until 2099-12-24": 1})
