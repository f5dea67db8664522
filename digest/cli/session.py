"""What commands share: the App, whoever sits in front, and the ways an issue or a newsletter is named."""

from __future__ import annotations

import getpass
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from digest.bootstrap import App

IssueId = Annotated[int, typer.Argument(metavar="ISSUE", help="Number of the issue, as `digest issues list` shows it.")]
Slug = Annotated[str, typer.Option("--newsletter", "-n", metavar="SLUG", help="Newsletter, as in settings.toml.")]


@contextmanager
def session() -> Iterator[App]:
    """The App of settings.toml and the environment; closed at the end."""
    from digest.bootstrap import bootstrap

    app = bootstrap()
    try:
        yield app
    finally:
        app.close()


def actor() -> str:
    """Who is doing this, for the journal: DIGEST_ACTOR, or the login name."""
    try:
        return os.environ.get("DIGEST_ACTOR") or getpass.getuser()
    except (KeyError, OSError):
        return "somebody"


@contextmanager
def until_told() -> Iterator[threading.Event]:
    """An event that SIGTERM and SIGINT set, so that the batch in hand is finished; a second SIGINT ends at once."""
    stop = threading.Event()

    def told(signum: int, _frame: object) -> None:
        if stop.is_set() and signum == signal.SIGINT:
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, told) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
