"""What an editor names by hand: a URL, a file, a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.articles.sources.documents import read_one
from digest.articles.sources.fetch import Fetcher
from digest.errors import InputError
from digest.model import DocumentKind
from tests.articles.sources.site import Site

OFFLINE = Fetcher(resolver=lambda _host, _port: [])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.txt", DocumentKind.TEXT),
        ("a.MD", DocumentKind.MARKDOWN),
        ("a.html", DocumentKind.HTML),
        ("a.htm", DocumentKind.HTML),
    ],
)
def test_a_files_suffix_says_how_it_is_read(tmp_path: Path, name: str, kind: DocumentKind) -> None:
    (tmp_path / name).write_bytes(b"\xff\xfehello")
    (document,) = read_one(str(tmp_path / name), OFFLINE)
    assert (document.kind, document.content, document.location) == (kind, b"\xff\xfehello", str(tmp_path / name))


@pytest.mark.parametrize(
    ("path", "kind", "read_as"),
    [
        ("/page", "text/html", DocumentKind.HTML),
        ("/note.md", "text/plain", DocumentKind.MARKDOWN),
        ("/note", "text/markdown", DocumentKind.MARKDOWN),
        ("/note.txt", "text/plain", DocumentKind.TEXT),
    ],
)
def test_a_url_is_read_as_what_the_server_says(
    site: Site, web: Fetcher, path: str, kind: str, read_as: DocumentKind
) -> None:
    (document,) = read_one(site.has(path, "Hello there", kind), web)
    assert document.kind is read_as


def test_a_folder_gives_all_its_texts_by_name(tmp_path: Path) -> None:
    for name in ("b.txt", "a.md", ".hidden.txt", "c.pdf"):
        (tmp_path / name).write_text("x")
    (tmp_path / "2026").mkdir()
    (tmp_path / "2026" / "d.html").write_text("x")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "e.txt").write_text("x")
    documents = read_one(str(tmp_path), OFFLINE)
    assert [Path(document.location).name for document in documents] == ["d.html", "a.md", "b.txt"]


def test_a_link_that_leaves_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("the keys")
    folder = tmp_path / "desk"
    folder.mkdir()
    (folder / "out.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "round").symlink_to(folder, target_is_directory=True)
    (folder / "a.txt").write_text("an article")
    (folder / "b.txt").symlink_to(folder / "a.txt")
    assert [document.content for document in read_one(str(folder), OFFLINE)] == [b"an article", b"an article"]


def test_a_path_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"There is no file or folder .*none\.txt") as mistake:
        read_one(str(tmp_path / "none.txt"), OFFLINE)
    assert mistake.value.hint == "Check the path."


def test_an_address_without_https_is_recognised() -> None:
    with pytest.raises(InputError) as mistake:
        read_one("riverbend.example/news/ferry", OFFLINE)
    assert mistake.value.hint == "For a web page write https://riverbend.example/news/ferry."


def test_another_scheme_says_what_is_read() -> None:
    with pytest.raises(InputError) as mistake:
        read_one("ftp://riverbend.example/ferry.html", OFFLINE)
    assert mistake.value.hint == "Only http and https addresses are read."


def test_a_folder_with_nothing_to_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the folder is empty"):
        read_one(str(tmp_path), OFFLINE)
    (tmp_path / "figures.xlsx").write_text("x")
    with pytest.raises(InputError, match=r"figures\.xlsx: a \.xlsx file is not a text we know"):
        read_one(str(tmp_path), OFFLINE)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.pdf", b"%PDF", "a .pdf file is not a text we know. Readable are .txt, .md and .html files."),
        ("article", b"x", "a file without a suffix is not a text we know"),
        ("feed.xml", b"<rss/>", "looks like a feed, not an article"),
        ("a.txt", b" \n", "it is empty"),
        ("a.txt", b"x" * (10 * 1024 * 1024 + 1), "larger than 10 MB"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as mistake:
        read_one(str(tmp_path / name), OFFLINE)
    assert said in str(mistake.value)


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        ("<rss version='2.0'></rss>", "text/xml", "is a feed, not an article"),
        ('{"version":"https://jsonfeed.org/version/1.1","items":[]}', "application/json", "is a feed"),
        ('{"a": 1}', "application/json", "is data (application/json), not an article"),
        ("  ", "text/html", "is empty"),
    ],
)
def test_a_url_that_is_no_article_says_what_it_is(site: Site, web: Fetcher, body: str, kind: str, said: str) -> None:
    with pytest.raises(InputError) as mistake:
        read_one(site.has("/x", body, kind), web)
    assert said in str(mistake.value)
