"""The report: what became of every reader of an issue, from the ledger's figures."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection

from digest.model import Figures
from digest.store import asked, deliveries, issues, responses
from digest.store.asked import Spent
from digest.store.responses import Responses


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    figures: Figures
    #: Reason → readers on the list who were not mailable when the roster was frozen.
    not_mailed: dict[str, int]
    responses: Responses = Responses()  # noqa: RUF009  # frozen
    #: What summaries by a language model took.
    asked: Spent = Spent()  # noqa: RUF009  # frozen

    @property
    def seconds(self) -> float | None:
        """From the first message to the last; None before it is finished."""
        f = self.figures
        return (f.finished_at - f.started_at).total_seconds() if f.started_at and f.finished_at else None

    def facts(self) -> dict[str, Any]:
        return asdict(self.figures) | {
            "not_mailed": self.not_mailed,
            "seconds": self.seconds,
            "responses": asdict(self.responses),
            "asked": asdict(self.asked),
        }

    def lines(self) -> list[str]:
        """The report in sentences."""
        f = self.figures
        lines = [
            f"Issue {f.issue} of {f.newsletter} is {f.state}." + (f" Hold: {f.hold.rstrip('.')}." if f.hold else "")
        ]
        if f.held_until:
            lines.append(f"  It looks again at {f.held_until:%H:%M} UTC; `digest issues resume {f.issue}` looks now.")
        lines.append(f"  {f.recipients:>9,} recipients" + _split(f.editions))
        lines.append(f"  {f.accepted:>9,} accepted")
        lines.append(f"  {f.delivered:>9,} of them delivered" if self._is_heard_of else "")
        lines.append(f"  {f.bounced:>9,} of them bounced" + _share(f.bounced, f.accepted) if f.bounced else "")
        lines.append(
            f"  {f.complained:>9,} of them reported as spam" + _share(f.complained, f.accepted, 2)
            if f.complained
            else ""
        )
        lines.append(f"  {f.outdated:>9,} of them got the text of before it was corrected" if f.outdated else "")
        lines.append(f"  {f.planned:>9,} not yet called" if f.planned else "")
        lines.append(f"  {f.skipped:>9,} skipped" + _split(f.skipped_why))
        lines.append(f"  {f.refused:>9,} refused" + _split(f.refused_why))
        lines.append(f"  {f.uncertain:>9,} uncertain" + (": accepted or not, nobody knows yet" if f.uncertain else ""))
        lines.append(f"  {sum(self.not_mailed.values()):>9,} on the list and not mailed" + _split(self.not_mailed))
        lines += self._responses()
        if self.seconds is not None:
            rate = f.accepted / self.seconds if self.seconds else 0.0
            lines.append(f"  Took {self.seconds:.1f} s" + (f", {rate:,.0f} a second" if rate else ""))
        lines.append(f"  {self.asked}" if str(self.asked) else "")
        lines += [f"  It corrects issue {f.corrects}."] if f.corrects else []
        lines += [f"  Issue {other} corrects it." for other in f.corrected_by]
        return [line for line in lines if line]

    @property
    def _is_heard_of(self) -> bool:
        """Events came: without them nobody knows of deliveries, and "0 delivered" would be a lie."""
        f = self.figures
        return bool(f.delivered or f.bounced or f.complained)

    def _responses(self) -> list[str]:
        r = self.responses
        return [
            f"  {readers:>9,} {what}, {times:,} times in all; machines did {machines:,} times"
            for readers, what, times, machines in (
                (r.opened, "opened it", r.opens, r.machine_opens),
                (r.clicked, "followed a link", r.clicks, r.machine_clicks),
            )
            if times or machines
        ]


def _share(count: int, of: int, digits: int = 1) -> str:
    return f" ({count / of:.{digits}%})" if of else ""


#: Reasons that are named: some quote what a server said, and no two are alike.
_NAMED = 8


def _split(counts: dict[str, int]) -> str:
    """The counts one by one; of very many the largest, and what the others come to."""
    most = sorted(counts, key=lambda what: counts[what], reverse=True)[:_NAMED]
    named = [f"{count:,} {what}" for what, count in counts.items() if what in most]
    others = sum(counts.values()) - sum(counts[what] for what in most)
    return ": " + ", ".join([*named, *([f"{others:,} for other reasons"] if others else [])]) if named else ""


def report(conn: Connection, issue_id: int) -> Report:
    return Report(
        figures=deliveries.figures(conn, issue_id),
        not_mailed=dict(issues.not_mailed(conn, issue_id)),
        responses=responses.of_issue(conn, issue_id),
        asked=asked.of_issue(conn, issue_id),
    )
