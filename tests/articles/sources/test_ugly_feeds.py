"""Feeds as newsrooms, their content systems and their proxies really serve them, gathered over HTTP."""

from __future__ import annotations

import gzip
import time
import tracemalloc
import zlib
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler

import pytest

from digest.articles.sources.fetch import Fetcher, Limits
from digest.articles.sources.gather import Gathered, gather
from digest.articles.sources.memory import SourceMemory
from digest.articles.sources.survey import check
from digest.model import Source, SourceKind
from tests.articles.sources.site import Reply, Request, Site

NEW = SourceMemory()
DECLARED = '<?xml version="1.0" encoding="utf-8"?>'


def rss(*items: str, declared: str = DECLARED, channel: str = "") -> str:
    return f'{declared}<rss version="2.0"><channel><title>Courier</title>{channel}{"".join(items)}</channel></rss>'


def item(title: str, link: str = "/ferry", more: str = "") -> str:
    return f"<item><title>{title}</title><link>{link}</link>{more}</item>"


def courier(site: Site, path: str = "/feed", limit: int = 20) -> Source:
    return Source(name="Courier", kind=SourceKind.FEED, location=site.url(path), limit=limit)


def has_pages(site: Site, *names: str) -> None:
    for name in names or ("ferry", "choir"):
        site.has(f"/{name}", f"<!doctype html><html><p>This is {name}.</p></html>")


def gathered(site: Site, web: Fetcher, content: str | bytes, kind: str = "application/rss+xml") -> Gathered:
    has_pages(site)
    site.has("/feed", content, kind)
    return gather(courier(site), NEW, web)


def headlines(found: Gathered) -> list[str]:
    return [document.hints.headline for document in found.documents]


def paths(found: Gathered) -> list[str]:
    return [document.location.rpartition("/")[2] for document in found.documents]


# --- XML that is none ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "read"),
    [
        ("Fish & chips on the quay", "Fish & chips on the quay"),
        ("Caf&eacute;&nbsp;&mdash; open&hellip;", "Café — open…"),
        ("A \x0bvertical\x08 tab", "A vertical tab"),
        ("Nothing &#0; here", "Nothing here"),
        ("Half <b>bold", "Half bold"),
    ],
)
def test_one_bad_title_costs_neither_itself_nor_the_next(site: Site, web: Fetcher, title: str, read: str) -> None:
    found = gathered(site, web, rss(item(title), item("The choir sings", "/choir")))
    assert headlines(found) == [read, "The choir sings"]
    assert ["not well-formed" in problem.message for problem in found.problems] == [True]


@pytest.mark.parametrize(
    "before",
    [
        b"\n\n  ",
        b"\xef\xbb\xbf\n",
        b"\xef\xbb\xbf\xef\xbb\xbf",
        b"<!-- served from a cache -->\n",
        b"<br />\n<b>Notice</b>: Undefined index in /srv/feed.php on line 3<br />\n",
    ],
    ids=["blank lines", "mark and line", "two marks", "comment", "notice of PHP"],
)
def test_what_slipped_in_before_the_feed_is_passed_over(site: Site, web: Fetcher, before: bytes) -> None:
    found = gathered(site, web, before + rss(item("Fähre fährt"), item("Chor", "/choir")).encode())
    assert headlines(found) == ["Fähre fährt", "Chor"]


def test_prefixes_that_nobody_declared_are_understood(site: Site, web: Fetcher) -> None:
    more = '<dc:creator>Kim Vale</dc:creator><media:content url="/boat.jpg" medium="image"/>'
    (document,) = gathered(site, web, rss(item("Ferry", more=more))).documents
    assert document.hints.byline == "Kim Vale"
    assert document.hints.image
    assert document.hints.image.url == site.url("/boat.jpg")


def test_a_feed_in_two_dialects_is_read_with_what_each_says(site: Site, web: Fetcher) -> None:
    """Atom's names within RSS, and the other way round, as home-made feeds have them."""
    mixed = (
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:a10="http://www.w3.org/2005/Atom"><channel>'
        '<atom:link href="/feed" rel="self"/><item><title>Ferry</title><link>/ferry</link>'
        "<a10:updated>2026-11-20T06:00:00Z</a10:updated><atom:summary>It sails again.</atom:summary></item>"
        "</channel></rss>"
    )
    (document,) = gathered(site, web, mixed).documents
    assert document.hints.published_at == datetime(2026, 11, 20, 6, tzinfo=UTC)
    assert document.hints.standfirst == "It sails again."


