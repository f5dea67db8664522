"""What SES says, read: every type of event, both shapes, and whatever else comes."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import InputError
from digest.events import ses
from digest.model import Event, EventKind
from tests.events import mails
from tests.events.mails import NOON, text


def read(said: dict[str, Any]) -> Event:
    (event,) = ses.read(text(said))
    return event


@pytest.mark.parametrize(
    ("said", "kind", "what", "detail"),
    [
        (mails.send(), EventKind.SEND, "", ""),
        (mails.delivery(), EventKind.DELIVERY, "", ""),
        (mails.bounce(), EventKind.BOUNCE, "Permanent General", "smtp; 550 5.1.1 user unknown"),
        (mails.complaint(), EventKind.COMPLAINT, "abuse", ""),
        (mails.complaint(None), EventKind.COMPLAINT, "", ""),
        (mails.reject(), EventKind.REJECT, "", "Bad content"),
        (
            mails.rendering_failure(),
            EventKind.RENDERING_FAILURE,
            "",
            "Attribute 'name' is not present in the rendering data.",
        ),
        (mails.delay(), EventKind.DELAY, "MailboxFull", "4.4.1"),
        (mails.opened(), EventKind.OPEN, "", ""),
        (mails.clicked(), EventKind.CLICK, "https://harbour.example/pier", ""),
        (mails.event("Subscription", contactList="daily"), EventKind.SUBSCRIPTION, "", ""),
    ],
    ids=lambda value: value.value if isinstance(value, EventKind) else "",
)
@pytest.mark.parametrize("shape", ["eventType", "notificationType"])
def test_every_type_is_read_in_both_shapes(
    said: dict[str, Any], kind: EventKind, what: str, detail: str, shape: str
) -> None:
    said = {shape: said["eventType"], **{name: value for name, value in said.items() if name != "eventType"}}

    event = read(said)

    assert (event.kind, event.what, event.detail) == (kind, what, detail)
    assert (event.issue, event.position, event.attempt) == (1, 1, 1)
    assert event.address == "alice@example.com"


def test_the_moment_is_that_of_the_event_and_not_of_the_mail() -> None:
    assert read(mails.delivery()).at == NOON + timedelta(seconds=2)
    assert read(mails.send()).at == NOON


def test_an_identity_s_notification_has_no_tags_and_is_read_all_the_same() -> None:
    event = read(mails.bounce(issue=None, shape="notificationType"))

    assert (event.issue, event.position, event.attempt) == (0, 0, 0)
    assert event.message_id == "<m1.1>"


def test_a_bounce_of_several_recipients_is_one_event_for_each() -> None:
    said = mails.bounce()
    said["mail"]["destination"] = ["alice@example.com", "Bob <Bob@example.com>"]
    said["bounce"]["bouncedRecipients"] += [{"emailAddress": "Bob@example.com", "diagnosticCode": "552 full"}]

    alice, bob = ses.read(text(said))

    assert (alice.address, alice.detail) == ("alice@example.com", "smtp; 550 5.1.1 user unknown")
    assert (bob.address, bob.detail) == ("Bob@example.com", "552 full")
    assert alice.key != bob.key


def test_a_forwarded_mail_bounces_elsewhere_and_is_about_the_one_we_wrote_to() -> None:
    said = mails.bounce()
    said["bounce"]["bouncedRecipients"] = [{"emailAddress": "alice@her-old-university.example"}]

    assert read(said).address == "alice@example.com"


def test_told_twice_it_is_the_same_event_whichever_shape_tells_it() -> None:
    once, again = read(mails.bounce()), read(mails.bounce(issue=None, shape="notificationType"))

    assert once.key == again.key
    assert read(mails.delivery()).key == read(mails.delivery(issue=None, shape="notificationType")).key


def test_two_clicks_of_one_moment_on_two_links_are_two_events() -> None:
    one, other = read(mails.clicked()), read(mails.clicked(link="https://harbour.example/ferry"))

    assert one.key != other.key
    assert read(mails.clicked()).key == one.key


def test_the_greeting_of_a_new_topic_is_no_event_and_no_mistake() -> None:
    assert ses.read("Successfully validated SNS topic for Amazon SES event publishing.\n") == []


def test_a_kind_that_ses_has_invented_since_is_kept_as_it_came() -> None:
    event = read(mails.event("Resurrection", soul="Alice"))

    assert (event.kind, event.what) == (EventKind.UNKNOWN, "Resurrection")
    assert json.loads(event.raw)["resurrection"]["soul"] == "Alice"


def test_of_the_kinds_of_which_there_are_millions_nothing_is_kept_word_for_word() -> None:
    assert [read(said).raw for said in (mails.send(), mails.delivery(), mails.opened(), mails.clicked())] == [""] * 4
    assert "user unknown" in read(mails.bounce()).raw


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("", "not JSON"),
        ("Good morning.", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "no event"),
        ('{"hello": 1}', "no event"),
        ('{"eventType": "Bounce"}', "no message"),
        ('{"eventType": "Bounce", "mail": {"messageId": 7}}', "no message"),
    ],
)
def test_what_is_no_event_says_why(body: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        ses.read(body)


@pytest.mark.parametrize("odd", ["-1", "1.5", "9999999999", "", "one", "１", "1" * 5000])
def test_tags_that_are_no_numbers_name_nobody(odd: str) -> None:
    said = mails.send()
    said["mail"]["tags"]["delivery"] = [odd]

    assert read(said).position == 0


def test_what_no_database_takes_is_taken_out() -> None:
    said = mails.bounce()
    said["bounce"]["bouncedRecipients"][0]["diagnosticCode"] = "a\x00b \ud800 c" + "d" * 2000

    event = read(said)

    event.detail.encode("utf-8")
    assert event.detail.startswith("ab ? c")
    assert len(event.detail) == 500
    assert "\x00" not in event.raw


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
PLACES = ["mail", "bounce", "complaint", "delivery", "eventType", "click", "open", "failure", "tags"]
INSIDE = ["destination", "tags", "messageId", "timestamp", "bouncedRecipients", "link", "bounceType", "feedbackId"]


@given(base=st.sampled_from([mails.bounce, mails.complaint, mails.clicked, mails.delivery]), data=st.data())
def test_any_event_bent_out_of_shape_is_read_or_refused_in_words(base: Any, data: st.DataObject) -> None:
    said = base()
    for name in data.draw(st.lists(st.sampled_from(PLACES), max_size=3)):
        inside = data.draw(st.sampled_from([None, *INSIDE]))
        value = data.draw(ANYTHING)
        if inside and isinstance(said.get(name), dict):
            said[name][inside] = value
        else:
            said[name] = value
    refused = ""
    events = []
    try:
        events = ses.read(text(said))
    except InputError as error:
        refused = error.message

    assert events or refused.startswith("It is ")
    assert all(event.at.tzinfo and len(event.key) == 16 for event in events)
