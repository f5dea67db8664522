"""How we behave towards hosts: robots.txt, few requests at once, and no asking where it is no use."""

from __future__ import annotations

import threading
import time

import pytest

from digest.articles.sources.fetch import Fetcher, Limits, user_agent
from digest.articles.sources.gather import Gathered, gather, gather_all
from digest.articles.sources.manners import AT_ONCE, LEFT_ALONE, LONGEST_DELAY, Manners
from digest.articles.sources.memory import SourceMemory
from digest.articles.sources.network import Term
from digest.errors import FetchError, Forbidden, Postponed
from digest.model import Source, SourceKind
from tests.articles.sources.site import Reply, Request, Site

NEW = SourceMemory()
WHOLE = "<content:encoded><![CDATA[<p>" + "The choir sings in the car park. " * 40 + "</p>]]></content:encoded>"
SPACES = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'


def rss(*names: str, more: str = "") -> str:
    items = "".join(f"<item><title>{name}</title><link>/{name}</link>{more}</item>" for name in names)
    return f'<rss version="2.0" {SPACES}><channel><title>C</title>{items}</channel></rss>'


def feed(site: Site, name: str = "Courier", *, path: str = "/feed", robots: bool = True) -> Source:
    return Source(name=name, kind=SourceKind.FEED, location=site.url(path), robots=robots)


def publishes(site: Site, *names: str, more: str = "") -> None:
    site.has("/feed", rss(*names, more=more), "text/xml")
    for name in names:
        site.has(f"/{name}", f"<!doctype html><p>This is {name}.</p>")


def paths(found: Gathered) -> list[str]:
    return [document.location.rpartition("/")[2] for document in found.documents]


def messages(found: Gathered) -> list[str]:
    return [problem.message for problem in found.problems]


# --- robots.txt ---------------------------------------------------------------------------------------------


def test_what_robots_txt_forbids_is_not_asked_for_and_the_owner_is_who_to_ask(site: Site, web: Fetcher) -> None:
    publishes(site, "ferry", "choir?print=1", "archive/bakery")
    site.has("/choir", "<!doctype html><p>Print</p>")
    site.has(
        "/robots.txt", "User-agent: *\nDisallow: /*?print=\nDisallow: /archive/\nAllow: /archive/b$\n", "text/plain"
    )
    found = gather(feed(site), NEW, web)
    assert paths(found) == ["ferry"]
    assert site.asked("/choir") == site.asked("/archive/bakery") == 0
    assert ["the site's robots.txt asks programs not to read it" in message for message in messages(found)] == [
        True
    ] * 2
    assert "`robots = false`" in found.problems[0].hint


def test_rules_for_us_by_name_go_before_those_for_everybody(site: Site, web: Fetcher) -> None:
    publishes(site, "ferry")
    site.has("/robots.txt", "User-agent: *\nDisallow: /\n\nUser-agent: digest-mailer\nAllow: /\n", "text/plain")
    assert paths(gather(feed(site), NEW, web)) == ["ferry"]


def test_a_source_whose_owner_agreed_is_read_all_the_same(site: Site, web: Fetcher) -> None:
    publishes(site, "ferry")
    site.has("/robots.txt", "User-agent: *\nDisallow: /", "text/plain")
    refused = gather(feed(site), NEW, web)
    assert (refused.failed, site.asked("/feed")) == (True, 0)
    assert paths(gather(feed(site, robots=False), NEW, web)) == ["ferry"]


def test_pages_that_robots_txt_forbids_are_taken_from_a_feed_that_carries_them_without_a_word(
    site: Site, web: Fetcher
) -> None:
    publishes(site, "choir", more=WHOLE)
    site.has("/robots.txt", "User-agent: *\nDisallow: /choir", "text/plain")
    found = gather(feed(site), NEW, web)
    assert b"sings in the car park" in found.documents[0].content
    assert (site.asked("/choir"), found.problems) == (0, ())


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_site_without_robots_txt_allows_everything(site: Site, web: Fetcher, status: int) -> None:
    publishes(site, "ferry")
    site.has("/robots.txt", "User-agent: *\nDisallow: /", "text/plain", status=status)
    assert paths(gather(feed(site), NEW, web)) == ["ferry"]


@pytest.mark.parametrize(("status", "wait"), [(500, 0), (503, 90), (429, 90)])
def test_a_site_that_cannot_say_what_it_allows_is_left_alone(
    site: Site, web: Fetcher, status: int, wait: float
) -> None:
    publishes(site, "ferry")
    site.has("/robots.txt", "", status=status, Retry_After="90")
    found = gather(feed(site), NEW, web)
    assert (found.failed, found.wait, site.asked("/feed")) == (True, wait, 0)
    assert f"robots.txt answered {status}, so what it allows is not known" in messages(found)[0]


