"""See the package. Prints a JSON line for each round and at the end, and tables for people on stderr."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time

from benchmarks.faults.deck import KINDS
from benchmarks.faults.rounds import Report, play_rounds
from benchmarks.faults.stage import stage
from benchmarks.faults.table import by_kind, summary


def main() -> int:
    options = _options()
    # Whoever ends this also ends its servers and takes its disks away.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    databases = ("sqlite", "postgresql") if options.database == "both" else (options.database,)
    teams = [(database, int(workers)) for database in databases for workers in options.workers.split(",")]
    began, reports = time.monotonic(), list[Report]()
    for database, workers in teams:
        with stage(database, workers=workers, readers=options.readers, rate=options.rate) as there:
            for kind in KINDS:
                if database in kind.on and (why := kind.missing(there)):
                    print(f"left out: {kind.name}: {why}", file=sys.stderr)
            reports += play_rounds(
                there, faults=-(-options.faults // len(teams)), seed=options.seed, gap=options.gap, tell=_tell
            )
    print(f"\n{summary(reports)}\n\n{by_kind(reports)}\n", file=sys.stderr)
    clean = all(report.is_clean for report in reports)
    print(
        json.dumps(
            {
                "benchmark": "faults",
                "seed": options.seed,
                "rounds": len(reports),
                "faults": sum(report.faults.total() for report in reports),
                "kills": sum(report.kills for report in reports),
                "lost": sum(len(report.after.lost) for report in reports if report.after),
                "twice": sum(len(report.after.twice) for report in reports if report.after),
                "lies": sum(len(report.after.lies) for report in reports if report.after),
                "clean": clean,
                "seconds": round(time.monotonic() - began),
            }
        )
    )
    return 0 if clean else 1


def _tell(report: Report) -> None:
    print(json.dumps(report.as_dict()), flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--faults", type=int, default=1000, help="in all; each database and crew gets its share")
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--workers", default="1,3", help="processes, such as 1,3")
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--readers", type=int, default=2500, help="of each issue")
    parser.add_argument("--rate", type=float, default=300, help="recipients per second that SES allows")
    parser.add_argument("--gap", type=float, default=0.4, help="seconds between faults at most")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