def test_a_feed_that_breaks_off_in_the_middle_of_an_entry_gives_the_whole_ones(site: Site, web: Fetcher) -> None:
    cut = rss(item("Ferry"), item("Choir", "/choir"), item("Bakery", "/bakery"))
    found = gathered(site, web, cut[: cut.index("/bakery") + 3])
    assert headlines(found) == ["Ferry", "Choir"]
    assert "not well-formed" in found.problems[0].message


# --- Charsets -----------------------------------------------------------------------------------------------

QUOTED = "“Fähre” – vier Euro für Kinder…"
UTF_16 = '<?xml version="1.0" encoding="utf-16"?>'
LATIN = '<?xml version="1.0" encoding="iso-8859-1"?>'


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (rss(item(QUOTED)).encode("cp1252"), "application/rss+xml"),
        (rss(item(QUOTED)).encode("cp1252"), "text/xml; charset=utf-8"),
        (rss(item(QUOTED), declared=LATIN).encode("cp1252"), "text/xml"),
        (rss(item(QUOTED), declared=LATIN).encode("cp1252"), "text/xml; charset=utf-8"),
        (rss(item(QUOTED)).encode(), "text/xml"),
        (rss(item(QUOTED)).encode(), "text/xml; charset=iso-8859-1"),
        (rss(item(QUOTED)).encode(), "application/rss+xml; charset=ISO-8859-1"),
        (rss(item(QUOTED)).encode(), "text/html; charset=utf-8"),
        (rss(item(QUOTED), declared=LATIN).encode(), "text/xml"),
        (rss(item(QUOTED), declared=UTF_16).encode("utf-16"), "text/xml"),
        (rss(item(QUOTED), declared=UTF_16).encode("utf-16-le"), "text/xml"),
        (rss(item(QUOTED)).encode("utf-16"), "application/rss+xml"),
        (rss(item(QUOTED), declared='<?xml version="1.0" encoding="x-made-up"?>').encode(), "text/xml"),
        (rss(item(QUOTED), declared="").encode("cp1252"), "text/plain"),
    ],
)
def test_letters_are_read_right_whatever_feed_and_server_say_of_them(
    site: Site, web: Fetcher, content: bytes, kind: str
) -> None:
    assert headlines(gathered(site, web, content, kind)) == [QUOTED]


def test_a_few_windows_quotes_pasted_into_utf_8_do_not_spoil_the_rest(site: Site, web: Fetcher) -> None:
    pasted = rss(item("Fähre für alle"), item("QUOTE", "/choir")).encode().replace(b"QUOTE", b"\x93Ahoi\x94")
    assert headlines(gathered(site, web, pasted)) == ["Fähre für alle", "“Ahoi”"]


def test_a_sound_feed_whose_server_misstates_its_charset_is_no_problem(site: Site, web: Fetcher) -> None:
    """`text/xml` without a charset means ASCII, by a standard that nobody follows."""
    assert gathered(site, web, rss(item("Fähre")), "text/xml").problems == ()


# --- What entries say, and do not say -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "read"),
    [
        ("<![CDATA[The <em>night</em> ferry &amp; the choir]]>", "The night ferry & the choir"),
        ("The &lt;em&gt;night&lt;/em&gt; ferry", "The night ferry"),
        ("<em>Night</em> ferry", "Night ferry"),
        ("Tom &amp;amp; Jerry&amp;#8217;s day", "Tom & Jerry’s day"),
        ("Tom &amp;amp;amp; Jerry&amp;amp;#8217;s day", "Tom & Jerry’s day"),
        ("Who plays &amp;lt;i&amp;gt;Hamlet&amp;lt;/i&amp;gt;?", "Who plays Hamlet?"),
        ("When 3 &lt; 5 and 7 &gt; 6", "When 3 < 5 and 7 > 6"),
        ("AT&amp;T &amp; B&amp;Q", "AT&T & B&Q"),
        ("  The\n   ferry\t sails ", "The ferry sails"),
    ],
)
def test_a_headline_is_plain_text_however_it_was_escaped(site: Site, web: Fetcher, title: str, read: str) -> None:
    assert headlines(gathered(site, web, rss(item(title)))) == [read]


def test_entries_without_dates_and_ids_are_read_once_in_the_feeds_order(site: Site, web: Fetcher) -> None:
    first = gathered(site, web, rss(item("Ferry"), item("Choir", "/choir?utm_source=rss")))
    again = gather(courier(site), first.memory, web)
    assert paths(first) == ["ferry", "choir?utm_source=rss"]
    assert [document.hints.published_at for document in first.documents] == [None, None]
    assert again.documents == ()


