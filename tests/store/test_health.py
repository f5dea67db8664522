"""How a database is, and what an operator is told of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.cli.doctor.database import of_file, of_server
from digest.model import Level
from digest.store.database import Database
from digest.store.health import FileHealth, ServerHealth, examine, network_of

GOOD = ServerHealth(
    product="PostgreSQL 18.4",
    answers_in=0.0004,
    clock_ahead=0.01,
    connections=3,
    max_connections=97,
    pool=40,
    encoding="UTF8",
    durable={"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"},
)


def codes(health: ServerHealth) -> dict[str, Level]:
    return {finding.code: finding.level for finding in of_server(health) if finding.level is not Level.HINT}


def test_a_good_server_gives_no_cause_for_worry() -> None:
    assert codes(GOOD) == {}
    assert [finding.message for finding in of_server(GOOD)] == ["It answers in 0.4 ms."]


@pytest.mark.parametrize("ahead", [1.5, -1.5])
def test_a_clock_that_goes_wrong_is_a_warning(ahead: float) -> None:
    assert codes(replace(GOOD, clock_ahead=ahead)) == {"clocks": Level.WARNING}
    assert codes(replace(GOOD, clock_ahead=ahead / 2)) == {}
    (said,) = [one.message for one in of_server(replace(GOOD, clock_ahead=ahead)) if one.code == "clocks"]
    assert ("1.5 s ahead of" if ahead > 0 else "1.5 s behind") in said


@pytest.mark.parametrize("setting", ["fsync", "synchronous_commit", "full_page_writes"])
def test_commits_that_a_crash_undoes_are_a_warning(setting: str) -> None:
    health = replace(GOOD, durable=GOOD.durable | {setting: "off"})

    assert codes(health) == {"not-durable": Level.WARNING}
    assert any(finding.message.startswith(f"{setting} is off") for finding in of_server(health))


def test_a_server_without_connections_to_spare_is_a_warning() -> None:
    assert codes(replace(GOOD, connections=90)) == {"connections": Level.WARNING}


def test_a_database_without_room_for_every_name_is_an_error() -> None:
    assert codes(replace(GOOD, encoding="LATIN1")) == {"encoding": Level.ERROR}


def test_a_real_server_is_examined(postgres: str) -> None:
    database = Database(postgres)

    health = examine(database, lambda: datetime.now(UTC))
    database.close()

    assert isinstance(health, ServerHealth)
    assert health.product.startswith("PostgreSQL 1")
    assert 0 < health.answers_in < 5
    assert abs(health.clock_ahead) < 1
    assert 1 <= health.connections < health.max_connections
    assert health.pool == Database.most_connections
    assert health.encoding == "UTF8"
    assert set(health.durable) == set(GOOD.durable)


@pytest.mark.parametrize("slow", [-3600.0, 3600.0])
def test_a_machine_whose_clock_is_wrong_sees_it_by_the_server(postgres: str, slow: float) -> None:
    database = Database(postgres)

    health = examine(database, lambda: datetime.now(UTC) - timedelta(seconds=slow))
    database.close()

    assert isinstance(health, ServerHealth)
    assert health.clock_ahead == pytest.approx(slow, abs=5)


# --- SQLite ------------------------------------------------------------------------------------------------


def test_a_file_on_this_machine_is_fine(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'digest.db'}")
    database.ready()

    health = examine(database, lambda: datetime.now(UTC))
    database.close()

    assert isinstance(health, FileHealth)
    assert health.product.startswith("SQLite 3.")
    assert (health.file, health.journal_mode) == (tmp_path / "digest.db", "wal")
    assert list(of_file(replace(health, network=""))) == []


@pytest.mark.parametrize(
    ("field", "value", "code"), [("network", "nfs4", "network-file"), ("journal_mode", "delete", "no-wal")]
)
def test_a_file_that_sqlite_is_not_safe_on_is_an_error(field: str, value: str, code: str) -> None:
    good = FileHealth(product="SQLite 3.45", file=Path("/srv/digest.db"), journal_mode="wal", network="")

    (finding,) = of_file(replace(good, **{field: value}))  # type: ignore[arg-type]

    assert (finding.level, finding.code) == (Level.ERROR, code)
    assert value in finding.message


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("/srv/digest/digest.db", ""),
        ("/srv/digest/shared/digest.db", "nfs4"),
        ("/srv/digest/shared/local/digest.db", ""),
        ("/srv/digest/shared-not/digest.db", ""),
        ("/mnt/office/digest.db", "cifs"),
    ],
)
def test_the_innermost_mount_tells_where_a_file_is(file: str, kind: str) -> None:
    mounts = [
        ("/srv/digest/shared/local", "ext4"),
        ("/", "ext4"),
        ("/srv/digest/shared", "nfs4"),
        ("/mnt/office", "cifs"),
    ]

    assert network_of(Path(file), mounts) == kind
