"""The command line as a process: how fast it answers, what it loads, the demo, and completion in a shell."""

from __future__ import annotations

import email
import email.policy
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Ran, Terminal, shell

#: What takes long to load and has no part in showing help.
HEAVY = {"sqlalchemy", "boto3", "lxml", "jinja2", "trafilatura", "fastapi", "httpx", "alembic", "rich", "babel"}


@pytest.mark.parametrize("words", [["--help"], ["send", "--help"], ["--version"]], ids=" ".join)
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    program = (
        "import sys\n"
        "from digest.cli import main\n"
        "try:\n    main()\n"
        "finally:\n    print('LOADED', *{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)\n"
    )

    ended = subprocess.run(
        [sys.executable, "-c", program, *words], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )

    loaded = set(ended.stderr.rpartition("LOADED")[2].split())
    assert {"typer", "digest"} <= loaded
    assert loaded & HEAVY == set()


def test_send_py_is_the_same_program_and_passes_the_exit_code_on(tmp_path: Path) -> None:
    helped = shell("--help", folder=tmp_path)
    assert helped.code == 0
    assert "issues" in helped.out

    lost = shell("issues", "list", folder=tmp_path)
    assert (lost.code, lost.out) == (3, "")
    assert lost.err.startswith("There is no settings file")
    assert shell("isues", folder=tmp_path).code == 2


def test_an_unfinished_word_is_completed_in_bash(tmp_path: Path) -> None:
    environment = {"_DIGEST_COMPLETE": "complete_bash", "COMP_WORDS": "digest issues sche", "COMP_CWORD": "2"}

    ended = subprocess.run(
        [Path(sys.executable).with_name("digest")],
        cwd=tmp_path,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert ended.stdout.split() == ["schedule"]


def test_completion_can_be_shown_for_a_shell(tmp_path: Path) -> None:
    bash = shutil.which("bash")
    assert bash
    ended = subprocess.run(
        [bash, "-c", f"{Path(sys.executable).with_name('digest')} --show-completion; exit $?"],
        cwd=tmp_path,
        env=os.environ | {"SHELL": bash},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert ended.returncode == 0, ended.stderr
    assert "_DIGEST_COMPLETE=complete_bash" in ended.stdout


# --- The demo ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ran]:
    """`python send.py demo --json` in a fresh folder, once for all."""
    folder = tmp_path_factory.mktemp("somewhere")
    # What the person has set for real sending must not leak into a demo.
    return folder, shell("demo", "--json", folder=folder, DIGEST_SENDER="ses", DIGEST_SETTINGS="/nonexistent")


def test_the_demo_goes_the_whole_round_in_a_folder_of_its_own(demo: tuple[Path, Ran]) -> None:
    folder, ran = demo

    assert ran.code == 0, ran.err
    facts = ran.facts
    assert facts["folder"] == str(folder / "demo")
    assert facts["imported"] == facts["accepted"] == 50
    assert facts["figures"]["state"] == "finished"
    assert Path(facts["preview"]).is_file()
    assert len(list((folder / "demo").rglob("*.eml"))) == 50


def test_the_demos_first_message_is_a_whole_email(demo: tuple[Path, Ran]) -> None:
    _, ran = demo
    mail = email.message_from_bytes(Path(ran.facts["first_eml"]).read_bytes(), policy=email.policy.default)

    assert "The Riverbend Courier" in mail["From"]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part
        assert "12 Ropewalk, Riverbend" in part.get_content()


def test_one_goes_on_from_the_demo_and_makes_it_anew(
    demo: tuple[Path, Ran], digest: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = demo
    monkeypatch.chdir(folder / "demo")
    assert digest.ok("issues", "report", "1", "--json").facts["accepted"] == 50
    (folder / "demo" / "mine.txt").write_text("made anew each time", encoding="utf-8")

    monkeypatch.chdir(folder)
    told = digest.ok("demo").out

    assert not (folder / "demo" / "mine.txt").exists()
    assert "went through the whole round" in told
    assert "Go on from there: cd demo && " in told
    assert told.endswith("issues report 1\n")


def test_the_demo_refuses_a_folder_that_is_not_its_own(
    digest: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "thesis.txt").write_text("years of it", encoding="utf-8")
    (tmp_path / "file").write_text("a file", encoding="utf-8")

    for name, why in (("work", "is there and not a demo"), ("file", "is a file")):
        ran = digest("demo", "--folder", name)
        assert ran.code == 2
        assert why in ran.err
        assert "Nothing was touched." in ran.err
    assert (tmp_path / "work" / "thesis.txt").read_text(encoding="utf-8") == "years of it"
