"""What was seen of a file while it was read, and the report that comes of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from operator import attrgetter

from subscribers.fates import UNCHANGED, UPDATED
from subscribers.model import ImportReport, KeptOut, Rejected
from subscribers.rows import ANOTHER
from subscribers.stage_table import ADDED
from subscribers.staging import Stage

#: So many rejected and kept-out rows are listed in the report; the file of rejected rows has all.
LISTED = 10_000

#: So many reasons are told apart: some name what stood there.
_REASONS = 500


@dataclass(kw_only=True, slots=True)
class Tally:
    rows: int = 0
    duplicates: int = 0
    rejected: int = 0
    rejected_rows: list[Rejected] = field(default_factory=list)
    rejected_for: Counter[str] = field(default_factory=Counter)
    elsewhere: int = 0
    elsewhere_rows: list[KeptOut] = field(default_factory=list)

    def reject(self, found: Rejected) -> None:
        self.rejected += 1
        told_apart = found.reason in self.rejected_for or len(self.rejected_for) < _REASONS
        self.rejected_for[found.reason if told_apart else "other reasons"] += 1
        if len(self.rejected_rows) < LISTED:
            self.rejected_rows.append(found)

    def keep_out(self, found: KeptOut) -> None:
        self.elsewhere += 1
        if len(self.elsewhere_rows) < LISTED:
            self.elsewhere_rows.append(found)


def report_of(
    stage: Stage, tally: Tally, *, notes: tuple[str, ...], system: str, dry_run: bool, seconds: float
) -> ImportReport:
    fates = Counter(stage.fates())
    if tally.elsewhere:
        fates[ANOTHER] = tally.elsewhere
    kept_out = sorted([*tally.elsewhere_rows, *stage.kept_out(LISTED)], key=attrgetter("file", "line"))
    unconfirmed = stage.unconfirmed()
    return ImportReport(
        rows=tally.rows,
        added=fates.pop(ADDED, 0),
        updated=fates.pop(UPDATED, 0),
        unchanged=fates.pop(UNCHANGED, 0),
        rejected=tally.rejected,
        duplicates=tally.duplicates,
        kept_out=dict(fates),
        rejected_rows=tuple(tally.rejected_rows),
        kept_out_rows=tuple(kept_out[:LISTED]),
        notes=(*notes, *_warnings(tally, unconfirmed)),
        seconds=seconds,
        dry_run=dry_run,
        system=system,
        rejected_for=dict(tally.rejected_for.most_common()),
        unconfirmed=unconfirmed,
    )


def _warnings(tally: Tally, unconfirmed: int) -> list[str]:
    said = []
    if not tally.rows:
        said.append("The file has headings but no rows.")
    if unconfirmed:
        said.append(f"{unconfirmed:,} of those added are unconfirmed: nobody mails them until they confirm.")
    return said
