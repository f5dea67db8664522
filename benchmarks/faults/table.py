"""What came of it, as tables for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from benchmarks.faults.compare import Verdict
from benchmarks.faults.rounds import Report


def summary(reports: Sequence[Report]) -> str:
    """One line for each database and crew, and one for all."""
    head = (
        "database", "workers", "issues", "readers", "faults", "kills",
        "lost", "twice", "lies", "uncertain", "of these accepted", "settled: accepted", "settled: sent again", "open",
    )  # fmt: skip
    teams = list(dict.fromkeys((report.database, report.workers) for report in reports))
    lines = [
        _line((database, str(workers)), [r for r in reports if (r.database, r.workers) == (database, workers)])
        for database, workers in teams
    ]
    return _table(head, [*lines, _line(("all", ""), reports)])


def by_kind(reports: Sequence[Report]) -> str:
    """How often each kind of fault struck."""
    teams = list(dict.fromkeys((report.database, report.workers) for report in reports))
    counts: dict[tuple[str, int], Counter[str]] = {team: Counter() for team in teams}
    for report in reports:
        counts[report.database, report.workers] += report.faults
    names = sorted({name for count in counts.values() for name in count})
    head = ("fault", *(f"{database}, {workers}" for database, workers in teams), "all")
    rows = [
        (name, *(str(counts[team][name]) for team in teams), str(sum(counts[team][name] for team in teams)))
        for name in names
    ]
    return _table(head, rows)


def _line(names: tuple[str, str], reports: Sequence[Report]) -> tuple[str, ...]:
    before = [report.before for report in reports if report.before]
    after = [report.after for report in reports if report.after]
    settled: Counter[str] = sum((report.settled for report in reports), Counter())
    figures = (
        len(reports),
        sum(verdict.readers for verdict in before),
        sum(report.faults.total() for report in reports),
        sum(report.kills for report in reports),
        _worst(before, after, "lost"),
        _worst(before, after, "twice"),
        _worst(before, after, "lies"),
        sum(verdict.uncertain for verdict in before),
        sum(verdict.truly_accepted for verdict in before),
        settled["accepted"],
        settled["resend"],
        settled["open"],
    )
    return (*names, *(f"{figure:,}" for figure in figures))


def _worst(before: Sequence[Verdict], after: Sequence[Verdict], what: str) -> int:
    """Readers of whom it is true before settling or after it."""
    return sum(
        len(getattr(one, what).keys() | getattr(two, what).keys()) for one, two in zip(before, after, strict=True)
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
