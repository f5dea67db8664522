"""The account: what it may send, how fast, from and to whom.

SES counts recipients. A call passes when any of the rate is left, takes what it needs even beyond that, and
the account is throttled until the debt is paid (`Bucket`). `Window` is stricter than SES: no second may hold more
than the rate. A sender that passes it is smooth.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any, Protocol

_DAY = 86_400.0
_MINUTE = 60.0
SIMULATOR = "@simulator.amazonses.com"


class RateRule(Protocol):
    def take(self, now: float, count: int) -> bool:
        """Whether `count` may pass at `now` (seconds on any clock that only goes forward)."""
        ...


class Bucket:
    """One second's worth, refilled steadily; may be overdrawn by one call."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._left = max(1.0, rate)
        self._at: float | None = None

    def take(self, now: float, count: int) -> bool:
        if self._at is not None:
            self._left = min(max(1.0, self._rate), self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1.0:
            return False
        self._left -= count
        return True


class Window:
    """At most the rate within any one second."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._taken: deque[tuple[float, int]] = deque()
        self._used = 0

    def take(self, now: float, count: int) -> bool:
        while self._taken and self._taken[0][0] <= now - 1.0:
            self._used -= self._taken.popleft()[1]
        if self._used + count > self._rate:
            return False
        self._taken.append((now, count))
        self._used += count
        return True


@dataclass(kw_only=True)
class Account:
    #: Recipients per second; 0 is no limit.
    rate: float = 0.0
    #: Recipients per 24 hours; -1 is no limit, as GetAccount writes it.
    quota: float = -1.0
    #: Bulk calls per second; 0 is no limit of their own.
    bulk_calls: float = 0.0
    strict: bool = False
    #: The code of "Daily message quota exceeded.": SES documents none for v2.
    quota_code: str = "TooManyRequestsException"
    production: bool = True
    sending_enabled: bool = True
    #: HEALTHY, PROBATION or SHUTDOWN.
    enforcement: str = "HEALTHY"
    #: Addresses and domains that may send (in the sandbox: also receive); None is any.
    identities: set[str] | None = None
    #: Identity → what GetEmailIdentity says of it beside or instead of its being in order.
    about_identities: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: Address → BOUNCE or COMPLAINT: accepted and never delivered.
    suppressed: dict[str, str] = field(default_factory=dict)
    templates: dict[str, dict[str, str]] = field(default_factory=dict)
    configuration_sets: set[str] = field(default_factory=set)
    #: Configuration set → name of an event destination → what it is.
    destinations: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    _rule: RateRule | None = None
    _bulk_rule: RateRule | None = None
    _by_minute: deque[tuple[float, int]] = field(default_factory=deque)
    _sent: int = 0

    def __post_init__(self) -> None:
        self.limit(self.rate, self.bulk_calls)

    def limit(self, rate: float, bulk_calls: float = 0.0) -> None:
        """Another rate from now on."""
        kind = Window if self.strict else Bucket
        self.rate, self.bulk_calls = rate, bulk_calls
        self._rule = kind(rate) if rate else None
        self._bulk_rule = Bucket(bulk_calls) if bulk_calls else None

    def verified(self, address: str) -> bool:
        known = self.identities
        return known is None or address in known or address.rpartition("@")[2] in known

    def may_receive(self, address: str) -> bool:
        return self.production or address.endswith(SIMULATOR) or self.verified(address)

    def passes_bulk_call(self, now: float) -> bool:
        return self._bulk_rule is None or self._bulk_rule.take(now, 1)

    def passes_rate(self, now: float, count: int) -> bool:
        return self._rule is None or self._rule.take(now, count)

    def sent_last_day(self, now: float) -> int:
        while self._by_minute and self._by_minute[0][0] <= now - _DAY:
            self._sent -= self._by_minute.popleft()[1]
        return self._sent

    def left_today(self, now: float) -> float:
        return float("inf") if self.quota < 0 else self.quota - self.sent_last_day(now)

    def count(self, now: float, recipients: int) -> None:
        """Recipients that were accepted; the simulator's are not counted by SES."""
        self._sent += recipients
        if self._by_minute and now - self._by_minute[-1][0] < _MINUTE:
            self._by_minute[-1] = (self._by_minute[-1][0], self._by_minute[-1][1] + recipients)
        else:
            self._by_minute.append((now, recipients))
