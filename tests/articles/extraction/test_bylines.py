"""A byline is a name: what pages print with it, and what is none, readers never see."""

from __future__ import annotations

import pytest

from digest.model import DocumentKind, Hints
from tests.articles.texts import COLUMN, page, paragraphs, read, text


def byline(stated: str) -> str:
    return read(text(*COLUMN), hints=Hints(byline=stated)).byline


@pytest.mark.parametrize(
    "stated",
    [
        "Miriam Alder",
        "By Miriam Alder",
        "Miriam Alder November",
        "Miriam Alder Monday, November",
        "Miriam Alder, Tuesday",
        "Miriam Alder | November 20, 2026",
        "Miriam Alder – 20 May 2026, 14:05",
        "Miriam Alder on March 3rd",
        "Miriam Alder Published",
        "Miriam Alder Published: 20.11.2026 | Updated today",
        "Miriam Alder 5 min read",
        "Miriam Alder, 3 hours ago",
        "Miriam Alder 2026-11-20",
        "Words by Miriam Alder",
        "Text: Miriam Alder",
        "Text Miriam Alder",
        "Written by Miriam Alder Updated November 20",
        "Author: Miriam Alder",
        "admin, Miriam Alder",
    ],
)
def test_only_the_name_is_left_of_a_byline(stated: str) -> None:
    assert byline(stated) == "Miriam Alder"


@pytest.mark.parametrize(
    "name",
    [
        "Theresa May",
        "Sarah Jane May",
        "April June Brook",
        "August Wilson",
        "Joe Friday-Brown",
        "Story Musgrave",
        "Von Reed",
        "De la Cruz",
        "AFP",
        "dpa/AFP",
        "Reuters",
        "MIRIAM ALDER, Coastline News",
        "Miriam Alder, USA",
        "6Senses",
        "Saïd Alder",
        "מרים אלדר",
        "Мария Ольхова",
        "Coast Desk and wires",
    ],
)
def test_a_name_that_looks_like_a_date_or_a_label_stays(name: str) -> None:
    assert byline(name) == name


def test_a_russian_label_goes_too() -> None:
    assert byline("Текст Мария Ольхова") == byline("Автор: Мария Ольхова") == "Мария Ольхова"


@pytest.mark.parametrize(
    "stated",
    [
        "NMHARBR",
        "admin",
        "Nmadmin",
        "webmaster",
        "user",
        "malder42",
        "m_alder",
        "Published November 20, 2026",
        "Anonymous",
    ],
)
def test_a_login_name_or_a_date_is_no_byline(stated: str) -> None:
    assert byline(stated) == ""


@pytest.mark.parametrize("stated", ["Petra Quay Said, On August 3", "Petra Quay said on", "Petra Quay sagte am 3. Mai"])
def test_whoever_commented_is_not_the_author(stated: str) -> None:
    assert byline(stated) == ""


def test_a_byline_in_a_text_loses_its_date() -> None:
    assert read(text("The town that counts its nights", "By Miriam Alder November 20, 2026", *COLUMN)).byline == (
        "Miriam Alder"
    )


def test_a_login_name_in_one_place_gives_way_to_the_name_in_another() -> None:
    head = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "author": {"name": "nmadmin"}}</script>'
        '<meta name="author" content="Miriam Alder Friday">'
    )

    assert read(page(paragraphs(*COLUMN), head), kind=DocumentKind.HTML).byline == "Miriam Alder"
