"""Summaries that an editor is asked to look at again: the article changed, or the theme has less room."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from digest.articles.summaries.ladder import summarise
from digest.desk.editing import Edits
from digest.desk.receipts import receipt
from digest.model import Article, Finding, Issue, Level, Rung, Story
from digest.render.environment import templates_folder
from digest.store import articles, issues
from digest.store.articles import StoredArticle
from tests.articles.texts import COLUMN, text
from tests.newsroom import SETTINGS, Newsroom

SANDBAGS = Article(
    url="https://news.example/sandbags", headline="The town of sandbags", body=text(*COLUMN), language="en"
)
MOVED_ON = replace(SANDBAGS, body=text("The wall of Northmere will be built after all, the council said on Monday."))


def gathered(room: Newsroom, article: Article) -> int:
    with room.app.database.write() as conn:
        found = articles.save(conn, article, summarise(article), at=room.app.clock())
        articles.offer(conn, found, "daily", section="news", pinned=True, at=room.app.clock())
    return found


def findings(room: Newsroom, issue: Issue) -> dict[str, Finding]:
    return {finding.code: finding for finding in room.app.proofs.proof(issue.id).findings}


def first(room: Newsroom, issue: Issue) -> tuple[Story, StoredArticle]:
    with room.app.database.read() as conn:
        story = issues.stories(conn, issue.id)[0]
        return story, articles.get(conn, story.article_id)


def write(room: Newsroom, issue: Issue, words: str) -> None:
    room.app.editing.edit(issue.id, Edits(summaries={1: words}), actor="Nora")


@pytest.fixture
def issue(newsroom: Newsroom) -> Issue:
    gathered(newsroom, SANDBAGS)
    return newsroom.app.drafting.draft(newsroom.daily, actor="Nora").issue


def test_an_editors_summary_is_kept_and_flagged_when_the_article_changes(newsroom: Newsroom, issue: Issue) -> None:
    write(newsroom, issue, "A town still waits for the wall that it was promised.")
    assert "summary-outdated" not in findings(newsroom, issue)

    gathered(newsroom, MOVED_ON)

    story, stored = first(newsroom, issue)
    assert story.summary.text == "A town still waits for the wall that it was promised."
    found = findings(newsroom, issue)["summary-outdated"]
    assert (found.level, found.where) == (Level.WARNING, "The town of sandbags")
    assert "since an editor wrote its summary" in found.message
    assert found.message in receipt(story, stored).warnings


def test_saving_the_same_words_again_says_that_they_hold(newsroom: Newsroom, issue: Issue) -> None:
    write(newsroom, issue, "A town still waits for the wall that it was promised.")
    gathered(newsroom, MOVED_ON)

    write(newsroom, issue, "A town still waits for the wall that it was promised.")

    assert "summary-outdated" not in findings(newsroom, issue)


def test_white_space_that_moved_changes_no_article(newsroom: Newsroom, issue: Issue) -> None:
    write(newsroom, issue, "A town still waits for the wall that it was promised.")

    gathered(newsroom, replace(SANDBAGS, body=SANDBAGS.body.replace("\n\n", "\n\n\n")))

    assert "summary-outdated" not in findings(newsroom, issue)


def test_a_summary_written_for_the_article_itself_is_kept_over_every_reading_and_flagged(newsroom: Newsroom) -> None:
    article_id = gathered(newsroom, SANDBAGS)
    with newsroom.app.database.write() as conn:
        articles.edit(conn, article_id, {"summary": "A wall is promised."}, at=newsroom.app.clock())
    gathered(newsroom, MOVED_ON)

    issue = newsroom.app.drafting.draft(newsroom.daily, actor="Nora").issue

    story, _ = first(newsroom, issue)
    assert (story.summary.text, story.summary.rung) == ("A wall is promised.", Rung.EDITOR)
    assert "since an editor wrote" in findings(newsroom, issue)["summary-outdated"].message


def test_an_extract_of_a_text_that_is_not_there_any_more_is_flagged(newsroom: Newsroom, issue: Issue) -> None:
    assert "summary-outdated" not in findings(newsroom, issue)

    gathered(newsroom, MOVED_ON)

    assert "since it was summarised" in findings(newsroom, issue)["summary-outdated"].message


def test_an_editors_long_summary_is_shown_whole_and_said_to_be_long(newsroom: Newsroom, issue: Issue) -> None:
    long = "The town waits for its wall, and waits. " * 16
    write(newsroom, issue, long.strip())

    proof = newsroom.app.proofs.proof(issue.id)

    found = findings(newsroom, issue)["summary-room"]
    assert found.level is Level.WARNING
    assert "has 639 characters; the theme has room for 600" in found.message
    assert all(edition.stories[0].summary.text == long.strip() for edition, _ in proof.editions)


def test_the_lead_has_more_room_than_the_others(newsroom: Newsroom, issue: Issue) -> None:
    other = newsroom.write_article()
    newsroom.app.editing.edit(issue.id, Edits(add=[other.id]), actor="Nora")
    words = "The town waits for its wall, and waits. " * 13

    newsroom.app.editing.edit(issue.id, Edits(summaries={1: words.strip()}), actor="Nora")
    assert "summary-room" not in findings(newsroom, issue)

    newsroom.app.editing.edit(issue.id, Edits(summaries={2: words.strip()}), actor="Nora")
    assert findings(newsroom, issue)["summary-room"].where == other.article.headline


def test_extracts_are_picked_to_fit_the_theme(tmp_path: Path) -> None:
    theme = tmp_path / "themes" / "narrow"
    shutil.copytree(templates_folder() / "email" / "themes" / "plain", theme)
    declared = (theme / "theme.toml").read_text("utf-8")
    (theme / "theme.toml").write_text(declared.replace("story = 450", "story = 160"), "utf-8")
    themed = SETTINGS.replace("stories = 5", 'theme = "narrow"\nstories = 5', 1)
    room = Newsroom(tmp_path, settings=f'{themed}\n[paths]\nthemes = "themes"\n')

    piece = room.folder / "sandbags.txt"
    piece.write_text(f"The town of sandbags\n\n{SANDBAGS.body}", "utf-8")
    (stored,) = room.app.intake.add([str(piece)], [room.daily]).articles

    assert stored.summary
    assert stored.summary.rung is Rung.EXTRACT
    assert 60 < len(stored.summary.text) <= 160


def test_a_broken_theme_costs_no_summary(tmp_path: Path) -> None:
    themed = SETTINGS.replace("stories = 5", 'theme = "gone"\nstories = 5', 1)
    room = Newsroom(tmp_path, settings=themed)
    piece = room.folder / "sandbags.txt"
    piece.write_text(f"The town of sandbags\n\n{SANDBAGS.body}", "utf-8")

    (stored,) = room.app.intake.add([str(piece)], [room.daily]).articles

    assert stored.summary
    assert stored.summary.rung is Rung.EXTRACT
