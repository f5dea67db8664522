"""How fast a list is imported: python benchmarks/import_subscribers.py [N] [--again] → one JSON line.

The file looks like a real export: mixed case, names, languages, giving, a consent date for some, two in a hundred
addresses twice and one in a hundred wrong. `--again` imports it a second time, which must change nothing.
"""

from __future__ import annotations

import csv
import json
import os
import random
import resource
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

import subscribers

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


def engine(folder: Path) -> sa.Engine:
    if url := os.environ.get("TEST_POSTGRES_URL"):
        return sa.create_engine(url)
    made = sa.create_engine(f"sqlite:///{folder / 'list.db'}")

    @sa.event.listens_for(made, "connect")
    def prepare(connection: object, _: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")  # type: ignore[attr-defined]
        connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[attr-defined]
        connection.execute("PRAGMA synchronous=NORMAL")  # type: ignore[attr-defined]

    return made


def main() -> None:
    rows = int(next((word for word in sys.argv[1:] if word.isdigit()), "100000"))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "list.csv"
        write_file(file, rows)
        database = engine(Path(folder))
        subscribers.metadata.drop_all(database)
        subscribers.metadata.create_all(database)
        for again in range(2 if "--again" in sys.argv else 1):
            with database.begin() as conn:
                report = subscribers.import_csv(conn, file, newsletter="daily", at=AT)
            print_line(database.name, report, again=bool(again))
        subscribers.metadata.drop_all(database)


def print_line(database: str, report: subscribers.ImportReport, *, again: bool) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line = {
        "benchmark": "import_subscribers",
        "database": database,
        "again": again,
        "rows": report.rows,
        "rows_per_second": round(report.rows / report.seconds),
        "seconds": report.seconds,
        "peak_mb": round(peak),
        "added": report.added,
        "unchanged": report.unchanged,
        "duplicates": report.duplicates,
        "rejected": report.rejected,
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
