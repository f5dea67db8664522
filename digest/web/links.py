"""The addresses that an email carries and `digest serve` answers."""

from __future__ import annotations

from digest.model import Issue, Recipient
from subscribers import Tokens

LEAVE = "/leave"
PREFERENCES = "/preferences"
VIEW = "/view"


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
