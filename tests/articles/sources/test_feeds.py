"""Feeds of every kind, sound and broken, as entries."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest

from digest.articles.sources import feeds
from digest.articles.sources.entries import Entry, Listing
from digest.errors import InputError

BASE = "https://courier.example/feeds/all.xml"
WORDS = " ".join(["The ferry crosses the river at night and comes back in the morning."] * 12)


def read(content: str | bytes, base: str = BASE) -> Listing:
    raw = content.encode() if isinstance(content, str) else content
    return feeds.read(raw, where="the feed", base=base)


def rss(items: str, channel: str = "") -> str:
    spaces = (
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" {spaces}><channel><title>Courier</title>'
        f"<link>https://courier.example/</link>{channel}{items}</channel></rss>"
    )


def only(listing: Listing) -> Entry:
    assert len(listing.entries) == 1
    return listing.entries[0]


def test_an_rss_entry_has_everything_that_the_feed_states() -> None:
    item = f"""<item><title>Ferry &amp;amp; bridge: &lt;i&gt;both&lt;/i&gt; open</title><link>/news/ferry</link>
      <guid isPermaLink="false">f-1</guid><description>&lt;p&gt;The night boat is back.&lt;/p&gt;</description>
      <content:encoded><![CDATA[<p>{WORDS}</p>]]></content:encoded><dc:creator>Nora Whitlock</dc:creator>
      <category>News</category><category>River</category><category>News</category>
      <pubDate>Sat, 21 Nov 2026 23:50:00 -0500</pubDate>
      <media:content url="/small.jpg" medium="image" width="300"/>
      <media:content url="/large.jpg" medium="image" width="1200"/></item>"""
    listing = read(rss(item, "<language>en-GB</language>"))
    entry = only(listing)
    assert (listing.format, listing.title, listing.problems) == ("RSS 2.0", "Courier", ())
    assert (entry.key, entry.link) == ("f-1", "https://courier.example/news/ferry")
    assert entry.hints.headline == "Ferry & bridge: both open"
    assert entry.hints.standfirst == "The night boat is back."
    assert entry.hints.byline == "Nora Whitlock"
    assert entry.hints.published_at == datetime(2026, 11, 22, 4, 50, tzinfo=UTC)
    assert entry.hints.language == "en"
    assert entry.hints.image is not None
    assert entry.hints.image.url == "https://courier.example/large.jpg"
    assert entry.hints.categories == ("News", "River")
    assert WORDS in entry.content


def test_rss_1_with_dublin_core() -> None:
    entry = only(
        read("""<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
        xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
        <channel rdf:about="https://courier.example/"><title>Courier</title></channel>
        <item rdf:about="https://courier.example/choir"><title>The choir</title>
        <link>https://courier.example/choir</link><dc:creator>Imani Osei</dc:creator>
        <dc:date>2026-11-20T08:00:00+01:00</dc:date></item></rdf:RDF>""")
    )
    assert entry.hints.byline == "Imani Osei"
    assert entry.hints.published_at == datetime(2026, 11, 20, 7, tzinfo=UTC)


def test_atom_with_xhtml_content_and_two_authors() -> None:
    entry = only(
        read(f"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr">
        <title>Courrier</title><entry><id>tag:courier.example,2026:1</id>
        <title type="html">L&amp;#233;t&amp;#233;</title>
        <link rel="alternate" href="../ete"/><link rel="enclosure" type="image/png" href="/ete.png"/>
        <author><name>Chloé</name></author><author><name>Bilal</name></author>
        <published>2026-11-19T06:00:00Z</published><updated>2026-11-21T06:00:00Z</updated>
        <summary>La ville se souvient.</summary>
        <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{WORDS}</p></div></content></entry></feed>""")
    )
    assert (entry.key, entry.link) == ("tag:courier.example,2026:1", "https://courier.example/ete")
    assert entry.hints.headline == "Lété"
    assert entry.hints.byline == "Chloé, Bilal"
    assert entry.hints.published_at == datetime(2026, 11, 19, 6, tzinfo=UTC)
    assert entry.hints.image is not None
    assert WORDS in entry.content


def test_json_feed_1_1() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Courier",
        "language": "en-US",
        "authors": [{"name": "The Courier"}],
        "items": [
            {
                "id": 7,
                "url": "/ferry",
                "title": "Ferry",
                "content_text": WORDS + "\n\nA < B",
                "summary": "It is back.",
                "image": "/ferry.jpg",
                "date_published": "2026-11-21T06:00:00-05:00",
                "tags": ["News", 3],
            },
            {"id": "8", "url": "/choir", "authors": [{"name": "Imani"}, {"name": "Tomasz"}]},
        ],
    }
    listing = read(json.dumps(feed))
    ferry, choir = sorted(listing.entries, key=lambda entry: entry.key)
    assert listing.format == "JSON Feed 1.1"
    assert (ferry.key, ferry.link) == ("7", "https://courier.example/ferry")
    assert "<p>A &lt; B</p>" in ferry.content
    assert ferry.hints.published_at == datetime(2026, 11, 21, 11, tzinfo=UTC)
    assert (ferry.hints.byline, ferry.hints.language) == ("The Courier", "en")
    assert ferry.hints.categories == ("News",)
    assert choir.hints.byline == "Imani, Tomasz"


