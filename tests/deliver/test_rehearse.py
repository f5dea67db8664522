"""The dry run: it shows to the byte what a real run would send, and leaves no trace."""

from __future__ import annotations

import email
import os
import subprocess
import sys
from collections.abc import Sequence
from email import policy
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import subscribers
from digest.deliver.pace import Pace
from digest.deliver.progress import duration
from digest.deliver.rehearse import Forecast
from digest.deliver.senders.port import Prepared, Sender
from digest.errors import AccountError, Brake, IllegalStep, NotApproved
from digest.model import Message, Receipt, Rendered
from digest.store import paces, schema
from tests.doubles.ses import SesDouble
from tests.newsroom import Clock, Newsroom


def rehearse(room: Newsroom, issue_id: int, **options: Any) -> Forecast:
    return room.app.rehearsal.rehearse(issue_id, **options)


def dump(room: Newsroom) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in the database."""
    tables = [table for metadata in (schema.metadata, subscribers.metadata) for table in metadata.sorted_tables]
    with room.app.database.read() as conn:
        return {table.name: sorted(map(tuple, conn.execute(sa.select(table))), key=repr) for table in tables}


# --- Nothing is kept, nothing leaves -----------------------------------------------------------------------


def test_it_leaves_no_trace_in_the_database(room: Newsroom) -> None:
    room.subscribe("Alice", "Bob")
    room.subscribe("Charlie", supporter="monthly")
    issue = room.approved()
    before = dump(room)

    rehearse(room, issue.id)

    assert dump(room) == before


def test_nothing_leaves_but_the_question_what_is_allowed(ses_newsroom: Newsroom, ses: SesDouble) -> None:
    ses_newsroom.subscribe("Alice")

    rehearse(ses_newsroom, ses_newsroom.approved().id)

    assert ses.mails == []
    assert ses.stats["calls"] == {"GetAccount": 1}


def test_it_can_be_repeated_and_the_real_run_follows(room: Newsroom) -> None:
    room.subscribe("Alice")
    issue = room.approved()

    assert rehearse(room, issue.id) == rehearse(room, issue.id)

    room.app.delivery.start(issue.id, actor="Nora")
    assert room.deliver(issue).accepted == 1


def test_a_reader_may_leave_while_it_runs(newsroom: Newsroom) -> None:
    """On SQLite nobody could write if the dry run worked in its transaction."""
    alice, _ = newsroom.subscribe("Alice", "Bob")
    issue = newsroom.approved()
    left: list[bool] = []

    def leave(_done: int, _total: int) -> None:
        with newsroom.app.database.write() as conn:
            left.append(subscribers.leave(conn, alice, "daily", at=newsroom.app.clock(), how="link"))

    assert rehearse(newsroom, issue.id, progress=leave).recipients == 2
    assert left == [True]


# --- The same messages -------------------------------------------------------------------------------------


def test_the_files_are_byte_for_byte_what_the_outbox_gets(newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.clock = Clock()
    newsroom.subscribe("Alice", "Bob", "Charlie")
    issue = newsroom.approved()

    forecast = rehearse(newsroom, issue.id, eml_folder=tmp_path / "dry")

    newsroom.app.delivery.start(issue.id, actor="Nora")
    newsroom.deliver(issue)
    real = sorted((newsroom.folder / "data" / "outbox" / str(issue.id)).iterdir())
    dry = [Path(file) for file in forecast.files]
    assert len(dry) == len(real) == 3
    assert [file.read_bytes() for file in dry] == [file.read_bytes() for file in real]


def test_the_requests_are_byte_for_byte_what_ses_gets(ses_newsroom: Newsroom, ses: SesDouble) -> None:
    ses_newsroom.subscribe("Alice", "Bob")
    ses_newsroom.subscribe("Charlie", supporter="monthly")
    issue = ses_newsroom.approved()
    watched = _Watched(ses_newsroom.app.sender)
    ses_newsroom.app.__dict__["sender"] = watched

    forecast = rehearse(ses_newsroom, issue.id)
    rehearsed = sorted(watched.built)
    ses_newsroom.app.delivery.start(issue.id, actor="Nora")
    ses_newsroom.deliver(issue)

    assert sorted(watched.sent) == rehearsed
    assert sum(map(len, watched.sent)) == forecast.total_bytes
    assert forecast.batches == ses.calls("SendBulkEmail") == 2


class _Watched:
    """A sender that remembers the requests it built and those that left."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self.name, self.batch_size = sender.name, sender.batch_size
        self.account, self.close = sender.account, sender.close
        self.built: list[bytes] = []
        self.sent: list[bytes] = []

    def prepare(self, rendered: Rendered, messages: Sequence[Message]) -> Prepared:
        prepared = self._sender.prepare(rendered, messages)
        self.built += prepared.request
        return prepared

    def send(self, prepared: Prepared) -> list[Receipt]:
        self.sent += prepared.request
        return self._sender.send(prepared)


