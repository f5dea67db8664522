"""Signed links: a token names the person, the newsletter and the purpose, and nothing else.

One key per purpose is derived once from each secret, so a link for the preferences cannot be turned into one that
leaves. The first secret signs, all of them verify: to change secrets, put the new one in front and keep the old
one for as long as old mail should work. Links to leave and to choose never run out; mail is read years later.

Made for millions per issue: deriving the keys beforehand leaves one HMAC per link.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from itsdangerous import BadSignature, Signer

from subscribers.errors import BadToken, WeakKey

PURPOSES = ("leave", "preferences", "view", "confirm")

#: Characters; below that a secret could be guessed by trying.
SHORTEST_KEY = 16

_SLUG = re.compile(r"[A-Za-z0-9_-]+")
_PAYLOAD = re.compile(r"([0-9a-z]{1,13})\.([A-Za-z0-9_-]+)(?:\.([0-9a-z]{1,13}))?")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

_NOT_OURS = "This link is not complete or not one of ours."
_COPY_ALL = "Open it from the email again, or copy all of it."


class Named(NamedTuple):
    """Whom and what a token is about."""

    subscriber_id: int
    newsletter: str


class Confirmation(NamedTuple):
    subscriber_id: int
    newsletter: str
    #: When we sent the link; `joining.confirm` compares it with a later leaving.
    asked_at: datetime


class Tokens:
    """Raises WeakKey when `keys` is empty or has a short one."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or any(len(key) < SHORTEST_KEY for key in keys):
            raise WeakKey(
                f"Links cannot be signed: every key needs at least {SHORTEST_KEY} characters.",
                hint='Make one with: python -c "import secrets; print(secrets.token_urlsafe(32))"',
            )
        self._signers = {purpose: _signer(keys, purpose) for purpose in PURPOSES}

    def leave(self, subscriber_id: int, newsletter: str) -> str:
        return self._sign("leave", _payload(subscriber_id, newsletter))

    def read_leave(self, token: str) -> Named:
        """Raises BadToken, like every `read_…`."""
        return self._named("leave", token)

    def preferences(self, subscriber_id: int, newsletter: str) -> str:
        """`newsletter` is the one whose mail the link stands in."""
        return self._sign("preferences", _payload(subscriber_id, newsletter))

    def read_preferences(self, token: str) -> Named:
        return self._named("preferences", token)

    def view(self, number: int, name: str) -> str:
        """An edition in a browser: issue and edition. It is the same for every reader and names none."""
        return self._sign("view", _payload(number, name))

    def read_view(self, token: str) -> tuple[int, str]:
        return self._named("view", token)

    def confirm(self, subscriber_id: int, newsletter: str, *, at: datetime) -> str:
        return self._sign("confirm", f"{_payload(subscriber_id, newsletter)}.{_base36(int(at.timestamp()))}")

    def read_confirm(self, token: str, *, now: datetime, max_age: timedelta | None = None) -> Confirmation:
        number, name, moment = self._read("confirm", token)
        if not moment:
            raise BadToken(_NOT_OURS, hint=_COPY_ALL)
        asked_at = datetime.fromtimestamp(int(moment, 36), UTC)
        if max_age is not None and now - asked_at > max_age:
            raise BadToken(
                f"This link was good until {asked_at + max_age:%Y-%m-%d %H:%M} UTC.",
                hint="Sign up once more and we send you a new one.",
            )
        return Confirmation(number, name, asked_at)

    def _sign(self, purpose: str, payload: str) -> str:
        return self._signers[purpose].sign(payload).decode()

    def _named(self, purpose: str, token: str) -> Named:
        number, name, _ = self._read(purpose, token)
        return Named(number, name)

    def _read(self, purpose: str, token: str) -> tuple[int, str, str]:
        try:
            payload = self._signers[purpose].unsign(token.strip()).decode()
        except (BadSignature, UnicodeError):
            raise BadToken(_NOT_OURS, hint=_COPY_ALL) from None
        found = _PAYLOAD.fullmatch(payload)
        if found is None:
            raise BadToken(_NOT_OURS, hint=_COPY_ALL)
        return int(found[1], 36), found[2], found[3] or ""


def _signer(keys: Sequence[str], purpose: str) -> Signer:
    # itsdangerous signs with the last key of a list; ours is the first.
    derived = [
        Signer(key, salt=f"subscribers.{purpose}", key_derivation="hmac", digest_method=sha256).derive_key()
        for key in reversed(keys)
    ]
    return Signer(derived, key_derivation="none", digest_method=sha256)


def _payload(number: int, name: str) -> str:
    if not _SLUG.fullmatch(name):
        message = f"“{name}” cannot stand in a link: letters, digits, - and _ only."
        raise ValueError(message)
    return f"{_base36(number)}.{name}"


def _base36(number: int) -> str:
    digits = ""
    while number >= 36:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return _DIGITS[number] + digits
