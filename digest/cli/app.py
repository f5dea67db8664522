"""The root of the command line: nouns with their verbs, and the verbs of the round itself."""

from __future__ import annotations

from typing import Annotated

import typer

from digest import __version__
from digest.cli import (
    articles,
    aws,
    database,
    deliveries,
    demo,
    doctor,
    events,
    issues,
    newsletters,
    preview,
    segments,
    sending,
    serve,
    sources,
    subscribers,
)

app = typer.Typer(
    name="digest",
    help="From a newsroom's articles to a summarised email with an appeal for support, in batches "
    "through Amazon SES.\n\n"
    "The round: articles gather → issues draft → preview → issues approve → send. "
    "`digest demo` shows all of it in one go.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    # Plain help: rich's markdown costs 250 ms before the first line is seen.
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)

app.add_typer(sources.app, name="sources")
app.add_typer(articles.app, name="articles")
app.add_typer(newsletters.app, name="newsletters")
app.add_typer(issues.app, name="issues")
app.add_typer(deliveries.app, name="deliveries")
app.add_typer(subscribers.app, name="subscribers")
app.add_typer(segments.app, name="segments")
app.add_typer(events.app, name="events")
app.add_typer(aws.app, name="aws")
app.add_typer(database.app, name="db")
app.command("preview")(preview.preview)
app.command("test")(sending.test)
app.command("send")(sending.send)
app.command("run")(sending.run)
app.command("worker", help="The same as `digest run`.\n\nExample: `digest worker`")(sending.run)
app.command("serve")(serve.serve)
app.command("doctor")(doctor.doctor)
app.command("demo")(demo.demo)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options before a command."""
