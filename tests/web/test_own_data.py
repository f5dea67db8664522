"""What we hold on somebody: shown, downloaded and erased behind a link that came by mail and runs out."""

from __future__ import annotations

import json

import httpx
import pytest

import subscribers
from tests.newsroom import Clock
from tests.web.conftest import Site, read


@pytest.fixture
def clock(site: Site) -> Clock:
    site.room.clock = Clock()
    return site.room.clock


def _link(site: Site, subscriber_id: int) -> str:
    site.post(site.preferences_link(subscriber_id), form="data")
    return site.link_in(site.mail()[-1], "/data")


def _held(site: Site, subscriber_id: int) -> bool:
    with site.room.app.database.read() as conn:
        try:
            subscribers.get(conn, subscriber_id)
        except subscribers.UnknownSubscriber:
            return False
    return True


def test_alice_asks_for_her_data_and_gets_all_of_it_as_a_file(site: Site) -> None:
    [alice] = site.room.subscribe("Alice", supporter="monthly")
    issue = site.room.frozen()
    site.room.deliver(issue)
    link = _link(site, alice)
    assert "This is about alice@example.com." in read(site.http.get(link))

    file = site.post(link, form="download")

    assert file.headers["content-disposition"] == 'attachment; filename="my-data.json"'
    facts = json.loads(file.text)
    told = json.dumps(facts)
    for held in ("alice@example.com", "Alice", "monthly", "daily", "joined"):
        assert held in told
    assert facts["deliveries"]


def test_alice_erases_herself_after_saying_that_she_is_sure(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    link = _link(site, alice)

    unsure = site.post(link, form="erase")
    assert "Nothing was erased. Please tick the box first." in read(unsure)
    assert _held(site, alice)

    answer = site.post(link, form="erase", sure="yes")

    assert "You are erased" in read(answer)
    assert not _held(site, alice)
    assert "alice@example.com" not in site.everything_stored()
    assert "You are not on our list" in read(site.http.get(link))


def test_neither_a_get_nor_a_post_of_something_else_erases(site: Site) -> None:
    [alice] = site.room.subscribe("Alice")
    link = _link(site, alice)

    for answer in (site.http.get(link), site.one_click(link), site.post(link, sure="yes")):
        assert answer.status_code == 200
    assert _held(site, alice)


def test_the_link_runs_out_after_a_day_and_says_how_to_get_another(site: Site, clock: Clock) -> None:
    [alice] = site.room.subscribe("Alice")
    link = _link(site, alice)
    clock.turn(hours=25)

    answers: list[httpx.Response] = [site.http.get(link)]
    answers += [site.post(link, form=form, sure="yes") for form in ("download", "erase")]
    for answer in answers:
        assert answer.status_code == 410
        assert "This link has run out" in read(answer)
        assert "link/daily" in answer.text
        assert "alice" not in answer.text
    assert _held(site, alice)


def test_links_of_other_purposes_open_no_data(site: Site, clock: Clock) -> None:
    [alice] = site.room.subscribe("Alice")
    tokens = site.room.app.tokens
    others = (
        tokens.preferences(alice, "daily"),
        tokens.leave(alice, "daily"),
        tokens.confirm(alice, "daily", at=clock()),
    )

    for token in others:
        assert site.http.get(f"/data/{token}").status_code == 404
        assert site.post(f"/data/{token}", form="erase", sure="yes").status_code == 404
    assert _held(site, alice)
