"""Everything that SES can answer, and what becomes of the readers: nobody is lost, nobody is mailed twice, nobody is
marked as failed for what is not theirs."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.deliver import control
from digest.deliver.allowance import LOOK_AGAIN
from digest.deliver.call import TRIES
from digest.deliver.run import Delivery
from digest.deliver.senders.outbox import OutboxSender
from digest.deliver.senders.port import Prepared
from digest.deliver.senders.ses import SesSender
from digest.deliver.senders.smtp import Server, SmtpSender
from digest.errors import AccountError, SenderError
from digest.model import Account, DeliveryState, Issue, IssueState, Message, Receipt, Rendered
from digest.store import deliveries, issues, paces
from tests.doubles.ses import SesDouble
from tests.doubles.smtp import SmtpDouble
from tests.newsroom import Newsroom, Running


class Swift(Running):
    """Ten seconds pass in one: a throttled batch waits for two, and longer the next time."""

    def __call__(self) -> datetime:
        return self.now + 10 * (super().__call__() - self.now)


@pytest.fixture
def clock() -> Running:
    return Swift(datetime(2026, 11, 22, 10, tzinfo=UTC))


@pytest.fixture
def room(ses_newsroom: Newsroom, clock: Running) -> Newsroom:
    ses_newsroom.clock = clock
    return ses_newsroom


def by_name(room: Newsroom, issue: Issue) -> dict[str, DeliveryState]:
    with room.app.database.read() as conn:
        rows = deliveries.listed(conn, issue.id)
    return {row.address.partition("@")[0].title(): row.state for row in rows}


def reason(room: Newsroom, issue: Issue, name: str) -> str:
    with room.app.database.read() as conn:
        rows = deliveries.listed(conn, issue.id)
    return next(row.reason for row in rows if row.address == f"{name.lower()}@example.com")


def mailed(ses: SesDouble) -> Counter[str]:
    return Counter(mail.to[0].partition("@")[0].title() for mail in ses.mails)


def resume(room: Newsroom, issue: Issue) -> None:
    with room.app.database.write() as conn:
        control.resume(conn, issue.id, actor="Nora", now=room.app.clock())


def as_another_process(room: Newsroom, issue: Issue) -> None:
    """Deliver what is left as a process would that is started later."""
    room.app.close()
    room.app = room.open()
    room.deliver(issue)


def rate(room: Newsroom) -> float:
    with room.app.database.read() as conn:
        pace = paces.read(conn, "ses")
    assert pace is not None
    return pace.rate


# --- Pace --------------------------------------------------------------------------------------------------


def test_throttled_readers_are_tried_again_more_slowly_and_mailed_once(room: Newsroom, ses: SesDouble) -> None:
    room.subscribe("Alice", "Bob")
    issue = room.frozen()
    ses.refuse("TooManyRequestsException", "Maximum sending rate exceeded.")

    figures = room.deliver(issue)

    assert (figures.state, figures.accepted) == (IssueState.FINISHED, 2)
    assert mailed(ses) == {"Alice": 1, "Bob": 1}
    assert {mail.tags["attempt"] for mail in ses.mails} == {"2"}
    assert rate(room) < 500
    assert (room.issue(issue.id).hold, reason(room, issue, "Alice")) == ("", "")


def test_of_a_batch_that_was_throttled_in_part_only_the_rest_is_tried_again(room: Newsroom, ses: SesDouble) -> None:
    room.subscribe("Alice", "Bob", "Charlie")
    issue = room.frozen()
    ses.fail_entries({"bob@example.com": "ACCOUNT_THROTTLED", "charlie@example.com": "TRANSIENT_FAILURE"})

    assert room.deliver(issue).accepted == 3

    assert mailed(ses) == {"Alice": 1, "Bob": 1, "Charlie": 1}
    assert {mail.to[0]: mail.tags["attempt"] for mail in ses.mails} == {
        "alice@example.com": "1",
        "bob@example.com": "2",
        "charlie@example.com": "2",
    }


def test_a_reader_who_never_passes_does_not_keep_the_issue_sending_for_ever(room: Newsroom, ses: SesDouble) -> None:
    room.subscribe("Alice", "Bob")
    issue = room.frozen()
    ses.fail_entries({"bob@example.com": "FAILED"}, times=0)
    app = room.app
    alone = Delivery(
        app.database, app.sender, app.links, app.newsletters, workers=1, clock=_Hurrying(datetime.now(UTC))
    )

    figures = alone.deliver(issue.id, stop=threading.Event())

    assert figures.state is IssueState.PAUSED
    assert by_name(room, issue) == {"Alice": DeliveryState.ACCEPTED, "Bob": DeliveryState.PLANNED}
    assert f"some readers of a batch did not pass {TRIES} times: FAILED" in figures.hold
    assert ses.calls("SendBulkEmail") == TRIES


class _Hurrying(Running):
    """Five seconds pass each time that somebody looks at it."""

    def __call__(self) -> datetime:
        self.turn(seconds=5)
        return super().__call__()


# --- The account -------------------------------------------------------------------------------------------


def test_a_paused_account_pauses_the_issue_and_fails_nobody(room: Newsroom, ses: SesDouble) -> None:
    room.subscribe("Alice", "Bob")
    issue = room.frozen()
    ses.account.sending_enabled = False

    with pytest.raises(AccountError, match="Sending is paused for the account"):
        room.deliver(issue)

    assert set(by_name(room, issue).values()) == {DeliveryState.PLANNED}
    paused = room.issue(issue.id)
    assert paused.state is IssueState.PAUSED
    assert "Sending is paused for the account" in paused.hold

    ses.account.sending_enabled = True
    resume(room, issue)
    assert room.deliver(issue).accepted == 2
    assert mailed(ses) == {"Alice": 1, "Bob": 1}
    assert room.issue(issue.id).hold == ""


def test_an_account_that_may_not_send_is_known_before_the_roster_is_frozen(room: Newsroom, ses: SesDouble) -> None:
    room.subscribe("Alice")
    issue = room.approved()
    ses.account.sending_enabled = False

    with pytest.raises(AccountError, match="may not send now") as told:
        room.app.delivery.start(issue.id, actor="Nora")

    assert "Nobody was marked failed" in told.value.hint
    assert room.issue(issue.id) == issue


def test_an_account_that_is_stopped_on_the_way_pauses_the_issue_when_it_is_asked_again(
    room: Newsroom, ses: SesDouble, clock: Running
) -> None:
    """Not by a refused call alone: the account is asked each minute."""
    room.subscribe("Alice")
    issue = room.frozen()
    ses.account.sending_enabled = False
    clock.turn(minutes=2)

    with pytest.raises(AccountError, match="may not send now"):
        as_another_process(room, issue)

    assert ses.calls("SendBulkEmail") == 0
    assert room.issue(issue.id).state is IssueState.PAUSED
    assert by_name(room, issue) == {"Alice": DeliveryState.PLANNED}


@pytest.mark.parametrize(
    "status",
    [
        "ACCOUNT_SENDING_PAUSED",
        "CONFIGURATION_SET_SENDING_PAUSED",
        "A_STATUS_OF_NEXT_YEAR",
    ],
)
def test_an_account_error_for_every_reader_of_a_batch_pauses_the_issue(
    room: Newsroom, ses: SesDouble, status: str
) -> None:
    room.subscribe("Alice", "Bob")
    issue = room.frozen()
    ses.fail_entries({"*": status}, times=0)

    with pytest.raises(AccountError, match=status):
        room.deliver(issue)

    assert ses.calls("SendBulkEmail") == 1
    assert room.issue(issue.id).state is IssueState.PAUSED
    assert status in room.issue(issue.id).hold
    assert set(by_name(room, issue).values()) == {DeliveryState.PLANNED}

    ses.recover()
    resume(room, issue)
    assert room.deliver(issue).accepted == 2
    assert mailed(ses) == {"Alice": 1, "Bob": 1}


def test_an_account_that_was_paused_in_the_middle_of_a_batch_keeps_who_was_accepted(
    room: Newsroom, ses: SesDouble
) -> None:
    room.subscribe("Alice", "Bob", "Charlie")
    issue = room.frozen()
    ses.fail_entries(
        {"bob@example.com": "ACCOUNT_SENDING_PAUSED", "charlie@example.com": "ACCOUNT_SENDING_PAUSED"}, times=0
    )

    with pytest.raises(AccountError, match="ACCOUNT_SENDING_PAUSED"):
        room.deliver(issue)

    assert by_name(room, issue) == {
        "Alice": DeliveryState.ACCEPTED,
        "Bob": DeliveryState.PLANNED,
        "Charlie": DeliveryState.PLANNED,
    }
    assert ses.calls("SendBulkEmail") == 2
    assert room.issue(issue.id).state is IssueState.PAUSED


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("AccountSuspendedException", "The account is suspended"),
        ("AccessDeniedException", "The credentials may not do this"),
        ("AnErrorOfNextYear", "one we do not know"),
    ],
)
def test_a_refused_call_that_is_not_about_readers_pauses_the_issue_and_says_so(
    room: Newsroom, ses: SesDouble, code: str, says: str
) -> None:
    room.subscribe("Alice")
    issue = room.frozen()
    ses.refuse(code, "Because.", status=400)

    with pytest.raises(AccountError, match=says):
        room.deliver(issue)

    paused = room.issue(issue.id)
    assert paused.state is IssueState.PAUSED
    assert says in paused.hold
    assert code in paused.hold
    assert by_name(room, issue) == {"Alice": DeliveryState.PLANNED}
    with room.app.database.read() as conn:
        last = issues.journal(conn, issue.id)[-1]
    assert (last.actor, last.what) == ("delivery", "pause")
    assert code in last.detail


def test_a_mistaken_error_for_many_does_not_burn_the_list(room: Newsroom, ses: SesDouble) -> None:
    """Every reader "rejected" for one and the same reason is hardly about the readers."""
    room.subscribe_many(30)
    issue = room.frozen()
    ses.fail_entries({"*": "MESSAGE_REJECTED"}, times=0)

    with pytest.raises(AccountError, match="All 30 messages of a batch were refused for the same reason"):
        room.deliver(issue)

    figures = room.app.delivery.figures(issue.id)
    assert (figures.refused, figures.planned) == (0, 30)


# --- The quota of 24 hours ---------------------------------------------------------------------------------


def test_a_used_up_quota_holds_the_issue_until_there_is_quota_again(
    room: Newsroom, ses: SesDouble, clock: Running
) -> None:
    room.subscribe("Alice", "Bob")
    issue = room.frozen()
    ses.account.quota = 0

    figures = room.deliver(issue)

    held = room.issue(issue.id)
    assert (figures.state, figures.planned, figures.refused) == (IssueState.SENDING, 2, 0)
    assert "24-hour quota" in held.hold
    assert held.held_until is not None
    assert abs(held.held_until - room.app.clock() - LOOK_AGAIN) < timedelta(seconds=30)
    assert ses.calls("SendBulkEmail") <= room.app.settings["delivery.workers"]

    ses.account.quota = 50_000
    room.deliver(issue)
    assert room.issue(issue.id).state is IssueState.SENDING, "it went on before its time"

    clock.turn(minutes=16)
    as_another_process(room, issue)
    finished = room.issue(issue.id)
    assert (finished.state, finished.hold, finished.held_until) == (IssueState.FINISHED, "", None)
    assert mailed(ses) == {"Alice": 1, "Bob": 1}


def test_a_hold_that_is_over_is_not_shown_while_it_goes_on(room: Newsroom, ses: SesDouble) -> None:
    room.subscribe("Alice")
    issue = room.frozen()
    with room.app.database.write() as conn:
        past = room.app.clock() - timedelta(seconds=1)
        issues.change(conn, issue.id, hold="the account's 24-hour quota is used up", held_until=past)
    stopped = threading.Event()
    stopped.set()

    figures = room.app.delivery.deliver(issue.id, stop=stopped)

    assert (figures.state, figures.hold, figures.held_until) == (IssueState.SENDING, "", None)


@pytest.mark.parametrize("code", ["TooManyRequestsException", "LimitExceededException"])
def test_a_full_day_is_not_taken_for_a_full_second_whatever_its_code(room: Newsroom, ses: SesDouble, code: str) -> None:
    room.subscribe("Alice")
    issue = room.frozen()
    ses.refuse(code, "Daily message quota exceeded.", times=0)

    figures = room.deliver(issue)

    assert ses.calls("SendBulkEmail") == 1
    assert figures.state is IssueState.SENDING
    assert figures.held_until is not None
    assert rate(room) == 500, "the rate was not what was too much"


def test_what_the_account_says_of_its_quota_is_kept_without_trying(room: Newsroom, ses: SesDouble) -> None:
    ses.account.quota = 1
    room.subscribe("Alice", "Bob")
    issue = room.frozen()

    figures = room.deliver(issue)

    assert ses.calls("SendBulkEmail") == 1
    assert (figures.accepted, figures.planned) == (1, 1)
    assert "24-hour quota is used up" in figures.hold
    assert figures.held_until is not None


def test_a_quota_that_ends_within_a_batch_keeps_who_was_accepted(
    room: Newsroom, ses: SesDouble, clock: Running
) -> None:
    room.subscribe("Alice", "Bob", "Charlie")
    issue = room.frozen()
    ses.account.quota = 2

    figures = room.deliver(issue)

    assert (figures.accepted, figures.planned) == (2, 1)
    assert figures.state is IssueState.SENDING
    assert "24-hour quota" in figures.hold

    ses.account.quota = 50_000
    clock.turn(hours=24)
    as_another_process(room, issue)
    assert set(mailed(ses).values()) == {1}
    assert room.app.delivery.figures(issue.id).accepted == 3


# --- Doubt -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["drop", "error", "garble", "short", "close"])
def test_a_lost_answer_leaves_readers_uncertain_and_never_mails_them_again(
    room: Newsroom, ses: SesDouble, fault: str
) -> None:
    room.subscribe("Alice", "Bob")
    issue = room.frozen()
    ses.fault(fault)  # type: ignore[arg-type]  # the kinds are literals

    figures = room.deliver(issue)

    assert (figures.state, figures.uncertain, figures.accepted) == (IssueState.FINISHED, 2, 0)
    assert reason(room, issue, "Alice") != ""
    as_another_process(room, issue)
    assert ses.calls("SendBulkEmail") == 1
    assert max(mailed(ses).values(), default=0) <= 1
    assert by_name(room, issue) == {"Alice": DeliveryState.UNCERTAIN, "Bob": DeliveryState.UNCERTAIN}


def test_no_answer_in_time_is_doubt_too_and_the_other_batches_go_on(room: Newsroom, ses: SesDouble) -> None:
    room.app.__dict__["sender"] = SesSender(clock=room.app.clock, region="eu-west-1", read_timeout=0.4)
    room.subscribe_many(75)
    issue = room.frozen()
    ses.fault("silence")

    figures = room.deliver(issue)

    assert figures.state is IssueState.FINISHED
    assert {figures.uncertain, figures.accepted} == {50, 25}
    assert max(mailed(ses).values()) == 1


# --- Readers -----------------------------------------------------------------------------------------------


def test_one_bad_address_is_refused_and_the_rest_goes_on(room: Newsroom, ses: SesDouble) -> None:
    room.subscribe("Alice", "Bob", "Charlie")
    issue = room.frozen()
    ses.fail_entries({"bob@example.com": "MESSAGE_REJECTED"})

    figures = room.deliver(issue)

    assert (figures.state, figures.accepted, figures.refused) == (IssueState.FINISHED, 2, 1)
    assert by_name(room, issue)["Bob"] is DeliveryState.REFUSED
    assert "MESSAGE_REJECTED" in reason(room, issue, "Bob")
    assert list(figures.refused_why.values()) == [1]
    assert ses.calls("SendBulkEmail") == 1


def test_an_address_that_cannot_be_written_is_refused_before_it_leaves(room: Newsroom, ses: SesDouble) -> None:
    room.subscribe("Alice", "Dora")
    with room.app.database.write() as conn:  # as from a list of before such addresses were looked at
        conn.exec_driver_sql("UPDATE subscriber SET address = 'dorá@example.com' WHERE name = 'Dora'")
    issue = room.frozen()

    figures = room.deliver(issue)

    assert (figures.accepted, figures.refused) == (1, 1)
    assert mailed(ses) == {"Alice": 1}


def test_accepted_throttled_refused_and_unknown_in_one_batch_each_end_right(room: Newsroom, ses: SesDouble) -> None:
    room.subscribe("Alice", "Bob", "Charlie", "Dora")
    issue = room.frozen()
    ses.fail_entries(
        {
            "bob@example.com": "ACCOUNT_THROTTLED",
            "charlie@example.com": "MESSAGE_REJECTED",
            "dora@example.com": "INVALID_PARAMETER",
        }
    )

    figures = room.deliver(issue)

    assert figures.state is IssueState.FINISHED
    assert by_name(room, issue) == {
        "Alice": DeliveryState.ACCEPTED,
        "Bob": DeliveryState.ACCEPTED,
        "Charlie": DeliveryState.REFUSED,
        "Dora": DeliveryState.REFUSED,
    }
    assert mailed(ses) == {"Alice": 1, "Bob": 1}


# --- One call for each reader ------------------------------------------------------------------------------


def test_on_the_single_path_a_refused_reader_is_the_only_one(room: Newsroom, ses: SesDouble) -> None:
    room.app.__dict__["sender"] = SesSender(clock=room.app.clock, region="eu-west-1", mode="single")
    room.subscribe("Alice", "Bob", "Charlie")
    issue = room.frozen()
    ses.refuse("BadRequestException", "Invalid email address.", operation="SendEmail")

    figures = room.deliver(issue)

    assert (figures.state, figures.accepted, figures.refused) == (IssueState.FINISHED, 2, 1)
    assert ses.calls("SendEmail") == 3


# --- Our own mistakes --------------------------------------------------------------------------------------


class Clumsy:
    """A sender with a mistake in it."""

    name = "clumsy"
    batch_size = 50

    def __init__(self, *, stumbles_at: str) -> None:
        self._at = stumbles_at

    def account(self) -> Account:
        return Account(max_rate=1000.0)

    def prepare(self, rendered: Rendered, messages: Sequence[Message]) -> Prepared:
        if self._at == "prepare":
            raise ZeroDivisionError("oops")
        positions = tuple(message.recipient.position for message in messages)
        return Prepared(positions=positions, total_bytes=0, compose=lambda _: b"", weigh=lambda _: 0)

    def send(self, prepared: Prepared) -> list[Receipt]:
        if self._at == "send":
            raise ZeroDivisionError("oops")
        raise SenderError("Something that is none of the kinds we know.")

    def close(self) -> None:
        pass


def clumsy(room: Newsroom, *, stumbles_at: str) -> Delivery:
    return Delivery(
        room.app.database, Clumsy(stumbles_at=stumbles_at), room.app.links, room.app.newsletters, clock=room.app.clock
    )


def test_a_mistake_before_the_call_pauses_and_leaves_everybody_planned(newsroom: Newsroom) -> None:
    newsroom.subscribe("Alice", "Bob")
    issue = newsroom.approved()
    delivery = clumsy(newsroom, stumbles_at="prepare")
    delivery.start(issue.id, actor="Nora")

    with pytest.raises(ZeroDivisionError):
        delivery.deliver(issue.id, stop=threading.Event())

    paused = newsroom.issue(issue.id)
    assert paused.state is IssueState.PAUSED
    assert paused.hold == "an error of the program: ZeroDivisionError: oops"
    assert set(by_name(newsroom, issue).values()) == {DeliveryState.PLANNED}

    resume(newsroom, issue)  # with a program that has been mended
    assert newsroom.deliver(issue).accepted == 2


def test_a_newsletter_that_left_the_settings_pauses_its_issue_and_leaves_everybody_planned(newsroom: Newsroom) -> None:
    newsroom.subscribe("Alice")
    issue = newsroom.frozen()
    settings = newsroom.folder / "settings.toml"
    settings.write_text(settings.read_text().replace("[newsletters.daily", "[newsletters.renamed"))
    renamed = newsroom.open()

    with pytest.raises(Exception, match="daily"):
        renamed.delivery.deliver(issue.id, stop=threading.Event())
    renamed.close()

    assert newsroom.issue(issue.id).state is IssueState.PAUSED
    assert "There is no newsletter 'daily' in the settings" in newsroom.issue(issue.id).hold
    assert by_name(newsroom, issue) == {"Alice": DeliveryState.PLANNED}


def test_a_mistake_in_the_middle_of_a_call_leaves_readers_uncertain(newsroom: Newsroom) -> None:
    newsroom.subscribe("Alice", "Bob")
    issue = newsroom.approved()
    delivery = clumsy(newsroom, stumbles_at="send")
    delivery.start(issue.id, actor="Nora")

    with pytest.raises(ZeroDivisionError):
        delivery.deliver(issue.id, stop=threading.Event())

    assert newsroom.issue(issue.id).state is IssueState.PAUSED
    assert set(by_name(newsroom, issue).values()) == {DeliveryState.UNCERTAIN}
    assert "ZeroDivisionError" in reason(newsroom, issue, "Alice")


def test_an_error_of_a_kind_that_we_do_not_know_pauses_and_leaves_everybody_planned(newsroom: Newsroom) -> None:
    newsroom.subscribe("Alice")
    issue = newsroom.approved()
    delivery = clumsy(newsroom, stumbles_at="")
    delivery.start(issue.id, actor="Nora")

    with pytest.raises(SenderError):
        delivery.deliver(issue.id, stop=threading.Event())

    assert newsroom.issue(issue.id).hold == "Something that is none of the kinds we know."
    assert by_name(newsroom, issue) == {"Alice": DeliveryState.PLANNED}


# --- A mail server -----------------------------------------------------------------------------------------


def test_through_a_mail_server_a_refused_reader_is_the_only_one(newsroom: Newsroom) -> None:
    newsroom.subscribe("Alice", "Bob", "Charlie")
    with SmtpDouble() as server:
        server.script.replies["rcpt", "bob@example.com"] = "550 5.1.1 no such person"
        through = Server(host="127.0.0.1", port=server.port, security="none", username="", password="")
        newsroom.app.__dict__["sender"] = SmtpSender(through, clock=newsroom.app.clock, max_rate=1000)
        issue = newsroom.frozen()

        figures = newsroom.deliver(issue)
        newsroom.app.sender.close()

    assert (figures.state, figures.accepted, figures.refused) == (IssueState.FINISHED, 2, 1)
    assert sorted(mail.to for mail in server.accepted) == ["alice@example.com", "charlie@example.com"]


# --- The outbox --------------------------------------------------------------------------------------------


def test_an_outbox_that_cannot_be_written_pauses_the_issue(newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.subscribe("Alice")
    (tmp_path / "full").write_text("a file where the outbox should be")
    newsroom.app.__dict__["sender"] = OutboxSender(tmp_path / "full", clock=newsroom.app.clock)
    issue = newsroom.frozen()

    with pytest.raises(AccountError, match="The outbox cannot be written"):
        newsroom.deliver(issue)

    paused = newsroom.issue(issue.id)
    assert paused == replace(paused, state=IssueState.PAUSED, hold=paused.hold)
    assert "The outbox cannot be written" in paused.hold
    (tmp_path / "full").unlink()
    resume(newsroom, issue)
    assert newsroom.deliver(issue).accepted == 1
