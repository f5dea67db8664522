"""`digest sources`: what the newsletters read."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli.output import PARTLY, AsJson, progress, say, show, table
from digest.cli.session import session

app = typer.Typer(help="Where articles come from.", no_args_is_help=True)


@app.command("check")
def check(
    newsletter: Annotated[str, typer.Option("--newsletter", "-n", help="Only this newsletter's.")] = "",
    as_json: AsJson = False,
) -> None:
    """Look at every source and store nothing: what it is, how much it has, what is wrong with it.

    Exit code 10 when a source cannot be read.

    Example: `digest sources check --newsletter daily`
    """
    from digest.articles.survey import check as survey

    with session() as app_:
        chosen = [app_.settings.newsletter(newsletter)] if newsletter else list(app_.newsletters.values())
        sources = [(letter.slug, source) for letter in chosen for source in letter.sources]
        surveys = []
        with progress("Checking sources") as done:
            for at, (slug, source) in enumerate(sources):
                done(at, len(sources), source.name)
                surveys.append((slug, source, survey(source, app_.web)))

    def tell() -> None:
        table(
            ["newsletter", "source", "kind", "found", "entries", "full text", "newest"],
            [
                (slug, s.name, s.kind, v.looks_like or "unreadable", v.entries, v.full_text, v.newest)
                for slug, s, v in surveys
            ],
            empty="No sources are declared in settings.toml.",
        )
        for slug, source, found in surveys:
            for problem in found.problems:
                say(f"{slug}/{source.name}: {problem}")

    facts = [
        {
            "newsletter": slug,
            "kind": source.kind,
            "location": source.location,
            "readable": found.readable,
            "survey": found,
        }
        for slug, source, found in surveys
    ]
    show({"sources": facts}, as_json, tell)
    if not all(found.readable for _, _, found in surveys):
        raise typer.Exit(PARTLY)
