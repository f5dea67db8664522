"""`digest db copy` and `digest db reopen`, as an operator uses them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Terminal
from tests.newsroom import Newsroom
from tests.store.desk import Desk


def copy_url(room: Newsroom) -> str:
    return f"sqlite:///{room.folder / 'copy.db'}"


def test_everything_is_copied_and_the_next_steps_are_told(digest: Terminal, room: Newsroom) -> None:
    room.draft()

    told = digest.ok("db", "copy", copy_url(room)).out

    assert "Copied and compared in" in told
    assert "digest.db is closed: it takes no changes any more." in told
    steps = [line for line in told.splitlines() if line[:2] in ("1.", "2.", "3.", "4.")]
    assert len(steps) == 3
    assert copy_url(room) in steps[0]
    assert "`digest doctor`" in steps[1]


def test_the_facts_are_printed_for_programs(digest: Terminal, room: Newsroom) -> None:
    room.draft()

    facts = digest.ok("db", "copy", copy_url(room), "--json").facts

    assert facts["target"] == copy_url(room)
    assert facts["closed"] == "source"
    assert facts["rows"]["issue"] == facts["rows"]["article"] == 1
    assert facts["doubtful"] == 0
    assert len(facts["next"]) == 3


def test_the_newsroom_goes_on_with_the_copy_and_the_old_database_refuses(
    digest: Terminal, room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = room.draft()
    digest.ok("db", "copy", copy_url(room))

    for words in (("issues", "list"), ("run", "--until-idle"), ("send", str(issue.id), "--now")):
        refused = digest(*words)
        assert refused.code == 8
        assert "This database is closed: it was copied to" in refused.err
        assert "`digest db reopen`" in refused.err
    sick = digest("doctor", "--json")
    assert sick.code == 10
    assert "This database is closed" in sick.out

    monkeypatch.setenv("DIGEST_DATABASE_URL", copy_url(room))
    assert digest.ok("issues", "show", issue.id, "--json").facts["issue"] == issue.id
    digest.ok("issues", "approve", str(issue.id))


def test_going_to_a_server_tells_of_the_key_and_never_of_the_password(
    digest: Terminal, room: Newsroom, monkeypatch: pytest.MonkeyPatch, postgres_server: str, postgres: str
) -> None:
    """The links in mail that was sent before are signed with the key that was kept beside the old database."""
    room.draft()
    monkeypatch.delenv("DIGEST_SECRET_KEY")
    kept = room.folder / "data" / "secret-key"
    kept.write_text("a key that was made here")
    url = postgres.replace("postgres:@", "postgres:hunter2@")
    assert "hunter2" in url

    told = digest.ok("db", "copy", url)

    assert f"set DIGEST_SECRET_KEY to what {kept} holds" in told.out
    assert "hunter2" not in told.out + told.err
    assert "a key that was made here" not in told.out
    monkeypatch.setenv("DIGEST_DATABASE_URL", postgres)
    sick = digest("doctor", "--json")
    assert sick.code == 10
    assert [one["code"] for one in sick.facts["findings"] if one["level"] == "error"] == ["no-key"]
    monkeypatch.setenv("DIGEST_SECRET_KEY", kept.read_text())
    assert "Ready." in digest.ok("doctor").out


def test_keep_says_that_the_copy_is_closed(digest: Terminal, room: Newsroom) -> None:
    room.draft()

    told = digest.ok("db", "copy", copy_url(room), "--keep").out

    assert "The copy is closed, and this database goes on." in told
    digest.ok("issues", "list")


def test_a_closed_database_is_reopened_by_who_says_so(digest: Terminal, room: Newsroom) -> None:
    room.draft()
    digest.ok("db", "copy", copy_url(room))

    kept = digest("db", "reopen")
    assert kept.code == 2
    assert "is closed: it was copied to" in kept.err
    assert "It stays closed." in kept.err
    assert digest("issues", "list").code == 8

    facts = digest.ok("db", "reopen", "--yes", "--json").facts
    assert "it was copied to" in facts["was"]
    digest.ok("issues", "list")
    again = digest("db", "reopen", "--yes")
    assert again.code == 8
    assert "is open already" in again.err


@pytest.mark.parametrize(
    ("url", "code", "says"),
    [
        ("copy.db", 8, "is not a database URL"),
        ("mysql://digest@host/name", 8, "no database that the mailer knows"),
        ("postgresql://digest:hunter2@127.0.0.1:1/digest", 8, "Is the server running"),
    ],
)
def test_a_target_that_is_none_is_explained_and_nothing_is_closed(
    digest: Terminal, room: Newsroom, url: str, code: int, says: str
) -> None:
    room.draft()

    ran = digest("db", "copy", url)

    assert ran.code == code
    assert says in ran.err
    assert "hunter2" not in ran.err + ran.out
    digest.ok("issues", "list")


def test_a_batch_in_hand_stops_the_copy(digest: Terminal, room: Newsroom) -> None:
    room.subscribe("Alice")
    issue = room.frozen()
    Desk(room.app.database).claimed(issue.id, at=room.app.clock())

    ran = digest("db", "copy", copy_url(room))

    assert ran.code == 6
    assert f"Issue {issue.id} is being sent" in ran.err
    assert "Stop every `digest run`" in ran.err


def test_an_old_database_is_upgraded_before_it_is_copied(digest: Terminal, room: Newsroom) -> None:
    room.draft()
    with room.app.database.write() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")

    ran = digest("db", "copy", copy_url(room))

    assert ran.code == 8
    assert "`digest db upgrade`" in ran.err
    assert not Path(room.folder / "copy.db").exists()
