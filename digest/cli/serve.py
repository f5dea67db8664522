"""`digest serve`: the pages that readers' links lead to."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli.output import say
from digest.cli.session import session, until_told


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; web.host when not given.")] = "",
    port: Annotated[
        int | None, typer.Option(help="Port to listen on, 0 for a free one; web.port when not given.")
    ] = None,
) -> None:
    """Answer readers' links: leave, preferences, view in browser. Put it behind HTTPS at `public_url`.

    Example: `digest serve --port 8400`
    """
    from digest.web.pages import create_app
    from digest.web.serving import address_of, listen
    from digest.web.serving import serve as answer

    with session() as app_, until_told():
        app_.database.version()  # a database that is not there is said now, not to the first reader
        api = create_app(app_)
        with listen(host or app_.settings["web.host"], app_.settings["web.port"] if port is None else port) as sock:
            public = app_.settings["public_url"]
            say(f"Answering at {address_of(sock)} what readers reach at {public}. Ctrl-C ends it.")
            answer(api, sock)
    say("Ended.")
