"""Pages made to cost minutes cost seconds at most; very long ones are read in part, and the editor is told."""

from __future__ import annotations

import contextlib
import time

import pytest

from digest.articles.bounds import CUT, LONGEST_BLOCK, MOST_TAGS, MOST_TEXT
from digest.articles.sources.entries import full_text, plain, standfirst
from digest.articles.summaries.sentences import split
from digest.errors import InputError
from digest.model import DocumentKind, Hints, Image
from tests.articles.texts import COLUMN, page, paragraphs, read, text

#: Seconds. Each of these took far longer, and takes a tenth of it now.
_BUDGET = 2


def costs_little(content: str, kind: DocumentKind) -> None:
    started = time.perf_counter()
    with contextlib.suppress(InputError):  # there need be no article in it
        read(content, kind=kind)
    assert time.perf_counter() - started < _BUDGET


@pytest.mark.parametrize(
    "written",
    [
        "." * 20_000,
        "«" * 60_000,
        "www." * 25_000,
        "Mr. " * 8_000,
        "a " + " " * 100_000 + "b",
        "x\u0f71\u0f72\u0f74" * 15_000,
    ],
    ids=["dots", "quotation marks", "links", "abbreviations", "spaces", "accents"],
)
@pytest.mark.parametrize("kind", [DocumentKind.TEXT, DocumentKind.HTML])
def test_a_text_made_to_cost_minutes_costs_little(written: str, kind: DocumentKind) -> None:
    mixed = text(*COLUMN[:2], written + " said the mayor.", *COLUMN[2:])
    costs_little(page(paragraphs(*mixed.split("\n\n"))) if kind is DocumentKind.HTML else mixed, kind)


@pytest.mark.parametrize(
    "body",
    [
        "<p " + " ".join(f"a{at}=1" for at in range(60_000)) + ">x</p>",
        '<p x=">" ' + " ".join(f"a{at}=1" for at in range(60_000)) + ">x</p>",
        "<!-- " * 15_000,
    ],
    ids=["attributes", "attributes behind a bracket", "comments that never end"],
)
def test_markup_made_to_cost_minutes_costs_little(body: str) -> None:
    costs_little(page(paragraphs(*COLUMN) + body), DocumentKind.HTML)


def test_front_matter_of_spaces_costs_little() -> None:
    costs_little("---\ntitle" + " " * 100_000 + "x\n---\n" + text(*COLUMN), DocumentKind.MARKDOWN)


def test_a_row_of_dots_is_no_work_for_the_cutter_of_sentences() -> None:
    started = time.perf_counter()
    split("." * 50_000 + "x")
    split("Mr. " * 10_000)
    assert time.perf_counter() - started < _BUDGET


def test_descriptions_of_100_kb_are_looked_at_from_their_end() -> None:
    started = time.perf_counter()
    full_text("The post " * 12_000)
    standfirst("continue reading " * 6_000, headline="")
    plain("<" * 100_000)
    assert time.perf_counter() - started < _BUDGET
    assert standfirst("Rivers rise. The post Rivers rise first appeared on Courier.", headline="") == "Rivers rise."


def test_a_very_long_text_is_read_in_part_and_the_editor_is_told() -> None:
    article = read(text(*COLUMN, *(f"Number {at} of the harbour walls was mended on Monday." for at in range(9000))))
    assert len(article.body) <= MOST_TEXT * 1.01
    assert article.body.startswith(COLUMN[0])
    assert CUT in article.warnings


def test_a_page_of_endless_tags_is_read_in_part_and_the_editor_is_told() -> None:
    article = read(page(paragraphs(*COLUMN) + "<br>" * 3 * MOST_TAGS), kind=DocumentKind.HTML)
    assert COLUMN[0] in article.body
    assert CUT in article.warnings


def test_large_scripts_and_pictures_inside_a_page_are_no_reason_to_cut_it() -> None:
    head = "<script>" + "var a = 1; " * 100_000 + "</script><style>" + "p { } " * 20_000 + "</style>"
    picture = '<img alt="" src="data:image/png;base64,' + "A" * 200_000 + '">'
    article = read(page(picture + paragraphs(*COLUMN), head), kind=DocumentKind.HTML)
    assert COLUMN[-1] in article.body
    assert CUT not in article.warnings


def test_a_very_long_paragraph_is_parted_after_a_sentence_and_not_cut() -> None:
    long = " ".join(f"Number {at} of the harbour walls was mended on Monday." for at in range(300))
    article = read(text(*COLUMN, long))
    assert article.body.replace("\n\n", " ").endswith(long)
    assert all(len(paragraph) <= LONGEST_BLOCK and paragraph.endswith(".") for paragraph in article.body.split("\n\n"))
    assert CUT not in article.warnings


def test_the_picture_of_a_feed_keeps_what_the_page_says_it_shows() -> None:
    url = "https://courier.example/pier.jpg"
    head = f'<meta property="og:image" content="{url}"><meta property="og:image:alt" content="The pier at low tide">'
    source = page(paragraphs(*COLUMN), head)

    def shown(image: Image) -> Image | None:
        return read(source, kind=DocumentKind.HTML, hints=Hints(image=image)).image

    assert shown(Image(url=url, alt="")) == Image(url=url, alt="The pier at low tide")
    assert shown(Image(url=url, alt="The pier")) == Image(url=url, alt="The pier")
    other = Image(url="https://courier.example/other.jpg", alt="")
    assert shown(other) == other


@pytest.mark.parametrize(
    "stated",
    [
        "{}" * 100_000,
        "{" + "/* " * 100_000,
        "\n" * 300_000 + "{",
        "[" * 200_000,
        '{"a":1,}' + ",  " * 100_000,
        "// \n" * 60_000,
    ],
    ids=["values", "comments", "lines", "brackets", "commas", "comments in lines"],
)
def test_json_ld_made_to_cost_minutes_costs_little(stated: str) -> None:
    costs_little(page(paragraphs(*COLUMN), f'<script type="application/ld+json">{stated}</script>'), DocumentKind.HTML)


@pytest.mark.parametrize(
    "head",
    [
        f"<title>{' - ' * 20_000}</title>",
        f"<title>{'a - ' * 40}{'b' * 100_000}</title>",
        '<meta name="author" content="Miriam Alder">' * 6000,
        '<meta property="og:image" content="/a.jpg">' * 6000,
    ],
    ids=["dashes", "a long name", "authors", "pictures"],
)
def test_a_head_made_to_cost_minutes_costs_little(head: str) -> None:
    costs_little(page("<p>Nothing here.</p>", head), DocumentKind.HTML)


@pytest.mark.parametrize("said", ["we use ", "subscribe to ", "log in ", "earlier version of this ", "Correction "])
def test_words_of_walls_and_notices_without_end_cost_little(said: str) -> None:
    costs_little(page(f"<p>{said * 700}</p>" * 20), DocumentKind.HTML)
