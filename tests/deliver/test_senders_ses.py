"""SES through boto3 against the double: what each answer, and each missing one, means for the readers of a batch."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from digest.deliver.message import parts_of
from digest.deliver.senders.ses import SesSender
from digest.deliver.senders.ses_request import template_of
from digest.errors import AccountError, DoubtError, PaceError
from digest.model import DeliveryState, Receipt, Recipient
from tests.contracts.sender import (
    ALICE,
    BOB,
    CHARLIE,
    DORA,
    MORNING,
    NOON,
    Arrived,
    Links,
    SenderContract,
    decoded,
    message,
    messages,
)
from tests.doubles.ses import SesDouble

ACCEPTED, REFUSED, PLANNED = DeliveryState.ACCEPTED, DeliveryState.REFUSED, DeliveryState.PLANNED


class Ses:
    def __init__(self, double: SesDouble, **fields: Any) -> None:
        self.double = double
        self.sender = SesSender(clock=lambda: NOON, region="eu-west-1", read_timeout=5.0, **fields)

    def arrived(self) -> list[Arrived]:
        return [
            Arrived(
                to=mail.to[0],
                sender=decoded(mail.sender),
                reply_to=", ".join(mail.reply_to),
                subject=mail.subject,
                html=mail.html,
                text=mail.text.rstrip("\n"),
                headers=mail.headers,
            )
            for mail in self.double.mails
        ]

    def send(self, *readers: Recipient) -> list[Receipt]:
        return self.sender.send(self.sender.prepare(MORNING, messages(*(readers or (ALICE, BOB, CHARLIE)))))


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[SesDouble]:
    with SesDouble() as server:
        for name, value in {
            "AWS_ENDPOINT_URL_SESV2": server.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_CONFIG_FILE": str(tmp_path / "none"),
            "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
            "AWS_EC2_METADATA_DISABLED": "true",
        }.items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def post(double: SesDouble) -> Iterator[Ses]:
    ses = Ses(double)
    yield ses
    ses.sender.close()


@pytest.fixture
def single(double: SesDouble) -> Iterator[Ses]:
    ses = Ses(double, mode="single")
    yield ses
    ses.sender.close()


class TestBulk(SenderContract):
    def test_a_batch_is_one_call(self, post: Ses) -> None:
        post.send()

        assert post.double.calls("SendBulkEmail") == 1
        assert post.sender.batch_size == 50


class TestSingle(SenderContract):
    @pytest.fixture
    def post(self, single: Ses) -> Ses:
        return single

    def test_an_address_that_cannot_be_mailed_is_refused_and_the_others_go(self, post: Any) -> None:
        receipts = post.send(ALICE, DORA, BOB)

        assert [receipt.state for receipt in receipts] == [ACCEPTED, REFUSED, ACCEPTED]

    def test_each_message_is_a_call_of_its_own(self, post: Any) -> None:
        post.send()

        assert post.double.calls("SendEmail") == 3
        assert post.sender.batch_size == 1


# --- What leaves ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["bulk", "single"])
def test_what_was_prepared_is_what_leaves_byte_for_byte(double: SesDouble, mode: Any) -> None:
    bodies: list[bytes] = []
    answer = double.service.answer

    def listen(method: str, target: str, body: bytes) -> Any:
        bodies.append(body)
        return answer(method, target, body)

    double.service.answer = listen  # type: ignore[method-assign]
    ses = Ses(double, mode=mode)
    prepared = ses.sender.prepare(MORNING, messages(ALICE))
    ses.sender.send(prepared)
    ses.sender.close()

    assert bodies == prepared.request
    assert prepared.total_bytes == len(bodies[0])


@pytest.mark.parametrize("mode", ["bulk", "single"])
def test_tags_and_configuration_set_travel_with_every_message(double: SesDouble, mode: Any) -> None:
    double.account.configuration_sets.add("newsletters")
    ses = Ses(double, mode=mode, configuration_set="newsletters")
    ses.send(ALICE, BOB)
    ses.sender.close()

    assert [mail.tags for mail in double.mails] == [
        {"issue": "7", "delivery": "1", "attempt": "1", "newsletter": "daily"},
        {"issue": "7", "delivery": "2", "attempt": "1", "newsletter": "daily"},
    ]
    assert {mail.call.configuration_set for mail in double.mails} == {"newsletters"}


def test_every_entry_carries_all_its_values_and_the_default_gives_away_nobodys(post: Ses) -> None:
    (body,) = post.sender.prepare(MORNING, messages(ALICE, BOB)).request
    request = json.loads(body)
    template = request["DefaultContent"]["Template"]
    defaults = json.loads(template["TemplateData"])

    for entry in request["BulkEmailEntries"]:
        data = json.loads(entry["ReplacementEmailContent"]["ReplacementTemplate"]["ReplacementTemplateData"])
        assert data.keys() == defaults.keys()
    assert "alice" not in template["TemplateData"].lower()
    assert "token" not in template["TemplateData"]


@pytest.mark.parametrize(
    "odd",
    [
        "{{#if x}}yes{{/if}}",
        "{{{raw}}} {{> partial}} {{!-- note --}}",
        "\\{{kept}} \\\\{{kept}} C:\\",
        "{%%{name}%%} {{%%{name}%%}} {{{%%{name}%%}}}",
        "\\%%{name}%%\\ \\\\%%{name}%%}",
        "%%{name}%%%%{name}%%",
        "@media print{.a{b:c}}.d{e:f}",
        "unclosed {{ and }} alone {",
        "{" * 7 + "}" * 7,
    ],
)
def test_braces_and_backslashes_in_an_article_arrive_as_they_are(post: Ses, odd: str) -> None:
    edition = replace(MORNING, html=odd, text=odd, subject=odd)
    receipts = post.sender.send(post.sender.prepare(edition, [message(ALICE, edition)]))

    (mail,) = post.double.mails
    wanted = parts_of(edition).fill(message(ALICE, edition))
    assert receipts[0].state is ACCEPTED
    assert (mail.html, mail.text, mail.subject) == (wanted.html, wanted.text, wanted.subject)


def test_the_template_of_an_edition_is_written_once_for_all_its_batches() -> None:
    read_again = replace(MORNING, html="".join(MORNING.html))
    changed = replace(MORNING, html=MORNING.html + " ")

    assert template_of(read_again) is template_of(MORNING)
    assert template_of(changed) is not template_of(MORNING)


def test_an_edition_too_large_for_one_request_pauses_and_says_so(post: Ses) -> None:
    huge = replace(MORNING, html=MORNING.html + "x" * 1_000_000)
    prepared = post.sender.prepare(huge, [message(ALICE, huge)])

    with pytest.raises(AccountError, match="SES takes 1,000,000"):
        post.sender.send(prepared)
    assert post.double.calls("SendBulkEmail") == 0


def test_more_than_fifty_readers_are_too_many_for_one_call(post: Ses) -> None:
    prepared = post.sender.prepare(MORNING, messages(*[ALICE] * 51))

    assert "51 messages" in prepared.fault


def test_a_dry_run_needs_no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "there-is-no-such-profile")
    prepared = SesSender(clock=lambda: NOON).prepare(MORNING, messages(ALICE))

    assert b"alice@example.org" in prepared.eml(0)


# --- The account ----------------------------------------------------------------------------------------


def test_the_account_has_ses_own_figures(post: Ses) -> None:
    post.double.account.limit(200)
    post.double.account.quota = 50_000
    post.send()

    account = post.sender.account()
    assert (account.max_rate, account.max_per_day, account.sent_last_day) == (200, 50_000, 3)
    assert (account.remaining, account.sending_enabled, account.note) == (49_997, True, "")


def test_an_account_without_a_daily_limit_has_none(post: Ses) -> None:
    assert post.sender.account().max_per_day is None


def test_the_sandbox_and_a_review_are_told_to_the_operator(post: Ses) -> None:
    post.double.account.production = False
    post.double.account.enforcement = "PROBATION"

    account = post.sender.account()
    assert "sandbox" in account.note
    assert "probation" in account.note
    assert account.sending_enabled


@pytest.mark.parametrize("change", [{"sending_enabled": False}, {"enforcement": "SHUTDOWN"}])
def test_an_account_that_is_switched_off_says_so(post: Ses, change: dict[str, Any]) -> None:
    for name, value in change.items():
        setattr(post.double.account, name, value)

    account = post.sender.account()
    assert not account.sending_enabled
    assert "switched off" in account.note


def test_asking_the_account_leaves_no_doubt_even_when_the_answer_is_lost(post: Ses) -> None:
    post.double.fault("drop", operation="GetAccount")

    with pytest.raises(PaceError):
        post.sender.account()


def test_without_credentials_the_hint_says_what_is_needed(double: SesDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    with pytest.raises(AccountError, match="no AWS credentials") as stopped:
        Ses(double).send(ALICE)
    assert "ses:SendBulkEmail" in stopped.value.hint


def test_without_a_region_the_hint_names_the_setting(double: SesDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)

    with pytest.raises(AccountError, match="region"):
        SesSender(clock=lambda: NOON).account()


# --- Whole calls that fail ------------------------------------------------------------------------------


def test_a_throttled_batch_is_known_not_to_be_accepted(post: Ses) -> None:
    post.double.refuse("TooManyRequestsException", "Maximum sending rate exceeded.")

    with pytest.raises(PaceError, match="Maximum sending rate exceeded"):
        post.send()
    assert post.double.accepted == 0
    assert post.double.calls("SendBulkEmail") == 1


def test_a_full_day_waits_and_a_paused_account_does_not(post: Ses) -> None:
    post.double.account.quota = 0
    with pytest.raises(AccountError) as full:
        post.send()
    post.double.account.quota = -1
    post.double.account.sending_enabled = False
    with pytest.raises(AccountError) as paused:
        post.send()

    assert (full.value.waits, paused.value.waits) == (True, False)
    assert paused.value.code == "SendingPausedException"


def test_a_sender_that_is_not_verified_pauses(post: Ses) -> None:
    post.double.account.identities = {"elsewhere.example"}

    with pytest.raises(AccountError, match=r"news@riverbend\.example") as stopped:
        post.send()
    assert "Verify" in stopped.value.hint


@pytest.mark.parametrize("kind", ["drop", "error", "garble", "short"])
def test_a_lost_or_broken_answer_is_doubt_and_is_never_asked_twice(post: Ses, kind: Any) -> None:
    post.double.fault(kind)

    with pytest.raises(DoubtError) as doubt:
        post.send()
    assert post.double.accepted == 3
    assert post.double.calls("SendBulkEmail") == 1
    assert "uncertain" in doubt.value.hint


def test_no_answer_in_time_is_doubt(double: SesDouble) -> None:
    double.fault("silence")
    sender = SesSender(clock=lambda: NOON, region="eu-west-1", read_timeout=0.3)

    with pytest.raises(DoubtError, match="ReadTimeoutError"):
        sender.send(sender.prepare(MORNING, messages(ALICE)))
    sender.close()
    assert double.calls("SendBulkEmail") == 1


def test_a_connection_that_ends_before_anything_was_accepted_is_doubt_too(post: Ses) -> None:
    post.double.fault("close")

    with pytest.raises(DoubtError):
        post.send()


def test_ses_that_cannot_be_reached_may_be_tried_again(post: Ses, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(PaceError, match="nothing left"):
            post.send()


def test_a_call_refused_for_one_of_many_readers_blames_none_of_them(post: Ses) -> None:
    post.double.refuse("BadRequestException", "Invalid email address.", times=2)

    with pytest.raises(AccountError, match="does not say which") as stopped:
        post.send()
    (receipt,) = post.send(BOB)
    assert "single" in stopped.value.hint
    assert receipt.state is REFUSED


# --- Batches that succeed in part -----------------------------------------------------------------------


def test_each_entry_of_a_batch_is_judged_by_itself(post: Ses) -> None:
    post.double.fail_entries({BOB.address: "MESSAGE_REJECTED", CHARLIE.address: "TRANSIENT_FAILURE"})

    receipts = post.send()
    assert [(receipt.position, receipt.state) for receipt in receipts] == [(1, ACCEPTED), (2, REFUSED), (3, PLANNED)]
    assert receipts[0].message_id == post.double.mails[0].message_id
    assert receipts[1].reason.startswith("MESSAGE_REJECTED: ")


def test_a_quota_that_ends_within_a_batch_leaves_the_rest_planned(post: Ses) -> None:
    post.double.account.quota = 2

    assert [receipt.state for receipt in post.send()] == [ACCEPTED, ACCEPTED, PLANNED]
    with pytest.raises(AccountError):
        post.send(CHARLIE)


def test_a_batch_in_which_every_entry_meets_the_account_pauses(post: Ses) -> None:
    post.double.fail_entries({"*": "ACCOUNT_SENDING_PAUSED"})

    with pytest.raises(AccountError, match="ACCOUNT_SENDING_PAUSED"):
        post.send()


def test_in_the_sandbox_a_reader_who_is_not_verified_is_not_marked_as_refused(post: Ses) -> None:
    post.double.account.production = False
    post.double.account.identities = {"riverbend.example"}

    with pytest.raises(AccountError, match="not verified"):
        post.send()


# --- One by one -----------------------------------------------------------------------------------------


def test_a_single_message_in_doubt_is_doubt_about_one_reader(single: Ses) -> None:
    single.double.fault("drop")

    with pytest.raises(DoubtError):
        single.send(ALICE)
    assert [receipt.state for receipt in single.send(BOB)] == [ACCEPTED]


def test_messages_after_a_throttled_one_are_not_tried(single: Ses) -> None:
    single.double.refuse("TooManyRequestsException", every=2)

    assert [receipt.state for receipt in single.send()] == [ACCEPTED, PLANNED, PLANNED]
    assert single.double.calls("SendEmail") == 2


def test_an_address_that_ses_alone_dislikes_is_refused_alone(single: Ses) -> None:
    single.double.refuse("BadRequestException", "Invalid email address bob+news@example.com", every=2)

    assert [receipt.state for receipt in single.send()] == [ACCEPTED, REFUSED, ACCEPTED]


def test_links_differ_from_reader_to_reader(post: Ses) -> None:
    post.send(ALICE, BOB)

    leave = [mail.headers["List-Unsubscribe"] for mail in post.double.mails]
    assert leave == [f"<{Links().unsubscribe_url(reader)}>" for reader in (ALICE, BOB)]
