"""What the architecture promises: imports run downward, decisions touch nothing, and words mean one thing."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import subscribers
import subscribers.errors
from digest import errors, model
from digest.cli.output import PARTLY
from digest.deliver.senders.port import Sender

ROOT = Path(__file__).parents[1]

#: The house, from the ground up. A module may import its own room and every room below its floor; rooms on one floor
#: do not know each other. The longest name that fits decides, so `digest.deliver.pace` stands below `digest.deliver`.
FLOORS: list[list[list[str]]] = [
    # Words: frozen values and the tree of errors.
    [["digest.errors"], ["digest.languages"], ["subscribers"]],
    [["digest.model"], ["digest"]],
    # Stages: from values to values. They meet in the model and not in each other.
    [["digest.articles"], ["digest.issue"], ["digest.render"]],
    # What is declared, and what delivery decides and writes without a database.
    [
        ["digest.settings"],
        ["digest.web.links"],
        [
            "digest.deliver.brakes",
            "digest.deliver.calendar",
            "digest.deliver.evidence",
            "digest.deliver.forecast",
            "digest.deliver.identity",
            "digest.deliver.message",
            "digest.deliver.mime",
            "digest.deliver.outcome",
            "digest.deliver.pace",
            "digest.deliver.progress",
            "digest.deliver.warmup",
        ],
    ],
    # The store, and the adapters that carry mail.
    [["digest.store"], ["digest.deliver.senders"]],
    # Where stages meet the store, and how workers hear of work.
    [["digest.deliver"], ["digest.report"], ["digest.work"]],
    [["digest.desk"], ["digest.events"]],
    [["digest.worker"]],
    # The wiring.
    [["digest.bootstrap"]],
    # The edges: for people, programs and readers.
    [["digest.web"]],
    [["digest.cli", "digest.__main__"]],
]

#: Adapters stand behind a port: only the wiring knows which one is used.
ADAPTERS = {
    "digest.articles.sources.fetch",
    "digest.articles.summaries.by_model.bedrock",
    "digest.deliver.senders.outbox",
    "digest.deliver.senders.ses",
    "digest.deliver.senders.smtp",
    "digest.work.procrastinate",
    "digest.work.threads",
}

#: Packages that only some rooms may know.
FOREIGN = {
    "boto3": {
        "digest.deliver.senders.ses",
        "digest.events.amazon",
        "digest.events.sqs",
        "digest.articles.summaries.by_model.bedrock",
    },
    "botocore": {
        "digest.deliver.senders.ses",
        "digest.events.amazon",
        "digest.events.sqs",
        "digest.articles.summaries.by_model.bedrock",
    },
    "cryptography": {"digest.events.certificates", "digest.events.sns"},
    "smtplib": {"digest.deliver.senders.smtp"},
    "httpx": {"digest.articles"},
    "fastapi": {"digest.web"},
    "uvicorn": {"digest.cli", "digest.web"},
    "typer": {"digest.cli"},
    "rich": {"digest.cli"},
    "alembic": {"digest.store"},
    "procrastinate": {"digest.work.procrastinate"},
    "psycopg": {"digest.work.procrastinate"},
    "mjml": {"digest.render"},
    "premailer": {"digest.render"},
}


# --- Reading the code ----------------------------------------------------------------------------------------


@cache
def modules() -> dict[str, Path]:
    return {_name(file): file for folder in ("digest", "subscribers") for file in (ROOT / folder).rglob("*.py")}


def _name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(modules()[module].read_text(encoding="utf-8"))


@cache
def imports(module: str) -> frozenset[str]:
    """Every module that this one names, also inside functions and for types only."""
    found = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in modules() else str(node.module) for name in names}
    return frozenset(found)


def _ours(module: str) -> list[str]:
    return sorted(name for name in imports(module) if name.partition(".")[0] in ("digest", "subscribers"))


def _place(module: str) -> tuple[int, int]:
    """Floor and room of a module."""
    fits = [
        (len(prefix), floor, room)
        for floor, rooms in enumerate(FLOORS)
        for room, prefixes in enumerate(rooms)
        for prefix in prefixes
        if module == prefix or (module.startswith(f"{prefix}.") and prefix != "digest")
    ]
    assert fits, f"{module} has no floor in the table above"
    return max(fits)[1:]


# --- The house ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", modules())
def test_imports_run_downward_only(module: str) -> None:
    here = _place(module)
    wrong = [name for name in _ours(module) if _place(name) != here and _place(name)[0] >= here[0]]

    assert wrong == [], f"{module} imports upward or sideward"


def test_only_the_wiring_names_adapters() -> None:
    named = {
        (module, adapter)
        for module in modules()
        for adapter in ADAPTERS & imports(module)
        if module != "digest.bootstrap"
    }

    assert set(modules()) >= ADAPTERS
    assert imports("digest.bootstrap") >= ADAPTERS
    assert named == set()


@pytest.mark.parametrize("package", FOREIGN)
def test_a_foreign_library_is_known_to_its_rooms_only(package: str) -> None:
    knowing = [module for module in modules() if any(name.partition(".")[0] == package for name in imports(module))]

    assert knowing, f"{package} is not used: take it off the table and off the dependencies"
    assert [module for module in knowing if not _is_in(module, FOREIGN[package])] == []


def _is_in(module: str, rooms: set[str]) -> bool:
    return any(module == room or module.startswith((f"{room}.", f"{room}_")) for room in rooms)


def test_subscribers_is_a_library_of_its_own() -> None:
    foreign = {
        name.partition(".")[0] for module in modules() if _is_in(module, {"subscribers"}) for name in imports(module)
    }

    assert not foreign & {"digest", "fastapi", "typer", "boto3", "jinja2", "httpx"}


def test_digest_uses_subscribers_through_its_face() -> None:
    inside = {
        (module, name)
        for module in modules()
        for name in imports(module)
        if module.startswith("digest") and name.startswith("subscribers.")
    }

    # The store hands the whole schema to its migrations.
    assert {pair for pair in inside if pair[1] != "subscribers.schema" or "store" not in pair[0]} == set()


# --- SQL ---------------------------------------------------------------------------------------------------


def test_sql_stands_in_the_store_and_in_subscribers_only() -> None:
    statements = {"select", "insert", "update", "delete", "text", "func", "exists", "literal", "Table", "Column"}
    wrong = []
    for module in modules():
        if _is_in(module, {"digest.store", "subscribers"}):
            continue
        for node in ast.walk(tree(module)):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("sqlalchemy"):
                wrong += [f"{module}: {alias.name}" for alias in node.names if alias.name in statements]
            if isinstance(node, ast.Attribute) and node.attr in ("execute", "exec_driver_sql", "scalar", "scalars"):
                wrong.append(f"{module}:{node.lineno}: .{node.attr}")

    assert wrong == []


# --- Decisions are pure ------------------------------------------------------------------------------------

PURE = {
    "digest.model",
    "digest.errors",
    "digest.issue",
    "digest.articles.selection.carried",
    "digest.articles.selection.changes",
    "digest.articles.selection.quotas",
    "digest.articles.selection.select",
    "digest.articles.similarity",
    "digest.articles.summaries.ladder",
    "digest.articles.summaries.sentences",
    "digest.articles.extraction.boilerplate",
    "digest.articles.extraction.extract",
    "digest.render.slots",
    "digest.render.check",
    "digest.render.rules",
    "digest.deliver.brakes",
    "digest.deliver.calendar",
    "digest.deliver.forecast",
    "digest.deliver.message",
    "digest.deliver.outcome",
    "digest.deliver.pace",
    "digest.deliver.warmup",
    "digest.events.machines",
    "digest.events.ses",
    "digest.events.standing",
}


@pytest.mark.parametrize("module", [module for module in modules() if _is_in(module, PURE)])
def test_a_decision_asks_no_clock_no_chance_and_no_disk(module: str) -> None:
    forbidden = {"time", "random", "secrets", "socket", "os", "subprocess", "threading", "sqlite3", "sqlalchemy"}
    calls = {ast.unparse(node.func) for node in ast.walk(tree(module)) if isinstance(node, ast.Call)}
    impure = {call for call in calls if re.search(r"(^|\.)(now|today|utcnow|open|read_text|read_bytes|getenv)$", call)}

    assert not {name.partition(".")[0] for name in imports(module)} & forbidden
    assert impure == set()


def test_the_clock_is_read_where_the_house_is_wired_and_nowhere_else() -> None:
    reading = {
        module
        for module in modules()
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Call)
        and re.search(r"\b(datetime\.(now|utcnow|today)|date\.today)$", ast.unparse(node.func))
    }

    # The delivery's default, and a server's "come back at", which is about this very moment.
    assert reading == {"digest.bootstrap", "digest.deliver.run", "digest.articles.sources.answer"}


# --- Words -------------------------------------------------------------------------------------------------


def test_every_module_says_why_it_is_there() -> None:
    silent = [name for name in modules() if tree(name).body and not ast.get_docstring(tree(name))]

    assert silent == []


def test_no_code_stands_among_the_templates_and_no_module_is_called_utils() -> None:
    assert list((ROOT / "templates").rglob("*.py")) == []
    assert [name for name in modules() if re.search(r"(^|[._])(utils?|helpers?|misc|common)($|[._])", name)] == []


def test_both_sides_mean_the_same_by_supporter() -> None:
    assert {word.name: word.value for word in model.Supporter} == {
        word.name: word.value for word in subscribers.Supporter
    }


@pytest.mark.parametrize("tree_of", [errors, subscribers.errors], ids=["digest", "subscribers"])
def test_the_tree_of_errors_is_drawn_as_it_stands(tree_of: ModuleType) -> None:
    """The drawing in the module's docstring: every class, below its parent, with its exit code."""
    drawn: dict[str, tuple[str, int]] = {}
    parents: list[tuple[int, str]] = [(-1, "Exception")]
    for line in (tree_of.__doc__ or "").splitlines():
        if not (found := re.match(r"^([ │├└─]*)([A-Z]\w+) +(\d+)  ", line)):
            continue
        depth = len(found[1])
        parents = [parent for parent in parents if parent[0] < depth]
        drawn[found[2]] = (parents[-1][1], int(found[3]))
        parents.append((depth, found[2]))

    every: list[Any] = [one for _, one in inspect.getmembers(tree_of, inspect.isclass)]
    classes = [one for one in every if one.__module__ == tree_of.__name__]
    assert drawn == {one.__name__: (one.__mro__[1].__name__, one.exit_code) for one in classes}


