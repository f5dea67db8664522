"""A column leaves behind what is printed around it, and a story keeps what only sounds like that."""

from __future__ import annotations

import textwrap

import pytest

from digest.articles.summaries.ladder import summarise
from digest.model import DocumentKind, DropReason
from tests.articles.texts import APPEAL, BIO, COLUMN, CREDIT, NAME, page, paragraphs, read, reasons, text

WHOLE = text(*COLUMN)


def test_a_column_with_bio_credit_name_and_appeal_keeps_only_its_body() -> None:
    article = read(text(*COLUMN, BIO, CREDIT, NAME, *APPEAL))

    assert article.body == WHOLE
    assert article.headline == ""
    assert article.bio == BIO
    assert article.credit == CREDIT
    assert article.appeal == text(*APPEAL)
    assert reasons(article)[NAME] is DropReason.TAIL
    assert any("no headline" in warning for warning in article.warnings)


@pytest.mark.parametrize(
    "around",
    [
        (CREDIT, BIO, NAME, *APPEAL),
        (NAME, BIO, CREDIT, *APPEAL),
        (BIO, NAME, *APPEAL, CREDIT),
        (f"({BIO})", CREDIT, *APPEAL),
        ("* * *", BIO, CREDIT, NAME, *APPEAL),
        ("About the author", BIO, CREDIT, *APPEAL),
        (BIO, "Her latest book, Reeds and Concrete, came out last year.", CREDIT, *APPEAL),
        (BIO, "The views expressed here are those of the author.", CREDIT, NAME, *APPEAL),
    ],
)
def test_the_order_of_what_stands_below_does_not_matter(around: tuple[str, ...]) -> None:
    article = read(text(*COLUMN, *around))

    assert article.body == WHOLE
    assert BIO in article.bio
    assert article.credit == CREDIT
    assert all(paragraph in article.appeal for paragraph in APPEAL[1:])


@pytest.mark.parametrize(
    "bio",
    [
        "Jane Doe covers the coast for Coastline News.",
        "(Jane Doe covers the coast for Coastline News.)",
        "Dr. Jane Doe, the author of Reeds and Concrete, is a senior fellow at the Tideland Institute.",
        "Jane Doe and Amos Lee are freelance reporters in Northmere.",
        "The writer is a retired harbour pilot.",
        "Jane B. Doe teaches coastal engineering at the University of Northmere.",
    ],
)
def test_bios_are_worded_in_many_ways(bio: str) -> None:
    article = read(text(*COLUMN, bio, CREDIT))

    assert (article.body, article.bio, article.credit) == (WHOLE, bio, CREDIT)


@pytest.mark.parametrize(
    "credit",
    [
        "This story was first published in the Harbour Review.",
        "Originally published by The Harbour Review. Read the original article.",
        "A version of this article first appeared in The Harbour Review.",
        "Republished with permission from The Harbour Review.",
        "Reprinted from The Harbour Review under a Creative Commons licence.",
        "Editor’s note: This column originally appeared on the Harbour Review’s website.",
    ],
)
def test_credits_are_worded_in_many_ways_above_or_below(credit: str) -> None:
    for article in (read(text(*COLUMN, BIO, credit)), read(text(credit, *COLUMN, BIO))):
        assert (article.body, article.bio, article.credit) == (WHOLE, BIO, credit)


@pytest.mark.parametrize(
    "credit",
    [
        "This column was originally published by The Harbour Review and reprinted in the Tideland Gazette.",
        "This article is republished in partnership with The Harbour Review.",
        "This article is republished from The Harbour Review under a Creative Commons license.",
    ],
)
def test_a_credit_may_say_where_else_the_piece_appeared(credit: str) -> None:
    assert read(text(*COLUMN, BIO, credit)).credit == credit


@pytest.mark.parametrize(
    "line",
    [
        "This article was reprinted on tideland.example.",
        "This story has been republished in the Tideland Gazette.",
        "All photos are published under a Creative Commons license (CC BY-NC 4.0).",
        "Images: reproduced with permission.",
        "Dieser Beitrag steht unter einer Creative-Commons-Lizenz (unter CC BY 4.0).",
    ],
)
def test_where_a_piece_went_and_how_it_is_licensed_is_left_out_and_no_credit(line: str) -> None:
    article = read(text(*COLUMN, BIO, line))

    assert (article.body, article.credit) == (WHOLE, "")
    assert line in reasons(article)


def test_a_credit_at_the_top_with_its_licence_is_a_credit() -> None:
    line = "This story was originally published by The Harbour Review and is republished here under a CC licence."

    assert read(text(line, *COLUMN)).credit == line


@pytest.mark.parametrize(
    "appeal",
    [
        (
            "Before you read on: we need your support. Make a one-time or monthly gift today and "
            "keep our journalism free."
        ),
        "Northmere Now is reader-funded. If you value our reporting, please consider becoming a member.",
        "Help us keep telling stories like this one. Your tax-deductible donation makes our work possible.",
    ],
)
@pytest.mark.parametrize("at", [0, 2, 5])
def test_an_appeal_is_an_appeal_at_the_top_in_the_middle_and_at_the_end(appeal: str, at: int) -> None:
    article = read(text(*COLUMN[:at], appeal, *COLUMN[at:]))

    assert (article.body, article.appeal) == (WHOLE, appeal)


