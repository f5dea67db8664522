"""Settings → App: the only module that names concrete adapters. Tests build an App with their own parts."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Connection

from digest.articles.selection.changes import Changed, Then
from digest.deliver.allowance import Allowance
from digest.deliver.brakes import Reputation
from digest.deliver.notices import Notices
from digest.deliver.outlook import Outlook, outlook
from digest.deliver.pace import Limits, Way
from digest.deliver.rehearse import Rehearsal
from digest.deliver.retention import Retention
from digest.deliver.run import Delivery
from digest.deliver.senders.port import Sender
from digest.deliver.singly import IN_THE_AIR
from digest.deliver.turns import Turns
from digest.deliver.warmup import WarmUp
from digest.desk.correcting import Correcting
from digest.desk.editing import Editing
from digest.desk.proof import Proofs
from digest.errors import SettingsError
from digest.events.fold import Policy
from digest.events.listening import Listening
from digest.events.record import Recorder
from digest.events.silence import Silence
from digest.model import Issue, Newsletter
from digest.render.edition import Renderer
from digest.settings import Settings, load
from digest.store.database import Database
from digest.web.links import HouseLinks, ReaderLinks
from digest.work.port import Dispatcher, Kind, needed_by
from digest.worker import Worker
from subscribers import Tokens

if TYPE_CHECKING:  # the libraries that read articles take a while: they load when something is read
    from digest.articles.sources.gather import Web
    from digest.articles.summaries.by_model.asking import Model
    from digest.articles.summaries.ladder import Summariser
    from digest.desk.drafting import Drafting
    from digest.desk.intake import Intake
    from digest.desk.rereading import Rereading
    from digest.desk.resummarising import Resummarising
    from digest.events.amazon import Amazon
    from digest.events.sns import Verifier
    from digest.events.sqs import Queue

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class App:
    """Everything that a command or a page needs, made when it is first asked for."""

    settings: Settings
    clock: Clock = lambda: datetime.now(UTC)

    @property
    def newsletters(self) -> Mapping[str, Newsletter]:
        return self.settings.newsletters

    @cached_property
    def database(self) -> Database:
        """The ledger, ready for use. Raises StoreError when it is not."""
        database = Database(self.settings["database.url"])
        database.ready()
        return database

    @cached_property
    def renderer(self) -> Renderer:
        own = self.settings["paths.themes"]
        return Renderer(themes=[self.settings.path("paths.themes")] if own else [])

    @cached_property
    def web(self) -> Web:
        from digest.articles.sources.fetch import Fetcher, Limits, user_agent

        limits = Limits(
            total=self.settings["fetch.timeout"],
            size=self.settings["fetch.max_bytes"],
            list_size=self.settings["fetch.max_list_bytes"],
        )
        who = next((letter.name for letter in self.newsletters.values()), "")
        agent = user_agent(who, self.settings["fetch.contact"] or self.settings["public_url"])
        return Fetcher(limits=limits, allow_hosts=self.settings["fetch.allow_hosts"], user_agent=agent)

    @cached_property
    def sender(self) -> Sender:
        return _SENDERS[self.settings["sender"]](self.settings, self.clock)

    @cached_property
    def tokens(self) -> Tokens:
        return Tokens(_keys(self.settings))

    @cached_property
    def intake(self) -> Intake:
        from digest.desk.intake import Intake

        return Intake(
            self.database,
            self.web,
            clock=self.clock,
            seconds=self.settings["fetch.deadline"],
            room=lambda theme: self.renderer.theme(theme).room.story,
            model=self.summariser if self.settings["model.id"] else None,
        )

    @cached_property
    def resummarising(self) -> Resummarising:
        from digest.desk.resummarising import Resummarising

        return Resummarising(
            self.database,
            self.newsletters,
            room=lambda theme: self.renderer.theme(theme).room,
            model=self.summariser if self.settings["model.id"] else None,
            clock=self.clock,
        )

    def summariser(self, newsletter: str) -> Summariser:
        """The model that writes summaries, with what it costs counted for a newsletter. Raises SettingsError."""
        from digest.articles.summaries.by_model.asking import ModelSummariser
        from digest.desk.asking import Cap, ModelBook, Price

        settings = self.settings
        cap = Cap(tokens=settings["model.tokens_per_issue"], dollars=settings["model.dollars_per_issue"])
        price = Price(read=settings["model.price_read"], written=settings["model.price_written"])
        book = ModelBook(self.database, newsletter, price=price, cap=cap, clock=self.clock)
        return ModelSummariser(self._language_model, book)

    def model_lacks(self) -> str:
        """What the machine lacks to ask the model, found without asking it; empty for nothing. Raises SettingsError."""
        return self._language_model.lacks()

    @cached_property
    def _language_model(self) -> Model:
        """One for all newsletters: what is out of reach is so for each of them."""
        return _bedrock(self.settings)

    @cached_property
    def drafting(self) -> Drafting:
        from digest.desk.drafting import Drafting

        return Drafting(self.database, clock=self.clock)

    @cached_property
    def editing(self) -> Editing:
        return Editing(self.database, self.newsletters, clock=self.clock)

    @cached_property
    def proofs(self) -> Proofs:
        return Proofs(self.database, self.renderer, self.newsletters, on_change=self._on_change, clock=self.clock)

    @cached_property
    def rereading(self) -> Rereading:
        from digest.desk.rereading import Rereading, Rules

        rules = Rules(
            seconds=self.settings["reread.seconds"],
            urgent_seconds=self.settings["reread.urgent_seconds"],
            then=self._on_change,
        )
        return Rereading(self.database, self.web, self.newsletters, rules=rules, clock=self.clock)

    @property
    def _on_change(self) -> Mapping[Changed, Then]:
        return {
            Changed.VANISHED: Then(self.settings["reread.vanished"]),
            Changed.HEADLINE: Then(self.settings["reread.headline"]),
            Changed.CORRECTION: Then(self.settings["reread.correction"]),
            Changed.PAYWALL: Then(self.settings["reread.paywall"]),
        }

    @cached_property
    def correcting(self) -> Correcting:
        return Correcting(self.database, self.renderer, self.newsletters, clock=self.clock)

    @cached_property
    def delivery(self) -> Delivery:
        dispatcher = self.dispatcher
        return Delivery(
            self.database,
            self.sender,
            self.links,
            self.newsletters,
            workers=self.settings["delivery.workers"],
            lease=self.settings["delivery.lease"],
            audience_jump=self.settings["brakes.audience_jump"],
            reputation=Reputation(
                bounces=self.settings["brakes.bounces"],
                complaints=self.settings["brakes.complaints"],
                not_sent=self.settings["brakes.not_sent"],
            ),
            limits=self.limits,
            warm_up=self.warm_up,
            single=self.single,
            on_started=lambda conn: dispatcher.nudge(conn, Kind.PUMP),
            clock=self.clock,
        )

    @cached_property
    def single(self) -> Sender | None:
        """What sends one by one: where the settings say so, or to fill the rate where bulk calls are limited."""
        return None if self.limits.way is Way.BULK else _ses(self.settings, self.clock, path="single")

    @cached_property
    def rehearsal(self) -> Rehearsal:
        return Rehearsal(
            self.database,
            self.sender,
            self.links,
            self.newsletters,
            audience_jump=self.settings["brakes.audience_jump"],
            limits=self.limits,
            warm_up=self.warm_up,
            price_per_thousand=self.settings["ses.price_per_thousand"],
            clock=self.clock,
        )

    @cached_property
    def dispatcher(self) -> Dispatcher:
        """What tells workers of work, here or on every machine. Raises SettingsError or StoreError."""
        return _ENGINES[self.settings["engine.kind"]](self.settings, self.database)

    def nudge(self, conn: Connection, issue: Issue) -> None:
        """Tell the workers of an issue that needs them now: said last in the transaction that made it so."""
        if (kind := needed_by(issue, self.clock())) is not None:
            self.dispatcher.nudge(conn, kind)

    def outlook(self) -> Outlook:
        """Every issue that is still to go against the account's quota; asks the account once."""
        return outlook(self.database, self.sender, limits=self.limits, warm_up=self.warm_up, clock=self.clock)

    @cached_property
    def retention(self) -> Retention:
        days, waits = self.settings["privacy.keep_days"], self.settings["privacy.unconfirmed_days"]
        return Retention(
            self.database,
            keep=timedelta(days=days) if days else None,
            unconfirmed=timedelta(days=waits) if waits else None,
            clock=self.clock,
        )

    @cached_property
    def worker(self) -> Worker:
        return Worker(
            self.database,
            self.dispatcher,
            delivery=self.delivery,
            intake=self.intake,
            drafting=self.drafting,
            proofs=self.proofs,
            rereading=self.rereading,
            notices=self.notices,
            listening=self.listening,
            retention=self.retention,
            newsletters=self.newsletters,
            late=timedelta(hours=self.settings["delivery.late"]),
            clock=self.clock,
        )

    @cached_property
    def notices(self) -> Notices:
        return Notices(
            self.database,
            lambda: self.notice_sender,
            lambda: self.renderer,
            self.house_links,
            self.newsletters,
            turns=lambda: self.notice_turns,
            on_planned=lambda conn: self.dispatcher.nudge(conn, Kind.NOTICE),
            clock=self.clock,
        )

    @cached_property
    def notice_sender(self) -> Sender:
        """What carries mail to one person: SES takes it in a call of its own."""
        return self.sender if self.settings["sender"] != "ses" else _ses(self.settings, self.clock, path="single")

    @cached_property
    def notice_turns(self) -> Turns:
        """Shares of the account's rate for notices. A warm-up does not hold up who waits for a link."""
        limits = replace(self.limits, way=Way.SINGLE)
        allowance = Allowance(self.database, self.notice_sender, limits=limits, clock=self.clock)
        return Turns(self.database, allowance, clock=self.clock)

    @cached_property
    def house_links(self) -> HouseLinks:
        return HouseLinks(self.settings["public_url"], self.tokens)

    # --- Events --------------------------------------------------------------------------------------------

    @cached_property
    def recorder(self) -> Recorder:
        policy = Policy(
            soft_bounces=self.settings["events.soft_bounces"],
            soft_days=self.settings["events.soft_days"],
            scanners=tuple(self.settings["events.scanners"]),
        )
        return Recorder(self.database, policy, clock=self.clock)

    @cached_property
    def queue(self) -> Queue | None:
        """The queue that brings events; None when the settings name none."""
        from digest.events.sqs import Queue

        url = self.settings["events.queue_url"]
        return Queue(url, region=self.settings["ses.region"]) if url else None

    @cached_property
    def listening(self) -> Listening:
        return Listening(
            self.database,
            self.queue,
            self.recorder,
            Silence(self.database, resend=self.settings["events.silence"] == "resend", clock=self.clock),
            keep=timedelta(days=self.settings["events.keep_days"]),
            clock=self.clock,
        )

    @cached_property
    def amazon(self) -> Amazon:
        from digest.events.amazon import Amazon

        return Amazon(self.settings["ses.region"])

    @cached_property
    def verifier(self) -> Verifier:
        """Tells SNS's messages from forged ones."""
        from digest.articles.sources.fetch import Fetcher, Limits
        from digest.events.sns import Verifier

        # A stranger can have us ask: only SNS itself, and not for long. It answers in a tenth of a second.
        fetcher = Fetcher(limits=Limits(connect=2.0, read=3.0, total=4.0, size=20_000, redirects=0))
        return Verifier(self.settings["events.topics"], fetch=lambda url: fetcher.get(url).content, clock=self.clock)

    def links(self, issue: Issue) -> ReaderLinks:
        return ReaderLinks(self.settings["public_url"], self.tokens, issue)

    @cached_property
    def limits(self) -> Limits:
        """What the operator says about pace; other senders than SES have a rate of their own and one way."""
        if self.settings["sender"] != "ses":
            return Limits()
        return Limits(
            max_rate=self.settings["ses.max_rate"],
            calls_per_second=self.settings["ses.bulk_calls_per_second"],
            way=Way[self.settings["ses.path"].upper()],
        )

    @cached_property
    def warm_up(self) -> WarmUp | None:
        caps, begins = self.settings["ses.warm_up"], self.settings["ses.warm_up_from"]
        if self.settings["sender"] != "ses" or not caps:
            return None
        return WarmUp(caps=tuple(int(cap) for cap in caps), begins=date.fromisoformat(begins))

    def close(self) -> None:
        for name in ("dispatcher", "delivery", "notice_sender", "sender", "database"):
            if name in self.__dict__:
                getattr(self, name).close()


