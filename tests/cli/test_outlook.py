"""The calendar of quota by command: what will not fit is said at scheduling, not found out in the morning."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from digest.deliver.pace import Pace
from digest.store import paces
from tests.cli.conftest import Terminal
from tests.doubles.ses import SesDouble
from tests.newsroom import Newsroom


@pytest.fixture
def small(room: Newsroom, ses: SesDouble, aws: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> SesDouble:
    """Sixty readers, and an account with room for forty a day."""
    room.subscribe_many(60)
    aws(ses.url)
    monkeypatch.setenv("DIGEST_SENDER", "ses")
    ses.account.quota = 40
    return ses


def test_an_issue_that_will_not_fit_is_scheduled_with_a_warning(
    digest: Terminal, room: Newsroom, small: SesDouble
) -> None:
    issue = room.approved().id

    told = digest.ok("issues", "schedule", issue, "--at", "tomorrow 06:00").out

    assert "have room for 40 of its 60 readers then; 20 would wait, the last of them until" in told
    assert small.calls("GetAccount") == 1, "asked once"
    facts = digest.ok("issues", "calendar", "--json").facts
    (entry,) = facts["issues"]
    assert (entry["issue"], entry["readers"], entry["fits"], entry["waiting"]) == (issue, 60, False, 20)
    assert entry["last_at"] > entry["at"]
    assert "no, 20 wait" in digest.ok("issues", "calendar").out


def test_an_issue_that_fits_is_scheduled_without_a_word_about_the_quota(
    digest: Terminal, room: Newsroom, small: SesDouble
) -> None:
    small.account.quota = 50_000
    issue = room.approved().id

    ran = digest.ok("issues", "schedule", issue, "--at", "tomorrow 06:00")

    assert "room for" not in ran.out
    assert "yes" in digest.ok("issues", "calendar").out


def test_approving_an_issue_of_the_cadence_warns_as_well(
    digest: Terminal, room: Newsroom, small: SesDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    toml = (room.folder / "settings.toml").read_text(encoding="utf-8")
    cadence = 'cadence = "daily 06:00"\nsections'
    (room.folder / "settings.toml").write_text(toml.replace("sections", cadence, 1), encoding="utf-8")
    room.write_article()
    issue = digest.ok("issues", "draft", "daily", "--next", "--json").facts["issue"]

    told = digest.ok("issues", "approve", issue).out

    assert "20 would wait" in told
    assert digest.ok("issues", "approve", issue, "--json").facts["quota"]["waiting"] == 20


def test_a_warm_up_is_part_of_the_calendar(
    digest: Terminal, room: Newsroom, small: SesDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.account.quota = 50_000
    monkeypatch.setenv("DIGEST_SES_WARM_UP", "10,20,20,20,20")
    monkeypatch.setenv("DIGEST_SES_WARM_UP_FROM", f"{room.app.clock():%Y-%m-%d}")
    issue = room.approved().id

    entry = digest.ok("issues", "schedule", issue, "--at", "tomorrow 06:00", "--json").facts["quota"]

    assert (entry["room"], entry["waiting"]) == (20, 40)


def test_an_account_that_cannot_be_asked_does_not_keep_an_issue_from_being_scheduled(
    digest: Terminal, room: Newsroom, small: SesDouble
) -> None:
    issue = room.approved().id
    small.refuse("AccessDeniedException", "No.", operation="GetAccount", status=403, times=0)

    ran = digest.ok("issues", "schedule", issue, "--at", "tomorrow 06:00")

    assert "goes out on" in ran.out
    assert "The account could not be asked" in ran.err
    assert digest.ok("issues", "calendar", "--json").facts["issues"][0]["fits"], "nothing says it does not"


def test_nothing_to_send_is_said(digest: Terminal, room: Newsroom) -> None:
    assert "Nothing is scheduled or on its way." in digest.ok("issues", "calendar").out


def test_the_doctor_says_what_is_capped_and_what_was_learned(
    digest: Terminal, room: Newsroom, small: SesDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGEST_SES_WARM_UP", "10,20")
    monkeypatch.setenv("DIGEST_SES_WARM_UP_FROM", f"{room.app.clock():%Y-%m-%d}")
    with room.app.database.write() as conn:
        paces.write(conn, "ses", Pace(max_rate=200, rate=200, calls=0.9, calls_refused=1.0))

    told = digest("doctor").out

    assert "10 readers today; from " in told
    assert "SES refused 1.0 bulk calls a second; 0.9 are made now" in told
