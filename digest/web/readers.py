"""Leaving and choosing: what the links of an email do. GET shows, POST acts; doing it twice is as good as once.

Link scanners open every link of a mail, so nothing changes on GET. A mail program's one-click POST (RFC 8058) needs no
confirmation, no cookie and no redirect, and what it sends is not even read: the token says all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import parse_qs

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

import subscribers
from digest.bootstrap import App
from digest.model import Newsletter
from digest.web.links import OwnLink, token_in
from digest.web.stationery import Stationery

#: A preferences form is tiny; whatever is larger is not ours.
MOST_BYTES = 20_000

#: Why nothing arrives at a suppressed address, in the words of the page.
_HELD = {subscribers.Reason.BOUNCE: "held_bounce", subscribers.Reason.COMPLAINT: "held_complaint"}


class Reader(NamedTuple):
    """Whom a valid link belongs to."""

    subscriber_id: int
    address: str
    #: Slug of the newsletter whose mail the link stood in.
    slug: str
    #: None when the newsletter is not declared any more: its readers can still leave it.
    newsletter: Newsletter | None

    @property
    def newsletter_name(self) -> str:
        return self.newsletter.name if self.newsletter else self.slug


class ReadersPages:
    """Handlers are plain functions, run in threads: each works on one short transaction."""

    def __init__(self, app: App, stationery: Stationery) -> None:
        self._app = app
        self._paper = stationery

    # --- Leaving -------------------------------------------------------------------------------------------

    def ask_to_leave(self, token: str) -> Response:
        reader = self._reader(self._app.tokens.read_leave, token)
        return reader if isinstance(reader, Response) else self._about_leaving("leave.html", reader)

    def leave(self, token: str) -> Response:
        """One click in a mail program and the page's own button come here."""
        reader = self._reader(self._app.tokens.read_leave, token)
        if isinstance(reader, Response):
            return reader
        with self._app.database.write() as conn:
            subscribers.leave(conn, reader.subscriber_id, reader.slug, at=self._app.clock(), how="link in an email")
        return self._about_leaving("left.html", reader)

    def _about_leaving(self, template: str, reader: Reader) -> Response:
        token = self._app.tokens.preferences(reader.subscriber_id, reader.slug)
        return self._paper.page(
            template,
            reader.newsletter,
            newsletter_name=reader.newsletter_name,
            address=reader.address,
            preferences_url=OwnLink.preferences(token),
        )

    # --- Preferences ---------------------------------------------------------------------------------------

    def preferences(self, token: str) -> Response:
        reader = self._reader(self._app.tokens.read_preferences, token)
        return reader if isinstance(reader, Response) else self._choices(reader)

    async def choose(self, token: str, request: Request) -> Response:
        body = await _small_body(request)
        if body is None:
            return Response("This is no form of ours.", status_code=413, media_type="text/plain")
        form = parse_qs(body.decode("utf-8", "replace"))
        if "choices" not in form.get("form", []):
            # Nothing ticked would mean to leave everything: no program that posts here by mistake may say that.
            return await run_in_threadpool(self.preferences, token)
        wanted = [] if "everything" in form.get("leave", []) else form.get("newsletter", [])
        return await run_in_threadpool(self._choose, token, frozenset(wanted))

    def _choose(self, token: str, wanted: frozenset[str]) -> Response:
        reader = self._reader(self._app.tokens.read_preferences, token)
        if isinstance(reader, Response):
            return reader
        try:
            with self._app.database.write() as conn:
                on = subscribers.preferences(conn, reader.subscriber_id).newsletters
                # Only what differs: whoever has not confirmed a newsletter yet must not leave it by saving another.
                changed = {slug: slug in wanted for slug in self._offered(reader) if (slug in wanted) != (slug in on)}
                subscribers.set_preferences(conn, reader.subscriber_id, at=self._app.clock(), newsletters=changed)
        except subscribers.UnknownSubscriber:
            return self._paper.message("unknown", reader.newsletter)
        except subscribers.Refused:
            return self._choices(reader, said="not_saved")
        return self._choices(reader, said="saved")

    def _choices(self, reader: Reader, *, said: str = "") -> Response:
        with self._app.database.read() as conn:
            found = subscribers.preferences(conn, reader.subscriber_id)
        return self._paper.page(
            "preferences.html",
            reader.newsletter,
            address=reader.address,
            choices=[(letter, slug in found.newsletters) for slug, letter in self._offered(reader).items()],
            said=said,
            held=_HELD.get(found.suppressed.reason, "held_manual") if found.suppressed else "",
        )

    def _offered(self, reader: Reader) -> dict[str, Newsletter]:
        """Every newsletter of the house by slug, the link's own first."""
        own = {reader.slug: reader.newsletter} if reader.newsletter else {}
        return own | dict(self._app.newsletters)

    # --- Whose link it is ----------------------------------------------------------------------------------

    def _reader(self, read: Callable[[str], subscribers.Named], token: str) -> Reader | Response:
        """Whom the link belongs to, or the page that says why it does not work."""
        try:
            subscriber_id, slug = read(token_in(token))
        except subscribers.BadToken:
            return self._paper.message("bad_link", status=404)
        newsletter = self._app.newsletters.get(slug)
        if subscriber_id == 0:
            return self._paper.message("test", newsletter)
        try:
            with self._app.database.read() as conn:
                address = subscribers.get(conn, subscriber_id).address
        except subscribers.UnknownSubscriber:
            return self._paper.message("unknown", newsletter)
        return Reader(subscriber_id, address, slug, newsletter)


async def _small_body(request: Request) -> bytes | None:
    """The request's body; None when it is larger than any form of ours, or never came to its end."""
    body = b""
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > MOST_BYTES:
                return None
    except ClientDisconnect:
        return None
    return body
