"""One reader's share of an edition: slot values, headers and tags, and the checks that SES's client leaves out.

botocore sends headers of any length, number and script; SES then refuses the whole call, fifty readers at once.
So what we make ourselves is checked here before it leaves. A fault in a header is ours and stops the issue; an
address that cannot be written in ASCII is one reader's, and only that reader is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from email_validator import EmailNotValidError, validate_email

from digest.errors import PersonError
from digest.model import Message, Newsletter, Recipient, Rendered
from digest.render.slots import Part

#: SES's limits on custom headers and tags, from its own API model.
MAX_HEADERS = 15
MAX_HEADER_NAME = 126
MAX_HEADER_VALUE = 995
MAX_HEADER = 996  # name and value together
MAX_TAG = 256

#: Headers that are the sender's business; SES refuses a message that sets one of them.
RESERVED_HEADERS = frozenset(
    {"bcc", "cc", "content-disposition", "content-type", "date", "from", "message-id", "mime-version", "reply-to"}
    | {"return-path", "subject", "to"}
)

_HEADER_NAME = re.compile(r"[!-9;-~]+")
_TAG = re.compile(rf"[A-Za-z0-9_-]{{1,{MAX_TAG}}}")
#: What may go into a To header and an SMTP command as it is: no spaces, quotes, brackets or lists of addresses.
_ATOM = r"[!#-'*+\-/0-9=?A-Z^-~]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN_ADDRESS = re.compile(rf"(?=[^@]{{1,64}}@)(?!.{{255}}){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")


class Links(Protocol):
    """The addresses that a message carries."""

    def unsubscribe_url(self, recipient: Recipient) -> str:
        """Leaves the newsletter: a page on GET, acts on POST."""
        ...

    def preferences_url(self, recipient: Recipient) -> str: ...

    def view_url(self, edition: str) -> str:
        """The edition with this key in a browser, the same for every reader."""
        ...

    def canary_url(self) -> str:
        """Where a link leads that no reader sees."""
        ...


def personalise(
    rendered: Rendered,
    recipient: Recipient,
    links: Links,
    *,
    issue: int,
    attempt: int,
    newsletter: str,
    fallback_name: str,
) -> Message:
    """The message of one recipient. `newsletter` is its slug; `fallback_name` greets a reader without a name."""
    leave = links.unsubscribe_url(recipient)
    return Message(
        recipient=recipient,
        slots={
            "name": recipient.name or fallback_name,
            "address": recipient.address,
            "unsubscribe_url": leave,
            "preferences_url": links.preferences_url(recipient),
            "view_url": links.view_url(rendered.edition),
            "canary_url": links.canary_url(),
        },
        headers={
            "List-Unsubscribe": f"<{leave}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "List-Id": f"<{rendered.envelope.list_id}>",
        },
        tags={
            "issue": str(issue),
            "delivery": str(recipient.position),
            "attempt": str(attempt),
            "newsletter": newsletter,
        },
    )


def personalise_all(
    rendered: Rendered,
    recipients: Iterable[Recipient],
    links: Links,
    *,
    issue: int,
    attempt: int,
    newsletter: Newsletter,
) -> list[Message]:
    """The messages of a batch: what a real run sends and a dry run rehearses, by the same words."""
    return [
        personalise(
            rendered,
            recipient,
            links,
            issue=issue,
            attempt=attempt,
            newsletter=newsletter.slug,
            fallback_name=newsletter.reader,
        )
        for recipient in recipients
    ]


# --- Parts ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Content:
    """What one reader reads."""

    subject: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Parts:
    """An edition cut at its slots, once for all its readers."""

    subject: Part
    html: Part
    text: Part
    #: Bytes of everything that is the same for all readers.
    shared_bytes: int
    #: How often each slot's value is repeated: slot → (as html, as text, in the subject).
    uses: Mapping[str, tuple[int, int, int]]

    def fill(self, message: Message) -> Content:
        """What this reader reads. Raises KeyError when a slot has no value."""
        slots = message.slots
        return Content(self.subject.fill(slots), self.html.fill(slots), self.text.fill(slots))

    def size(self, message: Message) -> int:
        """Bytes of `fill`, without filling: a dry run weighs every reader's message."""
        total = self.shared_bytes
        for slot, (as_html, as_text, in_subject) in self.uses.items():
            value = message.slots[slot]
            if as_html:
                total += as_html * _bytes(self.html.escape(value))
            if as_text:
                total += as_text * _bytes(value)
            if in_subject:
                total += in_subject * _bytes(self.subject.escape(value))
        return total


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


