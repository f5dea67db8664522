"""Every error that a person can meet, as one tree.

    DigestError                    1   something we know how to explain
    ├── UsageMistake               2   the command asked for something that is not there or makes no sense
    ├── NothingNew                11   too little is new for an issue, so there is none
    ├── SettingsError              3   settings.toml or the environment; lists every mistake at once
    ├── InputError                 4   a document, feed, file or row could not be read
    │   └── FetchError             4   … because the network said no
    │       ├── AddressRefused     4   … because we do not talk to that address
    │       ├── Forbidden          4   … because the site's robots.txt does not want it
    │       └── Postponed          4   … because it is not the time: nobody's fault, and asked for later
    ├── RenderError                5   a template or MJML mistake, with file and line
    ├── IllegalStep                6   the issue's state does not allow it
    ├── NotApproved                6   no approval, or what was approved has changed
    ├── Brake                      7   stopped before harm: nobody was mailed who should not be
    ├── StoreError                 8   the database is missing, behind, busy or broken
    └── SenderError                9   the sender (SES, SMTP, outbox) did not take it
        ├── PaceError              9   throttled: slow down and try again
        ├── AccountError           9   the account cannot send now; nobody is marked failed
        ├── PersonError            9   this one message was refused
        └── DoubtError             9   no answer: accepted or not, nobody knows

The number is the exit code. Code 10 is not an error: what was asked for was done in part, and a person should
look (`digest.cli.output.PARTLY`). Messages say what happened and what was kept; hints say what to do next.
"""

from __future__ import annotations

from typing import ClassVar, Literal

#: What an account has too much of: recipients a second, calls a second, or one of both that it does not tell.
Limit = Literal["rate", "calls", "either"]


class DigestError(Exception):
    """Something we know how to explain. `message` is for people; `hint` says what to do next."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()


class UsageMistake(DigestError):
    exit_code = 2


class NothingNew(DigestError):
    """Too little is new for an issue, so there is none. Not a mistake: cron may wait for the next time."""

    exit_code = 11


class SettingsError(DigestError):
    """Bad settings; `problems` has one sentence for each mistake."""

    exit_code = 3

    def __init__(self, problems: list[str], *, hint: str = "") -> None:
        super().__init__("\n".join(problems), hint=hint)
        self.problems = problems


class InputError(DigestError):
    exit_code = 4


class FetchError(InputError):
    """A document could not be fetched: refused address, too large, too slow, or an HTTP error."""

    def __init__(self, message: str, *, hint: str = "", status: int = 0, unanswered: bool = False) -> None:
        super().__init__(message, hint=hint)
        #: The HTTP status that said no; 0 when none did.
        self.status = status
        #: The machine itself cannot be had: no such name, no connection, no answer in time.
        self.unanswered = unanswered


class AddressRefused(FetchError):
    """Not an address for readers: private, local, with a password in it, or not of the web."""


class Forbidden(FetchError):
    """The site's robots.txt does not want programs to read it."""


class Postponed(FetchError):
    """Not now: the site asked to wait, or the time for gathering is up. `wait` is in seconds; 0 for the next time."""

    def __init__(self, message: str, *, hint: str = "", status: int = 0, wait: float = 0) -> None:
        super().__init__(message, hint=hint, status=status)
        self.wait = wait


class RenderError(DigestError):
    """A template mistake. `template` is the file's path below its templates folder, `line` is 1-based."""

    exit_code = 5

    def __init__(self, message: str, *, template: str = "", line: int = 0, hint: str = "") -> None:
        where = f"{template}:{line}: " if template and line else f"{template}: " if template else ""
        super().__init__(f"{where}{message}", hint=hint)
        self.template = template
        self.line = line


class IllegalStep(DigestError):
    exit_code = 6


class NotApproved(DigestError):
    exit_code = 6


class Brake(DigestError):
    exit_code = 7


class StoreError(DigestError):
    exit_code = 8


class SenderError(DigestError):
    """The sender did not take a whole call. `code` is the sender's own name for the error."""

    exit_code = 9

    def __init__(self, message: str, *, code: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code


class PaceError(SenderError):
    """Throttled: known not to have been accepted; slow down and try again. `limit` is what was too much."""

    def __init__(self, message: str, *, code: str = "", hint: str = "", limit: Limit = "rate") -> None:
        super().__init__(message, code=code, hint=hint)
        self.limit: Limit = limit


class AccountError(SenderError):
    """The account cannot send now. `waits` is true when time alone mends it (the 24-hour quota).

    `forbidden` is true when the credentials may not make this kind of call, and may well make another.
    """

    def __init__(
        self, message: str, *, code: str = "", hint: str = "", waits: bool = False, forbidden: bool = False
    ) -> None:
        super().__init__(message, code=code, hint=hint)
        self.waits = waits
        self.forbidden = forbidden


class PersonError(SenderError):
    """This message was refused for what it is or whom it is for; the rest goes on."""


class DoubtError(SenderError):
    """The request may have been accepted, and no answer says so: never re-sent by itself."""
