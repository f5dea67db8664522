"""`digest subscribers export`: the list, what people said, or everything about one of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from digest.cli.output import remark
from digest.cli.session import session
from digest.errors import InputError

if TYPE_CHECKING:
    from sqlalchemy import Connection


def export(
    newsletter: Annotated[str, typer.Option("--newsletter", "-n", help="Only this newsletter's.")] = "",
    person: Annotated[str, typer.Option(help="Everything we hold on one address, as JSON.")] = "",
    system: Annotated[
        Literal["", "mailchimp", "listmonk", "plain"],
        typer.Option(
            "--for", help="In the columns of another system; those who may be mailed, unless --who says else."
        ),
    ] = "",
    who: Annotated[
        Literal["", "everybody", "mailable", "unconfirmed", "left", "suppressed"], typer.Option(help="Only these.")
    ] = "",
    consents: Annotated[
        bool, typer.Option("--consents", help="The log of what people said, instead of the list.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="File to write; standard output when not given.")] = None,
) -> None:
    """Export subscribers as CSV that imports to the same state, or in another system's columns.

    Example: `digest subscribers export --newsletter daily --out readers.csv`
    """
    with session() as app_, app_.database.read(one_moment=True) as conn:
        slug = app_.settings.newsletter(newsletter).slug if newsletter else None
        pieces = _person(conn, person) if person else _list(conn, slug, system, who, consents=consents)
        try:
            with out.open("w", encoding="utf-8", newline="") if out else nullcontext(sys.stdout) as target:
                for piece in pieces:
                    target.write(piece)
                target.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            where = out or "The export"
            raise InputError(f"{where} cannot be written: {error.strerror}.", hint=_HALF) from None


_HALF = "What is there of it is not the whole list: make room, or name another file with --out."


def _list(conn: Connection, slug: str | None, system: str, who: str, *, consents: bool) -> Iterator[str]:
    import subscribers

    if consents:
        yield from subscribers.csv_text(subscribers.export_consents(conn, slug), subscribers.CONSENT_COLUMNS)
        return
    rows = subscribers.export(conn, slug, subscribers.Who(who or ("mailable" if system else "everybody")))
    if not system:
        yield from subscribers.csv_text(rows)
        return
    shape = subscribers.shape(system)
    yield from subscribers.csv_text(shape.of(rows), tuple(shape.columns))
    if shape.left_out:
        remark(f"{shape.left_out:,} addresses begin like a formula of a spreadsheet and were left out.")


def _person(conn: Connection, address: str) -> Iterator[str]:
    import json

    import subscribers
    from digest.cli.output import plain
    from digest.store import people

    facts: dict[str, Any] = subscribers.export_person(conn, address)
    found = subscribers.find(conn, address)
    if found is not None:
        facts |= people.held(conn, found.id)
    yield json.dumps(facts, default=plain, ensure_ascii=False, indent=2) + "\n"
