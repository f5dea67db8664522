"""View in browser: the edition as it is sent, the same for everybody who has the link."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from digest.desk.editing import Edits
from digest.model import Issue
from digest.store import issues
from tests.newsroom import Newsroom
from tests.web.conftest import Site, read, site_of

Shown = tuple[Site, Issue]


def _scheduled(room: Newsroom) -> Issue:
    from datetime import timedelta

    from digest.deliver import control

    issue, now = room.approved(), room.app.clock()
    with room.app.database.write() as conn:
        return control.schedule(conn, issue.id, now + timedelta(hours=1), actor="Nora", now=now)


def _finished(room: Newsroom) -> Issue:
    issue = room.frozen()
    room.deliver(issue)
    return room.issue(issue.id)


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Newsroom, Issue]]:
    """A newsroom that sent an issue to Alice and Bob, for tests that only look."""
    room = Newsroom(tmp_path_factory.mktemp("newsroom"))
    room.subscribe("Alice", "Bob")
    yield room, _finished(room)
    room.app.close()


@pytest.fixture
def shown(sent: tuple[Newsroom, Issue]) -> Iterator[Shown]:
    room, issue = sent
    with site_of(room) as site:
        yield site, issue


@pytest.mark.parametrize("bring", [Newsroom.approved, _scheduled, Newsroom.frozen, _finished])
def test_an_approved_issue_and_every_later_one_is_shown(site: Site, bring) -> None:  # type: ignore[no-untyped-def]
    site.room.subscribe("Alice")
    issue = bring(site.room)

    page = site.http.get(site.view_link(issue))

    assert page.status_code == 200
    assert "The north pier will be rebuilt" in read(page)
    assert "Keep the lighthouse lit" in read(page)


def test_each_edition_has_a_page_of_its_own(shown: Shown) -> None:
    site, issue = shown

    assert "Your monthly gift paid for this issue." in read(site.http.get(site.view_link(issue, "thanks")))
    assert "Keep the lighthouse lit" not in read(site.http.get(site.view_link(issue, "thanks")))


def test_it_is_what_was_approved_and_not_what_an_editor_is_writing_now(site: Site) -> None:
    issue = site.room.approved()
    site.room.app.editing.edit(issue.id, Edits(subject="Unfinished"), actor="Nora")

    page = site.http.get(site.view_link(issue))

    assert page.status_code == 404
    assert "This edition was never sent, or it is gone." in read(page)


def test_a_draft_an_unknown_issue_and_an_unknown_edition_are_not_there(site: Site) -> None:
    draft = site.room.draft()
    assert site.http.get(site.view_link(draft)).status_code == 404
    approved, _ = site.room.app.proofs.approve(draft.id, actor="Nora")

    missing = [f"/view/{site.room.app.tokens.view(999, 'ask')}", site.view_link(approved, "everyone")]

    assert [site.http.get(link).status_code for link in missing] == [404, 404]


def test_a_cancelled_issue_is_withdrawn(site: Site) -> None:
    from digest.issue.lifecycle import Step

    issue = site.room.approved()
    with site.room.app.database.write() as conn:
        issues.take(conn, issue, Step.CANCEL, actor="Nora", at=site.room.app.clock())

    assert site.http.get(site.view_link(issue)).status_code == 404


def test_a_link_that_is_not_ours_shows_nothing(shown: Shown) -> None:
    site, issue = shown
    link = site.view_link(issue)

    for wrong in (link[:-3], link.replace(f"/{issue.id}.", "/2."), link.replace("/view/", "/leave/"), "/view/"):
        answer = site.http.get(wrong)
        assert answer.status_code == 404
        assert "This link does not work" in read(answer)


def test_it_holds_no_readers_data_and_no_readers_link(shown: Shown) -> None:
    site, issue = shown
    [alice] = site.room.subscribe("Alice")

    page = site.http.get(site.view_link(issue)).text

    assert "Alice" not in page
    assert "alice@" not in page
    for token in (site.leave_link(alice), site.preferences_link(alice)):
        assert token.rpartition("/")[2] not in page
    assert 'href="https://digest.harbour.example/leave"' in page
    assert "%%{" not in page


def test_its_own_links_to_leave_lead_to_a_page_that_says_where_the_real_one_is(site: Site) -> None:
    for path in ("/leave", "/preferences"):
        answer = site.http.get(path)
        assert answer.status_code == 200
        assert "use the link at the foot of an email that came to you" in read(answer)


def test_it_is_the_same_for_every_reader_and_every_program(shown: Shown) -> None:
    site, issue = shown
    link = site.view_link(issue)

    asked = [{"User-Agent": "Alice's phone"}, {"User-Agent": "Bob", "Cookie": "a=b", "Accept-Language": "fr"}]

    assert len({site.http.get(link, headers=headers).text for headers in asked}) == 1


def test_its_policy_lets_in_its_styles_and_pictures_and_nothing_that_runs(shown: Shown) -> None:
    site, issue = shown
    policy = site.http.get(site.view_link(issue)).headers["content-security-policy"]

    allowed = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert allowed["default-src"] == "'none'"
    assert allowed["style-src"] == "'unsafe-inline'"
    assert "https:" in allowed["img-src"]
    assert "script-src" not in allowed
    assert allowed["frame-ancestors"] == "'none'"
