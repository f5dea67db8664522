"""`digest serve`: the pages that readers' links lead to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.output import say
from digest.cli.session import session, until_told

if TYPE_CHECKING:
    from digest.bootstrap import App

#: Seconds that a notice in hand gets to finish.
_LAST_SECONDS = 10


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; web.host when not given.")] = "",
    port: Annotated[
        int | None, typer.Option(help="Port to listen on, 0 for a free one; web.port when not given.")
    ] = None,
) -> None:
    """Answer readers: join, confirm, preferences, leave, archive, view in browser. Put it behind HTTPS at `public_url`.

    It also sends the mails that these pages owe: to confirm an address, to welcome, a fresh link.

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
            with _sending_notices(app_):
                answer(api, sock)
    say("Ended.")


@contextmanager
def _sending_notices(app: App) -> Iterator[None]:
    """Send what pages owe in a thread beside them; the one in hand is finished at the end."""
    stop = threading.Event()
    sending = threading.Thread(target=app.notices.run, args=(stop,), name="notices", daemon=True)
    sending.start()
    try:
        yield
    finally:
        stop.set()
        app.notices.hurry()
        sending.join(timeout=_LAST_SECONDS)
