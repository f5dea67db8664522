"""Who may have a mail sent, and how often: by network, by address, and all strangers together.

Anybody can type anybody's address into a form, here or on a page of their own that posts to ours. There is no login to
forge, so the harm to bound is mail: to one person, from one network, and in all. Nothing is kept in plain: the keys of
limits are pseudonyms, and they are gone as soon as the limit is free again.

Who comes by a link that was mailed to them has a limit of their own: else a stranger who types somebody's address in
often enough would keep them from their data for a day. What strangers spend arrives at least: each of those mails
leads to the reader's choices.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable

from fastapi import Response
from sqlalchemy import Connection
from starlette.requests import Request

from digest.bootstrap import App
from digest.store import limits
from digest.store.limits import Rule
from digest.web.network import network_of

_HOUR, _DAY = 3600.0, 86_400.0


#: Answers that must not tell what they know leave at the full tenth of a second: queries take a few milliseconds more
#: or less, and a patient stranger could count them.
STEP = 0.1


class Guard:
    def __init__(self, app: App) -> None:
        self._app = app
        self._network = Rule(times=app.settings["web.per_network"], seconds=_HOUR)
        self._address = Rule(times=app.settings["web.per_address"], seconds=_DAY)
        self._house = Rule(times=app.settings["web.per_hour"], seconds=_HOUR)

    def network(self, request: Request) -> str:
        """Where a request comes from."""
        peer = request.client.host if request.client else ""
        forwarded = request.headers.getlist("x-forwarded-for")
        return network_of(peer, forwarded, proxies=self._app.settings["web.proxies"])

    def may_ask(self, conn: Connection, network: str) -> bool:
        """Whether one more request may come from there, and from anywhere, now. It says nothing of any address."""
        return self._take(conn, f"network {network}", self._network) and self._take(conn, "house", self._house)

    def mail(self, conn: Connection, key: str, owe: Callable[[], bool], *, by_their_link: bool = False) -> None:
        """Have `owe` owe one more mail to this address, if one may go there.

        Nobody is told when not: it would tell of the address. Where `owe` says that the same mail waits already,
        nothing is used up: whoever presses a button five times gets one mail and has four left.
        """
        what = f"reader {key}" if by_their_link else f"address {key}"
        if self._take(conn, what, self._address) and not owe():
            limits.give_back(conn, self._app.tokens.pseudonym(what), self._address)

    def _take(self, conn: Connection, what: str, rule: Rule) -> bool:
        return limits.take(conn, self._app.tokens.pseudonym(what), rule, now=self._app.clock())


async def in_step(answer: Awaitable[Response]) -> Response:
    """`answer`, held back to the next full step since it was begun."""
    began = time.monotonic()
    page = await answer
    took = time.monotonic() - began
    await asyncio.sleep(math.ceil(took / STEP) * STEP - took)
    return page
