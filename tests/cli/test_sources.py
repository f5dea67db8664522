"""`digest sources`: what an operator sees of how sources fare."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digest.articles.sources.health import Health
from digest.store import sources
from tests.cli.conftest import Terminal
from tests.newsroom import ARTICLE, Newsroom

SOURCES = """
[[newsletters.daily.sources]]
name = "Copy"
kind = "folder"
location = "copy"
[[newsletters.daily.sources]]
name = "Old wire"
kind = "feed"
location = "http://10.0.0.1/feed"
"""


@pytest.fixture
def wire(room: Newsroom) -> Newsroom:
    """A newsroom with a folder, and a feed on a host that nobody may ask."""
    (room.folder / "copy").mkdir()
    (room.folder / "copy" / "pier.md").write_text(f"# The pier returns\n\n{ARTICLE}", encoding="utf-8")
    file = room.folder / "settings.toml"
    file.write_text(file.read_text(encoding="utf-8") + SOURCES, encoding="utf-8")
    room.app = room.open()
    return room


def fares(room: Newsroom, **how: object) -> None:
    now = room.app.clock()
    health = Health(location="http://10.0.0.1/feed", checked_at=now, **how)  # type: ignore[arg-type]
    with room.app.database.write() as conn:
        sources.remember(conn, "daily", "Old wire", "", health)


def test_check_shows_how_each_source_fares_and_asks_no_retired_one(digest: Terminal, wire: Newsroom) -> None:
    now = wire.app.clock()
    fares(wire, retired_at=now, good_at=now - timedelta(days=9), failures=1, problem="410 Gone")

    checked = digest("sources", "check", "--json")
    copy, old = checked.facts["sources"]
    seen = digest("sources", "check").out

    assert checked.code == 10
    assert (copy["readable"], copy["health"]["standing"]) == (True, "new")
    assert (old["readable"], old["survey"], old["health"]["standing"]) == (False, None, "retired")
    assert old["health"]["problem"] == "410 Gone"
    assert "not asked" in seen
    assert "daily/Old wire: It is retired since" in seen


def test_a_source_that_moved_failed_or_ran_dry_is_said_with_what_to_do(digest: Terminal, wire: Newsroom) -> None:
    long_ago = wire.app.clock() - timedelta(days=60)
    fares(wire, good_at=long_ago, new_at=long_ago, moved_to="https://wire.example/new")

    seen = digest("sources", "check").out

    assert "Old wire: It is read at https://wire.example/new now: change its location." in seen
    assert "which is unusually long" in seen


def test_retry_has_a_retired_source_asked_again(digest: Terminal, wire: Newsroom) -> None:
    fares(wire, retired_at=wire.app.clock())

    assert digest.ok("sources", "retry", "Old wire").out.strip() == ("daily/Old wire is asked at the next gathering.")
    assert digest.ok("sources", "retry", "Old wire", "--json").facts["changed"] == []
    (lost,) = (report for report in digest("articles", "gather", "--json").facts["sources"] if report["failed"])
    assert "Did not fetch http://10.0.0.1/feed" in lost["problems"][0]["message"]


def test_retry_of_a_source_that_is_not_there_names_those_that_are(digest: Terminal, wire: Newsroom) -> None:
    missed = digest("sources", "retry", "Olde wire")
    assert missed.code == 2
    assert "Declared are: Copy, Old wire." in missed.err


def test_gathering_says_that_a_retired_source_was_left_alone(digest: Terminal, wire: Newsroom) -> None:
    fares(wire, retired_at=wire.app.clock())

    gathered = digest("articles", "gather")

    assert gathered.code == 10
    assert "Old wire: 0 new" in gathered.out
    assert 'digest sources retry "Old wire"' in gathered.out


def test_the_report_names_the_sources_that_need_a_look(digest: Terminal, wire: Newsroom) -> None:
    fares(wire, failures=4)
    issue = wire.draft()

    said = digest.ok("issues", "report", issue.id).out
    facts = digest.ok("issues", "report", issue.id, "--json").facts

    assert "! Source Old wire: It failed 4 times in a row; it was never read." in said
    assert [one["source"] for one in facts["sources"]] == ["Old wire"]


def test_the_doctor_warns_of_sources_that_bring_nothing_any_more(digest: Terminal, wire: Newsroom) -> None:
    wire.subscribe("Alice")
    assert not [found for found in digest.ok("doctor", "--json").facts["findings"] if found["code"] == "source"]
    fares(wire, failures=5, good_at=wire.app.clock())

    (found,) = [found for found in digest.ok("doctor", "--json").facts["findings"] if found["code"] == "source"]

    assert (found["level"], found["where"]) == ("warning", "daily/Old wire")
    assert found["message"].startswith("It failed 5 times in a row")
