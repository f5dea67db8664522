"""What silence proves about readers whom nobody answered for, in the ledger, and what is done then."""

from __future__ import annotations

from datetime import datetime, timedelta

from digest.deliver.evidence import GRACE, Verdict
from digest.events.silence import Silence, known
from digest.model import DeliveryState, IssueState
from digest.store import issues
from tests.events import mails
from tests.events.post import Post
from tests.store.desk import LEASE, NOON, accepted, after, doubtful

READERS = tuple(f"Reader{number}" for number in range(1, 31))
LATER = NOON + GRACE + timedelta(minutes=1)


def mailed(post: Post, *, doubt_at: datetime = NOON) -> int:
    """An issue to thirty readers in batches of five: five batches were answered, the last one was not."""
    post.desk.subscribe(*READERS)
    issue = post.desk.issue()
    with post.database.write() as conn:
        issues.change(conn, issue, started_at=NOON)
    post.desk.freeze(issue, batch_size=5)
    for _ in range(5):
        claim = post.desk.calling(issue)
        post.desk.record(claim, *(accepted(position) for position in range(claim.first, claim.last + 1)))
    last = post.desk.calling(issue, at=doubt_at)
    post.desk.record(last, *(doubtful(position) for position in range(last.first, last.last + 1)), at=doubt_at)
    return issue


def hear_of(post: Post, *positions: int) -> None:
    post.take(*(mails.send(name=f"Reader{position}", position=position) for position in positions))


def verdicts(post: Post, issue: int, now: datetime = LATER) -> dict[Verdict, tuple[int, ...]]:
    with post.database.read() as conn:
        return {one.verdict: one.positions for one in known(conn, issue, now=now)}


def settle(post: Post, *, resend: bool, now: datetime = LATER) -> dict[int, int]:
    return Silence(post.database, resend=resend, clock=lambda: now).settle()


def test_who_was_heard_of_is_accepted_at_once_and_who_was_not_is_in_doubt(post: Post) -> None:
    issue = mailed(post)

    hear_of(post, 26, 27)

    assert post.state(issue, "Reader26") is DeliveryState.ACCEPTED
    assert verdicts(post, issue, now=NOON) == {Verdict.OPEN: (28, 29, 30)}


def test_where_everybody_else_was_heard_of_silence_proves_that_they_were_never_accepted(post: Post) -> None:
    issue = mailed(post)

    hear_of(post, *range(1, 26))

    assert verdicts(post, issue) == {Verdict.NOT_ACCEPTED: (26, 27, 28, 29, 30)}


def test_where_the_channel_is_silent_nothing_is_proved(post: Post) -> None:
    issue = mailed(post)

    hear_of(post, *range(1, 20))

    assert verdicts(post, issue) == {Verdict.OPEN: (26, 27, 28, 29, 30)}


def test_arrivals_alone_are_no_send_events(post: Post) -> None:
    """The configuration set may publish deliveries and no sends: then silence about sends means nothing."""
    issue = mailed(post)

    post.take(*(mails.delivery(name=f"Reader{position}", position=position) for position in range(1, 26)))

    assert verdicts(post, issue) == {Verdict.OPEN: (26, 27, 28, 29, 30)}


def test_neighbours_of_another_hour_prove_nothing(post: Post) -> None:
    issue = mailed(post, doubt_at=after(3600))

    hear_of(post, *range(1, 26))

    assert verdicts(post, issue, now=LATER + timedelta(hours=2)) == {Verdict.OPEN: (26, 27, 28, 29, 30)}


def test_those_of_the_doubtful_call_who_were_heard_of_are_no_neighbours(post: Post) -> None:
    """They are heard of by their very choice; half of the others may be accepted and unheard of."""
    post.desk.subscribe(*READERS)
    issue = post.desk.issue()
    with post.database.write() as conn:
        issues.change(conn, issue, started_at=NOON)
    post.desk.freeze(issue)
    claim = post.desk.calling(issue)
    post.desk.record(claim, *(doubtful(position) for position in range(1, 31)))

    hear_of(post, *range(1, 26))

    assert verdicts(post, issue) == {Verdict.OPEN: (26, 27, 28, 29, 30)}


def test_held_they_wait_for_a_person(post: Post) -> None:
    issue = mailed(post)
    hear_of(post, *range(1, 26))

    assert settle(post, resend=False) == {}
    assert post.state(issue, "Reader26") is DeliveryState.UNCERTAIN


def test_who_was_never_accepted_is_mailed_again_where_that_is_wanted_and_the_journal_says_so(post: Post) -> None:
    issue = mailed(post)
    hear_of(post, *range(1, 26))

    assert settle(post, resend=True) == {issue: 5}
    assert post.state(issue, "Reader26") is DeliveryState.PLANNED
    assert ("reopen", "5 uncertain") in post.journal(issue)
    claim = post.desk.calling(issue, at=LATER + timedelta(seconds=LEASE))
    assert (claim.first, claim.last, claim.attempt) == (26, 30, 2)
    assert settle(post, resend=True) == {}


def test_a_cancelled_issue_mails_nobody_again(post: Post) -> None:
    issue = mailed(post)
    hear_of(post, *range(1, 26))
    with post.database.write() as conn:
        issues.change(conn, issue, state=IssueState.CANCELLED.value)

    assert settle(post, resend=True) == {}


def test_who_has_it_by_an_earlier_attempt_is_not_mailed_again_unasked(post: Post) -> None:
    issue = mailed(post)
    hear_of(post, *range(1, 26))
    settle(post, resend=True)
    at = LATER + timedelta(minutes=1)
    again = post.desk.calling(issue, at=at)
    post.desk.record(again, *(doubtful(position) for position in range(26, 31)), at=at)

    post.take(mails.send(name="Reader26", position=26, attempt=1))

    assert post.state(issue, "Reader26") is DeliveryState.UNCERTAIN
    assert 26 in verdicts(post, issue, now=at + timedelta(hours=1))[Verdict.OPEN]
