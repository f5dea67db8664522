"""`digest send`, `digest test` and `digest run`: mail leaves here."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.issue_words import insist_on_approval, tell_findings
from digest.cli.output import PARTLY, AsJson, progress, remark, say, show
from digest.cli.session import IssueId, actor, session, until_told

if TYPE_CHECKING:
    from digest.bootstrap import App
    from digest.deliver.progress import Progress
    from digest.deliver.rehearse import Forecast
    from digest.model import Issue


def send(
    issue: IssueId,
    now: Annotated[
        bool, typer.Option("--now", help="Send for real, here, until every reader is taken care of.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Do everything a real run does, except that nothing leaves.")
    ] = False,
    eml: Annotated[
        str, typer.Option(metavar="N|all", help="With --dry-run: write the first N messages, or all, as .eml files.")
    ] = "",
    out: Annotated[Path | None, typer.Option(help="Folder for the .eml files.")] = None,
    as_approved: Annotated[
        bool,
        typer.Option("--as-approved", help="Send what was approved although theme, settings or pages changed since."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Send an approved issue, or rehearse it. After a crash run the same command again: nobody is mailed twice.

    Exit code 10 when readers are uncertain or left over; 6 when it is not approved; 7 when a brake stopped it.

    Example: `digest send 7 --dry-run --eml 3`, then `digest send 7 --now`
    """
    from digest.errors import UsageMistake

    if now == dry_run:
        raise UsageMistake("Say --now to send for real, or --dry-run to rehearse.")
    with session() as app_:
        if not as_approved:
            insist_on_approval(app_, issue)
        stopped = "" if as_approved else _look_again(app_, issue, for_real=now)
        if dry_run:
            _rehearse(app_, issue, eml, out, as_json, stopped=stopped)
        else:
            _send(app_, issue, as_json)


def _look_again(app_: App, issue: int, *, for_real: bool) -> str:
    """Read the pages of its stories once more; what stops it, which a real run raises as Brake."""
    from digest.errors import Brake
    from digest.model import IssueState
    from digest.store import issues

    with app_.database.read() as conn:
        found = issues.get(conn, issue)
    if found.state not in (IssueState.APPROVED, IssueState.SCHEDULED):
        return ""
    app_.rereading.look([found])
    try:
        app_.rereading.insist(issue)
    except Brake as stopped:
        if not for_real:
            return stopped.message
        app_.rereading.hold_back(issue, stopped, actor=actor())
        raise
    return ""


def _rehearse(app_: App, issue: int, eml: str, out: Path | None, as_json: bool, *, stopped: str) -> None:
    from dataclasses import asdict, replace

    from digest.errors import Brake, UsageMistake

    if eml and eml != "all" and not eml.isdigit():
        raise UsageMistake(f"{eml!r} is not a number of messages.", hint="Say --eml 3 or --eml all.")
    folder = out or (app_.settings.path("paths.data") / "dry-run" / str(issue)) if eml else None
    proof = app_.proofs.proof(issue)
    with progress("Dry run") as bar:
        forecast = app_.rehearsal.rehearse(
            issue,
            eml_folder=folder,
            eml_count=None if eml == "all" else int(eml or 0),
            progress=lambda done, total: bar(done, total, ""),
        )

    forecast = replace(forecast, fault=stopped or forecast.fault)

    def tell() -> None:
        tell_forecast(forecast)
        tell_findings(proof.findings)

    show(asdict(forecast) | {"dry_run": True, "findings": proof.findings}, as_json, tell)
    if forecast.fault:
        raise typer.Exit(Brake.exit_code if stopped else 9)


def tell_forecast(forecast: Forecast) -> None:
    from digest.deliver.progress import duration

    f = forecast
    say(f"Issue {f.issue} through {f.sender}: {f.recipients:,} readers in {f.batches:,} batches. Nothing left.")
    for edition, count in f.editions.items():
        say(f"  {count:>9,} get the edition “{edition}”")
    for why, count in f.not_mailed.items():
        say(f"  {count:>9,} on the list are not mailed: {why}")
    for why, count in f.refused.items():
        say(f"  {count:>9,} would be refused: {why}")
    say(f"  {f.smallest / 1024:.1f} to {f.largest / 1024:.1f} KB a reader, {f.total_bytes / 1e6:,.1f} MB in all")
    days = f", over {f.days} days (24-hour quota, warm-up)" if f.days and f.days > 1 else ""
    singly = f", {f.singly:,} of them in single messages" if f.singly else ""
    rate = f"{f.allowed_rate:,.0f} readers a second"
    say(f"  {duration(f.seconds)} at {rate}{singly}{days}, about ${f.cost_dollars:,.2f}")
    if f.fault:
        say(f"  It cannot be sent: {f.fault}")
    if f.files:
        say(f"  {len(f.files)} messages are in {Path(f.files[0]).parent}")


