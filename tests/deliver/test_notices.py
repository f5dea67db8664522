"""Notices on their way: nothing twice, doubt admitted, and what is certainly not sent is tried again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import subscribers
from digest.deliver.allowance import Allowance
from digest.deliver.notices import FIRST, LONGEST, Notices, wait_after
from digest.deliver.senders.port import Prepared, Sender
from digest.deliver.turns import Turns
from digest.errors import AccountError, DoubtError, PaceError, SenderError
from digest.model import Message, Receipt, Rendered
from digest.store import outgoing
from digest.store.outgoing import Outgoing
from tests.doubles.ses import SesDouble
from tests.newsroom import Clock, Newsroom


class Moody:
    """A sender in front of the newsroom's own that fails as it is told, before or after the message has left."""

    name = "moody"
    batch_size = 1

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self.before: list[BaseException] = []
        self.after: list[BaseException] = []
        self.calls = 0

    def prepare(self, rendered: Rendered, messages: Sequence[Message]) -> Prepared:
        return self._sender.prepare(rendered, messages)

    def send(self, prepared: Prepared) -> list[Receipt]:
        self.calls += 1
        if self.before:
            raise self.before.pop(0)
        receipts = self._sender.send(prepared)
        if self.after:
            raise self.after.pop(0)
        return receipts

    def account(self) -> Any:
        return self._sender.account()

    def close(self) -> None:
        self._sender.close()


class Post:
    def __init__(self, room: Newsroom) -> None:
        self.room = room
        self.clock = room.clock = Clock()
        self.sender = Moody(room.app.sender)
        self.notices = self.another()
        [self.alice] = room.subscribe("Alice")

    def another(self) -> Notices:
        """Another process on the same database."""
        app = self.room.app
        return Notices(
            app.database,
            lambda: self.sender,
            lambda: app.renderer,
            app.house_links,
            app.newsletters,
            turns=lambda: Turns(app.database, Allowance(app.database, self.sender, clock=app.clock), clock=app.clock),
            clock=app.clock,
        )

    def owe(self, notice: str = "link", subscriber_id: int = 0) -> None:
        with self.room.app.database.write() as conn:
            self.notices.plan(conn, notice, "daily", subscriber_id or self.alice)

    def work(self) -> bool:
        return self.notices.work(threading.Event())

    @property
    def notice(self) -> Outgoing:
        with self.room.app.database.read() as conn:
            return outgoing.listed(conn)[0]

    @property
    def files(self) -> list[Path]:
        return sorted((self.room.app.settings.path("paths.outbox") / "notices").glob("*.eml"))


@pytest.fixture
def post(newsroom: Newsroom) -> Post:
    return Post(newsroom)


def test_a_notice_is_sent_once_and_what_became_of_it_is_written_down(post: Post) -> None:
    post.owe()

    assert post.work()
    assert not post.work()

    assert (post.notice.state, post.notice.attempt) == ("accepted", 1)
    assert post.notice.message_id
    assert len(post.files) == 1


