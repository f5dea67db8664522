"""A WordPress site read through its REST API, which gives whole articles with author, image and categories.

The site says where its API is in a `Link` header of every page; where it does not, the usual place is tried. Some
owners close the API: then the site's feed is the way in, and the error says so.
"""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import httpx

from digest.articles.similarity import canonical_url
from digest.articles.sources.answer import Fetched
from digest.articles.sources.entries import Entry, Listing, absolute, image, listing, moment, plain, standfirst, text_of
from digest.errors import FetchError, InputError, Postponed
from digest.model import Hints, Image

# Bounded, because a hostile page can make an open-ended pattern search for hours.
_API_HEADER = re.compile(r"<([^<>]{1,2000})>\s{0,9};[^,<>]{0,200}\brel=\"?https://api\.w\.org/\"?")
_API_TAG = re.compile(
    rb"<link\b[^<>]{0,1000}?\brel\s{0,9}=\s{0,9}[\"']https://api\.w\.org/[\"'][^<>]{0,1000}>", re.IGNORECASE
)
_HREF = re.compile(rb"\bhref\s*=\s*[\"']([^\"']+)[\"']", re.IGNORECASE)
_PER_PAGE = 20
_EMBED = "author,wp:featuredmedia,wp:term"
#: `after` is compared in the site's own zone by older WordPress; what comes twice is known by its key.
_SLACK = timedelta(days=2)
#: Python refuses to read numbers of thousands of digits.
_MOST_DIGITS = 9
#: A date before the first WordPress is a slip, and nothing can be taken from the first moment of all.
_FIRST_DATE = datetime(2000, 1, 1, tzinfo=UTC)
#: Wide enough for an email at twice its width, far smaller than what cameras make.
_SIZES = ("large", "medium_large", "full")


class Web(Protocol):
    """What this module needs of the network."""

    def get(self, url: str, /) -> Fetched: ...


def find_api(location: str, web: Web) -> str:
    """The address that lists a site's posts, from the site's own address or that of its API."""
    if "/wp-json" in location or "rest_route=" in location:
        return _posts_address(location)
    page = web.get(location)
    stated = _API_HEADER.search(page.headers.get("link", ""))
    tag = _API_TAG.search(page.content)
    href = _HREF.search(tag.group()) if tag else None
    if stated:
        return _posts_address(absolute(stated.group(1), page.url))
    if href:
        return _posts_address(absolute(html.unescape(href.group(1).decode("utf-8", "replace")), page.url))
    return _posts_address(page.url.partition("?")[0].rstrip("/") + "/wp-json/")


def read(api: str, web: Web, *, limit: int, after: datetime | None = None) -> Listing:
    """The site's newest posts, at most `limit`, as whole articles. Raises FetchError with a way out."""
    posts: list[Any] = []
    page = 1
    while len(posts) < limit:
        found, pages = _page(api, web, page, limit=limit, after=after)
        posts += found
        if not found or page >= pages:
            break
        page += 1
    readable = [post for post in posts[:limit] if isinstance(post, dict)]
    open_ones = [post for post in readable if not _part(post, "content").get("protected")]
    made = listing("WordPress site", "", open_ones, lambda post: _entry(post, api))
    locked = tuple(
        f"“{_rendered(post, 'title')}” is protected by a password." for post in readable if post not in open_ones
    )
    return Listing(format=made.format, entries=made.entries, problems=made.problems + locked)


def _posts_address(root: str) -> str:
    """`root` may be the API, its wp/v2, or the posts themselves, perhaps with a filter (`?categories=5`)."""
    try:
        url = httpx.URL(root)
    except httpx.InvalidURL as trouble:
        raise InputError(f"{root} is not a web address ({trouble}).") from trouble
    if "rest_route" in url.params:
        route = url.params["rest_route"]
        return str(url.copy_set_param("rest_route", _posts_path(route)))
    return str(url.copy_with(path=_posts_path(url.path)))


