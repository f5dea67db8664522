"""The addresses that an email carries and `digest serve` answers."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from digest.model import Issue, Recipient
from subscribers import Tokens

LEAVE = "/leave"
PREFERENCES = "/preferences"
VIEW = "/view"

#: A token as `subscribers.Tokens` writes it: whom, what, and the 22 characters of its signature.
_TOKEN = re.compile(r"[0-9a-f]{1,16}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{22}")


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


class OwnLink:
    """Links from one of our pages to another: relative, so that they work behind any proxy."""

    @staticmethod
    def preferences(token: str) -> str:
        return f"..{PREFERENCES}/{token}"


class ReaderLinks:
    """The links of one issue's messages. Tokens name the person and the purpose and nothing else."""

    def __init__(self, public_url: str, tokens: Tokens, issue: Issue) -> None:
        self._tokens = tokens
        self._issue = issue
        base = public_url.rstrip("/")
        self._leave, self._preferences, self._view = base + LEAVE + "/", base + PREFERENCES + "/", base + VIEW + "/"
        self._views: dict[str, str] = {}

    def unsubscribe_url(self, recipient: Recipient) -> str:
        return self._leave + self._tokens.leave(recipient.subscriber_id, self._issue.newsletter)

    def preferences_url(self, recipient: Recipient) -> str:
        return self._preferences + self._tokens.preferences(recipient.subscriber_id, self._issue.newsletter)

    def view_url(self, edition: str) -> str:
        if edition not in self._views:
            self._views[edition] = self._view + self._tokens.view(self._issue.id, edition)
        return self._views[edition]
