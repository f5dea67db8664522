"""A small newsroom for tests: real settings, a real database, real templates, a clock that tests turn."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import subscribers
from digest.bootstrap import App
from digest.model import Figures, Issue, Newsletter
from digest.render.edition import Renderer
from digest.settings import load
from digest.store import issues
from digest.store.articles import StoredArticle
from digest.store.database import Database

SETTINGS = """
public_url = "https://digest.harbour.example"

[ses]
region = "eu-west-1"

[newsletters.daily]
name = "The Harbour Post"
sender_address = "daily@harbour.example"
postal_address = "The Harbour Post, 1 Quay Street, Harbour"
timezone = "America/New_York"
website = "https://harbour.example/"
stories = 5
sections = [{ slug = "news", title = "News" }, { slug = "culture", title = "Culture" }]

[newsletters.daily.appeal]
headline = "Keep the lighthouse lit"
text = "The Post is paid for by its readers."
one_time_url = "https://harbour.example/give"
monthly_url = "https://harbour.example/give?every=month"

[newsletters.daily.thanks]
headline = "Thank you"
text = "Your monthly gift paid for this issue."

[newsletters.weekend]
name = "The Weekend Post"
sender_address = "weekend@harbour.example"
postal_address = "The Harbour Post, 1 Quay Street, Harbour"
theme = "plain"
"""

ARTICLE = """\
The harbour board voted on Tuesday to rebuild the north pier, four years after a storm took half of it away.
The work will begin in spring and is to last for two summers, the board's chair said after the vote.

Fishermen who lost their moorings in the storm have been using the pier at Saltmarsh, eleven miles up the coast.
Several of them came to the meeting and applauded when the result was read out, according to the minutes.

The money comes from a fund that the region set aside for coastal repairs, and from a levy on visiting yachts.
The board expects the new pier to carry a ferry landing as well, which the town has asked for since the last century.
"""


class Clock:
    """A clock that stands still until a test turns it."""

    def __init__(self, now: datetime = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **span: float) -> None:
        self.now += timedelta(**span)


class Running(Clock):
    """A clock that can be turned and goes on by itself: pace is about real seconds."""

    def __init__(self, now: datetime) -> None:
        super().__init__(now)
        self._since = time.monotonic()

    def __call__(self) -> datetime:
        return self.now + timedelta(seconds=time.monotonic() - self._since)


@cache
def _new_database() -> bytes:
    """A database with its tables and nothing in them: made by the migrations once, copied for each newsroom."""
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/new.db")
        database.upgrade()
        database.close()
        return (Path(folder) / "new.db").read_bytes()


@cache
def shared_renderer() -> Renderer:
    """The themes of the house, compiled once for all newsrooms."""
    return Renderer(themes=[])


class Newsroom:
    """An App in a folder of its own, with the steps of a day as short methods."""

    def __init__(self, folder: Path, *, settings: str = SETTINGS, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        (folder / "settings.toml").write_text(settings, encoding="utf-8")
        self.environment = {"DIGEST_SECRET_KEY": "a key that is only used in tests"} | dict(environment or {})
        #: Real time until a test sets a `Clock`: pace and leases are about real seconds.
        self.clock: Clock | None = None
        if not self.environment.get("DIGEST_DATABASE_URL"):
            (folder / "data").mkdir(exist_ok=True)
            (folder / "data" / "digest.db").write_bytes(_new_database())
        self.app = self.open()

    def open(self) -> App:
        """A new App on the same folder, as another process would have it."""
        settings = load(self.environment, file=self.folder / "settings.toml")
        app = App(settings, clock=lambda: self.clock() if self.clock else datetime.now(UTC))
        if not settings["paths.themes"]:
            vars(app)["renderer"] = shared_renderer()
        return app

    @property
    def daily(self) -> Newsletter:
        return self.app.settings.newsletter("daily")

    def write_article(self, headline: str = "The north pier will be rebuilt", body: str = ARTICLE) -> StoredArticle:
        """An article that an editor adds by hand."""
        file = self.folder / f"{abs(hash((headline, body)))}.txt"
        file.write_text(body, encoding="utf-8")
        added = self.app.intake.add([str(file)], [self.daily], headline=headline)
        assert not added.problems, added.problems
        return added.articles[0]

    def subscribe(self, *names: str, newsletter: str = "daily", supporter: str = "none") -> list[int]:
        """Put people on the list: "Alice" is alice@example.com."""
        now = self.app.clock()
        consent = subscribers.Consent(at=now, act=subscribers.Act.JOINED, how="form")
        with self.app.database.write() as conn:
            return [
                subscribers.add(
                    conn,
                    f"{name.lower()}@example.com",
                    newsletter=newsletter,
                    name=name,
                    supporter=subscribers.Supporter(supporter),
                    consent=consent,
                    at=now,
                ).subscriber_id
                for name in names
            ]

    def subscribe_many(self, count: int) -> None:
        """reader1@example.com and so on, by import: adding them one by one takes longer than mailing them."""
        file = self.folder / "readers.csv"
        lines = [f"reader{number}@example.com,Reader {number},none" for number in range(1, count + 1)]
        file.write_text("\n".join(["email,name,supporter", *lines]), encoding="utf-8")
        with self.app.database.write() as conn:
            report = subscribers.import_csv(conn, file, newsletter="daily", at=self.app.clock())
        assert report.added == count, report

    def draft(self) -> Issue:
        self.write_article()
        return self.app.drafting.draft(self.daily, actor="Nora").issue

    def approved(self) -> Issue:
        issue, _ = self.app.proofs.approve(self.draft().id, actor="Nora")
        return issue

    def frozen(self) -> Issue:
        issue = self.approved()
        self.app.delivery.start(issue.id, actor="Nora")
        return self.issue(issue.id)

    def deliver(self, issue: Issue) -> Figures:
        return self.app.delivery.deliver(issue.id, stop=threading.Event())

    def issue(self, issue_id: int) -> Issue:
        with self.app.database.read() as conn:
            return issues.get(conn, issue_id)
