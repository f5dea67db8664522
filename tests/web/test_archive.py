"""Past issues: what went out, as it was approved last, for anybody; and a feed of them."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import sqlalchemy as sa
from lxml import html

from digest.desk.editing import Edits
from digest.model import Issue
from digest.store import issues, schema
from tests.newsroom import SETTINGS, Newsroom
from tests.web.conftest import Site, read, site_of

OPEN = SETTINGS.replace("[newsletters.daily]", "[newsletters.daily]\narchive = true", 1)
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Site]:
    room = Newsroom(tmp_path, settings=OPEN)
    room.subscribe("Alice")
    with site_of(room) as site:
        yield site
    room.app.close()


#: What five articles are about, so that none is taken for another one's copy.
WORDS = ("herring nets", "school roofs", "tram tickets", "apple cider", "choir nights")


def _send(room: Newsroom, subject: str, about: str = "") -> Issue:
    told = f"Everybody in {about} country spoke of {about} last week. Nobody had seen such {about} before, they said."
    room.write_article(f"All about {about}", told) if about else room.write_article()
    issue = room.app.drafting.draft(room.daily, actor="Nora").issue
    room.app.editing.edit(issue.id, Edits(subject=subject), actor="Nora")
    room.app.proofs.approve(issue.id, actor="Nora")
    room.app.delivery.start(issue.id, actor="Nora")
    room.deliver(room.issue(issue.id))
    return room.issue(issue.id)


def test_what_went_out_is_listed_and_can_be_read(archive: Site) -> None:
    issue = _send(archive.room, "The pier comes back")

    listed = archive.http.get("/archive/daily")
    page = archive.http.get(f"/archive/daily/{issue.number}")

    assert "The Harbour Post: past issues" in read(listed)
    assert "The pier comes back" in read(listed)
    assert f'href="../archive/daily/{issue.number}"' in listed.text
    assert "The north pier will be rebuilt" in read(page)
    assert "Keep the lighthouse lit" in read(page), "of somebody of whom we know nothing it is the edition that asks"


def test_what_is_still_in_the_making_is_not_there(archive: Site) -> None:
    issue = archive.room.approved()

    assert "There are no past issues yet." in read(archive.http.get("/archive/daily"))
    assert archive.http.get(f"/archive/daily/{issue.number}").status_code == 404


def test_a_page_belongs_to_nobody(archive: Site) -> None:
    issue = _send(archive.room, "The pier comes back")
    alice = 1

    page = archive.http.get(f"/archive/daily/{issue.number}").text

    assert "alice" not in page.lower()
    for token in (archive.leave_link(alice), archive.preferences_link(alice)):
        assert token.rpartition("/")[2] not in page
    assert 'href="https://digest.harbour.example/leave"' in page
    assert "%%{" not in page
    assert page.index("<nav") < page.index("The north pier will be rebuilt", page.index("<body"))
    assert 'href="../../join/daily"' in page


def test_search_engines_may_find_it_and_caches_may_keep_it_unlike_all_else(archive: Site) -> None:
    issue = _send(archive.room, "The pier comes back")

    for path in ("/archive/daily", f"/archive/daily/{issue.number}", "/archive/daily/feed.xml"):
        answer = archive.http.get(path)
        assert answer.headers["x-robots-tag"] == "all"
        assert answer.headers["cache-control"] == "public, max-age=300"
        assert archive.http.head(path).headers["content-length"] == answer.headers["content-length"]
    assert "noindex" not in archive.http.get("/archive/daily").text
    assert archive.http.get("/archive/daily/999").headers["x-robots-tag"] == "noindex"


def test_the_feed_is_well_formed_whatever_the_subject(archive: Site) -> None:
    issue = _send(archive.room, "Pier & <quay> “]]>” – רציף")

    answer = archive.http.get("/archive/daily/feed.xml")

    assert answer.headers["content-type"].startswith("application/rss+xml")
    channel = ET.fromstring(answer.text).find("channel")
    assert channel is not None
    [item] = channel.findall("item")
    assert item.findtext("title") == "Pier & <quay> “]]>” – רציף"
    assert item.findtext("link") == f"https://digest.harbour.example/archive/daily/{issue.number}"
    assert str(item.findtext("pubDate")).endswith("GMT")
    own = channel.find(f"{ATOM}link")
    assert own is not None
    assert own.get("href") == "https://digest.harbour.example/archive/daily/feed.xml"


def test_a_feed_reader_that_has_it_already_is_not_sent_it_again(archive: Site) -> None:
    _send(archive.room, "The pier comes back")
    tag = archive.http.get("/archive/daily/feed.xml").headers["etag"]

    again = archive.http.get("/archive/daily/feed.xml", headers={"If-None-Match": tag})

    assert (again.status_code, again.content) == (304, b"")


def test_many_issues_stand_on_several_pages(archive: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.web.archive.PAGE", 2)
    for number, about in enumerate(WORDS, start=1):
        _send(archive.room, f"Number {number}", about)

    pages = [archive.http.get("/archive/daily", params={"page": page}) for page in (1, 2, 3)]

    assert [[n for n in range(1, 6) if f"Number {n}" in read(page)] for page in pages] == [[4, 5], [2, 3], [1]]
    assert ["Older issues" in read(page) for page in pages] == [True, True, False]
    assert ["Newer issues" in read(page) for page in pages] == [False, True, True]
    for odd in ("4", "0", "-1", "x", "٢", "9" * 5000, "1e3", ""):
        assert archive.http.get("/archive/daily", params={"page": odd}).status_code == 404


def test_a_newsletter_without_an_archive_shows_nothing(site: Site) -> None:
    site.room.subscribe("Alice")
    issue = site.room.frozen()

    for path in ("/archive/daily", f"/archive/daily/{issue.number}", "/archive/daily/feed.xml", "/archive/no-such"):
        assert site.http.get(path).status_code == 404


def test_a_number_that_is_none_is_not_there(archive: Site) -> None:
    for odd in ("0", "01", "-1", "1.5", "x", "9" * 30, "%00"):
        assert archive.http.get(f"/archive/daily/{odd}").status_code == 404


# --- Withdrawn and corrected -------------------------------------------------------------------------------


def _corrected(site: Site, issue: Issue, subject: str) -> Issue:
    draft = site.room.app.correcting.correct(issue.id, actor="Nora").issue
    site.room.app.editing.edit(draft.id, Edits(subject=subject, summaries={1: "It burnt on Wednesday."}), actor="Nora")
    site.room.app.proofs.approve(draft.id, actor="Nora")
    site.room.app.delivery.start(draft.id, actor="Nora")
    site.room.deliver(site.room.issue(draft.id))
    return site.room.issue(draft.id)


def _feed(site: Site) -> list[str | None]:
    channel = ET.fromstring(site.http.get("/archive/daily/feed.xml").text).find("channel")
    assert channel is not None
    return [item.findtext("title") for item in channel.findall("item")]


def test_where_an_issue_was_corrected_the_correction_stands_in_its_place(archive: Site) -> None:
    wrong = _send(archive.room, "The pier burnt on Tuesday")
    right = _corrected(archive, wrong, "Correction: the pier burnt on Wednesday")
    last = _corrected(archive, right, "Correction: once more, on Wednesday")

    old = archive.http.get(f"/archive/daily/{wrong.number}")

    assert "It burnt on Wednesday." in read(old)
    assert f'<link rel="canonical" href="https://digest.harbour.example/archive/daily/{last.number}">' in old.text
    assert _feed(archive) == ["Correction: once more, on Wednesday"]
    assert "The pier burnt on Tuesday" not in read(archive.http.get("/archive/daily"))


def test_a_correction_that_is_not_out_yet_changes_nothing(archive: Site) -> None:
    wrong = _send(archive.room, "The pier burnt on Tuesday")
    archive.room.app.correcting.correct(wrong.id, actor="Nora")

    assert _feed(archive) == ["The pier burnt on Tuesday"]
    assert "The pier burnt on Tuesday" in archive.http.get(f"/archive/daily/{wrong.number}").text


def test_an_issue_that_was_cancelled_on_its_way_is_withdrawn(archive: Site) -> None:
    issue = _send(archive.room, "The pier burnt on Tuesday")
    with archive.room.app.database.write() as conn:
        issues.change(conn, issue.id, state="cancelled")

    assert _feed(archive) == []
    assert "There are no past issues yet." in read(archive.http.get("/archive/daily"))
    assert archive.http.get(f"/archive/daily/{issue.number}").status_code == 404


# --- For search engines, for sharing, for feed readers -----------------------------------------------------


def test_a_page_says_what_it_is_to_whoever_shares_it_and_its_one_address(archive: Site) -> None:
    issue = _send(archive.room, 'Pier & <quay> "comes" back')
    page = html.document_fromstring(archive.http.get(f"/archive/daily/{issue.number}").text)
    said = {meta.get("property"): meta.get("content") for meta in page.xpath("//head/meta[@property]")}

    here = f"https://digest.harbour.example/archive/daily/{issue.number}"
    assert said["og:title"] == 'Pier & <quay> "comes" back'
    assert said["og:url"] == here
    assert said["og:site_name"] == "The Harbour Post"
    assert said["og:description"]
    assert page.xpath("//head/link[@rel='canonical']/@href") == [here]
    assert "script-src" not in archive.http.get(f"/archive/daily/{issue.number}").headers["content-security-policy"]


def test_each_page_of_the_list_has_an_address_of_its_own(archive: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.web.archive.PAGE", 1)
    for number, about in enumerate(WORDS[:2], start=1):
        _send(archive.room, f"Number {number}", about)

    def canonical(link: str) -> str:
        page = html.document_fromstring(archive.http.get(link, headers={"Host": "evil.example"}).text)
        return str(page.xpath("//head/link[@rel='canonical']/@href")[0])

    assert canonical("/archive/daily") == canonical("/archive/daily?page=1")
    assert canonical("/archive/daily?page=2&utm_source=x") == "https://digest.harbour.example/archive/daily?page=2"


def test_the_feed_has_what_the_standard_asks_for(archive: Site) -> None:
    _send(archive.room, "The pier \x0bcomes\x00 back\ud800".encode("utf-8", "ignore").decode())
    channel = ET.fromstring(archive.http.get("/archive/daily/feed.xml").text).find("channel")
    assert channel is not None

    for name in ("title", "link", "description", "language", "lastBuildDate"):
        assert channel.findtext(name), name
    [item] = channel.findall("item")
    guid = item.find("guid")
    assert guid is not None
    assert (guid.get("isPermaLink"), guid.text) == ("true", item.findtext("link"))
    moment = parsedate_to_datetime(str(item.findtext("pubDate")))
    assert moment.tzinfo is not None
    assert item.findtext("title") == "The pier comes back"


def test_hundreds_of_issues_are_leafed_through_and_each_is_met_once(archive: Site) -> None:
    first = _send(archive.room, "Number 1")
    with archive.room.app.database.write() as conn:
        table, editions = schema.issue, schema.edition
        issue = conn.execute(sa.select(table).where(table.c.id == first.id)).mappings().one()
        edition = conn.execute(sa.select(editions).where(editions.c.issue_id == first.id)).mappings().first()
        assert edition is not None
        for number in range(2, 301):
            made = {**issue, "id": first.id + number, "number": first.number + number - 1, "slot_at": None}
            conn.execute(sa.insert(table).values(made))
            copied = {name: value for name, value in edition.items() if name != "id"}
            conn.execute(sa.insert(editions).values(copied | {"issue_id": made["id"]}))

    met: list[str] = []
    link = "/archive/daily"
    while link:
        page = html.document_fromstring(archive.http.get(link).text)
        met += [str(href).rpartition("/")[2] for href in page.xpath("//a[@class='main']/@href")]
        older = page.xpath("//a[@rel='next']/@href")
        link = f"/archive/daily{older[0]}" if older else ""

    assert met == [str(number) for number in range(300, 0, -1)]
