"""Tracking: off unless a newsletter says otherwise, told to SES either way, and part of what is approved."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from digest.deliver.senders.ses import SesSender
from digest.errors import NotApproved
from digest.model import Envelope
from digest.render.edition import Renderer
from tests.contracts.sender import ALICE, BOB, MORNING, NOON, messages
from tests.newsroom import SETTINGS, Newsroom
from tests.render.editions import edition


def requests(mode: Any, envelope: Envelope, **fields: Any) -> list[dict[str, Any]]:
    sender = SesSender(clock=lambda: NOON, region="eu-west-1", mode=mode, **fields)
    prepared = sender.prepare(replace(MORNING, envelope=envelope), messages(ALICE, BOB))
    sender.close()
    return [json.loads(body) for body in prepared.request]


@pytest.mark.parametrize("mode", ["bulk", "single"])
@pytest.mark.parametrize(
    ("clicks", "opens"),
    [(False, False), (True, False), (False, True), (True, True)],
)
def test_every_request_says_what_is_tracked_whatever_the_configuration_set_does(
    mode: Any, clicks: bool, opens: bool
) -> None:
    envelope = replace(MORNING.envelope, track_clicks=clicks, track_opens=opens)

    for request in requests(mode, envelope, configuration_set="newsletters"):
        assert request["ConfigurationSetName"] == "newsletters"
        assert request["ConfigurationOverrides"]["Tracking"] == {
            "OpenTrackingEnabled": "ENABLED" if opens else "DISABLED",
            "ClickTrackingEnabled": "ENABLED" if clicks else "DISABLED",
        }


@pytest.mark.parametrize("mode", ["bulk", "single"])
def test_without_a_configuration_set_nothing_can_be_tracked_and_nothing_is_said(mode: Any) -> None:
    for request in requests(mode, MORNING.envelope):
        assert "ConfigurationOverrides" not in request


@pytest.mark.parametrize("theme", ["classic", "plain"])
def test_the_links_that_are_one_readers_own_are_never_tracked(theme: str) -> None:
    renderer, plain = Renderer(), edition()
    tracked = replace(plain, envelope=replace(plain.envelope, track_clicks=True))

    html = renderer.render(tracked, theme).html
    links = html.split("<a ")[1:]

    own = [link for link in links if "unsubscribe_url" in link or "preferences_url" in link]
    assert len(own) >= 2
    assert all(link.startswith("ses:no-track ") for link in own)
    assert not any("ses:no-track" in link for link in links if link not in own)
    assert "ses:no-track" not in renderer.render(plain, theme).html


def test_tracking_is_off_unless_the_newsletter_says_so_and_voids_an_approval(newsroom: Newsroom) -> None:
    newsroom.subscribe("Alice")
    issue = newsroom.approved()
    newsroom.app.proofs.still_approved(issue.id)
    for setting in ("track_clicks = true", "track_opens = true"):
        settings = SETTINGS.replace('timezone = "America/New_York"', f'timezone = "America/New_York"\n{setting}')
        (newsroom.folder / "settings.toml").write_text(settings, encoding="utf-8")
        changed = newsroom.open()

        with pytest.raises(NotApproved):
            changed.proofs.still_approved(issue.id)
        changed.close()
