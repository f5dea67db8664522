"""The sender that mails nobody: each message becomes an .eml file that any mail program opens.

For trying things out, for dry runs and for tests; it needs no account and no network. A file's name comes from the
issue, the position and the address alone, so a message written again after a crash replaces itself.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from digest.deliver.senders import letters
from digest.deliver.senders.letters import Letter
from digest.deliver.senders.port import Prepared
from digest.deliver.senders.receipts import in_order
from digest.errors import AccountError
from digest.model import Account, DeliveryState, Message, Receipt, Rendered

#: Files cost nothing, so the pace is only kept finite.
_FASTEST = 1_000_000.0
_UNSAFE = re.compile(r"[^A-Za-z0-9@._+-]")
#: File systems take 255 bytes for a name; the position alone already makes it unique.
_LONGEST_ADDRESS = 150


class OutboxSender:
    """Writes messages to `folder`/ISSUE/POSITION-ADDRESS.eml, notices to `folder`/notices."""

    name = "outbox"

    def __init__(self, folder: Path, *, clock: Callable[[], datetime], batch_size: int = 50) -> None:
        self.batch_size = batch_size
        self._folder = folder
        self._clock = clock

    def account(self) -> Account:
        return Account(max_rate=_FASTEST, note=f"Nobody is mailed: messages are written to {self._folder}.")

    def prepare(self, rendered: Rendered, messages: Sequence[Message]) -> Prepared:
        return letters.prepare(rendered, messages, at=self._clock())

    def send(self, prepared: Prepared) -> list[Receipt]:
        prepared.insist()
        prepared.insist_in_time(self._clock())
        return in_order(prepared, [self._write(letter) for letter in prepared.request or ()])

    def close(self) -> None:
        """Nothing is held open."""

    def path(self, message: Message) -> Path:
        """Where this message is, or would be, written."""
        # A notice is of no issue, and must not lie among the trials.
        folder = "notices" if "notice" in message.tags else _safe(message.tags["issue"])
        return self._folder / folder / file_name(message)

    def _write(self, letter: Letter) -> Receipt:
        path = self.path(letter.message)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_name(f".{path.name}.part")
            unfinished.write_bytes(letter.build())
            os.replace(unfinished, path)  # noqa: PTH105  # Path.replace would do the same; this one is known as atomic
        except OSError as problem:
            raise AccountError(
                f"The outbox cannot be written: {problem}.",
                code=type(problem).__name__,
                hint=f"Make room for, or allow writing to, {self._folder}; messages already written stay.",
            ) from problem
        position = letter.message.recipient.position
        return Receipt(position=position, state=DeliveryState.ACCEPTED, message_id=letter.message_id)


def file_name(message: Message) -> str:
    address = _safe(message.recipient.address)[:_LONGEST_ADDRESS]
    return f"{message.recipient.position}-{address}.eml"


def _safe(text: str) -> str:
    """`text` as part of a file name on every system: no separators, no spaces, nothing hidden."""
    return _UNSAFE.sub("_", text).lstrip(".") or "_"