def test_ids_that_stand_twice_are_one_article(site: Site, web: Fetcher) -> None:
    twice = '<guid isPermaLink="false">7</guid>'
    found = gathered(site, web, rss(item("Ferry", more=twice), item("Ferry, again", "/choir", twice)))
    assert headlines(found) == ["Ferry"]


def test_links_are_relative_to_what_the_feed_says(site: Site, web: Fetcher) -> None:
    site.has("/blog/2026/ferry", "<!doctype html><p>Here.</p>")
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="/blog/"><title>B</title><entry xml:base="2026/">'
        '<title>Ferry</title><id>tag:1</id><link href="ferry"/></entry></feed>'
    )
    site.has("/atom", atom, "application/atom+xml")
    assert gather(courier(site, "/atom"), NEW, web).documents[0].location == site.url("/blog/2026/ferry")


def test_links_of_rss_are_relative_to_the_site_that_it_is_about(site: Site, web: Fetcher) -> None:
    """The feed may lie anywhere, such as with a service for feeds."""
    site.has("/news/ferry", "<!doctype html><p>Here.</p>")
    channel = f"<link>{site.url('/news/')}</link>"
    site.has("/feeds/courier.xml", rss(item("Ferry", "ferry"), channel=channel), "text/xml")
    found = gather(courier(site, "/feeds/courier.xml"), NEW, web)
    assert [document.location for document in found.documents] == [site.url("/news/ferry")]


def test_an_id_that_is_an_address_leads_to_an_article_without_a_link(site: Site, web: Fetcher) -> None:
    entry = f'<item><title>Ferry</title><guid isPermaLink="false">{site.url("/ferry")}</guid></item>'
    assert paths(gathered(site, web, rss(entry))) == ["ferry"]


# --- Size ---------------------------------------------------------------------------------------------------


def archive(count: int, *, oldest_first: bool) -> str:
    """A feed that was never cut: a story each hour, for months."""
    start = datetime(2026, 4, 1, tzinfo=UTC)
    hours = range(count) if oldest_first else range(count - 1, -1, -1)
    return rss(
        *(
            item(
                f"Story {at}", f"/story-{at}", f"<pubDate>{start + timedelta(hours=at):%d %b %Y %H:%M:%S GMT}</pubDate>"
            )
            for at in hours
        )
    )


@pytest.mark.parametrize("oldest_first", [True, False])
def test_of_five_thousand_entries_the_newest_are_read_and_then_only_what_is_new(site: Site, oldest_first: bool) -> None:
    web = Fetcher(allow_hosts=[site.host], limits=Limits(list_size=5_000_000))
    has_pages(site, *(f"story-{at}" for at in range(4990, 5003)))
    site.has("/feed", archive(5000, oldest_first=oldest_first), "text/xml")
    first = gather(courier(site, limit=3), NEW, web)
    site.has("/feed", archive(5002, oldest_first=oldest_first), "text/xml")
    second = gather(courier(site, limit=3), first.memory, web)
    assert paths(first) == ["story-4999", "story-4998", "story-4997"]
    assert paths(second) == ["story-5001", "story-5000"]
    assert (first.problems, second.problems) == ((), ())


def test_a_feed_of_ten_megabytes_is_read_and_one_over_the_limit_says_so(site: Site) -> None:
    body = f"<description><![CDATA[{'The ferry crosses the river at night. ' * 270}]]></description>"
    big = rss(*(item(f"Story {at}", f"/story-{at}", body) for at in range(1000))).encode()
    assert len(big) > 10_000_000
    site.has("/feed", big, "text/xml")

    read = check(courier(site), Fetcher(allow_hosts=[site.host]))
    refused = gather(courier(site), NEW, Fetcher(allow_hosts=[site.host], limits=Limits(list_size=10_000_000)))

    assert (read.entries, read.headlines[0]) == (1000, "Story 0")
    assert refused.failed
    assert "it is larger than 9.54 MB" in refused.problems[0].message


# --- What servers do ----------------------------------------------------------------------------------------


