"""Opens and clicks by machines: mail scanners look at every link before the reader does, some proxies at every image.

Pure: what is said of an event by itself (its *sign*), and what all opens and clicks of one message say together. The
order in which they were told does not matter. Where nothing speaks for a machine it counts as the reader's: these are
figures and no proof of anything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from digest.events.scanners import is_program, is_scanner
from digest.model import Event, EventKind
from digest.web.links import CANARY

#: Nobody reads and clicks so soon after the reader's server took the message.
SOON = timedelta(seconds=5)
#: Different links within this are followed by a program.
AT_ONCE = timedelta(seconds=1)
#: What else a visitor of the canary did within this was the same visit.
VISIT = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """An open or a click of one message, as it is kept."""

    key: bytes
    kind: EventKind
    at: datetime
    link: str = ""
    sign: str = ""


def sign(event: Event, own: Collection[str] = ()) -> str:
    """What in an open or click by itself speaks of a machine; empty when nothing does. `own` are more networks."""
    if event.kind is EventKind.CLICK and urlsplit(event.what).path.rstrip("/").endswith(CANARY):
        return "canary"
    if is_program(event.agent):
        return "agent"
    if event.network and is_scanner(event.network, clicked=event.kind is EventKind.CLICK, own=tuple(own)):
        return "network"
    return ""


def machines(responses: Sequence[Response], delivered_at: datetime | None) -> frozenset[bytes]:
    """Keys of the responses to one message that are a machine's; `delivered_at` None is when that is not known."""
    visits = [one.at for one in responses if one.sign == "canary"]
    return frozenset(
        one.key
        for one in responses
        if one.sign
        or _is_soon(one, delivered_at)
        or any(abs(one.at - visit) <= VISIT for visit in visits)
        or _is_in_burst(one, responses)
    )


def _is_soon(one: Response, delivered_at: datetime | None) -> bool:
    return delivered_at is not None and one.at - delivered_at < SOON


def _is_in_burst(one: Response, responses: Iterable[Response]) -> bool:
    """A click with one on another link at its side."""
    if one.kind is not EventKind.CLICK:
        return False
    return any(
        other.kind is EventKind.CLICK and other.link != one.link and abs(other.at - one.at) <= AT_ONCE
        for other in responses
    )
