"""WordPress sites through their REST API."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from digest.articles.sources import wordpress
from digest.articles.sources.fetch import Fetcher
from digest.articles.sources.gather import gather
from digest.articles.sources.memory import SourceMemory
from digest.errors import FetchError, InputError
from digest.model import DocumentKind, Source, SourceKind
from tests.articles.sources.site import Reply, Request, Site

JSON = {"Content-Type": "application/json; charset=UTF-8"}
BODY = "<p>" + "The ferry crosses the river at night. " * 30 + "</p>"


def post(number: int, site: Site, **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "date_gmt": f"2026-11-{number:02d}T06:30:00",
        "guid": {"rendered": f"{site.url('/')}?p={number}"},
        "link": site.url(f"/story-{number}/"),
        "title": {"rendered": f"Story &#8220;{number}&#8221; &amp; more"},
        "content": {"rendered": BODY, "protected": False},
        "excerpt": {"rendered": "<p>It is back.</p>\n", "protected": False},
        "_embedded": {
            "author": [{"name": "Imani Osei"}],
            "wp:featuredmedia": [
                {
                    "source_url": "https://img.example/camera.jpg",
                    "alt_text": "A ferry",
                    "media_details": {"sizes": {"large": {"source_url": "https://img.example/large.jpg"}}},
                }
            ],
            "wp:term": [[{"name": "News"}, {"name": "Uncategorized"}], [{"name": "river"}]],
        },
        **changes,
    }


def serve(site: Site, posts: list[dict[str, Any]], path: str = "/wp-json/wp/v2/posts") -> str:
    """A site with these posts, as WordPress pages through them; the front page says where the API is."""

    def api(request: Request) -> Reply:
        size, page = int(request.query["per_page"][0]), int(request.query["page"][0])
        after = request.query.get("after", ["0"])[0]
        fresh = [each for each in posts if str(each.get("date_gmt")) > after]
        found = fresh[(page - 1) * size : page * size]
        if page > 1 and not found:
            return Reply(b'{"code":"rest_post_invalid_page_number"}', 400, JSON)
        return Reply(json.dumps(found).encode(), headers={**JSON, "X-WP-TotalPages": str(-(-len(fresh) // size))})

    site.answers(path, api)
    link = f'<{site.url("/wp-json/")}>; rel="https://api.w.org/", <{site.url("/?p=1")}>; rel=shortlink'
    return site.has("/", "<!doctype html><html></html>", Link=link)


def courier(location: str, limit: int = 20) -> Source:
    return Source(name="Courier", kind=SourceKind.WORDPRESS, location=location, limit=limit)


def test_a_post_becomes_a_document_with_what_the_site_states(site: Site, web: Fetcher) -> None:
    gathered = gather(courier(serve(site, [post(5, site)])), SourceMemory(), web)
    (document,) = gathered.documents
    assert gathered.problems == ()
    assert (document.location, document.kind) == (site.url("/story-5/"), DocumentKind.HTML)
    assert b"The ferry crosses the river" in document.content
    assert document.hints.headline == "Story “5” & more"
    assert document.hints.standfirst == "It is back."
    assert document.hints.byline == "Imani Osei"
    assert document.hints.published_at == datetime(2026, 11, 5, 6, 30, tzinfo=UTC)
    assert document.hints.image is not None
    assert (document.hints.image.url, document.hints.image.alt) == ("https://img.example/large.jpg", "A ferry")
    assert document.hints.categories == ("News", "river")
    assert site.asked("/story-5/") == 0


def test_several_pages_are_read_up_to_the_limit(site: Site, web: Fetcher) -> None:
    posts = [post(number, site, content={"rendered": "<p>" + "word " * 60}) for number in range(28, 0, -1)]
    gathered = gather(courier(serve(site, posts), limit=25), SourceMemory(), web)
    assert len(gathered.documents) == 25
    assert gathered.documents[0].location == site.url("/story-28/")
    assert site.asked("/wp-json/wp/v2/posts") == 2


def test_the_next_gathering_asks_only_for_what_came_after(site: Site, web: Fetcher) -> None:
    posts = [post(5, site)]
    first = gather(courier(serve(site, posts)), SourceMemory(), web)
    posts.insert(0, post(9, site))
    second = gather(courier(site.url("/")), first.memory, web)
    assert [document.location for document in second.documents] == [site.url("/story-9/")]
    assert site.requests[-1].query["after"] == ["2026-11-03T06:30:00"]
    assert site.asked("/") == 1  # where the API is was remembered


@pytest.mark.parametrize("broken", [{}, {"_embedded": {"author": [{"code": "rest_user_invalid_id"}], "wp:term": "x"}}])
def test_a_post_whose_parts_are_hidden_is_still_read(site: Site, web: Fetcher, broken: dict[str, Any]) -> None:
    bare = {"link": site.url("/x/"), "title": {"rendered": "X"}, "content": {"rendered": BODY}, **broken}
    (document,) = gather(courier(serve(site, [bare])), SourceMemory(), web).documents
    assert document.hints.byline == ""
    assert document.hints.image is None
    assert document.hints.published_at is None


def test_a_post_with_next_to_nothing_in_the_api_is_read_from_its_page(site: Site, web: Fetcher) -> None:
    site.has("/story-5/", f"<!doctype html><html><body>{BODY}</body></html>")
    gathered = gather(courier(serve(site, [post(5, site, content={"rendered": ""})])), SourceMemory(), web)
    assert BODY.encode() in gathered.documents[0].content


def test_a_protected_post_is_left_out_and_reported(site: Site, web: Fetcher) -> None:
    locked = post(6, site, content={"rendered": "", "protected": True})
    gathered = gather(courier(serve(site, [locked, post(5, site)])), SourceMemory(), web)
    assert len(gathered.documents) == 1
    assert [problem.message for problem in gathered.problems] == ["“Story “6” & more” is protected by a password."]


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_closed_api_points_to_the_feed(site: Site, web: Fetcher, status: int) -> None:
    site.has("/", "<!doctype html>")
    site.has("/wp-json/wp/v2/posts", b'{"code":"rest_disabled"}', "application/json", status=status)
    with pytest.raises(FetchError, match="its API is closed or absent") as refusal:
        wordpress.read(wordpress.find_api(site.url("/"), web), web, limit=5)
    assert refusal.value.hint == f'Use its feed: kind = "feed", location = "{site.url("/feed/")}".'


@pytest.mark.parametrize("answer", ["<!doctype html><p>Welcome</p>", '{"posts": []}', "[" * 99_999])
def test_an_api_that_answers_something_else_counts_as_closed(site: Site, web: Fetcher, answer: str) -> None:
    site.has("/wp-json/wp/v2/posts", answer)
    with pytest.raises(FetchError, match="closed or absent"):
        wordpress.read(site.url("/wp-json/wp/v2/posts"), web, limit=5)


def test_a_site_that_is_down_is_not_called_closed(site: Site, web: Fetcher) -> None:
    site.has("/wp-json/wp/v2/posts", "", status=503)
    with pytest.raises(FetchError, match="503 Service Unavailable"):
        wordpress.read(site.url("/wp-json/wp/v2/posts"), web, limit=5)


def test_the_api_is_found_by_header_by_tag_and_by_custom(site: Site, web: Fetcher) -> None:
    site.has("/by-header", "<!doctype html>", Link='</blog/wp-json/>; rel="https://api.w.org/"')
    site.has("/by-tag", '<!doctype html><link rel="https://api.w.org/" href="/?rest_route=/&#038;lang=en">')
    site.has("/by-custom", "<!doctype html>")
    found = {name: wordpress.find_api(site.url(f"/by-{name}"), web) for name in ("header", "tag", "custom")}
    assert found["header"] == site.url("/blog/wp-json/wp/v2/posts")
    assert found["tag"] == site.url("/?rest_route=%2Fwp%2Fv2%2Fposts&lang=en")
    assert found["custom"] == site.url("/by-custom/wp-json/wp/v2/posts")


@pytest.mark.parametrize(
    ("location", "api"),
    [
        ("https://c.example/wp-json", "https://c.example/wp-json/wp/v2/posts"),
        ("https://c.example/wp-json/wp/v2/", "https://c.example/wp-json/wp/v2/posts"),
        ("https://c.example/wp-json/wp/v2/posts?categories=5", "https://c.example/wp-json/wp/v2/posts?categories=5"),
        ("https://c.example/wp-json/wp/v2/columns", "https://c.example/wp-json/wp/v2/columns"),
    ],
)
def test_the_api_itself_may_be_the_location(web: Fetcher, location: str, api: str) -> None:
    assert wordpress.find_api(location, web) == api


def test_a_location_that_is_no_address_is_an_input_error(web: Fetcher) -> None:
    with pytest.raises(InputError):
        wordpress.find_api("https://courier.example:http/wp-json", web)


def test_a_busy_site_is_left_alone_for_as_long_as_it_asks(site: Site, web: Fetcher) -> None:
    site.has("/wp-json/wp/v2/posts", "", status=429, Retry_After="90")
    gathered = gather(courier(site.url("/wp-json/")), SourceMemory(), web)
    assert (gathered.failed, gathered.wait) == (True, 90)


def test_a_site_that_does_not_answer_is_not_called_closed() -> None:
    def nowhere(_host: str, _port: int) -> list[str]:
        raise OSError("no such name")

    gathered = gather(courier("https://courier.example/wp-json/"), SourceMemory(), Fetcher(resolver=nowhere))
    assert "cannot be resolved" in gathered.problems[0].message
    assert "closed" not in gathered.problems[0].message


def test_an_api_that_robots_txt_forbids_points_to_the_feed(site: Site, web: Fetcher) -> None:
    site.has("/robots.txt", "User-agent: *\nDisallow: /wp-json/", "text/plain")
    gathered = gather(courier(site.url("/wp-json/")), SourceMemory(), web)
    assert "its API is closed or absent" in gathered.problems[0].message
    assert gathered.problems[0].hint.startswith("Use its feed")


def test_an_api_that_moved_is_found_anew_after_a_failure(site: Site, web: Fetcher) -> None:
    first = gather(courier(serve(site, [post(5, site)])), SourceMemory(), web)
    site.has("/wp-json/wp/v2/posts", "", status=404)
    serve(site, [post(5, site), post(6, site)], "/blog/wp-json/wp/v2/posts")
    site.has("/", "<!doctype html>", Link='</blog/wp-json/>; rel="https://api.w.org/"')
    failed = gather(courier(site.url("/")), first.memory, web)
    again = gather(courier(site.url("/")), failed.memory, web)
    assert failed.failed
    assert [document.location for document in again.documents] == [site.url("/story-6/")]
