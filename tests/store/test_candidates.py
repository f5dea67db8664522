"""What changes after an issue took it: the article, its page, and what editors make of the choice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from digest.model import Candidate, Cause, Choice, IssueState, Reading, Rung, Story, Summary
from digest.store import articles, candidates, choices, issues, readings
from digest.store.candidates import Skipped
from digest.store.choices import Deed, Merged
from digest.store.database import Database
from tests.store.desk import NOON
from tests.store.test_articles import EXTRACT, PIER

HOUR = timedelta(hours=1)
REBUILT = replace(PIER, body="The board voted again.\n\nNobody begins in spring.", headline="The pier is put off")


def save(database: Database, article: object = PIER, *, after: int = 0) -> int:
    with database.write() as conn:
        return articles.save(conn, article, EXTRACT, location="https://harbour.example/pier", at=NOON + after * HOUR)  # type: ignore[arg-type]


def carry(
    database: Database, article_id: int, *, state: IssueState = IssueState.FINISHED, newsletter: str = "daily"
) -> int:
    with database.write() as conn:
        articles.offer(conn, article_id, newsletter, source="Wire", pinned=True, at=NOON)
        issue = issues.create(conn, newsletter, on=date(2026, 11, 22), slot_at=None, at=NOON)
        story = Story(article_id=article_id, section="news", headline="Told", summary=Summary(text="A", rung=Rung.LEAD))
        issues.arrange(conn, issue.id, [story])
        issues.change(conn, issue.id, state=state.value)
        return issue.id


def on_offer(database: Database, newsletter: str = "daily") -> list[Candidate]:
    with database.read() as conn:
        return candidates.candidates(conn, newsletter, since=NOON)


# --- Articles that changed ---------------------------------------------------------------------------------


def test_an_article_whose_text_changed_after_its_issue_is_on_offer_again_as_new_as_its_change(
    database: Database,
) -> None:
    """An editor's pin was for the issue that carried it."""
    carry(database, save(database))
    save(database, after=1)
    assert on_offer(database) == [], "it was read again and is the same"

    save(database, REBUILT, after=2)

    (again,) = on_offer(database)
    assert (again.article.headline, again.gathered_at, again.pinned) == (REBUILT.headline, NOON + 2 * HOUR, False)


@pytest.mark.parametrize("state", [IssueState.DRAFT, IssueState.APPROVED, IssueState.SCHEDULED, IssueState.PAUSED])
def test_a_story_of_an_issue_that_is_not_out_is_taken_however_it_changes(database: Database, state: IssueState) -> None:
    carry(database, save(database), state=state)
    save(database, REBUILT, after=2)

    assert on_offer(database) == []
    with database.read() as conn:
        assert candidates.out(conn, "daily", since=NOON) == []


def test_what_an_issue_carried_is_remembered_as_it_was(database: Database) -> None:
    issue = carry(database, save(database))
    save(database, REBUILT, after=2)

    with database.read() as conn:
        (carried,) = candidates.carried(conn, "daily", since=NOON)
    assert (carried.issue, carried.article.body, carried.article.headline) == (issue, PIER.body, PIER.headline)


def test_what_is_out_is_known_with_its_place_unless_another_newsletter_is_still_to_send_it(database: Database) -> None:
    pier = save(database)
    carry(database, pier)
    with database.read() as conn:
        (out,) = candidates.out(conn, "daily", since=NOON)
        assert (out.location, out.source, out.article) == ("https://harbour.example/pier", "Wire", PIER)
        assert candidates.out(conn, "daily", since=NOON + HOUR) == []

    carry(database, pier, state=IssueState.DRAFT, newsletter="weekend")

    with database.read() as conn:
        assert candidates.out(conn, "daily", since=NOON) == []


# --- Pages that changed ------------------------------------------------------------------------------------


def basis(database: Database, issue: int) -> readings.Basis:
    with database.read() as conn:
        (found,) = readings.of(conn, [issue])
        return found


