"""The double as a process of its own: prints the URL of its queue, answers until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from pathlib import Path

from tests.doubles.sqs.double import SqsDouble


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.doubles.sqs", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds that each answer takes")
    parser.add_argument("--twice", type=float, default=0.0, help="share of messages that show again")
    parser.add_argument("--fewer", type=float, default=0.0, help="share of answers that are not full")
    parser.add_argument("--messages", type=Path, help="a file; each of its lines waits in the queue digest-events")
    args = parser.parse_args()
    double = SqsDouble(twice=args.twice, fewer=args.fewer, latency=args.latency, port=args.port)
    queue = double.queue(tries=10)
    if args.messages:
        double.put(queue, *args.messages.read_text().splitlines())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    print(queue, flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        double.serve()


if __name__ == "__main__":
    main()
