"""A person at a terminal of the newsroom, or a program in its place."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main

from digest.cli import main
from digest.render.edition import Renderer
from tests.doubles.ses import SesDouble
from tests.newsroom import Newsroom, shared_renderer

ROOT = Path(__file__).parents[2]
_built = cache(typer.main.get_command)


@dataclass(frozen=True)
class Ran:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def facts(self) -> dict[str, Any]:
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


class Terminal:
    """Runs `digest …` in this process, as `digest` does when it is installed: same entry, same exit codes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *words: object) -> Ran:
        self._monkeypatch.setattr(sys, "argv", ["digest", *map(str, words)])
        self._capsys.readouterr()
        try:
            main()
            code: Any = 0
        except SystemExit as end:
            code = end.code or 0
        said = self._capsys.readouterr()
        return Ran(code, said.out, said.err)

    def ok(self, *words: object) -> Ran:
        ran = self(*words)
        assert ran.code == 0, f"{words}: {ran}"
        return ran


@pytest.fixture
def digest(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A terminal without a newsroom: what DIGEST_SETTINGS and the folder say is the test's to choose."""
    for name in [name for name in os.environ if name.startswith("DIGEST_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DIGEST_ACTOR", "Nora")
    # Typer builds all commands at each call, which a process does once.
    monkeypatch.setattr("typer.main.get_command", _built)
    monkeypatch.setenv("TERM", "dumb")
    return Terminal(monkeypatch, capsys)


def _renderer(*, themes: Sequence[Path]) -> Renderer:
    return Renderer(themes=themes) if themes else shared_renderer()


@pytest.fixture
def room(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, digest: Terminal) -> Newsroom:
    """The newsroom that the terminal stands in."""
    monkeypatch.chdir(newsroom.folder)
    monkeypatch.setattr(
        "digest.bootstrap.Renderer", lambda themes: Renderer(themes=themes) if themes else shared_renderer()
    )
    for name, value in newsroom.environment.items():
        monkeypatch.setenv(name, value)
    return newsroom


@pytest.fixture
def through_ses(
    room: Newsroom, ses: SesDouble, aws: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> SesDouble:
    """The newsroom sends through the double of SES."""
    aws(ses.url)
    monkeypatch.setenv("DIGEST_SENDER", "ses")
    room.environment["DIGEST_SENDER"] = "ses"
    return ses


def sent(digest: Terminal, room: Newsroom, *names: str) -> int:
    """An issue that everybody got."""
    room.subscribe(*names)
    issue = room.approved().id
    digest.ok("send", issue, "--now")
    return issue


def shell(*words: str, folder: Path, **environment: str) -> Ran:
    """A real process: `python send.py …`."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DIGEST_")}
    ended = subprocess.run(
        [sys.executable, str(ROOT / "send.py"), *words],
        cwd=folder,
        env=clean | environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    return Ran(ended.returncode, ended.stdout, ended.stderr)
