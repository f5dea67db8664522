"""SMTP against a server on the loopback: what each refusal, and each moment of hanging up, means for a reader."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import Any

import pytest

from digest.deliver.senders.smtp import Server, SmtpSender
from digest.errors import AccountError, PaceError
from digest.model import DeliveryState, Receipt
from tests.contracts.sender import ALICE, BOB, CHARLIE, MORNING, NOON, Arrived, SenderContract, messages
from tests.doubles.smtp import SmtpDouble
from tests.doubles.smtp.server import CERTIFICATE, Step

ACCEPTED, REFUSED, UNCERTAIN, PLANNED = (
    DeliveryState.ACCEPTED,
    DeliveryState.REFUSED,
    DeliveryState.UNCERTAIN,
    DeliveryState.PLANNED,
)


class Mail:
    def __init__(self, server: SmtpDouble, **fields: Any) -> None:
        self.server = server
        settings: dict[str, Any] = {"host": "127.0.0.1", "port": server.port, "security": "none", "timeout": 5.0}
        self.sender = SmtpSender(Server(**(settings | fields)), clock=lambda: NOON)

    def arrived(self) -> list[Arrived]:
        return [Arrived.from_bytes(mail.data) for mail in self.server.accepted]

    def send(self) -> list[Receipt]:
        return self.sender.send(self.sender.prepare(MORNING, messages(ALICE, BOB, CHARLIE)))


@pytest.fixture
def post() -> Iterator[Mail]:
    with SmtpDouble() as server:
        yield Mail(server)


class TestSmtp(SenderContract):
    pass


def trusting() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(CERTIFICATE))


def test_a_batch_takes_one_connection(post: Mail) -> None:
    post.send()
    post.send()

    assert [mail.connection for mail in post.server.accepted] == [1, 1, 1, 2, 2, 2]


def test_the_envelope_names_sender_and_reader(post: Mail) -> None:
    post.send()

    assert {mail.sender for mail in post.server.accepted} == {"news@riverbend.example"}
    assert [mail.to for mail in post.server.accepted] == [ALICE.address, BOB.address, CHARLIE.address]


def test_no_line_is_longer_than_smtp_allows(post: Mail) -> None:
    post.send()

    assert max(len(line) for line in post.server.accepted[0].data.split(b"\r\n")) <= 998
    assert b"\n" not in post.server.accepted[0].data.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    ("step", "reply", "state"),
    [
        ("rcpt", "550 5.1.1 no such person", REFUSED),
        ("rcpt", "450 4.2.1 come back later", PLANNED),
        ("end", "554 5.7.1 not to this reader", REFUSED),
        ("end", "451 4.3.0 try again", PLANNED),
    ],
)
def test_a_reply_about_one_reader_is_that_readers_alone(
    post: Mail, step: Step, reply: str, state: DeliveryState
) -> None:
    post.server.refuse(step, reply, to=BOB.address)

    receipts = post.send()

    assert [receipt.state for receipt in receipts] == [ACCEPTED, state, ACCEPTED]
    assert receipts[1].reason == f"{reply[:3]}: {reply[4:]}"
    assert [mail.to for mail in post.server.accepted] == [ALICE.address, CHARLIE.address]


@pytest.mark.parametrize(
    ("step", "reply"),
    [
        ("mail", "553 5.1.8 sender domain does not exist"),
        ("mail", "554 Message rejected: Email address is not verified."),
        ("rcpt", "554 5.7.1 Relay access denied"),
        ("data", "554 5.7.1 policy"),
        ("hello", "554 no service"),
    ],
)
def test_a_refusal_of_us_pauses_and_blames_nobody(post: Mail, step: Step, reply: str) -> None:
    post.server.refuse(step, reply)

    with pytest.raises(AccountError) as stopped:
        post.send()
    assert not stopped.value.waits
    assert post.server.accepted == []


@pytest.mark.parametrize(
    ("step", "reply"),
    [
        ("hello", "421 too busy"),
        ("mail", "454 Throttling failure: Maximum sending rate exceeded."),
        ("end", "454 Throttling failure: Maximum sending rate exceeded."),
    ],
)
def test_a_throttled_batch_may_be_tried_again(post: Mail, step: Step, reply: str) -> None:
    post.server.refuse(step, reply)

    with pytest.raises(PaceError):
        post.send()
    assert post.server.accepted == []


def test_throttling_in_mid_batch_keeps_what_was_accepted_and_plans_the_rest(post: Mail) -> None:
    post.server.refuse("end", "454 Throttling failure: Maximum sending rate exceeded.", to=BOB.address)

    assert [receipt.state for receipt in post.send()] == [ACCEPTED, PLANNED, PLANNED]


def test_a_full_day_waits(post: Mail) -> None:
    post.server.refuse("end", "454 Throttling failure: Daily message quota exceeded.")

    with pytest.raises(AccountError) as stopped:
        post.send()
    assert stopped.value.waits


def test_hanging_up_after_the_data_leaves_that_reader_in_doubt_and_plans_the_rest(post: Mail) -> None:
    post.server.drop("end", to=BOB.address)

    receipts = post.send()

    assert [receipt.state for receipt in receipts] == [ACCEPTED, UNCERTAIN, PLANNED]
    assert [mail.to for mail in post.server.accepted] == [ALICE.address, BOB.address]


@pytest.mark.parametrize("step", ["rcpt", "data"])
def test_hanging_up_before_the_data_loses_nothing(post: Mail, step: Step) -> None:
    post.server.drop(step, to=BOB.address)

    assert [receipt.state for receipt in post.send()] == [ACCEPTED, PLANNED, PLANNED]
    assert [mail.to for mail in post.server.accepted] == [ALICE.address]


def test_a_server_that_is_not_there_may_be_tried_again() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        server = Server(host="127.0.0.1", port=taken.getsockname()[1], security="none", timeout=2.0)
        sender = SmtpSender(server, clock=lambda: NOON)
        with pytest.raises(PaceError, match="could not be reached"):
            sender.send(sender.prepare(MORNING, messages(ALICE)))


def test_the_same_refusal_for_a_whole_batch_is_not_about_its_readers(post: Mail) -> None:
    post.server.refuse("end", "550 5.7.1 looks like spam")
    prepared = post.sender.prepare(MORNING, messages(*[ALICE] * 10))

    with pytest.raises(AccountError, match="looks like spam"):
        post.sender.send(prepared)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_connection_is_encrypted_before_the_password_is_told(security: Any) -> None:
    with SmtpDouble(security=security, login=("riverbend", "secret")) as server:
        post = Mail(server, security=security, tls=trusting(), username="riverbend", password="secret")

        assert [receipt.state for receipt in post.send()] == [ACCEPTED] * 3
        assert all(mail.encrypted for mail in server.accepted)


def test_a_wrong_password_pauses_and_is_not_repeated_in_the_message() -> None:
    with SmtpDouble(login=("riverbend", "secret")) as server:
        with pytest.raises(AccountError) as stopped:
            Mail(server, username="riverbend", password="wrong-secret").send()
        assert "wrong-secret" not in str(stopped.value)
        assert "password" in stopped.value.hint


def test_a_certificate_that_nobody_vouches_for_pauses() -> None:
    with SmtpDouble(security="starttls") as server, pytest.raises(AccountError, match="secure connection"):
        Mail(server, security="starttls").send()


def test_a_server_without_encryption_is_not_talked_to_when_encryption_is_asked_for() -> None:
    with SmtpDouble() as server:
        with pytest.raises(AccountError, match="cannot do"):
            Mail(server, security="starttls").send()
        assert server.accepted == []


def test_a_lost_answer_for_the_only_reader_is_doubt_about_that_reader(post: Mail) -> None:
    post.server.drop("end")

    (receipt,) = post.sender.send(post.sender.prepare(MORNING, messages(ALICE)))
    assert receipt.state is UNCERTAIN
