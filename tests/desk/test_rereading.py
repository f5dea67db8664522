"""Before an issue goes out the pages of its stories are read again, over real HTTP; no byte of it changes."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from digest.articles.selection.changes import Changed, Then
from digest.desk.rereading import Rereading, Rules
from digest.errors import Brake
from digest.model import Article, Finding, Issue, IssueState
from digest.store import articles, issues, readings
from tests.articles.sources.site import Reply, Request, Site
from tests.desk.copy_desk import CHOIR, LEVY, OWLS, Piece, feed
from tests.newsroom import Newsroom

ALL_STOP = dict.fromkeys(Changed, Then.STOP)


def approved(room: Newsroom, site: Site, *pieces: Piece) -> Issue:
    feed(site, *pieces)
    room.app.intake.gather(room.daily)
    issue = room.app.drafting.draft(room.daily, actor="Nora").issue
    return room.app.proofs.approve(issue.id, actor="Nora")[0]


def look(room: Newsroom, issue: Issue, **rules: object) -> list[tuple[str, str]]:
    """What an editor is told after a look: the code and the sentence of each finding about a page."""
    rereading(room, **rules).look([room.issue(issue.id)])
    return said(room, issue)


def rereading(room: Newsroom, **rules: object) -> Rereading:
    made = Rules(**rules)  # type: ignore[arg-type]
    return Rereading(room.app.database, room.app.web, room.app.newsletters, rules=made, clock=room.app.clock)


def said(room: Newsroom, issue: Issue) -> list[tuple[str, str]]:
    return [(found.code, found.message) for found in findings(room, issue)]


def findings(room: Newsroom, issue: Issue) -> list[Finding]:
    with room.app.database.read() as conn:
        return list(room.app.proofs.since(conn, issues.get(conn, issue.id)))


def bytes_of(room: Newsroom, issue: Issue) -> list[tuple[str, str, str]]:
    with room.app.database.read() as conn:
        return [(e.fingerprint, e.rendered.html, e.rendered.text) for e in issues.editions(conn, issue.id)]


def page(piece: Piece, site: Site, *, head: str = "", below: str = "", headline: str = "") -> str:
    html = piece.html(site).replace("</head>", f"{head}</head>").replace("</article>", f"{below}</article>")
    return html.replace(piece.headline, headline) if headline else html


# --- What is noticed ---------------------------------------------------------------------------------------


def test_pages_that_stand_as_they_did_are_no_news(wired: Newsroom, site: Site) -> None:
    issue = approved(wired, site, CHOIR, OWLS)

    assert look(wired, issue, then=ALL_STOP) == []
    assert site.asked("/choir") == site.asked("/owls") == 2, "once to gather them, once to look"
    rereading(wired, then=ALL_STOP).insist(issue.id)


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_gone_stops_the_issue(wired: Newsroom, site: Site, status: int) -> None:
    issue = approved(wired, site, CHOIR, OWLS)
    site.has("/choir", "It was taken down.", status=status)

    ((code, sentence),) = look(wired, issue)

    assert code == "story-vanished"
    assert f"Its page is gone: its server says {status} " in sentence
    assert sentence.endswith("The issue is not sent until somebody approves it again.")
    with pytest.raises(
        Brake,
        match=f"Issue {issue.id} is not sent before somebody approves it again: “{CHOIR.headline}”: Its page is gone",
    ) as stopped:
        wired.app.rereading.insist(issue.id)
    assert f"digest issues approve {issue.id}" in stopped.value.hint


def test_a_page_that_leads_to_the_front_page_is_gone(wired: Newsroom, site: Site) -> None:
    issue = approved(wired, site, CHOIR)
    site.has("/", "<html><body><h1>The Harbour Post</h1></body></html>")
    site.redirects("/choir", site.url("/"))

    assert [code for code, _ in look(wired, issue)] == ["story-vanished"]


def test_another_headline_warns_and_says_both(wired: Newsroom, site: Site) -> None:
    issue = approved(wired, site, CHOIR)
    site.has("/choir", page(CHOIR, site, headline="Four hundred voices in a car park"))

    assert look(wired, issue) == [
        (
            "story-headline-changed",
            f"Its publisher changed the headline from “{CHOIR.headline}” to “Four hundred voices in a car park”.",
        )
    ]
    wired.app.rereading.insist(issue.id)


def test_a_page_whose_headline_never_was_the_feeds_has_not_changed_it(wired: Newsroom, site: Site) -> None:
    """Feeds and pages often have headlines of their own; only the page is compared with itself."""
    feed(site, CHOIR)
    site.has("/choir", page(CHOIR, site, headline="Why three hundred people sing among parked cars"))
    wired.app.intake.gather(wired.daily)
    issue = wired.app.proofs.approve(wired.app.drafting.draft(wired.daily, actor="Nora").issue.id, actor="Nora")[0]

    assert look(wired, issue) == []


def test_a_correction_by_the_publisher_stops_the_issue(wired: Newsroom, site: Site) -> None:
    issue = approved(wired, site, LEVY)
    notice = "Correction: An earlier version of this article said two crowns a week. It is two crowns a night."
    site.has("/levy", page(LEVY, site, below=f"<p>{notice}</p>"))

    ((code, sentence),) = look(wired, issue)

    assert code == "story-corrected"
    assert "two crowns a week" in sentence
    with pytest.raises(Brake, match="corrected it"):
        wired.app.rereading.insist(issue.id)


def test_a_paywall_since_approval_warns(wired: Newsroom, site: Site) -> None:
    issue = approved(wired, site, LEVY)
    stated = '{"@context": "https://schema.org", "@type": "NewsArticle", "isAccessibleForFree": false}'
    site.has("/levy", page(LEVY, site, head=f'<script type="application/ld+json">{stated}</script>'))

    ((code, sentence),) = look(wired, issue)

    assert (code, sentence.startswith("Its readers ")) == ("story-behind-paywall", True)
    wired.app.rereading.insist(issue.id)


def test_the_settings_say_what_stops_and_what_warns(wired: Newsroom, site: Site) -> None:
    issue = approved(wired, site, CHOIR)
    site.has("/choir", page(CHOIR, site, headline="Another headline altogether"))
    look(wired, issue)

    with pytest.raises(Brake, match="changed the headline"):
        rereading(wired, then=ALL_STOP).insist(issue.id)
    rereading(wired, then=dict.fromkeys(Changed, Then.WARN)).insist(issue.id)


# --- Approving again ---------------------------------------------------------------------------------------


def test_who_approves_again_has_seen_it_and_the_issue_goes(wired: Newsroom, site: Site) -> None:
    issue = approved(wired, site, CHOIR)
    site.has("/choir", "It was taken down.", status=404)
    look(wired, issue)

    wired.app.proofs.approve(issue.id, actor="Nora")

    assert look(wired, issue) == []
    wired.app.rereading.insist(issue.id)
    site.has("/choir", CHOIR.html(site))
    assert look(wired, issue) == [], "that it is there again is no trouble"


def test_what_changes_after_the_second_approval_is_told_again(wired: Newsroom, site: Site) -> None:
    issue = approved(wired, site, CHOIR)
    for headline in ("A second headline for the choir", "A third headline for the choir"):
        site.has("/choir", page(CHOIR, site, headline=headline))
        assert [code for code, _ in look(wired, issue)] == ["story-headline-changed"]
        wired.app.proofs.approve(issue.id, actor="Nora")


# --- It is only a look -------------------------------------------------------------------------------------


def test_nothing_of_what_was_approved_changes(wired: Newsroom, site: Site) -> None:
    issue = approved(wired, site, CHOIR, LEVY, OWLS)
    before = bytes_of(wired, issue)
    notice = "<p>Correction: An earlier version of this article misstated the number of singers.</p>"
    site.has("/choir", page(CHOIR, site, headline="Another headline", below=notice))
    site.has("/levy", page(LEVY, site, headline="The levy is dead").replace("eleven votes", "twelve votes"))
    site.has("/owls", "gone", status=410)

    assert len(look(wired, issue)) == 4

    wired.app.proofs.still_approved(issue.id)
    assert bytes_of(wired, issue) == before


def test_a_page_is_asked_whether_it_changed_since_the_last_look(wired: Newsroom, site: Site) -> None:
    issue = approved(wired, site, CHOIR)

    def answer(request: Request) -> Reply:
        if request.headers.get("if-none-match") == '"7"':
            return Reply(b"", 304)
        changed = page(CHOIR, site, headline="Another headline").encode()
        return Reply(changed, 200, {"Content-Type": "text/html; charset=utf-8", "ETag": '"7"'})

    site.answers("/choir", answer)
    first = look(wired, issue)

    assert [code for code, _ in first] == ["story-headline-changed"]
    assert look(wired, issue) == first, "not changed since the look, and changed since the approval all the same"
    assert [request.headers.get("if-none-match") for request in site.requests if request.path == "/choir"][1:] == [
        None,
        '"7"',
    ]


def test_a_file_is_read_again_as_a_file(wired: Newsroom, tmp_path: Path) -> None:
    file = wired.folder / "copy" / "choir.md"
    file.write_text(f"# {CHOIR.headline}\n\n{CHOIR.text}", encoding="utf-8")
    wired.app.intake.gather(wired.daily)
    issue = wired.app.proofs.approve(wired.app.drafting.draft(wired.daily, actor="Nora").issue.id, actor="Nora")[0]
    assert look(wired, issue) == []

    file.write_text(f"# A choir without a car park\n\n{CHOIR.text}", encoding="utf-8")
    assert [code for code, _ in look(wired, issue)] == ["story-headline-changed"]
    file.unlink()
    ((code, sentence),) = look(wired, issue)

    assert code == "story-vanished"
    assert f"there is no file {file} any more" in sentence


# --- When the network fails --------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_server_in_trouble_stops_nothing_and_is_told(wired: Newsroom, site: Site, status: int) -> None:
    issue = approved(wired, site, CHOIR)
    site.has("/choir", "sorry", status=status)

    ((code, sentence),) = look(wired, issue, then=ALL_STOP)

    assert code == "story-not-read-again"
    assert str(status) in sentence
    rereading(wired, then=ALL_STOP).insist(issue.id)


def test_a_page_that_was_gone_stays_gone_while_its_server_is_in_trouble(wired: Newsroom, site: Site) -> None:
    issue = approved(wired, site, CHOIR)
    site.has("/choir", "gone", status=404)
    look(wired, issue)
    site.has("/choir", "sorry", status=500)

    assert sorted(code for code, _ in look(wired, issue)) == ["story-not-read-again", "story-vanished"]


def stuck(site: Site, path: str) -> threading.Event:
    """The page of a host that takes a request and does not answer; until the event is set."""
    free = threading.Event()

    def wait(handler: BaseHTTPRequestHandler) -> None:
        free.wait(30)

    site.answers(path, lambda _: Reply(headers={"Content-Type": "text/html"}, write=wait))
    return free


def test_a_slow_page_costs_so_many_seconds_and_hides_nothing_of_the_others(wired: Newsroom, site: Site) -> None:
    issue = approved(wired, site, CHOIR, OWLS)
    free = stuck(site, "/choir")
    site.has("/owls", "gone", status=404)

    began = time.monotonic()
    found = look(wired, issue, seconds=0.5)
    took = time.monotonic() - began
    free.set()

    assert sorted(code for code, _ in found) == ["story-not-read-again", "story-vanished"]
    assert took < 5


def test_no_seconds_are_no_look(wired: Newsroom, site: Site) -> None:
    issue = approved(wired, site, CHOIR)

    assert look(wired, issue, seconds=0.0) == []
    assert site.asked("/choir") == 1


def test_breaking_news_has_seconds_of_its_own(wired: Newsroom, site: Site) -> None:
    issue = approved(wired, site, CHOIR)
    with wired.app.database.write() as conn:
        issues.change(conn, issue.id, urgent=1)
    free = stuck(site, "/choir")

    began = time.monotonic()
    found = look(wired, issue, seconds=60.0, urgent_seconds=0.3)
    took = time.monotonic() - began
    free.set()

    assert [code for code, _ in found] == ["story-not-read-again"]
    assert took < 10


def test_a_look_that_is_cut_short_concludes_nothing(wired: Newsroom, site: Site) -> None:
    issue = approved(wired, site, CHOIR)
    free = stuck(site, "/choir")

    whole = rereading(wired).look([issue], hurry=lambda: True)
    free.set()

    assert not whole
    assert said(wired, issue) == []


# --- How often, and whom it is for -------------------------------------------------------------------------


def test_what_was_looked_at_a_moment_ago_is_left_alone_where_that_is_wished(wired: Newsroom, site: Site) -> None:
    assert wired.clock
    issue = approved(wired, site, CHOIR)
    look(wired, issue)

    rereading(wired).look([issue], unless_since=timedelta(minutes=5))
    assert site.asked("/choir") == 2
    wired.clock.turn(minutes=6)
    rereading(wired).look([issue], unless_since=timedelta(minutes=5))
    assert site.asked("/choir") == 3


def test_a_correction_goes_out_whatever_its_pages_say(wired: Newsroom, site: Site) -> None:
    """It puts right what they say, and readers wait for it."""
    issue = approved(wired, site, CHOIR)
    with wired.app.database.write() as conn:
        issues.change(conn, issue.id, corrects=issue.id)
    site.has("/choir", "gone", status=404)

    assert [code for code, _ in look(wired, issue)] == ["story-vanished"]
    wired.app.rereading.insist(issue.id)


def test_an_issue_that_is_held_back_shows_why(wired: Newsroom, site: Site) -> None:
    issue = approved(wired, site, CHOIR)

    wired.app.rereading.hold_back(issue.id, Brake("“A choir” is gone."), actor="Nora")

    held = wired.issue(issue.id)
    assert (held.state, held.hold) == (IssueState.APPROVED, "“A choir” is gone.")
    assert wired.app.proofs.approve(issue.id, actor="Nora")[0].hold == ""


def test_an_article_of_two_issues_is_asked_for_once(wired: Newsroom, site: Site) -> None:
    issue = approved(wired, site, CHOIR)
    with wired.app.database.write() as conn:
        other = issues.create(conn, "weekend", on=issue.date, slot_at=None, at=wired.app.clock())
        issues.arrange(conn, other.id, [replace(story, id=0) for story in issues.stories(conn, issue.id)])

    rereading(wired).look([issue, wired.issue(other.id)])

    assert site.asked("/choir") == 2
    with wired.app.database.read() as conn:
        assert len(readings.of(conn, [issue.id, other.id])) == 2


def test_a_site_whose_owner_agreed_to_be_read_is_read_again_too(wired: Newsroom, site: Site) -> None:
    """Its robots.txt wants no programs; the settings say that its owner agreed."""
    site.has("/robots.txt", "User-agent: *\nDisallow: /", "text/plain")
    sources = tuple(replace(source, robots=False) for source in wired.daily.sources)
    feed(site, CHOIR)
    wired.app.settings.newsletters["daily"] = replace(wired.daily, sources=sources)
    wired.app.intake.gather(wired.daily)
    issue = wired.app.proofs.approve(wired.app.drafting.draft(wired.daily, actor="Nora").issue.id, actor="Nora")[0]

    assert look(wired, issue) == []
    assert site.asked("/choir") == 2


def test_an_article_that_stands_nowhere_is_not_looked_for(wired: Newsroom) -> None:
    """Its address is where readers find it; nobody read it there."""
    with wired.app.database.write() as conn:
        article = Article(url="https://harbour.example/choir", headline=CHOIR.headline, body=CHOIR.text)
        articles.offer(conn, articles.save(conn, article, None, at=wired.app.clock()), "daily", at=wired.app.clock())
    issue = wired.app.drafting.draft(wired.daily, actor="Nora").issue

    assert look(wired, issue) == []
