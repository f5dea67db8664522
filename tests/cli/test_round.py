"""The daily round by command, once as people read it and once as programs do."""

from __future__ import annotations

import email
import email.policy
import json
import re
from pathlib import Path

import pytest

from digest.deliver import control
from tests.cli.conftest import Terminal
from tests.newsroom import ARTICLE, Newsroom

READERS = """\
email,name,supporter
alice@example.com,Alice,none
bob@example.com,Bob,monthly
not-an-address,Charlie,none
"""


@pytest.fixture
def column(room: Newsroom) -> Path:
    file = room.folder / "column.txt"
    file.write_text(
        ARTICLE
        + "\nMara Quist is a journalist, translator and former harbour pilot.\n\n"
        + "This article was originally published by the Saltmarsh Observer.\n",
        encoding="utf-8",
    )
    return file


@pytest.fixture
def readers(room: Newsroom) -> Path:
    file = room.folder / "readers.csv"
    file.write_text(READERS, encoding="utf-8")
    return file


def keys(facts: dict[str, object], *names: str) -> None:
    assert set(names) <= set(facts), f"{sorted(facts)} lack some of {names}"


def test_programs_get_the_whole_round_as_json(digest: Terminal, room: Newsroom, column: Path, readers: Path) -> None:
    imported = digest.ok("subscribers", "import", readers, "--newsletter", "daily", "--json").facts
    assert (imported["added"], imported["updated"], imported["rejected"]) == (2, 0, 1)
    again = digest.ok("subscribers", "import", readers, "--newsletter", "daily", "--json").facts
    assert (again["added"], again["updated"], again["rejected"]) == (0, 0, 1)

    (article,) = digest.ok("articles", "add", column, "--headline", "The pier returns", "--json").facts["articles"]
    keys(article, "id", "url", "headline", "body", "bio", "credit", "summary", "byline", "image", "dropped", "warnings")
    assert article["headline"] == "The pier returns"
    assert article["bio"].startswith("Mara Quist is a journalist")
    assert "originally published by the Saltmarsh Observer" in article["credit"]
    assert article["body"].split() == ARTICLE.split()
    assert article["summary"].split()[0] in article["body"]

    issue = digest.ok("issues", "draft", "daily", "--json").facts
    keys(issue, "issue", "newsletter", "number", "state", "stories", "choices", "problems")
    number = issue["issue"]
    assert (issue["state"], len(issue["stories"])) == ("draft", 1)

    edited = digest.ok("issues", "edit", number, "--subject", "The pier, at last", "--json").facts
    assert (edited["issue"], edited["subject"]) == (number, "The pier, at last")
    checked = digest.ok("issues", "check", number, "--json").facts
    keys(checked, "issue", "fingerprint", "editions", "findings")
    assert {edition["edition"] for edition in checked["editions"]} == {"ask", "thanks"}
    preview = digest.ok("preview", number, "--json").facts
    assert "The pier, at last" in Path(preview["preview"]).read_text(encoding="utf-8")

    approved = digest.ok("issues", "approve", number, "--json").facts
    assert (approved["state"], approved["audience"], approved["approved_by"]) == ("approved", 2, "Nora")
    assert approved["fingerprint"] == checked["fingerprint"]
    forecast = digest.ok("send", number, "--dry-run", "--eml", "all", "--json").facts
    assert (forecast["dry_run"], forecast["recipients"], len(forecast["files"])) == (True, 2, 2)
    tried = digest.ok("test", number, "--to", "nora@harbour.example", "--json").facts
    assert tried["messages"]["nora@harbour.example"]["state"] == "accepted"
    before = digest.ok("issues", "report", number, "--json").facts
    assert (before["recipients"], before["accepted"]) == (0, 0), "neither a rehearsal nor a test counts"

    sent = digest.ok("send", number, "--now", "--json").facts
    report = digest.ok("issues", "report", number, "--json").facts
    assert sent | {"sources": []} == report, "the report says besides which sources need a look"
    wanted = ("recipients", "accepted", "skipped", "refused", "uncertain", "state")
    assert [report[name] for name in wanted] == [2, 2, 0, 0, 0, "finished"]
    assert digest.ok("send", number, "--now", "--json").facts == sent, "running it again mails nobody twice"

    deliveries = digest.ok("deliveries", "list", number, "--json").facts["deliveries"]
    assert {row["address"]: row["state"] for row in deliveries} == {
        "alice@example.com": "accepted",
        "bob@example.com": "accepted",
    }


