"""What is printed: nothing that a stranger's text could do to the terminal or a spreadsheet."""

from __future__ import annotations

import csv
import shutil
import stat
import subprocess
import sys

from digest.cli.output import harmless
from tests.newsroom import Newsroom


def test_a_headline_cannot_write_to_the_clipboard_of_the_editors_terminal() -> None:
    assert harmless("Bridge\x1b]52;c;cm0gLXJm\x07 opens\u009b31m") == "Bridge]52;c;cm0gLXJm opens31m"


def test_brackets_in_a_headline_are_printed_as_they_are() -> None:
    assert harmless("[bold]Bridge[/bold]") == r"\[bold]Bridge\[/bold]"


def test_a_rejected_cell_is_no_formula_for_the_spreadsheet_that_opens_the_rejects(newsroom: Newsroom) -> None:
    newsroom.app.close()
    people = newsroom.folder / "people.csv"
    people.write_text("email\nalice@example.com\nbob@example.com\n=cmd|' /C calc'!A0\n", encoding="utf-8")
    rejects = newsroom.folder / "rejects.csv"

    _digest(newsroom, "subscribers", "import", str(people), "-n", "daily", "--rejects", str(rejects))

    (row,) = list(csv.DictReader(rejects.read_text(encoding="utf-8").splitlines()))
    assert row["email"].startswith("'=cmd")


def test_nobody_else_on_the_machine_can_read_what_the_mailer_writes(newsroom: Newsroom) -> None:
    newsroom.app.close()
    shutil.rmtree(newsroom.folder / "data")  # the fixture's own; here the mailer writes it

    _digest(newsroom, "subscribers", "add", "alice@example.com", "-n", "daily")

    written = [newsroom.folder / "data", newsroom.folder / "data" / "digest.db"]
    assert [stat.S_IMODE(path.stat().st_mode) & 0o077 for path in written] == [0, 0]


def _digest(newsroom: Newsroom, *words: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "digest", *words],
        cwd=newsroom.folder,
        env={"PATH": "/usr/bin:/bin", **newsroom.environment},
        check=True,
        capture_output=True,
    )