def test_a_story_keeps_what_its_page_said_when_the_issue_took_it(database: Database) -> None:
    pier = save(database, replace(PIER, own_headline="Pier!", correction="Correction: it is the south pier."))
    issue = carry(database, pier)
    said = Reading(headline="Pier!", correction="Correction: it is the south pier.")
    assert (basis(database, issue).then, basis(database, issue).now) == (said, said)

    seen = Reading(headline="No pier", gone="", etag='"7"', last_modified="Sun, 22 Nov 2026 12:00:00 GMT")
    with database.write() as conn:
        readings.note(conn, pier, seen, at=NOON + HOUR)

    found = basis(database, issue)
    assert (found.article_id, found.newsletter, found.source, found.headline) == (pier, "daily", "Wire", "Told")
    assert (found.then, found.now) == (said, replace(seen, at=NOON + HOUR))


def test_an_approval_takes_what_was_seen_as_what_is_compared_from_now_on(database: Database) -> None:
    issue = carry(database, save(database))
    pier = basis(database, issue).article_id
    with database.write() as conn:
        readings.note(conn, pier, Reading(gone="404"), at=NOON)
        readings.accept(conn, issue)

    assert basis(database, issue).then == Reading(gone="404")
    with database.read() as conn:
        assert candidates.carried(conn, "daily", since=NOON)[0].article.body == PIER.body


def test_who_reads_the_article_itself_again_knows_better_than_an_older_look(database: Database) -> None:
    issue = carry(database, save(database))
    with database.write() as conn:
        readings.note(conn, basis(database, issue).article_id, Reading(gone="404"), at=NOON)

    save(database, replace(PIER, own_headline="It is there again"), after=1)

    assert basis(database, issue).now == Reading(headline="It is there again")


# --- Why ---------------------------------------------------------------------------------------------------


def test_choices_are_kept_in_order_with_their_copies_and_what_editors_did(database: Database) -> None:
    pier, ferry = save(database), save(database, replace(PIER, url="https://harbour.example/ferry", headline="Ferry"))
    issue = carry(database, pier, state=IssueState.DRAFT)
    one = Candidate(article_id=pier, article=PIER, source="Wire", section="news", gathered_at=NOON)
    copy = Candidate(article_id=99, article=replace(PIER, headline="A copy"), source="Rival", gathered_at=NOON)
    with database.write() as conn:
        choices.keep(
            conn, issue, [Choice(candidate=one, chosen=True, cause=Cause.NEW, reason="Yes: “new”.", also=(copy,))]
        )
        choices.done(conn, issue, pier, "moved from place 2 to 1", actor="Nora", at=NOON)
        choices.done(conn, issue, pier, "dropped", actor="Zoë", at=NOON + HOUR)
        choices.done(conn, issue, ferry, "added", actor="Nora", at=NOON)

        first, added = choices.of(conn, issue)

    assert (first.article, first.chosen, first.cause, first.reason) == (pier, True, Cause.NEW, "Yes: “new”.")
    assert first.also == (Merged(article=99, headline="A copy", publisher="Courier", source="Rival"),)
    assert first.since == (
        Deed(at=NOON, actor="Nora", what="moved from place 2 to 1"),
        Deed(at=NOON + HOUR, actor="Zoë", what="dropped"),
    )
    assert (added.headline, added.chosen, added.cause, added.published_at) == ("Ferry", False, None, PIER.published_at)


# --- Times that were skipped -------------------------------------------------------------------------------


def test_a_time_is_skipped_once_and_not_any_more_when_there_is_an_issue_after_all(database: Database) -> None:
    skipped = Skipped(newsletter="daily", slot_at=NOON, at=NOON - HOUR, why="one story")
    with database.write() as conn:
        assert candidates.skip(conn, skipped)
        assert not candidates.skip(conn, replace(skipped, why="said again"))
        assert candidates.skipped(conn, since=NOON) == candidates.skipped(conn, "daily", since=NOON) == [skipped]
        assert candidates.skipped(conn, "weekend", since=NOON) == []
        assert candidates.skipped(conn, since=NOON + HOUR) == []

        candidates.not_skipped(conn, "daily", NOON)
        assert candidates.skipped(conn, since=NOON) == []