def test_the_files_read_as_what_readers_get(ses_newsroom: Newsroom, ses: SesDouble, tmp_path: Path) -> None:
    ses_newsroom.subscribe("Alice", "Bob")
    issue = ses_newsroom.approved()

    forecast = rehearse(ses_newsroom, issue.id, eml_folder=tmp_path / "dry")

    ses_newsroom.app.delivery.start(issue.id, actor="Nora")
    ses_newsroom.deliver(issue)
    for file in forecast.files:
        dry = email.message_from_bytes(Path(file).read_bytes(), policy=policy.default)
        (real,) = ses.to(str(dry["To"]))
        text, html = dry.get_body(("plain",)), dry.get_body(("html",))
        assert text is not None
        assert html is not None
        assert dry["Subject"] == real.subject
        assert dry["List-Unsubscribe"] == real.headers["List-Unsubscribe"]
        assert text.get_content().splitlines() == real.text.splitlines()
        assert html.get_content().splitlines() == real.html.splitlines()


# --- What it tells -----------------------------------------------------------------------------------------


def test_the_forecast_counts_what_the_real_run_comes_to(ses_newsroom: Newsroom, ses: SesDouble) -> None:
    ses.account.limit(20)
    ses_newsroom.subscribe_many(45)
    ses_newsroom.subscribe("Charlie", supporter="monthly")
    (dora,) = ses_newsroom.subscribe("Dora")
    issue = ses_newsroom.approved()
    with ses_newsroom.app.database.write() as conn:
        subscribers.leave(conn, dora, "daily", at=ses_newsroom.app.clock(), how="link")
        # As from a list of before such addresses were looked at.
        conn.exec_driver_sql("UPDATE subscriber SET address = 'réader@example.com' WHERE name = 'Reader 7'")
    seen: list[tuple[int, int]] = []

    forecast = rehearse(ses_newsroom, issue.id, progress=lambda done, total: seen.append((done, total)))

    assert forecast.recipients == 46
    assert forecast.editions == {"ask": 45, "thanks": 1}
    assert forecast.not_mailed == {"left": 1}
    assert list(forecast.refused.values()) == [1]
    assert forecast.batches == 4  # 20 + 20 + 5, and 1
    assert forecast.allowed_rate == 20
    assert forecast.seconds == pytest.approx(46 / 20)
    assert forecast.days is None
    assert forecast.fault == ""
    assert forecast.files == ()
    assert 1_000 < forecast.smallest <= forecast.largest < 102_000
    assert seen[-1] == (46, 46)

    ses.account.limit(500)
    frozen = ses_newsroom.app.delivery.start(issue.id, actor="Nora")
    figures = ses_newsroom.deliver(issue)
    assert frozen.editions == forecast.editions
    assert frozen.not_mailed == forecast.not_mailed
    assert (figures.accepted, figures.refused) == (45, 1)


