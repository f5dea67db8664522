"""Whose link it is: from a token to the reader, or to the page that says why the link does not work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from fastapi import Response

import subscribers
from digest.bootstrap import App
from digest.model import Newsletter
from digest.web.links import token_in
from digest.web.stationery import ROOT, Stationery

#: Why nothing arrives at a suppressed address, in the words of the page.
_HELD = {subscribers.Reason.BOUNCE.value: "held_bounce", subscribers.Reason.COMPLAINT.value: "held_complaint"}


class Reader(NamedTuple):
    """Whom a valid link belongs to."""

    subscriber_id: int
    address: str
    #: Slug of the newsletter whose mail the link stood in.
    slug: str
    #: None when the newsletter is not declared any more: its readers can still leave it.
    newsletter: Newsletter | None
    #: What they chose to be spoken to in; empty when they did not.
    language: str = ""

    @property
    def newsletter_name(self) -> str:
        return self.newsletter.name if self.newsletter else self.slug


class Who:
    def __init__(self, app: App, stationery: Stationery) -> None:
        self._app = app
        self._paper = stationery

    def of(self, read: Callable[[str], tuple[int, str]], token: str) -> Reader | Response:
        """The reader, or the page to show instead."""
        try:
            subscriber_id, slug = read(token_in(token))
        except subscribers.BadToken:
            return self._paper.message("bad_link", status=404, way="link")
        return self.named(subscriber_id, slug)

    def named(self, subscriber_id: int, slug: str) -> Reader | Response:
        newsletter = self._app.newsletters.get(slug)
        if subscriber_id == 0:
            return self._paper.message("test", newsletter)
        try:
            with self._app.database.read() as conn:
                person = subscribers.get(conn, subscriber_id)
        except subscribers.UnknownSubscriber:
            way = "join" if newsletter and newsletter.join else ""
            return self._paper.message("unknown", newsletter, way=way)
        return Reader(subscriber_id, person.address, slug, newsletter, person.language)

    def page(self, template: str, reader: Reader, **values: Any) -> Response:
        """`template` for the reader, in their language: it knows whom and which newsletter it is about."""
        about = {"address": reader.address, "newsletter_name": reader.newsletter_name}
        return self._paper.page(template, reader.newsletter, language=reader.language, **(about | values))

    def message(self, name: str, reader: Reader, *, status: int = 200, way: str = "", held: str = "") -> Response:
        """A page that only says something to the reader."""
        newsletter, language = reader.newsletter, reader.language
        return self._paper.message(name, newsletter, status=status, language=language, way=way, held=held)

    def stands(self, name: str, reader: Reader) -> Response:
        """A page that says where the reader stands now, and the way to their choices."""
        return self.page("stands.html", reader, name=name, preferences_url=self.preferences_url(reader))

    def held(self, reader: Reader, why: subscribers.Refused) -> Response:
        return self.message("held", reader, held=held(why.reason))

    def preferences_url(self, reader: Reader) -> str:
        return f"{ROOT.get()}preferences/{self._app.tokens.preferences(reader.subscriber_id, reader.slug)}"


def held(reason: str) -> str:
    """The words for why an address gets no mail."""
    return _HELD.get(reason, "held_manual")
