"""What a form brings: read in small, whatever stands in it, from whomever it comes."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

from fastapi import Request
from starlette.requests import ClientDisconnect

#: The largest form of ours is tiny; whatever is larger is not ours.
MOST_BYTES = 20_000

#: PostgreSQL stores no NUL, and nothing of this kind has business in an answer.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Form:
    """The fields of a form; what is not there is empty, and no field is longer than a person would write."""

    def __init__(self, body: bytes) -> None:
        text = body.decode("utf-8", "replace")
        self._fields = {
            name: list(map(_clean, values)) for name, values in parse_qs(text, keep_blank_values=True).items()
        }

    def get(self, name: str) -> str:
        """The first value of a field."""
        return next(iter(self._fields.get(name, ())), "")

    def has(self, name: str) -> bool:
        """Whether the form has this field, if only empty."""
        return name in self._fields

    def all(self, name: str) -> list[str]:
        return self._fields.get(name, [])

    @property
    def kind(self) -> str:
        """Which of our forms it says it is: no program that posts by mistake says any."""
        return self.get("form")

    @property
    def trapped(self) -> bool:
        """Whether a program filled in the field that people do not see."""
        return bool(self.get("homepage"))


async def read_form(request: Request) -> Form | None:
    """The form of a request; None when it is larger than any of ours, or never came to its end."""
    body = b""
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > MOST_BYTES:
                return None
    except ClientDisconnect:
        return None
    return Form(body)


def _clean(value: str) -> str:
    return _CONTROL.sub("", value).strip()