def test_sizes_are_those_of_the_messages(newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.subscribe("Alice", "Maximiliane")
    issue = newsroom.approved()

    forecast = rehearse(newsroom, issue.id, eml_folder=tmp_path)

    sizes = []
    for file in forecast.files:
        mail = email.message_from_bytes(Path(file).read_bytes(), policy=policy.default)
        parts = [mail.get_body((kind,)) for kind in ("plain", "html")]
        texts = [str(mail["Subject"]), *(part.get_content() for part in parts if part is not None)]
        sizes.append(sum(len(text.replace("\r\n", "\n").encode()) for text in texts))
    # Each part in a mail ends with a line break of its own.
    assert forecast.smallest == pytest.approx(min(sizes), abs=4)
    assert forecast.largest == pytest.approx(max(sizes), abs=4)


def test_only_so_many_files_are_written_as_were_asked_for(newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.subscribe_many(60)
    issue = newsroom.approved()

    forecast = rehearse(newsroom, issue.id, eml_folder=tmp_path / "dry", eml_count=52)

    assert len(forecast.files) == 52
    assert max(file.name for file in (tmp_path / "dry").iterdir()) == "0000052.eml"


@pytest.mark.parametrize(
    ("path", "seconds", "singly"),
    [
        # 200 readers at 100 a second, of which one bulk call a second carries 50.
        ("mixed", 2.0, 100),
        # A call a second, and the last one's share of the rate.
        ("bulk", 3.5, 0),
        ("single", 2.0, 200),
    ],
)
def test_the_way_they_leave_is_part_of_the_time_it_takes(
    ses_newsroom: Newsroom, ses: SesDouble, path: str, seconds: float, singly: int
) -> None:
    ses.account.limit(100)
    ses_newsroom.environment |= {"DIGEST_SES_BULK_CALLS_PER_SECOND": "1", "DIGEST_SES_PATH": path}
    ses_newsroom.app = ses_newsroom.open()
    ses_newsroom.subscribe_many(200)
    issue = ses_newsroom.approved()

    forecast = rehearse(ses_newsroom, issue.id)

    assert forecast.seconds == pytest.approx(seconds)
    assert (forecast.batches, forecast.singly) == (4, singly)

    ses_newsroom.app.delivery.start(issue.id, actor="Nora")
    assert ses_newsroom.deliver(issue).accepted == 200
    assert sum(mail.call.operation == "SendEmail" for mail in ses.mails) == pytest.approx(singly, abs=50)


def test_a_limit_that_was_learned_is_part_of_the_forecast(ses_newsroom: Newsroom, ses: SesDouble) -> None:
    ses.account.limit(100)
    ses_newsroom.subscribe_many(200)
    issue = ses_newsroom.approved()
    assert rehearse(ses_newsroom, issue.id).singly == 0
    with ses_newsroom.app.database.write() as conn:
        paces.write(conn, "ses", Pace(max_rate=100, rate=100, calls=0.5, calls_refused=1.0))

    assert rehearse(ses_newsroom, issue.id).singly > 100


def test_a_warm_up_stretches_it_over_days(ses_newsroom: Newsroom) -> None:
    ses_newsroom.clock = Clock()
    ses_newsroom.environment |= {"DIGEST_SES_WARM_UP": "20,30,200", "DIGEST_SES_WARM_UP_FROM": "2026-11-22"}
    ses_newsroom.app = ses_newsroom.open()
    ses_newsroom.subscribe_many(60)

    forecast = rehearse(ses_newsroom, ses_newsroom.approved().id)

    assert (forecast.days, forecast.batches) == (3, 3)


def test_a_quota_that_is_too_small_stretches_it_over_days(ses_newsroom: Newsroom, ses: SesDouble) -> None:
    ses.account.quota = 20
    ses_newsroom.subscribe_many(45)

    assert rehearse(ses_newsroom, ses_newsroom.approved().id).days == 3


def test_money_is_named_for_ses_alone(ses_newsroom: Newsroom) -> None:
    ses_newsroom.subscribe_many(100)

    assert rehearse(ses_newsroom, ses_newsroom.approved().id).cost_dollars == 0.01


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "0 s"),
        (45, "45 s"),
        (60, "1 min 0 s"),
        (3599, "59 min 59 s"),
        (7980, "2 h 13 min"),
        (86_400, "24 h 0 min"),
    ],
)
def test_a_time_span_is_said_as_people_say_it(seconds: float, words: str) -> None:
    assert duration(seconds) == words


