"""What editors see of pages that changed since they approved: at the check, the dry run, the send, and afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.articles.sources.site import Site
from tests.cli.conftest import Terminal
from tests.desk.copy_desk import CHOIR, OWLS, feed
from tests.newsroom import SETTINGS, Newsroom


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def issue(digest: Terminal, room: Newsroom, site: Site, monkeypatch: pytest.MonkeyPatch) -> int:
    """An approved issue of two stories that stand on the site, for Alice."""
    source = f'[[newsletters.daily.sources]]\nname = "Wire"\nkind = "feed"\nlocation = "{site.url("/feed.xml")}"\n'
    (room.folder / "settings.toml").write_text(SETTINGS + source, encoding="utf-8")
    monkeypatch.setenv("DIGEST_FETCH_ALLOW_HOSTS", site.host)
    room.subscribe("Alice")
    feed(site, CHOIR, OWLS)
    digest.ok("issues", "draft", "daily", "--gather")
    digest.ok("issues", "approve", 1)
    return 1


def test_a_story_that_vanished_stops_the_send_and_approving_again_lets_it_go(
    digest: Terminal, site: Site, issue: int
) -> None:
    site.has("/choir", "It was taken down.", status=404)

    stopped = digest("send", issue, "--now")

    assert stopped.code == 7
    assert f"“{CHOIR.headline}”: Its page is gone: its server says 404 Not Found." in stopped.err
    assert f"digest issues approve {issue}" in stopped.err
    shown = digest.ok("issues", "show", issue).out
    assert f"hold: Issue {issue} is not sent before somebody approves it again: “{CHOIR.headline}”" in shown
    assert "[story-vanished]" in shown
    assert "Nora: held back" in shown
    digest.ok("issues", "approve", issue)
    assert "1 accepted" in digest.ok("send", issue, "--now").out


def test_without_the_story_it_goes_as_well(digest: Terminal, site: Site, issue: int) -> None:
    site.has("/choir", "It was taken down.", status=404)
    assert digest("send", issue, "--now").code == 7
    places = {
        story["headline"]: story["place"] for story in digest.ok("issues", "show", issue, "--json").facts["stories"]
    }

    digest.ok("issues", "edit", issue, "--drop", places[CHOIR.headline])
    digest.ok("issues", "approve", issue)

    assert "1 accepted" in digest.ok("send", issue, "--now").out


def test_what_was_approved_can_be_sent_whatever_its_pages_say(digest: Terminal, site: Site, issue: int) -> None:
    site.has("/choir", "It was taken down.", status=404)

    assert "1 accepted" in digest.ok("send", issue, "--now", "--as-approved").out
    assert site.asked("/choir") == 1, "it was read when it was gathered, and not again"


def test_the_dry_run_says_what_would_stop_the_send_and_holds_nothing(digest: Terminal, site: Site, issue: int) -> None:
    site.has("/choir", "It was taken down.", status=404)

    ran = digest("send", issue, "--dry-run", "--json")

    assert ran.code == 7
    assert ran.facts["fault"].startswith(
        f"Issue {issue} is not sent before somebody approves it again: “{CHOIR.headline}”: Its page is gone"
    )
    assert [found["code"] for found in ran.facts["findings"] if found["code"].startswith("story-van")] == [
        "story-vanished"
    ]
    assert digest.ok("issues", "show", issue, "--json").facts["hold"] == ""


def test_the_check_and_the_preview_show_what_changed(digest: Terminal, room: Newsroom, site: Site, issue: int) -> None:
    site.has("/choir", CHOIR.html(site).replace(CHOIR.headline, "Four hundred voices in a car park"))

    checked = digest.ok("issues", "check", issue).out

    assert f"from “{CHOIR.headline}” to “Four hundred voices in a car park”. ({CHOIR.headline})" in checked
    digest.ok("preview", issue)
    page = (room.folder / "data" / "preview" / f"{issue}.html").read_text(encoding="utf-8")
    assert "to “Four hundred voices in a car park”" in page
    assert "1 accepted" in digest.ok("send", issue, "--now").out, "another headline warns and stops nothing"


def test_a_site_that_cannot_be_reached_stops_nothing(digest: Terminal, site: Site, issue: int) -> None:
    for path in ("/choir", "/owls"):
        site.has(path, "sorry", status=503)

    sent = digest.ok("send", issue, "--now")

    assert "1 accepted" in sent.out
