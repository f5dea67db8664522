"""A newsroom whose summaries a model writes: what it costs is counted and capped by the issue, and said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from digest.articles.summaries.by_model.asking import Answer, Kept
from digest.cli.doctor.model import of_model
from digest.desk.asking import Cap, ModelBook, Price
from digest.errors import SettingsError
from digest.model import Rung
from digest.report.figures import report
from digest.store import articles, asked
from digest.store.database import Database
from tests.articles.summaries.towns import DIGUE, PIER
from tests.doubles.bedrock import BedrockDouble, Reply, Says, denied
from tests.newsroom import SETTINGS, Clock, Newsroom

MODEL = """
[model]
id = "eu.harbour.scribe-v1:0"
price_read = 0.02
price_written = 0.1
"""


class Desk:
    def __init__(self, double: BedrockDouble, folder: Path, model: str) -> None:
        self.double = double
        self.room = Newsroom(folder, settings=SETTINGS + model)

    def add(self, body: str = PIER.article.body, headline: str = PIER.article.headline) -> articles.StoredArticle:
        return self.room.write_article(headline, body)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Desk]]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with ExitStack() as stack:

        def made(*replies: Reply, model: str = MODEL) -> Desk:
            double = stack.enter_context(BedrockDouble(*replies))
            monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", double.url)
            built = Desk(double, tmp_path, model)
            stack.callback(built.room.app.close)
            return built

        yield made


def test_an_article_that_nora_adds_gets_a_summary_by_the_model(desk: Callable[..., Desk]) -> None:
    nora = desk(Says(text=PIER.first))

    stored = nora.add()

    assert stored.summary
    assert (stored.summary.rung, stored.summary.text) == (Rung.MODEL, PIER.first)


def test_without_a_model_in_the_settings_nobody_is_asked(desk: Callable[..., Desk]) -> None:
    nora = desk(Says(text=PIER.first), model="")

    stored = nora.add()

    assert stored.summary
    assert stored.summary.rung is Rung.EXTRACT
    assert not nora.double.asked


def test_adding_an_article_again_costs_nothing_even_in_another_process(desk: Callable[..., Desk]) -> None:
    nora = desk(Says(text=PIER.first))
    nora.add()

    nora.room.app.close()
    nora.room.app = nora.room.open()
    again = nora.add()

    assert again.summary
    assert again.summary.rung is Rung.MODEL
    assert len(nora.double.asked) == 1


def test_the_report_says_how_many_summaries_a_model_wrote_and_what_they_cost(desk: Callable[..., Desk]) -> None:
    nora = desk(Says(text="Sure! A pier."), Says(text=PIER.first))
    nora.add()
    issue = nora.room.app.drafting.draft(nora.room.daily, actor="Nora").issue

    with nora.room.app.database.read() as conn:
        made = report(conn, issue.id)

    spent = made.asked
    assert (spent.summaries, spent.answers) == (1, 2)
    assert 0.02 * spent.tokens / 1000 < spent.dollars < 0.1 * spent.tokens / 1000
    said = f"1 summary by eu.harbour.scribe-v1:0, {spent.tokens:,} tokens, ${spent.dollars:,.2f}"
    assert said in "\n".join(made.lines())
    assert made.facts()["asked"]["tokens"] == spent.tokens


def test_what_is_mailed_says_that_a_model_wrote_summaries(desk: Callable[..., Desk]) -> None:
    nora = desk(Says(text=PIER.first))
    nora.add()
    room = nora.room
    room.subscribe("Alice")
    issue = room.app.drafting.draft(room.daily, actor="Nora").issue

    room.app.proofs.approve(issue.id, actor="Nora")
    room.app.delivery.start(issue.id, actor="Nora")
    room.deliver(issue)

    (mail,) = (room.folder / "data" / "outbox").rglob("*.eml")
    html, text = _parts(mail)
    for part in (html, text):
        assert "Seven members of the harbour board voted in favour" in part
        assert "Some summaries in this issue were written by a language model." in part


def _parts(mail: Path) -> list[str]:
    message = message_from_bytes(mail.read_bytes(), policy=policy.default)
    kinds = (message.get_body((kind,)) for kind in ("html", "plain"))
    return [" ".join(body.get_content().split()) for body in kinds if body]


def test_without_prices_the_report_counts_tokens_and_invents_no_money(desk: Callable[..., Desk]) -> None:
    nora = desk(Says(text=PIER.first), model='[model]\nid = "eu.harbour.scribe-v1:0"\n')
    nora.add()
    issue = nora.room.app.drafting.draft(nora.room.daily, actor="Nora").issue

    with nora.room.app.database.read() as conn:
        said = "\n".join(report(conn, issue.id).lines())

    assert "1 summary by eu.harbour.scribe-v1:0" in said
    assert "$" not in said


def test_an_issue_without_a_model_says_nothing_of_one(newsroom: Newsroom) -> None:
    issue = newsroom.draft()

    with newsroom.app.database.read() as conn:
        assert "tokens" not in "\n".join(report(conn, issue.id).lines())


def test_past_the_cap_articles_get_extracts_and_the_editor_reads_why(desk: Callable[..., Desk]) -> None:
    nora = desk(Says(text=PIER.first), model=f"{MODEL}tokens_per_issue = 500\n")
    nora.add()

    other = nora.add(PIER.article.body.replace("Tuesday", "Friday"), "The pier, again")

    assert other.summary
    assert other.summary.rung is Rung.EXTRACT
    assert "The cap of 500 tokens for an issue is reached" in other.summary.why[-1]
    assert len(nora.double.asked) == 1


def test_the_next_issue_has_a_cap_of_its_own(desk: Callable[..., Desk]) -> None:
    nora = desk(Says(text=PIER.first), model=f"{MODEL}tokens_per_issue = 500\n")
    nora.room.clock = Clock()
    nora.add()
    nora.room.clock.turn(minutes=5)
    nora.room.app.drafting.draft(nora.room.daily, actor="Nora")
    nora.room.clock.turn(minutes=5)

    other = nora.add(PIER.article.body.replace("Tuesday", "Friday"), "The pier, again")

    assert other.summary
    assert len(nora.double.asked) == 2


def test_a_model_that_refuses_stops_no_article(desk: Callable[..., Desk]) -> None:
    nora = desk(denied())

    stored = nora.add()

    assert stored.summary
    assert stored.summary.rung is Rung.EXTRACT
    assert "bedrock:InvokeModel" in stored.summary.why[-1]


def test_a_cap_in_dollars_without_prices_is_a_mistake_in_the_settings(desk: Callable[..., Desk]) -> None:
    nora = desk(Says(text=PIER.first), model='[model]\nid = "eu.harbour.scribe-v1:0"\ndollars_per_issue = 2.0\n')

    with pytest.raises(SettingsError, match="caps nothing without"):
        nora.room.app.summariser("daily")


# --- The book, on both databases --------------------------------------------------------------------------


def book_of(database: Database, newsletter: str = "daily", *, cap: Cap | None = None) -> ModelBook:
    return ModelBook(database, newsletter, price=Price(read=0.5, written=1.5), cap=cap or Cap(), clock=Clock())


ANSWER = Answer(text="…", tokens_in=2000, tokens_out=100)


def test_an_answer_is_remembered_once_it_is_settled(database: Database) -> None:
    book = book_of(database)
    book.count("a" * 64, PIER.article, "scribe", ANSWER)

    assert book.recall("a" * 64) is None, "it cost something, and nothing came of it yet"
    book.settle("a" * 64, Kept(text=PIER.first))
    assert book.recall("a" * 64) == Kept(text=PIER.first)
    assert book_of(database, "weekend").recall("a" * 64) == Kept(text=PIER.first)


def test_what_a_newsletter_spends_is_its_own(database: Database) -> None:
    daily, weekend = (book_of(database, name, cap=Cap(dollars=2.0)) for name in ("daily", "weekend"))
    for _ in range(2):
        daily.count("a" * 64, PIER.article, "scribe", ANSWER)

    with database.read() as conn:
        spent = asked.spent(conn, "daily", since=None)
    assert (spent.tokens, round(spent.dollars, 4)) == (4200, 2.3)
    assert daily.full() == "The cap of $2.00 for an issue is reached, so no model was asked."
    assert weekend.full() == ""


def test_what_is_asked_for_no_newsletter_in_particular_has_a_cap_for_a_day(database: Database) -> None:
    clock = Clock()
    book = ModelBook(database, "", price=Price(), cap=Cap(tokens=2000), clock=clock)
    book.count("a" * 64, PIER.article, "scribe", ANSWER)
    assert "2,000 tokens" in book.full()

    clock.turn(hours=25)
    assert book.full() == ""


def test_doctor_says_whether_a_model_is_on_and_what_it_needs_without_asking_it(desk: Callable[..., Desk]) -> None:
    nora = desk(Says(text=DIGUE.first))
    (said,) = of_model(nora.room.app)

    assert "eu.harbour.scribe-v1:0 in eu-west-1" in said.message
    assert "bedrock:InvokeModel" in said.message
    assert not nora.double.asked


def test_doctor_says_that_no_model_is_on(newsroom: Newsroom) -> None:
    assert [finding.code for finding in of_model(newsroom.app)] == ["model-off"]


def test_doctor_warns_of_missing_credentials_and_of_no_cap(
    desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    nora = desk(Says(text=DIGUE.first), model=f"{MODEL}tokens_per_issue = 0\n")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")

    said = {finding.code: finding.message for finding in of_model(nora.room.app)}
    assert "no AWS credentials" in said["model"]
    assert "has no cap" in said["no-cap"]
