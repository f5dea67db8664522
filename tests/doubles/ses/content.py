"""What a request says its mail consists of: Simple, Template (stored or in the request) or Raw."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from tests.doubles.ses import limits
from tests.doubles.ses.account import Account
from tests.doubles.ses.errors import SesError, bad_request
from tests.doubles.ses.language import compiled
from tests.doubles.ses.mail import Call

Json = dict[str, Any]
Pairs = tuple[tuple[str, str], ...]
_PARTS = ("Subject", "Html", "Text")
_LONGEST_RAW_LINE = 1000


@dataclass(frozen=True, slots=True)
class Given:
    """The content of one SendEmail."""

    call: Call
    headers: Pairs = ()
    #: Recipients named in a raw message; the request's own come first.
    to: tuple[str, ...] = ()


class Contents:
    """Reads requests' content; keeps one copy of each template, whatever number of calls bring it."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._known: dict[tuple[str, ...], dict[str, str]] = {}

    def of_email(self, request: Json) -> Given:
        content = request.get("Content") or {}
        if simple := content.get("Simple"):
            headers = simple.get("Headers") or []
            limits.check_headers(headers)
            return Given(_call(request, "SendEmail", _simple(simple), literal=True), pairs(headers))
        if template := content.get("Template"):
            return Given(self.of_template(request, template, "SendEmail"))
        if raw := content.get("Raw"):
            return _raw(request, raw)
        raise bad_request("Content must be one of Simple, Raw or Template.")

    def of_template(self, request: Json, template: Json, operation: str) -> Call:
        content = template.get("TemplateContent")
        if content is None:
            name = template.get("TemplateName", "")
            content = self._account.templates.get(name)
            if content is None:
                raise SesError("NotFoundException", f"Template {name} does not exist.")
        headers, data = template.get("Headers") or [], template.get("TemplateData") or ""
        limits.check_headers(headers)
        if len(data) > limits.MAX_DATA:
            raise bad_request("TemplateData is too long.")
        return replace(_call(request, operation, self._one_copy(content)), default_data=data, headers=pairs(headers))

    def _one_copy(self, content: Json) -> dict[str, str]:
        key = tuple(str(content.get(part) or "") for part in _PARTS)
        if key not in self._known:
            for source in key:
                compiled(source)
            self._known[key] = {part: source for part, source in zip(_PARTS, key, strict=True) if source}
        return self._known[key]


def pairs(values: list[dict[str, str]] | None) -> Pairs:
    return tuple((value["Name"], value["Value"]) for value in values or ())


def _call(request: Json, operation: str, content: dict[str, str], *, literal: bool = False) -> Call:
    return Call(
        operation=operation,
        sender=request.get("FromEmailAddress", ""),
        reply_to=tuple(request.get("ReplyToAddresses") or ()),
        configuration_set=request.get("ConfigurationSetName", ""),
        content=content,
        literal=literal,
    )


def _simple(simple: Json) -> dict[str, str]:
    body = simple.get("Body") or {}
    given = {"Subject": simple.get("Subject"), "Html": body.get("Html"), "Text": body.get("Text")}
    if not body or given["Subject"] is None:
        raise bad_request("Subject and Body are required.")
    return {part: content["Data"] for part, content in given.items() if content}


def _raw(request: Json, raw: Json) -> Given:
    try:
        data = base64.b64decode(raw.get("Data") or "", validate=True)
    except binascii.Error:
        raise bad_request("Raw.Data must be base64.") from None
    if any(len(line) > _LONGEST_RAW_LINE for line in data.split(b"\r\n")):
        raise bad_request("No line of a raw message may have more than 1000 characters.")
    message = message_from_bytes(data, policy=policy.default)
    sender = request.get("FromEmailAddress") or str(message["From"] or "")
    content = {"Subject": str(message["Subject"] or ""), **_bodies(message)}
    call = replace(_call(request, "SendEmail", content, literal=True), sender=sender, raw=data)
    named = [str(message[name]) for name in ("To", "Cc", "Bcc") if message[name]]
    to = tuple(limits.address_in(mailbox) for line in named for mailbox in line.split(","))
    return Given(call, tuple((name, str(value)) for name, value in message.items()), to)


def _bodies(message: EmailMessage) -> dict[str, str]:
    found = {"Html": message.get_body(("html",)), "Text": message.get_body(("plain",))}
    return {part: str(body.get_content()) for part, body in found.items() if body is not None}