def test_two_processes_send_it_once(post: Post) -> None:
    for _ in range(20):
        post.owe("link", post.alice)
        gate = threading.Barrier(2)

        def work(notices: Notices, gate: threading.Barrier = gate) -> None:
            gate.wait()
            notices.work(threading.Event())

        threads = [threading.Thread(target=work, args=(post.another(),)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert post.notice.state == "accepted"

    assert post.sender.calls == 20


def test_a_process_that_dies_before_the_call_is_committed_costs_nothing(post: Post) -> None:
    post.owe()
    post.room.app.database.at_commit = _dies_at("before", "call notice")
    with pytest.raises(SystemExit):
        post.work()
    post.room.app.database.at_commit = lambda _when, _step: None

    post.work()

    assert post.notice.state == "accepted"
    assert post.sender.calls == 1


def test_a_process_that_dies_in_the_middle_of_a_call_leaves_doubt_and_nobody_sends_again(post: Post) -> None:
    post.owe()
    post.room.app.database.at_commit = _dies_at("before", "record notice")
    with pytest.raises(SystemExit):
        post.work()
    post.room.app.database.at_commit = lambda _when, _step: None
    assert post.notice.state == "calling"

    assert not post.another().work(threading.Event())
    post.clock.turn(minutes=11)
    assert not post.another().work(threading.Event())

    assert (post.notice.state, post.notice.reason) == ("uncertain", "whoever sent it died")
    assert post.sender.calls == 1


def test_whoever_misses_a_mail_in_doubt_asks_again_and_gets_one(post: Post) -> None:
    post.owe()
    post.sender.after = [DoubtError("The reply was lost.")]
    post.work()
    assert post.notice.state == "uncertain"

    post.owe()
    post.work()

    assert post.notice.state == "accepted"
    assert post.sender.calls == 2


def test_an_error_of_ours_in_the_middle_of_a_call_is_doubt(post: Post) -> None:
    post.owe()
    post.sender.after = [ZeroDivisionError("ours")]

    post.work()

    assert (post.notice.state, post.notice.reason) == ("uncertain", "ZeroDivisionError")


@pytest.mark.parametrize("error", [PaceError("Too fast."), AccountError("Sending is paused.")])
def test_what_has_certainly_not_left_is_tried_again_and_later_each_time(post: Post, error: SenderError) -> None:
    post.owe()
    post.sender.before = [error, error]

    post.work()
    assert (post.notice.state, post.notice.reason) == ("planned", error.message)
    assert not post.work(), "not at once"
    post.clock.turn(seconds=6)
    assert post.work()
    post.clock.turn(seconds=6)
    assert post.work()

    assert (post.notice.state, post.notice.attempt) == ("accepted", 3)
    assert len(post.files) == 1


def test_what_could_not_be_sent_for_a_day_is_given_up(post: Post) -> None:
    post.owe()
    post.sender.before = [AccountError("Sending is paused.")] * 200

    for _ in range(60):
        post.clock.turn(minutes=30)
        post.work()

    assert (post.notice.state, post.notice.reason) == ("skipped", "too late")
    assert post.sender.calls < 60


def test_the_time_between_tries_grows_and_has_an_end() -> None:
    waited = [wait_after(timedelta(seconds=s)) for s in (0, 3, 60, 600, 86_400)]

    assert waited == sorted(waited)
    assert (waited[0], waited[-1]) == (FIRST, LONGEST)


def test_a_message_that_cannot_be_sent_by_our_own_fault_waits_and_no_call_is_made(post: Post) -> None:
    post.owe()

    def broken(*_: object, **__: object) -> Prepared:
        raise AccountError("No message of this batch can be sent.")

    post.sender.prepare = broken  # type: ignore[method-assign]
    post.work()

    assert (post.notice.state, post.sender.calls) == ("planned", 0)


def test_the_doctor_says_that_readers_wait_and_why(post: Post) -> None:
    from digest.cli.doctor.waiting import of_notices

    def said() -> list[str]:
        return [finding.message for finding in of_notices(app)]

    app = post.room.app
    post.owe()
    post.sender.before = [AccountError("Sending is paused.")]
    post.work()
    assert said() == []

    post.clock.turn(minutes=16)

    [message] = said()
    assert "wait for more than a quarter of an hour: 1 (Sending is paused.)" in message


# --- Whom it still fits --------------------------------------------------------------------------------------


def test_who_was_forgotten_meanwhile_is_not_mailed(post: Post) -> None:
    post.owe()
    with post.room.app.database.write() as conn:
        subscribers.forget(conn, "alice@example.com", at=post.clock())

    post.work()

    assert (post.notice.state, post.notice.reason) == ("skipped", "forgotten")
    assert post.sender.calls == 0


@pytest.mark.parametrize("reason", ["bounce", "complaint", "manual"])
@pytest.mark.parametrize("notice", ["confirm", "link", "data", "goodbye"])
def test_a_suppressed_address_is_not_mailed(post: Post, reason: str, notice: str) -> None:
    post.owe(notice)
    with post.room.app.database.write() as conn:
        subscribers.suppress(conn, "alice@example.com", reason=subscribers.Reason(reason), at=post.clock())

    post.work()

    assert (post.notice.state, post.notice.reason) == ("skipped", reason)


def test_a_welcome_to_who_has_left_again_and_a_goodbye_to_who_came_back_are_not_sent(post: Post) -> None:
    post.owe("goodbye")
    post.work()
    assert (post.notice.state, post.notice.reason) == ("skipped", "stands otherwise now")

    with post.room.app.database.write() as conn:
        subscribers.leave(conn, post.alice, "daily", at=post.clock(), how="test")
    post.owe("welcome")
    post.work()
    assert (post.notice.state, post.notice.reason) == ("skipped", "stands otherwise now")
    assert post.sender.calls == 0


def test_a_newsletter_that_is_not_declared_any_more_owes_nothing(post: Post) -> None:
    with post.room.app.database.write() as conn:
        post.notices.plan(conn, "link", "gone", post.alice)

    post.work()

    assert post.notice.reason == "the newsletter is not declared any more"


def test_the_ledger_of_notices_keeps_no_address_and_forgets_after_a_month(post: Post) -> None:
    post.owe()
    post.work()
    assert "alice" not in repr(post.notice)

    post.clock.turn(days=31)
    post.work()

    with post.room.app.database.read() as conn:
        assert outgoing.listed(conn) == []


# --- Ways out ------------------------------------------------------------------------------------------------


def test_a_worker_sends_what_no_page_did(post: Post) -> None:
    post.owe()

    post.room.app.worker.run(threading.Event(), until_idle=True)

    assert post.notice.state == "accepted"


def test_the_thread_beside_the_pages_sends_at_once_and_ends_when_told(post: Post) -> None:
    stop, sent = threading.Event(), threading.Event()

    def at_commit(when: str, step: str) -> None:
        if (when, step) == ("after", "record notice"):
            sent.set()

    post.room.app.database.at_commit = at_commit
    thread = threading.Thread(target=post.notices.run, args=(stop,))
    thread.start()
    post.owe()
    post.notices.hurry()

    assert sent.wait(10)
    stop.set()
    post.notices.hurry()
    thread.join(5)

    assert not thread.is_alive()
    assert post.notice.state == "accepted"


def test_through_ses_it_goes_in_a_call_of_its_own_with_its_tags(ses_newsroom: Newsroom, ses: SesDouble) -> None:
    [alice] = ses_newsroom.subscribe("Alice")
    with ses_newsroom.app.database.write() as conn:
        ses_newsroom.app.notices.plan(conn, "already", "daily", alice)

    ses_newsroom.app.notices.work(threading.Event())

    [message] = ses.mails
    assert message.to == ("alice@example.com",)
    assert message.tags["notice"] == "already"
    assert message.tags["issue"] == "0"
    headers = dict(message.headers)
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def _dies_at(when: str, step: str) -> Callable[[str, str], None]:
    def at_commit(now: str, here: str) -> None:
        if (now, here) == (when, step):
            raise SystemExit

    return at_commit
