"""A message as bytes: the .eml file that the outbox writes, SMTP sends and a dry run shows.

Put together by hand, because the standard library's EmailMessage needs some 3 ms for a newsletter and a dry run of
a hundred thousand readers would take minutes. Both bodies are always in a transfer encoding: lines stay under 998
characters, and "=_" of the boundary can occur in neither encoding, so no article can end a part early.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr

from digest.deliver.message import Content, parts_of, plain_address
from digest.model import Message, Rendered
from digest.render.slots import one_line

_BOUNDARY = "=_digest_alternative"
_LINE = 76


def eml(rendered: Rendered, message: Message, *, date: datetime, message_id: str, mark_tags: bool = True) -> bytes:
    """The whole message with CRLF line ends. `mark_tags` writes the tags as X-Digest-… headers."""
    content = parts_of(rendered).fill(message)
    head = _head(rendered, message, content, date=date, message_id=message_id)
    if mark_tags:
        head += [f"X-Digest-{name.capitalize()}: {value}" for name, value in message.tags.items()]
    head.append(f'Content-Type: multipart/alternative; boundary="{_BOUNDARY}"')
    return b"\r\n".join(
        [
            "\r\n".join(head).encode("ascii"),
            b"",
            _part("plain", content.text),
            _part("html", content.html),
            f"--{_BOUNDARY}--".encode(),
            b"",
        ]
    )


def message_id(message: Message, *, domain: str, at: datetime) -> str:
    """An id of its own for each message and attempt: mail programs merge what shares one."""
    tags = message.tags
    local = ".".join([tags["newsletter"], tags["issue"], tags["delivery"], tags["attempt"], f"{at.timestamp():.6f}"])
    return f"<{local}@{domain}>"


def domain_of(rendered: Rendered) -> str:
    return plain_address(rendered.envelope.sender_address).rpartition("@")[2]


def mailbox(name: str, address: str) -> str:
    """A From header: the name quoted, or as RFC 2047 encoded words when it is not ASCII."""
    name = one_line(name)
    if _is_plain(name):
        return formataddr((name, plain_address(address)))
    return f"{_encoded(name, indent=len('From: '), linesep='')} <{plain_address(address)}>"


def _head(rendered: Rendered, message: Message, content: Content, *, date: datetime, message_id: str) -> list[str]:
    envelope = rendered.envelope
    # Encoded words are 75 characters at most, so a long name is several; each starts a line of its own.
    head = ["From: " + mailbox(envelope.sender_name, envelope.sender_address).replace("?= ", "?=\r\n ")]
    if envelope.reply_to:
        head.append(f"Reply-To: {plain_address(envelope.reply_to)}")
    head += [
        f"To: {plain_address(message.recipient.address)}",
        f"Subject: {_folded(content.subject, indent=len('Subject: '))}",
        f"Date: {format_datetime(date)}",
        f"Message-ID: {message_id}",
        "MIME-Version: 1.0",
    ]
    return head + [f"{name}: {value}" for name, value in message.headers.items()]


def _folded(value: str, *, indent: int) -> str:
    """A free-text header value on lines that fit; `indent` is the room that the header's name takes on the first."""
    # A word too long for a line could only be folded before it, which some programs show as a space.
    if not _is_plain(value) or any(len(word) > _LINE - indent for word in value.split()):
        return _encoded(value, indent=indent, linesep="\r\n")
    return Header(value, "us-ascii", maxlinelen=_LINE, header_name="x" * (indent - 2)).encode(linesep="\r\n")


def _encoded(value: str, *, indent: int, linesep: str) -> str:
    return Header(value, "utf-8", maxlinelen=_LINE, header_name="x" * (indent - 2)).encode(linesep=linesep)


def _is_plain(value: str) -> bool:
    return value.isascii() and value.isprintable() and "=?" not in value


def _part(kind: str, content: str) -> bytes:
    lines = content.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    body = lines.encode()
    # A character outside ASCII takes six bytes and more in quoted-printable: fine for a few, not for Hebrew.
    readable = len(body) - len(lines) <= len(lines) // 8
    encoding = "quoted-printable" if readable else "base64"
    encoded = binascii.b2a_qp(body, istext=True) if readable else _base64(body)
    head = f"--{_BOUNDARY}\r\nContent-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}"
    return b"\r\n".join([head.encode(), b"", encoded])


def _base64(body: bytes) -> bytes:
    return base64.encodebytes(body).replace(b"\n", b"\r\n").removesuffix(b"\r\n")
