"""How fast a list is imported, one JSON line for each time.

    python -m benchmarks.import_subscribers [ROWS] [--again] [--export] [--database sqlite|postgresql]

The file looks like a real export: mixed case, names, languages, giving, a consent date for some, two in a hundred
addresses twice and one in a hundred wrong. `--again` imports it a second time, which must change nothing; `--export`
writes the list out again. Seconds of CPU are ours and the server's, which on a busy machine say more than the clock.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
from sqlalchemy import Connection

import subscribers
from benchmarks.newsroom import database
from digest.store.database import Database

AT = datetime(2026, 11, 22, 6, tzinfo=UTC)


def write_file(path: Path, rows: int) -> None:
    chance = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["Email Address", "First Name", "Last Name", "language", "supporter", "consent date"])
        for n in range(rows):
            who = chance.randrange(n) if n and chance.random() < 0.02 else n
            address = f"Reader.{who}@mail{who % 977}.example.org" if chance.random() > 0.01 else f"reader {n} at home"
            said = "2021-03-01T08:00:00+00:00" if n % 4 == 0 else ""
            out.writerow([address, "Alice", f"Müller {who % 5000}", "en-US", ("none", "monthly", "")[n % 3], said])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="?", type=int, default=100_000)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--export", action="store_true")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, database(options.database) as url:
        file = Path(folder) / "list.csv"
        write_file(file, options.rows)
        list_ = Database(url)
        list_.ready()
        for again in range(2 if options.again else 1):
            # As `digest subscribers import` does it.
            with list_.write_late() as conn, used(conn) as cpu:
                report = subscribers.import_csv(conn, file, newsletter="daily", at=AT)
            print_line(options.database, report, cpu, again=bool(again))
        if options.export:
            with list_.read(one_moment=True) as conn, used(conn) as cpu:
                export(options.database, conn, cpu)
        list_.close()


@contextlib.contextmanager
def used(conn: Connection) -> Iterator[Callable[[], float]]:
    """Seconds of CPU since the beginning: ours and, where there is one, those of the server's process for us."""
    server = None
    if conn.dialect.name == "postgresql":
        server = psutil.Process(conn.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())

    def seconds() -> float:
        theirs = server.cpu_times() if server else None
        return time.process_time() + (theirs.user + theirs.system if theirs else 0.0)

    began = seconds()
    yield lambda: round(seconds() - began, 1)


def export(database: str, conn: Connection, cpu: Callable[[], float]) -> None:
    began = time.perf_counter()
    size = sum(len(piece) for piece in subscribers.csv_text(subscribers.export(conn, "daily")))
    seconds = time.perf_counter() - began
    line = {
        "benchmark": "export_subscribers",
        "database": database,
        "seconds": round(seconds, 1),
        "cpu_seconds": cpu(),
        "megabytes": round(size / 1e6),
        "peak_mb": peak_mb(),
    }
    print(json.dumps(line))


def peak_mb() -> int:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def print_line(database: str, report: subscribers.ImportReport, cpu: Callable[[], float], *, again: bool) -> None:
    line = {
        "benchmark": "import_subscribers",
        "database": database,
        "again": again,
        "rows": report.rows,
        "rows_per_second": round(report.rows / report.seconds),
        "seconds": report.seconds,
        "cpu_seconds": cpu(),
        "peak_mb": peak_mb(),
        "added": report.added,
        "unchanged": report.unchanged,
        "duplicates": report.duplicates,
        "rejected": report.rejected,
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
