"""`digest newsletters`: what is declared, and the form that brings readers to it."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli.output import AsJson, say, show, table
from digest.cli.session import session

app = typer.Typer(help="Newsletters and how readers come to them.", no_args_is_help=True)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Newsletters with the addresses of their public pages.

    Example: `digest newsletters list`
    """
    with session() as app_:
        links = app_.house_links
        facts = [
            {
                "newsletter": letter.slug,
                "name": letter.name,
                "join": links.join(letter.slug) if letter.join else "",
                "archive": links.archive(letter.slug) if letter.archive else "",
            }
            for letter in app_.newsletters.values()
        ]

    def tell() -> None:
        table(
            ["newsletter", "name", "to join", "past issues"],
            [tuple(fact.values()) for fact in facts],
            empty="No newsletter is declared in settings.toml.",
        )

    show({"newsletters": facts}, as_json, tell)


@app.command("form")
def form(
    newsletter: Annotated[str, typer.Argument(metavar="SLUG", help="Newsletter, as in settings.toml.")],
    as_json: AsJson = False,
) -> None:
    """Print a sign-up form as plain HTML, for any page of yours; what it brings is confirmed by mail.

    Example: `digest newsletters form daily`
    """
    from digest.errors import UsageMistake
    from digest.web.joining import form_to_embed
    from digest.web.stationery import Stationery

    with session() as app_:
        letter = app_.settings.newsletter(newsletter)
        if not letter.join:
            raise UsageMistake(
                f"Nobody may sign up for {letter.name}.", hint=f"Set join = true in [newsletters.{letter.slug}]."
            )
        html = form_to_embed(app_, Stationery(app_.newsletters), letter)
    show({"newsletter": letter.slug, "html": html}, as_json, lambda: say(html.rstrip("\n")))
