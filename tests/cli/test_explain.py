"""`digest issues explain`: why each article is in an issue or not, also long after, and whatever editors did since."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Terminal
from tests.desk.copy_desk import BAKERY, CHOIR, LEVY, OWLS, SCHOOL, Piece
from tests.newsroom import SETTINGS, Newsroom

SOURCES = """
[[newsletters.daily.sources]]
name = "Copy"
kind = "folder"
location = "copy"
[[newsletters.daily.sources]]
name = "Lantern"
kind = "folder"
location = "lantern"
section = "culture"
"""


def write(room: Newsroom, desk: str, *pieces: Piece) -> None:
    folder: Path = room.folder / desk
    folder.mkdir(exist_ok=True)
    for piece in pieces:
        (folder / f"{piece.slug}.txt").write_text(f"{piece.headline}\n\n{piece.text}", encoding="utf-8")


@pytest.fixture
def desk(room: Newsroom) -> Newsroom:
    """Two desks that fill two places each at most; one has a copy of the other's story."""
    settings = SETTINGS.replace("stories = 5", "stories = 4\nper_source = 2")
    (room.folder / "settings.toml").write_text(settings + SOURCES, encoding="utf-8")
    write(room, "copy", CHOIR, LEVY, SCHOOL, BAKERY)
    write(room, "lantern", Piece("copied", "A choir above the town", f"{CHOIR.text}\n\nMore was not known."))
    return room


def test_every_candidate_is_told_in_groups_with_its_reason(digest: Terminal, desk: Newsroom) -> None:
    digest.ok("issues", "draft", "daily", "--gather")

    told = digest.ok("issues", "explain", 1)

    assert told.out.startswith("Issue 1: The Harbour Post no. 1, drafted ")
    assert "5 articles were on offer, one of them a copy of another." in told.out.replace("\n", " ")
    assert "In the issue: 3" in told.out
    assert "Its source or section has its share: 1" in told.out
    assert "Copy has its 2 articles already." in told.out
    assert "Merged into it: " in told.out
    assert max(map(len, told.out.splitlines())) <= 100


def test_draft_says_the_same_at_once(digest: Terminal, desk: Newsroom) -> None:
    drafted = digest.ok("issues", "draft", "daily", "--gather", "--why").out

    assert digest.ok("issues", "explain", 1).out.strip() in drafted


def test_what_editors_did_since_is_told_with_their_names(digest: Terminal, desk: Newsroom) -> None:
    facts = digest.ok("issues", "draft", "daily", "--gather", "--json").facts
    lead, second, last = (story["article"] for story in facts["stories"])
    left = next(one["article"] for one in facts["choices"] if one["cause"] == "source")
    write(desk, "desk", OWLS)
    extra = digest.ok("articles", "add", desk.folder / "desk" / "owls.txt", "--json").facts["articles"][0]["id"]

    digest.ok("issues", "edit", 1, "--drop", 2, "--move", "3:1", "--add", left, "--add", extra)
    told = digest.ok("issues", "explain", 1).out
    found = {one["article"]: one for one in digest.ok("issues", "explain", 1, "--json").facts["candidates"]}

    assert [found[one]["place"] for one in (last, lead, second, left, extra)] == [1, 2, None, 3, 4]
    assert [found[one]["group"] for one in (second, left)] == ["taken out by an editor", "in the issue"]
    deeds = {one: [(deed["actor"], deed["what"]) for deed in found[one]["since"]] for one in found}
    assert deeds[second] == [("Nora", "dropped")]
    assert deeds[last] == [("Nora", "moved from place 3 to 1")]
    assert deeds[left] == deeds[extra] == [("Nora", "added")]
    assert "Taken out by an editor: 1" in told
    assert "Left out when the issue was drafted: copy has its 2 articles already." not in told, (
        "a name keeps its letter"
    )
    assert "Left out when the issue was drafted: Copy has its 2 articles already." in told
    assert "It was not on offer when the issue was drafted." in told
    assert "Dropped by Nora, " in told


def test_the_reasons_stay_what_they_were(digest: Terminal, desk: Newsroom) -> None:
    """Later gatherings, other settings and another issue change nothing of what was decided then."""
    digest.ok("issues", "draft", "daily", "--gather")
    before = digest.ok("issues", "explain", 1, "--json").facts
    (desk.folder / "settings.toml").write_text(SETTINGS + SOURCES, encoding="utf-8")
    write(desk, "copy", OWLS)
    digest.ok("issues", "draft", "daily", "--gather")

    assert digest.ok("issues", "explain", 1, "--json").facts == before


def test_an_issue_that_is_not_there_is_said_as_everywhere(digest: Terminal, desk: Newsroom) -> None:
    digest.ok("issues", "list")

    ran = digest("issues", "explain", 7)

    assert (ran.code, "There is no issue 7." in ran.err) == (2, True)


def test_a_draft_that_would_have_too_little_new_has_an_exit_code_of_its_own(digest: Terminal, desk: Newsroom) -> None:
    text = (desk.folder / "settings.toml").read_text(encoding="utf-8")
    settings = text.replace("stories = 4", "stories = 9\nleast_new = 9")
    (desk.folder / "settings.toml").write_text(settings, encoding="utf-8")

    ran = digest("issues", "draft", "daily", "--gather")

    assert ran.code == 11
    assert "Too little is new for The Harbour Post: 3 stories, and least_new in the settings asks for 9." in ran.err
    assert "No issues yet." in digest.ok("issues", "list").out
