"""`digest subscribers`: who may be mailed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import typer

from digest.cli.output import AsJson, progress, say, show, table
from digest.cli.session import Slug, actor, session

if TYPE_CHECKING:
    from subscribers import Entry

app = typer.Typer(help="Subscribers: import, add, leave, suppress, forget, export.", no_args_is_help=True)

Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="Email address.")]


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV file; its columns are recognised.")],
    newsletter: Slug,
    rejects: Annotated[
        Path | None, typer.Option(help="Write every rejected row with its reason to this CSV file.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Import although most rows are rejected.")] = False,
    encoding: Annotated[str, typer.Option(help="Of the file; found out when not given.")] = "",
    as_json: AsJson = False,
) -> None:
    """Import subscribers. Everyone who left or is suppressed stays out; the same file again changes nothing.

    Example: `digest subscribers import readers.csv --newsletter daily`
    """
    import subscribers

    with session() as app_:
        letter = app_.settings.newsletter(newsletter)
        with _Rejects(rejects) as keep, progress("Importing") as bar, app_.database.write_late() as conn:
            report = subscribers.import_csv(
                conn,
                file,
                newsletter=letter.slug,
                at=app_.clock(),
                encoding=encoding,
                force=force,
                on_reject=keep.write,
                progress=lambda share, rows: bar(int(share * 100), 100, f"{rows:,} rows"),
            )

    def tell() -> None:
        say(
            f"{report.rows:,} rows: {report.added:,} added, {report.updated:,} updated, "
            f"{report.unchanged:,} unchanged, {report.duplicates:,} duplicates, {report.rejected:,} rejected, "
            f"{sum(report.kept_out.values()):,} kept out, in {report.seconds:.1f} s"
        )
        for row in report.rejected_rows:
            say(f"  line {row.line}: {row.value!r}: {row.reason}")
        for kept in report.kept_out_rows:
            say(f"  line {kept.line}: {kept.address} stays out: {kept.reason}")
        for note in report.notes:
            say(f"  note: {note}")

    show({"newsletter": newsletter} | {name: getattr(report, name) for name in report.__slots__}, as_json, tell)


@app.command("add")
def add(
    address: Address,
    newsletter: Slug,
    name: Annotated[str, typer.Option(help="As they want to be called.")] = "",
    language: Annotated[str, typer.Option(help="Such as en or he.")] = "",
    supporter: Annotated[
        Literal["none", "one-time", "monthly", "lapsed", "unknown"], typer.Option(help="What we know of their giving.")
    ] = "unknown",
    consent: Annotated[str, typer.Option(help="How they said yes; kept in the log.")] = "asked the newsroom",
    as_json: AsJson = False,
) -> None:
    """Add one subscriber, or bring one up to date.

    Example: `digest subscribers add alice@example.com -n daily --name Alice`
    """
    import subscribers

    with session() as app_, app_.database.write() as conn:
        now = app_.clock()
        added = subscribers.add(
            conn,
            address,
            newsletter=app_.settings.newsletter(newsletter).slug,
            name=name,
            language=language,
            supporter=subscribers.Supporter(supporter),
            consent=subscribers.Consent(at=now, act=subscribers.Act.JOINED, how="command line", evidence=consent),
            at=now,
        )
    show(
        {"subscriber": added.subscriber_id, "outcome": added.outcome},
        as_json,
        lambda: say(f"{address}: {added.outcome}"),
    )


@app.command("list")
def list_(
    newsletter: Annotated[str, typer.Option("--newsletter", "-n", help="Only this newsletter's.")] = "",
    state: Annotated[Literal["", "active", "left", "unconfirmed"], typer.Option(help="Only these.")] = "",
    search: Annotated[str, typer.Option(help="Part of an address or name.")] = "",
    after: Annotated[int, typer.Option(help="Go on after this subscriber.")] = 0,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List subscribers, with where they stand.

    Example: `digest subscribers list -n daily --search alice`
    """
    import subscribers

    with session() as app_, app_.database.read() as conn:
        if newsletter:
            app_.settings.newsletter(newsletter)
        page = subscribers.page(
            conn,
            newsletter or None,
            subscribers.State(state) if state else None,
            search,
            after_id=after,
            limit=limit,
        )
        counts = {
            slug: subscribers.counts(conn, slug, at=app_.clock())
            for slug in ([newsletter] if newsletter else app_.newsletters)
        }

    def tell() -> None:
        table(
            ["id", "address", "name", "supporter", "stands"], [_row(entry) for entry in page.entries], empty="Nobody."
        )
        for slug, count in counts.items():
            say(f"{slug}: {count.mailable:,} may be mailed; {count.active:,} active, {count.left:,} left, "
                f"{count.unconfirmed:,} unconfirmed, {sum(count.suppressed.values()):,} suppressed")  # fmt: skip
        if page.next_after:
            say(f"More: --after {page.next_after}")

    show({"subscribers": page.entries, "next_after": page.next_after, "counts": counts}, as_json, tell)


