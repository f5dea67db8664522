"""The addresses that an email carries and `digest serve` answers."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urlsplit

from digest.model import Issue, Recipient
from subscribers import Tokens

LEAVE = "/leave"
PREFERENCES = "/preferences"
VIEW = "/view"
JOIN = "/join"
CONFIRM = "/confirm"
BACK = "/back"
WHY = "/why"
LINK = "/link"
DATA = "/data"
ARCHIVE = "/archive"
#: The link that no reader sees: who follows it follows everything.
CANARY = "/canary"

#: A token as `subscribers.Tokens` writes it: whom, what, and the 22 characters of its signature.
#: Some carry the moment at which they were made before it.
_TOKEN = re.compile(r"[0-9a-f]{1,16}\.[A-Za-z0-9_-]+(?:\.[0-9a-f]{1,16})?\.[A-Za-z0-9_-]{22}")


def token_in(text: str) -> str:
    """The token that begins `text`, without what mail programs hang onto a link or break it with.

    A full stop, a bracket, a slash, the `=` and line break of quoted-printable: the signature tells a token from
    anything else, so letting go of the rest costs nothing, and a reader who wants to leave can.
    """
    joined = re.sub(r"[\s=]+", "", text)
    found = _TOKEN.match(joined)
    return found[0] if found else joined


def path_of(public_url: str) -> str:
    """The path below which readers reach us, such as "/news"; empty when it is the root."""
    return urlsplit(public_url).path.rstrip("/")


class ReaderLinks:
    """The links of one issue's messages. Tokens name the person and the purpose and nothing else."""

    def __init__(self, public_url: str, tokens: Tokens, issue: Issue) -> None:
        self._tokens = tokens
        self._issue = issue
        base = public_url.rstrip("/")
        self._leave, self._preferences, self._view = base + LEAVE + "/", base + PREFERENCES + "/", base + VIEW + "/"
        self._canary = base + CANARY
        self._views: dict[str, str] = {}

    def unsubscribe_url(self, recipient: Recipient) -> str:
        return self._leave + self._tokens.leave(recipient.subscriber_id, self._issue.newsletter)

    def preferences_url(self, recipient: Recipient) -> str:
        return self._preferences + self._tokens.preferences(recipient.subscriber_id, self._issue.newsletter)

    def view_url(self, edition: str) -> str:
        if edition not in self._views:
            self._views[edition] = self._view + self._tokens.view(self._issue.id, edition)
        return self._views[edition]

    def canary_url(self) -> str:
        return self._canary


class HouseLinks:
    """The links of notices and of public pages, as they stand in mails, feeds and forms on other sites."""

    def __init__(self, public_url: str, tokens: Tokens) -> None:
        self._base = public_url.rstrip("/")
        self._tokens = tokens

    def join(self, newsletter: str) -> str:
        return f"{self._base}{JOIN}/{newsletter}"

    def link(self, newsletter: str) -> str:
        """Where a reader asks for a link of their own."""
        return f"{self._base}{LINK}/{newsletter}"

    def confirm(self, subscriber_id: int, newsletter: str, *, at: datetime) -> str:
        return f"{self._base}{CONFIRM}/{self._tokens.confirm(subscriber_id, newsletter, at=at)}"

    def data(self, subscriber_id: int, newsletter: str, *, at: datetime) -> str:
        return f"{self._base}{DATA}/{self._tokens.data(subscriber_id, newsletter, at=at)}"

    def leave(self, subscriber_id: int, newsletter: str) -> str:
        return f"{self._base}{LEAVE}/{self._tokens.leave(subscriber_id, newsletter)}"

    def back(self, subscriber_id: int, newsletter: str) -> str:
        return f"{self._base}{BACK}/{self._tokens.leave(subscriber_id, newsletter)}"

    def preferences(self, subscriber_id: int, newsletter: str) -> str:
        return f"{self._base}{PREFERENCES}/{self._tokens.preferences(subscriber_id, newsletter)}"

    def archive(self, newsletter: str, number: int | None = None) -> str:
        return f"{self._base}{ARCHIVE}/{newsletter}" + ("" if number is None else f"/{number}")

    def feed(self, newsletter: str) -> str:
        return f"{self._base}{ARCHIVE}/{newsletter}/feed.xml"
