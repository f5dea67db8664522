"""What SES's HTTP answer says, read as boto3 reads it (a test compares the two), with nothing taken for granted.

Between SES and us may stand proxies and gateways: their answers are html, empty or cut short, and must neither crash
the reading nor pass for SES's word.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.client import responses
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes
    #: The header x-amzn-ErrorType, with which SES names an error; None without it.
    error_type: str | None = None

    @property
    def is_error(self) -> bool:
        # A redirect is no acceptance either.
        return self.status >= 300

    def fields(self) -> dict[str, Any]:
        """The body's JSON object. Raises ValueError when it is not one, or ends early."""
        try:
            found = json.loads(self.body)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise ValueError(f"this is no answer of SES: {self.body[:60]!r}")  # noqa: TRY004  (one error for all)
        return found

    def error(self) -> tuple[str, str]:
        """The error's code (the HTTP status when SES gives none) and its text."""
        if self.status >= 500 and (not self.body.strip() or self.body.strip().startswith(b"<html>")):
            # A gateway's: whether SES had the request before is not known, whatever a header says.
            return str(self.status), responses.get(self.status, "")
        try:
            said = self.fields()
        except ValueError:
            said = {"message": self.body.decode(errors="replace")}
        code = self.error_type or said.get("code") or said.get("Code") or said.get("__type") or self.status
        text = said.get("message") or said.get("Message") or ""
        return _bare(str(code)), str(text)


def _bare(code: str) -> str:
    """ "Throttling" of "com.amazon#Throttling:http://internal.amazon.com/coral/…"."""
    return code.partition(":")[0].rpartition("#")[2]
