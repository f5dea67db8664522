"""The double as a process of its own: prints its URL, answers until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import asyncio
import signal
from pathlib import Path

from tests.doubles.ses.double import SesDouble


def main() -> None:
    args = _parser().parse_args()
    double = SesDouble(
        rate=args.rate,
        quota=args.quota,
        bulk_calls=args.bulk_calls,
        strict=args.strict,
        latency=args.latency,
        signature_age=args.signature_age,
        identities=set(args.identity) or None,
        keep="tally" if args.tally else "all",
        log=args.log,
        port=args.port,
    )
    double.account.configuration_sets |= set(args.configuration_set)
    asyncio.run(_serve(double))


async def _serve(double: SesDouble) -> None:
    serving = asyncio.create_task(double.serve())
    await asyncio.get_running_loop().run_in_executor(None, double.ready.wait, 10)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, double.stop)
    print(double.url, flush=True)
    await serving


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.doubles.ses", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--rate", type=float, default=0.0, help="recipients per second; 0 is no limit")
    parser.add_argument("--strict", action="store_true", help="no second may hold more than the rate")
    parser.add_argument("--bulk-calls", type=float, default=0.0, help="bulk calls per second; 0 is no limit")
    parser.add_argument("--quota", type=float, default=-1.0, help="recipients per 24 hours; -1 is no limit")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds that each answer takes")
    parser.add_argument("--signature-age", type=float, default=300.0, help="seconds for which a signature is good")
    parser.add_argument("--identity", action="append", default=[], help="a verified address or domain; none: any")
    parser.add_argument("--configuration-set", action="append", default=[])
    parser.add_argument("--tally", action="store_true", help="keep counts only: a million mails fit in memory")
    parser.add_argument("--log", type=Path, help="append a line for each accepted mail")
    return parser


if __name__ == "__main__":
    main()
