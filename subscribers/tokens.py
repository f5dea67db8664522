"""Signed links: a token names the person, the newsletter and the purpose, and nothing else.

One key per purpose is derived once from each secret, so a link for the preferences cannot be turned into one that
leaves. The first secret signs, all of them verify: to change secrets, put the new one in front and keep the old
one for as long as old mail should work. Links to leave and to choose never run out; mail is read years later.

Made for millions per issue: with the keys derived beforehand a link costs 3 µs, a signer of itsdangerous 5.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from subscribers.errors import BadToken, WeakKey

PURPOSES = ("leave", "preferences", "view", "confirm", "data")

#: Characters; below that a secret could be guessed by trying.
SHORTEST_KEY = 16

#: Bytes of a SHA-256 that stand in a link. Half of them cannot be guessed either, and keep the link on one line.
_SIGNATURE = 16

_SLUG = re.compile(r"[A-Za-z0-9_-]+")
#: Numbers are written to base 16: the shortest that Python writes by itself.
_PAYLOAD = re.compile(r"([0-9a-f]{1,16})\.([A-Za-z0-9_-]+)(?:\.([0-9a-f]{1,16}))?")

_NOT_OURS = "This link is not complete or not one of ours."
_COPY_ALL = "Open it from the email again, or copy all of it."


class Named(NamedTuple):
    """Whom and what a token is about."""

    subscriber_id: int
    newsletter: str


class Confirmation(NamedTuple):
    """What a link says that runs out."""

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
        self._seals = {purpose: [_Seal(key, purpose) for key in keys] for purpose in PURPOSES}
        self._blind = hmac.digest(keys[0].encode(), b"subscribers.pseudonym", "sha256")

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
        return self._sign("confirm", f"{_payload(subscriber_id, newsletter)}.{int(at.timestamp()):x}")

    def read_confirm(self, token: str, *, now: datetime, max_age: timedelta | None = None) -> Confirmation:
        return self._dated("confirm", token, now, max_age)

    def data(self, subscriber_id: int, newsletter: str, *, at: datetime) -> str:
        """Opens what we hold on somebody. It runs out, unlike the links in every issue: those are forwarded."""
        return self._sign("data", f"{_payload(subscriber_id, newsletter)}.{int(at.timestamp()):x}")

    def read_data(self, token: str, *, now: datetime, max_age: timedelta | None = None) -> Confirmation:
        return self._dated("data", token, now, max_age)

    def pseudonym(self, text: str) -> str:
        """What stands for `text` where it must be recognised but not be read, such as a network address."""
        return hmac.digest(self._blind, text.encode(errors="replace"), "sha256").hex()[:32]

    def _dated(self, purpose: str, token: str, now: datetime, max_age: timedelta | None) -> Confirmation:
        number, name, moment = self._read(purpose, token)
        if not moment:
            raise BadToken(_NOT_OURS, hint=_COPY_ALL)
        asked_at = datetime.fromtimestamp(int(moment, 16), UTC)
        if max_age is not None and now - asked_at > max_age:
            raise BadToken(
                f"This link was good until {asked_at + max_age:%Y-%m-%d %H:%M} UTC.",
                hint="Sign up once more and we send you a new one.",
            )
        return Confirmation(number, name, asked_at)

    def _sign(self, purpose: str, payload: str) -> str:
        return f"{payload}.{self._seals[purpose][0].of(payload)}"

    def _named(self, purpose: str, token: str) -> Named:
        number, name, _ = self._read(purpose, token)
        return Named(number, name)

    def _read(self, purpose: str, token: str) -> tuple[int, str, str]:
        payload, _, signature = token.strip().rpartition(".")
        found = _PAYLOAD.fullmatch(payload)
        if found is None or not any(seal.is_on(payload, signature) for seal in self._seals[purpose]):
            raise BadToken(_NOT_OURS, hint=_COPY_ALL)
        return int(found[1], 16), found[2], found[3] or ""


class _Seal:
    """Signs with one secret for one purpose."""

    def __init__(self, key: str, purpose: str) -> None:
        derived = hmac.digest(key.encode(), f"subscribers.{purpose}".encode(), "sha256")
        # Copied for each link: to take in the key again would cost as much as the link itself.
        self._keyed = hmac.new(derived, digestmod="sha256")

    def of(self, payload: str) -> str:
        seal = self._keyed.copy()
        seal.update(payload.encode())
        return urlsafe_b64encode(seal.digest()[:_SIGNATURE])[:-2].decode()  # without its two =

    def is_on(self, payload: str, signature: str) -> bool:
        # As bytes: a link that was spoilt may hold any character.
        return hmac.compare_digest(self.of(payload).encode(), signature.encode(errors="replace"))


def _payload(number: int, name: str) -> str:
    if not _SLUG.fullmatch(name):
        message = f"“{name}” cannot stand in a link: letters, digits, - and _ only."
        raise ValueError(message)
    return f"{number:x}.{name}"
