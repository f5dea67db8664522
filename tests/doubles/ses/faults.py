"""Everything that can go wrong with a call, to order: once, so many times, or at every k-th call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["refuse", "close", "entries", "drop", "error", "silence", "garble", "short"]

#: Nothing is accepted: SES answers with `code`, or the connection just ends.
BEFORE = ("refuse", "close")
#: Everything is accepted, and the answer is lost (drop, silence), a 500, not JSON, or has too few results.
AFTER = ("drop", "error", "silence", "garble", "short")


@dataclass(kw_only=True)
class Fault:
    kind: Kind
    #: "send" is SendBulkEmail and SendEmail; otherwise an operation's name; "any" is every call.
    operation: str = "send"
    #: How often it strikes; 0 is without end.
    times: int = 1
    #: Strikes at every so many calls: 3 spares the first two.
    every: int = 1
    #: For "refuse".
    code: str = "TooManyRequestsException"
    status: int = 0
    message: str = ""
    #: For "entries": address → status of its bulk result.
    entries: dict[str, str] = field(default_factory=dict)
    #: By which whoever ordered it finds it again.
    name: str = ""
    seen: int = 0
    struck: int = 0

    def concerns(self, operation: str) -> bool:
        sends = operation in ("SendBulkEmail", "SendEmail")
        return self.operation in (operation, "any") or (self.operation == "send" and sends)

    def strikes(self, operation: str) -> bool:
        if not self.concerns(operation) or (self.times and self.struck >= self.times):
            return False
        self.seen += 1
        if self.seen % self.every:
            return False
        self.struck += 1
        return True


@dataclass
class Faults:
    planned: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        self.planned.append(fault)

    def next(self, operation: str) -> Fault | None:
        """The fault that strikes this call, if any."""
        return next((fault for fault in self.planned if fault.strikes(operation)), None)

    def forget(self, name: str) -> int:
        """Take a fault back; how often it struck."""
        struck = sum(fault.struck for fault in self.planned if fault.name == name)
        self.planned = [fault for fault in self.planned if fault.name != name]
        return struck

    def clear(self) -> None:
        self.planned.clear()
