"""What stands in an article's way is said to be that, and is never summarised as if it were the article."""

from __future__ import annotations

import pytest

from digest.articles.summaries.ladder import summarise
from digest.errors import InputError
from digest.model import Access, Article, DocumentKind, Rung
from tests.articles.texts import COLUMN, page, paragraphs, read, text

URL = "https://news.example/2026/11/sandbags"
LOCKED = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": %s%s}</script>'
#: A whole article, as long as they are.
LONG = tuple(f"{paragraph} That was on day {day} of the storm." for day in range(1, 4) for paragraph in COLUMN)


def from_page(body: str, head: str = "") -> Article:
    return read(page(body, head), kind=DocumentKind.HTML, location=URL)


def refused(html: str) -> InputError:
    with pytest.raises(InputError) as caught:
        read(html, kind=DocumentKind.HTML, location=URL)
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    "title",
    [
        "404",
        "404 - Page not found | News of Northmere",
        "Page not found",
        "Error 403: Forbidden",
        "Access Denied",
        "Oops! The page you are looking for could not be found",
        "503 Service Temporarily Unavailable",
        "Page introuvable - Les Nouvelles",
        "Página no encontrada",
        "Seite nicht gefunden",
        "הדף לא נמצא",
        "الصفحة غير موجودة",
        "Страница не найдена",
    ],
)
def test_an_error_page_that_says_200_is_no_article(title: str) -> None:
    around = (
        "<p>Sorry about that. Try our search, or read what others read this week in the town and along the coast.</p>"
    )

    trouble = refused(f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{around * 2}</body></html>")

    assert "error page" in trouble.message


@pytest.mark.parametrize(
    "headline",
    [
        "404 people still wait for a house in Northmere",
        "Access denied: how the ministry kept reporters from the quay",
        "Not found: the wall that the council paid for",
        "Forbidden fruit returns to the market hall",
        "The error that drowned a town",
    ],
)
def test_an_article_whose_headline_sounds_like_an_error_is_read(headline: str) -> None:
    article = from_page(f"<h1>{headline}</h1>{paragraphs(*COLUMN)}", f"<title>{headline} | News of Northmere</title>")

    assert (article.headline, article.body) == (headline, text(*COLUMN))


@pytest.mark.parametrize(
    "html",
    [
        (
            "<title>Just a moment...</title><body><h1>news.example</h1><p>Verify you are human by completing the action"
            " below.</p><p>news.example needs to review the security of your connection before proceeding.</p></body>"
        ),
        (
            "<title>Attention Required! | Cloudflare</title><body><h1>Sorry, you have been blocked</h1><p>You cannot"
            " access news.example. It uses a security service to protect itself from online attacks.</p></body>"
        ),
        (
            "<title>Pardon Our Interruption</title><body><h1>Pardon Our Interruption...</h1><p>As you were browsing"
            " something about your browser made us think you were a bot. There are a few reasons for this.</p></body>"
        ),
        "<title>news.example</title><body><p>Please enable JS and disable any ad blocker</p></body>",
    ],
)
def test_a_page_that_tests_for_humans_is_no_article(html: str) -> None:
    trouble = refused(f"<html>{html}</html>")

    assert "tests whether a person is reading" in trouble.message
    assert "feed" in trouble.hint


@pytest.mark.parametrize(
    "body",
    [
        (
            "<h1>Before you continue</h1><p>We and our 812 partners store and access information on a device, such as"
            " cookies, and process personal data.</p><button>Accept all</button><button>Manage options</button>"
        ),
        (
            "<h1>Votre vie privée</h1><p>Nous et nos 300 partenaires utilisons des cookies pour afficher de la"
            " publicité.</p><button>Tout accepter</button><button>Continuer sans accepter</button>"
        ),
        (
            "<h1>Ihre Privatsphäre</h1><p>Wir und unsere 200 Partner verwenden Cookies und verarbeiten"
            " personenbezogene Daten.</p><button>Alle akzeptieren</button>"
        ),
    ],
)
def test_a_form_of_consent_is_no_article(body: str) -> None:
    assert "consent" in refused(f"<html><head><title>news.example</title></head><body>{body}</body></html>").message


def test_an_article_below_a_banner_of_consent_is_read() -> None:
    banner = "<div><p>We value your privacy. We and our partners use cookies.</p><button>Accept all</button></div>"

    assert read(
        page(paragraphs(*COLUMN)).replace("<body>", f"<body>{banner}"), kind=DocumentKind.HTML, location=URL
    ).body == text(*COLUMN)


def test_a_page_to_log_in_is_no_article() -> None:
    form = "<form><label>Email</label><input type=email><label>Password</label><input type=password></form>"

    for title in ("Log in", "Northmere Now"):
        body = f"<p>Welcome back, we have missed you here.</p>{form}"
        html = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
        assert "log in" in refused(html).message


def test_a_page_that_scripts_would_fill_is_said_to_be_empty() -> None:
    said = "<noscript>You need to enable JavaScript to run this app.</noscript><div id=root></div>"

    assert "until scripts run" in refused(f"<html><body>{said}</body></html>").message


@pytest.mark.parametrize(
    "notice",
    [
        "Subscribe to continue reading",
        "To continue reading this article, sign in or create a free account.",
        "This story is for subscribers only.",
        "This post is for paid subscribers",
        "You have reached your limit of free articles.",
        "Il vous reste 82.5% de cet article à lire. La suite est réservée aux abonnés.",
        "Suscríbete para seguir leyendo",
        "Dieser Artikel ist nur für Abonnenten verfügbar.",
        "Jetzt abonnieren und weiterlesen",
        "המשך הכתבה למנויים בלבד",
        "اشترك الآن لمتابعة القراءة",
        "Оформите подписку, чтобы продолжить чтение",
    ],
)
def test_a_text_that_breaks_off_for_who_does_not_pay_is_said_to_and_not_summarised(notice: str) -> None:
    for inside in (f"{paragraphs(*COLUMN[:2])}<p>{notice}</p>", f"{paragraphs(*COLUMN[:2])}<div>{notice}</div>"):
        article = from_page(inside)

        assert article.access is Access.CUT
        assert any("Only its beginning" in warning for warning in article.warnings)
        assert article.body == text(*COLUMN[:2])
        with pytest.raises(InputError, match="beginning"):
            summarise(article)


def test_the_publishers_own_line_may_stand_for_what_nobody_could_read() -> None:
    line = "Northmere has waited two years for a wall, and is still waiting for anybody to begin with it."

    article = from_page(
        f"{paragraphs(*COLUMN[:1])}<p>Subscribe to continue reading</p>", f'<meta name="description" content="{line}">'
    )

    assert (summarise(article).text, summarise(article).rung) == (line, Rung.STANDFIRST)


@pytest.mark.parametrize("said", ["false", '"False"', '"false"'])
def test_a_page_that_says_it_is_not_free_and_comes_short_is_cut(said: str) -> None:
    assert from_page(paragraphs(*COLUMN[:2]), LOCKED % (said, "")).access is Access.CUT


@pytest.mark.parametrize("said", ["true", '"True"'])
def test_a_page_that_says_it_is_free_is_free(said: str) -> None:
    article = from_page(paragraphs(*COLUMN[:2]), LOCKED % (said, ""))

    assert article.access is Access.FREE


def test_a_page_that_is_not_free_and_came_whole_is_read_and_the_editor_told() -> None:
    article = from_page(paragraphs(*LONG), LOCKED % ("false", ""))

    assert article.access is Access.PAID
    assert any("have to pay" in warning for warning in article.warnings)
    assert summarise(article).text


def test_a_page_that_has_fewer_words_than_its_publisher_counted_is_cut() -> None:
    assert from_page(paragraphs(*LONG), LOCKED % ("false", ', "wordCount": 2400')).access is Access.CUT


def test_a_page_that_is_not_free_and_trails_off_is_cut() -> None:
    assert (
        from_page(paragraphs(*LONG, "And on the last night of the year the"), LOCKED % ("false", "")).access
        is Access.CUT
    )


def test_a_part_that_is_not_free_makes_a_page_that_is_not_free() -> None:
    part = ', "hasPart": {"@type": "WebPageElement", "isAccessibleForFree": false, "cssSelector": ".paid"}'

    assert from_page(paragraphs(*COLUMN[:2]), LOCKED % ("true", part)).access is Access.CUT


def test_a_meta_tag_can_say_that_a_page_is_locked() -> None:
    head = '<meta property="article:content_tier" content="locked">'

    assert from_page(paragraphs(*COLUMN[:2]), head).access is Access.CUT


def test_a_notice_hidden_below_a_whole_article_asks_nobody() -> None:
    article = from_page(paragraphs(*LONG) + "<aside hidden><p>Subscribe to continue reading</p></aside>")

    assert article.access is not Access.CUT


def test_a_story_about_paying_to_read_on_is_left_whole() -> None:
    line = "Readers will have to subscribe to continue reading the Gazette after its tenth story, its publisher said."

    article = from_page(paragraphs(*COLUMN[:2], line, *COLUMN[2:]))

    assert line in article.body
    assert article.access is Access.FREE


def test_a_locked_page_without_a_word_of_the_article_is_refused_as_that() -> None:
    trouble = refused(page("<p>Northmere Now</p>", LOCKED % ("false", "")))

    assert "pay or register" in trouble.message
