"""`digest subscribers import`: a list comes over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from digest.cli.output import AsJson, progress, say, show
from digest.cli.session import Slug, session

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
        Path | None, typer.Option(help="File for rejected rows; FILE.rejected.csv beside FILE when not given.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Import although most rows are rejected.")] = False,
    encoding: Annotated[str, typer.Option(help="Of the file; found out when not given.")] = "",
    as_json: AsJson = False,
) -> None:
    """Import subscribers. Everyone who left or is suppressed stays out; the same file again changes nothing.

    Example: `digest subscribers import readers.csv --newsletter daily --dry-run`
    """
    import subscribers

    rejected = rejects or file.with_name(f"{file.name.partition('.')[0]}.rejected.csv")
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
    written = str(rejected) if keep.count else ""
    facts = {name: getattr(report, name) for name in report.__slots__}
    show({"newsletter": newsletter, **facts, "rejects": written}, as_json, lambda: _tell(report, written))


def _tell(report: ImportReport, written: str) -> None:
    say(
        f"{report.rows:,} rows: {report.added:,} added, {report.updated:,} updated, "
        f"{report.unchanged:,} unchanged, {report.duplicates:,} duplicates, {report.rejected:,} rejected, "
        f"{sum(report.kept_out.values()):,} kept out, in {report.seconds:.1f} s"
    )
    for reason, count in sorted(report.kept_out.items()):
        say(f"  {count:,} stay out: {reason}")
    for reason, count in list(report.rejected_for.items())[:_SAID]:
        say(f"  {count:,} rejected: {reason}")
    for row in report.rejected_rows[:_SAID]:
        say(f"  {_where(row.file, row.line)}: {row.value!r}: {row.reason}")
    for kept in report.kept_out_rows[:_SAID]:
        say(f"  {_where(kept.file, kept.line)}: {kept.address} stays out: {kept.reason}")
    if report.system:
        say(f"  note: This is an export of {report.system}.")
    for note in report.notes:
        say(f"  note: {note}")
    if written:
        say(f"Rejected rows are in {written}: mend them there and import that file.")
    if report.dry_run:
        say("This was a dry run: nothing was changed.")


def _where(file: str, line: int) -> str:
    return f"{file}, line {line}" if file else f"line {line}"


def _standing(word: str) -> State | Reason:
    from subscribers import Reason, State

    return State(word) if word in set(State) else Reason(word)


def _topics(letter: Newsletter) -> dict[str, str]:
    """What readers may choose, by its slug and by its title."""
    return {word: topic.slug for topic in letter.topics for word in (topic.slug, topic.title)}
