"""A trial: one real mail to a colleague that counts for nothing."""

from __future__ import annotations

import pytest

from digest.deliver.trial import send_trial
from digest.errors import UsageMistake
from digest.model import DeliveryState, Issue, Receipt, Rendered
from digest.store import deliveries
from tests.doubles.ses import SesDouble
from tests.newsroom import Newsroom


def editions(room: Newsroom, issue: Issue) -> dict[str, Rendered]:
    return {rendered.edition: rendered for _, rendered in room.app.proofs.proof(issue.id).editions}


def send(room: Newsroom, issue: Issue, *to: str, edition: str = "") -> dict[str, Receipt]:
    return send_trial(
        editions(room, issue),
        room.app.sender,
        room.app.links(issue),
        newsletter="daily",
        to=to,
        edition=edition,
        name="Olga",
    )


def test_a_colleague_sees_what_readers_would_see_marked_as_a_test(ses_newsroom: Newsroom, ses: SesDouble) -> None:
    issue = ses_newsroom.draft()

    receipts = send(ses_newsroom, issue, "olga@harbour.example")

    assert receipts["olga@harbour.example"].state is DeliveryState.ACCEPTED
    (mail,) = ses.mails
    assert mail.subject.startswith("[Test] ")
    assert "The north pier will be rebuilt" in mail.html
    assert "The north pier will be rebuilt" in mail.text
    assert "Keep the lighthouse lit" in mail.text


def test_another_edition_is_sent_when_it_is_asked_for(ses_newsroom: Newsroom, ses: SesDouble) -> None:
    send(ses_newsroom, ses_newsroom.draft(), "olga@harbour.example", edition="thanks")

    assert "Your monthly gift paid for this issue." in ses.mails[0].text


def test_a_trial_counts_for_no_issue_and_leaves_no_row(ses_newsroom: Newsroom, ses: SesDouble) -> None:
    issue = ses_newsroom.draft()

    send(ses_newsroom, issue, "olga@harbour.example")

    assert ses.mails[0].tags["issue"] == "0"
    with ses_newsroom.app.database.read() as conn:
        assert deliveries.listed(conn, issue.id) == []
    assert ses_newsroom.issue(issue.id) == issue


def test_its_links_name_no_reader(ses_newsroom: Newsroom, ses: SesDouble) -> None:
    """The first on the list must not be the one who leaves when a colleague tries the link."""
    ses_newsroom.subscribe("Alice")
    issue = ses_newsroom.draft()
    send(ses_newsroom, issue, "olga@harbour.example")
    leave = ses.mails[0].headers["List-Unsubscribe"].strip("<>")

    named = ses_newsroom.app.tokens.read_leave(leave.rpartition("/")[2])

    assert named.subscriber_id == 0


def test_several_colleagues_have_a_receipt_each(ses_newsroom: Newsroom, ses: SesDouble) -> None:
    ses.fail_entries({"pete@harbour.example": "MESSAGE_REJECTED"})

    receipts = send(ses_newsroom, ses_newsroom.draft(), "olga@harbour.example", "pete@harbour.example")

    assert receipts["olga@harbour.example"].state is DeliveryState.ACCEPTED
    assert receipts["pete@harbour.example"].state is DeliveryState.REFUSED


@pytest.mark.parametrize("count", [0, 6])
def test_a_trial_is_for_a_handful(newsroom: Newsroom, count: int) -> None:
    colleagues = [f"colleague{number}@harbour.example" for number in range(count)]

    with pytest.raises(UsageMistake, match="one to 5 addresses"):
        send(newsroom, newsroom.draft(), *colleagues)


def test_an_edition_that_is_not_there_is_answered_with_those_that_are(newsroom: Newsroom) -> None:
    with pytest.raises(UsageMistake, match="no edition 'gold'") as told:
        send(newsroom, newsroom.draft(), "olga@harbour.example", edition="gold")

    assert told.value.hint == "There are ask, thanks."
