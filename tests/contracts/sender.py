"""What every sender must do, whatever carries the mail: one suite for SES, the outbox and SMTP.

A sender's test class inherits `SenderContract` and gives a `post`: the sender, and what arrived.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from typing import Protocol

import pytest

from digest.deliver.message import personalise
from digest.deliver.senders.port import Sender
from digest.errors import AccountError, PaceError
from digest.model import DeliveryState, Envelope, Message, Recipient, Rendered

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ALICE = Recipient(position=1, subscriber_id=11, address="alice@example.org", name="Alice")
BOB = Recipient(position=2, subscriber_id=12, address="bob+news@example.com", name="<b>Bob</b> & {{Co}}")
CHARLIE = Recipient(position=3, subscriber_id=13, address="charlie@example.net")
DORA = Recipient(position=4, subscriber_id=14, address="dorá@example.org", name="Dora")
EMIL = Recipient(position=5, subscriber_id=15, address="emil@bücher.example", name="Emil")

RIVERBEND = Envelope(
    sender_name="Riverbend Täglich, “die Zeitung” am Fluss und in den Bergen, jeden Morgen neu",
    sender_address="news@riverbend.example",
    reply_to="desk@riverbend.example",
    list_id="daily.riverbend.example",
)
HTML = """<!doctype html><html><head><style>@media print{.a{color:red}}</style></head><body>
<p>Good morning, {%%{name}%%}. \\%%{name}%%</p><p>The budget: {{budget}}, {{{budget}}}, {{#if x}} and \\{{that}}</p>
<p>Zürich – naïve – שלום</p><a href="%%{unsubscribe_url}%%">Leave</a> <a href="%%{view_url}%%">See</a></body></html>"""
TEXT = """Good morning, %%{name}%%{{
.
.. a line that begins with dots
The budget: {{budget}} – שלום
Leave: %%{unsubscribe_url}%%}} Choices: %%{preferences_url}%%
"""
MORNING = Rendered(
    edition="everyone",
    subject="%%{name}%%, {{five}} stories – and a very long headline that goes on and on until it is folded, twice",
    preheader="",
    html=HTML,
    text=TEXT,
    envelope=RIVERBEND,
)


class Links:
    """Addresses with everything that needs escaping in html."""

    def unsubscribe_url(self, recipient: Recipient) -> str:
        return f"https://riverbend.example/leave?who={recipient.position}&token=a.b-c_{'x' * 60}"

    def preferences_url(self, recipient: Recipient) -> str:
        return f"https://riverbend.example/choices/{recipient.position}"

    def view_url(self, edition: str) -> str:
        return f"https://riverbend.example/view/{edition}"

    def canary_url(self) -> str:
        return "https://riverbend.example/canary"


def message(recipient: Recipient, rendered: Rendered = MORNING, *, attempt: int = 1) -> Message:
    return personalise(
        rendered, recipient, Links(), issue=7, attempt=attempt, newsletter="daily", fallback_name="dear reader"
    )


def messages(*recipients: Recipient) -> list[Message]:
    return [message(recipient) for recipient in recipients]


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """A mail as the reader's program shows it."""

    to: str
    sender: str
    reply_to: str
    subject: str
    html: str
    text: str
    headers: dict[str, str]

    @classmethod
    def from_bytes(cls, data: bytes) -> Arrived:
        data = data.replace(b"\r\n", b"\n")
        mail = message_from_bytes(data, policy=policy.default)
        html, text = mail.get_body(("html",)), mail.get_body(("plain",))
        assert html is not None
        assert text is not None
        return cls(
            to=str(mail["To"]),
            sender=decoded(message_from_bytes(data)["From"]),
            reply_to=str(mail["Reply-To"] or ""),
            subject=str(mail["Subject"]),
            html=_lines(html.get_content()),
            text=_lines(text.get_content()),
            headers={name: str(value) for name, value in mail.items()},
        )


def _lines(content: str) -> str:
    """What is read, whatever line ends a transfer encoding brought along."""
    return content.replace("\r\n", "\n").rstrip("\n")


def decoded(header: str) -> str:
    """A header with its encoded words read; the parser of policy.default leaves a gap between two of them in a name."""
    return str(make_header(decode_header(header)))


class Post(Protocol):
    sender: Sender

    def arrived(self) -> Sequence[Arrived]:
        """Everything that was accepted, in order."""
        ...


def deliver(post: Post, *recipients: Recipient) -> Sequence[Arrived]:
    post.sender.send(post.sender.prepare(MORNING, messages(*recipients)))
    return post.arrived()


class SenderContract:
    """Inherit, and give a `post` fixture."""

    def test_each_reader_gets_one_mail_to_them_alone(self, post: Post) -> None:
        arrived = deliver(post, ALICE, BOB, CHARLIE)

        assert [mail.to for mail in arrived] == [ALICE.address, BOB.address, CHARLIE.address]

    def test_receipts_come_in_the_order_of_the_messages(self, post: Post) -> None:
        receipts = post.sender.send(post.sender.prepare(MORNING, messages(CHARLIE, ALICE, BOB)))

        assert [receipt.position for receipt in receipts] == [3, 1, 2]
        assert {receipt.state for receipt in receipts} == {DeliveryState.ACCEPTED}
        assert len({receipt.message_id for receipt in receipts}) == 3

    def test_the_mail_reads_as_it_was_approved(self, post: Post) -> None:
        (mail,) = deliver(post, ALICE)

        leave = Links().unsubscribe_url(ALICE)
        assert mail.text == TEXT.replace("%%{name}%%", "Alice").replace("%%{unsubscribe_url}%%", leave).replace(
            "%%{preferences_url}%%", Links().preferences_url(ALICE)
        ).rstrip("\n")
        assert mail.html == HTML.replace("%%{name}%%", "Alice").replace(
            "%%{unsubscribe_url}%%", leave.replace("&", "&amp;")
        ).replace("%%{view_url}%%", Links().view_url("everyone"))
        assert mail.subject == MORNING.subject.replace("%%{name}%%", "Alice")

    def test_a_name_is_escaped_in_html_and_plain_in_text_and_subject(self, post: Post) -> None:
        (mail,) = deliver(post, BOB)

        assert "Good morning, {&lt;b&gt;Bob&lt;/b&gt; &amp; {{Co}}}." in mail.html
        assert "Good morning, <b>Bob</b> & {{Co}}{{" in mail.text
        assert mail.subject.startswith("<b>Bob</b> & {{Co}}, {{five}} stories – and")

    def test_a_reader_without_a_name_is_greeted_all_the_same(self, post: Post) -> None:
        (mail,) = deliver(post, CHARLIE)

        assert "Good morning, dear reader" in mail.text

    def test_every_mail_can_be_left_with_one_click(self, post: Post) -> None:
        for reader, mail in zip((ALICE, BOB), deliver(post, ALICE, BOB), strict=True):
            assert mail.headers["List-Unsubscribe"] == f"<{Links().unsubscribe_url(reader)}>"
            assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
            assert mail.headers["List-Id"] == "<daily.riverbend.example>"

    def test_the_sender_has_its_name_and_answers_go_to_the_desk(self, post: Post) -> None:
        (mail,) = deliver(post, ALICE)

        assert mail.sender == f"{RIVERBEND.sender_name} <news@riverbend.example>"
        assert mail.reply_to == "desk@riverbend.example"

    def test_an_address_that_cannot_be_mailed_is_refused_and_the_others_go(self, post: Post) -> None:
        prepared = post.sender.prepare(MORNING, messages(ALICE, DORA, BOB)[: post.sender.batch_size])
        receipts = post.sender.send(prepared)

        assert [receipt.state for receipt in receipts] == [
            DeliveryState.ACCEPTED,
            DeliveryState.REFUSED,
            DeliveryState.ACCEPTED,
        ]
        assert "dorá@example.org" in receipts[1].reason
        assert prepared.refused.keys() == {DORA.position}
        assert [mail.to for mail in post.arrived()] == [ALICE.address, BOB.address]

    def test_nothing_is_sent_when_nobody_of_a_batch_can_be_mailed(self, post: Post) -> None:
        (receipt,) = post.sender.send(post.sender.prepare(MORNING, messages(DORA)))

        assert receipt.state is DeliveryState.REFUSED
        assert post.arrived() == []

    def test_a_domain_in_other_letters_is_mailed_by_its_ascii_name(self, post: Post) -> None:
        (mail,) = deliver(post, EMIL)

        assert mail.to == "emil@xn--bcher-kva.example"

    def test_a_header_with_a_line_break_stops_the_batch_and_blames_nobody(self, post: Post) -> None:
        broken = replace(MORNING, envelope=replace(RIVERBEND, list_id="daily\r\nBcc: all@example.org"))
        prepared = post.sender.prepare(broken, [message(ALICE, broken)])

        assert "List-Id" in prepared.fault
        with pytest.raises(AccountError, match="line break") as stopped:
            post.sender.send(prepared)
        assert "Nobody was mailed" in stopped.value.hint
        assert post.arrived() == []

    def test_what_is_too_late_does_not_leave_any_more(self, post: Post) -> None:
        """A machine may sleep between a call's turn and its request; by then others did its work."""
        prepared = post.sender.prepare(MORNING, messages(ALICE))

        with pytest.raises(PaceError, match="turn had gone by"):
            post.sender.send(replace(prepared, latest=NOON.timestamp() - 1))
        assert post.arrived() == []
        assert post.sender.send(replace(prepared, latest=NOON.timestamp()))[0].state is DeliveryState.ACCEPTED

    def test_preparing_sends_nothing(self, post: Post) -> None:
        post.sender.prepare(MORNING, messages(ALICE, BOB))

        assert post.arrived() == []

    def test_the_eml_file_of_a_prepared_message_is_what_arrives(self, post: Post) -> None:
        prepared = post.sender.prepare(MORNING, messages(ALICE, BOB))
        shown = Arrived.from_bytes(prepared.eml(1))
        post.sender.send(prepared)
        arrived = post.arrived()[1]

        assert (shown.to, shown.subject, shown.html, shown.text) == (
            arrived.to,
            arrived.subject,
            arrived.html,
            arrived.text,
        )
        assert shown.headers["List-Unsubscribe"] == arrived.headers["List-Unsubscribe"]

    def test_a_prepared_batch_knows_its_weight(self, post: Post) -> None:
        prepared = post.sender.prepare(MORNING, messages(ALICE, BOB))
        post.sender.send(prepared)

        weights = [len((mail.subject + mail.html + mail.text + "\n").encode()) for mail in post.arrived()]
        assert list(prepared.sizes) == weights
        assert prepared.total_bytes > 0

    def test_the_account_says_how_fast_it_may_go(self, post: Post) -> None:
        account = post.sender.account()

        assert account.max_rate > 0
        assert account.sending_enabled

    def test_a_closed_sender_may_be_used_again(self, post: Post) -> None:
        deliver(post, ALICE)
        post.sender.close()

        assert [mail.to for mail in deliver(post, BOB)] == [ALICE.address, BOB.address]
