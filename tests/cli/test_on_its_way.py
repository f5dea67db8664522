"""An issue on its way by command: breaking news, and what somebody sees who watches."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta

from digest.cli.sending import Watcher
from digest.deliver import control
from digest.deliver.progress import Progress
from digest.model import Issue, IssueState
from digest.store import issues
from tests.cli.conftest import ROOT, Terminal, sent
from tests.doubles.ses import SesDouble
from tests.newsroom import ARTICLE, Newsroom

# --- Breaking news -----------------------------------------------------------------------------------------


def test_an_issue_is_made_urgent_and_not(digest: Terminal, room: Newsroom) -> None:
    issue = room.draft().id

    assert "goes before all others" in digest.ok("issues", "urgent", issue).out
    assert "draft, urgent" in digest.ok("issues", "list").out
    assert "urgent: goes before all others" in digest.ok("issues", "show", issue).out
    assert digest.ok("issues", "urgent", issue, "--off", "--json").facts["urgent"] is False
    assert "urgent" not in digest.ok("issues", "list").out
    journal = digest.ok("issues", "show", issue, "--json").facts["journal"]
    assert [entry["what"] for entry in journal][-2:] == ["urgent", "not urgent"]


def test_what_is_over_overtakes_nobody(digest: Terminal, room: Newsroom) -> None:
    issue = sent(digest, room, "Alice")

    late = digest("issues", "urgent", issue)

    assert (late.code, "is finished: it overtakes nobody any more" in late.err) == (6, True)


def test_every_issue_of_an_urgent_newsletter_is_urgent_from_the_start(digest: Terminal, room: Newsroom) -> None:
    file = room.folder / "settings.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("stories = 5", "stories = 5\nurgent = true"))
    room.write_article()

    assert digest.ok("issues", "draft", "daily", "--json").facts["urgent"] is True
    room.write_article("The ferry is back", body=ARTICLE.replace("pier", "ferry"))
    room.subscribe("Alice")
    digest.ok("issues", "approve", 1)
    digest.ok("send", 1, "--now")
    assert digest.ok("issues", "correct", 1, "--json").facts["urgent"] is True


# --- Watching ----------------------------------------------------------------------------------------------


def test_watching_an_issue_that_is_over_says_one_line_and_ends(digest: Terminal, room: Newsroom) -> None:
    issue = sent(digest, room, "Alice", "Bob")

    assert digest.ok("issues", "watch", issue).out == "finished: 2 of 2 accepted\n"
    (line,) = digest.ok("issues", "watch", issue, "--json").out.splitlines()
    facts = json.loads(line)
    assert (facts["state"], facts["accepted"], facts["left"], facts["trouble"]) == ("finished", 2, 0, "")


def test_an_issue_that_is_not_there_cannot_be_watched(digest: Terminal, room: Newsroom) -> None:
    lost = digest("issues", "watch", 99)

    assert (lost.code, "There is no issue 99." in lost.err) == (2, True)


class Watched:
    """`digest issues watch` in a process of its own."""

    def __init__(self, room: Newsroom, issue: Issue, *words: str) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("DIGEST_")}
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "send.py"), "issues", "watch", str(issue.id), "--every", "0.2", *words],
            cwd=room.folder,
            env=clean | room.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        )

    def line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def end(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err


def test_a_watcher_sees_each_change_and_ends_with_the_issue(room: Newsroom) -> None:
    room.subscribe("Alice", "Bob")
    issue = room.frozen()
    watched = Watched(room, issue)
    assert watched.line() == "sending: 0 of 2 accepted; 2 left"

    with room.app.database.write() as conn:
        control.pause(conn, issue.id, actor="Nora", now=room.app.clock())
    while (line := watched.line()).startswith("sending"):
        pass
    assert line == "paused: 0 of 2 accepted; 2 left; held: paused by Nora"

    with room.app.database.write() as conn:
        control.resume(conn, issue.id, actor="Nora", now=room.app.clock())
    assert room.deliver(issue).state is IssueState.FINISHED
    code, out, err = watched.end()

    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == "finished: 2 of 2 accepted"


def test_a_program_gets_a_line_for_each_look_at_once_and_sigterm_ends_it(room: Newsroom) -> None:
    room.subscribe("Alice")
    issue = room.frozen()
    watched = Watched(room, issue, "--json")

    looks = [json.loads(watched.line()) for _ in range(3)]
    watched.process.send_signal(signal.SIGTERM)
    code, _, err = watched.end()

    assert {look["state"] for look in looks} == {"sending"}
    assert (code, err) == (0, "")
    assert room.issue(issue.id).state is IssueState.SENDING, "who looks away stops nothing"


def test_somebody_else_sees_why_nothing_passes(digest: Terminal, room: Newsroom, through_ses: SesDouble) -> None:
    room.subscribe("Alice")
    through_ses.refuse("TooManyRequestsException", "Rate exceeded", times=0)
    issue = room.approved()
    sending = room.open()
    sending.delivery.start(issue.id, actor="Nora")
    stop = threading.Event()
    said: list[str] = []

    def hear(now: Progress) -> None:
        said.append(now.words())
        if "nothing passes" in said[-1]:
            stop.set()

    sending.delivery.deliver(issue.id, stop=stop, progress=hear)
    sending.close()
    watched = Watched(room, issue)
    line = watched.line()
    watched.process.send_signal(signal.SIGTERM)
    watched.end()

    assert "and it is tried again: " in said[-1]
    assert "nothing passes since " in line
    assert "Rate exceeded" in line
    assert room.issue(issue.id).state is IssueState.SENDING


def test_the_worker_says_how_far_each_issue_is_every_ten_seconds(room: Newsroom) -> None:
    ferry = room.draft()
    pier = replace(ferry, id=8)
    now = Progress(recipients=100, done=40, accepted=40, uncertain=0, rate=20.0, allowed_rate=20.0)
    said: list[str] = []
    seconds = iter([0, 4, 9, 10, 14, 20])
    watcher = Watcher(said.append, clock=lambda: float(next(seconds)))

    for issue in (ferry, pier, ferry, ferry, pier, ferry):
        watcher(issue, now)

    line = "40 of 100, 40 accepted, 20/s of 20/s, 3 s left"
    assert said == [f"Issue {issue}: {line}" for issue in (ferry.id, 8, ferry.id)]


# --- What waits for a person -------------------------------------------------------------------------------


def test_the_doctor_names_issues_that_wait_for_a_person_who_may_not_know(digest: Terminal, room: Newsroom) -> None:
    room.subscribe("Alice")
    paused = room.frozen()
    room.write_article("The ferry is back", body=ARTICLE.replace("pier", "ferry"))
    draft = room.app.drafting.draft(room.daily, actor="Nora").issue
    digest.ok("issues", "pause", paused.id)
    with room.app.database.write() as conn:
        issues.change(conn, draft.id, slot_at=room.app.clock() - timedelta(hours=1))

    facts = digest.ok("doctor", "--json").facts

    found = {finding["where"]: finding for finding in facts["findings"] if finding["code"] in ("overdue", "paused")}
    assert facts["healthy"] is True
    assert found[f"issue {paused.id}"]["message"] == "It is paused: paused by Nora"
    assert "nobody approved it" in found[f"issue {draft.id}"]["message"]
    digest.ok("issues", "approve", draft.id)
    assert "It was approved after its time and goes nowhere by itself" in digest.ok("doctor").out
