"""`digest serve`: the pages that readers' links lead to."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli.output import say
from digest.cli.session import session


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; web.host when not given.")] = "",
    port: Annotated[int | None, typer.Option(help="Port to listen on; web.port when not given.")] = None,
) -> None:
    """Answer readers' links: leave, preferences, view in browser. Put it behind HTTPS at `public_url`.

    Example: `digest serve --port 8400`
    """
    import uvicorn

    from digest.web.pages import create_app

    with session() as app_:
        api = create_app(app_)
        address, number = host or app_.settings["web.host"], app_.settings["web.port"] if port is None else port
        public = app_.settings["public_url"]
        say(f"Answering at http://{address}:{number}/ what readers reach at {public}. Ctrl-C ends it.")
        uvicorn.run(api, host=address, port=number, log_level="warning", server_header=False)
