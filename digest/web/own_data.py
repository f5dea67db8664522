"""What we hold on somebody, shown and erased: behind a link that was asked for by mail and is good for a day.

The link to the preferences would not do: it stands in every issue, never runs out, and issues are forwarded.
"""

from __future__ import annotations

import json
from datetime import timedelta

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool

import subscribers
from digest.bootstrap import App
from digest.store import people
from digest.web.forms import Form, read_form
from digest.web.links import token_in
from digest.web.stationery import Stationery
from digest.web.who import Reader, Who

#: How long the link is good.
WITHIN = timedelta(days=1)


class DataPages:
    def __init__(self, app: App, stationery: Stationery) -> None:
        self._app = app
        self._paper = stationery
        self._who = Who(app, stationery)

    def show(self, token: str) -> Response:
        reader = self._reader(token)
        return reader if isinstance(reader, Response) else self._page(reader)

    async def act(self, token: str, request: Request) -> Response:
        form = await read_form(request)
        if form is None:
            return self._paper.message("lost", status=413)
        return await run_in_threadpool(self._act, token, form)

    def _act(self, token: str, form: Form) -> Response:
        reader = self._reader(token)
        if isinstance(reader, Response):
            return reader
        if form.kind == "download":
            return self._download(reader)
        if form.kind != "erase":
            return self._page(reader)
        if form.get("sure") != "yes":
            return self._page(reader, unsure=True)
        return self._erase(reader)

    def _reader(self, token: str) -> Reader | Response:
        try:
            said = self._app.tokens.read_data(token_in(token), now=self._app.clock())
        except subscribers.BadToken:
            return self._paper.message("bad_link", status=404, way="link")
        reader = self._who.named(said.subscriber_id, said.newsletter)
        if isinstance(reader, Reader) and self._app.clock() - said.asked_at > WITHIN:
            # A new one is asked for where choices are made, and the link to those is a mail away.
            return self._who.message("expired", reader, status=410, way="link")
        return reader

    def _page(self, reader: Reader, *, unsure: bool = False) -> Response:
        return self._who.page("data.html", reader, unsure=unsure)

    def _download(self, reader: Reader) -> Response:
        with self._app.database.read() as conn:
            facts = subscribers.export_person(conn, reader.address)
            facts |= people.held(conn, reader.subscriber_id)
        body = json.dumps(facts, default=str, ensure_ascii=False, indent=2)
        name = {"Content-Disposition": 'attachment; filename="my-data.json"'}
        return Response(body, media_type="application/json", headers=name)

    def _erase(self, reader: Reader) -> Response:
        with self._app.database.write() as conn:
            subscribers.forget(conn, reader.address, at=self._app.clock())
            people.erase(conn, reader.subscriber_id, reader.address)
        return self._who.message("erased", reader)
