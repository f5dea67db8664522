"""The preview page: what an editor sees of an issue before anybody else does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from typer.testing import CliRunner

from digest.bootstrap import App
from digest.cli.app import app
from digest.cli.preview import preview_page
from digest.desk.editing import Edits
from digest.desk.frames import DESKTOP, PHONE, framed, whole_length, with_images
from digest.desk.proof import Proof
from digest.model import Issue
from tests.newsroom import SETTINGS, Newsroom

#: A page, the proof that it shows, and the App that both come from.
Shown = tuple[str, Proof, App]


def _page(room: Newsroom, issue: Issue) -> str:
    return preview_page(room.app, room.app.proofs.proof(issue.id))


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """The page of a draft, its proof, and the App, for tests that only look."""
    room = Newsroom(tmp_path_factory.mktemp("newsroom"))
    proof = room.app.proofs.proof(room.draft().id)
    yield preview_page(room.app, proof), proof, room.app
    room.app.close()


def _read(page: str) -> str:
    """The words of the page around the frames."""
    without = re.sub(r"<(style|iframe)\b.*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", without)).split())


# --- The page ----------------------------------------------------------------------------------------------


def test_the_page_says_who_writes_to_whom_about_what_as_the_inbox_will(shown: Shown) -> None:
    read = _read(shown[0])

    assert "The Harbour Post no. 1" in read
    assert "The Harbour Post <daily@harbour.example>" in read
    assert "The north pier will be rebuilt" in read
    assert "Edition “ask” for readers whose support is none, one-time, lapsed, unknown" in read
    assert "Edition “thanks” for readers whose support is monthly" in read


def test_the_size_stands_beside_what_gmail_shows(shown: Shown) -> None:
    page, proof, _ = shown

    size = len(proof.editions[0][1].html.encode())
    assert f'value="{size}"' in page
    assert f"{size / 1000:.1f} KB of the 102 KB that Gmail shows" in _read(page)


def test_findings_are_grouped_by_what_they_ask_of_an_editor(newsroom: Newsroom) -> None:
    issue = newsroom.draft()
    newsroom.app.editing.edit(issue.id, Edits(subject="TODO", summaries={1: ""}), actor="Nora")

    read = _read(_page(newsroom, issue))

    assert read.index("Worth a look") < read.index("“TODO” looks like something that was to be filled in.")
    assert "1 warning" in read or "warnings" in read


def test_the_page_says_what_an_editor_does_next(newsroom: Newsroom) -> None:
    draft = newsroom.draft()
    assert f"let it go with digest issues approve {draft.id} ." in _read(_page(newsroom, draft))

    approved, _ = newsroom.app.proofs.approve(draft.id, actor="Nora")
    assert f"Rehearse and send it with digest send {draft.id} ," in _read(_page(newsroom, approved))


def test_an_issue_that_changed_since_its_approval_says_so_loudly(newsroom: Newsroom) -> None:
    issue = newsroom.approved()
    assert "This is not what was approved" not in _read(_page(newsroom, issue))

    settings = newsroom.folder / "settings.toml"
    settings.write_text(settings.read_text().replace("Keep the lighthouse lit", "Light the lamp"))
    newsroom.app.close()
    newsroom.app = newsroom.open()

    assert "This is not what was approved" in _read(_page(newsroom, issue))


def test_the_text_part_is_there_as_it_is_sent(shown: Shown) -> None:
    page, proof, _ = shown

    first, _ = re.findall(r"<pre class=\"card\"[^>]*>(.*?)</pre>", page, re.DOTALL)

    text = unescape(re.sub(r"</?a\b[^>]*>", "", first))
    expected = re.sub(r"%%\{\w+\}%%", "", proof.editions[0][1].text)
    assert re.sub(r"https://digest.harbour.example/\S+", "", text).split() == expected.split()


def test_the_page_is_one_file_that_loads_nothing(shown: Shown) -> None:
    page = re.sub(r'srcdoc="[^"]*"', "", shown[0])

    assert not re.findall(r"<(?:script|link|img)\b|@import|url\(|\ssrc=", page)
    assert "default-src 'none'" in page
    assert "script-src" not in page


def test_what_stands_in_a_frame_cannot_break_out_of_it(newsroom: Newsroom) -> None:
    hostile = '"></iframe><script>alert(1)</script><p id="out">'
    newsroom.write_article(hostile, "The board met in the evening. It decided nothing at all about the pier, again.")

    page = _page(newsroom, newsroom.draft())

    around = re.sub(r'srcdoc="[^"]*"', "", page)
    assert "<script" not in around
    assert '<p id="out">' not in around
    assert page.count("<iframe") == page.count("</iframe>") == 10
    assert page.count('sandbox="allow-popups allow-popups-to-escape-sandbox"') == 10


def test_the_links_of_a_preview_are_nobodys(shown: Shown) -> None:
    page, _, room = shown

    assert room.tokens.leave(0, "daily") in page
    assert set(re.findall(r"/(?:leave|preferences)/(\w+)\.", page)) == {"0"}
    assert "%%{" not in page


def test_an_issue_without_stories_can_be_looked_at(newsroom: Newsroom) -> None:
    issue = newsroom.draft()
    newsroom.app.editing.edit(issue.id, Edits(drop=[1]), actor="Nora")

    assert "Must be mended before it can be approved" in _read(_page(newsroom, issue))


def test_a_hebrew_newsletter_is_shown_from_right_to_left(tmp_path: Path) -> None:
    settings = SETTINGS.replace("[newsletters.daily]", '[newsletters.daily]\nlanguage = "he"', 1)
    room = Newsroom(tmp_path, settings=settings)
    page = _page(room, room.draft())
    room.app.close()

    assert '<pre class="card" lang="he" dir="rtl">' in page
    assert '<div class="pocket" dir="rtl"' in page
    assert '<html lang="en">' in page, "the desk's own words stay English"


# --- The command -------------------------------------------------------------------------------------------


def test_the_command_writes_the_file_and_reports_the_same_proof(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = newsroom.draft()
    for name, value in {"DIGEST_SETTINGS": str(newsroom.folder / "settings.toml"), **newsroom.environment}.items():
        monkeypatch.setenv(name, value)

    done = CliRunner().invoke(app, ["preview", str(issue.id), "--json"])

    facts = json.loads(done.stdout)
    page = Path(facts["preview"]).read_text(encoding="utf-8")
    assert Path(facts["preview"]) == newsroom.folder / "data" / "preview" / f"{issue.id}.html"
    assert page == _page(newsroom, issue)


def test_a_file_that_cannot_be_written_is_explained(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    issue = newsroom.draft()
    monkeypatch.setenv("DIGEST_SETTINGS", str(newsroom.folder / "settings.toml"))

    done = CliRunner().invoke(app, ["preview", str(issue.id), "--out", str(newsroom.folder)])

    assert "The preview cannot be written to" in str(done.exception)


# --- Frames ------------------------------------------------------------------------------------------------

MAIL = """<!doctype html><html><head><title>t</title><style>
@media ( prefers-color-scheme:dark ) { p { color: white } }
@media (prefers-color-scheme: light) and (min-width: 480px) { p { color: black } }
</style><style media="(prefers-color-scheme: dark)">b { color: white }</style></head>
<body><p>How to write @media (prefers-color-scheme: dark)</p><img alt="A pier" src="https://h.example/p.png"></body></html>"""


def test_a_dark_frame_obeys_every_rule_for_the_dark_and_none_for_the_light() -> None:
    dark = framed(MAIL, dark=True)

    assert "@media (min-width: 0) { p { color: white } }" in dark
    assert "@media (max-width: 0) and (min-width: 480px)" in dark
    assert '<style media="(min-width: 0)">' in dark


def test_a_light_frame_obeys_no_rule_for_the_dark_also_on_a_dark_screen() -> None:
    light = framed(MAIL)

    assert "@media (max-width: 0) { p { color: white } }" in light
    assert "@media (min-width: 0) and (min-width: 480px)" in light


def test_what_an_article_says_about_the_dark_stays_as_it_is() -> None:
    assert "<p>How to write @media (prefers-color-scheme: dark)</p>" in framed(MAIL, dark=True)


def test_a_frame_with_images_off_forbids_them_and_keeps_their_words() -> None:
    bare = framed(MAIL, images=False)

    assert "img-src 'none'" in bare.partition("</head>")[0]
    assert 'alt="A pier"' in bare
    assert "img-src" not in framed(MAIL)


def test_images_that_are_not_published_yet_are_put_in_from_their_folder(tmp_path: Path) -> None:
    (tmp_path / "a b.png").write_bytes(b"picture")
    html = '<img src="https://h.example/i/a%20b.png?w=600&amp;h=1"><img src="https://other.example/a%20b.png">'

    shown = with_images(html, {"https://h.example/i": tmp_path})

    assert shown == '<img src="data:image/png;base64,cGljdHVyZQ=="><img src="https://other.example/a%20b.png">'


@pytest.mark.parametrize(
    "name", ["../secret.png", "%2e%2e/secret.png", "/etc/passwd", "%00", "x" * 5000, "", "missing.png"]
)
def test_no_address_reaches_a_file_outside_the_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.png").write_bytes(b"secret")
    folder = tmp_path / "images"
    folder.mkdir()
    html = f'<img src="https://h.example/i/{name}">'

    assert with_images(html, {"https://h.example/i/": folder}) == html


def test_a_longer_mail_gets_a_longer_frame_and_a_phone_the_longest() -> None:
    text = "A sentence that is long enough to need more than one line on the screen of a phone.\n" * 20

    assert whole_length("", text, DESKTOP) < whole_length("", text, PHONE) < whole_length("", text * 2, PHONE)
    assert whole_length('<img src="x">', text, DESKTOP) > whole_length("", text, DESKTOP)
