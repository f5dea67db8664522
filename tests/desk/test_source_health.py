"""Sources from one day to the next: what is kept of how they fare, and who is asked again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digest.articles.sources.health import Health
from digest.desk.faring import SourceReport
from digest.store import sources
from tests.articles.sources.site import Site
from tests.desk.copy_desk import CHOIR, OWLS, feed
from tests.newsroom import Clock, Newsroom


def gather(room: Newsroom) -> SourceReport:
    """The Wire, gathered by a process of its own, as cron would."""
    room.app.close()
    room.app = room.open()
    return next(report for report in room.app.intake.gather(room.daily) if report.source == "Wire")


def health(room: Newsroom) -> Health:
    with room.app.database.read() as conn:
        return sources.recall(conn, "daily", "Wire")[1]


def turn(room: Newsroom, **span: float) -> None:
    assert isinstance(room.clock, Clock)
    room.clock.turn(**span)


def test_a_feed_that_is_gone_is_retired_and_asked_again_only_when_a_person_says_so(wired: Newsroom, site: Site) -> None:
    site.has("/feed.xml", "", "text/xml", status=410)

    first = gather(wired)
    turn(wired, days=1)
    feed(site, CHOIR)
    second = gather(wired)
    asked = site.asked("/feed.xml")
    with wired.app.database.write() as conn:
        assert sources.ask_again(conn, "daily", "Wire")
    third = gather(wired)

    assert first.problems[0].message.endswith("It is retired: nobody asks it again until a person says so.")
    assert first.problems[0].hint == 'Remove it, or: digest sources retry "Wire".'
    assert (second.failed, second.problems[0].message[:34]) == (True, "It is retired since 2026-11-22: it")
    assert asked == 1
    assert [stored.article.headline for stored in third.new] == [CHOIR.headline]
    assert health(wired).standing(wired.app.clock()) == "good"


def test_a_feed_that_asks_to_wait_is_left_alone_until_then_by_other_processes_too(wired: Newsroom, site: Site) -> None:
    site.has("/feed.xml", "", "text/xml", status=429, Retry_After="7200")

    gather(wired)
    turn(wired, hours=1)
    waiting = gather(wired)
    assert site.asked("/feed.xml") == 1
    feed(site, CHOIR)
    turn(wired, hours=1, minutes=1)
    after = gather(wired)

    assert waiting.problems[0].message == "It asked to be left alone until 2026-11-22 12:00 UTC."
    assert len(after.new) == 1


def test_a_feed_that_is_lost_again_and_again_says_how_often(wired: Newsroom, site: Site) -> None:
    feed(site, CHOIR)
    gather(wired)
    site.has("/feed.xml", "", "text/xml", status=404)
    said = []
    for _ in range(3):
        turn(wired, days=1)
        said.append(gather(wired).problems[0].message)

    assert ["times in a row" in message for message in said] == [False, False, True]
    assert said[2].endswith("the server answered 404 Not Found. It failed 3 times in a row.")
    found = health(wired)
    assert (found.failures, found.problem) == (3, said[0])
    assert found.good_at == wired.app.clock() - timedelta(days=3)
    assert site.asked("/feed.xml") == 4  # it may come back, and is asked


def test_another_location_in_the_settings_is_another_source_whose_articles_are_known(
    wired: Newsroom, site: Site
) -> None:
    feed(site, CHOIR, OWLS)
    gather(wired)
    site.has("/feed.xml", "", "text/xml", status=410)
    gather(wired)
    assert health(wired).retired_at

    feed(site, CHOIR)
    site.answers("/new.xml", site._replies["/feed.xml"])
    settings = wired.folder / "settings.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("/feed.xml", "/new.xml"), encoding="utf-8")
    report = gather(wired)

    assert (report.failed, report.new, report.problems) == (False, (), ())
    assert site.asked("/choir") == 1
    assert health(wired).location == site.url("/new.xml")
    assert health(wired).retired_at is None


def test_a_move_for_good_is_kept_with_the_source(wired: Newsroom, site: Site) -> None:
    feed(site, CHOIR)
    site.answers("/new.xml", site._replies["/feed.xml"])
    site.redirects("/feed.xml", "/new.xml", 301)

    gather(wired)
    gather(wired)

    assert health(wired).moved_to == site.url("/new.xml")
    assert (site.asked("/feed.xml"), site.asked("/new.xml")) == (1, 2)


def test_a_folder_is_never_dry(wired: Newsroom) -> None:
    gather(wired)
    turn(wired, days=400)
    with wired.app.database.read() as conn:
        copy = sources.recall(conn, "daily", "Copy")[1]
    assert (copy.failures, copy.standing(wired.app.clock())) == (0, "good")


def test_the_newsroom_says_who_it_is_and_obeys_robots_txt(wired: Newsroom, site: Site) -> None:
    feed(site, CHOIR, OWLS)
    site.has("/robots.txt", "User-agent: *\nDisallow: /owls", "text/plain")

    report = gather(wired)

    assert [stored.article.headline for stored in report.new] == [CHOIR.headline]
    assert site.asked("/owls") == 0
    said = "digest-mailer (The Harbour Post; +https://digest.harbour.example)"
    assert {request.headers["user-agent"] for request in site.requests} == {said}


def test_gathering_ends_when_its_time_is_up(wired: Newsroom, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings' deadline, not the limit for one document, ends it."""
    import threading

    from tests.articles.sources.site import Reply, Request

    over = threading.Event()

    def mute(_: Request) -> Reply:
        over.wait(20)
        return Reply()

    site.answers("/feed.xml", mute)
    monkeypatch.setitem(wired.environment, "DIGEST_FETCH_DEADLINE", "1")
    monkeypatch.setitem(wired.environment, "DIGEST_FETCH_TIMEOUT", "60")
    try:
        report = gather(wired)
    finally:
        over.set()
    assert report.failed
    assert "the time for gathering" in report.problems[0].message
