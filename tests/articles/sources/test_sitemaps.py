"""Sites without a feed, read through their sitemaps."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.articles.sources.fetch import Fetcher
from digest.articles.sources.gather import Gathered, gather
from digest.articles.sources.memory import SourceMemory
from digest.articles.sources.sitemaps import MOST_PARTS
from digest.articles.sources.survey import check
from digest.model import Source, SourceKind
from tests.articles.sources.site import Reply, Site

NEW = SourceMemory()
PLAIN = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
NEWS = f'{PLAIN} xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
PICTURES = f'{PLAIN} xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'


def courier(site: Site, path: str = "/sitemap.xml", limit: int = 20) -> Source:
    return Source(name="Courier", kind=SourceKind.SITEMAP, location=site.url(path), limit=limit)


def page(site: Site, path: str, changed: str = "") -> str:
    site.has(path, f"<!doctype html><p>This is {path}.</p>")
    return f"<url><loc>{site.url(path)}</loc>{f'<lastmod>{changed}</lastmod>' if changed else ''}</url>"


def urlset(*lines: str, spaces: str = PLAIN) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset {spaces}>{"".join(lines)}</urlset>'


def index(site: Site, *parts: tuple[str, str]) -> str:
    lines = "".join(
        f"<sitemap><loc>{site.url(path)}</loc>{f'<lastmod>{changed}</lastmod>' if changed else ''}</sitemap>"
        for path, changed in parts
    )
    return f'<?xml version="1.0"?><sitemapindex {PLAIN}>{lines}</sitemapindex>'


def paths(found: Gathered, site: Site) -> list[str]:
    return [document.location.removeprefix(site.url("")) for document in found.documents]


def messages(found: Gathered) -> list[str]:
    return [problem.message for problem in found.problems]


def news(site: Site, path: str, title: str, published: str) -> str:
    site.has(path, f"<!doctype html><p>This is {path}.</p>")
    said = (
        "<news:publication><news:name>Courier</news:name><news:language>fr</news:language></news:publication>"
        f"<news:publication_date>{published}</news:publication_date><news:title>{title}</news:title>"
    )
    return f"<url><loc>{site.url(path)}</loc><news:news>{said}</news:news></url>"


def test_a_news_sitemap_states_headline_date_and_language(site: Site, web: Fetcher) -> None:
    lines = [
        news(site, "/bac", "Le bac &amp; le pont", "2026-11-20T08:00:00+01:00"),
        news(site, "/chorale", "La chorale", "2026-11-21"),
    ]
    site.has("/sitemap.xml", urlset(*lines, spaces=NEWS), "application/xml")
    found = gather(courier(site), NEW, web)
    chorale, bac = found.documents
    assert paths(found, site) == ["/chorale", "/bac"]
    assert (bac.hints.headline, bac.hints.language) == ("Le bac & le pont", "fr")
    assert bac.hints.published_at == datetime(2026, 11, 20, 7, tzinfo=UTC)
    assert chorale.hints.published_at == datetime(2026, 11, 21, tzinfo=UTC)
    assert found.problems == ()
    assert check(courier(site), web).looks_like == "news sitemap"


def test_of_a_plain_sitemap_the_latest_changes_come_first_and_once(site: Site, web: Fetcher) -> None:
    old = [page(site, f"/2026/{day:02d}/story", f"2026-11-{day:02d}T06:00:00Z") for day in range(1, 20)]
    site.has("/sitemap.xml", urlset(page(site, "/", "2026-11-21"), page(site, "/tag/river", "2026-11-21"), *old))
    first = gather(courier(site, limit=2), NEW, web)
    fresh = page(site, "/2026/20/story", "2026-11-20T06:00:00Z")
    site.has("/sitemap.xml", urlset(*old, fresh))
    second = gather(courier(site, limit=2), first.memory, web)
    assert paths(first, site) == ["/2026/19/story", "/2026/18/story"]  # neither the front page nor a tag's
    assert paths(second, site) == ["/2026/20/story"]
    assert [document.hints.published_at for document in first.documents] == [None, None]  # changed is not published
    assert messages(first) == messages(second) == []


def test_what_an_index_leads_to_is_read_where_articles_are(site: Site, web: Fetcher) -> None:
    names = ["category-sitemap.xml", "author-sitemap.xml", "page-sitemap.xml", "wp-sitemap-posts-page-1.xml"]
    for number, name in enumerate((*names, "post-sitemap1.xml", "post-sitemap2.xml")):
        site.has(f"/{name}", urlset(page(site, f"/from-{number}", f"2026-11-{10 + number}")), "text/xml")
    parts = [(f"/{name}", "2026-11-21") for name in names] + [("/post-sitemap1.xml", ""), ("/post-sitemap2.xml", "")]
    site.has("/sitemap.xml", index(site, *parts), "text/xml")
    found = gather(courier(site), NEW, web)
    assert paths(found, site) == ["/from-5", "/from-4"]
    assert [site.asked(f"/{name}") for name in names] == [0, 0, 0, 0]


def test_of_many_sitemaps_the_newest_are_read(site: Site, web: Fetcher) -> None:
    months = [f"/sitemap-2025-{month:02d}.xml" for month in range(1, 13)]
    for month, path in enumerate(months, start=1):
        site.has(path, urlset(page(site, f"/story-{month}", f"2025-{month:02d}-01")), "text/xml")
    site.has("/by-date", index(site, *((path, f"2025-{at:02d}-02") for at, path in enumerate(months, 1))), "text/xml")
    site.has("/by-name", index(site, *((path, "") for path in months)), "text/xml")
    newest = [f"/story-{month}" for month in range(12, 12 - MOST_PARTS, -1)]
    assert paths(gather(courier(site, "/by-date"), NEW, web), site) == newest
    assert paths(gather(courier(site, "/by-name"), NEW, web), site) == newest


def test_a_sitemap_of_an_index_that_cannot_be_read_costs_only_itself(site: Site, web: Fetcher) -> None:
    site.has("/post-1.xml", urlset(page(site, "/ferry", "2026-11-20")), "text/xml")
    site.has("/post-2.xml", "", status=500)
    site.has("/post-3.xml", "<!doctype html><p>Not here</p>")
    parts = [("/post-1.xml", ""), ("/post-2.xml", ""), ("/post-3.xml", "")]
    site.has("/sitemap.xml", index(site, *parts), "text/xml")
    found = gather(courier(site), NEW, web)
    assert paths(found, site) == ["/ferry"]
    assert len(messages(found)) == 2


def test_indexes_that_lead_to_each_other_come_to_an_end(site: Site, web: Fetcher) -> None:
    site.has("/sitemap.xml", index(site, ("/news-2.xml", "")), "text/xml")
    site.has("/news-2.xml", index(site, ("/sitemap.xml", ""), ("/news-2.xml", "")), "text/xml")
    assert gather(courier(site), NEW, web).documents == ()
    assert len(site.requests) < 12


@pytest.mark.parametrize("kind", ["application/gzip", "application/x-gzip", "application/octet-stream", "text/xml"])
def test_a_packed_sitemap_is_unpacked(site: Site, web: Fetcher, kind: str) -> None:
    packed = gzip.compress(urlset(page(site, "/ferry", "2026-11-20")).encode())
    site.has("/sitemap.xml.gz", packed, kind)
    assert paths(gather(courier(site, "/sitemap.xml.gz"), NEW, web), site) == ["/ferry"]


def test_a_packed_bomb_is_stopped_at_the_limit(site: Site, web: Fetcher) -> None:
    site.has("/sitemap.xml.gz", gzip.compress(b"<urlset>" + b" " * 30_000_000), "application/gzip")
    assert "larger than" in messages(gather(courier(site, "/sitemap.xml.gz"), NEW, web))[0]


def test_a_site_is_enough_when_its_robots_txt_names_its_sitemaps(site: Site, web: Fetcher) -> None:
    site.has("/", "<!doctype html><html><p>Welcome</p></html>")
    site.has("/hidden.xml", urlset(page(site, "/ferry", "2026-11-20")), "text/xml")
    site.has("/robots.txt", f"User-agent: *\nDisallow:\nSitemap: {site.url('/hidden.xml')}\n", "text/plain")
    assert paths(gather(courier(site, "/"), NEW, web), site) == ["/ferry"]


@pytest.mark.parametrize("content", ["<!doctype html><html><p>Hi</p></html>", "<rss/>", "<urlset", "", "words"])
def test_what_is_no_sitemap_says_so(site: Site, web: Fetcher, content: str) -> None:
    site.has("/sitemap.xml", content, "text/xml")
    found = gather(courier(site), NEW, web)
    assert found.documents == ()
    if not content.startswith("<urlset"):
        assert "is not a sitemap, and its robots.txt names none" in messages(found)[0]


def test_without_dates_what_is_there_at_first_is_old_and_what_comes_is_new(site: Site, web: Fetcher) -> None:
    there = [page(site, f"/story-{number}") for number in range(30)]
    site.has("/sitemap.xml", urlset(*there), "text/xml")
    first = gather(courier(site), NEW, web)
    site.has("/sitemap.xml", urlset(*there[:7], page(site, "/ferry"), *there[7:]), "text/xml")
    second = gather(courier(site), first.memory, web)
    assert first.documents == ()
    assert messages(first) == ["It does not say when its 30 pages changed: what comes from now on counts as new."]
    assert (paths(second, site), messages(second)) == (["/ferry"], [])


def test_dates_that_are_all_the_same_are_none(site: Site, web: Fetcher) -> None:
    """Some systems write the moment at which the sitemap was made."""
    site.has("/sitemap.xml", urlset(*(page(site, f"/s-{n}", "2026-11-21T04:00:00Z") for n in range(60))), "text/xml")
    assert gather(courier(site), NEW, web).documents == ()


def test_a_sitemap_of_too_much_without_dates_says_what_to_use(site: Site) -> None:
    lines = [f"<url><loc>{site.url(f'/s-{number}')}</loc></url>" for number in range(2000)]
    site.has("/sitemap.xml", urlset(*lines), "text/xml")
    found = gather(courier(site), NEW, Fetcher(allow_hosts=[site.host]))
    said = "It lists 2,000 pages and not when they changed: what is new cannot be told."
    assert messages(found) == [f"{said} Use the site's news sitemap, or a feed."]


def test_fifty_thousand_pages_bring_the_newest(site: Site) -> None:
    start = datetime(2020, 1, 1, tzinfo=UTC)
    lines = [
        f"<url><loc>{site.url(f'/s-{at}')}</loc><lastmod>{(start + timedelta(hours=at)).isoformat()}</lastmod></url>"
        for at in range(49_000)
    ]
    page(site, "/s-48999")
    site.has("/sitemap.xml", urlset(*lines), "text/xml")
    found = gather(courier(site, limit=1), NEW, Fetcher(allow_hosts=[site.host]))
    assert paths(found, site) == ["/s-48999"]
    assert messages(found) == []


def test_a_sitemap_speaks_for_its_own_site_and_pictures_have_their_own_titles(site: Site, web: Fetcher) -> None:
    line = page(site, "/ferry", "2026-11-20").replace(
        "</url>", "<image:image><image:loc>/x.jpg</image:loc><image:title>No headline</image:title></image:image></url>"
    )
    stranger = "<url><loc>http://elsewhere.example/story</loc><lastmod>2026-11-21</lastmod></url>"
    site.has("/sitemap.xml", urlset(stranger, line, spaces=PICTURES), "text/xml")
    found = gather(courier(site), NEW, web)
    assert [(document.location, document.hints.headline) for document in found.documents] == [(site.url("/ferry"), "")]
    assert messages(found) == []


def test_broken_xml_is_read_as_far_as_it_goes_and_a_list_of_addresses_too(site: Site, web: Fetcher) -> None:
    whole = urlset(page(site, "/a?x=1&y=2", "2026-11-20"), page(site, "/b", "2026-11-21"))
    site.has("/a", "<!doctype html><p>Here.")
    site.has("/broken.xml", whole[:-20], "text/xml")
    site.has("/list.txt", f"{site.url('/b')}\n{site.url('/a')}\n", "text/plain")
    assert "/b" in paths(gather(courier(site, "/broken.xml"), NEW, web), site)
    assert check(courier(site, "/list.txt"), web).entries == 2


def test_entities_neither_multiply_nor_read_our_files(site: Site, web: Fetcher, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("thekeys")
    levels = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10 if n else 'aaaaaaaaaa'}'>" for n in range(3))
    trap = f'<!DOCTYPE urlset [{levels}<!ENTITY x SYSTEM "file://{tmp_path}/keys">]>'
    lines = [news(site, "/ferry", "Ferry &x;", "2026-11-20"), news(site, "/choir", "Choir &e2;", "2026-11-19")]
    site.has("/sitemap.xml", urlset(*lines, spaces=NEWS).replace("<urlset", f"{trap}<urlset", 1), "text/xml")
    found = gather(courier(site), NEW, web)
    assert [document.hints.headline.split()[0] for document in found.documents] == ["Ferry", "Choir"]
    assert not any(word in document.hints.headline for document in found.documents for word in ("thekeys", "aaaa"))


def test_a_sitemap_that_has_not_changed_costs_one_request(site: Site, web: Fetcher) -> None:
    content = urlset(page(site, "/ferry", "2026-11-20")).encode()
    site.answers(
        "/sitemap.xml",
        lambda request: (
            Reply(b"", 304)
            if request.headers.get("if-none-match") == '"1"'
            else Reply(content, 200, {"Content-Type": "text/xml", "ETag": '"1"'})
        ),
    )
    first = gather(courier(site), NEW, web)
    assert (gather(courier(site), first.memory, web).documents, len(site.requests)) == ((), 3)