def test_markdown_in_italics_is_read_like_plain_text() -> None:
    article = read(
        text("# The town of sandbags", "*By Miriam Alder*", *COLUMN, "---", f"*{BIO}*", f"_{CREDIT}_", f"**{NAME}**")
        + "\n\n"
        + text(*APPEAL),
        kind=DocumentKind.MARKDOWN,
    )

    assert (article.headline, article.byline) == ("The town of sandbags", "Miriam Alder")
    assert (article.body, article.bio, article.credit) == (WHOLE, BIO, CREDIT)
    assert article.appeal == text(*APPEAL)


@pytest.mark.parametrize("width", [72, 80, 100])
def test_hard_wrapped_lines_are_joined_and_lines_that_end_early_are_not(width: int) -> None:
    below = "\n".join(textwrap.fill(line, width) for line in (BIO, CREDIT, NAME, *APPEAL))
    wrapped = text(*(textwrap.fill(paragraph, width) for paragraph in COLUMN), below)

    article = read(wrapped)

    assert article.body == WHOLE
    assert article.credit == CREDIT


def test_a_french_column_is_cleaned_too() -> None:
    column = (
        (
            "Depuis deux ans et demi, la petite ville de Port-Aubel vit avec ses sacs de sable. "
            "Chaque automne, la mairie "
            "promet une digue, et chaque printemps la promesse s'en va avec la boue."
        ),
        (
            "La visite de la ministre, la semaine dernière, devait tout changer. Elle a longé le "
            "quai, serré la main des "
            "pêcheurs et parlé de résilience."
        ),
        "Cette visite montre surtout combien la capitale s'est éloignée de sa côte, disent les habitants du port.",
    )
    bio = "Camille Arnoux est journaliste, traductrice et avocate."
    credit = "Cet article a été initialement publié par La Revue du Port."
    asks = (
        "Vous appréciez notre travail ? Notre rédaction dépend de ses lecteurs.",
        "Faites un don ponctuel ou mensuel : votre soutien nous aide à continuer.",
    )

    article = read(text(*column, bio, credit, "Agence du Littoral", *asks, "Merci."))

    assert (article.body, article.language) == (text(*column), "fr")
    assert (article.bio, article.credit) == (bio, credit)
    assert article.appeal == text(*asks, "Merci.")


def test_a_hebrew_column_is_cleaned_too() -> None:
    column = (
        (
            "מאז הסערה לפני שנתיים וחצי למדה העיירה נמל צפון לחיות עם שקי חול. בכל סתיו מבטיחה "
            "המועצה לבנות חומה, ובכל "
            "אביב נשטפת ההבטחה עם שארית הבוץ."
        ),
        "ביקור השרה בשבוע שעבר נועד לשנות את המצב. היא הלכה לאורך הרציף, לחצה ידיים לדייגים ודיברה על חוסן.",
        'דובר צה"ל לא הגיב. תוכנית רצינית תתחיל בביצות, כך אומרים המהנדסים כבר עשרות שנים ברציפות.',
    )
    bio = "מרים אלדר היא עיתונאית, מתרגמת, מרצה ועורכת דין."
    credit = "מאמר זה פורסם לראשונה באתר סקירת הנמל."
    asks = (
        "אנו מעריכים את תמיכתכם. העיתונות העצמאית שלנו תלויה בקוראים כמוכם.",
        "אפשר לתרום תרומה חד-פעמית או חודשית. תודה.",
    )

    article = read(text(*column, bio, credit, "סוכנות החוף", *asks))

    assert (article.body, article.language) == (text(*column), "he")
    assert (article.bio, article.credit, article.appeal) == (bio, credit, text(*asks))


NEWS = (
    "A court in Northmere on Tuesday ordered the council to publish its flood plans within a month.",
    (
        "Miriam Alder, who brought the case, is a lawyer who has worked in the town for twenty "
        "years. She is also a "
        "volunteer firefighter."
    ),
    (
        "Residents have been asked to donate blankets, and those who subscribe to the town's "
        "alerts will get a message "
        "when the river rises, the council said."
    ),
    (
        '"If you want to support the victims, please make a donation to the relief fund," said '
        'the mayor. "Your support '
        'will help families rebuild."'
    ),
    "The study was first published in the Journal of Coasts in 2014 and has been cited by the court.",
    (
        "We met the mayor again on Wednesday, and he asked how much the paper costs. A photo of "
        "the wall hung behind him."
    ),
    "The relief fund has raised two million euros so far, according to the bank that holds it.",
)


def test_a_story_about_donating_subscribing_and_a_lawyer_is_left_whole() -> None:
    article = read(text(*NEWS))

    assert article.body == text(*NEWS)
    assert (article.bio, article.credit, article.appeal, article.dropped) == ("", "", "", ())


