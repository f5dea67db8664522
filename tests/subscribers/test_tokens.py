"""Signed links."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers import BadToken, Tokens, WeakKey
from tests.subscribers.conftest import NOW, later

OLD, NEW = "an old secret of the newsroom", "a new secret of the newsroom"


@given(st.integers(min_value=0, max_value=2**62), st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True))
def test_a_link_names_the_person_and_the_newsletter(subscriber_id: int, newsletter: str) -> None:
    tokens = Tokens([NEW])
    assert tokens.read_leave(tokens.leave(subscriber_id, newsletter)) == (subscriber_id, newsletter)


def test_a_link_can_stand_in_a_url_as_it_is() -> None:
    token = Tokens([NEW]).leave(10_000_000, "daily")
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
    assert len(token) < 40


def test_a_link_for_one_purpose_is_worth_nothing_for_another() -> None:
    tokens = Tokens([NEW])
    with pytest.raises(BadToken):
        tokens.read_leave(tokens.preferences(7, "daily"))
    with pytest.raises(BadToken):
        tokens.read_preferences(tokens.view(7, "daily"))
    with pytest.raises(BadToken):
        tokens.read_leave(tokens.confirm(7, "daily", at=NOW))


def test_old_links_work_after_the_secret_has_changed() -> None:
    token = Tokens([OLD]).leave(7, "daily")
    assert Tokens([NEW, OLD]).read_leave(token) == (7, "daily")
    with pytest.raises(BadToken):
        Tokens([NEW]).read_leave(token)


def test_new_links_are_signed_with_the_first_secret() -> None:
    token = Tokens([NEW, OLD]).leave(7, "daily")
    assert Tokens([NEW]).read_leave(token) == (7, "daily")


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-5], lambda t: "8" + t[1:], lambda t: t + "x", lambda _: "", lambda _: "é.\udc80"]
)
def test_a_spoilt_link_is_explained_to_the_reader(spoil: object) -> None:
    tokens = Tokens([NEW])
    with pytest.raises(BadToken, match="not complete or not one of ours"):
        tokens.read_leave(spoil(tokens.leave(7, "daily")))  # type: ignore[operator]


@pytest.mark.parametrize("other", ["7.daily", "7.daily.", ".daily.x", "7..x", "7.daily.x.y", "0.daily", "daily"])
def test_what_only_looks_like_a_link_is_not_ours(other: str) -> None:
    with pytest.raises(BadToken):
        Tokens([NEW]).read_leave(other)


def test_a_link_that_was_written_in_another_way_is_not_ours() -> None:
    token = Tokens([NEW]).leave(0xAB, "daily")
    for same_reader in (token.replace("ab.", "0ab.", 1), token.replace("ab.", "AB.", 1)):
        with pytest.raises(BadToken):
            Tokens([NEW]).read_leave(same_reader)


def test_a_view_link_names_issue_and_edition() -> None:
    tokens = Tokens([NEW])
    assert tokens.read_view(tokens.view(12, "ask")) == (12, "ask")


def test_a_confirmation_knows_when_it_was_asked_for_and_can_run_out() -> None:
    tokens = Tokens([NEW])
    token = tokens.confirm(7, "daily", at=NOW)
    assert tokens.read_confirm(token, now=later(1), max_age=timedelta(days=3)) == (7, "daily", NOW)
    assert tokens.read_confirm(token, now=later(400)) == (7, "daily", NOW)
    with pytest.raises(BadToken, match="good until 2026-11-25 06:00 UTC"):
        tokens.read_confirm(token, now=later(4), max_age=timedelta(days=3))


@pytest.mark.parametrize("keys", [[], ["short"], [NEW, ""]])
def test_weak_secrets_are_refused(keys: list[str]) -> None:
    with pytest.raises(WeakKey, match="16 characters"):
        Tokens(keys)


def test_a_name_that_cannot_stand_in_a_link_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="cannot stand in a link"):
        Tokens([NEW]).leave(7, "the.daily")
