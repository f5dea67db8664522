"""Files that are not quite what they should be: nobody is mailed because of it, and the operator learns what to do."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, cast

import pytest
import sqlalchemy as sa

import subscribers
from subscribers import FileMistake, ImportReport
from tests.subscribers.conftest import NOW, mailable

Take = Callable[..., ImportReport]


def packed(files: Mapping[str, str]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as out:
        for name, content in files.items():
            out.writestr(name, content)
    return archive.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<html><table><tr><td>email</td></tr></table></html>", "is a web page, not CSV"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', "is a web page, not CSV"),
        (b'[{"email": "alice@example.org"}]\n', "is JSON, not CSV"),
        (b'{"email": "alice@example.org"}\n{"email": "bob@example.org"}\n', "is JSON, not CSV"),
        (b"BEGIN:VCARD\nEMAIL:alice@example.org\nEND:VCARD\n", r"is a file of contacts \(vCard\), not CSV"),
        (b"{\\rtf1 alice@example.org}", "is a text document"),
        (bytes(range(256)) * 20, "is not text, not CSV"),
        (packed({"mimetype": "x", "content.xml": "<x/>"}), r"is an OpenDocument spreadsheet \(.ods\), not CSV"),
        (packed({"Index/Document.iwa": "x"}), "is a Numbers spreadsheet, not CSV"),
        (packed({"[Content_Types].xml": "<x/>", "word/document.xml": "<x/>"}), "is a Word document, not CSV"),
    ],
)
def test_what_is_no_csv_is_called_by_its_name_and_is_to_be_saved_as_csv(take: Take, content: bytes, says: str) -> None:
    with pytest.raises(FileMistake, match=says) as mistake:
        take(content)
    assert "Nothing was changed." in mistake.value.message
    assert "save or export it as CSV" in mistake.value.hint


@pytest.mark.parametrize("first", ["<alice@example.org>", "{alice}@example.org", '"[alice]@example.org"'])
def test_an_odd_address_in_the_first_line_is_no_web_page(take: Take, first: str) -> None:
    assert take(f"{first}\nbob@example.org\ncharlie@example.org\n").rows >= 2


@pytest.mark.parametrize("mark", [":", "^", " "])
def test_cells_that_are_not_parted_are_what_is_wrong_and_not_the_heading(take: Take, mark: str) -> None:
    content = "email,name\nalice@example.org,Alice\n".replace(",", mark)
    with pytest.raises(FileMistake, match="are not parted") as mistake:
        take(content)
    assert "commas, semicolons, tabs or |" in mistake.value.hint


def test_an_archive_with_a_password_is_explained(take: Take) -> None:
    content = bytearray(packed({"list.csv": "email\nalice@example.org\n"}))
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(header) + flags] |= 1  # encrypted
    with pytest.raises(FileMistake, match=r"password.*Nothing was changed") as mistake:
        take(bytes(content))
    assert mistake.value.hint == "Unpack it first."


def test_a_line_without_end_is_refused_before_it_fills_the_memory(conn: sa.Connection) -> None:
    class Endless(io.RawIOBase):
        """Says where somebody reads on."""

        def __init__(self) -> None:
            self.pieces: Iterator[bytes] = iter([b"email\nalice@example.org\nbob@example.org", *[b",x" * 500_000] * 8])

        def read(self, _: int = -1) -> bytes:
            return next(self.pieces, b"")

    with pytest.raises(FileMistake, match=r"line 3 on: a line there is longer than 1,000,000 characters"):
        subscribers.import_csv(conn, cast("IO[bytes]", Endless()), newsletter="daily", at=NOW)


def test_a_file_that_is_written_to_while_it_is_read_changes_nothing(conn: sa.Connection, tmp_path: Path) -> None:
    """It is still being downloaded: whoever is missing in it would be thought never to have been there."""
    file = tmp_path / "readers.csv"
    file.write_text("email\n" + "".join(f"reader{at}@example.org\n" for at in range(5000)), encoding="utf-8")

    def download(share: float, rows: int) -> None:
        if rows == 2000:
            with file.open("a") as more:
                more.write("late@example.org\n")
            os.utime(file, ns=(1, 1))

    with pytest.raises(FileMistake, match=r"readers.csv was written to while it was read. Nothing was changed."):
        subscribers.import_csv(conn, file, newsletter="daily", at=NOW, progress=download)
    assert mailable(conn) == []


def test_letters_that_a_database_cut_in_the_middle_spoil_no_other_name(conn: sa.Connection, take: Take) -> None:
    names = ["דנה כהן".encode(), "José Núñez".encode(), "Zoé".encode()[:-1], "Renée".encode("latin-1")]
    report = take(b"email,name\n" + b"".join(b"r%d@example.org,%s\n" % (at, name) for at, name in enumerate(names)))
    assert [row["name"] for row in subscribers.export(conn)] == ["דנה כהן", "José Núñez", "ZoÃ", "Renée"]
    assert "Some letters in the file are not UTF-8" in report.notes[0]


def test_without_headings_a_column_of_standings_is_heeded(conn: sa.Connection, take: Take) -> None:
    report = take("alice@example.org,Alice,active\nbob@example.org,Bob,unsubscribed\n")
    assert mailable(conn) == ["alice@example.org"]
    assert (report.kept_out, report.notes) == ({"left": 1}, ())
    assert [row["name"] for row in subscribers.export(conn)] == ["Alice", "Bob"]


def test_without_headings_columns_that_nobody_understands_are_mentioned(take: Take) -> None:
    report = take("alice@example.org,Alice,Oslo\nbob@example.org,Bob,Rome\n")
    assert "The file has no headings, and 2 of its columns were not read" in report.notes[0]


def test_of_two_columns_for_opting_out_both_are_heeded(conn: sa.Connection, take: Take) -> None:
    report = take(
        "email,status,Email Opt Out,Do Not Email,status,city\n"
        "alice@example.org,active,,,active,Oslo\nbob@example.org,active,,yes,active,Oslo\n"
        "charlie@example.org,active,yes,,active,Oslo\ndave@example.org,active,,,unsubscribed,Oslo\n"
        "erin@example.org,active,no,no,,Oslo\nfrank@example.org,active,,,customer,Oslo\n"
    )
    assert mailable(conn) == ["alice@example.org", "erin@example.org", "frank@example.org"]
    assert report.kept_out == {"left": 3}
    assert report.notes == ("Columns that were not read: city.",)


def test_headings_in_the_middle_are_nobody_and_called_what_they_are(take: Take) -> None:
    report = take("email,name\nalice@example.org,Alice\nemail,name\nbob@example.org,Bob\n")
    assert [(row.line, row.reason) for row in report.rejected_rows] == [(3, "it repeats the headings.")]
    assert report.added == 2