def test_robots_txt_is_asked_for_once_for_each_host_and_again_when_it_is_old(site: Site) -> None:
    now = [0.0]
    web = Fetcher(allow_hosts=[site.host], clock=lambda: now[0])
    publishes(site, "ferry", "choir")
    site.has("/robots.txt", "User-agent: *\nAllow: /", "text/plain", Cache_Control="max-age=7200")
    gather(feed(site), NEW, web)
    gather(feed(site), NEW, web)
    assert site.robots_asked == 1
    now[0] = 7201.0
    gather(feed(site), NEW, web)
    assert site.robots_asked == 2


def test_a_page_instead_of_robots_txt_forbids_nothing(site: Site, web: Fetcher) -> None:
    publishes(site, "ferry")
    site.has("/robots.txt", "<!doctype html><html><p>Disallow: / is what some write.</p></html>")
    assert paths(gather(feed(site), NEW, web)) == ["ferry"]


def test_rules_made_to_waste_our_time_do_not(site: Site, web: Fetcher) -> None:
    name = "a" * 3000
    publishes(site, name)
    site.has("/robots.txt", "User-agent: *\nDisallow: /" + "*a" * 30 + "b\n", "text/plain")
    started = time.monotonic()
    assert paths(gather(feed(site), NEW, web)) == [name]
    assert time.monotonic() - started < 5  # a pattern that goes back and forth takes for ever


def test_a_site_that_an_article_redirects_to_has_its_own_robots_txt(site: Site) -> None:
    with Site() as other:
        web = Fetcher(
            allow_hosts=[f"courier.example:{site.port}", f"courier.example:{other.port}"],
            resolver=lambda _h, _p: ["127.0.0.1"],
        )
        site.has("/feed", rss("ferry"), "text/xml")
        site.redirects("/ferry", f"http://courier.example:{other.port}/ferry")
        other.has("/ferry", "<!doctype html><p>Here.</p>")
        other.has("/robots.txt", "User-agent: *\nDisallow: /ferry", "text/plain")
        source = Source(name="C", kind=SourceKind.FEED, location=f"http://courier.example:{site.port}/feed")
        found = gather(source, NEW, web)
        assert (found.documents, other.asked("/ferry")) == ((), 0)


def test_what_a_person_names_by_hand_is_asked_for_as_a_browser_would(site: Site, web: Fetcher) -> None:
    site.has("/robots.txt", "User-agent: *\nDisallow: /", "text/plain")
    assert web.get(site.has("/ferry", "<p>Here.</p>")).content == b"<p>Here.</p>"
    with pytest.raises(Forbidden):
        web.within(site.url("/")).get(site.url("/ferry"))


@pytest.mark.parametrize(
    ("newsroom", "agent"),
    [
        ("The Riverbend Courier", "digest-mailer (The Riverbend Courier; +https://riverbend.example)"),
        ("Le Père (Journal)", "digest-mailer (Le Pere Journal; +https://riverbend.example)"),
        ("עיתון\r\nX: y", "digest-mailer (X: y; +https://riverbend.example)"),
        ("", "digest-mailer (+https://riverbend.example)"),
    ],
)
def test_we_say_for_which_newsroom_we_read_and_where_to_find_somebody(site: Site, newsroom: str, agent: str) -> None:
    web = Fetcher(allow_hosts=[site.host], user_agent=user_agent(newsroom, "https://riverbend.example"))
    web.get(site.has("/", "<p>Hi"))
    assert site.requests[0].headers["user-agent"] == agent


# --- Turns --------------------------------------------------------------------------------------------------


class Crowd:
    """Pages that stay open until they are let go, and count how many are asked for at once."""

    def __init__(self) -> None:
        self.here = self.most = 0
        self._change = threading.Condition()

    def answer(self, body: bytes) -> Reply:
        with self._change:
            self.here += 1
            self.most = max(self.most, self.here)
        time.sleep(0.02)
        with self._change:
            self.here -= 1
        return Reply(body, headers={"Content-Type": "text/html"})


def test_a_host_has_two_requests_at_once_however_many_sources_are_on_it(site: Site) -> None:
    crowd = Crowd()
    for name in "abcdef":
        links = [f"{name}{number}" for number in range(4)]
        body = rss(*links).encode()
        site.answers(f"/{name}", lambda _, body=body: crowd.answer(body))  # type: ignore[misc]
        for link in links:
            site.answers(f"/{link}", lambda _: crowd.answer(b"<!doctype html><p>Here."))
    found = gather_all([feed(site, name, path=f"/{name}") for name in "abcdef"], {}, Fetcher(allow_hosts=[site.host]))
    assert sum(len(each.documents) for each in found) == 24
    assert crowd.most == AT_ONCE == 2