def test_json_feed_1_0_with_one_author() -> None:
    item = {"id": "1", "external_url": "https://other.example/x", "author": {"name": "Imani"}}
    entry = only(read(json.dumps({"version": "https://jsonfeed.org/version/1", "items": [item, "nonsense", None]})))
    assert (entry.link, entry.hints.byline) == ("https://other.example/x", "Imani")


@pytest.mark.parametrize(
    ("author", "byline"),
    [
        ("<author>kim@courier.example (Kim Vale)</author>", "Kim Vale"),
        ("<author>Kim Vale &lt;kim@courier.example&gt;</author>", "Kim Vale"),
        ("<author>kim@courier.example</author>", ""),
        ("<dc:creator>Kim Vale</dc:creator><dc:creator>Abel Okonjo</dc:creator>", "Kim Vale, Abel Okonjo"),
    ],
)
def test_a_reporters_address_is_never_a_byline(author: str, byline: str) -> None:
    assert only(read(rss(f"<item><title>x</title><link>/x</link>{author}</item>"))).hints.byline == byline


@pytest.mark.parametrize(
    ("description", "standfirst"),
    [
        ("The boat is back.", "The boat is back."),
        ("The boat is back. The post Ferry appeared first on Courier.", "The boat is back."),
        ("The boat is back. Continue reading Ferry →", "The boat is back."),
        ("The boat is back after eleven […]", ""),
        ("The boat is back after eleven...", ""),
        ("Ferry", ""),
        (WORDS, ""),
        ("", ""),
    ],
)
def test_a_description_is_a_standfirst_only_when_it_is_whole_and_short(description: str, standfirst: str) -> None:
    item = f"<item><title>Ferry</title><link>/x</link><description>{description}</description></item>"
    assert only(read(rss(item))).hints.standfirst == standfirst


def test_a_teaser_is_not_taken_for_the_article() -> None:
    teaser = f"<item><title>a</title><link>/a</link><description>{WORDS} Read more</description></item>"
    whole = f"<item><title>b</title><link>/b</link><description>{WORDS}</description></item>"
    listing = read(rss(teaser + whole))
    assert [bool(entry.content) for entry in listing.entries] == [False, True]


def test_no_date_is_better_than_a_guess() -> None:
    items = [
        f"<item><title>x</title><link>/{at}</link>{date}</item>"
        for at, date in enumerate(("", "<pubDate>soon</pubDate>"))
    ]
    assert [entry.hints.published_at for entry in read(rss("".join(items))).entries] == [None, None]


def test_entries_come_newest_first_and_undated_ones_stay_where_they_were() -> None:
    def item(name: str, day: int = 0) -> str:
        date = f"<pubDate>{day} Nov 2026 06:00:00 GMT</pubDate>" if day else ""
        return f"<item><title>{name}</title><link>/{name}</link>{date}</item>"

    listing = read(rss(item("old", 1) + item("after-old") + item("new", 20) + item("middle", 10)))
    assert [entry.hints.headline for entry in listing.entries] == ["new", "middle", "old", "after-old"]


def test_an_article_that_stands_twice_in_a_feed_is_offered_once_in_its_newest_form() -> None:
    def item(title: str, link: str, key: str, date: str) -> str:
        guid = f'<guid isPermaLink="false">{key}</guid>'
        return f"<item><title>{title}</title><link>{link}</link>{guid}<pubDate>{date} GMT</pubDate></item>"

    items = [
        item("First words", "/a", "1", "1 Nov 2026 06:00:00"),
        item("Corrected", "/a-2", "1", "2 Nov 2026 06:00:00"),
        item("Again", "/a-2?utm_source=rss#top", "2", "1 Nov 2026 07:00:00"),
    ]
    assert only(read(rss("".join(items)))).hints.headline == "Corrected"


@pytest.mark.parametrize("link", ["javascript:alert(1)", "mailto:a@b.example", "data:text/html,x", "http://[bad", ""])
def test_an_entry_that_leads_nowhere_on_the_web_is_left_out_and_reported(link: str) -> None:
    good = "<item><title>Good</title><link>/good</link></item>"
    listing = read(rss(f'<item><title>Bad</title><guid isPermaLink="false">9</guid><link>{link}</link></item>{good}'))
    assert only(listing).hints.headline == "Good"
    assert listing.problems == ("“Bad” has no web address, so readers could not open it.",)


