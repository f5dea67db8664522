from __future__ import annotations

from collections.abc import Iterator

import pytest

from digest.articles.sources.fetch import Fetcher, Limits
from tests.articles.sources.site import Site


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def web(site: Site) -> Fetcher:
    """A fetcher that may talk to the test's own site, and has little patience."""
    return Fetcher(allow_hosts=[site.host], limits=Limits(connect=1, read=0.4, total=1.2, size=200_000))
