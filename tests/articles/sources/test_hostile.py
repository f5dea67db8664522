"""What strangers may put into links, feeds and answers, and that it costs one article at most."""

from __future__ import annotations

import gzip
import json
import time
from dataclasses import replace

import httpx
import pytest

from digest.articles.sources.addresses import Guard, why_private
from digest.articles.sources.fetch import Fetcher, Limits
from digest.articles.sources.gather import gather
from digest.articles.sources.memory import SourceMemory
from digest.articles.sources.survey import check
from digest.errors import AddressRefused, FetchError
from digest.model import Source, SourceKind
from tests.articles.sources.site import Reply, Site

PAGE = "<!doctype html><html><p>The ferry runs again.</p></html>"


def rss(*links: str, more: str = "") -> str:
    items = "".join(f"<item><title>{at}</title><link>{link}</link>{more}</item>" for at, link in enumerate(links))
    return f'<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel>{items}</channel></rss>'


def feed(location: str) -> Source:
    return Source(name="Courier", kind=SourceKind.FEED, location=location, limit=20)


def read_names(site: Site, web: Fetcher, *links: str) -> tuple[list[str], list[str], SourceMemory]:
    """Names of the pages read, the problems, and what is remembered."""
    site.has("/feed", rss(*links), "text/xml")
    gathered = gather(feed(site.url("/feed")), SourceMemory(), web)
    assert not gathered.failed
    names = [document.location.rpartition("/")[2] for document in gathered.documents]
    return names, [problem.message for problem in gathered.problems], gathered.memory


# --- One link costs one article -----------------------------------------------------------------------------


@pytest.mark.parametrize("link", ["http://xn--0/", "http://xn--a-ecp.ru:99999/", "http://[::1", "http://a\u0000b/"])
def test_a_link_that_names_no_possible_host_costs_only_its_own_article(site: Site, web: Fetcher, link: str) -> None:
    site.has("/ferry", PAGE)
    site.has("/feed", json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [
        {"id": "1", "url": link}, {"id": "2", "url": site.url("/ferry")}]}), "application/feed+json")  # fmt: skip
    gathered = gather(feed(site.url("/feed")), SourceMemory(), web)
    assert [document.location for document in gathered.documents] == [site.url("/ferry")]
    assert len(gathered.problems) == 1
    assert "2" in gathered.memory.seen


def test_a_redirect_to_no_possible_host_costs_only_its_own_article(site: Site, web: Fetcher) -> None:
    site.has("/ferry", PAGE)
    site.redirects("/trap", "http://xn--0/")
    names, problems, memory = read_names(site, web, "/trap", "/ferry")
    assert names == ["ferry"]
    assert len(problems) == 1
    assert memory.failed


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "9" * 5000},
        {"Retry-After": "Mon, 99 Foo 99999999999 99:99:99 +9999999999"},
        {"Content-Type": "text/html; charset*=x; charset*0=x; charset*1*=y"},
        {"X-Odd": "ü"},
    ],
)
@pytest.mark.parametrize("status", [200, 503])
def test_headers_that_make_no_sense_cost_only_their_own_article(
    site: Site, web: Fetcher, headers: dict[str, str], status: int
) -> None:
    site.has("/ferry", PAGE)
    site.answers("/odd", lambda _: Reply(PAGE.encode(), status, {"Content-Type": "text/html", **headers}))
    names, problems, _ = read_names(site, web, "/odd", "/ferry")
    assert names[-1] == "ferry"
    assert len(names) + len(problems) == 2


def test_a_charset_in_pieces_is_no_charset(site: Site, web: Fetcher) -> None:
    assert web.get(site.has("/odd", PAGE, "text/html; charset*=x; charset*0=x")).charset == ""


def test_a_validator_that_cannot_be_sent_back_is_not_kept(site: Site, web: Fetcher) -> None:
    page = web.get(site.has("/feed", PAGE, ETag='"ü"', Last_Modified="gestern, 5 März"))
    assert (page.etag, page.last_modified) == ("", "")
    assert web.get_if_changed(site.url("/feed"), etag='"ü"', last_modified="März") is not None  # from an older memory


def test_what_no_library_foresaw_is_a_document_that_could_not_be_had(site: Site) -> None:
    def confused(_host: str, _port: int) -> list[str]:
        return ["not an address"]

    with pytest.raises(FetchError, match="it makes no sense to us"):
        Fetcher(resolver=confused).get("https://courier.example/")


