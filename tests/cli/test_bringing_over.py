"""`digest subscribers import` and `export`, as an operator meets them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.cli.conftest import Terminal
from tests.newsroom import Newsroom

FILE = "email,name,status\nalice@example.com,Alice,active\nbob@example.com,Bob,unsubscribed\nno address,C,active\n"


@pytest.fixture
def file(room: Newsroom) -> Path:
    path = room.folder / "readers.csv"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_a_dry_run_says_what_would_happen_and_changes_nothing(digest: Terminal, file: Path) -> None:
    said = digest.ok("subscribers", "import", file, "-n", "daily", "--dry-run").out

    assert "3 rows: 1 added, 0 updated, 0 unchanged, 0 duplicates, 1 rejected, 1 kept out" in said
    assert "1 stay out: left" in said
    assert "This was a dry run: nothing was changed." in said
    assert digest.ok("subscribers", "list", "-n", "daily", "--json").facts["subscribers"] == []
    dry = digest.ok("subscribers", "import", file, "-n", "daily", "--dry-run", "--json").facts
    real = digest.ok("subscribers", "import", file, "-n", "daily", "--json").facts
    figures = ("added", "updated", "unchanged", "duplicates", "rejected_for", "kept_out")
    assert [dry[name] for name in figures] == [real[name] for name in figures]


def test_rejected_rows_are_mended_in_their_file_and_imported(digest: Terminal, file: Path) -> None:
    said = digest.ok("subscribers", "import", file, "-n", "daily").out

    rejected = file.with_name("readers.rejected.csv")
    assert f"Rejected rows are in {rejected}" in said
    [row] = csv.DictReader(rejected.read_text(encoding="utf-8").splitlines())
    assert (row["rejected line"], row["email"], row["name"]) == ("4", "no address", "C")
    assert "must have an @-sign" in row["rejected because"]
    mended = rejected.read_text(encoding="utf-8").replace("no address", "charlie@example.com")
    rejected.write_text(mended, encoding="utf-8")
    assert digest.ok("subscribers", "import", rejected, "-n", "daily", "--json").facts["added"] == 1


def test_an_export_for_another_system_has_those_only_who_may_be_mailed(digest: Terminal, file: Path) -> None:
    digest.ok("subscribers", "import", file, "-n", "daily")

    assert digest.ok("subscribers", "export", "--for", "plain").out == "email,name\r\nalice@example.com,Alice\r\n"
    left = digest.ok("subscribers", "export", "--for", "plain", "--who", "left").out
    assert left == "email,name\r\nbob@example.com,Bob\r\n"
    said = digest.ok("subscribers", "export", "--consents", "-n", "daily").out.splitlines()
    assert said[0] == "email,newsletter_slug,at,act,how,evidence"
    assert len(said) == 3
