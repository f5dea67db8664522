"""Mail that was accepted, kept as it came and rendered only when somebody looks.

A benchmark of a million readers keeps a tally instead: one byte for each reader of an issue. A log file, when asked
for, has a line for each accepted mail before the answer leaves; it survives the death of either side.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tests.doubles.ses.language import MissingVariable, compiled, parsed_data


@dataclass(frozen=True, slots=True)
class Call:
    """What all mails of one request share."""

    operation: str
    sender: str
    reply_to: tuple[str, ...]
    configuration_set: str
    #: Subject, Html, Text; empty for raw mail.
    content: dict[str, str]
    default_data: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    #: Rendered by the caller (Simple) rather than from a template.
    literal: bool = False
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Mail:
    """One accepted mail."""

    call: Call
    to: tuple[str, ...]
    message_id: str
    #: Seconds since the epoch.
    at: float
    own_data: str | None
    own_headers: tuple[tuple[str, str], ...]
    tags: dict[str, str]
    #: Why the account keeps it from the reader (BOUNCE or COMPLAINT); empty when it does not.
    suppressed: str = ""

    @property
    def sender(self) -> str:
        return self.call.sender

    @property
    def reply_to(self) -> tuple[str, ...]:
        return self.call.reply_to

    @property
    def subject(self) -> str:
        return self._part("Subject")

    @property
    def html(self) -> str:
        return self._part("Html")

    @property
    def text(self) -> str:
        return self._part("Text")

    @property
    def headers(self) -> dict[str, str]:
        """Custom headers: the mail's own win over the template's, by name."""
        own = {name.lower() for name, _ in self.own_headers}
        return {n: v for n, v in self.call.headers if n.lower() not in own} | dict(self.own_headers)

    @property
    def failure(self) -> str:
        """SES's words when the mail cannot be rendered, and so is never delivered."""
        try:
            for part in self.call.content:
                self._part(part)
        except MissingVariable as missing:
            return str(missing)
        return ""

    def _part(self, name: str) -> str:
        source = self.call.content.get(name, "")
        if self.call.literal:
            return source
        # All or nothing, as documented: data of its own replaces the default, and merges with none of it.
        data = self.call.default_data if self.own_data is None else self.own_data
        return compiled(source).render(parsed_data(data))

    def as_dict(self) -> dict[str, Any]:
        failure = self.failure
        parts = {"failure": failure} if failure else {"subject": self.subject, "html": self.html, "text": self.text}
        return {
            "message_id": self.message_id,
            "at": self.at,
            "from": self.sender,
            "to": list(self.to),
            "reply_to": list(self.reply_to),
            "headers": self.headers,
            "tags": self.tags,
            **parts,
        }


class Tally:
    """How often each delivery of an issue was accepted, one byte each."""

    def __init__(self) -> None:
        self._counts: dict[str, bytearray] = {}

    def add(self, tags: dict[str, str]) -> None:
        issue, delivery = tags.get("issue", ""), tags.get("delivery", "")
        if not delivery.isdecimal():
            return
        counts, at = self._counts.setdefault(issue, bytearray()), int(delivery)
        if at >= len(counts):
            counts.extend(bytes(max(at + 1 - len(counts), len(counts))))
        counts[at] = min(255, counts[at] + 1)

    def of(self, issue: str) -> dict[str, int]:
        """`once` and `more`: deliveries accepted once, and more than once."""
        counts = self._counts.get(issue, bytearray())
        once = counts.count(1)
        return {"once": once, "more": len(counts) - once - counts.count(0)}

    @property
    def issues(self) -> list[str]:
        return sorted(self._counts)


@dataclass
class Mailbox:
    """All accepted mail."""

    keep: Literal["all", "tally"] = "all"
    log: Path | None = None
    mails: list[Mail] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    accepted: int = 0
    #: When the first and the last were accepted, in seconds since the epoch.
    first_at: float = 0.0
    last_at: float = 0.0
    _log_file: int | None = None

    def take(self, mails: Iterable[Mail]) -> None:
        mails = list(mails)
        if self.log is not None:
            self._write(mails)
        if mails:
            self.first_at = self.first_at or mails[0].at
            self.last_at = mails[-1].at
        self.accepted += len(mails)
        for mail in mails:
            self.tally.add(mail.tags)
        if self.keep == "all":
            self.mails.extend(mails)

    def clear(self) -> None:
        self.mails.clear()
        self.tally = Tally()
        self.accepted = 0
        self.first_at = self.last_at = 0.0

    def close(self) -> None:
        if self._log_file is not None:
            os.close(self._log_file)
            self._log_file = None

    def _write(self, mails: list[Mail]) -> None:
        if self._log_file is None:
            assert self.log is not None
            self._log_file = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.write(self._log_file, "".join(json.dumps(_line(mail)) + "\n" for mail in mails).encode())


def _line(mail: Mail) -> dict[str, Any]:
    # The subject as it was sent to SES: its slots are still open.
    subject = mail.call.content.get("Subject", "")
    return {"id": mail.message_id, "at": mail.at, "to": mail.to, "tags": mail.tags, "subject": subject}


def read_log(path: Path) -> list[dict[str, Any]]:
    """What a log file says was accepted: id, at, to, tags, subject."""
    lines = path.read_text().splitlines() if path.exists() else []
    return [json.loads(line) for line in lines]
