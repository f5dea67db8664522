"""What an event does: to the delivery, to the list and to the operator, in one commit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

import subscribers
from digest.errors import StoreError
from digest.events import fold as folding
from digest.events.fold import Policy
from digest.model import DeliveryState
from digest.store import deliveries
from tests.events import mails
from tests.events.mails import NOON, enveloped, text
from tests.events.post import Post


def test_a_delivery_is_delivered(post: Post) -> None:
    issue = post.issue()

    done = post.take(mails.delivery())

    assert (done.new, done.moved) == (1, 1)
    assert post.state(issue, "Alice") is DeliveryState.DELIVERED
    assert post.state(issue, "Bob") is DeliveryState.ACCEPTED


def test_a_hard_bounce_bounces_the_delivery_and_suppresses_the_address_in_one_commit(post: Post) -> None:
    issue = post.issue()

    post.take(mails.bounce())

    assert post.state(issue, "Alice") is DeliveryState.BOUNCED
    assert post.reason(issue, "Alice") == "Permanent General: smtp; 550 5.1.1 user unknown"
    assert post.why_suppressed("Alice") == "bounce"
    assert post.is_on("Alice"), "she did not leave: an address that is mended may be mailed again"


def test_when_the_list_cannot_be_changed_the_delivery_is_not_either(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = post.issue()

    def refuse(*_: Any, **__: Any) -> bool:
        raise StoreError("The disk is full.")

    with monkeypatch.context() as full:
        full.setattr(subscribers, "suppress", refuse)
        with pytest.raises(StoreError, match="full"):
            post.take(mails.bounce())

    assert post.state(issue, "Alice") is DeliveryState.ACCEPTED
    assert post.events() == 0
    post.take(mails.bounce())
    assert post.why_suppressed("Alice") == "bounce"


def test_a_complaint_suppresses_and_leaves(post: Post) -> None:
    issue = post.issue()

    post.take(mails.delivery(), mails.complaint())

    assert post.state(issue, "Alice") is DeliveryState.COMPLAINED
    assert post.why_suppressed("Alice") == "complaint"
    assert not post.is_on("Alice")
    assert post.is_on("Bob")


def test_a_reader_who_says_that_it_is_no_spam_stays(post: Post) -> None:
    issue = post.issue()

    post.take(mails.delivery(), mails.complaint("not-spam"))

    assert post.state(issue, "Alice") is DeliveryState.DELIVERED
    assert post.why_suppressed("Alice") == ""
    assert post.is_on("Alice")


def test_what_ses_does_not_even_try_was_never_sent_and_counts_as_no_bounce(post: Post) -> None:
    """Mail to its own suppression list is accepted, not sent, and no part of the bounce rate."""
    issue = post.issue()

    post.take(mails.bounce("Permanent", "OnAccountSuppressionList"))

    assert post.state(issue, "Alice") is DeliveryState.REFUSED
    assert post.reason(issue, "Alice") == "Permanent OnAccountSuppressionList"
    assert post.why_suppressed("Alice") == "bounce"
    with post.database.read() as conn:
        assert deliveries.glance(conn, issue).bounced == 0


def test_ses_s_global_list_counts_as_a_bounce(post: Post) -> None:
    issue = post.issue()

    post.take(mails.bounce("Permanent", "Suppressed"))

    assert post.state(issue, "Alice") is DeliveryState.BOUNCED


def test_a_note_from_somebody_on_holiday_is_no_bounce(post: Post) -> None:
    issue = post.issue()
    away = mails.bounce("Transient", "General")

    post.take(mails.delivery())
    post.take(away)

    assert post.state(issue, "Alice") is DeliveryState.DELIVERED
    assert post.soft_bounces("Alice") == 0


# --- Passing bounces ---------------------------------------------------------------------------------------


def full(issue: int, days: float) -> dict[str, Any]:
    at = NOON + timedelta(days=days)
    return mails.bounce("Transient", "MailboxFull", issue=issue, at=at, message_id=f"m{issue}", feedback=f"f{issue}")


def daily_issues(post: Post, count: int) -> list[int]:
    return [post.issue("Alice") for _ in range(count)]


def test_a_lasting_bounce_stays_when_the_passing_one_before_it_turns_out_to_have_arrived(post: Post) -> None:
    post.policy = Policy(soft_bounces=1, soft_days=0)
    post.issue()
    assert post.take(mails.bounce("Transient", "MailboxFull")).suppressed == 1

    assert post.take(mails.bounce()).suppressed == 0, "she was suppressed before"
    post.take(mails.delivery())

    assert (post.soft_bounces("Alice"), post.why_suppressed("Alice")) == (0, "bounce")


def test_passing_bounces_in_a_row_over_days_suppress_in_the_end(post: Post) -> None:
    post.policy = Policy(soft_bounces=3, soft_days=7)
    issues = daily_issues(post, 4)

    post.take(full(issues[0], 0), full(issues[1], 3))
    assert (post.soft_bounces("Alice"), post.why_suppressed("Alice")) == (2, "")

    post.take(full(issues[2], 6))
    assert (post.soft_bounces("Alice"), post.why_suppressed("Alice")) == (3, ""), "not a week yet"

    post.take(full(issues[3], 8))
    assert (post.soft_bounces("Alice"), post.why_suppressed("Alice")) == (4, "bounce")


def test_one_message_that_arrives_ends_the_row(post: Post) -> None:
    post.policy = Policy(soft_bounces=3, soft_days=0)
    issues = daily_issues(post, 4)

    post.take(full(issues[0], 0), full(issues[1], 1))
    post.take(mails.delivery(issue=issues[2], message_id="m3", at=NOON + timedelta(days=2)))
    post.take(full(issues[3], 3))

    assert (post.soft_bounces("Alice"), post.why_suppressed("Alice")) == (1, "")


def test_an_arrival_that_is_told_late_lifts_what_it_would_have_prevented(post: Post) -> None:
    post.policy = Policy(soft_bounces=3, soft_days=0)
    issues = daily_issues(post, 4)
    post.take(full(issues[0], 0), full(issues[1], 1), full(issues[3], 3))
    assert post.why_suppressed("Alice") == "bounce"

    post.take(mails.delivery(issue=issues[2], message_id="m3", at=NOON + timedelta(days=2)))

    assert (post.soft_bounces("Alice"), post.why_suppressed("Alice")) == (1, "")


def test_a_person_s_block_is_never_lifted(post: Post) -> None:
    (issue,) = daily_issues(post, 1)
    with post.database.write() as conn:
        subscribers.suppress(conn, "alice@example.com", reason=subscribers.Reason.MANUAL, at=NOON, detail="asked")

    post.take(full(issue, 0), mails.delivery(issue=issue, at=NOON + timedelta(days=1), message_id="m9"))

    assert post.why_suppressed("Alice") == "manual"


# --- Doubt, rejects, warnings ------------------------------------------------------------------------------


@pytest.mark.parametrize("said", [mails.send(), mails.delay(), mails.opened(), mails.clicked()])
def test_any_sign_of_a_message_settles_the_doubt_about_it(post: Post, said: dict[str, Any]) -> None:
    from tests.store.desk import doubtful

    issue = post.issue("Alice", "Bob", accept=False)
    post.desk.record(post.desk.calling(issue), doubtful(1), doubtful(2))

    post.take(said)

    assert post.state(issue, "Alice") is DeliveryState.ACCEPTED
    assert post.state(issue, "Bob") is DeliveryState.UNCERTAIN
    assert post.reason(issue, "Alice") == ""


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (mails.reject, "Bad content"),
        (mails.rendering_failure, "Attribute 'name' is not present in the rendering data."),
    ],
)
def test_what_ses_accepts_and_does_not_send_is_refused_and_the_operator_hears_it_once(
    post: Post, kind: Any, why: str
) -> None:
    issue = post.issue()

    first = post.take(kind(), kind(name="Bob", position=2))
    second = post.take(kind(name="Charlie", position=3))

    assert post.state(issue, "Alice") is DeliveryState.REFUSED
    assert post.reason(issue, "Alice") == f"SES did not send it: {why}"
    assert first.warnings == [f"Issue {issue}: SES accepted messages and did not send them: {why}"]
    assert second.warnings == []
    assert post.journal(issue).count((folding.UNSENT, why)) == 1
    assert post.why_suppressed("Alice") == "", "it is no fault of hers"


# --- Whose it is -------------------------------------------------------------------------------------------


def test_an_event_without_tags_is_matched_by_its_message_id(post: Post) -> None:
    issue = post.issue()

    post.take(mails.bounce(name="Bob", issue=None, message_id="id-2", shape="notificationType"))

    assert post.state(issue, "Bob") is DeliveryState.BOUNCED
    assert post.why_suppressed("Bob") == "bounce"


def test_tags_of_another_mailer_on_the_same_account_move_nobody_here(post: Post) -> None:
    issue = post.issue()

    done = post.take(mails.bounce(name="Zoe", position=1), mails.send(issue=9999))

    assert (done.new, done.moved) == (2, 0)
    assert post.state(issue, "Alice") is DeliveryState.ACCEPTED
    assert post.why_suppressed("Alice") == ""
    assert post.why_suppressed("Zoe") == "", "nothing is kept of strangers"


def test_a_dead_address_is_never_mailed_again_whichever_mail_told_so(post: Post) -> None:
    """A confirmation, or a test: it belongs to no issue."""
    post.issue()

    post.take(mails.bounce(issue=None, message_id="a confirmation's"))

    assert post.why_suppressed("Alice") == "bounce"


def test_a_forgotten_reader_s_bounce_brings_no_address_back(post: Post) -> None:
    issue = post.issue()
    with post.database.write() as conn:
        person = subscribers.forget(conn, "alice@example.com", at=NOON)
        assert person
        deliveries.erase(conn, person)

    post.take(mails.bounce(), mails.complaint())

    assert post.desk.deliveries(issue)[0].address == ""
    with post.database.read() as conn:
        found = subscribers.suppressions(conn)
    assert [entry.address for entry in found] == []


def test_forgetting_takes_what_was_read_and_quoted_and_keeps_the_figures(post: Post) -> None:
    issue = post.issue()
    post.take(mails.clicked(), mails.bounce(), mails.bounce(name="Bob", position=2))
    with post.database.write() as conn:
        person = subscribers.forget(conn, "alice@example.com", at=NOON)
        assert person
        before = deliveries.of_person(conn, person)
        deliveries.erase(conn, person)
        after = deliveries.of_person(conn, person)

    assert "alice@example.com" in str(before)
    assert "harbour.example/pier" in str(before)
    assert "alice" not in str(after)
    assert "harbour.example/pier" not in str(after)
    assert after[0]["reason"] == "Permanent; the person was forgotten"
    assert post.reason(issue, "Bob").startswith("Permanent General: smtp")


# --- What cannot be read -----------------------------------------------------------------------------------


def test_what_nobody_can_read_is_set_aside_with_the_reason_and_the_rest_is_recorded(post: Post) -> None:
    issue = post.issue()

    done = post.take_texts("Good morning.", text(mails.delivery()), '{"hello": 1}', "Good morning.")

    assert (done.new, done.aside) == (1, 2)
    assert post.state(issue, "Alice") is DeliveryState.DELIVERED
    assert sorted((aside.body, aside.reason) for aside in post.asides()) == [
        ("Good morning.", "It is not JSON."),
        ('{"hello": 1}', "It is JSON, and no event of SES's."),
    ]


def test_both_shapes_of_a_queue_s_body_are_read(post: Post) -> None:
    issue = post.issue()

    post.take_texts(enveloped(mails.delivery()), text(mails.delivery(name="Bob", position=2)))
    greeting = '{"Type": "Notification", "TopicArn": "arn:x", "Message": "Successfully validated SNS topic for Amazon'
    done = post.take_texts(greeting + ' SES event publishing."}')

    assert {post.state(issue, name) for name in ("Alice", "Bob")} == {DeliveryState.DELIVERED}
    assert (done.new, done.aside) == (0, 0)


def test_the_envelope_of_a_subscription_is_set_aside(post: Post) -> None:
    done = post.take_texts('{"Type": "SubscriptionConfirmation", "TopicArn": "arn:x", "Token": "t"}')

    assert done.aside == 1
    assert "SubscriptionConfirmation" in post.asides()[0].reason


def test_a_kind_that_nobody_knows_is_kept_and_moves_nothing_but_doubt(post: Post) -> None:
    issue = post.issue()

    done = post.take(mails.event("Resurrection"), mails.event("Resurrection"))

    assert (done.new, done.again) == (1, 1)
    assert post.state(issue, "Alice") is DeliveryState.ACCEPTED


def test_a_way_in_is_known_to_speak(post: Post) -> None:
    post.take(mails.send(), way="queue")
    post.now += timedelta(minutes=1)
    post.take(mails.send(), way="hook")

    assert post.ways() == {"queue": post.now - timedelta(minutes=1), "hook": post.now}
