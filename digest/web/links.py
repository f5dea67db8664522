"""The addresses that an email carries and `digest serve` answers."""

from __future__ import annotations

from digest.model import Issue, Recipient
from subscribers import Tokens

LEAVE = "/leave"
PREFERENCES = "/preferences"
VIEW = "/view"


class ReaderLinks:
    """The links of one issue's messages. Tokens name the person and the purpose and nothing else."""

    def __init__(self, public_url: str, tokens: Tokens, issue: Issue) -> None:
        self._base = public_url.rstrip("/")
        self._tokens = tokens
        self._issue = issue
        self._views: dict[str, str] = {}

    def unsubscribe_url(self, recipient: Recipient) -> str:
        return f"{self._base}{LEAVE}/{self._tokens.leave(recipient.subscriber_id, self._issue.newsletter)}"

    def preferences_url(self, recipient: Recipient) -> str:
        return f"{self._base}{PREFERENCES}/{self._tokens.preferences(recipient.subscriber_id, self._issue.newsletter)}"

    def view_url(self, edition: str) -> str:
        if edition not in self._views:
            self._views[edition] = f"{self._base}{VIEW}/{self._tokens.view(self._issue.id, edition)}"
        return self._views[edition]
