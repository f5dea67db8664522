"""What tests of model-written summaries share: a double of Bedrock, and a book in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from digest.articles.summaries.by_model.asking import Answer, Kept, ModelSummariser
from digest.articles.summaries.by_model.bedrock import Bedrock, Reach
from digest.model import Article
from tests.doubles.bedrock import BedrockDouble, Reply

MODEL = "eu.harbour.scribe-v1:0"


class Notebook:
    """A book that is kept in memory; full when a test says so."""

    def __init__(self) -> None:
        self.kept: dict[str, Kept] = {}
        self.tokens = 0
        self.why_full = ""

    def recall(self, key: str) -> Kept | None:
        return self.kept.get(key)

    def full(self) -> str:
        return self.why_full

    def count(self, key: str, article: Article, model: str, answer: Answer) -> None:
        self.tokens += answer.tokens_in + answer.tokens_out

    def settle(self, key: str, kept: Kept) -> None:
        self.kept[key] = kept


class Desk:
    """A summariser that asks a double of Bedrock over HTTP."""

    def __init__(self, double: BedrockDouble) -> None:
        self.double = double
        self.book = Notebook()
        self.seconds = 0.0
        self.paused: list[float] = []
        reach = Reach(region="eu-west-1", timeout=2, connect_timeout=2)
        self.bedrock = Bedrock(MODEL, reach, now=lambda: self.seconds, pause=self.paused.append)
        self.summariser = ModelSummariser(self.bedrock, self.book)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Desk]]:
    """A desk whose model gives these answers."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.delenv("AWS_BEARER_TOKEN_BEDROCK", raising=False)
    with ExitStack() as stack:

        def made(*replies: Reply) -> Desk:
            double = stack.enter_context(BedrockDouble(*replies))
            monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", double.url)
            return Desk(double)

        yield made
