"""Approval: it binds every byte that readers get, and whatever changes afterwards voids it."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from digest.desk.editing import Edits
from digest.errors import NotApproved, RenderError, UsageMistake
from digest.model import Issue, IssueState, Level
from digest.render.environment import templates_folder
from digest.store import articles
from tests.desk.copy_desk import CHOIR
from tests.newsroom import SETTINGS, Newsroom


@pytest.fixture
def themed(tmp_path: Path) -> Newsroom:
    """A newsroom with a theme of its own, copied from the plain one."""
    shutil.copytree(templates_folder() / "email" / "themes" / "plain", tmp_path / "themes" / "harbour")
    themed = SETTINGS.replace("stories = 5", 'theme = "harbour"\nstories = 5', 1)
    room = Newsroom(tmp_path, settings=f'{themed}\n[paths]\nthemes = "themes"\n')
    room.subscribe("Alice", "Bob")
    return room


def change_settings(room: Newsroom, before: str, after: str) -> None:
    file = room.folder / "settings.toml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")
    room.app.close()
    room.app = room.open()


def eml(room: Newsroom, issue: Issue) -> str:
    room.app.delivery.start(issue.id, actor="Nora")
    room.deliver(issue)
    return "".join(file.read_text() for file in (room.folder / "data" / "outbox").rglob("*.eml"))


def test_approving_binds_the_fingerprint_of_what_the_proof_shows(newsroom: Newsroom) -> None:
    newsroom.subscribe("Alice", "Bob")
    issue = newsroom.draft()
    shown = newsroom.app.proofs.proof(issue.id)

    approved, proof = newsroom.app.proofs.approve(issue.id, actor="Nora")

    assert approved.state is IssueState.APPROVED
    assert approved.fingerprint == shown.fingerprint == proof.fingerprint
    assert (approved.approved_by, approved.audience) == ("Nora", 2)
    newsroom.app.proofs.still_approved(issue.id)


def test_a_proof_is_the_same_however_often_it_is_made_and_by_whom(newsroom: Newsroom) -> None:
    issue = newsroom.draft()
    elsewhere = newsroom.open()

    assert newsroom.app.proofs.proof(issue.id).fingerprint == elsewhere.proofs.proof(issue.id).fingerprint
    elsewhere.close()


def test_errors_keep_an_issue_a_draft_unless_the_editor_insists(newsroom: Newsroom) -> None:
    newsroom.subscribe("Alice")
    issue = newsroom.draft()
    newsroom.app.editing.edit(issue.id, Edits(drop=[1]), actor="Nora")
    errors = newsroom.app.proofs.proof(issue.id).errors
    assert errors
    assert all(finding.level is Level.ERROR for finding in errors)

    with pytest.raises(NotApproved, match=r"has \d error") as refused:
        newsroom.app.proofs.approve(issue.id, actor="Nora")
    assert "--despite-errors" in refused.value.hint
    assert errors[0].message in refused.value.message
    assert newsroom.issue(issue.id).state is IssueState.DRAFT

    approved, _ = newsroom.app.proofs.approve(issue.id, actor="Nora", despite_errors=True)
    assert approved.state is IssueState.APPROVED


def test_changed_settings_void_the_approval(newsroom: Newsroom) -> None:
    newsroom.subscribe("Alice")
    issue = newsroom.approved()
    change_settings(newsroom, "1 Quay Street, Harbour", "2 Pier Road, Harbour")

    with pytest.raises(NotApproved, match="its text, its theme or its settings changed since") as void:
        newsroom.app.proofs.still_approved(issue.id)

    assert "Nobody was mailed." in void.value.hint
    newsroom.app.proofs.approve(issue.id, actor="Nora")
    newsroom.app.proofs.still_approved(issue.id)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('sender_address = "daily@harbour.example"', 'sender_address = "news@harbour.example"'),
        ('headline = "Keep the lighthouse lit"', 'headline = "Keep the lamp lit"'),
        ("https://harbour.example/give?every=month", "https://harbour.example/monthly"),
        ('slug = "news", title = "News"', 'slug = "news", title = "Town"'),
    ],
)
def test_whatever_a_reader_would_see_is_bound(newsroom: Newsroom, before: str, after: str) -> None:
    newsroom.subscribe("Alice")
    newsroom.write_article(CHOIR.headline, CHOIR.text)
    issue = newsroom.approved()
    change_settings(newsroom, before, after)

    with pytest.raises(NotApproved):
        newsroom.app.proofs.still_approved(issue.id)


def test_what_no_reader_sees_voids_nothing(newsroom: Newsroom) -> None:
    newsroom.subscribe("Alice")
    issue = newsroom.approved()
    change_settings(newsroom, "stories = 5", "stories = 3\nwindow_hours = 48\ndraft_ahead = 2")

    newsroom.app.proofs.still_approved(issue.id)


def test_a_changed_template_voids_the_approval_and_what_was_stored_is_what_would_be_sent(themed: Newsroom) -> None:
    issue = themed.approved()
    body = themed.folder / "themes" / "harbour" / "body.txt"
    body.write_text("Sent by mistake\n" + body.read_text(encoding="utf-8"), encoding="utf-8")
    themed.app = themed.open()

    with pytest.raises(NotApproved, match="is not what was approved"):
        themed.app.proofs.still_approved(issue.id)

    assert "Sent by mistake" not in eml(themed, issue)


def test_an_article_that_changes_after_approval_changes_nothing_in_the_issue(newsroom: Newsroom) -> None:
    newsroom.subscribe("Alice")
    issue = newsroom.approved()
    with newsroom.app.database.write() as conn:
        articles.edit(conn, 1, {"headline": "Another headline", "summary": "Another story."}, at=newsroom.app.clock())

    newsroom.app.proofs.still_approved(issue.id)


def test_a_mistake_in_a_theme_stops_the_approval_and_names_the_file(themed: Newsroom) -> None:
    issue = themed.draft()
    body = themed.folder / "themes" / "harbour" / "body.txt"
    body.write_text("{{ edition.subjekt }}\n", encoding="utf-8")

    with pytest.raises(RenderError, match=r"body\.txt:1"):
        themed.app.proofs.approve(issue.id, actor="Nora")

    assert themed.issue(issue.id).state is IssueState.DRAFT


def test_an_issue_of_a_newsletter_that_is_no_longer_declared_is_explained(newsroom: Newsroom) -> None:
    issue = newsroom.draft()
    change_settings(newsroom, "[newsletters.daily", "[newsletters.morning")

    with pytest.raises(UsageMistake, match="There is no newsletter 'daily' in the settings") as gone:
        newsroom.app.proofs.proof(issue.id)

    assert gone.value.hint == "Declared are: morning, weekend."


def test_two_editors_who_approve_at_the_same_moment_approve_the_same(newsroom: Newsroom) -> None:
    newsroom.subscribe("Alice")
    issue = newsroom.draft()
    apps = [newsroom.open(), newsroom.open()]
    together = threading.Barrier(2)
    prints: list[str] = []

    def approve(number: int) -> None:
        together.wait()
        approved, _ = apps[number].proofs.approve(issue.id, actor=f"editor {number}")
        prints.append(approved.fingerprint)

    threads = [threading.Thread(target=approve, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for app in apps:
        app.close()

    assert prints[0] == prints[1]
    newsroom.app.proofs.still_approved(issue.id)