def bootstrap(settings: Settings | None = None) -> App:
    """The App of the settings file and environment. Raises SettingsError."""
    return App(settings or load())


# --- Models ------------------------------------------------------------------------------------------------


def _bedrock(settings: Settings) -> Model:
    from digest.articles.summaries.by_model.bedrock import Bedrock, Reach

    if settings["model.dollars_per_issue"] and not (settings["model.price_read"] and settings["model.price_written"]):
        raise SettingsError(
            ["model.dollars_per_issue caps nothing without model.price_read and model.price_written."],
            hint="Set the prices that AWS lists for the model, or cap tokens with model.tokens_per_issue.",
        )
    reach = Reach(region=settings["model.region"] or settings["ses.region"], timeout=settings["model.timeout"])
    return Bedrock(settings["model.id"], reach, max_tokens=settings["model.max_tokens"])


# --- Senders -----------------------------------------------------------------------------------------------


def _outbox(settings: Settings, clock: Clock) -> Sender:
    from digest.deliver.senders.outbox import OutboxSender

    return OutboxSender(settings.path("paths.outbox"), clock=clock)


def _ses(settings: Settings, clock: Clock, *, path: Literal["", "bulk", "single"] = "") -> Sender:
    from digest.deliver.senders.ses import SesSender

    return SesSender(
        clock=clock,
        region=settings["ses.region"],
        configuration_set=settings["ses.configuration_set"],
        mode=path or ("single" if settings["ses.path"] == "single" else "bulk"),
        connections=max(IN_THE_AIR, settings["delivery.workers"]),
    )


