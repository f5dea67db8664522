"""An approved edition as it is sent, for anybody: by the link that stands in the mail. It names no reader."""

from __future__ import annotations

import re

from fastapi import Response
from fastapi.responses import HTMLResponse

import subscribers
from digest.bootstrap import App
from digest.model import Issue, IssueState, Rendered
from digest.render.slots import Part
from digest.store import issues
from digest.web.links import CANARY, LEAVE, PREFERENCES, token_in
from digest.web.stationery import Stationery

#: What is shown: nothing that an editor still works on.
_SHOWN = frozenset(
    {IssueState.APPROVED, IssueState.SCHEDULED, IssueState.SENDING, IssueState.PAUSED, IssueState.FINISHED}
)

#: Scripts, frames and plug-ins have no business in an edition; its pictures and its styles do.
POLICY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src https: http: data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}

_HEAD_ENDS = re.compile(r"</head\s*>")


def _is_out(issue: Issue) -> bool:
    """Also a cancelled issue that some readers got: their link goes on working."""
    return issue.state in _SHOWN or (issue.state is IssueState.CANCELLED and issue.started_at is not None)


class EditionPages:
    def __init__(self, app: App, stationery: Stationery) -> None:
        self._app = app
        self._paper = stationery

    def view(self, token: str) -> Response:
        try:
            issue_id, key = self._app.tokens.read_view(token_in(token))
        except subscribers.BadToken:
            return self._paper.message("bad_link", status=404)
        with self._app.database.read() as conn:
            issue = issues.find(conn, issue_id)
            editions = issues.editions(conn, issue_id) if issue and _is_out(issue) else []
        found = [edition.rendered for edition in editions if edition.rendered.edition == key]
        if issue is None or not found:
            return self._paper.message("no_view", status=404)
        here = self._app.links(issue).view_url(key)
        return HTMLResponse(for_anybody(self._app, issue, found[0], here), headers=POLICY)


def for_anybody(app: App, issue: Issue, rendered: Rendered, here: str, *, head: str = "") -> str:
    """The html with slots that are the same for all: its links to leave lead to a page that is nobody's own.

    `head` is what the page says of itself besides.
    """
    base = app.settings["public_url"].rstrip("/")
    newsletter = app.newsletters.get(issue.newsletter)
    html = Part.of_html(rendered.html).fill(
        {
            "name": newsletter.reader if newsletter else "",
            "address": "",
            "unsubscribe_url": base + LEAVE,
            "preferences_url": base + PREFERENCES,
            "view_url": here,
            "canary_url": base + CANARY,
        }
    )
    return _HEAD_ENDS.sub(lambda end: _hidden(here) + head + end[0], html, count=1)


def _hidden(here: str) -> str:
    """Who is here needs no link to here: "View in browser"."""
    named = here.replace("\\", "\\\\").replace('"', '\\"').replace("<", "\\3c ")
    return f'<style>a[href="{named}"]{{display:none !important}}</style>'
