"""The link that no reader sees: it is in the mail where clicks are tracked, and who follows it is counted apart."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from digest.render.check import check
from digest.render.edition import Renderer
from digest.render.reading import read_page
from digest.report.figures import report
from tests.doubles.ses import SesDouble
from tests.doubles.ses.events import Event
from tests.newsroom import SETTINGS, Newsroom
from tests.render.editions import edition

THEMES = ["classic", "plain"]
CANARY = "%%{canary_url}%%"
TRACKED = replace(edition(), envelope=replace(edition().envelope, track_clicks=True))


@pytest.mark.parametrize("theme", THEMES)
def test_where_clicks_are_tracked_the_html_has_a_link_without_words(theme: str) -> None:
    rendered = Renderer().render(TRACKED, theme)

    [link] = re.findall(rf"<a [^<>]*{re.escape(CANARY)}[^<>]*>(.*?)</a>", rendered.html)
    assert link == ""
    assert "canary" not in rendered.text, "whoever reads the text part would see it"
    assert rendered.text == Renderer().render(edition(), theme).text


@pytest.mark.parametrize("theme", THEMES)
def test_where_clicks_are_not_tracked_nobody_would_tell_of_it_and_it_is_not_there(theme: str) -> None:
    opened = replace(edition(), envelope=replace(edition().envelope, track_opens=True))

    for untracked in (edition(), opened):
        assert "canary" not in Renderer().render(untracked, theme).html


@pytest.mark.parametrize("theme", THEMES)
def test_it_changes_no_word_that_a_reader_reads_and_the_check_has_nothing_to_say_about_it(theme: str) -> None:
    renderer = Renderer()
    without, with_it = renderer.render(edition(), theme), renderer.render(TRACKED, theme)

    assert read_page(with_it.html).words == read_page(without.html).words
    assert [(f.code, f.message) for f in check(with_it, TRACKED)] == [
        (f.code, f.message) for f in check(without, edition())
    ]


@pytest.mark.parametrize("notice", ["confirm", "welcome", "goodbye"])
def test_a_notice_never_has_it(notice: str) -> None:
    renderer = Renderer()

    assert "canary" not in renderer.render_notice(notice, "en", renderer.notice_sample(notice)).html


# --- From the mail to the report ---------------------------------------------------------------------------


@pytest.fixture
def tracking(tmp_path: Path, ses: SesDouble, aws: Callable[[str], None], database_url: str) -> Iterator[Newsroom]:
    """A newsroom whose newsletter tracks clicks, and sends through the SES double."""
    aws(ses.url)
    settings = SETTINGS.replace("[newsletters.daily]\n", "[newsletters.daily]\ntrack_clicks = true\n", 1)
    environment = {"DIGEST_SENDER": "ses", "DIGEST_DATABASE_URL": database_url}
    room = Newsroom(tmp_path, settings=settings, environment=environment)
    yield room
    room.app.close()


def _clicked(delivered: Event, link: str, *, seconds: float) -> str:
    """As SES tells of a click on a link of this very mail."""
    at = datetime.fromisoformat(delivered["delivery"]["timestamp"]) + timedelta(seconds=seconds)
    click: dict[str, Any] = {"link": link, "linkTags": None, "ipAddress": "192.0.2.7", "userAgent": "Firefox/145"}
    click["timestamp"] = at.isoformat()
    return json.dumps({"eventType": "Click", "mail": delivered["mail"], "click": click})


def test_a_scanner_that_follows_every_link_of_a_mail_is_counted_apart_from_its_reader(
    tracking: Newsroom, ses: SesDouble
) -> None:
    tracking.subscribe("Alice", "Bob")
    issue = tracking.frozen()
    tracking.deliver(issue)
    delivered = [event for event in ses.events if event["eventType"] == "Delivery"]
    links = [re.findall(r'<a (?!ses:no-track)[^<>]*href="(http[^"]+)"', mail.html) for mail in ses.mails]

    # Before Alice's mailbox a scanner follows all, a link every two seconds; Bob follows the first story himself.
    assert "https://digest.harbour.example/canary" in links[0]
    scanned = [_clicked(delivered[0], link, seconds=120.0 + 2 * at) for at, link in enumerate(links[0])]
    visited = next(link for link in links[1] if "canary" not in link)
    tracking.app.recorder.take([json.dumps(event) for event in delivered], way="queue")
    tracking.app.recorder.take([*scanned, _clicked(delivered[1], visited, seconds=600)], way="queue")

    with tracking.app.database.read() as conn:
        lines = report(conn, issue.id).lines()
    assert f"          1 followed a link, 1 times in all; machines did {len(scanned)} times" in lines