def test_an_article_that_breaks_our_reading_is_reported_and_the_next_is_read(
    site: Site, web: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("nobody foresaw this")

    site.has("/feed", rss("/ferry"), "text/xml")
    site.has("/ferry", PAGE)
    monkeypatch.setattr("digest.articles.sources.offers.of_answer", breaks)
    gathered = gather(feed(site.url("/feed")), SourceMemory(), web)
    assert not gathered.failed
    assert "nobody foresaw this" in gathered.problems[0].message
    assert list(gathered.memory.failed.values()) == [1]


def test_an_entry_that_cannot_be_read_costs_only_itself(site: Site, web: Fetcher) -> None:
    wide = f'<media:content url="/p.jpg" medium="image" width="{"9" * 5000}"/>'
    site.has("/ferry", PAGE)
    site.has("/feed", rss("/ferry", more=wide), "text/xml")
    assert len(gather(feed(site.url("/feed")), SourceMemory(), web).documents) == 1


def test_a_wordpress_site_with_a_number_of_pages_beyond_counting_is_read(site: Site, web: Fetcher) -> None:
    post = {"link": site.url("/a"), "guid": {"rendered": "1"}, "content": {"rendered": "<p>" + "word " * 90}}
    site.has("/wp-json/wp/v2/posts", json.dumps([post]), "application/json", X_WP_TotalPages="9" * 5000)
    source = Source(name="Mill", kind=SourceKind.WORDPRESS, location=site.url("/wp-json/"), limit=1)
    assert check(source, web).entries == 1


def test_keys_and_headlines_hold_nothing_that_a_database_refuses(site: Site, web: Fetcher) -> None:
    site.has("/ferry", PAGE)
    site.has("/feed", json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [
        {"id": "a\ud800\u0000b", "url": "/ferry", "title": "Rivers \ud800\u0000rise", "image": "http://x.example/\ud800"},
        {"id": "c", "url": "http://x.example/\ud800"}]}), "application/feed+json")  # fmt: skip
    gathered = gather(feed(site.url("/feed")), SourceMemory(), web)
    assert gathered.memory.seen == ("ab",)
    assert gathered.documents[0].hints.headline == "Rivers rise"
    assert gathered.documents[0].hints.image is None
    for problem in gathered.problems:
        problem.message.encode()


def test_a_feed_of_endless_entries_is_read_to_its_thousandth(site: Site) -> None:
    web = Fetcher(allow_hosts=[site.host], limits=Limits(size=2_000_000))
    site.has("/feed", rss(*(f"/{at}" for at in range(3000))), "text/xml")
    assert check(feed(site.url("/feed")), web).entries == 1000


# --- Compressed answers -------------------------------------------------------------------------------------


def test_gzip_of_empty_parts_without_end_is_given_up(site: Site) -> None:
    web = Fetcher(allow_hosts=[site.host])
    site.has("/empty", gzip.compress(b"") * 300_000, Content_Encoding="gzip")
    started = time.perf_counter()
    with pytest.raises(FetchError, match="more than 2000 parts"):
        web.get(site.url("/empty"))
    assert time.perf_counter() - started < 2


def test_the_size_limit_counts_compressed_bytes_too(site: Site, web: Fetcher) -> None:
    # A header that names a file of 300 kB unpacks to nothing.
    named = b"\x1f\x8b\x08\x08" + b"\0" * 6 + b"n" * 300_000
    with pytest.raises(FetchError, match="larger than"):
        web.get(site.has("/named", named, Content_Encoding="gzip"))


def test_gzip_in_some_parts_is_read_whole(site: Site, web: Fetcher) -> None:
    parts = gzip.compress(b"<p>ferry") + gzip.compress(b" and choir</p>")
    assert web.get(site.has("/parts", parts, Content_Encoding="gzip")).content == b"<p>ferry and choir</p>"


# --- Where links may lead -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "192.0.0.192", "192.0.0.9", "168.63.129.16", "192.88.99.1", "100.100.100.200", "100.64.0.1", "100.127.255.254",
        "3fff::1", "fd00:ec2::254", "fd20:ce::254", "2001:20::1", "::ffff:168.63.129.16", "2002:a83f:8110::1",
        "64:ff9b::c000:c0",
    ],
)  # fmt: skip
def test_where_clouds_and_protocols_have_their_own_addresses_is_nobodys_web_site(address: str) -> None:
    assert why_private(address)


@pytest.mark.parametrize("address", ["168.63.129.17", "192.0.1.1", "192.88.98.1", "100.128.0.1", "2001:4860::8888"])
def test_their_neighbours_are_public(address: str) -> None:
    assert why_private(address) == ""


def test_an_allowed_host_is_not_reached_through_the_links_of_a_feed_from_elsewhere(site: Site) -> None:
    """The feed and the intranet have different names; both are on this machine."""
    web = Fetcher(
        allow_hosts=[f"wire.example:{site.port}", f"cms.example:{site.port}"], resolver=lambda _h, _p: ["127.0.0.1"]
    )
    secret = f"http://cms.example:{site.port}/secret"
    site.has("/secret", PAGE)
    site.has("/own", PAGE)
    site.redirects("/round", secret)
    site.has("/feed", rss(secret, "/round", "/own"), "text/xml")

    source = feed(f"http://wire.example:{site.port}/feed")
    gathered = gather(source, SourceMemory(), web)
    assert [document.location.rpartition("/")[2] for document in gathered.documents] == ["own"]
    assert [problem.hint[:15] for problem in gathered.problems] == ["It is allowed o"] * 2
    assert site.asked("/secret") == 0

    # Declared on the intranet itself, or named by hand, it is read.
    there = gather(replace(source, location=f"http://cms.example:{site.port}/feed"), SourceMemory(), web)
    assert "secret" in {document.location.rpartition("/")[2] for document in there.documents}
    assert web.get(secret).content == PAGE.encode()


def test_an_address_given_by_hand_does_not_redirect_into_the_intranet(site: Site) -> None:
    web = Fetcher(
        allow_hosts=[f"wire.example:{site.port}", f"cms.example:{site.port}"], resolver=lambda _h, _p: ["127.0.0.1"]
    )
    site.redirects("/round", f"http://cms.example:{site.port}/secret")
    with pytest.raises(AddressRefused, match="is not one that web servers use"):
        web.get(f"http://wire.example:{site.port}/round")


def test_an_allowed_host_that_is_public_anyway_may_be_linked_to() -> None:
    guard = Guard(allow_hosts=["courier.example"], resolver=lambda _h, _p: ["93.184.215.14"])
    assert guard.admit(httpx.URL("https://courier.example/"), declared="wire.example") == ("93.184.215.14",)
