"""A database with every kind of row: what is copied from one database to another in tests."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

import subscribers
from digest.articles.sources.health import Health
from digest.deliver.pace import Pace
from digest.issue.lifecycle import Step
from digest.model import Candidate, Cause, Choice, IssueState, Reading, Rung, Story, Summary
from digest.store import (
    articles,
    asked,
    candidates,
    choices,
    issues,
    limits,
    outgoing,
    paces,
    readings,
    schema,
    sources,
)
from digest.store.candidates import Skipped
from digest.store.copying import TABLES
from digest.store.database import Database
from tests.store.desk import NOON, Desk, accepted, after, doubtful, refused
from tests.store.test_articles import EXTRACT, PIER

READERS = ("Alice", "Bob", "Charlie", "Dora", "Emil", "Frida", "Zoë", "Grace")
LATE = datetime(2026, 10, 25, 1, 30, 0, 123456, tzinfo=UTC)
WIRE = Health(location="https://wire.example/feed", good_at=LATE, failures=2, rhythm=timedelta(hours=7, seconds=0.5))


def fill(database: Database) -> dict[str, int]:
    """Issues by what became of them: half-sent, paused, uncertain, drafted."""
    desk = Desk(database)
    people = dict(zip(READERS, desk.subscribe(*(name.replace("ë", "e") for name in READERS)), strict=True))
    made = {name: desk.issue() for name in ("half-sent", "paused", "uncertain")}
    for issue in made.values():
        desk.freeze(issue, batch_size=3)
        desk.record(desk.calling(issue), accepted(1), refused(2), accepted(3))
    desk.record(desk.calling(made["uncertain"]), *(doubtful(position) for position in (4, 5, 6)), at=after(2))
    with database.write() as conn:
        issues.take(conn, issues.get(conn, made["paused"]), Step.PAUSE, actor="Nora", at=after(3), hold="told to wait")
        made["drafted"] = _draft(conn)
        _list(conn, people)
        outgoing.plan(conn, "confirm", "daily", people["Frida"], at=after(7))
        assert limits.take(conn, "a network", limits.Rule(times=2, seconds=60), now=after(7))
        paces.write(conn, "ses", Pace(next_free=1795341600.125, max_rate=14.0, rate=13.3, quota_left=49_999))
        sources.remember(conn, "daily", "Wire", '{"etag": "\\"7\\""}', WIRE)
        issues.change(conn, made["half-sent"], not_mailed={"has left": 2})
        _events(conn, made["half-sent"])
    return made


def _draft(conn: sa.Connection) -> int:
    article = articles.save(conn, PIER, EXTRACT, at=NOON)
    articles.offer(conn, article, "daily", at=NOON, source="Wire", section="news", weight=1.5, pinned=True)
    key, about = "a" * 64, articles.key_of(PIER)
    asked.count(conn, key, newsletter="daily", article=about, model="scribe", tokens=2417, dollars=0.0312, at=LATE)
    asked.settle(conn, key, text="", reason="It names “Paris”\t– no.")
    issue = issues.create(conn, "daily", on=date(2026, 11, 23), slot_at=LATE, at=NOON)
    story = Story(
        article_id=article,
        section="news",
        headline="The “pier” – תל\t\\.",
        summary=Summary(text="A\nB", rung=Rung.LEAD),
    )
    issues.arrange(conn, issue.id, [story])
    issues.note(conn, issue.id, actor="Nora", what="edit", detail="a tab\tand a \\N", at=LATE)
    candidate = Candidate(article_id=article, article=PIER, source="Wire", gathered_at=NOON)
    choices.keep(conn, issue.id, [Choice(candidate=candidate, chosen=True, cause=Cause.NEW, reason="Yes: “new”.")])
    choices.done(conn, issue.id, article, "moved from place 3 to 1", actor="Nora", at=LATE)
    readings.note(conn, article, Reading(headline="Pier – again", gone="404", etag='"7\\"'), at=LATE)
    candidates.skip(conn, Skipped(newsletter="daily", slot_at=LATE, at=NOON, why="one story is new\tof 3"))
    return issue.id


def _events(conn: sa.Connection, issue_id: int) -> None:
    """One that is kept as it came, one that nobody could read, figures of a year ago, a queue that speaks."""
    told = {"key": b"\x00\xffevent-of-bob\n", "kind": "bounce", "at": LATE, "received_at": NOON, "issue_id": issue_id}
    conn.execute(
        sa.insert(schema.event).values(**told, position=2, attempt=1, what="Permanent General", raw='{"é": "\\n"}')
    )
    aside = {"key": b"\x01" * 16, "at": NOON, "way": "queue", "reason": "it is not JSON", "body": "tab\t\\N"}
    conn.execute(sa.insert(schema.event_aside).values(**aside))
    conn.execute(sa.insert(schema.event_figure).values(issue_id=issue_id, kind="open", machine=1, events=12, readers=7))
    conn.execute(sa.insert(schema.event_way).values(way="queue", heard_at=LATE))


def _list(conn: sa.Connection, people: dict[str, int]) -> None:
    subscribers.leave(conn, people["Bob"], "daily", at=after(5), how="one-click")
    subscribers.suppress(conn, "dora@example.com", reason=subscribers.Reason.COMPLAINT, at=LATE, detail="abuse")
    subscribers.forget(conn, "emil@example.com", at=after(6))
    subscribers.pause(conn, people["Frida"], "daily", until=LATE)
    subscribers.choose(conn, people["Zoë"], "daily", min_days=7, topics=["culture", "sport"])
    subscribers.tag(conn, people["Grace"], "member")
    subscribers.touched(conn, [subscribers.Touch(people["Grace"], "daily", clicked_at=LATE, opened_at=NOON)])
    conn.execute(
        sa.update(subscribers.metadata.tables["subscriber"])
        .where(sa.column("id") == people["Zoë"])
        .values(name="Zoë ❤", language="fr")
    )


def everything(database: Database) -> dict[str, list[Any]]:
    """Table → its rows, as the program sees them."""
    with database.read() as conn:
        return {
            table.name: [tuple(row) for row in conn.execute(sa.select(table).order_by(*table.primary_key.columns))]
            for table in TABLES
        }


def rows(database: Database) -> int:
    return sum(map(len, everything(database).values()))


def state(database: Database, issue_id: int) -> IssueState:
    with database.read() as conn:
        return issues.get(conn, issue_id).state