@app.command("leave")
def leave(address: Address, newsletter: Slug, as_json: AsJson = False) -> None:
    """Take somebody off a newsletter, at their wish.

    Example: `digest subscribers leave alice@example.com -n daily`
    """
    import subscribers

    with session() as app_, app_.database.write() as conn:
        slug = app_.settings.newsletter(newsletter).slug
        person = _found(conn, address)
        left = subscribers.leave(conn, person, slug, at=app_.clock(), how=f"command line, {actor()}")
    show(
        {"address": address, "left": left},
        as_json,
        lambda: say(f"{address} {'has left' if left else 'was not on'} {slug}."),
    )


@app.command("suppress")
def suppress(
    address: Address,
    reason: Annotated[Literal["manual", "bounce", "complaint"], typer.Option(help="Why.")] = "manual",
    detail: Annotated[str, typer.Option(help="For whoever asks later.")] = "",
    as_json: AsJson = False,
) -> None:
    """Never mail an address again, whatever list it is on. It need not be a subscriber.

    Example: `digest subscribers suppress alice@example.com --detail "asked by phone"`
    """
    import subscribers

    with session() as app_, app_.database.write() as conn:
        new = subscribers.suppress(conn, address, reason=subscribers.Reason(reason), at=app_.clock(), detail=detail)
    words = "is suppressed" if new else "was suppressed already"
    show({"address": address, "suppressed": new}, as_json, lambda: say(f"{address} {words}."))


@app.command("unsuppress")
def unsuppress(address: Address, as_json: AsJson = False) -> None:
    """Lift a suppression that was a mistake.

    Example: `digest subscribers unsuppress alice@example.com`
    """
    import subscribers

    with session() as app_, app_.database.write() as conn:
        lifted = subscribers.unsuppress(conn, address)
    words = "may be mailed again" if lifted else "was not suppressed"
    show({"address": address, "lifted": lifted}, as_json, lambda: say(f"{address} {words}."))


@app.command("forget")
def forget(
    address: Address,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase everything about a person; only a hash stays, so that an import does not bring them back.

    Example: `digest subscribers forget alice@example.com --yes`
    """
    import subscribers
    from digest.errors import UsageMistake
    from digest.store import deliveries

    if not yes and not (sys.stdin.isatty() and typer.confirm(f"Erase {address} for good?", err=True)):
        raise UsageMistake("Nothing was erased.", hint="Say --yes to erase without being asked.")
    with session() as app_, app_.database.write() as conn:
        person = subscribers.forget(conn, address, at=app_.clock())
        if person is not None:
            deliveries.erase(conn, person)
    show({"address": address, "erased": person is not None}, as_json, lambda: say(f"{address} is forgotten."))


@app.command("export")
def export(
    newsletter: Annotated[str, typer.Option("--newsletter", "-n", help="Only this newsletter's.")] = "",
    person: Annotated[str, typer.Option(help="Everything we hold on one address, as JSON.")] = "",
    out: Annotated[Path | None, typer.Option(help="File to write; standard output when not given.")] = None,
) -> None:
    """Export subscribers as CSV that imports to the same state, or one person's data as JSON.

    Example: `digest subscribers export --newsletter daily --out readers.csv`
    """
    import json

    import subscribers
    from digest.cli.output import plain
    from digest.store import deliveries

    with session() as app_, app_.database.read() as conn:
        target = out.open("w", encoding="utf-8", newline="") if out else sys.stdout
        try:
            if person:
                facts: dict[str, Any] = subscribers.export_person(conn, person)
                facts["deliveries"] = deliveries.of_person(conn, _found(conn, person))
                target.write(json.dumps(facts, default=plain, ensure_ascii=False, indent=2) + "\n")
            else:
                slug = app_.settings.newsletter(newsletter).slug if newsletter else None
                for line in subscribers.csv_text(subscribers.export(conn, slug)):
                    target.write(line)
        finally:
            if out:
                target.close()


def _found(conn: Any, address: str) -> int:
    import subscribers
    from digest.errors import UsageMistake

    person = subscribers.find(conn, address)
    if person is None:
        raise UsageMistake(f"{address} is on no list.", hint="`digest subscribers list --search …` finds parts.")
    return person.id


def _row(entry: Entry) -> tuple[object, ...]:
    stands = ", ".join(f"{place.newsletter}: {place.state}" for place in entry.subscriptions)
    if entry.suppressed:
        stands += f" (suppressed: {entry.suppressed})"
    person = entry.subscriber
    return person.id, person.address, person.name, person.supporter, stands


class _Rejects:
    """The file of rejected rows; nothing when none was asked for."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def __enter__(self) -> Self:
        import csv

        self._file = self._path.open("w", encoding="utf-8", newline="") if self._path else None
        self._rows = csv.writer(self._file) if self._file else None
        if self._rows:
            self._rows.writerow(["line", "value", "reason"])
        return self

    def write(self, row: Any) -> None:
        import subscribers

        if self._rows:
            # A spreadsheet must not take a stranger's cell for a formula.
            self._rows.writerow([row.line, subscribers.guarded(row.value), subscribers.guarded(row.reason)])

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()
