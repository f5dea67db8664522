"""`digest db`: the ledger's file or server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.output import AsJson, say, show

if TYPE_CHECKING:
    from digest.store.database import Database

app = typer.Typer(help="The database: upgrade, backup.", no_args_is_help=True)


@app.command("upgrade")
def upgrade(as_json: AsJson = False) -> None:
    """Bring the tables to what this program needs. Safe to run again.

    Example: `digest db upgrade`
    """
    from digest.store.database import HEAD

    with _as_it_is() as database:
        before = database.upgrade()
    words = (
        f"The database was at {before or 'nothing'} and is at {HEAD}."
        if before != HEAD
        else f"It is at {HEAD} already."
    )
    show({"before": before, "version": HEAD}, as_json, lambda: say(words))


@app.command("backup")
def backup(
    target: Annotated[Path, typer.Argument(help="File to write; it must not be there yet.")], as_json: AsJson = False
) -> None:
    """Write a consistent copy of an SQLite database, also while it is in use. For PostgreSQL use pg_dump.

    Example: `digest db backup backup-2026-11-29.db`
    """
    with _as_it_is() as database:
        database.backup(target)
    show({"backup": target, "bytes": target.stat().st_size}, as_json, lambda: say(f"Written: {target}"))


@contextmanager
def _as_it_is() -> Iterator[Database]:
    """The database at whatever version: an old one is what is copied, and then upgraded."""
    from digest.settings import load
    from digest.store.database import Database

    database = Database(load()["database.url"])
    try:
        yield database
    finally:
        database.close()
