"""What a file says beside a person's standing: why they left, and that they want no issue now, or fewer of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
import sqlalchemy as sa

import subscribers
from subscribers import ImportReport, State, Subscription
from tests.subscribers.conftest import NOW, later, mailable

Take = Callable[..., ImportReport]

PAUSED = "email,name,paused_until,min_days,last_issue_at\n"


def place_of(conn: sa.Connection, name: str) -> Subscription:
    [entry] = subscribers.page(conn, search=name).entries
    [place] = entry.subscriptions
    return place


def test_who_is_away_is_not_mailed_before_they_are_back(conn: sa.Connection, take: Take) -> None:
    take(f"{PAUSED}alice@example.org,Alice,{later(3):%Y-%m-%d},,\nbob@example.org,Bob,2020-01-01,0,\n")
    assert mailable(conn, at=NOW) == ["bob@example.org"]
    assert mailable(conn, at=later(4)) == ["alice@example.org", "bob@example.org"]


def test_who_wants_fewer_issues_is_not_mailed_again_the_next_day(conn: sa.Connection, take: Take) -> None:
    take(f"{PAUSED}alice@example.org,Alice,,7,{NOW.isoformat()}\nbob@example.org,Bob,,,\n")
    assert mailable(conn, at=later(1)) == ["bob@example.org"]
    assert mailable(conn, at=later(7)) == ["alice@example.org", "bob@example.org"]


def test_what_readers_chose_here_is_newer_than_any_file(conn: sa.Connection, take: Take) -> None:
    take("email\nalice@example.org\nbob@example.org\n")
    alice, bob = (subscribers.find(conn, f"{name}@example.org") for name in ("alice", "bob"))
    assert alice is not None
    assert bob is not None
    subscribers.choose(conn, alice.id, "daily", min_days=30)
    subscribers.leave(conn, bob.id, "daily", at=NOW, how="link")
    subscribers.say_why(conn, bob.id, "daily", "Too many mails")
    report = take(
        "email,status,left_why,paused_until,min_days\n"
        f"alice@example.org,active,,{later(9).isoformat()},7\nbob@example.org,left,Another reason,,\n"
    )
    assert (report.unchanged, report.kept_out) == (1, {"left": 1})
    place = place_of(conn, "alice")
    assert (place.min_days, place.paused_until) == (30, None)
    assert place_of(conn, "bob").left_why == "Too many mails"


def test_why_somebody_left_comes_with_their_leaving_and_with_no_other_line(conn: sa.Connection, take: Take) -> None:
    take("email\nalice@example.org\nbob@example.org\n")
    take("email,status,unsubscribe reason\nalice@example.org,left,I moved away\nbob@example.org,active,A mistake\n")
    assert (place_of(conn, "alice").state, place_of(conn, "alice").left_why) == (State.LEFT, "I moved away")
    assert place_of(conn, "bob").left_why == ""


def test_of_two_lines_about_somebody_the_reason_of_the_one_that_counts_is_kept(conn: sa.Connection, take: Take) -> None:
    take(
        "email,status,left_why,min_days\n"
        "alice@example.org,active,,7\nalice@example.org,left,No time,\n"
        "bob@example.org,active,,7\nbob@example.org,active,,30\n"
    )
    assert place_of(conn, "alice").left_why == "No time"
    assert place_of(conn, "bob").min_days == 7


@pytest.mark.parametrize(
    ("chosen", "written", "why"),
    [
        ("No longer interested", "", "No longer interested"),
        ("Other", "I moved away", "I moved away"),
        ("", "I moved away", "I moved away"),
        ("Too many", "two a day!", "Too many: two a day!"),
        ("Other", "", "Other"),
        ("", "", ""),
    ],
)
def test_mailchimp_s_reason_and_the_words_beside_it_are_one_answer(
    conn: sa.Connection, take: Take, chosen: str, written: str, why: str
) -> None:
    take(
        "Email Address,UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER,LEID\n"
        f"alice@example.org,2021-06-02 08:30:00,May,1a,{chosen},{written},7\n"
    )
    place = place_of(conn, "alice")
    assert (place.left_how, place.left_why) == ("import", why)
    assert place.left_at == datetime.fromisoformat("2021-06-02T08:30:00+00:00")


@pytest.mark.parametrize(
    ("until", "days", "says"),
    [
        ("03/04/2027", "", "the end of the pause, “03/04/2027”, is no date"),
        ("", "weekly", "“weekly” is no number of days between two issues; it can be 0 to 366."),
        ("", "-7", "no number of days"),
        ("", "9" * 5000, "no number of days"),
        ("", "367", "no number of days"),
    ],
)
def test_a_wish_that_cannot_be_kept_is_a_reason_to_reject_the_row(take: Take, until: str, days: str, says: str) -> None:
    report = take(f"{PAUSED}alice@example.org,Alice,{until},{days},\nbob@example.org,Bob,,,\n")
    assert report.added == 1
    [row] = report.rejected_rows
    assert says in row.reason


def test_an_answer_on_a_page_is_kept_on_one_line_without_control_characters(conn: sa.Connection, take: Take) -> None:
    take("email\nalice@example.org\n")
    alice = subscribers.find(conn, "alice@example.org")
    assert alice is not None
    subscribers.leave(conn, alice.id, "daily", at=NOW, how="link")
    subscribers.say_why(conn, alice.id, "daily", " Too\0 many\r\nmails\u202e ")
    assert place_of(conn, "alice").left_why == "Too many mails"
