"""A stranger who knows our topic's name can have us fetch a certificate now and then, and no more than that."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from digest.errors import FetchError
from digest.events.certificates import Busy, Forged
from digest.events.sns import Verifier
from tests.events.mails import NOON
from tests.events.signer import CERTIFICATE, TOPIC, Signer


def elsewhere(number: int) -> str:
    return f"https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-{number}.pem"


class Gate:
    """A verifier, the time that it reads, and what SNS answers to who asks for a certificate."""

    def __init__(self, answer: Callable[[str], bytes] | None = None) -> None:
        self.now = NOON
        self.sns, self.mallory = Signer(), Signer("mallory.example")
        self.asked: list[str] = []
        self.answer = answer or self.sns.fetch
        self.verifier = Verifier([TOPIC], fetch=self._fetch, clock=self._clock)

    def _fetch(self, url: str) -> bytes:
        self.asked.append(url)
        return self.answer(url)

    def _clock(self) -> datetime:
        return self.now

    def forged(self, url: str) -> str:
        """What becomes of Mallory's message, which names this certificate: 'Forged', 'Busy' or 'FetchError'."""
        with pytest.raises((Forged, Busy, FetchError)) as told:
            self.verifier.verified(self.mallory.body("Alice bounced", SigningCertURL=url, at=self.now))
        return type(told.value).__name__

    def is_believed(self, url: str = CERTIFICATE) -> bool:
        try:
            return bool(self.verifier.verified(self.sns.body("Hello", SigningCertURL=url, at=self.now)))
        except Busy:
            return False


def missing(url: str) -> bytes:
    raise FetchError(f"Could not fetch {url}: it is not there.", status=403)


def unanswered(url: str) -> bytes:
    raise FetchError(f"Could not fetch {url}: no connection.", unanswered=True)


def test_mallory_who_names_a_new_certificate_each_time_has_us_fetch_ten_a_minute() -> None:
    gate = Gate(missing)

    outcomes = [gate.forged(elsewhere(number)) for number in range(200)]

    assert outcomes == ["FetchError"] * 10 + ["Busy"] * 190
    assert len(gate.asked) == 10
    gate.now += timedelta(seconds=61)
    assert [gate.forged(elsewhere(number)) for number in range(200, 220)] == ["FetchError"] * 10 + ["Busy"] * 10


def test_meanwhile_sns_is_believed_by_the_certificate_that_is_known() -> None:
    gate = Gate()
    assert gate.is_believed()
    gate.answer = missing
    for number in range(50):
        gate.forged(elsewhere(number))

    assert gate.is_believed()


def test_certificates_of_sns_s_that_sign_nothing_for_us_do_not_drive_out_the_one_that_does() -> None:
    gate = Gate()
    assert gate.is_believed()
    for number in range(60):
        gate.forged(elsewhere(number))
        gate.now += timedelta(seconds=10)
    gate.asked.clear()

    assert gate.is_believed()
    assert gate.asked == []


def test_what_is_fetched_does_not_fill_the_memory() -> None:
    gate = Gate()
    for number in range(40):
        assert gate.is_believed(elsewhere(number))
        gate.now += timedelta(seconds=10)
    gate.asked.clear()

    assert gate.is_believed(elsewhere(39))
    assert gate.asked == []
    assert gate.is_believed(elsewhere(0))
    assert gate.asked == [elsewhere(0)]


@pytest.mark.parametrize(
    ("answer", "again", "soon", "late"),
    [
        (missing, "Busy", timedelta(minutes=4), timedelta(minutes=6)),
        (lambda _: b"<html>", "Forged", timedelta(minutes=4), timedelta(minutes=6)),
        (unanswered, "Busy", timedelta(seconds=10), timedelta(seconds=20)),
    ],
)
def test_where_no_certificate_was_nobody_asks_again_for_a_while(
    answer: Callable[[str], bytes], again: str, soon: timedelta, late: timedelta
) -> None:
    gate = Gate(answer)
    gate.forged(CERTIFICATE)

    gate.now += soon
    assert gate.forged(CERTIFICATE) == again
    assert gate.asked == [CERTIFICATE]
    gate.now = NOON + late
    gate.forged(CERTIFICATE)
    assert gate.asked == [CERTIFICATE] * 2


def test_sns_is_believed_once_its_certificate_can_be_had_again() -> None:
    gate = Gate(unanswered)
    assert gate.forged(CERTIFICATE) == "FetchError"
    gate.answer = gate.sns.fetch

    assert not gate.is_believed()
    gate.now += timedelta(seconds=20)  # when SNS comes again
    assert gate.is_believed()


def test_a_clock_that_is_set_back_keeps_nobody_waiting() -> None:
    gate = Gate()
    for number in range(10):
        gate.forged(elsewhere(number))
    assert not gate.is_believed()

    gate.now -= timedelta(days=1)

    assert gate.is_believed()


def test_while_two_certificates_are_slow_to_come_everybody_else_is_sent_away_at_once() -> None:
    arrived = threading.Semaphore(0)
    goes_on = threading.Event()

    def slow(url: str) -> bytes:
        arrived.release()
        assert goes_on.wait(20)
        return missing(url)

    gate = Gate(slow)
    with ThreadPoolExecutor(2) as pages:
        waiting = [pages.submit(gate.forged, elsewhere(number)) for number in range(2)]
        for _ in waiting:
            assert arrived.acquire(timeout=20)

        assert gate.forged(elsewhere(0)) == "Busy", "the one that is being fetched"
        assert [gate.forged(elsewhere(number)) for number in range(3, 40)] == ["Busy"] * 37
        assert len(gate.asked) == 2
        goes_on.set()
        assert [one.result() for one in waiting] == ["FetchError"] * 2


def test_a_message_that_lacks_what_is_signed_has_nothing_fetched() -> None:
    gate = Gate()
    said = gate.sns.envelope("Hello")
    del said["MessageId"]
    with pytest.raises(Forged, match="MessageId"):
        gate.verifier.verified(json.dumps(said).encode())

    assert gate.asked == []
