"""Articles, offers and what sources remember: what goes in comes out, and nothing is offered or carried twice."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from digest.articles.selection.carried import Carried
from digest.errors import UsageMistake
from digest.model import Article, Candidate, Dropped, DropReason, Image, IssueState, Rung, Span, Story, Summary
from digest.store import articles, candidates, issues
from digest.store.database import Database
from tests.store.desk import NOON

PIER = Article(
    url="https://harbour.example/pier",
    headline="The pier – “rebuilt”",
    body="The board voted.\n\nThe work begins in spring.",
    standfirst="A vote",
    byline="Ann Reed",
    bio="Ann Reed is a reporter.",
    credit="Originally published by the Courier",
    appeal="Support the Courier",
    image=Image(url="https://harbour.example/pier.jpg", alt="The pier"),
    language="en",
    published_at=datetime(2026, 11, 20, 8, 30, tzinfo=UTC),
    publisher="Courier",
    categories=("Harbour", "Town"),
    dropped=(Dropped(text="Follow us", reason=DropReason.PROMOTION),),
    warnings=("The byline is in the text.",),
)
EXTRACT = Summary(text="The board voted.", rung=Rung.EXTRACT, spans=(Span(start=0, end=16),))
HOURS = timedelta(hours=1)


def save(database: Database, article: Article, summary: Summary | None = EXTRACT, *, at: datetime = NOON) -> int:
    with database.write() as conn:
        return articles.save(conn, article, summary, at=at)


def get(database: Database, article_id: int) -> articles.StoredArticle:
    with database.read() as conn:
        return articles.get(conn, article_id)


def offer(database: Database, article_id: int, newsletter: str = "daily", **options: Any) -> bool:
    with database.write() as conn:
        return articles.offer(conn, article_id, newsletter, **{"at": NOON} | options)


def on_offer(database: Database, newsletter: str = "daily", *, since: datetime = NOON - HOURS) -> list[Candidate]:
    with database.read() as conn:
        return candidates.candidates(conn, newsletter, since=since)


def carry(
    database: Database, article_id: int, newsletter: str = "daily", *, state: IssueState = IssueState.DRAFT
) -> None:
    """An issue with this article."""
    with database.write() as conn:
        issue = issues.create(conn, newsletter, on=date(2026, 11, 22), slot_at=None, at=NOON)
        issues.arrange(conn, issue.id, [Story(article_id=article_id, section="news", headline="Pier", summary=EXTRACT)])
        issues.change(conn, issue.id, state=state.value)


# --- Articles ----------------------------------------------------------------------------------------------


def test_an_article_comes_back_as_it_went_in(database: Database) -> None:
    found = get(database, save(database, PIER))

    assert found.article == PIER
    assert found.summary == EXTRACT
    assert found.gathered_at == NOON


def test_an_article_with_nothing_but_words_comes_back_so(database: Database) -> None:
    bare = Article(url="", headline="", body="Only words.")

    found = get(database, save(database, bare, None))

    assert found.article == bare
    assert found.summary is None


def test_the_same_address_is_the_same_article_however_it_is_written(database: Database) -> None:
    first = save(database, PIER)

    again = save(database, replace(PIER, url="https://HARBOUR.example/pier?utm_source=feed#top", body="Changed."))

    assert again == first
    assert get(database, first).article.body == "Changed."


def test_articles_without_an_address_are_told_apart_by_their_text(database: Database) -> None:
    column = Article(url="", headline="A column", body="Once upon a time.")

    assert save(database, column) == save(database, replace(column, headline="Renamed"))
    assert save(database, column) != save(database, replace(column, body="Another time."))


def test_gathering_again_keeps_when_it_was_first_seen(database: Database) -> None:
    first = save(database, PIER)

    save(database, PIER, at=NOON + HOURS)

    assert get(database, first).gathered_at == NOON


def test_what_an_editor_wrote_outlives_the_next_gathering(database: Database) -> None:
    pier = save(database, PIER)
    with database.write() as conn:
        articles.edit(conn, pier, {"summary": "The pier will be back."}, at=NOON)

    save(database, replace(PIER, body="Changed."), EXTRACT)

    words = Summary(text="The pier will be back.", rung=Rung.EDITOR, about=PIER.mark)
    assert get(database, pier).summary == words
    assert get(database, pier).article.body == "Changed."


def test_why_a_summary_is_not_better_is_kept_with_it(database: Database) -> None:
    told = replace(EXTRACT, why=("The publisher's summary line is cut off.",))
    pier = save(database, PIER, told)

    assert get(database, pier).summary == told


def test_a_headline_that_an_editor_gave_is_kept_where_the_source_has_none(database: Database) -> None:
    untitled = replace(PIER, headline="")
    pier = save(database, untitled)
    with database.read() as conn:
        assert [found.id for found in articles.needing_headline(conn)] == [pier]
    with database.write() as conn:
        articles.edit(conn, pier, {"headline": "The pier"}, at=NOON)

    save(database, untitled)

    assert get(database, pier).article.headline == "The pier"
    with database.read() as conn:
        assert articles.needing_headline(conn) == []


def test_two_who_gather_the_same_article_at_once_store_it_once(postgres_ready: str) -> None:
    """PostgreSQL lets both begin; the second waits for the first and finds its article."""
    database = Database(postgres_ready)
    found: list[int] = []
    with database.write() as conn:
        first = articles.save(conn, PIER, EXTRACT, at=NOON)
        articles.offer(conn, first, "daily", at=NOON)
        other = threading.Thread(target=lambda: found.append(save(database, PIER)))
        other.start()
        other.join(0.2)
        assert found == []
    other.join(5)
    database.close()

    assert found == [first]


def test_several_articles_are_read_in_one_go(database: Database) -> None:
    pier, ferry = save(database, PIER), save(database, replace(PIER, url="https://harbour.example/ferry"))

    with database.read() as conn:
        assert set(articles.several(conn, [pier, ferry, 404])) == {pier, ferry}
        assert articles.several(conn, []) == {}


def test_the_newest_come_first(database: Database) -> None:
    pier = save(database, PIER)
    ferry = save(database, replace(PIER, url="https://harbour.example/ferry"), at=NOON + HOURS)
    offer(database, pier)

    with database.read() as conn:
        assert [found.id for found in articles.newest(conn)] == [ferry, pier]
        assert [found.id for found in articles.newest(conn, limit=1)] == [ferry]
        assert [found.id for found in articles.newest(conn, newsletter="daily")] == [pier]


def test_an_article_that_is_not_there_is_a_mistake_with_a_hint(database: Database) -> None:
    with pytest.raises(UsageMistake, match="There is no article 404") as told, database.read() as conn:
        articles.get(conn, 404)
    with pytest.raises(UsageMistake, match="There is no article 404"), database.write() as conn:
        articles.edit(conn, 404, {"headline": "Nothing"}, at=NOON)

    assert "digest articles list" in told.value.hint


# --- Offers ------------------------------------------------------------------------------------------------


def test_what_is_offered_is_a_candidate_with_all_that_was_said_of_it(database: Database) -> None:
    pier = save(database, PIER)

    assert offer(database, pier, source="Courier", section="news", weight=1.5, pinned=True)

    assert on_offer(database) == [
        Candidate(
            article_id=pier,
            article=PIER,
            source="Courier",
            section="news",
            weight=1.5,
            gathered_at=NOON,
            pinned=True,
        )
    ]


def test_offering_again_is_not_new_and_loses_nothing(database: Database) -> None:
    pier = save(database, PIER)
    offer(database, pier, section="news", weight=2.0)

    assert not offer(database, pier, weight=0.5, at=NOON + HOURS)

    (found,) = on_offer(database)
    assert (found.section, found.weight, found.gathered_at, found.pinned) == ("news", 2.0, NOON, False)


def test_an_editor_may_pin_and_place_what_is_on_offer(database: Database) -> None:
    pier = save(database, PIER)
    offer(database, pier, section="news")

    offer(database, pier, section="culture", pinned=True)
    offer(database, pier)

    (found,) = on_offer(database)
    assert (found.section, found.pinned) == ("culture", True)


def test_old_offers_are_candidates_only_when_pinned(database: Database) -> None:
    old, pinned = save(database, PIER), save(database, replace(PIER, url="https://harbour.example/ferry"))
    offer(database, old)
    offer(database, pinned, pinned=True)

    assert [found.article_id for found in on_offer(database, since=NOON + HOURS)] == [pinned]
    assert [found.article_id for found in on_offer(database, since=NOON)] == [old, pinned]


def test_an_offer_is_to_one_newsletter(database: Database) -> None:
    pier = save(database, PIER)
    offer(database, pier)

    assert on_offer(database, "weekend") == []
    with database.read() as conn:
        assert articles.is_offered(conn, "daily", "https://harbour.example/pier?utm_source=x")
        assert not articles.is_offered(conn, "weekend", PIER.url)


def test_what_was_withdrawn_is_no_candidate(database: Database) -> None:
    pier = save(database, PIER)
    offer(database, pier)
    with database.write() as conn:
        assert articles.withdraw(conn, pier, "daily")
        assert not articles.withdraw(conn, pier, "daily")

    assert on_offer(database) == []


# --- What issues carried -----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", list(IssueState))
def test_what_an_issue_carries_is_no_candidate_unless_the_issue_was_cancelled(
    database: Database, state: IssueState
) -> None:
    pier = save(database, PIER)
    offer(database, pier, pinned=True)
    carry(database, pier, state=state)
    free = state is IssueState.CANCELLED

    assert [found.article_id for found in on_offer(database)] == ([pier] if free else [])
    with database.read() as conn:
        assert candidates.carried(conn, "daily", since=NOON) == ([] if free else [Carried(article=PIER, issue=1)])


def test_another_newsletter_may_carry_it_too(database: Database) -> None:
    pier = save(database, PIER)
    offer(database, pier)
    carry(database, pier, "weekend")

    assert [found.article_id for found in on_offer(database)] == [pier]
    with database.read() as conn:
        assert candidates.carried(conn, "daily", since=NOON) == []


def test_only_recent_issues_are_remembered_newest_first(database: Database) -> None:
    pier = save(database, PIER)
    ferry = save(database, replace(PIER, url="https://harbour.example/ferry"))
    carry(database, pier)
    carry(database, ferry)

    with database.read() as conn:
        remembered = candidates.carried(conn, "daily", since=NOON)
        assert [one.article.url for one in remembered] == ["https://harbour.example/ferry", PIER.url]
        assert candidates.carried(conn, "daily", since=NOON + HOURS) == []
