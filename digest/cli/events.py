"""`digest events`: what SES tells of the mail that was sent."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli.output import AsJson, progress, remark, say, show, table
from digest.cli.session import session, until_told

app = typer.Typer(
    help="What SES tells of the mail that was sent: bounces, complaints, opens, clicks.", no_args_is_help=True
)
suppression = typer.Typer(help="SES's own list of addresses that it does not mail.", no_args_is_help=True)
app.add_typer(suppression, name="suppression")


@app.command("run")
def run(
    until_idle: Annotated[bool, typer.Option("--until-idle", help="End when the queue is empty, for cron.")] = False,
) -> None:
    """Read the queue of `events.queue_url`. `digest run` does so by itself; this does nothing else.

    Example: `digest events run`
    """
    from digest.errors import UsageMistake

    with session() as app_, until_told() as stop:
        if app_.queue is None:
            raise UsageMistake("No queue is named.", hint="Set events.queue_url; `digest aws setup` makes one.")
        while not stop.is_set():
            told = app_.listening.listen(stop.is_set, patience=0 if until_idle else None)
            for line in told.said:
                say(line)
            if told.events:
                say(f"{app_.clock():%H:%M:%S} {told.events:,} events")
            if until_idle:
                break


@app.command("status")
def status(as_json: AsJson = False) -> None:
    """Show when events last came, what waits or was given up, what could not be read, and what SES did not send.

    Example: `digest events status`
    """
    from datetime import timedelta

    from digest.store import events

    with session() as app_:
        with app_.database.read() as conn:
            heard, odd, asides = events.ways(conn), events.count_asides(conn), events.asides(conn)
            unsent = events.warnings(conn, since=app_.clock() - timedelta(days=30))
        waiting = app_.queue.waiting() if app_.queue else None
        dead = app_.queue.dead_letters() if app_.queue else 0
    facts = {
        "heard": heard,
        "queue": waiting,
        "given_up": dead,
        "unreadable": odd,
        "latest_unreadable": asides,
        "not_sent": unsent,
    }

    def tell() -> None:
        for way, at in heard.items():
            say(f"The {way} last brought events at {at:%Y-%m-%d %H:%M:%S} UTC.")
        if not heard:
            say("No event ever came.")
        if waiting:
            say(f"About {waiting['waiting']:,} messages wait in the queue, {waiting['taken']:,} are being read.")
        if dead:
            say(f"SQS gave up on {dead:,} messages that were never recorded: `digest events redrive` records them.")
        for issue, reasons in unsent.items():
            for reason, count in reasons.items():
                say(f"Issue {issue}: {count:,} messages were accepted and not sent. {reason}")
        if odd:
            say(f"{odd:,} messages could not be read as events:")
            table(("at (UTC)", "way", "why", "begins"), [(a.at, a.way, a.reason, a.body[:60]) for a in asides])

    show(facts, as_json, tell)


@app.command("redrive")
def redrive(as_json: AsJson = False) -> None:
    """Record what SQS gave up on: messages that were taken ten times in vain, once what kept them out is mended.

    Each is recorded before it is deleted, and told again it counts once: stop and go on at will.

    Example: `digest events redrive`
    """
    from digest.errors import UsageMistake
    from digest.events.sqs import PATIENCE, Reader

    with session() as app_, until_told() as stop:
        dead = app_.queue.dead() if app_.queue else None
        if dead is None:
            raise UsageMistake(
                "There is no queue of what SQS gave up on.",
                hint="Set events.queue_url; `digest aws setup` gives the queue another one for that.",
            )
        reader = Reader(dead, app_.recorder)
        try:
            done = reader.read(stop.is_set, patience=PATIENCE)
        finally:
            reader.close()

    def tell() -> None:
        if not done.new + done.again + done.aside:
            say("SQS gave up on nothing.")
            return
        say(f"{done.new:,} events were recorded; {done.again:,} had been before.")
        if done.aside:
            say(f"{done.aside:,} messages could not be read: look at `digest events status`.")
        for line in done.warnings:
            say(line)

    facts = {"recorded": done.new, "known_before": done.again, "unreadable": done.aside, "warnings": done.warnings}
    show(facts, as_json, tell)


@app.command("prune")
def prune(
    days: Annotated[int | None, typer.Option(min=0, help="Keep so many days; events.keep_days when not given.")] = None,
    as_json: AsJson = False,
) -> None:
    """Delete each reader's events that are older than `events.keep_days`; figures stay. `digest run` does it hourly.

    Example: `digest events prune --days 30`
    """
    from datetime import timedelta

    with session() as app_, until_told() as stop:
        before = app_.clock() - timedelta(days=days) if days is not None else None
        count = app_.listening.prune(stop.is_set, before=before)
    show({"deleted": count}, as_json, lambda: say(f"{count:,} events were deleted; the figures stay."))


@suppression.command("pull")
def pull(as_json: AsJson = False) -> None:
    """Take SES's list over into ours: whoever is on it is not mailed any more.

    Example: `digest events suppression pull`
    """
    from digest.events.suppression import pull as take

    with session() as app_, progress("Pulling") as bar:
        done = take(app_.amazon, app_.database, now=app_.clock(), progress=lambda count: bar(count, 0, ""))
    show(
        {"looked_at": done.looked_at, "new": done.new},
        as_json,
        lambda: say(f"SES suppresses {done.looked_at:,} addresses; {done.new:,} of them are new here."),
    )


@suppression.command("push")
def push(as_json: AsJson = False) -> None:
    """Tell SES what bounced and who complained here, so that nobody on the account mails them. Stop and go on at will.

    Example: `digest events suppression push`
    """
    from digest.events.suppression import push as tell

    remark("SES takes about one address a second.")
    with session() as app_, progress("Pushing") as bar:
        done = tell(app_.amazon, app_.database, progress=lambda count: bar(count, 0, ""))
    show(
        {"looked_at": done.looked_at, "new": done.new},
        as_json,
        lambda: say(f"{done.looked_at:,} addresses bounced or complained here; {done.new:,} of them were new to SES."),
    )
