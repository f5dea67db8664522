"""Copying everything to another database, there and back: SQLite to PostgreSQL and PostgreSQL to SQLite.

    python -m benchmarks.copying [READERS]

An issue with a delivery for each reader, and subscribers with their consent. Prints one JSON line for each direction;
`peak_mb` is of a process that does nothing else, so each direction runs in one of its own.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import tempfile
from datetime import UTC, datetime

import sqlalchemy as sa

from benchmarks.newsroom import NEWSLETTER, approved_issue, fill_audience, newsroom, postgres
from digest.deliver import identity
from digest.store.copying import copy
from digest.store.database import Database
from subscribers import schema


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("readers", nargs="?", type=int, default=1_000_000)
    readers = parser.parse_args().readers
    with tempfile.TemporaryDirectory() as folder, postgres() as server:
        first, back = f"sqlite:///{folder}/first.db", f"sqlite:///{folder}/back.db"
        for work in ((_fill, first, readers), (_measure, first, server), (_measure, server, back)):
            # Spawned, as a forked process begins with the peak of its parent.
            process = multiprocessing.get_context("spawn").Process(target=work[0], args=work[1:])
            process.start()
            process.join()
            assert process.exitcode == 0


def _fill(url: str, readers: int) -> None:
    with newsroom(sender="outbox", DIGEST_DATABASE_URL=url) as app:
        fill_audience(app, readers)
        with app.database.write() as conn:
            said = [sa.literal(word) for word in (NEWSLETTER, "joined", "form")]
            people = sa.select(schema.subscriber.c.id, schema.subscriber.c.created_at, *said)
            names = ["subscriber_id", "at", "newsletter", "act", "how"]
            conn.execute(sa.insert(schema.consent).from_select(names, people))
        app.delivery.start(approved_issue(app), actor="benchmark")


def _measure(source_url: str, target_url: str) -> None:
    source, target = Database(source_url), Database(target_url)
    copied = copy(source, target, keep=False, is_dead=identity.is_dead, now=datetime.now(UTC))
    rows = sum(copied.rows.values())
    print(
        json.dumps(
            {
                "benchmark": "copy",
                "from": "sqlite" if source.is_sqlite else "postgresql",
                "to": "sqlite" if target.is_sqlite else "postgresql",
                "deliveries": copied.rows["delivery"],
                "subscribers": copied.rows["subscriber"],
                "rows": rows,
                "seconds": copied.seconds,
                "rows_per_second": round(rows / copied.seconds),
                "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            }
        ),
        flush=True,
    )
    source.close()
    target.close()


if __name__ == "__main__":
    main()
