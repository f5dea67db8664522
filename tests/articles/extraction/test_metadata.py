"""What a page says of itself is believed in a stated order, and its lies are passed over."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from digest.articles.extraction.extract import extract
from digest.articles.extraction.times import first_stated, stated_time
from digest.model import Article, Document, DocumentKind, Hints, Image
from tests.articles.texts import COLUMN, page, paragraphs, read

URL = "https://news.example/coast/2026/11/sandbags"
WHEN = datetime(2026, 11, 20, 4, 2, tzinfo=UTC)
ARTICLE: dict[str, Any] = {"@type": "NewsArticle", "headline": "Sandbags and doubts", "url": URL}


def ld(*things: Any) -> str:
    return "".join(f'<script type="application/ld+json">{json.dumps(thing)}</script>' for thing in things)


def meta(**named: str) -> str:
    return "".join(f'<meta property="{name.replace("__", ":")}" content="{text}">' for name, text in named.items())


def from_page(
    head: str = "", body: str = "", *, location: str = URL, hints: Hints | None = None, lang: str = "en"
) -> Article:
    html = page(body + paragraphs(*COLUMN), head, lang=lang)
    return read(html, kind=DocumentKind.HTML, location=location, hints=hints)


# --- The order of trust ---------------------------------------------------------------------------------


def test_json_ld_comes_before_opengraph_and_that_before_microdata_and_the_page() -> None:
    scope = '<div itemscope itemtype="https://schema.org/NewsArticle">'
    micro = f'{scope}<h1 itemprop="headline">Sandbags (micro)</h1></div>'
    og = meta(og__title="Sandbags (og)")
    stated = ld(ARTICLE | {"headline": "Sandbags (ld)"})

    assert from_page(stated + og, micro).headline == "Sandbags (ld)"
    assert from_page(og, micro).headline == "Sandbags (og)"
    assert from_page("", micro).headline == "Sandbags (micro)"
    assert from_page("", "<h1>Sandbags (h1)</h1>").headline == "Sandbags (h1)"
    assert from_page(stated, hints=Hints(headline="Sandbags (feed)")).headline == "Sandbags (feed)"


def test_gaps_are_filled_fact_by_fact_from_the_next_in_order() -> None:
    head = ld(ARTICLE) + meta(
        og__site_name="Northmere Now", article__section="Coast", article__published_time="2026-11-20T06:02:00+02:00"
    )
    author = '<span itemprop="author"><b itemprop="name">Miriam Alder</b></span>'
    body = f'<div itemscope itemtype="http://schema.org/Article">{author}</div>'

    article = from_page(head, body)

    assert (article.headline, article.publisher, article.categories) == (
        "Sandbags and doubts",
        "Northmere Now",
        ("Coast",),
    )
    assert (article.byline, article.published_at) == ("Miriam Alder", WHEN)


def test_microdata_alone_states_an_article() -> None:
    body = (
        '<div itemscope itemtype="https://schema.org/NewsArticle"><h1 itemprop="headline">Sandbags and doubts</h1>'
        '<span itemprop="author" itemscope><a itemprop="name">Miriam Alder</a></span>'
        '<span itemprop="author">Amos Lee</span><span itemprop="articleSection">Coast</span>'
        '<meta itemprop="datePublished" content="2026-11-20T06:02:00+02:00"></div>'
    )

    article = from_page("", body)

    assert (article.headline, article.byline) == ("Sandbags and doubts", "Miriam Alder, Amos Lee")
    assert (article.published_at, article.categories) == (WHEN, ("Coast",))


# --- JSON-LD as it is found -----------------------------------------------------------------------------


WRITTEN = '{"@type": "NewsArticle", "headline": "Sandbags and doubts", "author": {"name": "Miriam Alder"}}'


@pytest.mark.parametrize(
    "written",
    [
        WRITTEN.replace("}}", "},}"),
        WRITTEN.replace('{"name"', '[{"name"').replace("}}", "},],}"),
        f"<!-- {WRITTEN} -->",
        f"//<![CDATA[\n{WRITTEN}\n//]]>",
        f"{WRITTEN};",
        WRITTEN.replace("Sandbags and", "Sandbags\nand").replace("Miriam Alder", "Miriam\tAlder"),
        f"/* written by a plugin */ {WRITTEN}",
        f'{{"@type": "WebSite", "name": "Northmere Now"}}{WRITTEN}',
        WRITTEN.replace('"', "&quot;"),
    ],
    ids=["comma", "two commas", "comment", "cdata", "semicolon", "line breaks", "js comment", "two values", "entities"],
)
def test_json_ld_that_is_broken_in_the_usual_ways_is_mended(written: str) -> None:
    article = from_page(f'<script type="application/ld+json">{written}</script>')

    assert (article.headline, article.byline) == ("Sandbags and doubts", "Miriam Alder")


@pytest.mark.parametrize(
    "wrapped",
    [
        [ARTICLE],
        {"@graph": [{"@type": "WebPage"}, ARTICLE]},
        {"@graph": [[ARTICLE]]},
        {"@type": "WebPage", "mainEntity": ARTICLE},
        {"@type": "WebPage", "mainEntity": [ARTICLE]},
    ],
)
def test_an_article_is_found_in_lists_graphs_and_pages(wrapped: Any) -> None:
    assert from_page(ld(wrapped)).headline == "Sandbags and doubts"


def test_who_is_stated_once_and_pointed_to_is_found() -> None:
    graph = [
        ARTICLE | {"author": {"@id": "#miriam"}, "publisher": {"@id": "#house"}, "image": {"@id": "#quay"}},
        {"@type": "Person", "@id": "#miriam", "name": "Miriam Alder"},
        {"@type": "Organization", "@id": "#house", "name": "Northmere Now"},
        {
            "@type": "ImageObject",
            "@id": "#quay",
            "url": "https://img.example/quay.jpg",
            "caption": "The quay at low water",
        },
    ]

    article = from_page(ld({"@graph": graph}))

    assert (article.byline, article.publisher) == ("Miriam Alder", "Northmere Now")
    assert article.image == Image(url="https://img.example/quay.jpg", alt="The quay at low water")


def teaser(**facts: Any) -> dict[str, Any]:
    return {
        "@type": "NewsArticle",
        "headline": "The ferry that never sailed",
        "url": "https://news.example/ferry",
    } | facts


def test_of_several_articles_the_one_at_this_address_is_meant() -> None:
    article = from_page(ld(teaser(author="Amos Lee", articleSection="Sea"), ARTICLE | {"author": "Miriam Alder"}))

    assert (article.headline, article.byline, article.categories) == ("Sandbags and doubts", "Miriam Alder", ())


def test_of_several_articles_without_address_the_one_that_the_page_is_titled_by_is_meant() -> None:
    mine = {"@type": "NewsArticle", "headline": "Sandbags and doubts", "author": "Miriam Alder"}
    head = ld([teaser(url=None, author="Amos Lee"), mine]) + "<title>Sandbags and doubts | Northmere Now</title>"

    assert (from_page(head).headline, from_page(head).byline) == ("Sandbags and doubts", "Miriam Alder")


def test_an_article_that_is_stated_twice_is_read_together() -> None:
    article = from_page(
        ld(ARTICLE, {"@type": "BlogPosting", "headline": "Sandbags and doubts", "author": "Miriam Alder"})
    )

    assert article.byline == "Miriam Alder"


def test_another_articles_author_never_fills_a_gap() -> None:
    assert from_page(ld(ARTICLE, teaser(author="Amos Lee"))).byline == ""


# --- Lies -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "author",
    [
        "admin",
        "Staff",
        "Staff Writer",
        "https://news.example/authors/7",
        "Northmere Now",
        "editor",
        "La rédaction",
        "מערכת",
    ],
)
def test_an_author_who_is_nobody_is_passed_over(author: str) -> None:
    named = ld(ARTICLE | {"author": {"name": author}, "publisher": {"name": "Northmere Now"}})

    assert from_page(named).byline == ""
    assert from_page(named + '<meta name="author" content="Miriam Alder">').byline == "Miriam Alder"


def test_several_author_tags_are_several_people() -> None:
    head = "".join(f'<meta name="author" content="{name}">' for name in ("Miriam Alder", "Amos Lee", "admin"))

    assert from_page(head).byline == "Miriam Alder, Amos Lee"


@pytest.mark.parametrize(
    ("picture", "host"),
    [
        ("https://img.example/logo.png", "news.example"),
        ("https://img.example/northmere-now-logo-1200x630.png", "northmere-now.example"),
        ("https://img.example/default-share-image.jpg", "news.example"),
        ("https://img.example/og-default_2024.jpg", "news.example"),
        ("https://img.example/fallback/placeholder.jpg", "news.example"),
        ("https://img.example/brand.svg", "news.example"),
    ],
)
def test_a_logo_is_no_picture_of_the_article(picture: str, host: str) -> None:
    location = f"https://{host}/coast/2026/11/sandbags"
    quay = meta(twitter__image="https://img.example/quay.jpg")

    assert from_page(meta(og__image=picture), location=location).image is None
    assert from_page(ld(ARTICLE | {"image": picture}) + quay, location=location).image == Image(
        url="https://img.example/quay.jpg", alt=""
    )


@pytest.mark.parametrize(
    "picture", ["https://img.example/shoe-maker-changes-logo.jpg", "https://img.example/sites/default/files/quay.jpg"]
)
def test_a_picture_that_shows_a_logo_is_a_picture(picture: str) -> None:
    assert from_page(meta(og__image=picture)).image == Image(url=picture, alt="")


def test_a_thumbnail_is_passed_over() -> None:
    small = {"@type": "ImageObject", "url": "https://img.example/t.jpg", "width": 80, "height": 60}

    assert from_page(ld(ARTICLE | {"image": [small, "https://img.example/quay.jpg"]})).image == Image(
        url="https://img.example/quay.jpg", alt=""
    )


@pytest.mark.parametrize(
    ("printed", "alt"),
    [
        ('<img src="/quay-300x200.jpg" alt="The quay at low water">', "The quay at low water"),
        (
            '<figure><img data-src="/quay.jpg"><figcaption>Image caption The quay at low water</figcaption></figure>',
            "The quay at low water",
        ),
        ('<img src="/quay.jpg" alt="quay.jpg">', ""),
        ('<img src="/quay.jpg" alt="IMG_2041">', ""),
        ('<img src="/quay.jpg" alt="Sandbags and doubts">', ""),
        ('<img src="/boat.jpg" alt="A boat">', ""),
    ],
)
def test_what_a_picture_shows_is_taken_from_where_the_page_prints_it(printed: str, alt: str) -> None:
    article = from_page(ld(ARTICLE | {"image": "https://news.example/quay.jpg"}), printed)

    assert article.image == Image(url="https://news.example/quay.jpg", alt=alt)


@pytest.mark.parametrize(
    "stated", ["/", "https://news.example", "https://news.example/coast/", "https://www.news.example/coast/2026"]
)
def test_an_address_above_the_article_is_not_its_own(stated: str) -> None:
    assert from_page(f'<link rel="canonical" href="{stated}">').url == URL


@pytest.mark.parametrize(
    ("here", "stated"),
    [
        (f"{URL}/amp", URL),
        (f"{URL}/2", URL),
        (f"{URL}?utm_source=mail", URL),
        (URL, "https://harbour-review.example/sandbags"),
        (URL, "https://news.example/?p=1204"),
    ],
)
def test_a_better_address_is_believed(here: str, stated: str) -> None:
    assert from_page(f'<link rel="canonical" href="{stated}">', location=here).url == stated


def test_a_saved_page_knows_its_address_from_json_ld_too() -> None:
    assert from_page(ld(ARTICLE), location="/desk/saved.html").url == URL


def test_a_headline_that_is_cut_off_is_read_from_the_page() -> None:
    whole = "Sandbags and doubts in a town that waits for its wall"

    assert (
        from_page(ld(ARTICLE | {"headline": "Sandbags and doubts in a town …"}), f"<h1>{whole}</h1>").headline == whole
    )


def test_a_site_that_names_itself_by_an_address_is_named_by_what_is_left() -> None:
    head = meta(og__site_name="https://news.example/") + '<meta name="application-name" content="Northmere Now">'

    assert from_page(head).publisher == "Northmere Now"


def test_a_hebrew_page_that_says_it_is_english_is_hebrew() -> None:
    line = "מאז הסערה לפני שנתיים וחצי למדה העיירה לחיות עם שקי חול, וכך היא ממתינה לחומה שהובטחה לה."
    html = page(
        paragraphs(*[f"{line} {word}" for word in ("אחת", "שתיים", "שלוש", "ארבע")]), ld(ARTICLE | {"inLanguage": "en"})
    )

    assert read(html, kind=DocumentKind.HTML, location=URL).language == "he"


def test_the_section_may_stand_in_the_trail_above_the_article_alone() -> None:
    trail = {"@type": "BreadcrumbList", "itemListElement": [
        {"@type": "ListItem", "position": 1, "name": "Northmere Now"},
        {"@type": "ListItem", "position": 2, "item": {"@id": "/coast", "name": "Coast"}},
        {"@type": "ListItem", "position": 3, "name": "Sandbags and doubts"},
    ]}  # fmt: skip

    assert from_page(ld(ARTICLE, trail) + "<title>Sandbags and doubts</title>").categories == ("Coast",)


# --- The standfirst -------------------------------------------------------------------------------------


LINE = "Northmere has waited two years for a wall, and is still waiting for anybody to begin with it."


@pytest.mark.parametrize(
    "marked",
    [
        f"<h2>{LINE}</h2>",
        f'<p class="article__standfirst">{LINE}</p>',
        f"<p><strong>{LINE}</strong></p>",
        f'<p class="chapo">{LINE}</p>',
        f"<p><b>{LINE}</b><br><br>{COLUMN[0]}</p>",
    ],
)
@pytest.mark.parametrize("described", [LINE, LINE[:60] + "…", f"{LINE} In the two and a half years since"])
def test_the_standfirst_above_the_text_is_the_standfirst_and_no_part_of_the_body(marked: str, described: str) -> None:
    article = from_page(f'<meta name="description" content="{described}">', marked)

    assert article.standfirst == LINE
    assert article.body.startswith(COLUMN[0])


def test_a_first_paragraph_that_the_description_repeats_is_the_article_all_the_same() -> None:
    article = from_page(f'<meta name="description" content="{LINE}">', f"<p>{LINE}</p>")

    assert article.body.startswith(LINE)


# --- Dates ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-20T04:02:00Z",
        "2026-11-20T06:02:00+02:00",
        "2026-11-20T06:02:00+0200",
        "2026-11-20 06:02:00 +0200",
        "2026-11-19T23:02:00-05:00",
        "2026-11-19 23:02 EST",
        "2026-11-20 05:02 CET",
        "Fri, 20 Nov 2026 04:02:00 GMT",
        "Fri Nov 20 2026 06:02:00 GMT+0200",
        "November 19, 2026, 11:02 PM EST",
        "Nov. 20, 2026 at 4:02 a.m. UTC",
        "1795147320",
        1795147320,
        "1795147320000",
        "2026-11-20T04:02:00",
    ],
)
def test_a_time_is_read_with_its_zone(written: object) -> None:
    assert stated_time(written) == WHEN


@pytest.mark.parametrize(
    "written", ["", "yesterday", "2026-13-45", "0000-00-00", None, True, ["2026"], "20/11", "2026-11-20T25:00"]
)
def test_what_is_no_time_is_none(written: object) -> None:
    assert stated_time(written) is None


def test_a_clock_without_a_zone_has_that_of_the_same_clock_elsewhere() -> None:
    head = ld(ARTICLE | {"datePublished": "2026-11-20T06:02:00"}) + meta(
        article__published_time="2026-11-20T06:02:00+02:00"
    )

    assert from_page(head).published_at == WHEN
    assert first_stated(["2026-11-20T06:02:00", "2026-11-20T09:30:00+02:00"]) == WHEN + timedelta(hours=2)


def dated(stamp: str, now: datetime, hints: Hints | None = None) -> Article:
    html = page(paragraphs(*COLUMN), ld(ARTICLE | {"datePublished": stamp}))
    document = Document(location=URL, kind=DocumentKind.HTML, content=html.encode(), hints=hints or Hints())
    return extract(document, now=now)


def test_a_date_that_is_still_to_come_is_not_believed_and_the_editor_told() -> None:
    article = dated("2027-11-20T06:02:00+02:00", now=WHEN)

    assert article.published_at is None
    assert any("still to come" in warning for warning in article.warnings)


def test_a_date_in_a_feed_that_is_still_to_come_gives_way_to_the_pages() -> None:
    article = dated("2026-11-20T06:02:00+02:00", now=WHEN, hints=Hints(published_at=WHEN + timedelta(days=40)))

    assert (article.published_at, article.warnings) == (WHEN, ())


def test_tomorrows_paper_is_out_tonight() -> None:
    assert dated("2026-11-20T06:02:00+02:00", now=WHEN - timedelta(hours=20)).published_at == WHEN
