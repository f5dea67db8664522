"""An import that is killed, wherever it was: nothing has happened, and the same command again does all of it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

import subscribers
from tests.subscribers.conftest import NOW

#: Imports a file, and kills itself when so much of the work is done.
KILLED = """
import os, signal, sys
from datetime import datetime
import sqlalchemy as sa
import subscribers

url, file, when, at = sys.argv[1:]
def die(share, rows):
    if share >= float(when):
        os.kill(os.getpid(), signal.SIGKILL)
with sa.create_engine(url).connect() as conn:
    subscribers.import_csv(conn, file, newsletter="daily", at=datetime.fromisoformat(at), progress=die)
    conn.commit()
"""


@pytest.mark.parametrize("when", ["0.1", "0.59", "0.75", "0.95", "1.0"])
def test_the_same_command_after_a_kill_ends_as_if_there_had_been_none(
    engine: sa.Engine, tmp_path: Path, when: str
) -> None:
    file = tmp_path / "readers.csv"
    people = "".join(f"reader{n}@example.org,Reader {n},{'active' if n % 9 else 'left'},press\n" for n in range(6000))
    file.write_text("email,name,status,tags\n" + people, encoding="utf-8")
    url = engine.url.render_as_string(hide_password=False)

    died = subprocess.run(
        [sys.executable, "-c", KILLED, url, str(file), when, NOW.isoformat()], check=False, timeout=60
    )

    assert died.returncode == -signal.SIGKILL
    with engine.begin() as conn:
        assert subscribers.page(conn).entries == ()
        report = subscribers.import_csv(conn, file, newsletter="daily", at=NOW)
    assert (report.added, report.kept_out) == (5333, {"left": 667})
    with engine.begin() as conn:
        assert subscribers.import_csv(conn, file, newsletter="daily", at=NOW).updated == 0
        figures = subscribers.counts(conn, "daily", at=NOW)
        said = conn.execute(sa.select(sa.func.count()).select_from(subscribers.metadata.tables["consent"])).scalar_one()
    assert (figures.active, figures.left, said) == (5333, 667, 6000)
