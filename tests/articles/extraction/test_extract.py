"""A document becomes an article, whatever it is written in and however it is encoded."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import InputError
from digest.model import Article, DocumentKind, Hints, Image
from tests.articles.texts import COLUMN, page, paragraphs, read, text

WHOLE = text(*COLUMN)
HTML = DocumentKind.HTML
URL = "https://news.example/2026/11/sandbags?utm_source=mail&id=7#top"
JSON_LD = """<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [{"@type": "WebSite",
"name": "Northmere Now"}, {"@type": ["NewsArticle"], "headline": "Sandbags &amp; doubts", "description":
"Northmere has waited two years for a wall, and is still waiting.", "author":
[{"@type": "Person", "name": "Miriam Alder"}],
"datePublished": "2026-11-20T06:02:00+02:00", "publisher": {"name": "Northmere Now"}, "articleSection": "Opinion",
"image": {"@type": "ImageObject", "url": "/quay.jpg", "caption": "The quay at low water"}}]}</script>"""


def from_page(head: str = "", body: str = "", hints: Hints | None = None, location: str = URL) -> Article:
    return read(page(body or paragraphs(*COLUMN), head), kind=HTML, location=location, hints=hints)


def test_json_ld_states_everything_an_article_needs() -> None:
    article = from_page(JSON_LD)

    assert article.body == WHOLE
    assert (article.headline, article.byline, article.publisher) == (
        "Sandbags & doubts",
        "Miriam Alder",
        "Northmere Now",
    )
    assert article.standfirst == "Northmere has waited two years for a wall, and is still waiting."
    assert article.published_at == datetime(2026, 11, 20, 4, 2, tzinfo=UTC)
    assert article.image == Image(url="https://news.example/quay.jpg", alt="The quay at low water")
    assert article.categories == ("Opinion",)
    assert article.url == "https://news.example/2026/11/sandbags?id=7"


def test_what_the_source_states_comes_before_what_the_page_states() -> None:
    hints = Hints(
        headline="Sandbags, again", byline="Desk", published_at=datetime(2026, 11, 21, tzinfo=UTC), language="en-GB"
    )

    article = from_page(JSON_LD, hints=hints)

    assert (article.headline, article.byline) == ("Sandbags, again", "Desk")
    assert article.published_at == datetime(2026, 11, 21, tzinfo=UTC)
    assert article.standfirst.startswith("Northmere has waited")


def test_broken_json_ld_falls_back_to_opengraph() -> None:
    head = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": </script>'
        '<meta property="og:title" content="Sandbags and doubts | Northmere Now">'
        '<meta property="og:site_name" content="Northmere Now"><meta name="author" content="By Miriam Alder">'
        '<meta property="article:published_time" content="2026-11-20T06:02:00Z">'
        '<meta property="og:image" content="https://img.example/q.jpg"><meta property="og:image:alt" content="A quay">'
    )

    article = from_page(head)

    assert (article.headline, article.byline) == ("Sandbags and doubts", "Miriam Alder")
    assert article.published_at == datetime(2026, 11, 20, 6, 2, tzinfo=UTC)
    assert article.image == Image(url="https://img.example/q.jpg", alt="A quay")


def test_what_the_site_says_of_itself_is_no_standfirst() -> None:
    slogan = "News of Northmere, its walls and its sandbags, every morning."
    head = (
        f'<script type="application/ld+json">{{"@type": "WebSite", "description": "{slogan}"}}</script>'
        f'<meta property="og:description" content="{slogan}">'
    )

    assert from_page(head).standfirst == ""


def test_a_date_that_is_only_mentioned_is_no_publication_date() -> None:
    article = from_page(body="<p>Northmere, 3 March 2024</p>" + paragraphs(*COLUMN))

    assert article.published_at is None


@pytest.mark.parametrize(
    "image", ["data:image/png;base64,AAAA", "javascript:alert(1)", "//", "ftp://img.example/q.jpg"]
)
def test_an_image_that_mail_cannot_show_is_left_out(image: str) -> None:
    assert from_page(f'<meta property="og:image" content="{image}">').image is None


def test_a_canonical_link_to_the_front_page_is_not_believed() -> None:
    article = from_page('<link rel="canonical" href="https://news.example/">')

    assert article.url == "https://news.example/2026/11/sandbags?id=7"


def test_a_saved_page_takes_its_address_from_itself_and_never_from_its_path() -> None:
    stated = from_page(
        '<link rel="canonical" href="https://news.example/sandbags?fbclid=1">', location="/desk/saved.html"
    )

    assert stated.url == "https://news.example/sandbags"
    assert from_page(location="/desk/saved.html").url == ""


def test_a_page_that_lies_about_its_language_is_read_by_its_words() -> None:
    french = "Les habitants de la ville ne savent pas encore si la digue sera construite avant la fin de cette année."

    assert read(page(paragraphs(*[f"{french} {n}" for n in "abcdef"]), lang="en"), kind=HTML).language == "fr"


def test_line_breaks_part_paragraphs_where_a_page_has_no_others() -> None:
    article = from_page(body="<div>" + "<br><br>".join(COLUMN) + "</div>")

    assert article.body == WHOLE


def test_markup_entities_and_invisible_characters_leave_plain_text() -> None:
    strange = (
        "Fish &amp; chips &amp;amp; <b>salt</b>\u200b\u00ad\ue000 <i>cost\u00a0&euro;5</i>, said the caf\u0065\u0301."
    )
    body = f"<p>{strange}</p>{paragraphs(*COLUMN)}"

    assert from_page(body=body).body.startswith("Fish & chips & salt cost €5, said the café.")


@pytest.mark.parametrize(
    ("encoding", "declared", "head"),
    [
        ("utf-8", "", ""),
        ("utf-8", "iso-8859-1", ""),
        ("utf-8-sig", "windows-1252", ""),
        ("cp1252", "iso-8859-1", ""),
        ("cp1252", "", '<meta charset="windows-1252">'),
        ("utf-16", "", ""),
    ],
)
def test_accents_and_curly_quotes_survive_every_encoding(encoding: str, declared: str, head: str) -> None:
    line = "“Été à Orléans”, l’œuvre de Zoé, coûte 5 € – dit-elle."
    raw = page(f"<p>{line}</p>{paragraphs(*COLUMN)}", head).encode(encoding)

    assert read(raw, kind=HTML, charset=declared).body.startswith(line)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1255", "utf-16-le"])
def test_a_hebrew_text_without_a_declared_charset_is_read(encoding: str) -> None:
    line = "מאז הסערה לפני שנתיים וחצי למדה העיירה לחיות עם שקי חול. בכל סתיו מבטיחה המועצה לבנות חומה חדשה על הרציף."
    article = read(text(*[line] * 3, f"{line} {line}").encode(encoding))

    assert article.body.startswith(line)
    assert article.language == "he"


def test_a_stray_windows_quote_in_utf_8_does_not_spoil_the_rest() -> None:
    raw = (
        text(*COLUMN).encode().replace(b"doubts", b"\x93doubts\x94")
        + "\n\nCafé prices rose again in the town.".encode()
    )

    assert "“doubts”" in read(raw).body
    assert "Café" in read(raw).body


@pytest.mark.parametrize("title", ["The town that counts its nights", "Who builds the wall of Northmere?"])
def test_a_first_line_that_stands_alone_is_the_headline_of_a_text(title: str) -> None:
    article = read(text(title, "By Miriam Alder", *COLUMN))

    assert (article.headline, article.byline, article.body) == (title, "Miriam Alder", WHOLE)


@pytest.mark.parametrize(
    "first",
    [
        "It rained.",
        "By Miriam Alder",
        "Dear readers,",
        "NORTHMERE",
        "Published November 20, 2026",
        "We appreciate your support",
    ],
)
def test_other_first_lines_are_no_headline(first: str) -> None:
    assert read(text(first, *COLUMN)).headline == ""


def test_a_text_without_headline_keeps_its_first_paragraph() -> None:
    assert read(WHOLE).body == WHOLE


def test_front_matter_states_the_facts_of_a_markdown_file() -> None:
    article = read(
        "---\ntitle: 'Sandbags: a column'\nauthor: Miriam Alder\ndate: 2026-11-20\nurl: https://news.example/s?utm_medium=x\n---\n\n"
        f"![A quay](https://img.example/q.jpg)\n\n{COLUMN[0]}\n\n> {COLUMN[1]}\n\n" + text(*COLUMN[2:]),
        kind=DocumentKind.MARKDOWN,
    )

    assert (article.headline, article.byline) == ("Sandbags: a column", "Miriam Alder")
    assert article.published_at == datetime(2026, 11, 20, tzinfo=UTC)
    assert article.url == "https://news.example/s"
    assert article.image == Image(url="https://img.example/q.jpg", alt="A quay")
    assert article.body == WHOLE


def test_markdown_links_and_emphasis_leave_their_words() -> None:
    article = read(
        f"# Title of it\n\n[Northmere](https://x.example) **rose** `early`.\n\n{WHOLE}", kind=DocumentKind.MARKDOWN
    )

    assert article.body.startswith("Northmere rose early.")


@pytest.mark.parametrize(
    ("content", "kind", "says"),
    [
        (b"", HTML, "empty"),
        (b"  \n ", DocumentKind.TEXT, "empty"),
        (b"%PDF-1.7 \x00\x01\x02", DocumentKind.TEXT, "PDF"),
        (bytes(range(32)) * 20, HTML, "not a text"),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', HTML, "JSON"),
        (b'<?xml version="1.0"?><rss version="2.0"><channel/></rss>', HTML, "feed"),
        (b"<html><body><script>app()</script></body></html>", HTML, "No article"),
        (b"<html><body><p>Log in</p></body></html>", HTML, "No article"),
        ("© 2026 Northmere Now".encode(), DocumentKind.TEXT, "No article"),
    ],
)
def test_what_is_no_article_is_refused_with_a_hint(content: bytes, kind: DocumentKind, says: str) -> None:
    with pytest.raises(InputError, match=says) as refused:
        read(content, kind=kind)

    assert refused.value.hint


PIECES = st.sampled_from(
    [
        b"<p>",
        b"</p>",
        b"<ul><li>",
        b"<br>",
        b"<!--",
        b"]]>",
        b"<?xml version='1.0' encoding='utf-16'?>",
        b"\xff\xfe",
        b"&#0;",
        b"<meta charset=utf-7>",
        b"<script type='application/ld+json'>",
        b'{"@type": "Article", "author": [null, 3]}',
        b"</script>",
        b"<html lang=''>",
        b"<link rel=canonical href='http://[::1'>",
        b"---\ntitle: x\n---\n",
        b"# ",
        b"> ",
        b"\n\n",
        b"\r",
        b"\x00",
        COLUMN[0].encode(),
        "מאז הסערה למדה העיירה לחיות עם שקי חול.".encode(),
        "caf\xe9".encode("latin-1"),
    ]
)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(PIECES, max_size=14),
    st.sampled_from(list(DocumentKind)),
    st.sampled_from(["", "utf-8", "hex", "x-nonsense"]),
)
def test_whatever_comes_in_an_article_or_a_refusal_comes_out(
    pieces: list[bytes], kind: DocumentKind, charset: str
) -> None:
    try:
        article = read(b"".join(pieces), kind=kind, charset=charset, location=URL)
    except InputError:
        return
    assert article.body
    assert not any(
        unicodedata.category(character) in {"Cc", "Co", "Cs"} for character in article.body.replace("\n", "")
    )
    assert "\n" not in article.headline + article.bio + article.byline


def test_importing_the_reader_loads_no_heavy_library() -> None:
    heavy = "trafilatura", "readability", "lxml", "rapidfuzz", "markdown_it"
    code = f"import sys, digest.articles.extraction.extract; print([n for n in {heavy!r} if n in sys.modules])"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert loaded.stdout.strip() == "[]"
