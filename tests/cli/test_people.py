"""One person at the terminal: shown, noted, paused, given all that is held, and erased row by row."""

from __future__ import annotations

import json

import pytest

import subscribers
from tests.cli.conftest import Terminal
from tests.newsroom import Newsroom


@pytest.fixture
def alice(room: Newsroom) -> int:
    """She was sent an issue, clicked in it, and is tagged."""
    (alice,) = room.subscribe("Alice", supporter="one-time")
    room.deliver(room.frozen())
    with room.app.database.write() as conn:
        subscribers.choose(conn, alice, "daily", min_days=7, topics=["sport"])
        subscribers.tag(conn, alice, "member")
        subscribers.touched(conn, [subscribers.Touch(alice, "daily", clicked_at=room.app.clock())])
    return alice


def test_a_person_is_shown_with_all_that_matters(digest: Terminal, room: Newsroom, alice: int) -> None:
    digest.ok("subscribers", "pause", "alice@example.com", "-n", "daily", "--days", "30")

    said = digest.ok("subscribers", "show", "ALICE@example.com").out

    assert "Alice, alice@example.com" in said
    assert "supporter: one-time; tags: member" in said
    assert "daily: active since" in said
    assert "paused until" in said
    assert "one issue in 7 days at most, wants sport, last clicked" in said
    assert "was sent 1 issue(s), the last of them issue 1: accepted" in said
    assert "daily: joined (form)" in said


def test_a_suppressed_stranger_is_shown_and_nobody_is_told_as_such(digest: Terminal, room: Newsroom) -> None:
    digest.ok("subscribers", "suppress", "bob@example.com", "--detail", "asked by phone")

    assert "manual, asked by phone" in digest.ok("subscribers", "show", "bob@example.com").out
    nobody = digest("subscribers", "show", "charlie@example.com")
    assert (nobody.code, "We hold nothing on charlie@example.com" in nobody.err) == (2, True)


def test_tags_and_pauses_are_set_and_taken_back(digest: Terminal, room: Newsroom, alice: int) -> None:
    assert "has the tag now" in digest.ok("subscribers", "tag", "alice@example.com", "Gala 2026").out
    assert "had the tag already" in digest.ok("subscribers", "tag", "alice@example.com", "gala 2026").out
    assert "has the tag no more" in digest.ok("subscribers", "untag", "alice@example.com", "gala 2026").out
    assert "did not have the tag" in digest.ok("subscribers", "untag", "alice@example.com", "gala 2026").out

    assert "gets no daily until" in digest.ok("subscribers", "pause", "alice@example.com", "-n", "daily").out
    assert "0 may be mailed; 1 active" in digest.ok("subscribers", "list", "-n", "daily").out
    assert "1 paused" in digest.ok("subscribers", "list", "-n", "daily").out
    again = digest.ok("subscribers", "pause", "alice@example.com", "-n", "daily", "--days", "0").out
    assert "gets daily again" in again
    assert "is not on weekend" in digest.ok("subscribers", "pause", "alice@example.com", "-n", "weekend").out


def test_data_is_all_that_is_held(digest: Terminal, room: Newsroom, alice: int) -> None:
    facts = json.loads(digest.ok("subscribers", "data", "alice@example.com").out)

    assert (facts["name"], facts["tags"]) == ("Alice", ["member"])
    assert facts["subscriptions"][0]["topics"] == ["sport"]
    assert facts["consents"][0]["act"] == "joined"
    assert [(one["issue"], one["state"]) for one in facts["deliveries"]] == [(1, "accepted")]
    assert facts["notices"] == []


def test_forgetting_says_row_by_row_what_it_erased(digest: Terminal, room: Newsroom, alice: int) -> None:
    ran = digest.ok("subscribers", "forget", "alice@example.com", "--yes")

    for said in (
        "alice@example.com is forgotten.",
        "The subscriber: address, name, language and supporter erased",
        "1 place(s) on newsletters: left",
        "1 consent(s): how and by what erased",
        "1 topic(s) deleted",
        "1 tag(s) deleted",
        "1 deliveries: address, name and what servers said erased",
        "A hash of the address stays",
    ):
        assert said in ran.out
    again = digest.ok("subscribers", "forget", "alice@example.com", "--yes", "--json").facts
    assert again == {"address": "alice@example.com", "erased": False, "rows": {}}
    assert digest.ok("deliveries", "list", "1", "--json").facts["deliveries"][0]["address"] == ""


def test_who_got_old_issues_is_deleted_by_command(digest: Terminal, room: Newsroom, alice: int) -> None:
    assert "Who got 0 issue(s) was deleted" in digest.ok("deliveries", "prune").out

    pruned = digest.ok("deliveries", "prune", "--days", "0", "--json").facts

    assert (pruned["issues"], pruned["deliveries"], pruned["more"]) == (1, 1, False)
    assert "readers: deleted on" in digest.ok("issues", "show", "1").out
    assert digest.ok("issues", "report", "1", "--json").facts["accepted"] == 1
    assert json.loads(digest.ok("subscribers", "data", "alice@example.com").out)["deliveries"] == []


def test_who_never_confirmed_is_erased_by_hand_too(digest: Terminal, room: Newsroom) -> None:
    now = room.app.clock()
    asked = subscribers.Consent(at=now, act=subscribers.Act.JOINED, how="form")
    with room.app.database.write() as conn:
        subscribers.add(
            conn,
            "bob@example.com",
            newsletter="daily",
            state=subscribers.State.UNCONFIRMED,
            consent=asked,
            at=now,
        )

    assert "0 sign-up(s)" in digest.ok("subscribers", "prune").out
    assert "1 sign-up(s) that nobody confirmed were erased" in digest.ok("subscribers", "prune", "--days", "0").out
    assert json.loads(digest.ok("subscribers", "prune", "--json").out) == {"erased": 0, "dropped": 0, "more": False}