def test_people_are_told_what_happened_and_what_comes_next(
    digest: Terminal, room: Newsroom, column: Path, readers: Path
) -> None:
    imported = digest.ok("subscribers", "import", readers, "-n", "daily").out
    assert re.search(r"^ +2  added *$", imported, re.MULTILINE)
    assert "line 4: “not-an-address”" in imported
    assert "1  The pier returns" in digest.ok("articles", "add", column, "--headline", "The pier returns").out
    drafted = digest.ok("issues", "draft", "daily", "--why").out
    assert "Issue 1: The Harbour Post no. 1, 1 stories" in drafted
    assert "An editor asked for it" in drafted
    assert "summary 1 (extract): The publisher gives no summary line." in drafted
    assert "Look at it: digest preview 1" in drafted
    approved = digest.ok("issues", "approve", 1).out
    assert "Issue 1 is approved: 2 readers, fingerprint " in approved
    assert "Send it with `digest send 1 --now`, or schedule it." in approved
    rehearsed = digest.ok("send", 1, "--dry-run").out
    assert "2 readers in 2 batches. Nothing left." in rehearsed
    sent = digest.ok("send", 1, "--now")
    assert "Issue 1 of daily is finished." in sent.out
    assert "2 accepted" in sent.out
    shown = digest.ok("issues", "show", 1).out
    assert "Nora: approve" in shown
    assert "delivery: finish" in shown


def test_what_was_sent_is_what_alice_and_bob_may_read(
    digest: Terminal, room: Newsroom, column: Path, readers: Path
) -> None:
    digest.ok("subscribers", "import", readers, "-n", "daily")
    digest.ok("articles", "add", column, "--headline", "The pier returns")
    digest.ok("issues", "draft", "daily")
    digest.ok("issues", "approve", 1)
    digest.ok("send", 1, "--now")

    for name, reads in (("alice", "Keep the lighthouse lit"), ("bob", "Thank you")):
        (file,) = (room.folder / "data" / "outbox" / "1").glob(f"*{name}*.eml")
        mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        for kind in ("plain", "html"):
            part = mail.get_body((kind,))
            assert part
            assert reads in part.get_content()
            assert "Saltmarsh Observer" in part.get_content()


def test_an_article_without_a_headline_is_kept_and_the_command_says_so(
    digest: Terminal, room: Newsroom, column: Path
) -> None:
    ran = digest("articles", "add", column, "--json")

    assert ran.code == 10
    assert ran.facts["articles"][0]["needs"] == ["headline"]
    assert "Article 1 is kept and needs a headline: digest articles edit 1 --headline" in ran.err
    digest.ok("articles", "edit", 1, "--headline", "The pier returns")
    assert digest.ok("articles", "show", 1, "--json").facts["headline"] == "The pier returns"
    digest.ok("issues", "draft", "daily")


def test_a_file_that_cannot_be_read_gives_ten_with_others_and_four_alone(
    digest: Terminal, room: Newsroom, column: Path
) -> None:
    both = digest("articles", "add", column, "gone.txt", "--json")
    assert both.code == 10
    alone = digest("articles", "add", "gone.txt", "--json")
    assert (alone.code, alone.facts["articles"]) == (4, [])
    assert alone.facts["problems"][0]["message"] == "There is no file or folder gone.txt."


