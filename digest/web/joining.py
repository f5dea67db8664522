"""Joining: the form, the mail to confirm, the button in front of it; and a fresh link for who has lost theirs.

A stranger learns nothing here: whatever address is typed in, the answer is the same page after the same work, and all
that differs goes to the address itself. A stranger can do little: have a few mails sent, as many as `guard` lets. And
a GET confirms nobody: mail scanners open every link.
"""

from __future__ import annotations

from datetime import timedelta

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Connection

import subscribers
from digest.bootstrap import App
from digest.deliver.notices import NOBODY
from digest.model import Newsletter
from digest.web.forms import Form, read_form
from digest.web.guard import Guard, in_step
from digest.web.links import token_in
from digest.web.recording import recording
from digest.web.stationery import Stationery
from digest.web.who import Reader, Who
from subscribers import Act, Consent, Outcome, State

#: How long a link to confirm is good; after that a fresh one is a button away.
CONFIRM_WITHIN = timedelta(days=7)


class JoinPages:
    def __init__(self, app: App, stationery: Stationery) -> None:
        self._app = app
        self._paper = stationery
        self._who = Who(app, stationery)
        self._guard = Guard(app)

    # --- Joining -------------------------------------------------------------------------------------------

    def form(self, slug: str) -> Response:
        letter = self._app.newsletters.get(slug)
        return self._closed(letter) or self._form(letter, Form(b""))

    def embedded(self, slug: str) -> Response:
        """The form as plain HTML, for a page of the newsroom's own."""
        letter = self._app.newsletters.get(slug)
        if letter is None or not letter.join:
            return self._closed(letter) or self._lost()
        return Response(form_to_embed(self._app, self._paper, letter), media_type="text/html; charset=utf-8")

    async def join(self, slug: str, request: Request) -> Response:
        form = await read_form(request)
        if form is None:
            return self._paper.message("lost", status=413)
        return await in_step(run_in_threadpool(self._join, slug, form, self._guard.network(request)))

    def _join(self, slug: str, form: Form, network: str) -> Response:
        letter = self._app.newsletters.get(slug)
        if letter is None or not letter.join:
            return self._closed(letter) or self._lost()
        try:
            address = subscribers.parse_address(form.get("address"))
        except subscribers.BadAddress:
            return self._form(letter, form, wrong=True)
        if form.trapped:
            return self._check_mail("check_join", letter, form)
        with self._app.database.write() as conn:
            if not self._guard.may_ask(conn, network):
                return self._paper.message("many", letter, status=429)
            self._guard.mail(conn, address.key, lambda: self._enter(conn, letter, address.text, form))
        self._app.notices.hurry()
        return self._check_mail("check_join", letter, form)

    def _enter(self, conn: Connection, letter: Newsletter, address: str, form: Form) -> bool:
        """Put them on the newsletter, not confirmed yet, and owe them the mail that fits where they stand.

        False when that mail waits already.
        """
        at = self._app.clock()
        asked = Consent(at=at, act=Act.JOINED, how="form", evidence=self._app.house_links.join(letter.slug))
        try:
            added = subscribers.add(
                conn,
                address,
                newsletter=letter.slug,
                consent=asked,
                at=at,
                name=form.get("name"),
                language=letter.language,
                state=State.UNCONFIRMED,
            )
        except subscribers.Refused:
            # Suppressed: nothing may be sent there, and nobody may learn it, not even from how long this took.
            return self._app.notices.plan(conn, "confirm", letter.slug, NOBODY)
        if added.outcome is Outcome.ADDED:
            wanted = {topic.slug for topic in letter.topics} & set(form.all("topic"))
            subscribers.choose(conn, added.subscriber_id, letter.slug, topics=wanted)
        place = subscribers.standing(conn, added.subscriber_id, letter.slug)
        notice = "already" if place and place.state is State.ACTIVE else "confirm"
        return self._app.notices.plan(conn, notice, letter.slug, added.subscriber_id)

    def _form(self, letter: Newsletter | None, form: Form, *, wrong: bool = False) -> Response:
        return self._paper.page(
            "join.html",
            letter,
            status=422 if wrong else 200,
            letter=letter,
            typed=form.get("address")[:254],
            name=form.get("name")[:200],
            topics=form.all("topic"),
            wrong=wrong,
            recording=recording([letter], self._app.settings, letter.language) if letter else None,
            public=True,
        )

    def _check_mail(self, said: str, letter: Newsletter, form: Form) -> Response:
        typed = form.get("address")[:254]
        return self._paper.page("check.html", letter, said=said, typed=typed, newsletter_name=letter.name)

    def _closed(self, letter: Newsletter | None) -> Response | None:
        if letter is None:
            return self._lost()
        return None if letter.join else self._paper.message("closed", letter, status=404)

    def _lost(self) -> Response:
        return self._paper.message("lost", status=404)

    # --- Confirming ----------------------------------------------------------------------------------------

    def ask_to_confirm(self, token: str) -> Response:
        found = self._confirmation(token)
        if isinstance(found, Response):
            return found
        reader, asked_at = found
        if self._app.clock() - asked_at.asked_at > CONFIRM_WITHIN:
            return self._who.page("again.html", reader)
        return self._who.page("confirm.html", reader)

    async def confirm(self, token: str, request: Request) -> Response:
        form = await read_form(request)
        kind = form.kind if form else ""
        if kind == "yes":
            return await run_in_threadpool(self._confirm, token)
        if kind == "again":
            return await run_in_threadpool(self._send_again, token, self._guard.network(request))
        return await run_in_threadpool(self.ask_to_confirm, token)

    def _confirm(self, token: str) -> Response:
        found = self._confirmation(token)
        if isinstance(found, Response):
            return found
        reader, said = found
        now = self._app.clock()
        if now - said.asked_at > CONFIRM_WITHIN:
            return self._who.page("again.html", reader)
        yes = Consent(at=now, act=Act.CONFIRMED, how="link", evidence=f"asked {said.asked_at:%Y-%m-%d %H:%M} UTC")
        try:
            with self._app.database.write() as conn:
                place = subscribers.standing(conn, reader.subscriber_id, reader.slug)
                if place is None:
                    return self._who.message("unknown", reader, way="join")
                if subscribers.confirm(conn, reader.subscriber_id, reader.slug, consent=yes, asked_at=said.asked_at):
                    self._app.notices.plan(conn, "welcome", reader.slug, reader.subscriber_id)
        except subscribers.HasLeft:
            return self._who.message("since", reader, way="join")
        except subscribers.Refused as held:
            return self._who.held(reader, held)
        self._app.notices.hurry()
        return self._who.stands("welcome", reader)

    def _send_again(self, token: str, network: str) -> Response:
        """A fresh link for who comes with one that has run out: it goes to the address and to nowhere else."""
        found = self._confirmation(token)
        if isinstance(found, Response):
            return found
        reader, _ = found
        with self._app.database.write() as conn:
            if not self._guard.may_ask(conn, network):
                return self._who.message("many", reader, status=429)
            if reader.newsletter:
                key = subscribers.parse_address(reader.address).key
                self._guard.mail(conn, key, lambda: self._owe_again(conn, reader), by_their_link=True)
        self._app.notices.hurry()
        return self._who.page("check.html", reader, said="check_join", typed=reader.address)

    def _owe_again(self, conn: Connection, reader: Reader) -> bool:
        place = subscribers.standing(conn, reader.subscriber_id, reader.slug)
        active = place is not None and place.state is State.ACTIVE
        subscribers.asked_again(conn, reader.subscriber_id, reader.slug, at=self._app.clock())
        return self._app.notices.plan(conn, "already" if active else "confirm", reader.slug, reader.subscriber_id)

    def _confirmation(self, token: str) -> tuple[Reader, subscribers.Confirmation] | Response:
        try:
            said = self._app.tokens.read_confirm(token_in(token), now=self._app.clock())
        except subscribers.BadToken:
            return self._paper.message("bad_link", status=404, way="join")
        reader = self._who.named(said.subscriber_id, said.newsletter)
        return reader if isinstance(reader, Response) else (reader, said)

    # --- A fresh link --------------------------------------------------------------------------------------

    def link_form(self, slug: str) -> Response:
        letter = self._app.newsletters.get(slug)
        return self._lost() if letter is None else self._link_form(letter, Form(b""))

    async def link(self, slug: str, request: Request) -> Response:
        form = await read_form(request)
        if form is None:
            return self._paper.message("lost", status=413)
        return await in_step(run_in_threadpool(self._link, slug, form, self._guard.network(request)))

    def _link(self, slug: str, form: Form, network: str) -> Response:
        letter = self._app.newsletters.get(slug)
        if letter is None:
            return self._lost()
        try:
            address = subscribers.parse_address(form.get("address"))
        except subscribers.BadAddress:
            return self._link_form(letter, form, wrong=True)
        if not form.trapped:
            with self._app.database.write() as conn:
                if not self._guard.may_ask(conn, network):
                    return self._paper.message("many", letter, status=429)
                person = subscribers.find(conn, address.text)
                whom = person.id if person else NOBODY
                self._guard.mail(conn, address.key, lambda: self._app.notices.plan(conn, "link", slug, whom))
            self._app.notices.hurry()
        return self._check_mail("check_link", letter, form)

    def _link_form(self, letter: Newsletter, form: Form, *, wrong: bool = False) -> Response:
        status = 422 if wrong else 200
        return self._paper.page("link.html", letter, status=status, typed=form.get("address")[:254], wrong=wrong)


def form_to_embed(app: App, paper: Stationery, letter: Newsletter) -> str:
    """A form for any page: what `digest newsletters form` prints."""
    return paper.text("form.html", letter, letter=letter, action=app.house_links.join(letter.slug))
