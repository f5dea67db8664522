"""A ledger that events come into, on either database; Amazon's queues and topics on this machine."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest

from digest.store.database import Database
from tests.events.cloud import REGION, Cloud
from tests.events.post import Post


@pytest.fixture
def post(database: Database) -> Post:
    return Post(database)


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
    """An account with nothing in it."""
    for service in ("SQS", "SNS", "STS"):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", moto_url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    boto3.DEFAULT_SESSION = None
    return Cloud(moto_url, region=REGION)