def test_scheduling_says_what_it_understood(digest: Terminal, room: Newsroom) -> None:
    room.subscribe("Alice")
    room.draft()
    digest.ok("issues", "approve", 1)

    said = digest.ok("issues", "schedule", 1, "--at", "2037-01-05 06:00").out
    assert "goes out on Monday 5 January 2037, 06:00 in America/New_York (UTC-5) = 11:00 UTC, in " in said
    assert "`digest issues edit 1 --date` changes that" in said
    assert "`digest run` must be running then." in said
    facts = digest.ok("issues", "schedule", 1, "--at", "2037-07-06T06:00", "--json").facts
    assert facts["scheduled_at"] == "2037-07-06T10:00:00+00:00"
    assert facts["understood"].startswith("Monday 6 July 2037, 06:00 in America/New_York (UTC-4)")
    assert "goes out on Monday 6 July 2037" in digest.ok("issues", "approve", 1).out
    assert digest.ok("issues", "unschedule", 1, "--json").facts["state"] == "approved"


def test_a_time_that_the_clocks_skip_or_double_is_explained(digest: Terminal, room: Newsroom) -> None:
    room.subscribe("Alice")
    room.draft()
    digest.ok("issues", "approve", 1)

    skipped = digest("issues", "schedule", 1, "--at", "2037-03-08 02:30")
    assert skipped.code == 2
    assert "02:30 does not exist on Sunday 8 March 2037" in skipped.err
    doubled = digest("issues", "schedule", 1, "--at", "2037-11-01 01:30")
    assert doubled.code == 2
    assert "happens twice" in doubled.err
    assert "--which first (UTC-4) or --which second (UTC-5)" in doubled.err
    digest.ok("issues", "schedule", 1, "--at", "2037-11-01 01:30", "--which", "second")


def test_control_of_an_issue_on_its_way(digest: Terminal, room: Newsroom) -> None:
    room.subscribe("Alice")
    room.frozen()

    assert digest.ok("issues", "pause", 1, "--json").facts["state"] == "paused"
    refused = digest("send", 1, "--now")
    assert (refused.code, "Issue 1 is paused." in refused.err) == (6, True)
    assert "digest issues resume 1" in refused.err
    assert digest.ok("issues", "resume", 1, "--json").facts["state"] == "sending"
    assert digest.ok("issues", "cancel", 1, "--json").facts["state"] == "cancelled"
    assert digest("issues", "resume", 1).code == 6


def test_the_worker_runs_until_idle_for_cron(digest: Terminal, room: Newsroom) -> None:
    room.subscribe("Alice")
    room.frozen()

    said = digest.ok("run", "--until-idle").out

    assert "Working for daily, weekend through outbox." in said
    assert "Issue 1 is finished: 1 accepted" in said
    assert said.endswith("Ended in good order.\n")


def test_what_changed_since_approval_is_sent_as_it_was_approved_or_not_at_all(digest: Terminal, room: Newsroom) -> None:
    room.subscribe("Alice")
    room.approved()
    file = room.folder / "settings.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("Quay Street", "Pier Road"), encoding="utf-8")

    refused = digest("send", 1, "--now")
    assert refused.code == 6
    assert "is not what was approved" in refused.err
    assert not list(room.folder.rglob("*.eml"))

    digest.ok("send", 1, "--now", "--as-approved")
    (mail,) = room.folder.rglob("*.eml")
    assert "Quay Street" in mail.read_text(encoding="utf-8")
    assert "Pier Road" not in mail.read_text(encoding="utf-8")


def test_subscribers_come_go_and_are_forgotten(digest: Terminal, room: Newsroom) -> None:
    digest.ok("subscribers", "add", "Alice@Example.com", "-n", "daily", "--name", "Alice", "--json")
    listed = digest.ok("subscribers", "list", "-n", "daily", "--json").facts
    keys(listed, "subscribers", "next_after", "counts")
    assert listed["counts"]["daily"]["mailable"] == 1
    exported = digest.ok("subscribers", "export", "-n", "daily").out
    assert "alice@example.com" in exported.lower()
    everything = json.loads(digest.ok("subscribers", "export", "--person", "alice@example.com").out)
    keys(everything, "deliveries")

    assert digest.ok("subscribers", "leave", "alice@example.com", "-n", "daily", "--json").facts["left"] is True
    assert digest.ok("subscribers", "list", "-n", "daily", "--json").facts["counts"]["daily"]["mailable"] == 0
    assert digest.ok("subscribers", "suppress", "bob@example.com", "--json").facts["suppressed"] is True
    assert digest.ok("subscribers", "unsuppress", "bob@example.com", "--json").facts["lifted"] is True
    assert digest.ok("subscribers", "forget", "alice@example.com", "--yes", "--json").facts["erased"] is True
    assert digest.ok("subscribers", "list", "-n", "daily", "--json").facts["subscribers"] == []