def test_a_permalink_stands_in_for_a_missing_link() -> None:
    assert only(read(rss("<item><title>x</title><guid>https://courier.example/p</guid></item>"))).link.endswith("/p")


def test_links_of_a_local_feed_stay_as_they_are() -> None:
    assert only(read(rss("<item><title>x</title><link>pages/x.html</link></item>"), base="")).link == "pages/x.html"


@pytest.mark.parametrize(
    ("picture", "url"),
    [
        ('<enclosure url="/e.jpg" type="image/jpeg" length="1"/>', "https://courier.example/e.jpg"),
        ('<enclosure url="/e.mp3" type="audio/mpeg" length="1"/>', None),
        (
            '<media:content url="/v.mp4" medium="video"/><media:thumbnail url="/t.jpg"/>',
            "https://courier.example/t.jpg",
        ),
        ('<itunes:image href="/i.png"/>', "https://courier.example/i.png"),
        ('<media:content url="/m.webp"/>', "https://courier.example/m.webp"),
        ('<enclosure url="javascript:x" type="image/jpeg" length="1"/>', None),
    ],
)
def test_the_picture_is_an_image_on_the_web(picture: str, url: str | None) -> None:
    image = only(read(rss(f"<item><title>x</title><link>/x</link>{picture}</item>"))).hints.image
    assert (image.url if image else None) == url


def test_a_feed_that_breaks_off_gives_what_came_and_says_so() -> None:
    listing = read(
        rss("<item><title>One</title><link>/1</link></item><item><title>Two & three</title><link>/2</link>")[:-16]
    )
    assert [entry.hints.headline for entry in listing.entries] == ["One", "Two & three"]
    assert "not well-formed" in listing.problems[0]


def test_a_feed_in_another_charset_than_it_says_is_still_read() -> None:
    listing = read(rss("<item><title>Fähre</title><link>/1</link></item>").encode("latin-1"))
    assert only(listing).hints.headline == "Fähre"


@pytest.mark.parametrize(
    "content",
    [b"", b" \n", b"\x00\x01\x02", b"plain words", b"<?xml version='1.0'?><note/>", b"{}", b"[1]", b"<a>" * 50_000],
)
def test_what_is_no_feed_says_so(content: bytes) -> None:
    with pytest.raises(InputError, match="the feed is not a feed"):
        read(content)


@pytest.mark.parametrize(
    "content",
    [b'{"items": 3}', b'{"version":"https://jsonfeed.org/version/1.1", "items"', b'{"items":' + b"[" * 99_999],
)
def test_damaged_json_says_so(content: bytes) -> None:
    with pytest.raises(InputError, match="the feed"):
        read(content)


def test_a_web_page_names_its_feed() -> None:
    link = '<link rel="alternate" href="/rss?a=1&amp;b=2" type="application/rss+xml">'
    page = f"<!doctype html><html><head>{link}</head></html>"
    with pytest.raises(InputError) as refusal:
        read(page, base="https://courier.example/")
    assert refusal.value.hint == "Its feed is https://courier.example/rss?a=1&b=2: use that address."


def test_an_empty_feed_is_a_feed() -> None:
    assert read(rss("")).entries == ()


def test_entities_that_multiply_do_not_fill_the_memory() -> None:
    def entity(level: int) -> str:
        return f"&e{level - 1};" * 10 if level else "aaaaaaaaaa"

    levels = "".join(f"<!ENTITY e{n} '{entity(n)}'>" for n in range(10))
    bomb = rss("<item><title>&e9;</title><link>/1</link></item>").replace("<rss", f"<!DOCTYPE rss [{levels}]><rss", 1)
    started = time.monotonic()
    assert all(len(entry.hints.headline) < 100_000 for entry in read(bomb).entries)
    assert time.monotonic() - started < 20


def test_an_entity_cannot_read_our_files() -> None:
    feed = rss("<item><title>Look: &x;</title><link>/1</link></item>").replace(
        "<rss", '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss', 1
    )
    assert "root:" not in only(read(feed)).hints.headline


@pytest.mark.parametrize(
    "tag", [b"<link ", b"<link type=", b"<link type=application/rss+xml ", b"<link>type=", b"type= "]
)
def test_a_page_made_to_waste_our_time_does_not(tag: bytes) -> None:
    started = time.monotonic()
    assert feeds.feed_links(b"<!doctype html><link " + tag * (200_000 // len(tag)), BASE) == []
    assert time.monotonic() - started < 10  # an open-ended pattern takes up to minutes
