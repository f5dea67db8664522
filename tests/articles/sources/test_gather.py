"""Gathering: what is new, what failed, and what is remembered."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.articles.sources.fetch import Fetcher
from digest.articles.sources.gather import TRIES, Gathered, gather, gather_all
from digest.articles.sources.memory import SourceMemory
from digest.model import DocumentKind, Source, SourceKind
from tests.articles.sources.site import Reply, Request, Site

NEW = SourceMemory()
TEXT = "<p>" + "The choir sings in the car park on Wednesdays. " * 20 + "</p>"
SPACES = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'


def rss(*names: str, content: str = "") -> str:
    body = f"<content:encoded><![CDATA[{content}]]></content:encoded>" if content else ""
    items = "".join(f"<item><title>{name}</title><link>/{name}</link>{body}</item>" for name in names)
    return f'<?xml version="1.0"?><rss version="2.0" {SPACES}><channel><title>C</title>{items}</channel></rss>'


def feed(location: str, name: str = "Courier", limit: int = 20) -> Source:
    return Source(name=name, kind=SourceKind.FEED, location=location, limit=limit)


def has_pages(site: Site, *names: str) -> None:
    for name in names:
        site.has(f"/{name}", f"<!doctype html><html><p>This is {name}.</p></html>")


def names(gathered: Gathered) -> list[str]:
    return [document.location.rpartition("/")[2] for document in gathered.documents]


def test_every_entrys_page_becomes_a_document_with_what_the_feed_states(site: Site, web: Fetcher) -> None:
    site.has("/feed", rss("ferry", "choir"), "application/rss+xml")
    has_pages(site, "ferry", "choir")
    gathered = gather(feed(site.url("/feed")), NEW, web)
    assert names(gathered) == ["ferry", "choir"]
    ferry = gathered.documents[0]
    assert b"This is ferry." in ferry.content
    assert (ferry.kind, ferry.charset, ferry.source) == (DocumentKind.HTML, "utf-8", "Courier")
    assert ferry.hints.headline == "ferry"
    assert gathered.problems == ()


def test_the_second_gathering_reads_only_what_is_new(site: Site, web: Fetcher) -> None:
    site.has("/feed", rss("ferry"), "text/xml")
    has_pages(site, "ferry", "choir")
    first = gather(feed(site.url("/feed")), NEW, web)
    site.has("/feed", rss("choir", "ferry"), "text/xml")
    second = gather(feed(site.url("/feed")), first.memory, web)
    assert names(second) == ["choir"]
    assert site.asked("/ferry") == 1


def test_a_feed_that_has_not_changed_costs_one_request(site: Site, web: Fetcher) -> None:
    def answer(request: Request) -> Reply:
        if request.headers.get("if-none-match") == '"v1"':
            return Reply(status=304)
        return Reply(rss("ferry").encode(), headers={"Content-Type": "text/xml", "ETag": '"v1"'})

    has_pages(site, "ferry")
    url = site.answers("/feed", answer)
    first = gather(feed(url), NEW, web)
    second = gather(feed(url), first.memory, web)
    assert (second.documents, second.problems, second.failed) == ((), (), False)
    assert second.memory == first.memory
    assert len(site.requests) == 3


def test_what_is_stored_already_is_not_fetched_again(site: Site, web: Fetcher) -> None:
    site.has("/feed", rss("ferry?utm_source=rss", "choir"), "text/xml")
    has_pages(site, "ferry", "choir")
    stored = {f"https://{site.host}/ferry"}
    gathered = gather(feed(site.url("/feed")), NEW, web, known=stored.__contains__)
    assert names(gathered) == ["choir"]
    assert site.asked("/ferry") == 0


def test_one_bad_page_never_stops_the_others_and_is_reported(site: Site, web: Fetcher) -> None:
    site.has("/feed", rss("ferry", "gone", "choir"), "text/xml")
    has_pages(site, "ferry", "choir")
    gathered = gather(feed(site.url("/feed")), NEW, web)
    assert names(gathered) == ["ferry", "choir"]
    assert not gathered.failed
    (problem,) = gathered.problems
    assert (problem.source, site.url("/gone") in problem.message) == ("Courier", True)


def test_a_page_that_failed_is_tried_again_although_the_feed_has_not_changed(site: Site, web: Fetcher) -> None:
    def answer(request: Request) -> Reply:
        if request.headers.get("if-none-match") == '"v1"':
            return Reply(status=304)
        return Reply(rss("ferry", "choir").encode(), headers={"Content-Type": "text/xml", "ETag": '"v1"'})

    url = site.answers("/feed", answer)
    has_pages(site, "choir")
    first = gather(feed(url), NEW, web)
    has_pages(site, "ferry")
    second = gather(feed(url), first.memory, web)
    assert names(second) == ["ferry"]
    assert second.memory.etag == '"v1"'


def test_a_page_that_keeps_failing_is_given_up(site: Site, web: Fetcher) -> None:
    site.has("/feed", rss("gone"), "text/xml")
    memory = NEW
    for _ in range(TRIES):
        gathered = gather(feed(site.url("/feed")), memory, web)
        memory = gathered.memory
    assert gathered.problems[0].message.endswith(f"It failed {TRIES} times and is given up.")
    assert gather(feed(site.url("/feed")), memory, web).problems == ()
    assert site.asked("/gone") == TRIES


def test_an_article_that_the_feed_carries_whole_is_taken_from_it_when_its_page_cannot_be_had(
    site: Site, web: Fetcher
) -> None:
    site.has("/feed", rss("choir", content=TEXT), "text/xml")
    site.has("/choir", "", status=403)
    (document,) = (gathered := gather(feed(site.url("/feed")), NEW, web)).documents
    assert document.location == site.url("/choir")
    assert "sings in the car park" in document.content.decode(document.charset)
    assert gathered.problems[0].message.endswith("The text in the feed was used instead.")


def test_an_entry_that_leads_to_a_private_address_is_refused_even_when_the_feed_carries_it(
    site: Site, web: Fetcher
) -> None:
    trap = rss("choir", content=TEXT).replace("/choir", "http://169.254.169.254/latest")
    site.has("/feed", trap, "text/xml")
    gathered = gather(feed(site.url("/feed")), NEW, web)
    assert gathered.documents == ()
    assert "169.254.169.254 is a link-local address" in gathered.problems[0].message


def test_the_limit_takes_the_newest_and_the_backlog_does_not_drip_in_later(site: Site, web: Fetcher) -> None:
    has_pages(site, "a", "b", "c", "d")
    site.has("/feed", rss("a", "b", "c", "d"), "text/xml")
    source = feed(site.url("/feed"), limit=2)
    first = gather(source, NEW, web)
    assert (names(first), first.problems) == (["a", "b"], ())
    second = gather(source, first.memory, web)
    assert (names(second), second.problems) == ([], ())


def test_more_news_than_the_limit_is_reported(site: Site, web: Fetcher) -> None:
    has_pages(site, "a", "b", "c", "d")
    site.has("/feed", rss("a"), "text/xml")
    source = feed(site.url("/feed"), limit=2)
    memory = gather(source, NEW, web).memory
    site.has("/feed", rss("d", "c", "b", "a"), "text/xml")
    second = gather(source, memory, web)
    assert names(second) == ["d", "c"]
    assert second.problems[0].message == "1 more new articles are over the limit of 2; they were left out."


def test_a_source_that_fails_keeps_its_memory(site: Site, web: Fetcher) -> None:
    before = SourceMemory(etag='"v1"', seen=("ferry",))
    site.has("/feed", "", status=500)
    gathered = gather(feed(site.url("/feed")), before, web)
    assert gathered.failed
    assert gathered.memory == before
    assert "500 Internal Server Error" in gathered.problems[0].message


def test_one_bad_source_never_stops_the_others(site: Site, web: Fetcher, tmp_path: Path) -> None:
    has_pages(site, "ferry")
    site.has("/good", rss("ferry"), "text/xml")
    site.has("/html", "<!doctype html><p>Welcome</p>")
    sources = [
        feed(site.url("/html"), "a page"),
        feed("http://169.254.169.254/feed", "private"),
        feed(site.url("/good"), "good"),
        feed(str(tmp_path / "none.xml"), "missing"),
        Source(name="no folder", kind=SourceKind.FOLDER, location=str(tmp_path / "none")),
    ]
    results = gather_all(sources, {}, web)
    assert [gathered.source for gathered in results] == ["a page", "private", "good", "missing", "no folder"]
    assert [gathered.failed for gathered in results] == [True, True, False, True, True]
    assert names(results[2]) == ["ferry"]
    assert "is a web page, not a feed" in results[0].problems[0].message


def test_a_mistake_of_ours_in_one_source_costs_only_that_source(
    site: Site, web: Fetcher, caplog: pytest.LogCaptureFixture
) -> None:
    has_pages(site, "ferry", "choir")
    site.has("/one", rss("ferry"), "text/xml")
    site.has("/two", rss("choir"), "text/xml")

    def known(name: str) -> bool:
        if name.endswith("/ferry"):
            raise RuntimeError("the database went away")
        return False

    sources = [feed(site.url("/one"), "one"), feed(site.url("/two"), "two")]
    one, two = gather_all(sources, {}, web, known=known)
    assert one.failed
    assert "RuntimeError: the database went away" in one.problems[0].message
    assert names(two) == ["choir"]
    assert "gathering one failed" in caplog.text


def test_sources_are_gathered_at_the_same_time(site: Site, web: Fetcher) -> None:
    both_here = threading.Barrier(2, timeout=2)

    def slow(_: Request) -> Reply:
        both_here.wait()
        return Reply(rss().encode(), headers={"Content-Type": "text/xml"})

    sources = [feed(site.answers("/one", slow), "one"), feed(site.answers("/two", slow), "two")]
    assert [gathered.failed for gathered in gather_all(sources, {}, web)] == [False, False]


def test_progress_is_told_for_each_source(site: Site, web: Fetcher) -> None:
    has_pages(site, "ferry", "choir")
    site.has("/feed", rss("ferry", "choir"), "text/xml")
    told: list[tuple[str, int, int]] = []
    gather(feed(site.url("/feed")), NEW, web, progress=lambda *step: told.append(step))
    assert told == [("Courier", 0, 2), ("Courier", 1, 2), ("Courier", 2, 2)]


def test_a_feed_that_moved_for_good_is_read_and_the_editor_told(site: Site, web: Fetcher) -> None:
    has_pages(site, "ferry")
    site.has("/new", rss("ferry"), "text/xml")
    gathered = gather(feed(site.redirects("/old", "/new", 301)), NEW, web)
    assert names(gathered) == ["ferry"]
    assert gathered.problems[0].message == f"It has moved for good to {site.url('/new')}: change its location."


def test_a_json_feed_is_gathered_like_any_other(site: Site, web: Fetcher) -> None:
    has_pages(site, "ferry")
    items = {"version": "https://jsonfeed.org/version/1.1", "items": [{"id": 1, "url": "/ferry"}]}
    site.has("/feed.json", json.dumps(items), "application/feed+json")
    assert names(gather(feed(site.url("/feed.json")), NEW, web)) == ["ferry"]


BRIEF = (
    "The ferry to Skerry Point sails again from Monday. Its captain, Ada Brook, had the engine rebuilt in winter. "
    "The first crossing leaves at seven in the morning, and children travel free until the end of the month.\n\n"
    "Dogs pay half."
)


@pytest.mark.parametrize("field", ["content_text", "content_html"])
def test_a_brief_that_a_json_feed_carries_whole_survives_its_lost_page(site: Site, web: Fetcher, field: str) -> None:
    items = {"version": "https://jsonfeed.org/version/1.1", "items": [{"id": 1, "url": "/ferry", field: BRIEF}]}
    site.has("/feed.json", json.dumps(items), "application/feed+json")
    (document,) = (gathered := gather(feed(site.url("/feed.json")), NEW, web)).documents
    assert "had the engine rebuilt" in document.content.decode(document.charset)
    assert "404" in gathered.problems[0].message
    assert gathered.problems[0].message.endswith("The text in the feed was used instead.")


@pytest.mark.parametrize(
    "text",
    ["The ferry sails again. More on our page.", BRIEF + " Tickets are …", BRIEF.replace("Dogs pay half.", "Dogs")],
)
def test_a_teaser_never_stands_in_for_a_lost_page(site: Site, web: Fetcher, text: str) -> None:
    items = {"version": "https://jsonfeed.org/version/1.1", "items": [{"id": 1, "url": "/ferry", "content_text": text}]}
    site.has("/feed.json", json.dumps(items), "application/feed+json")
    assert gather(feed(site.url("/feed.json")), NEW, web).documents == ()


def test_an_empty_page_gives_way_to_the_text_in_the_feed(site: Site, web: Fetcher) -> None:
    site.has("/feed", rss("choir", content=TEXT), "text/xml")
    site.has("/choir", " ")
    (document,) = gather(feed(site.url("/feed")), NEW, web).documents
    assert "sings in the car park" in document.content.decode(document.charset)


# --- Feeds, pages and folders on this machine ---------------------------------------------------------------


def test_a_local_feed_reads_the_pages_beside_it_without_a_network(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "the ferry.html").write_text("<p>It is back.")
    (tmp_path / "feed.xml").write_text(rss("x").replace("/x", "pages/the%20ferry.html?utm_source=rss#top"))
    (document,) = gather(feed(str(tmp_path / "feed.xml")), NEW, Fetcher()).documents
    assert document.location == str(tmp_path / "pages" / "the ferry.html")
    assert document.hints.headline == "x"


def test_a_local_feed_may_link_to_the_web(site: Site, web: Fetcher, tmp_path: Path) -> None:
    has_pages(site, "ferry")
    (tmp_path / "feed.xml").write_text(rss("ferry").replace("/ferry<", f"{site.url('/ferry')}<"))
    assert names(gather(feed(str(tmp_path / "feed.xml")), NEW, web)) == ["ferry"]


@pytest.mark.parametrize(
    "link", ["../secret.txt", "pages/../../secret.txt", "/etc/hostname", "%2e%2e/secret.txt", "out.txt"]
)
def test_a_local_feed_cannot_read_outside_its_folder(tmp_path: Path, link: str) -> None:
    (tmp_path / "secret.txt").write_text("the keys")
    folder = tmp_path / "feed"
    (folder / "pages").mkdir(parents=True)
    (folder / "out.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "feed.xml").write_text(rss("x").replace("/x", link))
    gathered = gather(feed(str(folder / "feed.xml")), NEW, Fetcher())
    assert gathered.documents == ()
    assert "leads out of the folder" in gathered.problems[0].message


def test_a_folder_gives_its_texts_and_an_edited_one_again(tmp_path: Path) -> None:
    (tmp_path / "column.txt").write_text("A column.")
    (tmp_path / "notes.md").write_text("# Notes")
    (tmp_path / "figures.xlsx").write_text("x")
    folder = Source(name="Desk", kind=SourceKind.FOLDER, location=str(tmp_path))
    first = gather(folder, NEW, Fetcher())
    assert sorted(names(first)) == ["column.txt", "notes.md"]
    assert first.skipped == (f"{tmp_path / 'figures.xlsx'}: a .xlsx file is not a text we know",)
    assert names(gather(folder, first.memory, Fetcher())) == []
    (tmp_path / "column.txt").write_text("A better column.")
    assert names(gather(folder, first.memory, Fetcher())) == ["column.txt"]


def test_a_page_is_read_once(site: Site, web: Fetcher) -> None:
    has_pages(site, "ferry")
    page = Source(name="Ferry", kind=SourceKind.PAGE, location=site.url("/ferry"))
    first = gather(page, NEW, web)
    assert names(first) == ["ferry"]
    assert names(gather(page, first.memory, web)) == []


def test_a_page_that_is_a_feed_says_so(site: Site, web: Fetcher) -> None:
    site.has("/feed", rss("ferry"), "text/xml")
    gathered = gather(Source(name="Ferry", kind=SourceKind.PAGE, location=site.url("/feed")), NEW, web)
    assert "is a feed, not an article" in gathered.problems[0].message


def test_the_example_newsroom_is_gathered_whole() -> None:
    newsroom = Path(__file__).parents[3] / "examples" / "newsroom"
    gathered = gather(feed(str(newsroom / "feed.xml")), NEW, Fetcher())
    assert gathered.problems == ()
    assert len(gathered.documents) == len(list((newsroom / "pages").glob("*.html"))) >= 12
    by_section = [
        gather(feed(str(newsroom / f"{name}.xml")), NEW, Fetcher()) for name in ("news", "culture", "opinion")
    ]
    assert sum(len(section.documents) for section in by_section) == len(gathered.documents)


# --- Memory -------------------------------------------------------------------------------------------------


def test_a_memory_survives_being_stored() -> None:
    memory = SourceMemory(
        etag='W/"é"',
        last_modified="x",
        api="a",
        newest=datetime(2026, 11, 22, tzinfo=UTC),
        seen=("a", "b"),
        failed={"c": 2},
    )
    assert SourceMemory.load(memory.dump()) == memory
    assert SourceMemory.load("") == NEW


def test_a_memory_does_not_grow_for_ever() -> None:
    memory = NEW
    for day in range(60):
        memory = SourceMemory(seen=memory.with_seen(f"{day}-{number}" for number in range(50)))
    assert len(memory.seen) == 2000
    assert memory.seen[0] == "59-0"
