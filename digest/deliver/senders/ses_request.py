"""Messages as the bodies of SES's requests: one SendBulkEmail for many readers, or one SendEmail for each.

SES fills templates by plain substitution: it escapes nothing, reads `{{x}}` and `{{{x}}}` alike, and a variable
without a value is accepted and then silently not delivered. So each slot becomes one variable for each part it stands
in, already escaped for that part; every entry carries all of them; and every run of braces or backslashes that
the template language could take for its own becomes a variable too, whose value is that run. What was approved
arrives byte for byte.

Bodies are written here and not by boto3, which takes 2 ms for a batch: an edition's share of them is written once.
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
_quoted = json.encoder.encode_basestring_ascii


@dataclass(frozen=True, slots=True)
class Template:
    """An edition in SES's template language."""

    #: TemplateContent and TemplateData of a request.
    content: dict[str, Any]
    #: Variable, slot that it shows, and how the value is written there.
    variables: tuple[tuple[str, str, Callable[[str], str]], ...]
    #: Variables that have the same value for every reader (runs of braces), as members of a JSON object.
    literals: list[str]

    def data(self, message: Message) -> str:
        """One reader's template data, complete. Written member by member: json.dumps takes twice as long."""
        slots = message.slots
        values = [f'"{variable}":{_quoted(write(slots[slot]))}' for variable, slot, write in self.variables]
        return "{" + ",".join(values + self.literals) + "}"


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
    names = {variable: run for run, variable in literals.items()}
    # Never one reader's values: these would show where an entry's own were missing.
    defaults = {variable: "" for variable, _, _ in variables} | names
    template = {"TemplateContent": content, "TemplateData": json.dumps(defaults)}
    return Template(template, variables, [f'"{name}":{_quoted(run)}' for name, run in names.items()])


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


def bulk(rendered: Rendered, messages: Sequence[Message], to: Sequence[str], *, configuration_set: str) -> bytes:
    """The body of a SendBulkEmail. `to` has each message's address in plain form."""
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
    return f'{_bulk_head(rendered, configuration_set)}, "BulkEmailEntries": {json.dumps(entries)}}}'.encode("ascii")


@lru_cache(maxsize=16)
def _bulk_head(rendered: Rendered, configuration_set: str) -> str:
    content = {"DefaultContent": {"Template": template_of(rendered).content}}
    return json.dumps(_from(rendered, configuration_set) | content).removesuffix("}")


def single(rendered: Rendered, message: Message, to: str, *, configuration_set: str) -> bytes:
    """The body of a SendEmail with the content filled by us."""
    head, parts = _single_head(rendered, configuration_set), _as_json(rendered)
    subject, html, text = (part.fill(message.slots) for part in parts)
    own = {"Destination": {"ToAddresses": [to]}, "EmailTags": _pairs(message.tags)}
    headers = json.dumps(_pairs(message.headers))
    body = f'{{"Text": {_utf8(text)}, "Html": {_utf8(html)}}}'
    simple = f'{{"Subject": {_utf8(subject)}, "Body": {body}, "Headers": {headers}}}'
    return f'{head}, {json.dumps(own)[1:-1]}, "Content": {{"Simple": {simple}}}}}'.encode("ascii")


@lru_cache(maxsize=16)
def _single_head(rendered: Rendered, configuration_set: str) -> str:
    return json.dumps(_from(rendered, configuration_set)).removesuffix("}")


@lru_cache(maxsize=16)
def _as_json(rendered: Rendered) -> tuple[Part, Part, Part]:
    """Subject, html and text, already escaped for a JSON string: what all readers share is escaped once."""
    parts = parts_of(rendered)
    return _json_part(parts.subject), _json_part(parts.html), _json_part(parts.text)


def _json_part(part: Part) -> Part:
    pieces = tuple(piece if at % 2 else _inner(piece) for at, piece in enumerate(part.pieces))
    return Part(pieces, lambda value: _inner(part.escape(value)))


def _inner(text: str) -> str:
    """`text` as it stands between the quotes of a JSON string."""
    return _quoted(text)[1:-1]


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


def _utf8(data: str) -> str:
    return f'{{"Data": "{data}", "Charset": "UTF-8"}}'
