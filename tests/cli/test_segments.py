"""Segments at the terminal: said in words, counted before use, and part of what is approved."""

from __future__ import annotations

import pytest

import subscribers
from tests.cli.conftest import Terminal
from tests.newsroom import SETTINGS, Newsroom

SEGMENTS = """
[segments.loyal]
where = "clicked 90d or supporter:monthly"

[segments.local]
where = "segment:loyal and tag:harbour"
"""


@pytest.fixture
def harbour(room: Newsroom) -> Newsroom:
    """Alice clicked, Bob gives every month and lives at the harbour, Charlie does nothing."""
    (room.folder / "settings.toml").write_text(SETTINGS + SEGMENTS, encoding="utf-8")
    alice, _ = room.subscribe("Alice", "Charlie")
    (bob,) = room.subscribe("Bob", supporter="monthly")
    with room.app.database.write() as conn:
        subscribers.touched(conn, [subscribers.Touch(alice, "daily", clicked_at=room.app.clock())])
        subscribers.tag(conn, bob, "harbour")
    return room


def test_a_segment_is_counted_and_said_before_anybody_is_mailed(digest: Terminal, harbour: Newsroom) -> None:
    said = digest.ok("segments", "count", "clicked 90d and not supporter:monthly", "-n", "daily").out

    assert "1 of 3 (33.3%): readers of The Harbour Post who clicked in the last 90 days and do not give monthly" in said
    assert "! The Harbour Post does not track clicks, so nobody is known to have clicked" in said

    facts = digest.ok("segments", "count", "loyal", "-n", "daily", "--json").facts
    assert (facts["readers"], facts["of"]) == (2, 3)
    assert facts["where"] == "clicked 90d or supporter:monthly"


def test_a_topic_that_nobody_offers_is_said(digest: Terminal, harbour: Newsroom) -> None:
    topics = 'stories = 5\ntopics = [{ slug = "council", title = "The council" }]'
    declared = (harbour.folder / "settings.toml").read_text(encoding="utf-8")
    (harbour.folder / "settings.toml").write_text(declared.replace("stories = 5", topics), encoding="utf-8")

    mistyped = digest.ok("segments", "count", "not topic:counsil", "-n", "daily").out
    assert "! The Harbour Post has no topic “counsil”: only who chose no topics at all is meant." in mistyped
    assert "has no topic" not in digest.ok("segments", "count", "topic:council or tag:harbour", "-n", "daily").out


def test_declared_segments_are_listed_with_their_readers(digest: Terminal, harbour: Newsroom) -> None:
    found = digest.ok("segments", "list", "-n", "daily", "--json").facts["segments"]
    assert [(one["name"], one["readers"]) for one in found] == [("loyal", 2), ("local", 1)]

    said = digest.ok("segments", "list", "-n", "daily").out
    assert "local: 1 of 3" in said
    assert "(clicked in the last 90 days or give monthly) and have the tag “harbour”" in said


def test_a_mistake_says_what_a_segment_can_have(digest: Terminal, harbour: Newsroom) -> None:
    result = digest("segments", "count", "clcked 90d", "-n", "daily")
    assert result.code == 2
    assert "“clcked” is no condition; perhaps “clicked” is meant" in result.err
    assert "supporter:monthly" in result.err

    result = digest("segments", "count", "on:evening", "-n", "daily")
    assert result.code == 2
    assert "a newsletter 'evening', which is not declared" in result.err
    assert "daily, weekend" in result.err


def test_an_issue_for_a_segment_says_so_and_goes_to_nobody_else(digest: Terminal, harbour: Newsroom) -> None:
    issue = harbour.draft().id
    said = digest.ok("issues", "edit", str(issue), "--segment", "loyal").out
    assert "for: readers of The Harbour Post who clicked in the last 90 days or give monthly" in said

    said = digest.ok("issues", "approve", str(issue)).out
    assert "2 readers" in said
    assert "for: readers of The Harbour Post who clicked in the last 90 days or give monthly" in said
    assert "for: readers of The Harbour Post who" in digest.ok("issues", "show", str(issue)).out

    digest.ok("send", str(issue), "--now")

    got = digest.ok("deliveries", "list", str(issue), "--json").facts["deliveries"]
    assert sorted(one["address"] for one in got) == ["alice@example.com", "bob@example.com"]


def test_another_segment_voids_the_approval_like_any_edit(digest: Terminal, harbour: Newsroom) -> None:
    issue = harbour.approved().id

    digest.ok("issues", "edit", str(issue), "--segment", "tag:harbour")

    facts = digest.ok("issues", "show", str(issue), "--json").facts
    assert (facts["state"], facts["segment"], facts["fingerprint"]) == ("draft", "tag:harbour", "")
    assert "segment: tag:harbour" in facts["journal"][-1]["detail"]
    assert digest.ok("issues", "approve", str(issue), "--json").facts["audience"] == 1

    digest.ok("issues", "edit", str(issue), "--segment", "everyone")
    assert digest.ok("issues", "approve", str(issue), "--json").facts["audience"] == 3
