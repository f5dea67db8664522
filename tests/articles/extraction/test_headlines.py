"""A headline says what happened, not where the reader is."""

from __future__ import annotations

import pytest

from digest.articles.extraction.extract import NO_HEADLINE
from digest.model import Article, DocumentKind
from tests.articles.texts import COLUMN, page, paragraphs, read, text

URL = "https://www.harbour-review.example/2026/11/what-the-tide-leaves/"


def titled(title: str = "", body: str = "", head: str = "", location: str = URL) -> Article:
    return read(
        page(body + paragraphs(*COLUMN), f"<title>{title}</title>{head}"), kind=DocumentKind.HTML, location=location
    )


@pytest.mark.parametrize(
    "title",
    [
        "What the tide leaves | Harbour Review",
        "What the tide leaves – The Harbour Review",
        "What the tide leaves - HarbourReview",
        "What the tide leaves | harbour-review.example",
        "What the tide leaves | Coast | Harbour Review",
        "What the tide leaves | Some Other Name",
        "What the tide leaves · Harbour Review Online",
        "harbour-review.example // » What the tide leaves",
        "Harbour Review » What the tide leaves",
        "Harbour Review | What the tide leaves",
    ],
)
def test_the_name_of_the_site_is_no_part_of_the_headline(title: str) -> None:
    assert titled(title).headline.removesuffix(" | Coast") == "What the tide leaves"


@pytest.mark.parametrize(
    "title",
    [
        "Opinion | What the tide leaves us",
        "Minister – and mother: a portrait",
        "Review: What the harbour saw",
        "The ferry is back - and full",
        "Harbour reviewed",
        "A long way - into the reed",
    ],
)
def test_a_dash_or_a_bar_inside_a_headline_stays(title: str) -> None:
    assert titled(title, head='<meta property="og:site_name" content="Reed">').headline == title


def test_json_ld_that_names_the_site_is_cleaned_too() -> None:
    head = (
        '<meta property="og:site_name" content="TheReed"><script type="application/ld+json">'
        '{"@type": "NewsArticle", "headline": "Ferry returns after the storm | TheReed", '
        '"publisher": {"name": "The Reed"}}</script>'
    )

    assert titled(head=head).headline == "Ferry returns after the storm"


def test_the_only_h1_may_be_the_blog_and_the_title_tells_what_it_is_about() -> None:
    article = titled("What the tide leaves | TideBlog", body="<h1>TideBlog</h1><h2>What the tide leaves</h2>")

    assert article.headline == "What the tide leaves"


def test_a_heading_that_the_address_names_is_better_than_the_sites_name() -> None:
    article = titled("Harbour Review", body="<h1>Harbour Review</h1><h2>Latest</h2><h2>What the tide leaves</h2>")

    assert article.headline == "What the tide leaves"


@pytest.mark.parametrize(
    "title", ["Harbour Review", "harbour-review.example", "HarbourReview Blog", "The Harbour Review"]
)
def test_a_page_that_only_names_its_site_has_no_headline(title: str) -> None:
    article = titled(title)

    assert article.headline == ""
    assert NO_HEADLINE in article.warnings


def test_an_archived_page_is_of_the_site_that_was_archived() -> None:
    archived = "https://archive.example/web/20101010101010/http://tidewatch.example/2010/10/10/mud/"

    assert titled("TideWatch | Mud for breakfast", location=archived).headline == "Mud for breakfast"
    assert titled("Tidewatch", location=archived).headline == ""


@pytest.mark.parametrize("mark", ["# ", "## ", "#  "])
def test_a_markdown_heading_over_a_plain_text_is_its_headline(mark: str) -> None:
    article = read(text(f"{mark}The sea!", COLUMN[0], "## What it means", *COLUMN[1:]))

    assert article.headline == "The sea!"
    assert "#" not in article.body
    assert "What it means" in article.body


def test_a_headline_that_is_underlined_in_a_plain_text_loses_its_line() -> None:
    article = read("The town that counts its nights\n===============================\n\n" + text(*COLUMN))

    assert (article.headline, article.body) == ("The town that counts its nights", text(*COLUMN))


def test_a_number_sign_that_is_no_heading_stays() -> None:
    first = "#Northmere is what they call it online, where nobody has ever seen the mud."

    assert read(text(first, *COLUMN)).body.startswith(first)


def test_a_table_in_markdown_is_left_out_as_it_is_on_a_web_page() -> None:
    table = "| height | nights |\n|---|---|\n| 3 m | 12 |\n| 4 m | 30 |"
    article = read(text("# The sea", COLUMN[0], table, *COLUMN[1:]), kind=DocumentKind.MARKDOWN)

    assert (article.headline, article.body) == ("The sea", text(*COLUMN))
