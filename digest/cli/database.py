"""`digest db`: the ledger's file or server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.output import AsJson, ask, progress, remark, say, show, table
from digest.cli.session import session

if TYPE_CHECKING:
    from digest.bootstrap import App
    from digest.store.copying import Copied
    from digest.store.database import Database

app = typer.Typer(help="The database: upgrade, backup, copy to another one.", no_args_is_help=True)


@app.command("upgrade")
def upgrade(as_json: AsJson = False) -> None:
    """Bring the tables to what this program needs. Safe to run again.

    Example: `digest db upgrade`
    """
    from digest.store.database import HEAD

    with _as_it_is() as (_, database):
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
    with _as_it_is() as (_, database):
        database.backup(target)
    show({"backup": target, "bytes": target.stat().st_size}, as_json, lambda: say(f"Written: {target}"))


@app.command("copy")
def copy(
    target: Annotated[str, typer.Argument(metavar="URL", help="An empty database, as in database.url.")],
    keep: Annotated[
        bool, typer.Option("--keep", help="Go on with the present database, and close the copy instead.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Copy everything to an empty database of either kind, and go on there. Stop all workers before.

    It is copied as a whole or not at all, and compared. The present database is closed then and takes no changes any
    more, so that nobody is mailed from both. Exit code 6 when somebody is being mailed at this moment.

    Example: `digest db copy postgresql://digest@db.example.org/digest`
    """
    from dataclasses import asdict

    from digest.deliver import identity
    from digest.store import copying
    from digest.store.database import Database

    with _as_it_is() as (app_, source), progress("Copying") as bar:
        into = Database(target)
        try:
            copied = copying.copy(source, into, keep=keep, is_dead=identity.is_dead, now=app_.clock(), progress=bar)
        finally:
            into.close()
    steps = [] if keep else _next_steps(app_, copied.target, is_server=not into.is_sqlite)
    show(asdict(copied) | {"next": steps}, as_json, lambda: _tell(copied, steps))


def _tell(copied: Copied, steps: list[str]) -> None:
    table(["table", "rows"], copied.rows.items())
    say(f"\nCopied and compared in {copied.seconds:,.1f} s: {sum(copied.rows.values()):,} rows to {copied.target}")
    if copied.doubtful:
        say(f"{copied.doubtful:,} reader(s) are uncertain: the worker that was mailing them had died.")
    if copied.closed == "target":
        say("The copy is closed, and this database goes on. To look into the copy, use any tool that reads only.")
        return
    say(f"{copied.source} is closed: it takes no changes any more. Keep it until you trust the copy.\n")
    for number, step in enumerate(steps, start=1):
        say(f"{number}. {step}")


def _next_steps(app_: App, target: str, *, is_server: bool) -> list[str]:
    steps = [f"On every machine: set database.url (or DIGEST_DATABASE_URL) to {target}"]
    if is_server and "DIGEST_SECRET_KEY" not in app_.settings.secrets:
        kept = app_.settings.path("paths.data") / "secret-key"
        key = f"what {kept} holds" if kept.exists() else "a long random text"
        steps.append(f"On every machine: set DIGEST_SECRET_KEY to {key}. It signs the links in readers' mail.")
    return [*steps, "`digest doctor` until it says Ready.", "Start `digest run` and `digest serve` again."]


@app.command("reopen")
def reopen(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: nobody works on the other one.")] = False,
    as_json: AsJson = False,
) -> None:
    """Use a database again that was closed when it was copied. Never use both: readers would be mailed twice.

    Example: `digest db reopen`
    """
    from digest.errors import StoreError, UsageMistake
    from digest.store import closing

    with _as_it_is() as (_, database):
        with database.read() as conn:
            why = closing.why_closed(conn)
        if not why:
            raise StoreError(f"{database.shown} is open already.", hint="Nothing was changed.")
        remark(f"{database.shown} is closed: {why}.")
        if not yes and ask("From now on nobody may work on the other one. Type reopen to go on") != "reopen":
            raise UsageMistake("It stays closed.", hint="Say --yes when nobody works on the other one.")
        with database.write() as conn:
            closing.reopen(conn)
    show({"reopened": database.shown, "was": why}, as_json, lambda: say(f"{database.shown} takes changes again."))


@contextmanager
def _as_it_is() -> Iterator[tuple[App, Database]]:
    """The database at whatever version: an old one is what is copied, and then upgraded."""
    from digest.store.database import Database

    with session() as app_:
        database = Database(app_.settings["database.url"])
        try:
            yield app_, database
        finally:
            database.close()
