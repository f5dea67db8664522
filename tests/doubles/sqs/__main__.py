"""The double as a process of its own: prints its URL, answers until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys

from tests.doubles.sqs.double import SqsDouble


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.doubles.sqs", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds that each answer takes")
    parser.add_argument("--twice", type=float, default=0.0, help="share of messages that show again")
    parser.add_argument("--fewer", type=float, default=0.0, help="share of answers that are not full")
    args = parser.parse_args()
    double = SqsDouble(twice=args.twice, fewer=args.fewer, latency=args.latency, port=args.port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    print(double.url, flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        double.serve()


if __name__ == "__main__":
    main()
