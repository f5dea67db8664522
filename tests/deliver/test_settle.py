"""Settling: readers whom nobody answered for are a person's to decide, and nobody else's."""

from __future__ import annotations

from collections import Counter

import pytest
from typer.testing import CliRunner

from digest.deliver import control
from digest.deliver.control import Decision
from digest.errors import IllegalStep
from digest.model import DeliveryState, Issue, IssueState
from digest.store import deliveries, ledger, settling
from tests.doubles.ses import SesDouble
from tests.newsroom import Newsroom


@pytest.fixture
def doubtful(ses_newsroom: Newsroom, ses: SesDouble) -> Issue:
    """A finished issue: SES took the mail of Alice, Bob and Chloe, and its answer was lost."""
    ses_newsroom.subscribe("Alice", "Bob", "Chloe")
    issue = ses_newsroom.frozen()
    ses.fault("drop")
    figures = ses_newsroom.deliver(issue)
    assert (figures.state, figures.uncertain) == (IssueState.FINISHED, 3)
    return ses_newsroom.issue(issue.id)


def settle(room: Newsroom, issue: Issue, decision: Decision, positions: list[int] | None = None) -> int:
    with room.app.database.write() as conn:
        return control.settle(conn, issue.id, decision, positions=positions, actor="Omar", now=room.app.clock())


def test_what_is_known_is_shown_first(ses_newsroom: Newsroom, doubtful: Issue) -> None:
    with ses_newsroom.app.database.read() as conn:
        (known,) = settling.uncertain(conn, doubtful.id)

    assert (known.readers, known.attempt) == (3, 1)
    assert known.called_at is not None
    assert "lost" in known.reason


def test_accepted_counts_them_and_mails_nobody(ses_newsroom: Newsroom, doubtful: Issue, ses: SesDouble) -> None:
    assert settle(ses_newsroom, doubtful, Decision.ACCEPTED) == 3

    figures = ses_newsroom.app.delivery.figures(doubtful.id)
    assert (figures.accepted, figures.uncertain, figures.state) == (3, 0, IssueState.FINISHED)
    assert ses.accepted == 3


def test_resend_mails_them_once_more_under_a_new_attempt(
    ses_newsroom: Newsroom, doubtful: Issue, ses: SesDouble
) -> None:
    settle(ses_newsroom, doubtful, Decision.RESEND, [2])

    figures = ses_newsroom.deliver(doubtful)

    assert (figures.state, figures.accepted, figures.uncertain) == (IssueState.FINISHED, 1, 2)
    mails = Counter(mail.to[0] for mail in ses.mails)
    assert mails == {"alice@example.com": 1, "bob@example.com": 2, "chloe@example.com": 1}
    assert [mail.tags["attempt"] for mail in ses.to("bob@example.com")] == ["1", "2"]


def test_hold_leaves_them_uncertain_and_remembers_that_somebody_looked(ses_newsroom: Newsroom, doubtful: Issue) -> None:
    assert settle(ses_newsroom, doubtful, Decision.HOLD) == 3

    with ses_newsroom.app.database.read() as conn:
        rows = deliveries.listed(conn, doubtful.id, state=DeliveryState.UNCERTAIN)
    assert {row.reason for row in rows} == {settling.HELD}


def test_a_second_decision_finds_nothing_left_to_decide(ses_newsroom: Newsroom, doubtful: Issue) -> None:
    settle(ses_newsroom, doubtful, Decision.ACCEPTED)

    assert settle(ses_newsroom, doubtful, Decision.RESEND) == 0
    assert ses_newsroom.issue(doubtful.id).state is IssueState.FINISHED


def test_readers_of_a_cancelled_issue_are_not_mailed_again(ses_newsroom: Newsroom, ses: SesDouble) -> None:
    ses_newsroom.subscribe("Alice")
    issue = ses_newsroom.frozen()
    with ses_newsroom.app.database.write() as conn:
        claim = ledger.claim(conn, issue.id, worker="gone", lease=1, now=ses_newsroom.app.clock())
        assert claim is not None
        assert ledger.call(conn, claim, lease=1, now=ses_newsroom.app.clock())
        ledger.reap(conn, now=ses_newsroom.app.clock(), is_dead=lambda _: True)
        control.cancel(conn, issue.id, actor="Omar", now=ses_newsroom.app.clock())

    with pytest.raises(IllegalStep):
        settle(ses_newsroom, issue, Decision.RESEND)

    assert ses_newsroom.app.delivery.figures(issue.id).uncertain == 1
    assert ses.accepted == 0


def test_the_command_shows_asks_and_settles(
    ses_newsroom: Newsroom, doubtful: Issue, monkeypatch: pytest.MonkeyPatch
) -> None:
    from digest.cli.app import app

    monkeypatch.chdir(ses_newsroom.folder)
    for name, value in ses_newsroom.environment.items():
        monkeypatch.setenv(name, value)
    shown = CliRunner().invoke(app, ["deliveries", "settle", str(doubtful.id)])
    refused = CliRunner().invoke(app, ["deliveries", "settle", str(doubtful.id), "--accepted"], input="n\n")
    settled = CliRunner().invoke(app, ["deliveries", "settle", str(doubtful.id), "--accepted"], input="y\n")

    assert "lost" in shown.stdout
    assert refused.exit_code != 0
    assert "3 reader(s) settled: accepted." in settled.stdout
    assert ses_newsroom.app.delivery.figures(doubtful.id).uncertain == 0
