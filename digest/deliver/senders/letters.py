"""Whole messages for the senders that take them one by one: what the outbox and SMTP prepare alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from digest.deliver import mime
from digest.deliver.message import addresses, first_fault, parts_of
from digest.deliver.senders.port import Prepared
from digest.model import Message, Rendered


@dataclass(frozen=True, slots=True)
class Letter:
    """One message that can go, built when it does: fifty at once would only fill the memory."""

    message: Message
    #: The reader's address in plain ASCII form.
    to: str
    message_id: str
    build: Callable[[], bytes]


def prepare(rendered: Rendered, messages: Sequence[Message], *, at: datetime) -> Prepared:
    """The messages as letters of the moment `at`, in `Prepared.request`."""
    fault = first_fault(rendered, messages)
    if fault:
        return Prepared(
            positions=tuple(message.recipient.position for message in messages),
            total_bytes=0,
            fault=fault,
            compose=lambda _: b"",
            weigh=lambda _: 0,
        )
    to, refused = addresses(messages)
    domain = mime.domain_of(rendered)
    letters = [
        _letter(rendered, message, address, domain=domain, at=at) for message, address in zip(messages, to, strict=True)
    ]
    parts = parts_of(rendered)
    return Prepared(
        positions=tuple(message.recipient.position for message in messages),
        total_bytes=sum(parts.size(letter.message) for letter in letters if letter.to),
        refused=refused,
        compose=lambda index: letters[index].build(),
        weigh=lambda index: parts.size(messages[index]),
        request=[letter for letter in letters if letter.to],
    )


def _letter(rendered: Rendered, message: Message, to: str, *, domain: str, at: datetime) -> Letter:
    ident = mime.message_id(message, domain=domain, at=at)
    return Letter(message, to, ident, partial(mime.eml, rendered, message, date=at, message_id=ident))
