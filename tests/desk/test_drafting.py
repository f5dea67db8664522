"""Drafting: an issue from what is new, with the reason for every yes and every no."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from digest.deliver import control
from digest.errors import NothingNew
from digest.model import Heading, Issue, IssueState, Newsletter, Story
from digest.store import articles, issues
from tests.articles.sources.site import Site
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


# --- Enough, and of each section ---------------------------------------------------------------------------


def wanting(room: Newsroom, **wishes: object) -> Newsletter:
    return replace(room.daily, **wishes)  # type: ignore[arg-type]


def test_too_little_new_is_said_in_its_own_words_and_makes_no_issue(wired: Newsroom, site: Site) -> None:
    publish(wired, site, CHOIR, OWLS)

    with pytest.raises(NothingNew) as little:
        wired.app.drafting.draft(wanting(wired, least_new=3), actor="Nora")

    assert little.value.message == (
        "Too little is new for The Harbour Post: 2 stories, and least_new in the settings asks for 3."
    )
    with wired.app.database.read() as conn:
        assert issues.listed(conn) == []
    publish(wired, site, LEVY)
    assert len(wired.app.drafting.draft(wanting(wired, least_new=3), actor="Nora").choices) == 3


def test_what_only_a_wider_search_brings_is_not_new(wired: Newsroom, site: Site) -> None:
    assert wired.clock
    publish(wired, site, CHOIR, OWLS)
    wired.clock.turn(hours=30)
    publish(wired, site, LEVY)

    with pytest.raises(NothingNew, match="1 story, and least_new in the settings asks for 2"):
        wired.app.drafting.draft(wanting(wired, least_new=2), actor="Nora")


def test_sections_have_as_many_stories_as_the_settings_say(wired: Newsroom, site: Site) -> None:
    publish(wired, site, CHOIR, LEVY, OWLS)
    for piece in (SCHOOL, BAKERY):
        (wired.folder / "copy" / f"{piece.slug}.txt").write_text(f"{piece.headline}\n\n{piece.text}", encoding="utf-8")
    wired.app.intake.gather(wired.daily)
    sections = (
        Heading(slug="news", title="News", stories=2),
        Heading(slug="culture", title="Culture", least=1),
    )

    issue = wired.app.drafting.draft(wanting(wired, stories=3, sections=sections), actor="Nora").issue

    assert sorted(story.section for story in stories(wired, issue)) == ["culture", "news", "news"]


# --- Updates -----------------------------------------------------------------------------------------------


def finish(room: Newsroom, issue: Issue) -> None:
    """It is out: what it carried may be told again when it changes."""
    with room.app.database.write() as conn:
        issues.change(conn, issue.id, state=IssueState.FINISHED)


def rewrite(room: Newsroom) -> None:
    """The paper's own copy of the levy, as it stands after the night: twice as long, under another headline."""
    text = f"Levy of two crowns overturned\n\n{LEVY.text}\n\n{SCHOOL.text}\n\n{BAKERY.text}"
    (room.folder / "copy" / "levy.html").write_text(levy_page(text), encoding="utf-8")
    room.app.intake.gather(room.daily)


def levy_page(text: str) -> str:
    headline, *paragraphs = text.split("\n\n")
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f'<!doctype html><html lang="en"><head><title>{headline}</title>'
        '<link rel="canonical" href="https://harbour.example/levy"></head>'
        f"<body><article><h1>{headline}</h1>{body}</article></body></html>"
    )


def carry_the_levy(room: Newsroom) -> Issue:
    (room.folder / "copy" / "levy.html").write_text(levy_page(f"{LEVY.headline}\n\n{LEVY.text}"), encoding="utf-8")
    room.app.intake.gather(room.daily)
    return draft(room)


def test_a_story_that_changed_substantially_is_told_again_as_an_update(wired: Newsroom, site: Site) -> None:
    assert wired.clock
    finish(wired, carry_the_levy(wired))
    wired.clock.turn(hours=20)
    rewrite(wired)

    (told,) = stories(wired, draft(wired))

    assert (told.headline, told.update) == ("Levy of two crowns overturned", True)
    assert re.fullmatch(r"Yes: it is an update, \d\d% of its text is new since issue 1 carried it\.", told.reason)


def test_a_page_that_goes_on_growing_is_read_again_while_it_is_news(wired: Newsroom, site: Site) -> None:
    """The feed announces it once. Its headline in the feed is another one than on its page, and no change."""
    assert wired.clock
    publish(wired, site, LEVY, OWLS)
    finish(wired, draft(wired))
    wired.clock.turn(hours=20)
    longer = Piece("levy", LEVY.headline, f"{LEVY.text}\n\n{SCHOOL.text}\n\n{BAKERY.text}")
    publish(wired, site, longer, OWLS, CHOIR)

    told = {story.headline: story.update for story in stories(wired, draft(wired))}

    assert told == {LEVY.headline: True, CHOIR.headline: False}


def test_a_page_of_an_issue_that_is_not_out_is_left_as_the_editor_has_it(wired: Newsroom, site: Site) -> None:
    publish(wired, site, LEVY)
    draft(wired)

    publish(wired, site, Piece("levy", LEVY.headline, f"{LEVY.text}\n\n{SCHOOL.text}"), CHOIR)

    assert site.asked("/levy") == 1


def test_a_page_that_fails_when_it_is_read_again_costs_nothing(wired: Newsroom, site: Site) -> None:
    assert wired.clock
    publish(wired, site, LEVY)
    finish(wired, draft(wired))
    wired.clock.turn(hours=20)
    publish(wired, site, LEVY, CHOIR)
    site.has("/levy", "gone", status=404)
    (report, *_) = wired.app.intake.gather(wired.daily)

    assert not report.failed
    assert headlines(wired, draft(wired)) == [CHOIR.headline]


def test_a_story_that_hardly_changed_is_not_told_again(wired: Newsroom, site: Site) -> None:
    assert wired.clock
    finish(wired, carry_the_levy(wired))
    wired.clock.turn(hours=20)
    text = f"{LEVY.headline}\n\n{LEVY.text}\n\nThe mayor thanked everybody for their patience."
    (wired.folder / "copy" / "levy.html").write_text(levy_page(text), encoding="utf-8")
    publish(wired, site, CHOIR)

    drafted = wired.app.drafting.draft(wired.daily, actor="Nora")

    assert headlines(wired, drafted.issue) == [CHOIR.headline]
    (no,) = [choice for choice in drafted.choices if not choice.chosen]
    assert no.reason.endswith("of its text is new since: too little for an update.")


def test_a_story_of_an_issue_that_is_not_out_yet_is_taken_however_it_changes(wired: Newsroom, site: Site) -> None:
    assert wired.clock
    carry_the_levy(wired)
    wired.clock.turn(hours=1)
    rewrite(wired)

    with pytest.raises(NothingNew):
        draft(wired)
