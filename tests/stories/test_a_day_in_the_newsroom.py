"""A day in the newsroom, from the wire to the reader and back: what Alice and Bob read, and how Alice leaves."""

from __future__ import annotations

import email
import email.policy
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

import subscribers
from digest.cli.preview import preview_page
from digest.desk.editing import Edits
from digest.model import Issue, IssueState
from digest.report.figures import Report, report
from digest.store import issues
from digest.web.pages import create_app
from tests.articles.sources.site import Site
from tests.desk.copy_desk import BAKERY, CHOIR, LEVY, OWLS, SCHOOL, feed
from tests.newsroom import SETTINGS, Newsroom, Running
from tests.web.conftest import served

MONDAY_AT_SIX = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)  # 06:00 in New York
TUESDAY_AT_SIX = MONDAY_AT_SIX + timedelta(days=1)

READERS = """\
Email Address,First Name,Donor Status
alice@example.com,Alice,none
bob@example.com,Bob,monthly
"""


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def room(tmp_path: Path, site: Site) -> Iterator[Newsroom]:
    """The Harbour Post: due on weekdays at six, reading one feed; it is Sunday, noon, in New York."""
    settings = SETTINGS.replace("stories = 5", 'cadence = "weekdays 06:00"\nstories = 5', 1)
    source = f'[[newsletters.daily.sources]]\nname = "Wire"\nkind = "feed"\nlocation = "{site.url("/feed.xml")}"\n'
    newsroom = Newsroom(tmp_path, settings=settings + source, environment={"DIGEST_FETCH_ALLOW_HOSTS": site.host})
    newsroom.clock = Running(MONDAY_AT_SIX - timedelta(hours=18))
    yield newsroom
    newsroom.app.close()


def test_a_day_in_the_newsroom(room: Newsroom, site: Site) -> None:
    _import_readers(room)

    # Sunday evening: the worker reads the wire and drafts; Nora edits, looks and approves.
    feed(site, CHOIR, OWLS, LEVY, SCHOOL)
    _work_at(room, MONDAY_AT_SIX - timedelta(hours=11))
    first = _latest(room)
    _edit(room, first)
    page = preview_page(room.app, room.app.proofs.proof(first.id))
    assert "Owls move into the lighthouse" in page
    assert SCHOOL.headline not in page
    room.app.proofs.approve(first.id, actor="Nora")
    _work_at(room, MONDAY_AT_SIX - timedelta(hours=10))
    assert _latest(room).scheduled_at == MONDAY_AT_SIX
    assert _mail(room, first) == {}

    # Monday at six: it is in the mail.
    _work_at(room, MONDAY_AT_SIX)
    mail = _mail(room, first)
    assert set(mail) == {"alice@example.com", "bob@example.com"}
    _alice_is_asked(mail["alice@example.com"], site)
    _bob_is_thanked(mail["bob@example.com"])

    # Monday: Alice has had enough, and presses the button of her mail program.
    _leave(room, mail["alice@example.com"])

    # Tuesday: only Bob gets the next one, and nothing that he has read.
    feed(site, BAKERY, CHOIR, OWLS)
    _work_at(room, TUESDAY_AT_SIX - timedelta(hours=2))
    second = _latest(room)
    room.app.proofs.approve(second.id, actor="Nora")
    _work_at(room, TUESDAY_AT_SIX - timedelta(hours=1))
    _work_at(room, TUESDAY_AT_SIX)
    mail = _mail(room, second)
    assert set(mail) == {"bob@example.com"}
    for said in _both_parts(mail["bob@example.com"]):
        assert BAKERY.headline in said
        assert CHOIR.headline not in said
        assert "lighthouse for the first time" not in said

    _the_report_is_true(_report(room, first), _report(room, second))


def _import_readers(room: Newsroom) -> None:
    file = room.folder / "readers.csv"
    file.write_text(READERS, encoding="utf-8")
    with room.app.database.write() as conn:
        imported = subscribers.import_csv(conn, file, newsletter="daily", at=room.app.clock())
    assert (imported.added, imported.rejected) == (2, 0)


