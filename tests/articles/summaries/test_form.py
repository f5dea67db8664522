"""Columns and live pages: told by their section, their address, their headline or their publisher's data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.articles.extraction.extract import extract
from digest.articles.summaries.form import Form, form_of
from digest.articles.summaries.ladder import Limits, summarise
from digest.model import Article, Document, DocumentKind, Hints, Rung
from tests.articles.texts import COLUMN, page, paragraphs, text

NEWS = Article(url="https://news.example/coast/sandbags", headline="The town of sandbags", body=text(*COLUMN))


@pytest.mark.parametrize(
    "section",
    [
        "Opinion", "Op-Ed", "Columnists", "Commentary", "Letters to the editor", "Tribunes", "Éditorial",
        "Points de vue", "Opinión", "Columnas", "Meinung", "Kommentare", "Gastbeitrag", "דעות", "מאמרי דעה", "الرأي",
        "مقالات الرأي", "Мнения", "Колонка",
    ],
)  # fmt: skip
def test_a_column_is_told_by_its_section(section: str) -> None:
    assert form_of(replace(NEWS, categories=("Coast", section))) is Form.OPINION


@pytest.mark.parametrize("section", ["Live", "Live blog", "En direct", "En vivo", "Liveticker", "مباشر", "Онлайн"])
def test_a_live_page_is_told_by_its_section(section: str) -> None:
    assert form_of(replace(NEWS, categories=(section,))) is Form.LIVE


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("opinion/2026/sandbags", Form.OPINION),
        ("commentisfree/2026/nov/22/sandbags", Form.OPINION),
        ("idees/article/sandbags", Form.OPINION),
        ("%D7%93%D7%A2%D7%95%D7%AA/sandbags", Form.OPINION),
        ("news/live/sandbags", Form.LIVE),
        ("coast/how-to-live-with-sandbags", Form.NEWS),
        ("coast/opinion", Form.NEWS),
        ("coast/live", Form.NEWS),
    ],
)
def test_a_column_or_a_live_page_is_told_by_where_it_stands(path: str, form: Form) -> None:
    assert form_of(replace(NEWS, url=f"https://news.example/{path}")) is form


@pytest.mark.parametrize(
    ("headline", "form"),
    [
        ("Opinion: The town of sandbags", Form.OPINION),
        ("Kommentar: Die Stadt der Sandsäcke", Form.OPINION),
        ("The town of sandbags | Opinion", Form.OPINION),
        ("דעה: עיר שקי החול", Form.OPINION),
        ("Live updates: storm reaches Northmere", Form.LIVE),
        ("Storm reaches Northmere – as it happened", Form.LIVE),
        ("EN DIRECT : la tempête", Form.LIVE),
        ("Live music returns to the pier", Form.NEWS),
        ("Opinion is divided over sandbags", Form.NEWS),
        ("Columns of the old pier fall", Form.NEWS),
    ],
)
def test_a_column_or_a_live_page_is_told_by_its_headline(headline: str, form: Form) -> None:
    assert form_of(replace(NEWS, headline=headline)) is form


@pytest.mark.parametrize(("kind", "form"), [("OpinionNewsArticle", Form.OPINION), ("LiveBlogPosting", Form.LIVE)])
def test_what_the_publishers_data_says_holds_whatever_the_feed_calls_it(kind: str, form: Form) -> None:
    data = f'<script type="application/ld+json">{{"@type": "{kind}", "headline": "The town of sandbags"}}</script>'
    document = Document(
        location="https://news.example/coast/sandbags",
        kind=DocumentKind.HTML,
        content=page(paragraphs(*COLUMN), f"<title>The town of sandbags</title>{data}").encode(),
        hints=Hints(categories=("Coast",)),
    )

    article = extract(document)

    assert form_of(article) is form
    assert article.categories[0] == "Coast"


LINE = "What the storm took from Northmere, and what a town owes to the people who still sleep beside the water"


def test_a_column_prefers_its_publishers_line_though_it_only_just_fits() -> None:
    column = replace(NEWS, categories=("Opinion",), standfirst=LINE, language="en")

    assert summarise(column, limits=Limits(10, 15, 90)).text == LINE
    assert summarise(replace(column, categories=())).rung is Rung.EXTRACT


@pytest.mark.parametrize(
    "line",
    [
        "What the storm took from Northmere, and what a town owes to the people who still sleep…",
        "Sign up for our newsletter and get the news of Northmere and its storm in your inbox.",
        "Ce que la tempête a pris à la ville de Northmere, et ce que la ville doit à ceux qui y dorment encore.",
    ],
)
def test_not_even_a_columns_line_is_shown_when_it_is_cut_promotion_or_foreign(line: str) -> None:
    column = replace(NEWS, categories=("Opinion",), standfirst=line, language="en")

    assert summarise(column).rung is Rung.EXTRACT