def test_a_story_may_end_on_somebody_who_is_a_lawyer() -> None:
    story = (
        "A court in Northmere on Tuesday ordered the council to publish its flood plans within a month.",
        "Alder said the ruling was a relief. The council has not said whether it will appeal against the decision.",
        "Miriam Alder is a lawyer and represents forty families in the case.",
    )

    assert read(text(*story)).body == text(*story)


def test_a_columnist_may_depend_on_the_support_of_neighbours() -> None:
    line = "We depend on the support of our neighbours when the water comes, and nobody has ever sent a bill for it."

    assert line in read(text(*COLUMN[:3], line, *COLUMN[3:])).body


def test_an_article_that_seems_all_appeal_is_kept_and_the_editor_warned() -> None:
    guide = (
        "A monthly donation is worth more to a small charity than a one-time contribution, so please consider it.",
        ("Your donation helps most when it comes every month. Become a member of a local group, and support our town."),
        "If you value independent theatre, please make a tax-deductible gift. Every gift makes a difference to us.",
    )

    article = read(text(*guide))

    assert article.body == text(*guide)
    assert any("boilerplate" in warning for warning in article.warnings)


def test_a_guide_to_newsletters_is_kept_whole_and_the_editor_reads_what_would_have_gone_and_why() -> None:
    guide = (
        "Every morning brings another list of things to read.",
        "Sign up for the Harbour newsletter to get the tides in your inbox.",
        "Subscribe to the Quay newsletter for the prices of fish.",
        "Sign up for the Marsh newsletter, which brings birds to your inbox.",
        "Sign up for the Reed newsletter and get gardens in your inbox on Sundays.",
        "Subscribe to the Mud newsletter if you like the coast as it is.",
    )

    article = read(text(*guide))

    assert article.body == text(*guide)
    (warning,) = (warning for warning in article.warnings if "unfiltered" in warning)
    assert "promotion: “Sign up for the Harbour newsletter to get …”" in warning
    assert warning.endswith("; and 1 more.")


def test_a_page_of_which_most_is_boilerplate_but_the_column_stands_is_filtered() -> None:
    article = read(text(*COLUMN, *[f"Sign up for newsletter {at} to get the coast in your inbox." for at in range(8)]))

    assert article.body == WHOLE
    assert {reasons(article)[line] for line in reasons(article)} == {DropReason.PROMOTION}


def test_a_page_loses_captions_bylines_promotion_and_teasers() -> None:
    html = page(
        "<h1>The town of sandbags</h1><p>By Miriam Alder</p><p>Published November 20, 2026 at 6:02 AM</p>"
        + paragraphs(*COLUMN[:2])
        + "<p>The quay at low water. (Photo: Jane Doe/Getty Images)</p>"
        + '<p>Related: <a href="/dikes">Seven dikes that failed before this one</a></p>'
        + "<p>Sign up for our newsletter to get the news of the coast in your inbox.</p>"
        + paragraphs(*COLUMN[2:])
        + "<h3>More stories</h3><ul><li><a href='/a'>The ferry that never sailed to Aubel</a></li>"
        + "<li><a href='/b'>Fishermen count their nets again</a></li></ul>",
        '<meta property="og:title" content="The town of sandbags"><meta name="author" content="Miriam Alder">',
    )

    article = read(html, kind=DocumentKind.HTML, location="https://news.example/sandbags")

    assert article.body == WHOLE
    kinds = set(reasons(article).values())
    assert {DropReason.CAPTION, DropReason.PROMOTION} <= kinds


def test_nothing_of_what_was_left_out_comes_back_in_the_summary() -> None:
    article = read(text(*APPEAL[1:], *COLUMN, BIO, CREDIT, NAME))
    summary = summarise(article)

    assert article.body == WHOLE
    assert not any(line in summary.text for line in (*APPEAL, BIO, CREDIT, NAME))


def test_what_a_house_says_of_itself_below_its_own_release_is_no_part_of_it() -> None:
    about = (
        "Riverbend Mills is a maker of flour and bread, and employs three hundred people on the River Alder.",
        "Riverbend Mills is headquartered in Northmere. Its flour is sold in eleven countries around the sea.",
    )
    head = '<meta property="og:site_name" content="Riverbend Mills">'

    article = read(page(paragraphs(*COLUMN, *about), head), kind=DocumentKind.HTML, location="https://mills.example/x")

    assert article.body == WHOLE
    assert article.bio == text(*about)


def test_a_story_about_its_own_paper_may_end_on_what_became_of_it() -> None:
    lines = (
        "The Harbour Post was told on Tuesday that it may print again, and it will do so from Monday on.",
        "Readers of the Harbour Post have asked for nothing else since the storm took its presses away.",
    )
    head = '<meta property="og:site_name" content="The Harbour Post">'

    article = read(page(paragraphs(*COLUMN, *lines), head), kind=DocumentKind.HTML, location="https://post.example/x")

    assert article.body == text(*COLUMN, *lines)
