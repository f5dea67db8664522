"""`digest preview --serve`: what is on disk and in the database is what is shown, once for each change."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from digest.cli.preview import preview_page
from digest.desk.editing import Edits
from digest.render.environment import templates_folder
from digest.store import issues
from digest.web.live import Live, create_preview, stamp
from tests.newsroom import SETTINGS, Newsroom
from tests.web.conftest import served


class Desk:
    """A designer's desk: a theme of their own, and the preview of an issue that is served while they work on it."""

    def __init__(self, room: Newsroom) -> None:
        self.room = room
        self.theme = room.folder / "themes" / "harbour"
        self.issue = room.draft()
        self.made = 0
        self.live = Live(self._page, [room.folder / "themes", room.folder / "settings.toml"], self._state)
        self.url = ""

    def _page(self, version: str) -> str:
        self.made += 1
        fresh = self.room.open()
        try:
            return preview_page(fresh, fresh.proofs.proof(self.issue.id), version=version)
        finally:
            fresh.close()

    def _state(self) -> str:
        with self.room.app.database.read() as conn:
            return str(issues.stories(conn, self.issue.id)) + str(issues.get(conn, self.issue.id))

    def get(self, path: str = "/") -> httpx.Response:
        return httpx.get(f"{self.url}{path}")

    def rewrite(self, name: str, old: str, new: str) -> None:
        file = self.theme / name
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(templates_folder() / "email" / "themes" / "classic", tmp_path / "themes" / "harbour")
    settings = SETTINGS.replace("[ses]", '[paths]\nthemes = "themes"\n\n[ses]')
    room = Newsroom(
        tmp_path, settings=settings.replace("[newsletters.daily]", '[newsletters.daily]\ntheme = "harbour"', 1)
    )
    desk = Desk(room)
    with served(create_preview(desk.live)) as url:
        desk.url = url
        yield desk
    room.app.close()


def test_a_changed_theme_is_another_version_and_shows(desk: Desk) -> None:
    before, version = desk.get().text, desk.get("/version").text
    colour = "#123456"

    desk.rewrite("theme.toml", 'accent = "', f'accent = "{colour}" # "')

    assert desk.get("/version").text != version
    assert colour not in before
    assert colour in desk.get().text


def test_an_edited_issue_is_another_version_and_shows(desk: Desk) -> None:
    version = desk.get("/version").text

    desk.room.app.editing.edit(desk.issue.id, Edits(headlines={1: "The pier, at last"}), actor="Nora")

    assert desk.get("/version").text != version
    assert "The pier, at last" in desk.get().text


def test_a_changed_appeal_in_the_settings_is_another_version_and_shows(desk: Desk) -> None:
    version = desk.get("/version").text
    file = desk.room.folder / "settings.toml"

    file.write_text(file.read_text().replace("Keep the lighthouse lit", "Light the lamp"))

    assert desk.get("/version").text != version
    assert "Light the lamp" in desk.get().text


def test_the_page_carries_the_version_that_it_shows(desk: Desk) -> None:
    assert f'data-version="{desk.get("/version").text}"' in desk.get().text
    assert "data-version" not in preview_page(desk.room.app, desk.room.app.proofs.proof(desk.issue.id))


def test_the_page_is_made_once_for_each_version(desk: Desk) -> None:
    for _ in range(3):
        desk.get()
        desk.get("/version")
    assert desk.made == 1

    desk.rewrite("theme.toml", 'accent = "', 'accent = "#123456" # "')
    desk.get()
    desk.get()
    assert desk.made == 2


def test_a_mistake_in_a_template_is_a_page_with_file_line_and_text_and_goes_away(desk: Desk) -> None:
    wanted = '{% include "parts/browser.mjml" %}'
    line = (desk.theme / "body.mjml").read_text(encoding="utf-8").partition(wanted)[0].count("\n") + 1

    desk.rewrite("body.mjml", wanted, "{{ nobody.knows }}")
    wrong = desk.get()
    desk.rewrite("body.mjml", "{{ nobody.knows }}", wanted)
    right = desk.get()

    assert wrong.status_code == 500
    assert f"themes/harbour/body.mjml:{line}: " in wrong.text
    assert f'<span class="here"><i>{line}</i>{{{{ nobody.knows }}}}</span>' in wrong.text
    assert f'data-version="{_version(wrong.text)}"' in wrong.text, "the page must come back by itself"
    assert right.status_code == 200
    assert "The north pier will be rebuilt" in right.text


def test_markup_in_a_broken_template_is_shown_and_not_obeyed(desk: Desk) -> None:
    desk.rewrite("body.mjml", '{% include "parts/browser.mjml" %}', "<img src=x onerror=alert(1)>{{ nobody.knows }}")

    assert "&lt;img src=x onerror=alert(1)&gt;" in desk.get().text


def test_a_mistake_in_the_settings_is_a_page_and_goes_away(desk: Desk) -> None:
    file = desk.room.folder / "settings.toml"
    right = file.read_text()

    file.write_text(right.replace('theme = "harbour"', 'thème = "harbour"'))
    wrong = desk.get()
    file.write_text(right)

    assert wrong.status_code == 500
    assert "settings.toml" in wrong.text
    assert 'data-version="' in wrong.text, "the page must come back by itself"
    assert desk.get().status_code == 200


def _version(page: str) -> str:
    return page.partition('data-version="')[2].partition('"')[0]


def test_the_script_is_ours_and_the_only_one(desk: Desk) -> None:
    page = desk.get().text

    assert page.count("<script") == 1
    assert '<script src="refresh.js"' in page
    assert "script-src 'self'" in page
    assert desk.get("/refresh.js").headers["content-type"].startswith("text/javascript")


def test_a_strangers_name_that_leads_here_is_refused(desk: Desk) -> None:
    answer = httpx.get(desk.url, headers={"Host": "evil.example"})

    assert answer.status_code == 400
    assert "pier" not in answer.text


def test_a_file_that_vanishes_while_it_is_looked_at_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")

    assert stamp([tmp_path, tmp_path / "missing"]) == stamp([tmp_path])


def test_a_file_is_noticed_when_it_is_changed_added_or_taken_away(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("1")
    stamps = [stamp([tmp_path])]
    (tmp_path / "one").write_text("12")
    stamps.append(stamp([tmp_path]))
    (tmp_path / "two").write_text("2")
    stamps.append(stamp([tmp_path]))
    (tmp_path / "one").unlink()
    stamps.append(stamp([tmp_path]))

    assert len(set(stamps)) == 4
