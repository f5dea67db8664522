"""Addresses: what counts as one, how it is written to the mail server, and when two are the same person.

Two addresses are the same when they agree in lower case with the domain in punycode. Dots and +tags are not folded:
only the mail provider knows what they mean there, and a reader may well want both.

Most lists are plain ASCII, and there a regular expression decides fifty times faster than email-validator. It may
only say yes where the library would; everything else is asked of the library, which also says what is wrong.
"""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

from email_validator import EmailNotValidError, validate_email

from subscribers.errors import BadAddress

#: Longest address that SMTP carries (RFC 5321, 4.5.3.1.3, less the angle brackets).
LONGEST = 254

#: Longest part before the @ (4.5.3.1.1).
LONGEST_LOCAL = 64

# Possessive throughout: what cannot match is given up at once.
_WORD = r"[A-Za-z0-9_!#$%&'*+/=?^`{|}~-]++"
_PLAIN = re.compile(rf"{_WORD}(?:\.{_WORD})*+@(?:[A-Za-z0-9-]{{1,63}}+\.)++([A-Za-z]{{2,63}})")
_ODD_HYPHEN = re.compile(r"--|[@.]-|-\.")

#: Top-level domains that no mail leaves for (RFC 6761, 6762, 7686); "test" and "example" are let through, because
#: examples and rehearsals live there.
_UNREACHABLE = frozenset({"arpa", "invalid", "local", "localhost", "onion"})

#: As much of a cell as is looked at to say what is wrong with it.
_CELL = 2000
_MORE_THAN_ONE = re.compile(r"@[^@\s,;]*+[\s,;][^@]*+@")

_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u2060\u00ad"))
_NAMED = re.compile(r".*<([^<>]*)>", re.DOTALL)


class Address(NamedTuple):
    #: As it goes to the mail server: ASCII, local part as given, domain in lower case.
    text: str
    #: Same key, same person.
    key: str


def parse_address(written: str) -> Address:
    """The address in a cell or form field. Raises BadAddress with a reason that the person can act on."""
    return plain(written) or _careful(clean(written))


def plain(written: str) -> Address | None:
    """The quick yes for an ordinary ASCII address without anything around it; None means "look closer"."""
    found = _PLAIN.fullmatch(written)
    if not found or len(written) > LONGEST or found[1].lower() in _UNREACHABLE:
        return None
    at = written.index("@")
    if at > LONGEST_LOCAL or ("-" in written and _ODD_HYPHEN.search(written, at)):
        return None
    key = written.lower()
    return Address(written[:at] + key[at:], key)


def clean(written: str) -> str:
    """`written` without what people and spreadsheets put around an address."""
    text = written.translate(_INVISIBLE).strip().strip("'\"").strip()
    if named := _NAMED.fullmatch(text):
        text = named[1].strip()
    return text[7:] if text[:7].lower() == "mailto:" else text


def hash_of(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def key_of(written: str) -> str:
    """The key of an address that need not be valid, such as one that a mail server reports as failing."""
    try:
        return parse_address(written).key
    except BadAddress:
        return clean(written).lower()


def _careful(text: str) -> Address:
    if not text:
        raise BadAddress(text, "there is nothing there.")
    if _MORE_THAN_ONE.search(text[:_CELL]):
        raise BadAddress(text, "there is more than one address; give each its own row.")
    if "@" in text and text.rpartition("@")[0].isascii() is False:
        # SES and many mail servers do not speak SMTPUTF8 (RFC 6531).
        raise BadAddress(text, "letters outside English before the @ cannot be delivered by our mail service.")
    if len(text) > LONGEST:
        # Before the library: what takes it long is long.
        raise BadAddress(text, f"it is longer than the {LONGEST} characters that mail can carry.")
    return _ask_library(text)


def _ask_library(text: str) -> Address:
    try:
        found = validate_email(
            text, check_deliverability=False, allow_smtputf8=False, test_environment=True, strict=True
        )
    except EmailNotValidError as error:
        raise BadAddress(text, str(error)) from None
    written = found.ascii_email or ""
    return Address(written, written.lower())