def _smtp(settings: Settings, clock: Clock) -> Sender:
    from digest.deliver.senders.smtp import Server, SmtpSender

    server = Server(
        host=settings["smtp.host"],
        port=settings["smtp.port"],
        security=settings["smtp.security"],
        username=settings["smtp.username"],
        password=settings.secrets.get("DIGEST_SMTP_PASSWORD", ""),
    )
    return SmtpSender(server, clock=clock, max_rate=settings["smtp.max_rate"])


_SENDERS: dict[str, Callable[[Settings, Clock], Sender]] = {"outbox": _outbox, "ses": _ses, "smtp": _smtp}


# --- Engines -----------------------------------------------------------------------------------------------


def _threads(settings: Settings, _database: Database) -> Dispatcher:
    from digest.work.threads import Threads

    return Threads(drafts=settings["engine.drafts"])


def _procrastinate(settings: Settings, database: Database) -> Dispatcher:
    try:
        from digest.work.procrastinate import Procrastinate
    except ModuleNotFoundError as missing:
        raise SettingsError(
            [f'engine.kind = "procrastinate" needs the package {missing.name}.'],
            hint="Install it: pip install 'digest-mailer[fleet]'.",
        ) from None
    return Procrastinate(database, drafts=settings["engine.drafts"])


_ENGINES: dict[str, Callable[[Settings, Database], Dispatcher]] = {
    "threads": _threads,
    "procrastinate": _procrastinate,
}


# --- Keys --------------------------------------------------------------------------------------------------


def _keys(settings: Settings) -> list[str]:
    """The keys that sign readers' links: from the environment, else one that is made once and kept beside the data."""
    said = settings.secrets.get("DIGEST_SECRET_KEY", "")
    if said:
        return [key.strip() for key in said.split(",") if key.strip()]
    if not settings["database.url"].startswith("sqlite"):
        raise SettingsError(
            ["DIGEST_SECRET_KEY is missing: several machines must sign readers' links with the same key."],
            hint="Set it, or name a file with it in DIGEST_SECRET_KEY_FILE.",
        )
    return [kept_key(settings.path("paths.data") / "secret-key")]


def kept_key(file: Path) -> str:
    """The key in a file that only its owner may read; made when it is not there yet, by one process alone."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        draft = file.with_name(f".{file.name}-{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(32), encoding="ascii")
        with suppress(FileExistsError):
            os.link(draft, file)  # the first one stays; a half-written key is never seen
        draft.unlink()
    return file.read_text(encoding="ascii").strip()