@lru_cache(maxsize=16)
def parts_of(rendered: Rendered) -> Parts:
    """The parts of an edition; remembered, because each of its batches asks again."""
    subject = Part.of_subject(rendered.subject)
    html = Part.of_html(rendered.html)
    text = Part.of_text(rendered.text)
    in_order = (html, text, subject)
    return Parts(
        subject=subject,
        html=html,
        text=text,
        shared_bytes=sum(len(literal.encode()) for part in in_order for literal in part.pieces[::2]),
        uses={
            slot: (html.pieces[1::2].count(slot), text.pieces[1::2].count(slot), subject.pieces[1::2].count(slot))
            for slot in sorted(html.names | text.names | subject.names)
        },
    )


# --- Checks ---------------------------------------------------------------------------------------------


def plain_address(address: str) -> str:
    """`address` as SES and SMTP take it, the domain in its ASCII form. Raises PersonError for one they cannot."""
    if _PLAIN_ADDRESS.fullmatch(address):
        return address
    try:
        plain = validate_email(address, check_deliverability=False, test_environment=True).ascii_email
    except EmailNotValidError as mistake:
        raise PersonError(f"{address!r} is not an address: {mistake}", code="address") from mistake
    if plain is None or not _PLAIN_ADDRESS.fullmatch(plain):
        raise PersonError(
            f"{address!r} cannot be mailed: only plain ASCII letters are possible before the @.", code="address"
        )
    return plain


def addresses(messages: Sequence[Message]) -> tuple[list[str], dict[int, str]]:
    """Each message's address in plain form (empty when it has none), and why by position."""
    found: list[str] = []
    refused: dict[int, str] = {}
    for message in messages:
        try:
            found.append(plain_address(message.recipient.address))
        except PersonError as error:
            found.append("")
            refused[message.recipient.position] = error.message
    return found, refused


def first_fault(rendered: Rendered, messages: Sequence[Message]) -> str:
    """What is wrong with these messages whoever they are for, in one sentence; empty when nothing is."""
    needed = parts_of(rendered).uses.keys()
    for message in messages:
        if missing := needed - message.slots.keys():
            return f"the slot {min(missing)} has no value."
        if fault := _header_fault(message.headers) or _tag_fault(message.tags):
            return fault
    return _envelope_fault(rendered)


def _header_fault(headers: Mapping[str, str]) -> str:
    if len(headers) > MAX_HEADERS:
        return f"{len(headers)} headers are more than the {MAX_HEADERS} that SES takes."
    for name, value in headers.items():
        if fault := _name_fault(name):
            return fault
        if not value.isascii() or not value.isprintable():
            return f"the header {name} has a line break or a character outside ASCII: {value[:60]!r}."
        if len(value) > MAX_HEADER_VALUE or len(name) + len(value) > MAX_HEADER:
            return f"the header {name} has {len(value)} characters; SES takes {MAX_HEADER_VALUE}."
    return ""


@lru_cache(maxsize=64)
def _name_fault(name: str) -> str:
    if not _HEADER_NAME.fullmatch(name) or len(name) > MAX_HEADER_NAME:
        return f"{name[:60]!r} cannot be the name of a header."
    if name.lower() in RESERVED_HEADERS:
        return f"the header {name} is set by the sender itself."
    return ""


def _tag_fault(tags: Mapping[str, str]) -> str:
    for name, value in tags.items():
        if not _is_tag(name) or not _TAG.fullmatch(value):
            return f"the tag {name[:60]!r} = {value[:60]!r} may have letters, digits, - and _ only, at most {MAX_TAG}."
    return ""


@lru_cache(maxsize=64)
def _is_tag(name: str) -> bool:
    return _TAG.fullmatch(name) is not None


@lru_cache(maxsize=16)
def _envelope_fault(rendered: Rendered) -> str:
    envelope = rendered.envelope
    for what, address in (("sender", envelope.sender_address), ("reply-to", envelope.reply_to)):
        if not address and what == "reply-to":
            continue
        try:
            plain_address(address)
        except PersonError as error:
            return f"the {what} address: {error.message}"
    if not rendered.text.strip():
        return "there is no text part."
    return ""
