"""`digest db`: the ledger's file or server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from digest.cli.output import AsJson, say, show

app = typer.Typer(help="The database: upgrade, backup.", no_args_is_help=True)


@app.command("upgrade")
def upgrade(as_json: AsJson = False) -> None:
    """Bring the tables to what this program needs. Safe to run again.

    Example: `digest db upgrade`
    """
    from digest.settings import load
    from digest.store.database import HEAD, Database

    database = Database(load()["database.url"])
    try:
        before = database.upgrade()
    finally:
        database.close()
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
    from digest.cli.session import session

    with session() as app_:
        app_.database.backup(target)
    show({"backup": target, "bytes": target.stat().st_size}, as_json, lambda: say(f"Written: {target}"))