@pytest.mark.parametrize("root", [errors.DigestError, subscribers.SubscribersError])
def test_both_trees_of_errors_are_told_in_the_same_way(root: type[errors.DigestError]) -> None:
    error = root("The ferry is late.", hint="Take the bridge.")

    assert (error.message, error.hint, str(error)) == (
        "The ferry is late.",
        "Take the bridge.",
        "The ferry is late. Take the bridge.",
    )


# --- Documents ---------------------------------------------------------------------------------------------


def test_the_exit_codes_in_the_docs_are_those_of_the_errors() -> None:
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", _text("docs/running.md"), re.MULTILINE)}
    classes = [one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, errors.DigestError)]

    assert documented == {0, PARTLY} | {one.exit_code for one in classes}


def test_every_file_that_the_architecture_names_is_there() -> None:
    text = _text("docs/architecture.md")
    named = set(re.findall(r"`((?:[\w<>*-]+/)+[\w-]*(?:\.\w+)?|[a-z_]+\.py)`", text))

    assert len(named) > 12
    for name in named - {"<name>/"}:
        assert any((ROOT / room / name).exists() for room in ("", "digest", "digest/deliver", "templates")), name
    rooms = set(re.findall(r"^\| `(?:digest/)?([\w/]+)", text, re.MULTILINE))
    stages = {f"articles/{stage}/" for stage in ("sources", "extraction", "selection", "summaries")}
    assert stages | {"issue/", "render/", "store/", "deliver/", "desk/", "report/", "web/", "cli/"} <= rooms


