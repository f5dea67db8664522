"""`digest subscribers import`: a list comes over."""

from __future__ import annotations

from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from digest.cli.output import AsJson, progress, remark, say, show, table
from digest.cli.session import Slug, session
from digest.errors import InputError

if TYPE_CHECKING:
    from digest.model import Newsletter
    from subscribers import ImportReport, Reason, State

#: So many rows are said to people; the file of rejected rows and `--json` have more.
_SAID = 20


def import_(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="CSV, gzip or zip; its columns are recognised.")
    ],
    newsletter: Slug,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and change nothing.")] = False,
    consent: Annotated[str, typer.Option(help="How people said yes, for rows that do not say so themselves.")] = "",
    everybody: Annotated[
        Literal["active", "unconfirmed", "left", "bounce", "complaint", "manual"],
        typer.Option(help="Nobody in the file stands better than this: left, for a list of people who left."),
    ] = "active",
    rejects: Annotated[
        Path | None,
        typer.Option(
            help="File for rejected rows; FILE.rejected.csv beside FILE, or FILE.rejected-2.csv, when not given."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Import although most rows are rejected.")] = False,
    encoding: Annotated[str, typer.Option(help="Of the file; found out when not given.")] = "",
    as_json: AsJson = False,
) -> None:
    """Import subscribers. Everyone who left or is suppressed stays out; the same file again changes nothing.

    Example: `digest subscribers import readers.csv --newsletter daily --dry-run`
    """
    import subscribers

    rejected = _for_rejected(file, rejects)
    reading = True
    try:
        with session() as app_:
            letter = app_.settings.newsletter(newsletter)
            # What a dry run does is rolled back with the rest of what is only read.
            transaction = app_.database.read() if dry_run else app_.database.write_late()
            with subscribers.RejectsFile(rejected) as keep, progress("Importing") as bar, transaction as conn:
                report = subscribers.import_csv(
                    conn,
                    file,
                    newsletter=letter.slug,
                    at=app_.clock(),
                    encoding=encoding,
                    consent=consent,
                    everybody=_standing(everybody),
                    topics=_topics(letter),
                    force=force,
                    dry_run=dry_run,
                    rejects=keep,
                    progress=lambda share, rows: bar(int(share * 100), 100, f"{rows:,} rows"),
                )
                reading = dry_run
    except KeyboardInterrupt:
        remark("Stopped. Nothing was changed: run the same command again." if reading else _STOPPED_LATE)
        raise
    except subscribers.TooManyRejected:
        remark(f"The rejected rows are in {rejected}.")
        raise
    written = str(rejected) if keep.count else ""
    facts = {name: getattr(report, name) for name in report.__slots__}
    show({"newsletter": newsletter, **facts, "rejects": written}, as_json, lambda: _tell(report, written))


_STOPPED_LATE = "Stopped while the list was written. Run the same command again: what is there already stays as it is."


def _for_rejected(file: Path, named: Path | None) -> Path:
    """Where rejected rows go: never over the file itself, nor over one that somebody may be mending."""
    if named:
        if named.exists() and named.samefile(file):
            raise InputError(
                f"{named} is the file to import; rejected rows would be written over it.",
                hint="Name another file with --rejects, or none.",
            )
        return named
    name = file.name.partition(".")[0]
    names = (f"{name}.rejected{number}.csv" for number in chain([""], (f"-{at}" for at in count(2))))
    return next(path for each in names if not (path := file.with_name(each)).exists())


def _tell(report: ImportReport, written: str) -> None:
    whose = f", an export of {report.system}" if report.system else ""
    say(f"{_rows(report.rows)}{whose}.{' This is a dry run: nothing was changed.' if report.dry_run else ''}")
    table(["rows", "would be" if report.dry_run else "were", "why"], _classes(report))
    _list(
        "Rejected",
        len(report.rejected_rows),
        [_line(row.file, row.line, row.value, row.reason) for row in report.rejected_rows[:_SAID]],
    )
    _list(
        "Kept out",
        len(report.kept_out_rows),
        [
            _line(row.file, row.line, row.address, _OUT.get(row.reason, row.reason))
            for row in report.kept_out_rows[:_SAID]
        ],
    )
    for note in report.notes:
        say(f"Note: {note}")
    if written:
        say(f"Rejected rows are in {written}: mend them there and import that file.")


def _classes(report: ImportReport) -> list[tuple[int, str, str]]:
    """What becomes of how many rows; every row is in one of these."""
    unconfirmed = (
        f"{report.unconfirmed:,} of them unconfirmed: not mailed before they confirm" if report.unconfirmed else ""
    )
    classes = [
        (report.added, "added", unconfirmed),
        (report.updated, "brought up to date", ""),
        (report.unchanged, "left as they are", "known already, with nothing new"),
        (report.duplicates, "passed over", "the same person again: the most careful row counts"),
        *((rows, "kept out", _OUT.get(reason, reason)) for reason, rows in sorted(report.kept_out.items())),
        *((rows, "rejected", reason) for reason, rows in list(report.rejected_for.items())[:_SAID]),
    ]
    return [each for each in classes if each[0] or each[1] == "added"]


#: Why somebody is not mailed.
_OUT = {
    "left": "has left",
    "bounce": "bounced",
    "complaint": "complained",
    "manual": "not to be mailed",
    "forgotten": "was forgotten at their wish",
    "another newsletter": "belongs to another newsletter",
}


def _list(what: str, of: int, lines: list[str]) -> None:
    if not lines:
        return
    say(f"{what}:")
    for line in lines:
        say(f"  {line}")
    if of > len(lines):
        say(f"  … and {of - len(lines):,} more")


def _line(file: str, line: int, value: str, reason: str) -> str:
    return f"{_where(file, line)}: “{value}”: {reason}"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _where(file: str, line: int) -> str:
    return f"{file}, line {line}" if file else f"line {line}"


def _standing(word: str) -> State | Reason:
    from subscribers import Reason, State

    return State(word) if word in set(State) else Reason(word)


def _topics(letter: Newsletter) -> dict[str, str]:
    """What readers may choose, by its slug and by its title."""
    return {word: topic.slug for topic in letter.topics for word in (topic.slug, topic.title)}
