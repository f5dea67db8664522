"""Editing: several changes in one go, by the places an editor sees, all or none; every approval is void after it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from digest.deliver import control
from digest.desk.editing import Edits
from digest.errors import IllegalStep, UsageMistake
from digest.model import Issue, IssueState, Rung
from digest.store import issues
from digest.store.issues import Entry
from tests.desk.copy_desk import BAKERY, CHOIR, LEVY, OWLS, SCHOOL, Piece
from tests.newsroom import Newsroom

ONE, TWO, THREE, FOUR = CHOIR, LEVY, SCHOOL, BAKERY


@pytest.fixture
def issue(newsroom: Newsroom) -> Issue:
    """An issue of four stories, in the order ONE to FOUR."""
    for piece in (ONE, TWO, THREE, FOUR):
        newsroom.write_article(piece.headline, piece.text)
    drafted = newsroom.app.drafting.draft(newsroom.daily, actor="Nora").issue
    with newsroom.app.database.write() as conn:
        by_headline = {story.headline: story for story in issues.stories(conn, drafted.id)}
        issues.arrange(conn, drafted.id, [by_headline[piece.headline] for piece in (ONE, TWO, THREE, FOUR)])
    return drafted


def edit(room: Newsroom, issue: Issue, edits: Edits) -> Issue:
    return room.app.editing.edit(issue.id, edits, actor="Nora")


def headlines(room: Newsroom, issue: Issue) -> list[str]:
    with room.app.database.read() as conn:
        return [story.headline for story in issues.stories(conn, issue.id)]


def order(*pieces: Piece) -> list[str]:
    return [piece.headline for piece in pieces]


def journal(room: Newsroom, issue: Issue) -> list[Entry]:
    with room.app.database.read() as conn:
        return issues.journal(conn, issue.id)


# --- The order ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        (Edits(move=[(3, 1)]), (THREE, ONE, TWO, FOUR)),
        (Edits(move=[(1, 4)]), (TWO, THREE, FOUR, ONE)),
        (Edits(move=[(2, 2)]), (ONE, TWO, THREE, FOUR)),
        (Edits(drop=[1, 3]), (TWO, FOUR)),
        (Edits(drop=[1], move=[(4, 1)]), (FOUR, TWO, THREE)),
        (Edits(move=[(4, 1), (3, 2)]), (FOUR, THREE, ONE, TWO)),
        (Edits(drop=[1, 2, 3, 4]), ()),
    ],
)
def test_places_are_those_before_the_edit(
    newsroom: Newsroom, issue: Issue, edits: Edits, expected: tuple[Piece, ...]
) -> None:
    edit(newsroom, issue, edits)

    assert headlines(newsroom, issue) == order(*expected)


def test_an_added_article_stands_last_and_says_who_wanted_it(newsroom: Newsroom, issue: Issue) -> None:
    owls = newsroom.write_article(OWLS.headline, OWLS.text)

    edit(newsroom, issue, Edits(add=[owls.id], drop=[1]))

    assert headlines(newsroom, issue) == order(TWO, THREE, FOUR, OWLS)
    with newsroom.app.database.read() as conn:
        last = issues.stories(conn, issue.id)[-1]
    assert last.reason == "added by an editor"
    assert last.section == "news"
    assert last.summary.text


def test_an_article_that_is_in_the_issue_is_not_added_again(newsroom: Newsroom, issue: Issue) -> None:
    choir = newsroom.write_article(ONE.headline, ONE.text)

    with pytest.raises(UsageMistake, match=f"Article {choir.id} is in the issue already, at place 1"):
        edit(newsroom, issue, Edits(add=[choir.id]))

    assert headlines(newsroom, issue) == order(ONE, TWO, THREE, FOUR)


def test_an_article_is_added_once_however_often_it_is_named(newsroom: Newsroom, issue: Issue) -> None:
    owls = newsroom.write_article(OWLS.headline, OWLS.text)

    with pytest.raises(UsageMistake, match=f"Article {owls.id} is in the issue already, at place 5"):
        edit(newsroom, issue, Edits(add=[owls.id, owls.id]))

    assert headlines(newsroom, issue) == order(ONE, TWO, THREE, FOUR)


def test_a_story_that_was_dropped_may_be_added_again_in_the_same_edit(newsroom: Newsroom, issue: Issue) -> None:
    choir = newsroom.write_article(ONE.headline, ONE.text)

    edit(newsroom, issue, Edits(drop=[1], add=[choir.id]))

    assert headlines(newsroom, issue) == order(TWO, THREE, FOUR, ONE)


# --- The words ---------------------------------------------------------------------------------------------


def test_headlines_summaries_and_sections_go_to_the_stories_that_stood_there(newsroom: Newsroom, issue: Issue) -> None:
    edit(
        newsroom,
        issue,
        Edits(
            move=[(4, 1)],
            headlines={1: "They sing on Wednesdays"},
            summaries={4: "Two sisters bought it."},
            sections={2: "culture"},
        ),
    )

    with newsroom.app.database.read() as conn:
        bakery, choir, levy, _ = issues.stories(conn, issue.id)
    assert (bakery.headline, bakery.summary.text, bakery.summary.rung) == (
        FOUR.headline,
        "Two sisters bought it.",
        Rung.EDITOR,
    )
    assert bakery.summary.spans == ()
    assert choir.headline == "They sing on Wednesdays"
    assert (levy.headline, levy.section) == (TWO.headline, "culture")


def test_subject_preheader_and_date_are_the_editors(newsroom: Newsroom, issue: Issue) -> None:
    changed = edit(
        newsroom, issue, Edits(subject="Sing!", preheader="On a car park", date=issue.date + timedelta(days=1))
    )

    assert (changed.subject, changed.preheader) == ("Sing!", "On a car park")
    assert changed.date == issue.date + timedelta(days=1)
    assert newsroom.app.proofs.proof(issue.id).editions[0][1].subject == "Sing!"


def test_an_empty_subject_gives_it_back_to_the_newsletters_pattern(newsroom: Newsroom, issue: Issue) -> None:
    edit(newsroom, issue, Edits(subject="Sing!"))
    edit(newsroom, issue, Edits(subject=""))

    assert newsroom.app.proofs.proof(issue.id).editions[0][1].subject == ONE.headline


@pytest.mark.parametrize(
    ("edits", "why"),
    [
        (Edits(drop=[5]), "There is no story 5; the issue has 4"),
        (Edits(drop=[0]), "There is no story 0; the issue has 4"),
        (Edits(move=[(9, 1)]), "There is no story 9"),
        (Edits(move=[(1, 99)]), "There is no story 99"),
        (Edits(drop=[2], move=[(2, 1)]), "Story 2 cannot be dropped and changed at once"),
        (Edits(drop=[1], headlines={1: "Lost"}), "Story 1 cannot be dropped and changed at once"),
        (Edits(headlines={7: "Too far"}), "There is no story 7"),
        (Edits(sections={1: "sport"}), "The Harbour Post has no section 'sport'"),
        (Edits(add=[999]), "There is no article 999"),
    ],
)
def test_one_mistake_and_nothing_of_the_edit_is_done(newsroom: Newsroom, issue: Issue, edits: Edits, why: str) -> None:
    both = Edits(subject="Sing!", add=edits.add, drop=edits.drop, move=edits.move, headlines=edits.headlines,
                 sections=edits.sections)  # fmt: skip

    with pytest.raises(UsageMistake, match=why):
        edit(newsroom, issue, both)

    assert newsroom.issue(issue.id) == issue
    assert headlines(newsroom, issue) == order(ONE, TWO, THREE, FOUR)
    assert [entry.what for entry in journal(newsroom, issue)] == ["draft"]


# --- Approval ----------------------------------------------------------------------------------------------


def test_an_edit_voids_the_approval_and_the_schedule(newsroom: Newsroom, issue: Issue) -> None:
    newsroom.subscribe("Alice")
    newsroom.app.proofs.approve(issue.id, actor="Nora")
    at = newsroom.app.clock() + timedelta(hours=3)
    with newsroom.app.database.write() as conn:
        control.schedule(conn, issue.id, at, actor="Nora", now=newsroom.app.clock())

    changed = edit(newsroom, issue, Edits(headlines={1: "They sing on Wednesdays"}))

    assert changed.state is IssueState.DRAFT
    assert (changed.fingerprint, changed.approved_at, changed.approved_by, changed.scheduled_at) == ("", None, "", None)


def test_an_issue_on_its_way_is_not_changed(newsroom: Newsroom, issue: Issue) -> None:
    newsroom.subscribe("Alice")
    newsroom.app.proofs.approve(issue.id, actor="Nora")
    newsroom.app.delivery.start(issue.id, actor="Nora")

    with pytest.raises(IllegalStep, match="readers are already getting it"):
        edit(newsroom, issue, Edits(drop=[1]))

    assert headlines(newsroom, issue) == order(ONE, TWO, THREE, FOUR)


def test_the_journal_says_who_changed_what(newsroom: Newsroom, issue: Issue) -> None:
    edit(newsroom, issue, Edits(subject="Sing!", drop=[2], move=[(3, 1)], date=date(2026, 11, 30)))

    last = journal(newsroom, issue)[-1]
    assert (last.actor, last.what) == ("Nora", "edit")
    assert last.detail == "subject, date, dropped story 2, moved story 3 to 1"
