"""Preferences: what a reader gets, of what, how often and not now; and the way to their data, which goes by mail.

Whoever holds the link is taken for the reader: it stands in every issue, and issues are forwarded. So nothing here
shows more than the address, the name and the choices, and nothing here erases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Connection

import subscribers
from digest.bootstrap import App
from digest.languages import LANGUAGES, spoken_to
from digest.model import Newsletter
from digest.web.forms import Form, read_form
from digest.web.guard import Guard
from digest.web.recording import Recording, recording
from digest.web.stationery import Stationery
from digest.web.who import Reader, Who, held

#: How often an issue comes at most, in days between two: every issue, weekly, monthly.
OFTEN = (0, 7, 30)
PAUSE = timedelta(days=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """A newsletter as the page shows it."""

    letter: Newsletter
    on: bool
    min_days: int = 0
    topics: tuple[str, ...] = ()

    @property
    def often(self) -> list[int]:
        """What may be chosen, and what somebody else set for them."""
        return sorted({*OFTEN, self.min_days})


class ChoicePages:
    def __init__(self, app: App, stationery: Stationery) -> None:
        self._app = app
        self._paper = stationery
        self._who = Who(app, stationery)
        self._guard = Guard(app)

    def preferences(self, token: str) -> Response:
        reader = self._who.of(self._app.tokens.read_preferences, token)
        return reader if isinstance(reader, Response) else self._page(reader)

    async def choose(self, token: str, request: Request) -> Response:
        form = await read_form(request)
        if form is None:
            return self._paper.message("lost", status=413)
        return await run_in_threadpool(self._act, token, form, self._guard.network(request))

    def _act(self, token: str, form: Form, network: str) -> Response:
        reader = self._who.of(self._app.tokens.read_preferences, token)
        if isinstance(reader, Response):
            return reader
        try:
            if form.kind == "choices":
                return self._page(reader, said=self._save(reader, form))
            if form.kind in ("pause", "resume"):
                return self._page(reader, said=self._pause(reader, begins=form.kind == "pause"))
            if form.kind == "data":
                return self._send_data_link(reader, network)
        except subscribers.UnknownSubscriber:
            return self._who.message("unknown", reader)
        # Nothing ticked would mean to leave everything: no program that posts here by mistake may say that.
        return self._page(reader)

    # --- Saving --------------------------------------------------------------------------------------------

    def _save(self, reader: Reader, form: Form) -> str:
        wanted = frozenset() if "everything" in form.all("leave") else frozenset(form.all("newsletter"))
        try:
            with self._app.database.write() as conn:
                found = subscribers.preferences(conn, reader.subscriber_id)
                on = found.newsletters
                # Only what differs: whoever has not confirmed a newsletter yet must not leave it by saving another.
                offered = self._offered(reader, found)
                changed = {slug: slug in wanted for slug in offered if (slug in wanted) != (slug in on)}
                subscribers.set_preferences(
                    conn,
                    reader.subscriber_id,
                    at=self._app.clock(),
                    newsletters=changed,
                    name=form.get("name") if form.has("name") else None,
                    language=form.get("language") if form.has("language") else None,
                )
                for slug in form.all("shown"):
                    if slug in offered and slug in on & wanted:
                        self._save_wishes(conn, reader.subscriber_id, offered[slug], form)
        except subscribers.Refused:
            return "not_saved"
        return "saved"

    @staticmethod
    def _save_wishes(conn: Connection, subscriber_id: int, letter: Newsletter, form: Form) -> None:
        often = form.get(f"often.{letter.slug}")
        topics = {topic.slug for topic in letter.topics}
        subscribers.choose(
            conn,
            subscriber_id,
            letter.slug,
            min_days=int(often) if often in map(str, OFTEN) else None,
            topics=topics & set(form.all(f"topic.{letter.slug}")) if topics else None,
        )

    def _pause(self, reader: Reader, *, begins: bool) -> str:
        until = self._app.clock() + PAUSE if begins else None
        with self._app.database.write() as conn:
            for slug in subscribers.preferences(conn, reader.subscriber_id).newsletters:
                subscribers.pause(conn, reader.subscriber_id, slug, until=until)
        return "saved"

    def _send_data_link(self, reader: Reader, network: str) -> Response:
        with self._app.database.write() as conn:
            if not self._guard.may_ask(conn, network):
                return self._who.message("many", reader, status=429)
            key = subscribers.parse_address(reader.address).key
            owe = partial(self._app.notices.plan, conn, "data", reader.slug, reader.subscriber_id)
            self._guard.mail(conn, key, owe, by_their_link=True)
        self._app.notices.hurry()
        return self._page(reader, said="data_sent")

    # --- Showing -------------------------------------------------------------------------------------------

    def _page(self, reader: Reader, *, said: str = "") -> Response:
        with self._app.database.read() as conn:
            found = subscribers.preferences(conn, reader.subscriber_id)
        places = {place.newsletter: place for place in found.subscriptions}
        now = self._app.clock()
        pauses = [until for slug in found.newsletters if (until := places[slug].paused_until) and until > now]
        # What was saved a moment ago counts for this very page.
        language = found.subscriber.language
        reader = reader._replace(language=language)
        offered = self._offered(reader, found)
        return self._who.page(
            "preferences.html",
            reader,
            name=found.subscriber.name,
            chosen=language,
            languages=[("", ""), *({language: language} | LANGUAGES if language else LANGUAGES).items()],
            choices=[
                Choice(letter=letter, on=True, min_days=places[slug].min_days, topics=places[slug].topics)
                if slug in found.newsletters
                else Choice(letter=letter, on=False)
                for slug, letter in offered.items()
            ],
            recording=self._recording(reader, found, offered),
            gets=bool(found.newsletters),
            paused_until=self._day(reader, max(pauses, default=None)),
            said=said,
            held=held(found.suppressed.reason.value) if found.suppressed else "",
        )

    def _recording(
        self, reader: Reader, found: subscribers.Preferences, offered: Mapping[str, Newsletter]
    ) -> Recording:
        """Of what they get; of all that there is for who gets nothing."""
        theirs = [letter for slug, letter in offered.items() if slug in found.newsletters]
        return recording(theirs or offered.values(), self._app.settings, self._language(reader))

    def _day(self, reader: Reader, moment: datetime | None) -> str:
        """The day in the reader's language and the newsletter's zone; empty for None."""
        if moment is None:
            return ""
        day = moment.astimezone(ZoneInfo(self._letter(reader).timezone)).date()
        return self._app.renderer.words(self._language(reader)).date(day)

    def _language(self, reader: Reader) -> str:
        return spoken_to(reader.language, self._letter(reader).language)

    def _letter(self, reader: Reader) -> Newsletter:
        return reader.newsletter or next(iter(self._app.newsletters.values()))

    def _offered(self, reader: Reader, found: subscribers.Preferences) -> Mapping[str, Newsletter]:
        """The link's own newsletter first, then those that anybody may join and those that they are on."""
        own = {reader.slug: reader.newsletter} if reader.newsletter else {}
        others = self._app.newsletters.items()
        return own | {slug: letter for slug, letter in others if letter.join or slug in found.newsletters}
