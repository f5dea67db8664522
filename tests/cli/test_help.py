"""Help: every command is there, shows how it is used, and no hint names a command that is not."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from digest.cli.app import app

ROOT = Path(__file__).parents[2]

#: What newsrooms were promised; more may be there.
PROMISED = """
demo, doctor, preview, test, send, run, serve
sources check, sources retry
articles gather, articles list, articles add, articles show, articles edit
issues draft, issues list, issues show, issues edit, issues check, issues approve, issues schedule, issues unschedule
issues cancel, issues pause, issues resume, issues watch, issues urgent, issues correct, issues report
deliveries list, deliveries settle
subscribers import, subscribers add, subscribers list, subscribers leave, subscribers suppress, subscribers unsuppress
subscribers forget, subscribers export
newsletters list, newsletters form
db upgrade, db backup, db copy, db reopen
"""

#: These end with a person or a signal, or write a file of their own: they print no facts.
WITHOUT_JSON = {"events run", "run", "worker", "serve", "subscribers export"}


def commands(command: Any = None, path: str = "") -> Iterator[tuple[str, Any]]:
    command = command or get_command(app)
    verbs = getattr(command, "commands", None)
    if not verbs:
        yield path, command
    for name, verb in (verbs or {}).items():
        yield from commands(verb, f"{path} {name}".strip())


COMMANDS = dict(commands())
GROUPS = {path.rpartition(" ")[0] for path in COMMANDS if " " in path}


def options(path: str) -> set[str]:
    return {option for parameter in COMMANDS[path].params for option in parameter.opts} | {"-h", "--help"}


def test_every_promised_command_is_there() -> None:
    promised = {name.strip() for name in PROMISED.strip().replace("\n", ",").split(",")}

    assert promised <= set(COMMANDS)


@pytest.mark.parametrize("path", COMMANDS)
def test_a_command_says_what_it_does_and_shows_an_example_of_itself(path: str) -> None:
    ran = CliRunner().invoke(app, [*path.split(), "--help"])

    assert ran.exit_code == 0
    assert "Usage:" in ran.output
    words = " ".join(ran.output.split())
    assert f"Example: `digest {path}" in words
    first = (COMMANDS[path].help or "").strip().splitlines()[0]
    assert first.endswith((".", ":")) or len(first) > 60


@pytest.mark.parametrize("path", sorted(set(COMMANDS) - WITHOUT_JSON))
def test_whatever_prints_facts_prints_them_for_programs(path: str) -> None:
    assert "--json" in options(path)


@pytest.mark.parametrize("path", sorted(COMMANDS))
def test_every_option_is_explained(path: str) -> None:
    for parameter in COMMANDS[path].params:
        if parameter.param_type_name == "option":
            assert getattr(parameter, "help", ""), f"{path} {parameter.opts}"


def test_a_group_alone_shows_its_verbs() -> None:
    for group in GROUPS:
        ran = CliRunner().invoke(app, group.split())
        assert "Commands:" in ran.output, group


# --- What other texts say of commands ------------------------------------------------------------------------


def _texts() -> Iterator[tuple[str, str]]:
    """Every text that people read: documents, settings, and the strings of the code."""
    documents = [
        *(ROOT / "docs").rglob("*.md"),
        *ROOT.glob("*.md"),
        ROOT / "settings.toml",
        *ROOT.glob("examples/*/*.md"),
    ]
    for file in documents:
        yield file.name, file.read_text(encoding="utf-8")
    for folder in ("digest", "subscribers"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.JoinedStr):
                    yield file.name, "".join(_piece(value) for value in node.values)
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield file.name, node.value


def _piece(value: ast.expr) -> str:
    return str(value.value) if isinstance(value, ast.Constant) else "7"


def _mentions() -> set[tuple[str, str]]:
    """Where `digest …` stands in backticks, at the start of a line, or after a colon or an arrow."""
    found = set()
    for where, text in _texts():
        found |= {(where, match[1]) for match in re.finditer(r"`(?:digest|python send\.py) ([^`]+)`", text)}
        found |= {
            (where, match[1])
            for match in re.finditer(r"(?m)(?:^|: |→ )(?:digest|python send\.py) ([a-z][^`#\n]*)", text)
        }
    return found


def test_every_command_that_a_text_names_exists_with_its_options() -> None:
    mentions = _mentions()

    assert len(mentions) > 60
    assert [f"{where}: digest {said}" for where, said in sorted(mentions) if not _is_true(said)] == []


def _is_true(said: str) -> bool:
    """Does this command exist, and has it these options?"""
    words = re.split(r"  +|, then|[;|&…]", said)[0].split()
    if not words or words[0] in {"--help", "--version", "--install-completion", "--show-completion"}:
        return True
    named = {word.partition("=")[0].rstrip(".,)") for word in words if re.match(r"--?[a-z]", word)}
    path = next((path for count in (3, 2, 1) if (path := " ".join(words[:count])) in COMMANDS), "")
    if path:
        return named <= options(path)
    return words[0] in GROUPS and (len(words) == 1 or not re.fullmatch("[a-z]+", words[1]))


def test_every_example_is_understood_by_its_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "readers.csv").touch()  # named by an example, and must be there
    examples = [
        (path, shlex.split(example)[1 + len(path.split()) :])
        for path, command in COMMANDS.items()
        for example in re.findall(rf"`(digest {path}(?: [^`]+)?)`", command.help or "")
    ]

    assert {path for path, _ in examples} == set(COMMANDS)
    for path, arguments in examples:
        COMMANDS[path].make_context(path, arguments)


def test_help_loads_no_more_than_the_words_of_commands() -> None:
    program = "import sys, digest.cli.app; print(*(name for name in sys.modules if name.startswith('digest.')))"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()

    assert {name for name in loaded if not name.startswith("digest.cli")} <= {"digest.errors"}
