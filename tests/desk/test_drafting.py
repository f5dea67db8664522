"""Drafting: an issue from what is new, with the reason for every yes and every no."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from digest.deliver import control
from digest.errors import NothingNew
from digest.model import Issue, IssueState, Story
from digest.store import articles, issues
from tests.articles_gather.site import Site
from tests.desk.copy_desk import BAKERY, CHOIR, LEVY, OWLS, PIECES, SCHOOL, Piece, feed
from tests.newsroom import Clock, Newsroom

SLOT = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)  # Monday, 06:00 in New York


def publish(room: Newsroom, site: Site, *pieces: Piece) -> None:
    feed(site, *pieces)
    room.app.intake.gather(room.daily)


def draft(room: Newsroom, slot: datetime | None = None) -> Issue:
    return room.app.drafting.draft(room.daily, actor="Nora", slot_at=slot).issue


def stories(room: Newsroom, issue: Issue) -> list[Story]:
    with room.app.database.read() as conn:
        return issues.stories(conn, issue.id)


def headlines(room: Newsroom, issue: Issue) -> list[str]:
    return [story.headline for story in stories(room, issue)]


def cancel(room: Newsroom, issue: Issue) -> None:
    with room.app.database.write() as conn:
        control.cancel(conn, issue.id, actor="Nora", now=room.app.clock())


# --- What is in it -----------------------------------------------------------------------------------------


def test_a_draft_has_the_newsletters_next_number_its_day_and_a_reason_for_every_story(
    wired: Newsroom, site: Site
) -> None:
    publish(wired, site, CHOIR, OWLS)
    first = draft(wired)
    publish(wired, site, LEVY)
    second = draft(wired)

    assert (first.number, second.number) == (1, 2)
    assert first.state is IssueState.DRAFT
    assert f"{first.date}" == "2026-11-22"
    assert all(story.reason.startswith("Yes: ") for story in stories(wired, first))
    assert headlines(wired, second) == [LEVY.headline]


def test_nothing_new_is_said_and_makes_no_issue(wired: Newsroom, site: Site) -> None:
    with pytest.raises(NothingNew, match="nothing new for The Harbour Post") as empty:
        draft(wired)
    assert "digest articles gather" in empty.value.hint

    publish(wired, site, CHOIR)
    draft(wired)
    with pytest.raises(NothingNew, match="nothing new"):
        draft(wired)

    with wired.app.database.read() as conn:
        assert len(issues.listed(conn)) == 1


def test_what_an_earlier_issue_carried_is_not_carried_again_by_another_address(wired: Newsroom, site: Site) -> None:
    publish(wired, site, CHOIR, LEVY)
    draft(wired)
    again = Piece("choir-again", "A choir of three hundred sings on a car park", CHOIR.text)
    publish(wired, site, again, OWLS)

    drafted = wired.app.drafting.draft(wired.daily, actor="Nora")

    assert headlines(wired, drafted.issue) == [OWLS.headline]
    (no,) = [choice for choice in drafted.choices if not choice.chosen]
    assert no.reason == "No: issue 1 carried it."


def test_copies_of_one_story_are_one_story_that_names_the_other_publisher(wired: Newsroom, site: Site) -> None:
    copy = Piece("saltmarsh", "Owls nest in lighthouse", OWLS.text)
    feed(site, OWLS, copy)
    site.has("/saltmarsh", copy.html(site).replace("The Harbour Post", "Saltmarsh Observer"))
    wired.app.intake.gather(wired.daily)

    (story,) = stories(wired, draft(wired))

    assert (story.headline, story.publisher) == (OWLS.headline, "The Harbour Post")
    assert [(mention.publisher, mention.url) for mention in story.also] == [
        ("Saltmarsh Observer", site.url("/saltmarsh"))
    ]
    assert "1 other copy of the story merged into it" in story.reason


def test_a_cancelled_issue_gives_its_stories_back(wired: Newsroom, site: Site) -> None:
    publish(wired, site, CHOIR, OWLS)
    first = draft(wired)
    cancel(wired, first)

    assert set(headlines(wired, draft(wired))) == {CHOIR.headline, OWLS.headline}


def test_another_newsletter_may_carry_what_this_one_did(newsroom: Newsroom) -> None:
    weekend = newsroom.app.newsletters["weekend"]
    stored = newsroom.write_article()
    with newsroom.app.database.write() as conn:
        articles.offer(conn, stored.id, "weekend", at=newsroom.app.clock())
    draft(newsroom)

    issue = newsroom.app.drafting.draft(weekend, actor="Nora").issue

    assert (issue.newsletter, issue.number) == ("weekend", 1)


def test_an_issue_holds_as_many_as_the_newsletter_says_and_an_editors_own_come_first(
    wired: Newsroom, site: Site
) -> None:
    publish(wired, site, *PIECES)
    wired.write_article()

    issue = draft(wired)

    found = headlines(wired, issue)
    assert len(found) == wired.daily.stories == 5
    assert "The north pier will be rebuilt" in found


# --- The lead ----------------------------------------------------------------------------------------------


def test_the_first_story_with_a_picture_and_a_link_leads_and_says_why(wired: Newsroom, site: Site) -> None:
    publish(wired, site, CHOIR, LEVY, OWLS)

    lead, *others = stories(wired, draft(wired))

    assert lead.headline == OWLS.headline
    assert lead.image
    assert lead.reason.endswith("It leads as the first with a picture and a link.")
    assert [story.headline for story in others] == [CHOIR.headline, LEVY.headline]
    assert not any("leads" in story.reason for story in others)


def test_an_editors_pick_without_a_picture_stands_behind_the_lead(wired: Newsroom, site: Site) -> None:
    publish(wired, site, SCHOOL, OWLS)
    wired.write_article()

    assert headlines(wired, draft(wired)) == [OWLS.headline, "The north pier will be rebuilt", SCHOOL.headline]


def test_an_editors_pick_with_a_picture_and_a_link_leads(wired: Newsroom, site: Site) -> None:
    publish(wired, site, OWLS)
    address = site.has("/bakery", BAKERY.html(site))
    wired.app.intake.add([address], [wired.daily])

    lead = stories(wired, draft(wired))[0]

    assert lead.headline == BAKERY.headline
    assert "an editor asked for it" in lead.reason
    assert "leads" not in lead.reason


def test_without_any_picture_the_first_story_leads(wired: Newsroom, site: Site) -> None:
    publish(wired, site, CHOIR, LEVY)

    assert headlines(wired, draft(wired)) == [CHOIR.headline, LEVY.headline]


# --- Slots -------------------------------------------------------------------------------------------------


def test_an_issue_for_a_slot_is_dated_for_its_day_and_drafted_once(wired: Newsroom, site: Site) -> None:
    publish(wired, site, CHOIR)
    first = draft(wired, SLOT)
    publish(wired, site, LEVY)
    second = draft(wired, SLOT)

    assert first.id == second.id
    assert first.slot_at == SLOT
    assert f"{first.date}" == "2026-11-23"
    assert headlines(wired, second) == [CHOIR.headline]


def test_two_who_draft_the_same_slot_at_the_same_moment_make_one_issue(newsroom: Newsroom) -> None:
    newsroom.write_article()
    apps = [newsroom.open(), newsroom.open()]
    together = threading.Barrier(2)

    def drafting(number: int) -> int:
        together.wait()
        return apps[number].drafting.draft(newsroom.daily, actor="worker", slot_at=SLOT).issue.id

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(drafting, range(2))
    for app in apps:
        app.close()

    assert one == other


def test_the_printed_day_is_the_newsrooms_not_the_computers(newsroom: Newsroom) -> None:
    newsroom.clock = Clock(datetime(2026, 11, 23, 2, 0, tzinfo=UTC))  # still Sunday evening in New York
    newsroom.write_article()

    assert f"{draft(newsroom).date}" == "2026-11-22"