def test_a_page_given_as_a_feed_leads_to_the_feed_that_it_names(site: Site, web: Fetcher) -> None:
    has_pages(site)
    site.has("/", '<!doctype html><link rel="alternate" type="application/rss+xml" href="/rss.xml"><h1>Courier</h1>')
    asked: list[Request] = []

    def feed(request: Request) -> Reply:
        asked.append(request)
        unchanged = request.headers.get("if-none-match") == '"7"'
        return Reply(b"", 304) if unchanged else Reply(rss(item("Ferry")).encode(), 200, {"ETag": '"7"'})

    site.answers("/rss.xml", feed)
    first = gather(courier(site, "/"), NEW, web)
    second = gather(courier(site, "/"), first.memory, web)
    assert headlines(first) == ["Ferry"]
    said = f"Its location is a web page, which names the feed {site.url('/rss.xml')}: use that address."
    assert [problem.message for problem in first.problems] == [said]
    assert (second.documents, [problem.message for problem in second.problems]) == ((), [said])
    assert (site.asked("/"), len(asked)) == (1, 2)  # from then on the feed itself is asked, and says "not changed"
    assert check(courier(site, "/"), web).problems[0] == said


def test_a_page_that_names_itself_as_its_feed_is_no_feed(site: Site, web: Fetcher) -> None:
    site.has("/", '<!doctype html><link rel="alternate" type="application/rss+xml" href="/">')
    found = gather(courier(site, "/"), NEW, web)
    assert found.failed
    assert "is a web page, not a feed" in found.problems[0].message


LOGIN = '<!doctype html><html><form action="/login"><input name="u"><input type="password" name="p"></form></html>'


def test_a_login_page_is_not_taken_for_a_feed(site: Site, web: Fetcher) -> None:
    found = gathered(site, web, LOGIN, "text/html")
    assert found.failed
    assert found.problems[0].message == f"{site.url('/feed')} is a page to log in, not a feed."


def test_a_login_page_is_not_taken_for_the_article_that_leads_to_it(site: Site, web: Fetcher) -> None:
    site.has("/account/login", LOGIN)
    site.redirects("/secret", "/account/login?next=/secret")
    site.has("/choir", "<!doctype html><p>Here.</p>")
    site.has("/feed", rss(item("Members only", "/secret"), item("Choir", "/choir")), "text/xml")
    found = gather(courier(site), NEW, web)
    assert headlines(found) == ["Choir"]
    assert "/secret leads to a login page" in found.problems[0].message


def test_a_move_for_good_is_remembered_and_reported_and_a_detour_is_neither(site: Site, web: Fetcher) -> None:
    has_pages(site)
    site.has("/new", rss(item("Ferry")), "text/xml")
    site.redirects("/old", "/new", 301)
    site.redirects("/detour", "/new", 302)
    moved = gather(courier(site, "/old"), NEW, web)
    again = gather(courier(site, "/old"), moved.memory, web)
    detour = gather(courier(site, "/detour"), NEW, web)
    said = f"It has moved for good to {site.url('/new')}: change its location."
    assert [problem.message for problem in (*moved.problems, *again.problems)] == [said, said]
    assert site.asked("/old") == 1
    assert detour.problems == ()
    assert detour.memory.at == ""


@pytest.mark.parametrize("status", [404, 410])
def test_a_feed_that_is_not_where_it_moved_to_is_looked_for_at_its_location(
    site: Site, web: Fetcher, status: int
) -> None:
    has_pages(site)
    site.has("/new", rss(), "text/xml")
    site.redirects("/feed", "/new", 301)
    memory = gather(courier(site), NEW, web).memory
    site.has("/new", "", status=status)
    site.has("/feed", rss(item("Ferry")), "text/xml")
    back = gather(courier(site), memory, web)
    assert (headlines(back), back.problems, back.memory.at) == (["Ferry"], (), "")


def test_a_feed_that_is_gone_for_good_says_so(site: Site, web: Fetcher) -> None:
    found = gathered(site, web, "", "text/xml")
    assert not found.gone
    site.has("/feed", "", status=410)
    assert gather(courier(site), NEW, web).gone
    site.has("/feed", "", status=404)
    assert not gather(courier(site), NEW, web).gone


def test_an_article_that_was_taken_down_is_not_tried_again(site: Site, web: Fetcher) -> None:
    site.has("/ferry", "", status=410)
    site.has("/feed", rss(item("Ferry")), "text/xml")
    first = gather(courier(site), NEW, web)
    second = gather(courier(site), first.memory, web)
    assert first.problems[0].message.endswith("the server answered 410 Gone. It is given up.")
    assert (second.problems, site.asked("/ferry")) == ((), 1)


