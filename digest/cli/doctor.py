"""`digest doctor`: what is wrong, before readers find out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import typer

from digest.cli.output import PARTLY, AsJson, say, show
from digest.cli.session import session

if TYPE_CHECKING:
    from digest.bootstrap import App
    from digest.model import Finding
    from digest.store.health import FileHealth, ServerHealth


def doctor(as_json: AsJson = False) -> None:
    """Look at settings, database, sender, themes and newsletters, and say what is wrong and what to do.

    Exit code 10 when something must be mended before sending.

    Example: `digest doctor`
    """
    from digest.model import Level

    with session() as app_:
        findings = [finding for examine in EXAMINATIONS for finding in examine(app_)]
    errors = [finding for finding in findings if finding.level is Level.ERROR]

    def tell() -> None:
        for finding in findings:
            where = f"{finding.where}: " if finding.where else ""
            say(f"{finding.level}: {where}{finding.message}")
        say("Something must be mended before sending." if errors else "Ready.")

    show({"healthy": not errors, "findings": findings}, as_json, tell)
    if errors:
        raise typer.Exit(PARTLY)


def _finding(level: str, code: str, message: str, where: str = "") -> Finding:
    from digest.model import Finding, Level

    return Finding(level=Level(level), code=code, message=message, where=where)


def _database(app_: App) -> Iterator[Finding]:
    from digest.errors import StoreError
    from digest.store.health import FileHealth, examine

    try:
        version = app_.database.version()
        health = examine(app_.database, app_.clock)
    except StoreError as error:
        yield _finding("error", "database", str(error), "database")
        return
    yield _finding("hint", "database", f"{app_.database.shown} ({health.product}) is at version {version}.", "database")
    yield from of_file(health) if isinstance(health, FileHealth) else of_server(health)


def of_file(health: FileHealth) -> Iterator[Finding]:
    if health.network:
        yield _finding("error", "network-file", _NETWORK.format(health=health), "database")
    if health.journal_mode != "wal":
        yield _finding("error", "no-wal", _NO_WAL.format(health=health), "database")


_NETWORK = (
    "{health.file} is on another machine ({health.network}), where SQLite loses what it writes: move it, or use "
    "PostgreSQL."
)
_NO_WAL = (
    "SQLite's journal mode is {health.journal_mode} and not WAL: the file system does not allow it. Move the file."
)


def of_server(health: ServerHealth) -> Iterator[Finding]:
    free, ahead = health.max_connections - health.connections, health.clock_ahead
    yield _finding("hint", "server", f"It answers in {health.answers_in * 1000:,.1f} ms.", "database")
    for name, value in health.durable.items():
        if value == "off":
            yield _finding("warning", "not-durable", _NOT_DURABLE.format(name=name), "database")
    if abs(ahead) > _CLOCKS:
        way = "ahead of" if ahead > 0 else "behind"
        yield _finding("warning", "clocks", _CLOCK.format(seconds=abs(ahead), way=way), "database")
    if free < health.pool:
        yield _finding("warning", "connections", _FEW.format(free=free, health=health), "database")
    if health.encoding != "UTF8":
        yield _finding("error", "encoding", _ENCODING.format(health=health), "database")


#: Leases are compared by the workers' clocks: seconds that the clocks of two machines may differ.
_CLOCKS = 1.0
_NOT_DURABLE = "{name} is off: after a crash of the server readers may be mailed twice. Set it on."
_CLOCK = (
    "The server's clock is {seconds:,.1f} s {way} this machine's. Let NTP set both: a worker whose clock is wrong "
    "takes over what others hold, or sends too early or too late."
)
_FEW = "Only {free} of {health.max_connections} connections are free, and a process takes up to {health.pool}."
_ENCODING = "The database is in {health.encoding}, which has no room for every name: make it with ENCODING 'UTF8'."


def _sender(app_: App) -> Iterator[Finding]:
    from digest.errors import SenderError

    try:
        account = app_.sender.account()
    except SenderError as error:
        yield _finding("error", "account", str(error), app_.sender.name)
        return
    quota = f", {account.remaining:,} of {account.max_per_day:,} left today" if account.max_per_day is not None else ""
    yield _finding("hint", "account", f"Allows {account.max_rate:,.0f} readers a second{quota}.", app_.sender.name)
    if not account.sending_enabled:
        yield _finding("error", "sending-disabled", account.note or "Sending is disabled.", app_.sender.name)
    elif account.note:
        yield _finding("warning", "account-note", account.note, app_.sender.name)


def _pace(app_: App) -> Iterator[Finding]:
    """What the operator capped, and what was learned about bulk calls."""
    from digest.deliver.pace import Way
    from digest.deliver.warmup import cap_at
    from digest.errors import StoreError
    from digest.store import paces

    plan = app_.warm_up
    if plan and (cap := cap_at(plan, app_.clock())):
        ends = f"{plan.ends:%Y-%m-%d}"
        yield _finding("hint", "warm-up", f"{cap:,} readers today; from {ends} on there is no cap.", "ses.warm_up")
    try:
        with app_.database.read() as conn:
            known = paces.look(conn, app_.sender.name)
    except StoreError:
        return  # said already
    if known and known.calls:
        said = f"SES refused {known.calls_refused:,.1f} bulk calls a second; {known.calls:,.1f} are made now"
        rest = ", and single messages fill the rate" if app_.limits.way is Way.MIXED else ""
        yield _finding("hint", "bulk-calls", f"{said}{rest}.", app_.sender.name)


def _links(app_: App) -> Iterator[Finding]:
    public = app_.settings["public_url"]
    if not public.startswith("https://"):
        level = "warning" if app_.settings["sender"] == "outbox" else "error"
        yield _finding(
            level, "no-https", f"{public} is not https: one-click leaving needs it (RFC 8058).", "public_url"
        )
    if "DIGEST_SECRET_KEY" in app_.settings.secrets:
        return
    if not app_.settings["database.url"].startswith("sqlite"):
        yield _finding("error", "no-key", _NO_KEY, "keys")
        return
    level = "hint" if app_.settings["sender"] == "outbox" else "warning"
    kept = app_.settings.path("paths.data") / "secret-key"
    said = f"Links are signed with the key in {kept}; keep a copy, or set DIGEST_SECRET_KEY."
    yield _finding(level, "kept-key", said, "keys")


_NO_KEY = (
    "DIGEST_SECRET_KEY is missing: all machines must sign readers' links with the same key. Coming from SQLite, it is "
    "what data/secret-key holds."
)


def _newsletters(app_: App) -> Iterator[Finding]:
    from digest.errors import RenderError

    if not app_.newsletters:
        yield _finding("error", "no-newsletter", "No newsletter is declared; add [newsletters.SLUG].", "settings.toml")
    for slug, letter in app_.newsletters.items():
        try:
            app_.renderer.render(app_.renderer.sample(letter.theme), letter.theme)
        except RenderError as error:
            yield _finding("error", "theme", str(error), slug)
        if letter.ask is None:
            yield _finding("hint", "no-appeal", "Has no appeal for support.", slug)
        if not letter.sources:
            yield _finding("hint", "no-sources", "Has no sources; articles are added by hand.", slug)
        if app_.settings["sender"] != "outbox" and letter.sender_address.endswith(_EXAMPLES):
            yield _finding("error", "example-sender", f"{letter.sender_address} is an example address.", slug)


_EXAMPLES = (".example", ".test", ".invalid", "@example.com", "@example.org", "@example.net")


def _audiences(app_: App) -> Iterator[Finding]:
    import subscribers
    from digest.errors import StoreError

    try:
        database = app_.database
    except StoreError:
        return  # said already
    with database.read() as conn:
        for slug in app_.newsletters:
            counts = subscribers.counts(conn, slug, at=app_.clock())
            level = "hint" if counts.mailable else "warning"
            yield _finding(level, "audience", f"{counts.mailable:,} readers may be mailed.", slug)


def _issues(app_: App) -> Iterator[Finding]:
    """Issues that wait for a person, who may not know it."""
    from digest.errors import StoreError
    from digest.model import IssueState
    from digest.store import issues

    waiting = (IssueState.DRAFT, IssueState.APPROVED, IssueState.PAUSED)
    try:
        database = app_.database
    except StoreError:
        return  # said already
    with database.read() as conn:
        found = issues.listed(conn, states=waiting, limit=_FEW_ISSUES)
    now = app_.clock()
    for issue in found:
        if issue.state is IssueState.PAUSED:
            yield _finding("warning", "paused", f"It is paused: {issue.hold}", f"issue {issue.id}")
        elif issue.slot_at and issue.slot_at <= now:
            yield _finding("warning", "overdue", _OVERDUE[issue.state].format(id=issue.id), f"issue {issue.id}")


#: The newest ones: older leftovers would only be noise.
_FEW_ISSUES = 20
_OVERDUE = {
    "draft": "Its time went by and nobody approved it: approve and send it, or cancel it, which frees its stories "
    "(digest issues cancel {id}).",
    "approved": "It was approved after its time and goes nowhere by itself: digest send {id} --now, or digest issues "
    "cancel {id}.",
}


def _notices(app_: App) -> Iterator[Finding]:
    """Mails that public pages owe and nobody sends: readers wait for them."""
    from digest.errors import StoreError
    from digest.store import outgoing

    try:
        with app_.database.read() as conn:
            late = outgoing.late(conn, now=app_.clock())
    except StoreError:
        return  # said already
    if late:
        why = f" ({late[0].reason})" if late[0].reason else ""
        yield _finding(
            "warning",
            "notices",
            f"Mails to readers (confirm, welcome …) that wait for more than a quarter of an hour: {len(late)}{why}. "
            "`digest serve` and `digest run` send them.",
            "notices",
        )


def _events(app_: App) -> Iterator[Finding]:
    """Whether what SES tells arrives, and what it told that a person should know."""
    from datetime import timedelta

    from digest.errors import StoreError
    from digest.store import events

    if app_.settings["sender"] == "ses":
        yield from _ways_in(app_)
    try:
        with app_.database.read() as conn:
            heard, odd = events.ways(conn), events.count_asides(conn)
            unsent = events.warnings(conn, since=app_.clock() - timedelta(days=_LATELY))
            sent = events.last_sent_at(conn)
    except StoreError:
        return  # said already
    if heard:
        last = max(heard.values())
        yield _finding("hint", "last-event", f"The last one came at {last:%Y-%m-%d %H:%M} UTC.", "events")
    grace = timedelta(minutes=15)
    is_silent = sent is not None and (not heard or max(heard.values()) < sent - grace)
    if _is_expected(app_) and sent and is_silent and app_.clock() - sent > grace:
        yield _finding("warning", "no-events", _NO_EVENTS.format(at=sent), "events")
    if odd:
        said = f"{odd:,} messages could not be read as events: look at `digest events status`."
        yield _finding("warning", "unreadable-events", said, "events")
    for issue, reasons in unsent.items():
        for reason, count in reasons.items():
            yield _finding("warning", "not-sent", f"{count:,} messages: {reason}", f"issue {issue}")


def _is_expected(app_: App) -> bool:
    return bool(app_.settings["events.queue_url"] or app_.settings["events.topics"])


def _ways_in(app_: App) -> Iterator[Finding]:
    from digest.errors import SenderError

    if not app_.settings["ses.configuration_set"] or not _is_expected(app_):
        yield _finding("warning", "no-way-in", _NO_WAY_IN, "events")
    if app_.queue is None:
        return
    try:
        waiting = app_.queue.waiting()
    except SenderError as error:
        yield _finding("error", "queue", str(error), "events.queue_url")
        return
    yield _finding("hint", "queue", f"About {waiting['waiting']:,} messages wait in the queue.", "events.queue_url")
    yield from _account_parts(app_)


def _account_parts(app_: App) -> Iterator[Finding]:
    """What `digest aws setup` would make; who may not look at it learns that and no more."""
    from digest.cli.aws import setup_of
    from digest.errors import SenderError

    name = app_.settings["events.queue_url"].rpartition("/")[2]
    try:
        missing = [part.what for part in setup_of(app_, name).look() if part.state == "is missing"]
    except SenderError as error:
        yield _finding("hint", "not-examined", f"Topic and policies were not examined: {error.message}", "events")
        return
    for what in missing:
        said = f"{what.removeprefix('… ')}: missing, or not as `digest aws setup --name {name}` makes it."
        yield _finding("warning", "set-up", said, "events")


_LATELY = 7
_NO_WAY_IN = (
    "Nobody tells of bounces and complaints: make a way in with `digest aws setup`, and set ses.configuration_set and "
    "events.queue_url (or events.topics)."
)
_NO_EVENTS = (
    "Mail was last accepted at {at:%Y-%m-%d %H:%M} UTC, and no event came since: see whether `digest run` reads the "
    "queue, and `digest aws setup --dry-run`."
)


EXAMINATIONS: tuple[Callable[[App], Iterator[Finding]], ...] = (
    _database,
    _sender,
    _pace,
    _links,
    _newsletters,
    _audiences,
    _issues,
    _notices,
    _events,
)