def _send(app_: App, issue: int, as_json: bool) -> None:
    from digest.errors import IllegalStep
    from digest.model import IssueState
    from digest.report.figures import report
    from digest.store import issues

    with app_.database.read() as conn:
        state = issues.get(conn, issue).state
    if state is IssueState.PAUSED:
        raise IllegalStep(f"Issue {issue} is paused.", hint=f"Let it go on with `digest issues resume {issue}` first.")
    if state not in (IssueState.SENDING, IssueState.FINISHED):
        _start(app_, issue)
    with until_told() as stop, progress(f"Sending issue {issue}") as bar:
        if state is not IssueState.FINISHED:
            app_.delivery.deliver(issue, stop=stop, progress=lambda now: bar(now.done, now.recipients, now.words()))
    with app_.database.read() as conn:
        found = report(conn, issue)

    def tell() -> None:
        for line in found.lines():
            say(line)
        if found.figures.planned and not found.figures.hold:
            say(f"Stopped in good order. Go on with: digest send {issue} --now")

    show(found.facts(), as_json, tell)
    if found.figures.uncertain or found.figures.planned:
        raise typer.Exit(PARTLY)


def _start(app_: App, issue: int) -> None:
    """Freeze the roster; when another process was faster, join it."""
    from digest.errors import IllegalStep
    from digest.model import IssueState
    from digest.store import issues

    try:
        frozen = app_.delivery.start(issue, actor=actor())
    except IllegalStep:
        with app_.database.read() as conn:
            if issues.get(conn, issue).state is not IssueState.SENDING:
                raise
        remark(f"Issue {issue} is being sent already; helping.")
    else:
        remark(f"Issue {issue}: {frozen.recipients:,} readers are frozen; sending.")


def test(
    issue: IssueId,
    to: Annotated[list[str], typer.Option(help="A colleague's address; may be repeated, at most 5.")],
    edition: Annotated[str, typer.Option(help="Which edition; the first when not given.")] = "",
    name: Annotated[str, typer.Option(help="Name to greet them by.")] = "",
    as_json: AsJson = False,
) -> None:
    """Send one real message of an issue, as it would look now, to a colleague. It counts for nothing.

    Example: `digest test 7 --to editor@example.org`
    """
    from digest.deliver.trial import send_trial
    from digest.model import DeliveryState

    with session() as app_:
        proof = app_.proofs.proof(issue)
        slug = proof.issue.newsletter
        receipts = send_trial(
            {rendered.edition: rendered for _, rendered in proof.editions},
            app_.sender,
            app_.links(proof.issue),
            newsletter=slug,
            to=to,
            edition=edition,
            name=name or app_.newsletters[slug].reader,
        )

    def tell() -> None:
        for address, receipt in receipts.items():
            say(f"{address}: {receipt.state} {receipt.message_id or receipt.reason}".rstrip())

    show({"issue": issue, "messages": receipts}, as_json, tell)
    if any(receipt.state is not DeliveryState.ACCEPTED for receipt in receipts.values()):
        raise typer.Exit(PARTLY)


def run(
    until_idle: Annotated[
        bool, typer.Option("--until-idle", help="End when there is nothing to do now, for cron.")
    ] = False,
) -> None:
    """The worker: drafts ahead of each cadence, sends what is scheduled and approved, resumes what was interrupted.

    Ends after the batches in hand on SIGTERM or Ctrl-C. Several may run at the same time.

    Example: `digest run`
    """
    with session() as app_, until_told() as stop:

        def tell(text: str) -> None:
            say(f"{app_.clock():%H:%M:%S} {text}")

        say(f"Working for {', '.join(app_.newsletters) or 'no newsletter'} through {app_.sender.name}. Ctrl-C ends it.")
        app_.worker.run(stop, say=tell, progress=Watcher(tell), until_idle=until_idle)
        say("Ended in good order.")


class Watcher:
    """Says how far each issue is, every ten seconds."""

    EVERY = 10.0

    def __init__(self, tell: Callable[[str], None], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._tell = tell
        self._clock = clock
        #: Issue id → when it was spoken of, or first seen.
        self._last: dict[int, float] = {}

    def __call__(self, issue: Issue, now: Progress) -> None:
        moment = self._clock()
        if moment - self._last.setdefault(issue.id, moment) >= self.EVERY:
            self._last[issue.id] = moment
            self._tell(f"Issue {issue.id}: {now.done:,} of {now.recipients:,}, {now.words()}")