def test_a_backup_is_a_database_and_overwrites_nothing(digest: Terminal, room: Newsroom) -> None:
    room.draft()

    facts = digest.ok("db", "backup", "copy.db", "--json").facts
    assert facts["bytes"] == (room.folder / "copy.db").stat().st_size > 0
    assert digest("db", "backup", "copy.db").code == 8
    assert digest.ok("db", "upgrade", "--json").facts["before"] == digest.ok("db", "upgrade", "--json").facts["version"]


def test_an_old_database_is_refused_by_all_but_backup_and_upgrade(digest: Terminal, room: Newsroom) -> None:
    room.draft()
    with room.app.database.write() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")

    refused = digest("issues", "list")
    assert refused.code == 8
    assert "The database is at version 0000" in refused.err
    assert "`digest db backup`" in refused.err
    digest.ok("db", "backup", "copy.db")
    doctor = digest("doctor", "--json")
    assert doctor.code == 10
    assert [finding["code"] for finding in doctor.facts["findings"] if finding["level"] == "error"] == ["database"]


def test_the_doctor_finds_a_newsroom_ready_and_hides_passwords(digest: Terminal, room: Newsroom) -> None:
    room.subscribe("Alice")

    facts = digest.ok("doctor", "--json").facts
    assert facts["healthy"] is True
    assert "Ready." in digest.ok("doctor").out


def test_sources_are_checked_and_gathered_with_what_is_wrong(digest: Terminal, room: Newsroom) -> None:
    file = room.folder / "settings.toml"
    (room.folder / "copy").mkdir()
    (room.folder / "copy" / "pier.md").write_text(f"# The pier returns\n\n{ARTICLE}", encoding="utf-8")
    sources = '[[newsletters.daily.sources]]\nname = "Copy"\nkind = "folder"\nlocation = "copy"\n'
    gone = '[[newsletters.daily.sources]]\nname = "Gone"\nkind = "feed"\nlocation = "gone.xml"\n'
    file.write_text(file.read_text(encoding="utf-8") + sources + gone, encoding="utf-8")

    checked = digest("sources", "check", "--json")
    assert checked.code == 10
    assert [source["readable"] for source in checked.facts["sources"]] == [True, False]
    gathered = digest("articles", "gather", "--json")
    assert gathered.code == 10
    copy, lost = gathered.facts["sources"]
    assert [article["headline"] for article in copy["new"]] == ["The pier returns"]
    assert (lost["failed"], len(lost["problems"])) == (True, 1)
    assert digest.ok("articles", "list", "-n", "daily", "--json").facts["articles"][0]["headline"] == "The pier returns"
    assert digest("issues", "draft", "daily", "--gather", "--json").code == 10


def test_readers_who_are_uncertain_or_left_over_give_ten(digest: Terminal, room: Newsroom) -> None:
    room.subscribe("Alice")
    room.frozen()
    with room.app.database.write() as conn:
        control.pause(conn, 1, actor="Nora", now=room.app.clock())
        control.resume(conn, 1, actor="Nora", now=room.app.clock())
        conn.exec_driver_sql("UPDATE batch SET state = 'uncertain'")
        conn.exec_driver_sql("UPDATE delivery SET state = 'uncertain'")

    ran = digest("send", 1, "--now", "--json")

    assert (ran.code, ran.facts["uncertain"], ran.facts["state"]) == (10, 1, "finished")
