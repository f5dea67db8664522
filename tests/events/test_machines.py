"""Opens and clicks: the reader's, or those of a machine that looked at the mail before."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
import sqlalchemy as sa

import subscribers
from digest.events.fold import Policy
from digest.events.listening import Listening
from digest.events.machines import sign
from digest.events.record import Recorder
from digest.events.scanners import CLICKS, NETWORKS
from digest.events.silence import Silence
from digest.report.figures import report
from digest.store import responses
from digest.store.responses import Responses
from subscribers.schema import subscription
from tests.events import mails
from tests.events.mails import NOON
from tests.events.post import Post, read

FERRY, CANARY = "https://harbour.example/ferry", "https://digest.harbour.example/news/canary"


def figures(post: Post, issue: int) -> Responses:
    with post.database.read() as conn:
        return responses.of_issue(conn, issue)


def touched(post: Post, name: str = "Alice") -> tuple[datetime | None, datetime | None]:
    """When somebody last clicked and opened."""
    with post.database.read() as conn:
        person = subscribers.find(conn, f"{name.lower()}@example.com")
        assert person
        places = subscription.c
        row = conn.execute(
            sa.select(places.clicked_at, places.opened_at).where(places.subscriber_id == person.id)
        ).one()
    return row.clicked_at, row.opened_at


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (mails.clicked(), ""),
        (mails.opened(), ""),
        (
            mails.opened(agent="Mozilla/5.0 Firefox/11.0 (via ggpht.com GoogleImageProxy)"),
            "",
        ),
        (mails.opened(agent="YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html"), ""),
        (mails.opened(agent="Mozilla/5.0"), "agent"),
        (mails.clicked(agent="python-requests/2.32"), "agent"),
        (mails.clicked(agent="Mozilla/5.0 (compatible; Barracuda Sentinel)"), "agent"),
        (mails.clicked(agent="Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"), "agent"),
        (mails.clicked(network="67.231.152.9"), "network"),
        (mails.clicked(network="192.0.2.200"), "network"),
        (mails.clicked(network="not an address"), ""),
        (
            mails.clicked(agent="Mozilla/5.0 (Windows NT 6.1) AppleWebKit/534+ (KHTML, like Gecko) BingPreview/1.0b"),
            "agent",
        ),
        (mails.clicked(agent="Mozilla/5.0 (Linux; Android 9; CUBOT X19) AppleWebKit/537.36 Chrome/118 Mobile"), ""),
        (mails.opened(agent="Mozilla/4.0 (compatible; ms-office; MSOffice 16)"), ""),
        (mails.clicked(network="40.94.20.7"), "network"),  # Safe Links
        (mails.clicked(network="104.47.127.255"), "network"),
        (mails.clicked(network="104.47.128.0"), ""),
        (mails.clicked(network="2a01:111:f400:7e00::1"), "network"),
        (mails.opened(network="40.94.20.7"), ""),  # perhaps Outlook on the web, for a reader
        (mails.opened(network="170.10.133.9"), "network"),  # Mimecast
        (mails.clicked(network="185.183.31.1"), "network"),  # Proofpoint in Europe
        (mails.opened(network="95.131.111.2"), "network"),  # MessageLabs
        (mails.clicked(network="150.70.1.1"), "network"),  # Trend Micro
        (mails.opened(network="66.249.84.1"), ""),  # Google's image proxy
        (mails.clicked(network="146.112.1.1"), ""),  # Cisco Umbrella: an office browses through it
        (mails.clicked(link=CANARY), "canary"),
        (mails.clicked(link="https://canary.example/"), ""),
    ],
)
def test_what_a_click_or_open_says_by_itself(said: dict[str, Any], why: str) -> None:
    (event,) = read([said])

    assert sign(event, own=["192.0.2.128/25"]) == why


def test_the_networks_are_written_as_they_are_and_none_is_part_of_another() -> None:
    known = [ip_network(network) for network in (*NETWORKS, *CLICKS)]

    for one, other in itertools.combinations(known, 2):
        assert one.version != other.version or not one.overlaps(other), f"{one}, {other}"


def test_humans_and_machines_stand_side_by_side(post: Post) -> None:
    issue = post.issue()

    post.take(
        mails.delivery(),
        mails.opened(10),
        mails.opened(30),
        mails.clicked(31),
        mails.opened(5, name="Bob", position=2, agent="Mozilla/5.0"),
        mails.clicked(7, name="Charlie", position=3, agent="curl/8"),
    )

    assert figures(post, issue) == Responses(
        opens=2, opened=1, machine_opens=1, machine_opened=1, clicks=1, clicked=1, machine_clicks=1, machine_clicked=1
    )
    with post.database.read() as conn:
        lines = report(conn, issue).lines()
    assert "          1 opened it, 2 times in all; machines did 1 times" in lines
    assert "          1 followed a link, 1 times in all; machines did 1 times" in lines


def test_nobody_clicks_within_seconds_of_the_delivery(post: Post) -> None:
    issue = post.issue()

    post.take(mails.clicked(4 / 60), mails.clicked(3))
    assert figures(post, issue).clicks == 2, "when it was delivered is not known yet"
    post.take(mails.delivery())

    found = figures(post, issue)
    assert (found.clicks, found.machine_clicks) == (1, 1)


def test_several_links_within_a_second_are_a_program_s(post: Post) -> None:
    issue = post.issue()

    post.take(mails.clicked(10))
    assert touched(post)[0] == NOON + timedelta(minutes=10)
    post.take(mails.clicked(10.005, link=FERRY))

    assert (figures(post, issue).clicks, figures(post, issue).machine_clicks) == (0, 2)
    assert touched(post)[0] is None, "it was no sign of life after all"


def test_the_same_link_twice_is_an_impatient_reader(post: Post) -> None:
    issue = post.issue()

    post.take(mails.clicked(10), mails.clicked(10.005))

    assert figures(post, issue).clicks == 2


def test_whoever_follows_the_link_that_nobody_sees_follows_everything(post: Post) -> None:
    issue = post.issue()

    post.take(mails.opened(10), mails.clicked(10.2), mails.clicked(10.4, link=CANARY), mails.clicked(200, link=FERRY))

    found = figures(post, issue)
    assert (found.clicks, found.machine_clicks, found.opens, found.machine_opens) == (1, 2, 0, 1)


def test_the_last_click_and_open_of_a_person_are_signs_of_life(post: Post) -> None:
    post.issue()

    post.take(mails.clicked(40), mails.opened(35))
    post.take(mails.clicked(20), mails.clicked(50, agent="curl/8"), mails.opened(39))

    assert touched(post) == (NOON + timedelta(minutes=40), NOON + timedelta(minutes=39))
    assert touched(post, "Bob") == (None, None)


# --- Only figures remain -----------------------------------------------------------------------------------


def listening(post: Post) -> Listening:
    return Listening(
        post.database,
        None,
        Recorder(post.database, Policy(), clock=post.clock),
        Silence(post.database, resend=False, clock=post.clock),
        keep=timedelta(days=90),
        clock=post.clock,
    )


def test_after_a_while_only_figures_remain(post: Post) -> None:
    old = post.issue()
    post.take(mails.delivery(), mails.opened(), mails.clicked(), mails.clicked(1, agent="curl/8"))
    post.take_texts("Good morning.")
    post.take(mails.send(issue=9999))
    before = figures(post, old)

    post.now += timedelta(days=89)
    assert listening(post).prune() == 0
    post.now += timedelta(days=2)
    assert listening(post).prune() == 6

    assert (post.events(), post.asides()) == (0, [])
    assert figures(post, old) == before
    assert post.state(old, "Alice").value == "delivered"


def test_what_is_told_after_that_is_added(post: Post) -> None:
    old = post.issue()
    post.take(mails.clicked())
    post.now += timedelta(days=91)
    listening(post).prune()

    post.take(mails.clicked(60 * 24 * 91, name="Bob", position=2))
    listening(post).prune()

    assert (figures(post, old).clicks, figures(post, old).clicked) == (2, 2)


def test_the_worker_prunes_by_itself(post: Post) -> None:
    post.issue()
    post.take(mails.clicked())
    post.now += timedelta(days=91)
    listens = listening(post)

    assert listens.is_due()
    assert listens.listen(lambda: False).pruned == 1
    assert not listens.is_due()
