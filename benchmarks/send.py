"""Readers accepted per second: from the ledger to an HTTP SES double (a process of its own) and back.

    python -m benchmarks.send [READERS] [--path bulk|single] [--workers N] [--database sqlite|postgresql]

Prints one JSON line. `per_core` divides by the CPU seconds of this process, which is what one core would do with a
double that costs nothing.
"""

from __future__ import annotations

import argparse
import json
import resource
import threading
import time

from benchmarks.newsroom import approved_issue, database, fill_audience, newsroom, ses_double


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("readers", nargs="?", type=int, default=100_000)
    parser.add_argument("--path", choices=["bulk", "single"], default="bulk")
    parser.add_argument("--workers", default="4")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    options = parser.parse_args()
    with (
        ses_double("--rate", "0", "--tally") as url,
        database(options.database) as ledger,
        newsroom(
            ses_url=url,
            DIGEST_DATABASE_URL=ledger,
            DIGEST_SES_PATH=options.path,
            DIGEST_DELIVERY_WORKERS=options.workers,
            DIGEST_SECRET_KEY="a key that is only used in benchmarks",
        ) as app,
    ):
        fill_audience(app, options.readers)
        issue = approved_issue(app)
        began = time.perf_counter()
        frozen = app.delivery.start(issue, actor="benchmark")
        freezing = time.perf_counter() - began
        cpu, began = time.process_time(), time.perf_counter()
        figures = app.delivery.deliver(issue, stop=threading.Event())
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    print(
        json.dumps(
            {
                "benchmark": "send",
                "path": options.path,
                "database": options.database,
                "readers": frozen.recipients,
                "accepted": figures.accepted,
                "freeze_seconds": round(freezing, 2),
                "seconds": round(seconds, 2),
                "readers_per_second": round(figures.accepted / seconds),
                "per_core": round(figures.accepted / cpu),
                "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            }
        )
    )


if __name__ == "__main__":
    main()
