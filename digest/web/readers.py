"""Leaving, saying why, and coming back: what the link to leave does. GET shows, POST acts; twice is as good as once.

Link scanners open every link of a mail, so nothing changes on GET. A mail program's one-click POST (RFC 8058) needs no
confirmation, no cookie and no redirect, and what it sends is not needed: the token says all.
"""

from __future__ import annotations

from functools import partial

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool

import subscribers
from digest.bootstrap import App
from digest.web.forms import Form, read_form
from digest.web.guard import Guard
from digest.web.stationery import Stationery
from digest.web.who import Reader, Who

#: What somebody who leaves may tick; the words stand in words.toml as why_….
REASONS = ("too-many", "not-for-me", "never-asked", "elsewhere", "other")


class ReadersPages:
    """Handlers are plain functions, run in threads: each works on one short transaction."""

    def __init__(self, app: App, stationery: Stationery) -> None:
        self._app = app
        self._paper = stationery
        self._who = Who(app, stationery)
        self._guard = Guard(app)

    # --- Leaving -------------------------------------------------------------------------------------------

    def ask_to_leave(self, token: str) -> Response:
        reader = self._who.of(self._app.tokens.read_leave, token)
        return reader if isinstance(reader, Response) else self._about_leaving("leave.html", reader)

    async def leave(self, token: str, request: Request) -> Response:
        """One click in a mail program and the page's own button come here."""
        form = await read_form(request)
        return await run_in_threadpool(self._leave, token, form)

    def _leave(self, token: str, form: Form | None) -> Response:
        reader = self._who.of(self._app.tokens.read_leave, token)
        if isinstance(reader, Response):
            return reader
        on_our_page = form is not None and form.kind == "leave"
        with self._app.database.write() as conn:
            how = "link in an email" if on_our_page else "one-click"
            left = subscribers.leave(conn, reader.subscriber_id, reader.slug, at=self._app.clock(), how=how)
            # Who presses a mail program's button expects no answer, and might report one as spam.
            if left and on_our_page and reader.newsletter and reader.newsletter.goodbye:
                key = subscribers.parse_address(reader.address).key
                owe = partial(self._app.notices.plan, conn, "goodbye", reader.slug, reader.subscriber_id)
                self._guard.mail(conn, key, owe, by_their_link=True)
        self._app.notices.hurry()
        return self._about_leaving("left.html", reader)

    def _about_leaving(self, template: str, reader: Reader) -> Response:
        return self._who.page(
            template,
            reader,
            token=self._app.tokens.leave(reader.subscriber_id, reader.slug),
            reasons=REASONS,
            preferences_url=self._who.preferences_url(reader),
        )

    # --- Why -----------------------------------------------------------------------------------------------

    async def say_why(self, token: str, request: Request) -> Response:
        form = await read_form(request)
        if form is None:
            return self._paper.message("lost", status=413)
        return await run_in_threadpool(self._say_why, token, form)

    def _say_why(self, token: str, form: Form) -> Response:
        reader = self._who.of(self._app.tokens.read_leave, token)
        if isinstance(reader, Response):
            return reader
        ticked = form.get("why") if form.get("why") in REASONS else ""
        said = ": ".join(filter(None, (ticked, form.get("words")[:500])))
        if form.kind == "why" and said:
            with self._app.database.write() as conn:
                subscribers.say_why(conn, reader.subscriber_id, reader.slug, said)
        return self._who.message("thanks", reader)

    # --- Back ----------------------------------------------------------------------------------------------

    def ask_to_come_back(self, token: str) -> Response:
        reader = self._who.of(self._app.tokens.read_leave, token)
        return reader if isinstance(reader, Response) else self._who.page("back.html", reader)

    async def come_back(self, token: str, request: Request) -> Response:
        form = await read_form(request)
        if form is None or form.kind != "back":
            return await run_in_threadpool(self.ask_to_come_back, token)
        return await run_in_threadpool(self._come_back, token)

    def _come_back(self, token: str) -> Response:
        reader = self._who.of(self._app.tokens.read_leave, token)
        if isinstance(reader, Response):
            return reader
        at = self._app.clock()
        yes = subscribers.Consent(at=at, act=subscribers.Act.PREFERENCES, how="came back after leaving")
        try:
            with self._app.database.write() as conn:
                # Somebody who never confirmed has not left either: a leave link must not confirm them.
                place = subscribers.standing(conn, reader.subscriber_id, reader.slug)
                if place is None or place.state is subscribers.State.UNCONFIRMED:
                    return self._who.message("unknown", reader, way="join")
                subscribers.rejoin(conn, reader.subscriber_id, reader.slug, consent=yes)
        except subscribers.AddressSuppressed as held:
            return self._who.held(reader, held)
        return self._who.stands("back_done", reader)
