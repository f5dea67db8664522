"""`digest issues edit` and `digest articles edit`: a summary told again, shorter or longer, at a terminal."""

from __future__ import annotations

import sys

import pytest

from digest.model import Summary
from digest.store import articles, issues
from tests.articles.texts import COLUMN, text
from tests.cli.conftest import Terminal
from tests.newsroom import Newsroom

OWN = "A town still waits for the wall that it was promised."


@pytest.fixture
def issue(room: Newsroom) -> int:
    room.write_article("The town of sandbags", text(*COLUMN))
    return room.app.drafting.draft(room.daily, actor="Nora").issue.id


def summary(room: Newsroom, issue: int) -> Summary:
    with room.app.database.read() as conn:
        return issues.stories(conn, issue)[0].summary


def test_a_summary_is_shortened_and_both_lengths_are_said(digest: Terminal, room: Newsroom, issue: int) -> None:
    before = len(summary(room, issue).text.split())

    told = digest.ok("issues", "edit", issue, "--shorten", 1)

    after = summary(room, issue)
    assert f"summary 1 shortened, {before} → {len(after.text.split())} words (extract): {after.text}" in told.out
    assert "summary 1 shortened" in digest.ok("issues", "show", issue).out


def test_a_program_learns_what_was_and_what_is(digest: Terminal, room: Newsroom, issue: int) -> None:
    before = summary(room, issue)

    facts = digest.ok("issues", "edit", issue, "--shorten", 1, "--json").facts

    after = summary(room, issue)
    assert facts["resummarised"] == [
        {
            "place": 1,
            "what": "shortened",
            "before": before.text,
            "before_rung": "extract",
            "after": after.text,
            "after_rung": "extract",
        }
    ]
    assert facts["stories"][0]["summary"] == after.text


def test_what_cannot_be_shorter_is_explained_and_ends_with_an_error(
    digest: Terminal, room: Newsroom, issue: int
) -> None:
    while (told := digest("issues", "edit", issue, "--shorten", 1)).code == 0:
        pass

    assert told.code == 2
    assert "The summary of story 1 stays. It cannot be shorter" in told.err
    assert "Nothing was changed." in told.err


def test_two_wishes_for_one_story_are_a_mistake(digest: Terminal, room: Newsroom, issue: int) -> None:
    told = digest("issues", "edit", issue, "--shorten", 1, "--lengthen", 1)

    assert told.code == 2
    assert "Story 1: --resummarise, --shorten or --lengthen, one at a time." in told.err


def test_an_editors_words_stay_where_nobody_can_be_asked_and_go_with_force(
    digest: Terminal, room: Newsroom, issue: int
) -> None:
    digest.ok("issues", "edit", issue, "--summary", f"1:{OWN}")

    told = digest("issues", "edit", issue, "--resummarise", 1)
    assert told.code == 2
    assert f"The summary of story 1 is an editor's: “{OWN}”" in told.err
    assert "--resummarise with --force" in told.err
    assert summary(room, issue).text == OWN

    told = digest.ok("issues", "edit", issue, "--resummarise", 1, "--force")
    assert "summary 1 told again, 11 → " in told.out
    assert summary(room, issue).rung == "extract"


@pytest.mark.parametrize("answer", [True, False])
def test_who_sits_at_a_terminal_is_asked_about_an_editors_words(
    digest: Terminal, room: Newsroom, issue: int, monkeypatch: pytest.MonkeyPatch, answer: bool
) -> None:
    digest.ok("issues", "edit", issue, "--summary", f"1:{OWN}")
    questions: list[str] = []

    def asked(question: str, *, err: bool) -> bool:
        questions.append(question)
        return answer

    monkeypatch.setattr("typer.confirm", asked)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    told = digest("issues", "edit", issue, "--resummarise", 1)

    assert questions == [f"An editor wrote the summary of story 1 (“{OWN}”). Replace it?"]
    assert told.code == (0 if answer else 2)
    assert (summary(room, issue).text == OWN) is not answer


def test_a_name_that_the_article_lacks_is_said_when_it_is_written(digest: Terminal, room: Newsroom, issue: int) -> None:
    told = digest.ok("issues", "edit", issue, "--summary", "1:The town waits for its wall, says Paul Vale.")
    assert "! summary 1: Not in the article: name “Paul Vale”." in told.out

    facts = digest.ok(
        "issues", "edit", issue, "--summary", "1:The town will keep its sandbags, says Paul Vale.", "--json"
    ).facts
    assert facts["not_in_article"] == [{"place": 1, "found": [{"kind": "name", "words": ["Paul Vale"]}]}]

    told = digest.ok("issues", "edit", issue, "--summary", "1:The town waits for its wall.")
    assert "Not in the article" not in told.out


def test_an_articles_own_summary_is_shortened_lengthened_and_let_go_of(
    digest: Terminal, room: Newsroom, issue: int
) -> None:
    def own() -> Summary:
        with room.app.database.read() as conn:
            found = articles.get(conn, 1).summary
        assert found
        return found

    whole = own().text
    told = digest.ok("articles", "edit", 1, "--shorten")
    assert own().text in told.out
    assert len(own().text) < len(whole)
    digest.ok("articles", "edit", 1, "--lengthen")
    digest.ok("articles", "edit", 1, "--summary", "Paul Vale waits for the wall of the town.")
    assert "! Not in the article: name “Paul Vale”." in digest.ok("articles", "show", 1).out

    assert "is an editor's" in digest("articles", "edit", 1, "--resummarise").err
    facts = digest.ok("articles", "edit", 1, "--resummarise", "--force", "--json").facts

    assert (facts["summary"], facts["summary_rung"]) == (whole, "extract")
    assert facts["summary_not_in_article"] == []


def test_a_summary_is_not_given_and_told_again_at_once(digest: Terminal, room: Newsroom, issue: int) -> None:
    told = digest("articles", "edit", 1, "--summary", OWN, "--shorten")

    assert told.code == 2
    assert "A summary cannot be given and told again at once." in told.err
