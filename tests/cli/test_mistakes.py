"""A user's mistake is a sentence with a hint and an exit code: never a traceback, never a secret."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import subscribers
from tests.cli.conftest import Terminal, shell
from tests.newsroom import SETTINGS, Newsroom

#: Every command that names an issue.
ON_AN_ISSUE = [
    ("issues", "show", "99"),
    ("issues", "edit", "99", "--drop", "1"),
    ("issues", "check", "99"),
    ("issues", "approve", "99"),
    ("issues", "schedule", "99", "--at", "tomorrow 06:00"),
    ("issues", "unschedule", "99"),
    ("issues", "pause", "99"),
    ("issues", "resume", "99"),
    ("issues", "cancel", "99"),
    ("issues", "report", "99"),
    ("deliveries", "list", "99"),
    ("preview", "99"),
    ("preview", "99", "--serve", "--port", "0"),
    ("test", "99", "--to", "nora@harbour.example"),
    ("send", "99", "--now"),
    ("send", "99", "--dry-run"),
]

#: Every command that names a newsletter.
ON_A_NEWSLETTER = [
    ("sources", "check", "-n", "dayly"),
    ("articles", "gather", "-n", "dayly"),
    ("articles", "add", "settings.toml", "-n", "dayly"),
    ("articles", "list", "-n", "dayly"),
    ("issues", "draft", "dayly"),
    ("issues", "list", "-n", "dayly"),
    ("subscribers", "import", "settings.toml", "-n", "dayly"),
    ("subscribers", "add", "alice@example.com", "-n", "dayly"),
    ("subscribers", "list", "-n", "dayly"),
    ("subscribers", "leave", "alice@example.com", "-n", "dayly"),
    ("subscribers", "export", "-n", "dayly"),
]


@pytest.mark.parametrize("words", ON_AN_ISSUE, ids=" ".join)
def test_an_issue_that_is_not_there(digest: Terminal, room: Newsroom, words: tuple[str, ...]) -> None:
    ran = digest(*words)

    assert ran.code == 2
    assert ran.err == "There is no issue 99.\n→ `digest issues list` shows what is there.\n"
    assert ran.out == ""


@pytest.mark.parametrize("words", ON_A_NEWSLETTER, ids=" ".join)
def test_a_newsletter_that_is_not_declared(digest: Terminal, room: Newsroom, words: tuple[str, ...]) -> None:
    ran = digest(*words)

    assert ran.code == 2
    assert "There is no newsletter 'dayly' in the settings.\n→ Declared are: daily, weekend.\n" in ran.err
    assert ran.out == ""


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("articles", "show", "99"), 2, "There is no article 99."),
        (("articles", "edit", "99", "--headline", "x"), 2, "There is no article 99."),
        (("articles", "edit", "99"), 2, "Nothing to change."),
        (("articles", "add", "settings.toml", "--section", "sport"), 2, "has no section 'sport'"),
        (("issues", "draft", "daily"), 11, "There is nothing new for The Harbour Post."),
        (("issues", "edit", "1"), 2, "Nothing to change."),
        (("issues", "edit", "1", "--move", "3"), 2, "'3' is not PLACE:TEXT."),
        (("issues", "edit", "1", "--move", "3:first"), 2, "'first' is not a place."),
        (("issues", "edit", "1", "--headline", "1:"), 2, "'1:' is not PLACE:TEXT."),
        (("issues", "edit", "1", "--date", "29.11.2026"), 2, "'29.11.2026' is not a date."),
        (("send", "1"), 2, "Say --now to send for real, or --dry-run to rehearse."),
        (("send", "1", "--now", "--dry-run"), 2, "Say --now to send for real, or --dry-run to rehearse."),
        (("deliveries", "list", "1", "--state", "lost"), 2, "There is no state 'lost'."),
        (("subscribers", "leave", "zoe@example.com", "-n", "daily"), 2, "zoe@example.com is on no list."),
        (("subscribers", "export", "--person", "zoe@example.com"), 2, "We hold nothing on zoe@example.com."),
        (
            ("subscribers", "export", "--out", "no/such/folder.csv"),
            4,
            "no/such/folder.csv cannot be written: ",
        ),
        (("subscribers", "import", "gone.csv", "-n", "daily"), 2, "gone.csv"),
        (("subscribers", "import", "settings.toml", "-n", "daily"), 4, "are not parted. Nothing was changed."),
        (("issues", "shedule", "1"), 2, "shedule"),
        (("issues", "show", "seven"), 2, "'ISSUE'"),
        (("send", "1", "--nwo"), 2, "--nwo"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_mistake_is_said_on_the_error_stream(
    digest: Terminal, room: Newsroom, words: tuple[str, ...], code: int, said: str
) -> None:
    ran = digest(*words)

    assert ran.code == code
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert said not in ran.out


def test_a_subscriber_is_not_added_with_what_is_no_address(digest: Terminal, room: Newsroom) -> None:
    ran = digest("subscribers", "add", "not an address", "-n", "daily")

    assert ran.code == 4
    assert ran.err.startswith("“not an address” is not an address that mail can be sent to")


def test_an_issue_that_is_not_approved_is_not_sent(digest: Terminal, room: Newsroom) -> None:
    room.subscribe("Alice")
    room.draft()

    for words in (("send", 1, "--now"), ("send", 1, "--dry-run"), ("issues", "schedule", 1, "--at", "tomorrow 06:00")):
        ran = digest(*words)
        assert ran.code == 6, words
        assert "not approved" in ran.err
        assert "digest issues approve 1" in ran.err


def test_an_issue_without_readers_is_stopped_by_a_brake(digest: Terminal, room: Newsroom) -> None:
    room.approved()

    ran = digest("send", 1, "--now")

    assert ran.code == 7
    assert "has no readers" in ran.err


def test_with_json_the_error_is_a_fact_as_well(digest: Terminal, room: Newsroom) -> None:
    ran = digest("issues", "show", 99, "--json")

    assert ran.facts == {
        "error": "There is no issue 99.",
        "hint": "`digest issues list` shows what is there.",
        "exit_code": 2,
    }
    assert ran.err.startswith("There is no issue 99.")


def test_without_a_terminal_nothing_waits_for_an_answer_and_nothing_is_erased(room: Newsroom) -> None:
    room.subscribe("Alice")
    file = room.folder / "settings.toml"

    ran = shell("subscribers", "forget", "alice@example.com", folder=room.folder, DIGEST_SETTINGS=str(file))

    assert ran.code == 2
    assert ran.err == "Nothing was erased.\n→ Say --yes to erase without being asked.\n"
    with room.app.database.read() as conn:
        assert subscribers.find(conn, "alice@example.com") is not None


# --- Settings and the database -----------------------------------------------------------------------------


def test_without_settings_the_folder_is_named(
    digest: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    ran = digest("issues", "list")

    assert ran.code == 3
    assert f"There is no settings file {tmp_path}/settings.toml." in ran.err
    assert "→ Run this where settings.toml is, or name the file in DIGEST_SETTINGS." in ran.err
    assert list(tmp_path.iterdir()) == []


def test_bad_settings_are_listed_line_by_line_and_nothing_is_started(
    digest: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "settings.toml").write_text(
        'sendr = "ses"\n' + SETTINGS.replace('"America/New_York"', '"New York"'), encoding="utf-8"
    )

    ran = digest("send", 1, "--now", "--json")

    assert ran.code == 3
    assert ran.err.splitlines() == [
        "settings.toml: sendr is not a setting; did you mean sender?",
        "settings.toml: newsletters.daily.timezone = 'New York' is not a time zone name such as America/New_York",
        "→ Nothing was started.",
    ]
    assert len(ran.facts["problems"]) == 2
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("words", [("issues", "list"), ("doctor",), ("run", "--until-idle"), ("db", "upgrade")])
def test_a_broken_database_is_a_sentence(digest: Terminal, room: Newsroom, words: tuple[str, ...]) -> None:
    (room.folder / "broken.db").write_bytes(b"this is no database" * 100)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIGEST_DATABASE_URL", f"sqlite:///{room.folder}/broken.db")
        ran = digest(*words)

    assert ran.code == (10 if words == ("doctor",) else 8)
    said = ran.out if words == ("doctor",) else ran.err
    assert "file is not a database" in said
    assert "Traceback" not in ran.err + ran.out


@pytest.mark.parametrize(
    "url",
    [
        "postgresql//digest:hunter2@db.example/digest",
        "mysql://digest:hunter2@db.example/digest",
        "postgresql://digest:hunter2@127.0.0.1:1/digest",
    ],
)
@pytest.mark.parametrize("words", [("issues", "list"), ("doctor",), ("db", "upgrade"), ("db", "backup", "copy.db")])
def test_the_databases_password_is_never_printed(
    digest: Terminal, room: Newsroom, monkeypatch: pytest.MonkeyPatch, url: str, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("DIGEST_DATABASE_URL", url)

    ran = digest(*words, "--json")

    assert ran.code in (8, 10)
    assert "hunter2" not in ran.out + ran.err


def test_the_keys_are_never_printed(digest: Terminal, room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_SECRET_KEY", "hunter2")
    monkeypatch.setenv("DIGEST_SMTP_PASSWORD", "hunter3")
    monkeypatch.setenv("DIGEST_SENDER", "smtp")
    monkeypatch.setenv("DIGEST_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("DIGEST_SMTP_PORT", "1")

    ran = digest("doctor", "--json")

    assert "hunter" not in ran.out + ran.err


def test_a_failing_statement_names_no_reader(digest: Terminal, room: Newsroom) -> None:
    with room.app.database.write() as conn:
        conn.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON subscriber BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
        )

    ran = digest("subscribers", "add", "alice@example.com", "-n", "daily", "--name", "Alice Secret", "--json")

    assert ran.code == 8
    assert "disk is full" in ran.err
    assert "alice" not in (ran.out + ran.err).lower()


def test_a_folder_that_may_not_be_written_is_explained(digest: Terminal, room: Newsroom) -> None:
    room.draft()
    (room.folder / "preview").write_text("a file where a folder should be", encoding="utf-8")

    ran = digest("preview", 1, "--out", "preview/1.html")

    assert ran.code == 2
    assert "The preview cannot be written to preview/1.html" in ran.err


def test_a_pipe_that_closes_early_is_no_traceback(room: Newsroom) -> None:
    room.subscribe_many(400)

    ended = subprocess.run(
        f"{sys.executable} -m digest subscribers list --limit 400 --json | head -1",
        shell=True,
        cwd=room.folder,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.stdout == "{\n"
    assert "Traceback" not in ended.stderr
