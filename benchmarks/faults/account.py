"""Faults of SES and of the account: answers that are lost or strange, throttling, statuses of entries, an account that
may not send."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from random import Random
from typing import Any

from benchmarks.faults.fault import Kind, Ongoing, one_call
from benchmarks.faults.stage import Stage

_NUMBERS = itertools.count(1)


def _until_struck(stage: Stage, **fields: Any) -> Ongoing:
    """Have the double fail so often, if it is called so often in time."""
    name = f"fault {next(_NUMBERS)}"
    stage.ses.ask("faults", {"name": name, **fields})

    def has_struck() -> bool:
        return bool(stage.ses.ask("faults")[name] >= fields["times"])

    def take_back() -> int:
        return int(stage.ses.ask("faults", {"name": name}, method="DELETE")["struck"])

    return Ongoing(end=take_back, lasts=4.0, is_done=has_struck)


def _spoilt(times: tuple[int, ...] = (1, 1, 2), **fields: Any) -> Callable[[Stage, Random], Ongoing | None]:
    def begin(stage: Stage, chance: Random) -> Ongoing | None:
        return _until_struck(stage, times=chance.choice(times), every=chance.choice((1, 2)), **fields)

    return begin


def _entries(status: str, share: float) -> Callable[[Stage, Random], Ongoing | None]:
    def begin(stage: Stage, chance: Random) -> Ongoing | None:
        struck = [address for address in stage.invited if chance.random() < share]
        fields = {"kind": "entries", "operation": "SendBulkEmail", "times": chance.choice((1, 2, 4))}
        return _until_struck(stage, entries=dict.fromkeys(struck, status), **fields)

    return begin


def _account(lasts: tuple[float, float], **fields: Any) -> Callable[[Stage, Random], Ongoing | None]:
    def begin(stage: Stage, chance: Random) -> Ongoing | None:
        stage.was_stopped = False
        stage.ses.ask("account", fields)
        return Ongoing(end=lambda: _well(stage), lasts=chance.uniform(*lasts))

    return begin


def _quota_gone(stage: Stage, chance: Random) -> Ongoing | None:
    stage.was_stopped = False
    stage.ses.ask("account", {"quota": stage.ses.ask("stats")["last_day"] + chance.choice((0, 30, 130))})
    return Ongoing(end=lambda: _well(stage), lasts=chance.uniform(1, 3))


def _well(stage: Stage) -> int:
    stage.ses.mend()
    return int(stage.was_stopped)


def _slower(stage: Stage, chance: Random) -> Ongoing | None:
    stage.ses.ask("account", {"rate": stage.ses.rate / chance.choice((2, 4))})
    before = stage.ses.ask("stats")["throttled"]

    def end() -> int:
        stage.ses.mend()
        return int(stage.ses.ask("stats")["throttled"] > before)

    return Ongoing(end=end, lasts=chance.uniform(1, 3))


TOO_FAST = {"code": "TooManyRequestsException", "message": "Maximum sending rate exceeded."}
TOO_MANY_CALLS = {"code": "TooManyRequestsException", "message": "Rate exceeded"}

SES = (
    Kind(name="connection cut after SES accepted", begin=_spoilt(kind="drop"), in_doubt=one_call),
    Kind(name="no answer in time", begin=_spoilt(kind="silence"), in_doubt=one_call),
    Kind(name="500 after SES accepted", begin=_spoilt(kind="error"), in_doubt=one_call),
    Kind(name="unreadable answer", begin=_spoilt(kind="garble"), in_doubt=one_call),
    Kind(name="answer too short", begin=_spoilt(kind="short"), in_doubt=one_call),
    Kind(name="connection closed, nothing accepted", begin=_spoilt(kind="close"), in_doubt=one_call),
    Kind(
        name="503, nothing accepted",
        begin=_spoilt(kind="refuse", code="ServiceUnavailable", status=503),
        in_doubt=one_call,
    ),
    Kind(name="throttled: rate", begin=_spoilt((1, 2, 3), kind="refuse", **TOO_FAST)),
    Kind(name="throttled: calls", begin=_spoilt((1,), kind="refuse", operation="SendBulkEmail", **TOO_MANY_CALLS)),
    Kind(name="rate lowered for a while", begin=_slower),
    Kind(name="an error that nobody knows", begin=_spoilt((1,), kind="refuse", code="StrangeException", status=400)),
    Kind(name="credentials refused", begin=_spoilt((1,), kind="refuse", code="ExpiredTokenException", status=403)),
    Kind(name="account paused and resumed", begin=_account((0.5, 2.0), sending_enabled=False)),
    Kind(name="account suspended and back", begin=_account((0.5, 2.0), enforcement="SHUTDOWN")),
    Kind(name="daily quota gone and back", begin=_quota_gone),
    *(
        Kind(name=f"entries: {status}", begin=_entries(status, share))
        for status, share in (
            ("ACCOUNT_THROTTLED", 0.3),
            ("TRANSIENT_FAILURE", 0.3),
            ("FAILED", 0.1),
            ("ACCOUNT_DAILY_QUOTA_EXCEEDED", 0.3),
            ("ACCOUNT_SENDING_PAUSED", 0.3),
            ("MESSAGE_REJECTED", 0.02),
            ("SOMETHING_NEW", 0.05),
        )
    ),
)