def test_the_docs_link_to_what_is_there() -> None:
    for file in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")):
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", file.read_text(encoding="utf-8")):
            if not target.startswith(("http", "mailto:")):
                assert (file.parent / target).exists(), f"{file.name} links to {target}"


def test_the_theme_in_the_docs_has_the_settings_that_themes_have() -> None:
    (example,) = [tomllib.loads(example) for name, example in _examples("toml") if name == "themes.md"]
    classic = tomllib.loads(_text("templates/email/themes/classic/theme.toml"))

    assert set(example) == set(classic)
    for table in ("fonts", "sizes", "colours"):
        assert set(example[table]) == set(classic[table])


def _examples(language: str) -> Iterator[tuple[str, str]]:
    for file in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")):
        for example in re.findall(rf"```{language}\n(.*?)```", file.read_text(encoding="utf-8"), re.DOTALL):
            yield file.name, example


def test_a_sender_has_as_many_methods_as_the_docs_say() -> None:
    numbers = {"four": 4, "five": 5, "six": 6}
    said = re.search(r"class with the (\w+) methods of `deliver/senders/port\.py`", _text("docs/architecture.md"))
    assert said

    methods = [name for name, one in vars(Sender).items() if not name.startswith("_") and callable(one)]
    assert len(methods) == numbers[said[1]], methods


def test_every_module_can_be_imported_alone() -> None:
    """No module needs another one to have been imported first."""
    for name in modules():
        if "migrations" not in name and name != "digest.__main__":
            importlib.import_module(name)


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")