def _edit(room: Newsroom, issue: Issue) -> None:
    """Nora finds the lead well chosen and its headline long; the school is for tomorrow."""
    with room.app.database.read() as conn:
        stories = issues.stories(conn, issue.id)
    places = {story.headline: place for place, story in enumerate(stories, start=1)}
    assert places[OWLS.headline] == 1, "the first story with a picture and a link leads"
    room.app.editing.edit(
        issue.id,
        Edits(
            subject="Owls, a choir and a levy",
            headlines={1: "Owls move into the lighthouse"},
            summaries={places[LEVY.headline]: "Two crowns a night, from April."},
            sections={places[CHOIR.headline]: "culture"},
            drop=[places[SCHOOL.headline]],
        ),
        actor="Nora",
    )


def _alice_is_asked(mail: EmailMessage, site: Site) -> None:
    assert mail["Subject"] == "Owls, a choir and a levy"
    assert mail["From"] == "The Harbour Post <daily@harbour.example>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    leave = str(mail["List-Unsubscribe"]).strip("<>")
    for said in _both_parts(mail):
        assert said.rindex("Owls move into the lighthouse") < said.rindex(LEVY.headline)
        assert said.rindex(LEVY.headline) < said.rindex(CHOIR.headline), "news stand before culture"
        assert "Two barn owls have nested in the disused lighthouse" in said
        assert "Two crowns a night, from April." in said
        assert SCHOOL.headline not in said
        assert site.url("/owls") in said
        assert "Keep the lighthouse lit" in said
        assert "https://harbour.example/give?every=month&utm_source=daily&utm_campaign=daily-1" in said
        assert "1 Quay Street, Harbour" in said
        assert leave in said
        assert "Monday, November 23, 2026" in said
        assert "%%{" not in said
    html, _ = _both_parts(mail)
    assert 'src="https://harbour.example/owls.jpg"' in html


def _bob_is_thanked(mail: EmailMessage) -> None:
    for said in _both_parts(mail):
        assert "Owls move into the lighthouse" in said
        assert "Your monthly gift paid for this issue." in said
        assert "Keep the lighthouse lit" not in said
        assert "https://harbour.example/give" not in said


def _leave(room: Newsroom, mail: EmailMessage) -> None:
    link = urlsplit(str(mail["List-Unsubscribe"]).strip("<>"))
    assert f"{link.scheme}://{link.netloc}" == room.app.settings["public_url"]
    with served(create_app(room.app)) as url:
        # Her provider's scanner opened every link of the mail before she saw it.
        assert httpx.get(url + link.path).status_code == 200
        with room.app.database.read() as conn:
            assert subscribers.counts(conn, "daily", at=room.app.clock()).mailable == 2
        pressed = httpx.post(url + link.path, data={"List-Unsubscribe": "One-Click"})
    assert pressed.status_code == 200
    with room.app.database.read() as conn:
        assert subscribers.counts(conn, "daily", at=room.app.clock()).mailable == 1


def _the_report_is_true(first: Report, second: Report) -> None:
    figures = (first.figures.recipients, first.figures.accepted, first.figures.editions, first.not_mailed)
    assert figures == (2, 2, {"ask": 1, "thanks": 1}, {})
    assert (second.figures.recipients, second.figures.accepted) == (1, 1)
    assert second.not_mailed == {"left": 1}
    assert {first.figures.state, second.figures.state} == {IssueState.FINISHED}


# --- Steps -------------------------------------------------------------------------------------------------


def _work_at(room: Newsroom, moment: datetime) -> None:
    assert room.clock
    room.clock.now = moment
    room.app.worker.run(threading.Event(), until_idle=True)


def _latest(room: Newsroom) -> Issue:
    with room.app.database.read() as conn:
        return issues.listed(conn, newsletter="daily", limit=1)[0]


def _mail(room: Newsroom, issue: Issue) -> dict[str, EmailMessage]:
    """Who got the issue, by address."""
    mails = [
        email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        for file in (room.folder / "data" / "outbox" / str(issue.id)).glob("*.eml")
    ]
    return {str(mail["To"]).rpartition("<")[2].strip(">"): mail for mail in mails}


def _both_parts(mail: EmailMessage) -> tuple[str, str]:
    """What a reader sees of the html, entities resolved, and the text."""
    html, text = mail.get_body(("html",)), mail.get_body(("plain",))
    assert html
    assert text
    return html.get_content().replace("&amp;", "&"), text.get_content()


def _report(room: Newsroom, issue: Issue) -> Report:
    with room.app.database.read() as conn:
        return report(conn, issue.id)