class Time:
    """A clock that goes on by itself each time that somebody looks at it, or only when a test turns it."""

    def __init__(self, step: float = 0.0) -> None:
        self.now, self.step = 100.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


@pytest.mark.parametrize(("asked", "kept"), [(4.0, 4.0), (3600.0, LONGEST_DELAY)])
def test_requests_are_as_far_apart_as_robots_txt_asks_within_reason(
    asked: float, kept: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.articles.sources.manners._GLANCE", 0.0001)
    clock, begun = Time(step=0.25), list[float]()
    manners = Manners(clock=clock)
    for _ in range(3):
        with manners.turn("courier.example", Term(), delay=asked):
            begun.append(clock.now)
    first, second, third = begun
    assert kept <= second - first <= kept + 2
    assert kept <= third - second <= kept + 2


def test_the_delay_in_a_robots_txt_is_kept(site: Site, web: Fetcher) -> None:
    publishes(site, "ferry")
    site.has("/robots.txt", "User-agent: *\nCrawl-delay: 0.3", "text/plain")
    asked: list[float] = []

    def answer(_: Request) -> Reply:
        asked.append(time.monotonic())
        return Reply(rss("ferry").encode(), headers={"Content-Type": "text/xml"})

    def page(_: Request) -> Reply:
        asked.append(time.monotonic())
        return Reply(b"<!doctype html><p>Here.", headers={"Content-Type": "text/html"})

    site.answers("/feed", answer)
    site.answers("/ferry", page)
    assert paths(gather(feed(site), NEW, web)) == ["ferry"]
    assert asked[1] - asked[0] >= 0.25


def test_a_host_that_does_not_answer_twice_is_left_alone_for_a_while() -> None:
    clock = Time()
    manners, term = Manners(clock=clock), Term(clock=clock)

    def ask(*, fails: bool) -> None:
        with manners.turn("courier.example", term):
            if fails:
                raise FetchError("No connection.", unanswered=True)

    for _ in range(2):
        with pytest.raises(FetchError, match="No connection"):
            ask(fails=True)
    with pytest.raises(Postponed, match="it did not answer 2 times in a row") as left:
        ask(fails=False)
    assert left.value.wait == 0
    clock.now += LEFT_ALONE + 1
    ask(fails=False)


def test_what_a_host_refuses_is_an_answer(site: Site, web: Fetcher) -> None:
    publishes(site, *(f"gone-{number}" for number in range(5)))
    for number in range(5):
        site.has(f"/gone-{number}", "", status=404)
    found = gather(feed(site), NEW, web)
    assert sum(request.path.startswith("/gone") for request in site.requests) == 5
    assert len(found.problems) == 5


def test_a_dead_host_costs_two_tries_and_its_articles_are_not_given_up_for_it(site: Site) -> None:
    """Nine links to a host where nobody listens: they wait for the next time."""
    links = "".join(
        f"<item><title>{number}</title><link>http://dead.example:1/{number}</link></item>" for number in range(9)
    )
    site.has("/feed", f'<rss version="2.0"><channel>{links}</channel></rss>', "text/xml")
    asked: list[str] = []

    def resolver(host: str, _port: int) -> list[str]:
        if host == "dead.example":
            asked.append(host)
            raise OSError("no such name")
        return ["127.0.0.1"]

    web = Fetcher(allow_hosts=["dead.example:1", f"wire.example:{site.port}"], resolver=resolver)
    source = Source(name="Wire", kind=SourceKind.FEED, location=f"http://wire.example:{site.port}/feed", robots=False)
    found = gather(source, NEW, web)
    assert found.documents == ()
    assert len(asked) <= 2


def test_waiting_for_a_turn_does_not_count_against_a_page(site: Site) -> None:
    """Six pages of 0.2 s, two at once, with 0.5 s for each document: the last ones wait for longer than that."""

    def slow(_: Request) -> Reply:
        time.sleep(0.2)
        return Reply(b"<!doctype html><p>Here.", headers={"Content-Type": "text/html"})

    names = [f"story-{number}" for number in range(4)]
    feeds = []
    for number in range(4):
        site.has(f"/feed-{number}", rss(*(f"{name}-{number}" for name in names)), "text/xml")
        feeds.append(feed(site, str(number), path=f"/feed-{number}"))
        for name in names:
            site.answers(f"/{name}-{number}", slow)
    web = Fetcher(allow_hosts=[site.host], limits=Limits(total=0.5, read=0.5))
    found = gather_all(feeds, {}, web)
    assert [len(each.documents) for each in found] == [4] * 4
