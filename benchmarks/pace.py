"""Use of the allowed rate: what part of what SES allows is used, by how many workers, and how often SES had to say no.

    python -m benchmarks.pace [--rates 14,200,1000] [--workers 1,2] [--seconds 20] [--bulk-calls N]
                              [--latency 0.06] [--database sqlite|postgresql] [--strict]

Prints one JSON line for each rate and number of workers, which are processes of their own: `digest send ISSUE --now`.
`use` is measured between the first call after two seconds (thirty where a limit on bulk calls has to be found out
first) and the last full one, by the double's own clock, as what was accepted in between by what the rate allows.
`most_in_a_second` is the fullest second by the rate. `cpu` is what each worker took of a core, `load` the machine's.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections import deque
from pathlib import Path
from typing import Any

from benchmarks.newsroom import ROOT, approved_issue, database, fill_audience, newsroom, ses_double
from tests.doubles.ses.mail import read_log

#: Messages that the double wrote down within so many seconds of each other came in one call.
ONE_CALL = 0.005


def main() -> None:
    options = _parser().parse_args()
    for rate, workers in itertools.product(_numbers(options.rates), _numbers(options.workers)):
        print(json.dumps(_measure(rate, int(workers), options)), flush=True)


def _measure(rate: float, workers: int, options: argparse.Namespace) -> dict[str, Any]:
    settling = 30.0 if options.bulk_calls else 2.0
    readers = int(rate * (settling + options.seconds + 2))
    with tempfile.TemporaryDirectory() as folder, database(options.database) as url:
        log = Path(folder) / "accepted.jsonl"
        said = ["--rate", f"{rate}", "--latency", f"{options.latency}", "--tally", "--log", str(log)]
        said += ["--bulk-calls", f"{options.bulk_calls}"] + (["--strict"] if options.strict else [])
        with ses_double(*said) as ses:
            cpu = _send(ses, url, readers, workers)
            stats = json.loads(urllib.request.urlopen(f"{ses}/_double/stats", timeout=10).read())
        calls = _calls(log)
    steady = [call for call in calls if call[0] >= calls[0][0] + settling]
    while len(steady) > 2 and steady[-1][1] < steady[-2][1]:
        steady.pop()  # what is left over at the end is no full batch
    seconds = steady[-1][0] - steady[0][0]
    return {
        "benchmark": "pace",
        "rate": rate,
        "workers": workers,
        "database": options.database,
        "strict": options.strict,
        "bulk_calls_allowed": options.bulk_calls,
        "use": round(sum(size for _, size in steady[:-1]) / (rate * seconds), 4),
        "throttled": stats["throttled"],
        "calls": {name: count for name, count in stats["calls"].items() if name != "GetAccount"},
        "seconds": round(seconds, 1),
        "most_in_a_second": round(_fullest_second(calls) / rate, 3),
        "accepted": stats["accepted"],
        "readers": readers,
        "cpu": [round(share, 2) for share in cpu],
        "load": round(os.getloadavg()[0], 1),
    }


def _send(ses: str, url: str, readers: int, workers: int) -> list[float]:
    """Freeze an issue and let the workers send it; the share of a core that each of them took."""
    environment = {"DIGEST_DATABASE_URL": url, "DIGEST_SECRET_KEY": "a key that is only used in benchmarks"}
    with newsroom(ses_url=ses, **environment) as app:
        fill_audience(app, readers)
        issue = approved_issue(app)
        app.delivery.start(issue, actor="benchmark")
        home = app.settings.file.parent
        env = os.environ | environment | {"DIGEST_SENDER": "ses", "AWS_EC2_METADATA_DISABLED": "true"}
        command = [sys.executable, "-m", "digest", "send", str(issue), "--now", "--json"]
        env["PYTHONPATH"] = str(ROOT)
        began = os.times().elapsed
        working = [
            subprocess.Popen(command, cwd=home, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for _ in range(workers)
        ]
        return [_cpu_of(process, began) for process in working]


def _cpu_of(process: subprocess.Popen[bytes], began: float) -> float:
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"a worker ended with {process.returncode}"
    return (usage.ru_utime + usage.ru_stime) / (os.times().elapsed - began)


def _calls(log: Path) -> list[tuple[float, int]]:
    """Moment and recipients of each call that was accepted."""
    calls: list[tuple[float, int]] = []
    last = 0.0
    for moment in sorted(float(line["at"]) for line in read_log(log)):
        if moment - last > ONE_CALL:
            calls.append((moment, 0))
        calls[-1] = (calls[-1][0], calls[-1][1] + 1)
        last = moment
    return calls


def _fullest_second(calls: list[tuple[float, int]]) -> int:
    inside: deque[tuple[float, int]] = deque()
    most = total = 0
    for moment, size in calls:
        inside.append((moment, size))
        total += size
        while inside[0][0] <= moment - 1.0:
            total -= inside.popleft()[1]
        most = max(most, total)
    return most


def _numbers(text: str) -> list[float]:
    return [float(number) for number in text.split(",")]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rates", default="14,200,1000", help="recipients per second that SES allows")
    parser.add_argument("--workers", default="1,2", help="numbers of worker processes")
    parser.add_argument("--seconds", type=float, default=20.0, help="of steady sending")
    parser.add_argument("--latency", type=float, default=0.06, help="seconds that SES takes to answer")
    parser.add_argument("--bulk-calls", type=float, default=0.0, help="bulk calls per second that SES allows; 0 any")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--strict", action="store_true", help="no second may hold more than the rate")
    return parser


if __name__ == "__main__":
    main()
