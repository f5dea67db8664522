"""The hook over HTTP: SNS is answered after the commit, and who forges is told nothing."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.errors import FetchError, SenderError, StoreError
from digest.events.sns import Verifier
from digest.model import DeliveryState
from digest.store import deliveries
from digest.web.hooks import HOOK, MOST_BYTES
from digest.web.pages import create_app
from tests.events import mails
from tests.events.mails import NOON, text
from tests.events.signer import TOPIC, Signer
from tests.newsroom import SETTINGS, Clock, Newsroom
from tests.web.conftest import served


class Confirming:
    """Stands where Amazon does; remembers what was confirmed."""

    def __init__(self) -> None:
        self.confirmed: list[tuple[str, str]] = []

    def confirm(self, topic: str, token: str) -> None:
        self.confirmed.append((topic, token))


class Site:
    def __init__(self, room: Newsroom, url: str) -> None:
        self.room = room
        self.sns = Signer()
        self.amazon = Confirming()
        app = room.app
        vars(app)["verifier"] = Verifier([TOPIC], fetch=self.sns.fetch, clock=app.clock)
        vars(app)["amazon"] = self.amazon
        self.client = httpx.Client(base_url=url, timeout=10)

    def post(self, body: bytes) -> int:
        answer = self.client.post(HOOK, content=body, headers={"Content-Type": "text/plain; charset=UTF-8"})
        assert "set-cookie" not in answer.headers
        assert answer.content == b"" or answer.status_code >= 500
        return answer.status_code

    def states(self, issue: int) -> list[DeliveryState]:
        with self.room.app.database.read() as conn:
            return [row.state for row in deliveries.listed(conn, issue)]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    room = Newsroom(tmp_path, settings=SETTINGS)
    room.clock = Clock(NOON)
    with served(create_app(room.app)) as url:
        site = Site(room, url)
        yield site
        site.client.close()
    room.app.close()


def sent(site: Site) -> int:
    site.room.subscribe("Alice")
    site.room.clock = None
    issue = site.room.frozen()
    site.room.deliver(issue)
    site.room.clock = Clock(NOON)
    return issue.id


def test_a_bounce_that_sns_posts_is_recorded_before_it_is_answered(site: Site) -> None:
    issue = sent(site)

    status = site.post(site.sns.body(text(mails.bounce(issue=issue))))

    assert (status, site.states(issue)) == (204, [DeliveryState.BOUNCED])


@pytest.mark.parametrize("version", ["1", "2"])
def test_the_same_message_again_is_answered_and_counts_once(site: Site, version: str) -> None:
    issue = sent(site)
    body = site.sns.body(text(mails.complaint(issue=issue)), version=version)

    assert [site.post(body), site.post(body)] == [204, 204]
    assert site.states(issue) == [DeliveryState.COMPLAINED]


def test_a_subscription_is_confirmed_by_the_api_and_nothing_is_fetched_but_the_certificate(site: Site) -> None:
    status = site.post(site.sns.body("You have chosen to subscribe", kind="SubscriptionConfirmation"))

    assert status == 204
    assert site.amazon.confirmed == [(TOPIC, "a-token")]
    assert [url for url in site.sns.asked if "Confirm" in url] == []


def test_a_confirmation_that_is_played_again_does_not_have_us_call_sns_again(site: Site) -> None:
    body = site.sns.body("You have chosen to subscribe", kind="SubscriptionConfirmation")
    another = site.sns.body("You have chosen to subscribe", kind="SubscriptionConfirmation", Token="another-token")

    assert [site.post(body) for _ in range(20)] == [204] * 20
    assert site.post(another) == 204

    assert site.amazon.confirmed == [(TOPIC, "a-token"), (TOPIC, "another-token")]


def test_a_confirmation_that_sns_did_not_take_is_tried_when_it_comes_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = site.sns.body("You have chosen to subscribe", kind="SubscriptionConfirmation")

    def away(*_: object) -> None:
        raise SenderError("The topic could not be reached.")

    with monkeypatch.context() as outage:
        outage.setattr(site.amazon, "confirm", away)
        assert site.post(body) == 503

    assert (site.post(body), site.amazon.confirmed) == (204, [(TOPIC, "a-token")])


def test_a_subscription_to_somebody_else_s_topic_is_not_confirmed(site: Site) -> None:
    theirs = "arn:aws:sns:eu-west-1:666666666666:theirs"

    status = site.post(site.sns.body("subscribe", kind="SubscriptionConfirmation", TopicArn=theirs))

    assert (status, site.amazon.confirmed) == (403, [])


def test_a_forged_bounce_moves_nobody_and_is_told_nothing(site: Site) -> None:
    issue = sent(site)
    stranger = Signer("stranger.example")

    assert site.post(stranger.body(text(mails.bounce(issue=issue)))) == 403
    assert site.states(issue) == [DeliveryState.ACCEPTED]


def test_while_the_database_is_away_sns_is_to_try_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise StoreError("The database did not answer as it should.")

    monkeypatch.setattr(site.room.app.recorder, "take", away)

    assert site.post(site.sns.body(text(mails.send()))) == 503


def test_while_the_certificate_cannot_be_had_sns_is_to_try_again(site: Site) -> None:
    def down(_: str) -> bytes:
        raise FetchError("No answer.")

    vars(site.room.app)["verifier"] = Verifier([TOPIC], fetch=down, clock=site.room.app.clock)

    assert site.post(site.sns.body(text(mails.send()))) == 503


def test_readers_get_their_pages_while_forgers_have_us_fetch_certificates_that_are_slow_to_come(site: Site) -> None:
    goes_on, mallory = threading.Event(), Signer("mallory.example")

    def slow(_: str) -> bytes:
        assert goes_on.wait(60)
        raise FetchError("No answer.")

    def forge(number: int) -> int:
        url = f"https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-{number}.pem"
        return site.post(mallory.body("Alice bounced", SigningCertURL=url))

    vars(site.room.app)["verifier"] = Verifier([TOPIC], fetch=slow, clock=site.room.app.clock)
    # More than there are threads for pages.
    with ThreadPoolExecutor(60) as forgers:
        answers = [forgers.submit(forge, number) for number in range(60)]
        at_once = [one.result() for one in itertools.islice(as_completed(answers, timeout=9), 58)]
        page = site.client.get("/join/daily").status_code
        goes_on.set()

    assert at_once == [503] * 58
    assert page == 200


def test_a_body_that_is_too_large_is_not_read_to_its_end(site: Site) -> None:
    assert site.post(b"x" * (MOST_BYTES + 1)) == 413


def test_what_nobody_can_read_is_set_aside_and_not_sent_again_and_again(site: Site) -> None:
    from digest.store import events

    assert site.post(site.sns.body("Good morning.")) == 204
    with site.room.app.database.read() as conn:
        assert [aside.way for aside in events.asides(conn)] == ["hook"]


def test_without_topics_in_the_settings_nobody_is_believed(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    with served(create_app(room.app)) as url:
        assert httpx.post(url + HOOK, content=Signer().body("Hello")).status_code == 403
    room.app.close()


def test_there_is_nothing_to_see(site: Site) -> None:
    assert site.client.get(HOOK).status_code in (404, 405)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=400) | st.recursive(st.none() | st.text(max_size=9), st.lists).map(json.dumps))
def test_whatever_is_posted_is_refused(site: Site, body: bytes | str) -> None:
    assert site.post(body.encode() if isinstance(body, str) else body) == 403
