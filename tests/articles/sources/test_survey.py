"""A look at a source before it is used."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.articles.sources.fetch import Fetcher
from digest.articles.sources.survey import check
from digest.model import Source, SourceKind
from tests.articles.sources.site import Site

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Riverbend Courier</title>
<item><title>Ferry</title><link>/ferry</link><pubDate>20 Nov 2026 06:00:00 GMT</pubDate></item>
<item><title>Choir</title><link>/choir</link><pubDate>21 Nov 2026 06:00:00 GMT</pubDate></item></channel></rss>"""


def source(kind: SourceKind, location: str) -> Source:
    return Source(name="Courier", kind=kind, location=location)


def test_a_feed_is_described_and_none_of_its_pages_is_fetched(site: Site, web: Fetcher) -> None:
    survey = check(source(SourceKind.FEED, site.has("/feed", FEED, "text/xml")), web)
    assert (survey.looks_like, survey.title, survey.entries) == ("RSS 2.0", "Riverbend Courier", 2)
    assert survey.newest == datetime(2026, 11, 21, 6, tzinfo=UTC)
    assert survey.full_text == 0
    assert survey.headlines == ("Choir", "Ferry")
    assert survey.problems == ()
    assert len(site.requests) == 1


def test_missing_dates_are_mentioned(site: Site, web: Fetcher) -> None:
    undated = FEED.replace("<pubDate>20 Nov 2026 06:00:00 GMT</pubDate>", "")
    survey = check(source(SourceKind.FEED, site.has("/feed", undated, "text/xml")), web)
    assert survey.problems == ("1 of 2 entries state no date: they count from when they were gathered.",)


def test_an_empty_feed_is_mentioned(site: Site, web: Fetcher) -> None:
    empty = '<rss version="2.0"><channel></channel></rss>'
    survey = check(source(SourceKind.FEED, site.has("/feed", empty, "text/xml")), web)
    assert survey.problems == ("It has no articles at the moment.",)


def test_a_page_that_names_a_feed_is_told_about_it(site: Site, web: Fetcher) -> None:
    page = '<!doctype html><link rel="alternate" type="application/atom+xml" href="/atom"><p>Hello</p>'
    survey = check(source(SourceKind.PAGE, site.has("/", page)), web)
    assert survey.looks_like == "web page"
    assert survey.problems == (f"The page names a feed: {site.url('/atom')}. For all of its articles use that.",)


@pytest.mark.parametrize("kind", list(SourceKind))
def test_a_source_that_cannot_be_read_is_described_by_its_trouble(
    web: Fetcher, tmp_path: Path, kind: SourceKind
) -> None:
    survey = check(source(kind, "http://10.0.0.1/" if kind is not SourceKind.FOLDER else str(tmp_path / "none")), web)
    assert not survey.readable
    assert survey.entries == 0
    assert survey.problems[0].startswith(("Did not fetch http://10.0.0.1/", "There is no folder"))


def test_a_wordpress_site_is_described(site: Site, web: Fetcher) -> None:
    post = {
        "link": "/ferry",
        "title": {"rendered": "Ferry"},
        "content": {"rendered": "x"},
        "date_gmt": "2026-11-20T06:00:00",
    }
    site.has("/wp-json/wp/v2/posts", json.dumps([post]), "application/json")
    survey = check(source(SourceKind.WORDPRESS, site.has("/", "<!doctype html>")), web)
    assert (survey.looks_like, survey.entries, survey.headlines) == ("WordPress site", 1, ("Ferry",))


def test_a_folder_says_what_it_leaves_out(tmp_path: Path, web: Fetcher) -> None:
    (tmp_path / "a.txt").write_text("An article.")
    (tmp_path / "empty.md").write_text("")
    (tmp_path / "b.docx").write_text("x")
    survey = check(source(SourceKind.FOLDER, str(tmp_path)), web)
    assert (survey.looks_like, survey.entries) == ("folder", 1)
    assert survey.problems == (
        f"Cannot read {tmp_path / 'empty.md'}: it is empty.",
        "b.docx is left out: a .docx file is not a text we know.",
    )


def test_a_local_feed_and_a_local_page_are_described(tmp_path: Path, web: Fetcher) -> None:
    (tmp_path / "feed.xml").write_text(FEED)
    (tmp_path / "a.html").write_text("<p>Hi")
    assert check(source(SourceKind.FEED, str(tmp_path / "feed.xml")), web).entries == 2
    assert check(source(SourceKind.PAGE, str(tmp_path / "a.html")), web).looks_like == "html file"