@pytest.mark.parametrize(
    ("status", "retry_after", "wait"),
    [
        (429, "120", 120),
        (429, "", 600),
        (503, "30", 30),
        (503, "Fri, 01 Jan 2100 00:00:00 GMT", 24 * 3600),
        (503, "99999999", 24 * 3600),
        (503, "", 0),
        (503, "soon", 0),
        (429, "Sun, 01 Nov 2020 00:00:00 GMT", 600),
        (404, "120", 0),
    ],
)
def test_a_server_that_asks_to_wait_is_heard_within_reason(
    site: Site, web: Fetcher, status: int, retry_after: str, wait: float
) -> None:
    site.has("/feed", "", status=status, **({"Retry_After": retry_after} if retry_after else {}))
    found = gather(courier(site), NEW, web)
    assert (found.failed, found.wait) == (True, wait)


def test_articles_that_a_busy_server_refuses_wait_for_the_next_time_and_are_not_given_up(
    site: Site, web: Fetcher
) -> None:
    site.has("/feed", rss(*(item(f"Story {at}", f"/story-{at}") for at in range(9))), "text/xml")
    for at in range(9):
        site.has(f"/story-{at}", "", status=429, Retry_After="60")
    found = gather(courier(site), NEW, web)
    asked = sum(request.path.startswith("/story") for request in site.requests)
    assert 1 <= asked <= 2  # those that were in the air together; then nobody is asked any more
    assert (found.failed, found.documents, found.memory.failed, found.memory.seen) == (False, (), {}, ())
    assert 0 < found.wait <= 60
    assert len(found.problems) == 1
    has_pages(site, *(f"story-{at}" for at in range(9)))
    fresh = Fetcher(allow_hosts=[site.host])  # the next day
    assert len(gather(courier(site), found.memory, fresh).documents) == 9


@pytest.mark.parametrize("packed", [zlib.compress, lambda raw: zlib.compress(raw, wbits=-15)], ids=["zlib", "raw"])
def test_deflate_is_read_in_both_of_its_meanings(site: Site, web: Fetcher, packed: object) -> None:
    has_pages(site)
    content = packed(rss(item("Ferry")).encode())  # type: ignore[operator]
    site.has("/feed", content, "text/xml", Content_Encoding="deflate")
    assert headlines(gather(courier(site), NEW, web)) == ["Ferry"]


def test_deflate_does_not_fill_the_memory(site: Site) -> None:
    bomb = zlib.compress(b"\0" * 400_000_000)
    site.has("/feed", bomb, "text/xml", Content_Encoding="deflate")
    tight = Fetcher(allow_hosts=[site.host], limits=Limits(list_size=2_000_000))
    tracemalloc.start()
    found = gather(courier(site), NEW, tight)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "larger than" in found.problems[0].message
    assert most < 20_000_000  # one of its pieces alone unpacks to 60 MB


def test_a_feed_that_is_packed_without_a_word_is_unpacked(site: Site, web: Fetcher) -> None:
    assert headlines(gathered(site, web, gzip.compress(rss(item("Ferry")).encode()))) == ["Ferry"]


@pytest.mark.parametrize(
    ("content", "encoding", "said"),
    [
        (rss(item("Ferry")).encode(), "gzip", "compressed answer is damaged"),
        (rss(item("Ferry")).encode(), "deflate", "compressed answer is damaged"),
        (gzip.compress(rss(item("Ferry")).encode())[:-9], "gzip", "ends too early"),
        (b"\x0b\x05\x80ferry\x03", "br", "it came compressed as br"),
    ],
)
def test_compression_that_is_wrong_is_said(site: Site, web: Fetcher, content: bytes, encoding: str, said: str) -> None:
    site.has("/feed", content, "text/xml", Content_Encoding=encoding)
    found = gather(courier(site), NEW, web)
    assert found.failed
    assert said in found.problems[0].message


def drip(handler: BaseHTTPRequestHandler) -> None:
    for _ in range(60):
        handler.wfile.write(b"<item>")
        handler.wfile.flush()
        time.sleep(0.1)


def test_a_host_that_drips_costs_its_own_source_and_no_more_than_the_limit(site: Site, web: Fetcher) -> None:
    site.answers("/feed", lambda _: Reply(headers={"Content-Type": "text/xml"}, write=drip))
    found = gather(courier(site), NEW, web)
    assert found.failed
    assert "it took too long (limit 1.2 seconds)" in found.problems[0].message


def test_a_host_without_an_address_is_told_by_the_feeds_own_address() -> None:
    def nowhere(_host: str, _port: int) -> list[str]:
        raise OSError("Name or service not known")

    source = Source(name="Courier", kind=SourceKind.FEED, location="https://courier.example/feed")
    found = gather(source, NEW, Fetcher(resolver=nowhere))
    assert found.problems[0].message == (
        "Could not fetch https://courier.example/feed: the name courier.example cannot be resolved."
    )
