"""Every error of the list of subscribers, as one tree, in the same shape as the mailer's own.

    SubscribersError               1   something we know how to explain
    ├── WeakKey                    3   the keys that sign links are missing or too short
    ├── UnknownSubscriber          2   nobody on the list has this id or address
    ├── BadAddress                 4   not an address that mail can be sent to
    ├── BadToken                   4   a link that is not ours, was cut off, or has run out
    ├── Refused                    4   we may not mail this person
    │   ├── AddressSuppressed      4   … the address bounced, complained, was blocked or forgotten
    │   └── HasLeft                4   … they left, and nothing says that they want to come back
    ├── FileMistake                4   a file of subscribers that cannot be read as a whole; nothing was changed
    └── TooManyRejected            7   a brake: so many rows are wrong that the file is probably the wrong one

This package may not import the mailer, so it has a tree of its own; the number is the exit code.
Messages say what happened and what was kept; hints say what to do next.
"""

from __future__ import annotations

from typing import ClassVar


class SubscribersError(Exception):
    """Something we know how to explain. `message` is for people; `hint` says what to do next."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()


class WeakKey(SubscribersError):
    exit_code = 3


class UnknownSubscriber(SubscribersError):
    exit_code = 2


class BadAddress(SubscribersError):
    """`reason` alone fits into a list of rejected rows, where the address stands beside it."""

    exit_code = 4

    def __init__(self, address: str, reason: str) -> None:
        shown = address if len(address) <= 80 else f"{address[:79]}…"
        super().__init__(f"“{shown}” is not an address that mail can be sent to: {reason}")
        self.reason = reason


class BadToken(SubscribersError):
    """Shown to readers who followed a link; says nothing about anybody."""

    exit_code = 4


class Refused(SubscribersError):
    """We may not mail this person. `reason` is one word, for counting."""

    exit_code = 4

    def __init__(self, message: str, *, reason: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.reason = reason


class AddressSuppressed(Refused):
    pass


class HasLeft(Refused):
    pass


class FileMistake(SubscribersError):
    """`columns` are the column names that were seen, as written in the file."""

    exit_code = 4

    def __init__(self, message: str, *, hint: str = "", columns: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.columns = columns


class TooManyRejected(SubscribersError):
    exit_code = 7
