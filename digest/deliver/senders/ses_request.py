"""Messages as SES's requests: one SendBulkEmail for many readers, or one SendEmail for each.

SES fills templates by plain substitution: it escapes nothing, reads `{{x}}` and `{{{x}}}` alike, and a variable
without a value is accepted and then silently not delivered. So each slot becomes one variable for each part it stands
in, already escaped for that part; every entry carries all of them; and every run of braces or backslashes that
the template language could take for its own becomes a variable too, whose value is that run. What was approved
arrives byte for byte.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from digest.deliver.message import parts_of, plain_address
from digest.deliver.mime import mailbox
from digest.model import Message, Rendered
from digest.render.slots import Part

#: SES documents "input JSON up to 1 MB" for a template in the request; read as the smaller megabyte.
MAX_REQUEST = 1_000_000
#: Characters of one reader's template data.
MAX_DATA = 262_144
MAX_ENTRIES = 50

_RUN = re.compile(r"[\\{}]+")


@dataclass(frozen=True, slots=True)
class Template:
    """An edition in SES's template language."""

    #: What the request's DefaultContent.Template holds.
    content: dict[str, Any]
    #: Variable, slot that it shows, and how the value is written there.
    variables: tuple[tuple[str, str, Callable[[str], str]], ...]
    #: Variables that have the same value for every reader: runs of braces.
    literals: dict[str, str]
    #: Length of `content` as JSON.
    json_bytes: int

    def data(self, message: Message) -> str:
        """One reader's template data, complete."""
        values = {variable: write(message.slots[slot]) for variable, slot, write in self.variables}
        return json.dumps(values | self.literals, separators=(",", ":"))


@lru_cache(maxsize=16)
def template_of(rendered: Rendered) -> Template:
    """The edition as a template; remembered, because each of its batches asks again."""
    parts = parts_of(rendered)
    literals: dict[str, str] = {}
    content = {
        "Subject": _translated(parts.subject, "subject", literals),
        "Html": _translated(parts.html, "html", literals),
        "Text": _translated(parts.text, "text", literals),
    }
    variables = tuple(
        (f"{place}_{slot}", slot, part.escape)
        for place, part in (("subject", parts.subject), ("html", parts.html), ("text", parts.text))
        for slot in sorted(part.names)
    )
    names = {variable: name for name, variable in literals.items()}
    # Never one reader's values: these would show where an entry's own were missing.
    defaults = {variable: "" for variable, _, _ in variables} | names
    template = {"TemplateContent": content, "TemplateData": json.dumps(defaults)}
    return Template(template, variables, names, len(json.dumps(template)))


def _translated(part: Part, place: str, literals: dict[str, str]) -> str:
    """The part in SES's language; runs that need a variable are added to `literals` (run → variable)."""
    last = len(part.pieces) - 1
    return "".join(
        f"{{{{{place}_{piece}}}}}" if at % 2 else _guarded(piece, literals, after=at > 0, before=at < last)
        for at, piece in enumerate(part.pieces)
    )


def _guarded(piece: str, literals: dict[str, str], *, after: bool, before: bool) -> str:
    """`piece` with every run that SES would read as its own language as a variable.

    That is `{{` anywhere, and any brace or backslash that touches a slot: `{` before one makes `{{{`, `}` after one
    makes `}}}`, a backslash before one makes it plain text. `after` and `before`: the piece stands after or before one.
    """

    def guard(found: re.Match[str]) -> str:
        run = found[0]
        touches = (after and found.start() == 0) or (before and found.end() == len(piece))
        if "{{" not in run and not touches:
            return run
        return "{{" + literals.setdefault(run, f"literal_{len(literals) + 1}") + "}}"

    return _RUN.sub(guard, piece)


def bulk(
    rendered: Rendered, messages: Sequence[Message], to: Sequence[str], *, configuration_set: str
) -> dict[str, Any]:
    """A SendBulkEmail. `to` has each message's address in plain form."""
    template = template_of(rendered)
    entries = [
        {
            "Destination": {"ToAddresses": [address]},
            "ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": template.data(message)}},
            "ReplacementHeaders": _pairs(message.headers),
            "ReplacementTags": _pairs(message.tags),
        }
        for message, address in zip(messages, to, strict=True)
    ]
    content = {"DefaultContent": {"Template": template.content}, "BulkEmailEntries": entries}
    return _from(rendered, configuration_set) | content


def bulk_bytes(rendered: Rendered, request: dict[str, Any]) -> int:
    """Length of the request's body. The template is measured once for an edition, not again for each batch."""
    entries = len(json.dumps(request["BulkEmailEntries"]))
    envelope = {name: value for name, value in request.items() if name not in ("BulkEmailEntries", "DefaultContent")}
    keys = len(', "DefaultContent": {"Template": }, "BulkEmailEntries": ')
    return len(json.dumps(envelope)) + keys + template_of(rendered).json_bytes + entries


def single(rendered: Rendered, message: Message, to: str, *, configuration_set: str) -> dict[str, Any]:
    """A SendEmail with the content filled by us."""
    content = parts_of(rendered).fill(message)
    body = {"Text": _utf8(content.text), "Html": _utf8(content.html)}
    simple = {"Subject": _utf8(content.subject), "Body": body, "Headers": _pairs(message.headers)}
    return _from(rendered, configuration_set) | {
        "Destination": {"ToAddresses": [to]},
        "Content": {"Simple": simple},
        "EmailTags": _pairs(message.tags),
    }


@lru_cache(maxsize=16)
def _sender(rendered: Rendered) -> tuple[str, str]:
    """From and Reply-To as SES takes them: addresses in ASCII, the name as encoded words."""
    envelope = rendered.envelope
    reply_to = plain_address(envelope.reply_to) if envelope.reply_to else ""
    return mailbox(envelope.sender_name, envelope.sender_address), reply_to


def _from(rendered: Rendered, configuration_set: str) -> dict[str, Any]:
    sender, reply_to = _sender(rendered)
    request: dict[str, Any] = {"FromEmailAddress": sender}
    if reply_to:
        request["ReplyToAddresses"] = [reply_to]
    if configuration_set:
        request["ConfigurationSetName"] = configuration_set
    return request


def _pairs(values: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in values.items()]


def _utf8(data: str) -> dict[str, str]:
    return {"Data": data, "Charset": "UTF-8"}