def _posts_path(path: str) -> str:
    path = path.rstrip("/")
    if re.search(r"/wp/v2/[\w-]+$", path):
        return path
    return f"{path.removesuffix('/wp/v2')}/wp/v2/posts"


def _page(api: str, web: Web, page: int, *, limit: int, after: datetime | None) -> tuple[list[Any], int]:
    asked = {"_embed": _EMBED, "per_page": str(min(limit, _PER_PAGE)), "page": str(page)}
    if after and after > _FIRST_DATE:
        asked["after"] = (after - _SLACK).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    try:
        answer = web.get(str(httpx.URL(api).copy_merge_params(asked)))
        posts = json.loads(answer.content.decode("utf-8-sig"))
    except FetchError as refused:
        if page > 1 and refused.status == 400:  # how WordPress says that there is no such page
            return [], page
        if refused.unanswered or isinstance(refused, Postponed):
            raise  # that says nothing of the API
        raise _closed(api, refused) from refused
    except (ValueError, RecursionError) as trouble:
        raise _closed(api, InputError("what it answers is not JSON")) from trouble
    if not isinstance(posts, list):
        raise _closed(api, InputError("what it answers is not a list of posts"))
    pages = answer.headers.get("x-wp-totalpages", "")[:_MOST_DIGITS]
    return posts, int(pages) if pages.isdecimal() else page + (len(posts) == int(asked["per_page"]))


def _closed(api: str, trouble: InputError) -> FetchError:
    status = trouble.status if isinstance(trouble, FetchError) else 0
    if status and status not in (400, 401, 403, 404):
        return FetchError(trouble.message, hint=trouble.hint, status=status)
    site = httpx.URL(api)
    feed = f"{site.scheme}://{site.netloc.decode('ascii')}/feed/"
    return FetchError(
        f"Could not read the WordPress site at {api}: its API is closed or absent ({trouble.message}).",
        hint=f'Use its feed: kind = "feed", location = "{feed}".',
        status=status,
    )


def _entry(post: dict[str, Any], api: str) -> Entry:
    headline = _rendered(post, "title")
    link = absolute(post.get("link"), api)
    return Entry(
        key=_rendered(post, "guid") or canonical_url(link),
        link=link,
        content=str(_part(post, "content").get("rendered") or ""),
        hints=Hints(
            headline=headline,
            standfirst=standfirst(_part(post, "excerpt").get("rendered"), headline=headline),
            byline=_byline(post),
            # GMT without saying so; drafts and some imports have no time of their own.
            published_at=moment(f"{post.get('date_gmt')}Z"),
            image=_image(post, api),
            categories=_categories(post),
        ),
    )


def _part(owner: dict[str, Any], name: str) -> dict[str, Any]:
    value = owner.get(name)
    return value if isinstance(value, dict) else {}


def _rendered(post: dict[str, Any], name: str) -> str:
    return text_of(_part(post, name).get("rendered"))


def _embedded(post: dict[str, Any], name: str) -> list[Any]:
    value = _part(post, "_embedded").get(name)
    return value if isinstance(value, list) else []


def _byline(post: dict[str, Any]) -> str:
    # An author whom the API hides is embedded as an error, which has no name.
    names = [plain(author.get("name")) for author in _embedded(post, "author") if isinstance(author, dict)]
    return ", ".join(name for name in names if name) or plain(_part(post, "yoast_head_json").get("author"))


def _image(post: dict[str, Any], api: str) -> Image | None:
    for media in _embedded(post, "wp:featuredmedia"):
        if isinstance(media, dict):
            sizes = _part(_part(media, "media_details"), "sizes")
            links = [_part(sizes, size).get("source_url") for size in _SIZES] + [media.get("source_url")]
            for link in links:
                if found := image(link, api, media.get("alt_text")):
                    return found
    return None


def _categories(post: dict[str, Any]) -> tuple[str, ...]:
    terms = [term for group in _embedded(post, "wp:term") if isinstance(group, list) for term in group]
    names = [plain(term.get("name")) for term in terms if isinstance(term, dict)]
    return tuple(dict.fromkeys(name for name in names if name and name != "Uncategorized"))
