"""The one place that prints: facts as JSON for programs, as tables and sentences for people.

Facts go to standard output, everything else (progress, remarks, errors) to standard error, so that `--json` can be
piped whatever happens.
"""

from __future__ import annotations

import dataclasses
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

#: What was asked for was done in part; a person should look.
PARTLY = 10

AsJson = Annotated[bool, typer.Option("--json", help="Print facts as JSON, for programs.")]


@cache
def people() -> Console:
    from rich.console import Console

    console = Console(highlight=False)
    # In a pipe nobody sees an edge: do not break lines at an imagined one.
    return console if console.is_terminal else Console(highlight=False, width=200)


@cache
def aside() -> Console:
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def show(facts: Mapping[str, Any], as_json: bool, tell: Callable[[], None], *, in_a_row: bool = False) -> None:
    """Print `facts` as JSON, or let `tell` say them to people. With `in_a_row` others follow: on a line each."""
    if as_json:
        indent = None if in_a_row else 2
        sys.stdout.write(json.dumps(facts, default=plain, ensure_ascii=False, indent=indent) + "\n")
        sys.stdout.flush()
    else:
        tell()


def plain(value: object) -> Any:
    """A value as JSON has it: times in ISO 8601 with their offset, dataclasses as objects."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(type(value).__name__)


def say(text: str = "") -> None:
    """A sentence for people, on standard output."""
    people().print(harmless(text), soft_wrap=True)


def remark(text: str) -> None:
    """A sentence beside the facts, on standard error."""
    aside().print(harmless(text), soft_wrap=True)


def harmless(text: str) -> str:
    """Text from anywhere as a terminal may print it: no control characters, which could write to the clipboard."""
    from rich.markup import escape

    return escape(_CONTROLS.sub("", text))


_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "", empty: str = "") -> None:
    """A table for people; `empty` is said when it has no rows."""
    from rich.table import Table

    filled = [[harmless(_cell(cell)) for cell in row] for row in rows]
    if not filled and empty:
        say(empty)
        return
    drawn = Table(title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for at, heading in enumerate(headings):
        numbers = bool(filled) and all(_is_number(row[at]) for row in filled)
        drawn.add_column(heading, justify="right" if numbers else "left", overflow="fold")
    for cells in filled:
        drawn.add_row(*cells)
    people().print(drawn)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value.value if isinstance(value, Enum) else value)


def _is_number(text: str) -> bool:
    return bool(text) and text.replace(",", "").replace(".", "").isdigit()


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int, str], None]]:
    """A bar on standard error while a person waits: call with done, total and a remark. Silent in a pipe."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.table import Column

    console = aside()
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        # What keeps an issue from passing must be readable on a narrow screen, too.
        TextColumn("{task.fields[remark]}", table_column=Column(no_wrap=False)),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task(what, total=None, remark="")
        yield lambda done, total, text="": bar.update(task, completed=done, total=total, remark=text)  # type: ignore[misc]


def is_live() -> bool:
    """Somebody sees what `progress` shows."""
    return aside().is_terminal


def ask(question: str) -> str | None:
    """Ask the person in front; None when nobody is there (a pipe, cron, a program)."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    return str(typer.prompt(question))


def explain(error: Any) -> int:
    """Say what went wrong, and what to do; returns the exit code."""
    code = int(getattr(error, "exit_code", 1))
    if "--json" in sys.argv:
        facts = {"error": error.message, "hint": error.hint, "exit_code": code}
        if problems := getattr(error, "problems", None):
            facts["problems"] = problems
        sys.stdout.write(json.dumps(facts, ensure_ascii=False) + "\n")
    said = f"{error.message}\n" + (f"→ {error.hint}\n" if error.hint else "")
    sys.stderr.write(_CONTROLS.sub("", said))
    return code
