"""A newsroom that put its piece right says so in the digest too; what only sounds like it stays in the story."""

from __future__ import annotations

import pytest

from digest.model import DocumentKind, DropReason
from tests.articles.texts import APPEAL, BIO, COLUMN, CREDIT, page, paragraphs, read, reasons, text

WHOLE = text(*COLUMN)
NOTICE = "An earlier version of this article misstated the length of the quay. It is 400 metres long."


@pytest.mark.parametrize(
    "notice",
    [
        NOTICE,
        "Correction: The quay of Northmere is 400 metres long, not 40.",
        "CORRECTION (Nov. 21, 2026): The quay of Northmere is 400 metres long, not 40.",
        "Correction, Nov. 21: The minister came on Monday, not on Tuesday.",
        "Editor’s note: A previous version of this story gave the wrong first name of the minister.",
        "This article was amended on 21 November 2026. The quay is 400 metres long, not 40 as we said.",
        "This story has been updated to correct the spelling of the minister's name.",
        "This column originally misidentified the engineer who drew the plans.",
        "Clarification: The council has promised a wall and voted no money for it.",
        "The quay is 400 metres long, not 40. The Harbour Review regrets the error.",
        "Rectificatif : le quai mesure 400 mètres et non 40 comme nous l’avions écrit.",
        "Une première version de cet article indiquait que le quai mesurait 40 mètres.",
        "Fe de errores: el muelle mide 400 metros y no 40.",
        "Una versión anterior de este artículo decía que el muelle medía 40 metros.",
        "Korrektur: Der Kai ist 400 Meter lang, nicht 40.",
        "In einer früheren Version dieses Artikels hieß es, der Kai sei 40 Meter lang.",
        "תיקון: אורכו של הרציף 400 מטרים ולא 40.",
        "بيان سابق، ونسخة سابقة من هذا المقال ذكرت أن طول الرصيف 40 مترا.",
        "Исправление: длина причала 400 метров, а не 40.",
        "В предыдущей версии статьи была неверно указана длина причала.",
    ],
)
def test_corrections_are_worded_in_many_ways_above_or_below(notice: str) -> None:
    for article in (read(text(*COLUMN, notice, BIO)), read(text(notice, *COLUMN, BIO)), read(text(*COLUMN, notice))):
        assert (article.body, article.correction) == (WHOLE, notice)
        assert reasons(article)[notice] is DropReason.CORRECTION


@pytest.mark.parametrize(
    "line",
    [
        "An earlier version of the bill had asked for twice as much, but the council struck that out in May.",
        "The correction of the river in 1904 took eleven years, and the town paid for it until the war.",
        "Alder said that an earlier version of the plan was drawn by engineers who had never seen the sea.",
        "Nobody in the ministry regrets the error that was made when the first wall was drawn.",
        "The department of correction: that is what the fishermen call the bar on the quay, said Alder.",
    ],
)
def test_a_story_about_versions_and_errors_is_left_whole(line: str) -> None:
    article = read(text(*COLUMN[:2], line, *COLUMN[2:]))

    assert article.correction == ""
    assert line in article.body


def test_where_an_earlier_version_appeared_is_a_credit_and_no_correction() -> None:
    credit = "An earlier version of this article first appeared in The Harbour Review."

    article = read(text(*COLUMN, credit))

    assert (article.credit, article.correction) == (credit, "")


def test_a_label_above_the_notice_goes_with_it() -> None:
    article = read(text(*COLUMN, "Correction", "The quay of Northmere is 400 metres long, not 40."))

    assert article.body == WHOLE
    assert article.correction == "Correction The quay of Northmere is 400 metres long, not 40."


def test_bio_credit_appeal_and_correction_each_have_a_place_of_their_own() -> None:
    article = read(text(*COLUMN, BIO, NOTICE, CREDIT, *APPEAL))

    assert (article.body, article.bio, article.credit) == (WHOLE, BIO, CREDIT)
    assert (article.correction, article.appeal) == (NOTICE, text(*APPEAL))


@pytest.mark.parametrize(
    "box", ["<aside class='box'><p>{}</p></aside>", "<footer>{}</footer>", "<div><em>{}</em></div>"]
)
def test_a_correction_in_a_box_outside_the_article_is_found(box: str) -> None:
    html = (
        '<html lang="en"><body><nav><a href="/c">Corrections and clarifications</a></nav>'
        f"<article>{paragraphs(*COLUMN)}</article>{box.format(NOTICE)}</body></html>"
    )

    article = read(html, kind=DocumentKind.HTML, location="https://news.example/sandbags")

    assert (article.body, article.correction) == (WHOLE, NOTICE)


def test_the_correction_of_another_story_in_a_list_of_links_is_not_this_ones() -> None:
    others = (
        "<aside><ul><li><a href='/x'>Correction: The ferry to Aubel sails at six, not at seven</a></li></ul></aside>"
    )
    html = page(paragraphs(*COLUMN)).replace("</article>", f"</article>{others}")

    assert read(html, kind=DocumentKind.HTML, location="https://news.example/sandbags").correction == ""
