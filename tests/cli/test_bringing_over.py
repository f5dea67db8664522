"""`digest subscribers import` and `export`, as an operator meets them."""

from __future__ import annotations

import csv
import os
import signal
import sys
import threading
import time
from pathlib import Path
from traceback import walk_stack

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

    assert said.splitlines()[0] == "3 rows. This is a dry run: nothing was changed."
    classes = [line.split(maxsplit=1) for line in said.splitlines() if line.startswith("   1")]
    assert [(rows, " ".join(what.split())) for rows, what in classes] == [
        ("1", "added"),
        ("1", "kept out has left"),
        ("1", "rejected An email address must have an @-sign."),
    ]
    assert "line 3: “bob@example.com”: has left" in said
    assert "line 4: “no address”: An email address must have an @-sign." in said
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


def test_a_file_of_rejected_rows_that_somebody_is_mending_is_not_written_over(digest: Terminal, file: Path) -> None:
    digest.ok("subscribers", "import", file, "-n", "daily", "--dry-run")
    rejected = file.with_name("readers.rejected.csv")
    rejected.write_text("email\ncharlie@example.com\nstill no address\n", encoding="utf-8")

    said = digest.ok("subscribers", "import", rejected, "-n", "daily", "--force", "--json").facts

    assert said["rejects"] == str(file.with_name("readers.rejected-2.csv"))
    assert "charlie@example.com" in rejected.read_text(encoding="utf-8")
    assert "still no address" in file.with_name("readers.rejected-2.csv").read_text(encoding="utf-8")


def test_rejected_rows_are_never_written_over_the_file_itself(digest: Terminal, file: Path) -> None:
    ran = digest("subscribers", "import", file, "-n", "daily", "--rejects", file)

    assert ran.code == 4
    assert "rejected rows would be written over it" in ran.err
    assert file.read_text(encoding="utf-8") == FILE


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is full")
def test_a_full_disk_is_explained_and_the_list_stays_as_it_was(digest: Terminal, file: Path) -> None:
    ran = digest("subscribers", "import", file, "-n", "daily", "--rejects", "/dev/full")

    assert ran.code == 4
    assert "/dev/full cannot be written: No space left on device. Nothing was changed." in ran.err
    assert digest.ok("subscribers", "list", "-n", "daily", "--json").facts["subscribers"] == []
    out = digest("subscribers", "export", "-n", "daily", "--out", "/dev/full")
    assert out.code == 4
    assert "What is there of it is not the whole list" in out.err


def test_where_most_rows_are_rejected_it_is_said_where_they_are(digest: Terminal, file: Path) -> None:
    file.write_text("email\nno\nnope\nalice@example.com\n", encoding="utf-8")

    ran = digest("subscribers", "import", file, "-n", "daily")

    assert ran.code == 7
    assert f"The rejected rows are in {file.with_name('readers.rejected.csv')}." in ran.err


def test_a_person_who_stops_an_import_is_told_that_nothing_was_changed(digest: Terminal, room: Newsroom) -> None:
    never_there = room.folder / "pipe.csv"
    os.mkfifo(never_there)
    person = threading.get_ident()

    def press_ctrl_c() -> None:
        while "_seekable" not in {frame.f_code.co_name for frame, _ in walk_stack(sys._current_frames()[person])}:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press_ctrl_c, daemon=True).start()
    ran = digest("subscribers", "import", never_there, "-n", "daily")

    assert (ran.code, ran.out) == (130, "")
    assert ran.err == "Stopped. Nothing was changed: run the same command again.\n"
