"""What one reader's message consists of, what is wrong with it, and how it is written as mail."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from email.header import decode_header, make_header

import pytest

from digest.deliver import mime
from digest.deliver.message import addresses, first_fault, parts_of, plain_address
from digest.errors import PersonError
from digest.model import Envelope, Message, Recipient, Rendered
from tests.contracts.sender import ALICE, BOB, CHARLIE, DORA, MORNING, NOON, RIVERBEND, Arrived, Links, message

LEAVE = Links().unsubscribe_url(ALICE)


def eml(rendered: Rendered = MORNING, recipient: Recipient = ALICE) -> bytes:
    return mime.eml(rendered, message(recipient, rendered), date=NOON, message_id="<1@riverbend.example>")


# --- Personalising --------------------------------------------------------------------------------------


def test_every_slot_has_a_value() -> None:
    assert message(ALICE).slots == {
        "name": "Alice",
        "address": "alice@example.org",
        "unsubscribe_url": LEAVE,
        "preferences_url": "https://riverbend.example/choices/1",
        "view_url": "https://riverbend.example/view/everyone",
        "canary_url": "https://riverbend.example/canary",
    }


def test_the_tags_name_the_delivery_and_the_attempt() -> None:
    assert message(BOB, attempt=3).tags == {"issue": "7", "delivery": "2", "attempt": "3", "newsletter": "daily"}


def test_the_size_is_that_of_what_the_reader_reads() -> None:
    for reader in (ALICE, BOB, CHARLIE):
        content = parts_of(MORNING).fill(message(reader))
        size = len((content.subject + content.html + content.text).encode())
        assert parts_of(MORNING).size(message(reader)) == size


# --- Addresses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "plain"),
    [
        ("alice@example.org", "alice@example.org"),
        ("Alice.O'Neil+news_1/2=3@mail.example.org", "Alice.O'Neil+news_1/2=3@mail.example.org"),
        ("emil@faß.example", "emil@xn--fa-hia.example"),
        ("emil@bücher.example", "emil@xn--bcher-kva.example"),
    ],
)
def test_an_address_is_mailed_by_its_plain_form(address: str, plain: str) -> None:
    assert plain_address(address) == plain


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "dorá@example.org",
        "a@b@example.org",
        "two@example.org, three@example.org",
        "a..b@example.org",
        ".a@example.org",
        "a.@example.org",
        "alice@localhost",
        "alice@-example.org",
        "alice@example..org",
        f"alice@{'x' * 64}.org",
        "alice@example.org\r\nRCPT TO:<eve@example.org>",
        "<alice@example.org>",
        '"alice smith"@example.org',
        f"{'x' * 65}@example.org",
    ],
)
def test_an_address_that_could_do_harm_or_cannot_be_written_is_refused(address: str) -> None:
    with pytest.raises(PersonError):
        plain_address(address)


def test_the_refusal_says_what_is_wrong_with_the_address() -> None:
    found, refused = addresses([message(ALICE), message(DORA)])

    assert found == ["alice@example.org", ""]
    assert refused == {4: "'dorá@example.org' cannot be mailed: only plain ASCII letters are possible before the @."}


# --- Faults ---------------------------------------------------------------------------------------------


def with_headers(**headers: str) -> Message:
    return replace(message(ALICE), headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_a_message_as_we_make_it_has_no_fault() -> None:
    assert first_fault(MORNING, [message(reader) for reader in (ALICE, BOB, CHARLIE)]) == ""


@pytest.mark.parametrize(
    ("odd", "fault"),
    [
        (with_headers(X_Name="a\nBcc: eve@example.org"), "line break"),
        (with_headers(X_Name="Zürich"), "outside ASCII"),
        (with_headers(X_Name="x" * 996), "996 characters"),
        (with_headers(**{"X" * 500: "x"}), "cannot be the name"),
        (with_headers(**{"X" * 120: "x" * 900}), "900 characters"),
        (with_headers(**{"X Y": "x"}), "cannot be the name"),
        (with_headers(Message_ID="<1@x>"), "set by the sender itself"),
        (with_headers(**{f"X{number}": "x" for number in range(16)}), "16 headers"),
        (replace(message(ALICE), tags={"issue": "a b"}), "the tag 'issue'"),
        (replace(message(ALICE), tags={"issue": "x" * 257}), "the tag 'issue'"),
        (replace(message(ALICE), slots={"name": "Alice"}), "the slot preferences_url has no value"),
    ],
)
def test_a_fault_is_named_before_anything_leaves(odd: Message, fault: str) -> None:
    assert fault in first_fault(MORNING, [message(BOB), odd])


@pytest.mark.parametrize(
    ("envelope", "fault"),
    [
        (replace(RIVERBEND, sender_address="dorá@riverbend.example"), "the sender address"),
        (replace(RIVERBEND, sender_address=""), "the sender address"),
        (replace(RIVERBEND, reply_to="desk"), "the reply-to address"),
        (replace(RIVERBEND, list_id="täglich.riverbend.example"), "List-Id"),
    ],
)
def test_a_fault_of_the_envelope_is_named(envelope: Envelope, fault: str) -> None:
    edition = replace(MORNING, envelope=envelope)
    assert fault in first_fault(edition, [message(ALICE, edition)])


def test_no_reply_to_is_no_fault() -> None:
    edition = replace(MORNING, envelope=replace(RIVERBEND, reply_to=""))

    assert first_fault(edition, [message(ALICE, edition)]) == ""
    assert b"Reply-To" not in eml(edition)


def test_a_mail_without_a_text_part_is_a_fault() -> None:
    assert "no text part" in first_fault(replace(MORNING, text=" \n"), [message(ALICE)])


# --- Mail -----------------------------------------------------------------------------------------------


def test_head_and_lines_are_as_the_standards_want_them() -> None:
    head, _, _ = eml().partition(b"\r\n\r\n")

    assert [line for line in head.split(b"\r\n") if len(line) > 78 and b"https" not in line] == []
    assert head.isascii()
    assert b"Date: Sun, 22 Nov 2026 12:00:00 +0000\r\n" in head
    assert all(len(line) <= 76 for line in eml().partition(b"\r\n\r\n")[2].split(b"\r\n"))
    assert not re.search(rb"(?<!\r)\n", eml())


@pytest.mark.parametrize(
    "name",
    ["Riverbend", "River, Bend & Co. (daily)", 'The "Bend"', "=?utf-8?q?trick?=", "Däily " * 30, "日刊" * 40, "a\nb"],
)
def test_the_senders_name_survives_the_header(name: str) -> None:
    header = mime.mailbox(name, "news@riverbend.example")

    assert header.isascii()
    assert "\n" not in header
    shown = str(make_header(decode_header(header))).replace("\\", "")
    assert " ".join(name.split()) in shown
    assert header.endswith("<news@riverbend.example>")


@pytest.mark.parametrize(
    "subject", ["Plain", "x" * 300, "word " * 60 + "end", "Ümläut " * 30 + "Ende", "שלום", "=?utf-8?q?no?="]
)
def test_a_subject_survives_folding(subject: str) -> None:
    assert Arrived.from_bytes(eml(replace(MORNING, subject=subject))).subject == subject


def test_a_subject_cannot_add_a_header() -> None:
    hostile = replace(MORNING, subject="News for %%{name}%%")
    reader = replace(ALICE, name="Alice\r\nBcc: eve@example.org")

    mail = Arrived.from_bytes(eml(hostile, reader))
    assert mail.subject == "News for Alice Bcc: eve@example.org"
    assert "Bcc" not in mail.headers


@pytest.mark.parametrize(
    "text", ["--=_digest_alternative--", "\r\n.\r\n", "From the desk", "a\rb", "x" * 2000, "שלום " * 500]
)
def test_a_body_arrives_whatever_it_says(text: str) -> None:
    edition = replace(MORNING, text=text, html=f"<p>{text}</p>")
    mail = Arrived.from_bytes(eml(edition))

    wanted = text.replace("\r\n", "\n").replace("\r", "\n")
    assert mail.text == wanted.rstrip("\n")
    assert mail.html == f"<p>{wanted}</p>"


def test_hebrew_travels_as_base64_and_english_stays_readable() -> None:
    hebrew = eml(replace(MORNING, text="שלום " * 50, html="<p>%%{name}%% reads this</p>"))

    assert b"Content-Transfer-Encoding: base64" in hebrew
    assert b"<p>Alice reads this</p>" in hebrew


def test_each_message_and_attempt_has_an_id_of_its_own() -> None:
    ids = {
        mime.message_id(message(reader, attempt=attempt), domain="riverbend.example", at=NOON + timedelta(seconds=wait))
        for reader in (ALICE, BOB)
        for attempt in (1, 2)
        for wait in (0, 1)
    }
    assert len(ids) == 8
    assert all(re.fullmatch(r"<daily\.7\.[12]\.[12]\.[0-9.]+@riverbend\.example>", ident) for ident in ids)
