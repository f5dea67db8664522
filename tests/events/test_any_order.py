"""Events come in any order, some twice: the ledger, the list and the figures end the same."""

from __future__ import annotations

import itertools
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import subscribers
from digest.deliver import control
from digest.events.fold import Policy
from digest.model import DeliveryState
from digest.store import ledger, steps
from tests.events import mails
from tests.events.post import Post, outcome, read
from tests.store.desk import LEASE, accepted, after, doubtful, refused
from tests.store.test_steps import forget_watching, seen, watch

#: What may come of one message; the reader and the attempt are put in.
KINDS: tuple[Any, ...] = (
    mails.send,
    mails.delivery,
    mails.bounce,
    lambda **said: mails.bounce("Transient", "MailboxFull", **said),
    lambda **said: mails.bounce("Permanent", "OnAccountSuppressionList", **said),
    mails.complaint,
    lambda **said: mails.complaint("not-spam", **said),
    mails.reject,
    mails.rendering_failure,
    mails.delay,
    mails.opened,
    lambda **said: mails.opened(0.05, **said),
    mails.clicked,
    lambda **said: mails.clicked(10.005, link="https://harbour.example/ferry", **said),
    lambda **said: mails.clicked(11, link="https://harbour.example/canary", **said),
)
ONE = st.builds(
    lambda kind, who, attempt: kind(name=who[0], position=who[1], attempt=attempt),
    st.sampled_from(KINDS),
    st.sampled_from([("Alice", 1), ("Bob", 2), ("Charlie", 3), ("Dora", 4)]),
    st.sampled_from([1, 1, 1, 2]),
)


@st.composite
def two_orders(draw: st.DrawFn) -> tuple[list[list[Any]], list[list[Any]]]:
    """The same events twice: in one order and in another, cut into batches, some told more than once."""
    said = draw(st.lists(ONE, min_size=1, max_size=9))
    orders = []
    for _ in range(2):
        told = draw(st.permutations(said + draw(st.lists(st.sampled_from(said), max_size=3))))
        cuts = sorted(draw(st.sets(st.integers(0, len(told)), max_size=3)) | {0, len(told)})
        orders.append([told[a:b] for a, b in itertools.pairwise(cuts)])
    return orders[0], orders[1]


def a_ledger_with_everything(post: Post) -> int:
    """Alice was accepted, Bob refused, Charlie is uncertain after a second attempt, Dora waits for one."""
    issue = post.issue("Alice", "Bob", "Charlie", "Dora", accept=False)
    claim = post.desk.calling(issue)
    post.desk.record(claim, accepted(1), refused(2), doubtful(3), doubtful(4))
    with post.database.write() as conn:
        control.settle(conn, issue, control.Decision.RESEND, positions=[3], actor="Nora", now=after(1))
    post.desk.record(post.desk.calling(issue, at=after(2)), doubtful(3), at=after(3))
    with post.database.write() as conn:
        control.settle(conn, issue, control.Decision.RESEND, positions=[4], actor="Nora", now=after(4))
    return issue


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=two_orders())
def _same(post: Post, orders: tuple[list[list[Any]], list[list[Any]]]) -> None:
    found = []
    for order in orders:
        with post.database.trial() as conn:
            found.append(outcome(conn, [read(batch) for batch in order], post.policy, post.now))
    assert found[0] == found[1]


def test_any_order_and_any_number_of_tellings_end_in_the_same_state(post: Post) -> None:
    a_ledger_with_everything(post)
    post.policy = Policy(soft_bounces=1, soft_days=0)

    _same(post)


def test_whatever_events_do_to_a_delivery_is_a_step_of_the_tables(post: Post) -> None:
    issue = a_ledger_with_everything(post)
    watch(post.database)
    readers = [("Alice", 1), ("Bob", 2), ("Charlie", 3), ("Dora", 4)]
    for kind in KINDS:
        post.take(*(kind(name=name, position=position, attempt=2) for name, position in readers))
    _, of_deliveries = seen(post.database)
    forget_watching(post.database)

    assert {(was, became) for was, became in of_deliveries if became not in steps.DELIVERY[was]} == set()
    assert {state for _, state in of_deliveries} >= {DeliveryState.COMPLAINED, DeliveryState.BOUNCED}
    assert set(post.desk.states(issue).values()) == {DeliveryState.COMPLAINED}


def test_an_event_that_overtakes_the_reply_is_kept_by_the_reply(post: Post) -> None:
    issue = post.issue("Alice", "Bob", accept=False)
    claim = post.desk.calling(issue)

    post.take(mails.send(), mails.delivery())
    post.desk.record(claim, accepted(1), accepted(2))

    assert post.state(issue, "Alice") is DeliveryState.DELIVERED
    assert post.state(issue, "Bob") is DeliveryState.ACCEPTED
    rows = {d.address: d for d in post.desk.deliveries(issue)}
    assert rows["alice@example.com"].fingerprint == rows["bob@example.com"].fingerprint != ""


def test_who_turns_out_to_have_it_already_is_not_mailed_again(post: Post) -> None:
    """The worker died in the middle of the call, Nora had it sent again, and then the event came."""
    issue = post.issue("Alice", "Bob", accept=False)
    post.desk.calling(issue)
    post.desk.reap(at=after(LEASE + 1))
    with post.database.write() as conn:
        control.settle(conn, issue, control.Decision.RESEND, actor="Nora", now=after(LEASE + 2))

    post.take(mails.send())

    claim = post.desk.calling(issue, at=after(LEASE + 3))
    with post.database.read() as conn:
        assert [recipient.name for recipient in ledger.planned(conn, claim)] == ["Bob"]


def test_an_event_of_an_earlier_attempt_proves_nothing_about_a_newer_one(post: Post) -> None:
    issue = a_ledger_with_everything(post)

    post.take(mails.send(name="Charlie", position=3, attempt=1))
    assert post.state(issue, "Charlie") is DeliveryState.UNCERTAIN

    post.take(mails.send(name="Charlie", position=3, attempt=2, at=mails.NOON + timedelta(seconds=5)))
    assert post.state(issue, "Charlie") is DeliveryState.ACCEPTED


def test_workers_side_by_side_record_every_event_once_and_none_waits_for_ever(post: Post) -> None:
    names = [f"Reader{number}" for number in range(1, 41)]
    post.issue(*names)
    said = [
        mails.text(kind(name=name, position=position))
        for position, name in enumerate(names, start=1)
        for kind in (mails.send, mails.delivery, mails.opened, mails.bounce, mails.complaint)
    ]

    def work(seed: int) -> int:
        mine = random.Random(seed).sample(said, len(said))
        return sum(post.take_texts(*mine[start : start + 30]).new for start in range(0, len(mine), 30))

    with ThreadPoolExecutor(4) as pool:
        new = list(pool.map(work, range(4)))

    assert (sum(new), post.events()) == (200, 200)
    with post.database.read() as conn:
        assert len(subscribers.suppressions(conn, reason=subscribers.Reason.COMPLAINT)) == 40
