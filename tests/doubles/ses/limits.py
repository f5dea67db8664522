"""What SES refuses for its form: lengths, patterns and counts, as its API's model and documentation have them."""

from __future__ import annotations

import re
from typing import Any

from tests.doubles.ses.errors import bad_request

MAX_ENTRIES = 50
MAX_HEADERS = 15
MAX_DATA = 262_144
MAX_INLINE_REQUEST = 1 << 20
MAX_MESSAGE = 40_000_000

FORBIDDEN_HEADERS = frozenset(
    {"bcc", "cc", "content-disposition", "content-type", "date", "from", "message-id", "mime-version", "reply-to"}
    | {"return-path", "subject", "to"}
)
ONCE = frozenset(("list-unsubscribe", "list-unsubscribe-post", "list-id", "precedence", "auto-submitted"))

_HEADER_NAME = re.compile(r"[!-9;-@A-~]{1,126}").fullmatch
_HEADER_VALUE = re.compile(r"[ -~]{1,995}").fullmatch
_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}").fullmatch
_ADDRESS = re.compile(r"[^\s@<>,;:\"]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?").fullmatch
_BRACKETED = re.compile(r"<([^<>]*)>\s*$")


def check_headers(headers: list[dict[str, str]]) -> None:
    if len(headers) > MAX_HEADERS:
        raise bad_request(f"The number of headers must not exceed {MAX_HEADERS}.")
    seen: set[str] = set()
    for header in headers:
        name, value = header.get("Name", ""), header.get("Value", "")
        if not _HEADER_NAME(name) or not _HEADER_VALUE(value) or len(name) + len(value) > 996:
            raise bad_request(f"Header '{name}' is invalid: name or value has a wrong length or character.")
        key = name.lower()
        if key in FORBIDDEN_HEADERS:
            raise bad_request(f"Header '{name}' is not allowed as a custom header.")
        if key in seen and key in ONCE:
            raise bad_request(f"Header '{name}' may be given once only.")
        seen.add(key)


def check_tags(tags: list[dict[str, str]]) -> None:
    for tag in tags:
        if not _TAG(tag.get("Name", "")) or not _TAG(tag.get("Value", "")):
            raise bad_request(f"Invalid tag: {tag.get('Name', '')!r} = {tag.get('Value', '')!r}.")


def address_in(mailbox: str) -> str:
    """The bare address of `Name <address>`; empty when there is none that SES would take."""
    found = _BRACKETED.search(mailbox)
    address = found[1] if found else mailbox.strip()
    return address if address.isascii() and _ADDRESS(address) else ""


def check_sender(mailbox: str) -> str:
    """The sender's bare address. A display name outside ASCII must come as RFC 2047 encoded words."""
    if not mailbox.isascii():
        raise bad_request("Non-ASCII characters in the sender's display name must be encoded.")
    address = address_in(mailbox)
    if not address:
        raise bad_request("Invalid sender address.")
    return address


def recipients(destination: dict[str, Any]) -> list[str]:
    """All recipients' bare addresses; an empty string stands for one that SES would not take."""
    kinds = ("ToAddresses", "CcAddresses", "BccAddresses")
    return [address_in(mailbox) for kind in kinds for mailbox in destination.get(kind) or ()]