# --- What keeps it from being sent -------------------------------------------------------------------------


def test_what_would_stop_the_real_run_stops_it_too(room: Newsroom) -> None:
    draft = room.draft()
    with pytest.raises(IllegalStep, match="is not approved"):
        rehearse(room, draft.id)

    issue, _ = room.app.proofs.approve(draft.id, actor="Nora")
    with pytest.raises(Brake, match="has no readers"):
        rehearse(room, issue.id)

    room.subscribe_many(60)
    with pytest.raises(Brake, match="would go to 60 readers"):
        rehearse(room, issue.id)

    with room.app.database.write() as conn:
        conn.execute(sa.update(schema.edition).values(text="Buy pigeons"))
    with pytest.raises(NotApproved):
        rehearse(room, issue.id)


def test_an_issue_on_its_way_cannot_be_rehearsed(room: Newsroom) -> None:
    room.subscribe("Alice")

    with pytest.raises(IllegalStep):
        rehearse(room, room.frozen().id)


def test_an_account_that_may_not_send_is_a_fault_and_all_else_is_told(ses_newsroom: Newsroom, ses: SesDouble) -> None:
    ses.account.sending_enabled = False
    ses_newsroom.subscribe("Alice")

    forecast = rehearse(ses_newsroom, ses_newsroom.approved().id)

    assert forecast.fault.startswith("The account may not send now: Sending is switched off")
    assert forecast.recipients == 1


def test_an_account_that_cannot_be_asked_is_an_error(ses_newsroom: Newsroom, ses: SesDouble) -> None:
    ses.refuse("AccessDeniedException", "No.", operation="GetAccount", status=403)
    ses_newsroom.subscribe("Alice")

    with pytest.raises(AccountError, match="The credentials may not do this"):
        rehearse(ses_newsroom, ses_newsroom.approved().id)


def test_a_message_that_cannot_be_sent_is_a_fault_and_has_no_file(ses_newsroom: Newsroom, tmp_path: Path) -> None:
    """More than SES takes in one request: every reader's batch would be refused."""
    ses_newsroom.subscribe("Alice")
    issue = ses_newsroom.draft()
    ses_newsroom.app.editing.edit(issue.id, _a_summary_of(1_000_000), actor="Nora")
    ses_newsroom.app.proofs.approve(issue.id, actor="Nora", despite_errors=True)

    forecast = rehearse(ses_newsroom, issue.id, eml_folder=tmp_path / "dry")

    assert "SES takes 1,000,000" in forecast.fault
    assert forecast.files == ()


def _a_summary_of(characters: int) -> Any:
    from digest.desk.editing import Edits

    return Edits(summaries={1: "word " * (characters // 5)})


# --- Memory ------------------------------------------------------------------------------------------------


def test_memory_does_not_grow_with_the_audience(newsroom: Newsroom) -> None:
    newsroom.subscribe_many(20_000)
    newsroom.subscribe("Alice", newsletter="weekend")
    large, small = newsroom.approved(), _weekend(newsroom)
    newsroom.app.close()

    grown = _peak_megabytes(newsroom, large) - _peak_megabytes(newsroom, small)

    assert grown < 20


def _weekend(room: Newsroom) -> Any:
    weekend = room.app.settings.newsletter("weekend")
    room.app.intake.add([str(next(room.folder.glob("*.txt")))], [weekend], headline="The north pier will be rebuilt")
    issue = room.app.drafting.draft(weekend, actor="Nora").issue
    return room.app.proofs.approve(issue.id, actor="Nora")[0]


def _peak_megabytes(room: Newsroom, issue: Any) -> float:
    """Of a process of its own."""
    dry_run = subprocess.Popen(
        [sys.executable, "-m", "digest", "send", str(issue.id), "--dry-run", "--json"],
        cwd=room.folder,
        env=os.environ | room.environment,
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(dry_run.pid, 0)
    dry_run.returncode = os.waitstatus_to_exitcode(status)
    assert dry_run.returncode == 0
    return usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
