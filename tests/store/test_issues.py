"""Issues, stories, editions and journal: what goes in comes out, and nobody moves what another has moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa

from digest.errors import IllegalStep, StoreError, UsageMistake
from digest.issue.lifecycle import Step
from digest.model import Article, Image, Issue, IssueState, Mention, Rung, Span, Story, Summary, Supporter
from digest.store import articles, issues, schema
from digest.store.database import Database
from tests.store.desk import NOON, rendered

SUNDAY = date(2026, 11, 22)
SLOT = datetime(2026, 11, 23, 6, tzinfo=UTC)


def create(database: Database, newsletter: str = "daily", *, slot_at: datetime | None = None) -> Issue:
    with database.write() as conn:
        return issues.create(conn, newsletter, on=SUNDAY, slot_at=slot_at, at=NOON)


def read(database: Database, issue_id: int) -> Issue:
    with database.read() as conn:
        return issues.get(conn, issue_id)


# --- Issues ------------------------------------------------------------------------------------------------


def test_a_new_issue_is_a_draft_with_its_newsletters_next_number(database: Database) -> None:
    first, second, other = create(database), create(database), create(database, "weekend")

    assert (first.number, second.number, other.number) == (1, 2, 1)
    assert first == Issue(
        id=first.id, newsletter="daily", number=1, state=IssueState.DRAFT, date=SUNDAY, created_at=NOON
    )
    assert read(database, first.id) == first


def test_every_field_of_an_issue_comes_back_as_it_went_in(database: Database) -> None:
    issue = create(database, slot_at=SLOT)
    fields: dict[str, Any] = {
        "subject": "Čćž: “quoted” – שלום",
        "preheader": "… and more",
        "scheduled_at": SLOT,
        "approved_at": NOON,
        "approved_by": "Nora",
        "fingerprint": "f" * 64,
        "audience": 1_000_000,
        "hold": "paused by Nora",
        "held_until": NOON + timedelta(microseconds=1),
        "started_at": NOON,
        "finished_at": SLOT,
    }
    with database.write() as conn:
        issues.change(conn, issue.id, **fields, state=IssueState.PAUSED.value)

    assert read(database, issue.id) == replace(issue, state=IssueState.PAUSED, **fields)


def test_moments_come_back_in_utc_from_whatever_zone(database: Database) -> None:
    in_tokyo = datetime(2026, 11, 23, 15, tzinfo=timezone(timedelta(hours=9)))
    issue = create(database, slot_at=in_tokyo)

    assert read(database, issue.id).slot_at == SLOT
    assert str(read(database, issue.id).slot_at).endswith("+00:00")
    with database.read() as conn:
        assert issues.for_slot(conn, "daily", in_tokyo) == read(database, issue.id)


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(sa.exc.StatementError, match="has no time zone"):
        create(database, slot_at=datetime(2026, 11, 23, 6))


def test_a_slot_makes_one_issue(database: Database) -> None:
    create(database, slot_at=SLOT)
    create(database, "weekend", slot_at=SLOT)

    with pytest.raises(StoreError, match="refused"):
        create(database, slot_at=SLOT)


def test_issues_are_listed_newest_first(database: Database) -> None:
    first, second, other = create(database), create(database), create(database, "weekend")
    with database.write() as conn:
        issues.change(conn, second.id, state=IssueState.CANCELLED.value)

        def ids(**wanted: object) -> list[int]:
            return [issue.id for issue in issues.listed(conn, **wanted)]  # type: ignore[arg-type]

        assert ids() == [other.id, second.id, first.id]
        assert ids(newsletter="daily") == [second.id, first.id]
        assert ids(states=[IssueState.DRAFT]) == [other.id, first.id]
        assert ids(newsletter="daily", states=[IssueState.DRAFT]) == [first.id]
        assert ids(limit=1) == [other.id]


def test_the_last_issue_that_stands_is_what_news_is_measured_by(database: Database) -> None:
    create(database)
    with database.write() as conn:
        later = issues.create(conn, "daily", on=SUNDAY, slot_at=None, at=SLOT)
        assert issues.last_created(conn, "daily") == SLOT
        assert issues.last_created(conn, "daily", before=later.id) == NOON
        assert issues.last_created(conn, "weekend") is None

        issues.change(conn, later.id, state=IssueState.CANCELLED.value)
        assert issues.last_created(conn, "daily") == NOON


# --- Steps and the journal ---------------------------------------------------------------------------------


def test_a_step_is_taken_and_written_down(database: Database) -> None:
    issue = create(database)

    with database.write() as conn:
        taken = issues.take(conn, issue, Step.APPROVE, actor="Nora", at=SLOT, detail="f" * 64, approved_by="Nora")
        journal = issues.journal(conn, issue.id)

    assert (taken.state, taken.approved_by) == (IssueState.APPROVED, "Nora")
    assert read(database, issue.id) == taken
    assert journal == [issues.Entry(at=SLOT, actor="Nora", what="approve", detail="f" * 64)]


def test_an_illegal_step_changes_and_says_nothing(database: Database) -> None:
    issue = create(database)

    with pytest.raises(IllegalStep), database.write() as conn:
        issues.take(conn, issue, Step.PAUSE, actor="Nora", at=SLOT)

    assert read(database, issue.id) == issue
    with database.read() as conn:
        assert issues.journal(conn, issue.id) == []


def test_a_step_from_a_state_that_somebody_else_has_left_is_refused(database: Database) -> None:
    seen = create(database)
    with database.write() as conn:
        issues.take(conn, seen, Step.CANCEL, actor="Olga", at=NOON)

    with pytest.raises(IllegalStep, match="was draft a moment ago and is cancelled now") as told, database.write() as c:
        issues.take(c, seen, Step.APPROVE, actor="Nora", at=SLOT, approved_by="Nora")

    assert told.value.hint == "Look again."
    after = read(database, seen.id)
    assert (after.state, after.approved_by) == (IssueState.CANCELLED, "")


def test_the_journal_keeps_its_order_within_a_moment(database: Database) -> None:
    issue = create(database)
    with database.write() as conn:
        for what in ("one", "two", "three"):
            issues.note(conn, issue.id, actor="Nora", what=what, at=NOON)

    with database.read() as conn:
        assert [entry.what for entry in issues.journal(conn, issue.id)] == ["one", "two", "three"]


def test_who_was_not_mailed_and_why_is_kept(database: Database) -> None:
    issue = create(database)
    with database.write() as conn:
        assert issues.not_mailed(conn, issue.id) == {}
        issues.change(conn, issue.id, not_mailed={"left": 3, "bounce": 1})

    with database.read() as conn:
        assert issues.not_mailed(conn, issue.id) == {"left": 3, "bounce": 1}


# --- Stories -----------------------------------------------------------------------------------------------


def article(database: Database, headline: str) -> int:
    piece = Article(
        url=f"https://harbour.example/{headline}",
        headline=headline,
        body="The board voted.\n\nThe work begins.",
        byline="Ann Reed",
        credit="Originally published by the Courier",
        publisher="Courier",
        image=Image(url="https://harbour.example/pier.jpg", alt="The pier"),
        language="en",
    )
    with database.write() as conn:
        return articles.save(conn, piece, None, at=NOON)


def story(article_id: int, headline: str) -> Story:
    return Story(
        article_id=article_id,
        section="news",
        headline=headline,
        summary=Summary(text="The board voted.", rung=Rung.EXTRACT, spans=(Span(start=0, end=16),)),
        also=(Mention(publisher="Gazette", url="https://gazette.example/pier"),),
        reason="new",
    )


def test_a_story_comes_back_with_our_words_and_the_articles_facts(database: Database) -> None:
    issue = create(database)
    ours = story(article(database, "pier"), "A new pier")
    with database.write() as conn:
        issues.arrange(conn, issue.id, [ours])

    with database.read() as conn:
        (found,) = issues.stories(conn, issue.id)

    assert found == replace(
        ours,
        id=found.id,
        url="https://harbour.example/pier",
        byline="Ann Reed",
        credit="Originally published by the Courier",
        publisher="Courier",
        image=Image(url="https://harbour.example/pier.jpg", alt="The pier"),
        language="en",
    )
    assert found.id > 0


def test_stories_are_arranged_kept_dropped_and_added_in_one_go(database: Database) -> None:
    issue = create(database)
    first, second, third = (article(database, name) for name in ("one", "two", "three"))
    with database.write() as conn:
        issues.arrange(conn, issue.id, [story(first, "One"), story(second, "Two")])
        one, two = issues.stories(conn, issue.id)

        issues.arrange(conn, issue.id, [story(third, "Three"), replace(two, headline="Two, again")])
        changed = issues.stories(conn, issue.id)

    assert [found.headline for found in changed] == ["Three", "Two, again"]
    assert changed[1].id == two.id
    assert one.id not in [found.id for found in changed]


def test_an_issue_carries_an_article_once(database: Database) -> None:
    issue = create(database)
    pier = article(database, "pier")

    with pytest.raises(StoreError, match="refused"), database.write() as conn:
        issues.arrange(conn, issue.id, [story(pier, "Pier"), story(pier, "Pier again")])


def test_one_issues_stories_are_not_touched_by_anothers(database: Database) -> None:
    one, other = create(database), create(database)
    pier = article(database, "pier")
    with database.write() as conn:
        issues.arrange(conn, one.id, [story(pier, "Pier")])
        issues.arrange(conn, other.id, [story(pier, "Pier")])
        issues.arrange(conn, one.id, [])

        assert issues.stories(conn, one.id) == []
        assert len(issues.stories(conn, other.id)) == 1


# --- Editions ----------------------------------------------------------------------------------------------


def test_editions_come_back_byte_for_byte(database: Database) -> None:
    issue = create(database)
    awkward = rendered("ask", "Zeilen\r\nmit\tallem – שלום \U0001f30d {{x}} %%{name}%% \\ ' \"")
    with database.write() as conn:
        issues.keep_editions(conn, issue.id, [(awkward, [Supporter.NONE, Supporter.LAPSED])])

    with database.read() as conn:
        (found,) = issues.editions(conn, issue.id)

    assert found.rendered == awkward
    assert found.fingerprint == awkward.fingerprint == found.rendered.fingerprint
    assert found.supporters == (Supporter.NONE, Supporter.LAPSED)


def test_keeping_editions_again_replaces_them_all(database: Database) -> None:
    issue = create(database)
    with database.write() as conn:
        issues.keep_editions(conn, issue.id, [(rendered("ask"), []), (rendered("thanks"), [])])
        issues.keep_editions(conn, issue.id, [(rendered("everyone"), [])])

        assert [edition.rendered.edition for edition in issues.editions(conn, issue.id)] == ["everyone"]


def test_an_issue_that_is_not_there_is_a_mistake_with_a_hint(database: Database) -> None:
    with database.read() as conn:
        with pytest.raises(UsageMistake, match="There is no issue 404") as told:
            issues.get(conn, 404)
        assert issues.find(conn, 404) is None

    assert "digest issues list" in told.value.hint


def test_an_issue_takes_its_stories_with_it(database: Database) -> None:
    """Foreign keys cascade on both databases."""
    issue = create(database)
    with database.write() as conn:
        issues.arrange(conn, issue.id, [])
        issues.note(conn, issue.id, actor="Nora", what="draft", at=NOON)
        issues.keep_editions(conn, issue.id, [(rendered(), [])])
        conn.execute(sa.delete(schema.issue).where(schema.issue.c.id == issue.id))

        assert issues.journal(conn, issue.id) == []
        assert issues.editions(conn, issue.id) == []
