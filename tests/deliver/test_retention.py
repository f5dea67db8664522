"""Retention: after a set time nobody can tell who got an issue, and every figure is what it was."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

import subscribers
from digest.deliver import retention
from digest.errors import UsageMistake
from digest.model import Issue
from digest.report.figures import report
from digest.store import copying, deliveries, issues, schema, settling
from digest.store.retention import DELETED
from tests.newsroom import ARTICLE, Clock, Newsroom

BEGIN = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.fixture
def room(room: Newsroom) -> Newsroom:
    room.clock = Clock(BEGIN)
    return room


def sent(room: Newsroom, headline: str = "The north pier will be rebuilt", body: str = ARTICLE) -> Issue:
    room.write_article(headline, body)
    issue = room.app.drafting.draft(room.daily, actor="Nora").issue
    room.app.proofs.approve(issue.id, actor="Nora")
    room.app.delivery.start(issue.id, actor="Nora")
    became = [("accepted", ""), ("refused", "<bob@example.com>: no such mailbox"), ("uncertain", "the reply was lost")]
    with room.app.database.write() as conn:
        d, edition = schema.delivery.c, issues.editions(conn, issue.id)[0].id
        for position, (state, reason) in enumerate(became, 1):
            values = {"state": state, "reason": reason, "message_id": "m-1", "edition_id": edition}
            here = (d.issue_id == issue.id) & (d.position == position)
            conn.execute(sa.update(schema.delivery).where(here).values(values))
        issues.change(conn, issue.id, state="finished", finished_at=room.app.clock())
    return room.issue(issue.id)


def everything(room: Newsroom) -> str:
    """All that is stored but the list and the texts, as one text."""
    own = [table for table in copying.TABLES if table.metadata is schema.metadata and table.name != "edition"]
    with room.app.database.read() as conn:
        return "\n".join(str(tuple(row)) for table in own for row in conn.execute(sa.select(table)))


def test_who_got_an_old_issue_is_deleted_and_every_figure_stays(room: Newsroom) -> None:
    room.subscribe("Alice", "Bob", "Charlie")
    old = sent(room)
    room.clock.turn(days=300)  # type: ignore[union-attr]
    young = sent(room, "The ferry is back", ARTICLE[::-1])
    with room.app.database.read() as conn:
        before = deliveries.figures(conn, old.id)
        said = report(conn, old.id).lines()
    room.clock.turn(days=101)  # type: ignore[union-attr]

    pruned = room.app.retention.prune(actor="Nora")

    assert (pruned.issues, pruned.readers, pruned.more) == (1, 3, False)
    with room.app.database.read() as conn:
        after = deliveries.figures(conn, old.id)
        assert after.refused_why == {DELETED: 1}
        assert [line for line in report(conn, old.id).lines() if "refused" not in line] == [
            line for line in said if "refused" not in line
        ]
        assert all(row.address == "" for row in deliveries.listed(conn, old.id))
        assert [row.address for row in deliveries.listed(conn, young.id)] == [
            "alice@example.com",
            "bob@example.com",
            "charlie@example.com",
        ]
    assert (after.recipients, after.accepted, after.refused, after.uncertain, after.editions) == (
        before.recipients,
        before.accepted,
        before.refused,
        before.uncertain,
        before.editions,
    )
    assert room.issue(old.id).pruned_at == room.app.clock()


def test_nothing_of_the_old_issue_names_anybody(room: Newsroom) -> None:
    room.subscribe("Alice", "Bob", "Charlie")
    sent(room)
    assert "bob@example.com" in everything(room)

    room.app.retention.prune(before=room.app.clock() + retention.EVERY, actor="Nora")

    left = everything(room).lower()
    assert not [word for word in ("alice", "bob", "charlie", "@example.com", "m-1") if word in left]


def test_a_correction_from_before_still_says_what_it_said(room: Newsroom) -> None:
    room.subscribe("Alice", "Bob", "Charlie")
    wrong = sent(room)
    correction = room.app.correcting.correct(wrong.id, actor="Nora").issue
    room.app.proofs.approve(correction.id, actor="Nora", despite_errors=True)
    room.app.delivery.start(correction.id, actor="Nora")
    with room.app.database.write() as conn:
        issues.change(conn, correction.id, state="finished", finished_at=room.app.clock())
        before = [deliveries.figures(conn, issue.id) for issue in (wrong, correction)]

    room.clock.turn(days=401)  # type: ignore[union-attr]
    room.app.retention.prune(actor="Nora")

    with room.app.database.read() as conn:
        after = [deliveries.figures(conn, issue.id) for issue in (wrong, correction)]
    for then, now in zip(before, after, strict=True):
        assert (then.recipients, then.corrects, then.corrected_by) == (now.recipients, now.corrects, now.corrected_by)


def test_an_issue_whose_readers_are_deleted_cannot_be_corrected_and_says_why(room: Newsroom) -> None:
    room.subscribe("Alice", "Bob", "Charlie")
    issue = sent(room)
    room.clock.turn(days=401)  # type: ignore[union-attr]
    room.app.retention.prune(actor="Nora")

    with pytest.raises(UsageMistake, match=r"Who got issue 1 was deleted on 2027-12-28: nobody can be told any more"):
        room.app.correcting.correct(issue.id, actor="Nora")
    with room.app.database.write() as conn:
        assert settling.send_again(conn, issue.id, None, now=room.app.clock()) == 0
        assert deliveries.figures(conn, issue.id).uncertain == 1


def test_an_issue_on_its_way_is_left_alone_however_old_it_is(room: Newsroom) -> None:
    room.subscribe("Alice", "Bob", "Charlie")
    issue = sent(room)
    with room.app.database.write() as conn:
        issues.change(conn, issue.id, state="paused")
    room.clock.turn(days=500)  # type: ignore[union-attr]

    assert room.app.retention.prune(actor="Nora").issues == 0
    assert "bob@example.com" in everything(room)


def test_who_is_told_to_stop_stops_and_the_next_goes_on(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "_PORTION", 1)
    room.subscribe("Alice", "Bob", "Charlie")
    issue = sent(room)
    room.clock.turn(days=401)  # type: ignore[union-attr]
    asked = iter([False, True])

    first = room.app.retention.prune(lambda: next(asked), actor="Nora")

    assert (first.issues, first.readers, first.more) == (0, 1, True)
    assert room.issue(issue.id).pruned_at is None
    assert room.app.retention.is_due(), "it goes on at the next tick"
    second = room.app.retention.prune(actor="Nora")
    assert (second.issues, second.readers, second.more) == (1, 2, False)
    assert not room.app.retention.is_due()


def test_the_worker_deletes_by_itself_and_says_so(room: Newsroom) -> None:
    room.subscribe("Alice", "Bob", "Charlie")
    issue = sent(room)
    room.clock.turn(days=401)  # type: ignore[union-attr]
    said: list[str] = []

    room.app.worker.run(threading.Event(), say=said.append, until_idle=True)

    assert "Who got 1 old issue(s) was deleted; the figures stay" in said
    assert room.issue(issue.id).pruned_at is not None


def test_days_of_zero_keep_everything_for_ever(room: Newsroom) -> None:
    forever = retention.Retention(room.app.database, keep=None, clock=room.app.clock)
    room.subscribe("Alice", "Bob", "Charlie")
    sent(room)
    room.clock.turn(days=5000)  # type: ignore[union-attr]

    assert not forever.is_due()
    assert forever.prune(actor="Nora").issues == 0


def test_a_reader_of_an_old_issue_is_still_on_the_list(room: Newsroom) -> None:
    (alice, *_) = room.subscribe("Alice", "Bob", "Charlie")
    sent(room)
    room.clock.turn(days=401)  # type: ignore[union-attr]
    room.app.retention.prune(actor="Nora")

    with room.app.database.read() as conn:
        assert subscribers.get(conn, alice).address == "alice@example.com"
        assert deliveries.of_person(conn, alice) == []
