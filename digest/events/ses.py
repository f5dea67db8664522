"""What SES says in its events, read into ours: pure, and ready for whatever it sends.

Two shapes are told by their key: `eventType` of a configuration set's events, `notificationType` of an identity's
notifications, which carry no tags. One of SES's events may be about several recipients; ours are about one. A kind
that we do not know is kept as it came. The first message to a new topic is a greeting in plain text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from digest.errors import InputError
from digest.model import Event, EventKind

Json = Mapping[str, Any]

GREETING = "Successfully validated SNS topic for Amazon SES event publishing."

_KINDS = {
    "send": EventKind.SEND,
    "delivery": EventKind.DELIVERY,
    "bounce": EventKind.BOUNCE,
    "complaint": EventKind.COMPLAINT,
    "reject": EventKind.REJECT,
    "renderingfailure": EventKind.RENDERING_FAILURE,
    "deliverydelay": EventKind.DELAY,
    "open": EventKind.OPEN,
    "click": EventKind.CLICK,
    "subscription": EventKind.SUBSCRIPTION,
}
#: Rare, and worth reading word for word when something is wrong.
_KEPT = frozenset(
    {
        EventKind.BOUNCE,
        EventKind.COMPLAINT,
        EventKind.REJECT,
        EventKind.RENDERING_FAILURE,
        EventKind.SUBSCRIPTION,
        EventKind.UNKNOWN,
    }
)
#: As much of a text as is kept; a link may be longer than anybody reads.
_LONGEST = 500
#: Databases count issues and positions to here.
_LARGEST = 2**31 - 1


def read(text: str) -> list[Event]:
    """The events in a message of SES's; none for its greeting. Raises InputError with the reason when it is neither."""
    if text.strip().startswith(GREETING):
        return []
    return _events(_json(text), text)


def is_event(value: object) -> bool:
    return isinstance(value, dict) and ("eventType" in value or "notificationType" in value)


def _json(text: str) -> Json:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError("It is not JSON.") from None
    if not is_event(value):
        raise InputError("It is JSON, and no event of SES's.")
    return value  # type: ignore[no-any-return]


def _events(said: Json, text: str) -> list[Event]:
    name = str(said.get("eventType") or said.get("notificationType") or "")
    kind = _KINDS.get(re.sub(r"[^a-z]", "", name.lower()), EventKind.UNKNOWN)
    mail = said.get("mail")
    if not isinstance(mail, dict) or not isinstance(mail.get("messageId"), str) or not mail["messageId"]:
        if kind is not EventKind.UNKNOWN:
            raise InputError(f"It is a {name} of no message.")
        mail = {}
    part = _part(said, kind)
    what, detail = _FACTS.get(kind, _nothing)(part)
    tags = _tags(mail)
    told: dict[str, Any] = {
        "kind": kind,
        "at": _moment(part.get("timestamp")) or _moment(mail.get("timestamp")) or _moment(said.get("time")) or _EPOCH,
        "message_id": _clean(mail.get("messageId", "")),
        "issue": _number(tags.get("issue")),
        "position": _number(tags.get("delivery")),
        "attempt": _number(tags.get("attempt")),
        "what": _clean(name if kind is EventKind.UNKNOWN else what),
        "agent": _clean(part.get("userAgent", "")) if kind in _BY_READERS else "",
        "network": _clean(part.get("ipAddress", "")) if kind in _BY_READERS else "",
        "raw": _harmless(text) if kind in _KEPT else "",
    }
    feedback = _clean(part.get("feedbackId", ""))
    return [
        Event(**told, address=address, detail=_clean(own or detail), key=_key(told, address, feedback, text))
        for address, own in _recipients(kind, part, mail)
    ]


_BY_READERS = frozenset({EventKind.OPEN, EventKind.CLICK})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _part(said: Json, kind: EventKind) -> Json:
    """The object that has what this kind of event is about."""
    name = {EventKind.RENDERING_FAILURE: "failure", EventKind.DELAY: "deliveryDelay"}.get(kind, kind.value)
    part = said.get(name)
    return part if isinstance(part, dict) else {}


def _key(told: Mapping[str, Any], address: str, feedback: str, text: str) -> bytes:
    """The same for the same event, however often it is told and by whichever shape.

    SES names bounces and complaints by a feedback id; everything else is known by message, kind, recipient and moment.
    """
    kind, at = told["kind"], told["at"].isoformat()
    parts: tuple[object, ...]
    if kind is EventKind.UNKNOWN:
        parts = (kind, text)
    elif feedback:
        parts = (kind, feedback, address.lower())
    else:
        link = told["what"] if kind is EventKind.CLICK else ""
        parts = (kind, told["message_id"], address.lower(), at, link)
    return sha256("\n".join(map(str, parts)).encode("utf-8", "replace")).digest()[:16]


# --- Recipients --------------------------------------------------------------------------------------------

#: Where a kind names its recipients, when not all of the mail's are meant.
_NAMED = {
    EventKind.BOUNCE: "bouncedRecipients",
    EventKind.COMPLAINT: "complainedRecipients",
    EventKind.DELIVERY: "recipients",
    EventKind.DELAY: "delayedRecipients",
}


def _recipients(kind: EventKind, part: Json, mail: Json) -> list[tuple[str, str]]:
    """Address and what its server said, of each recipient; one without an address where none is named."""
    meant = _list(mail.get("destination"))
    to = [_bare(address) for address in meant if isinstance(address, str)]
    named = [_named(one) for one in _list(part.get(_NAMED.get(kind, "")))]
    named = [(address, said) for address, said in named if address]
    if len(to) == 1 and len(named) <= 1:
        # Mail that was forwarded bounces, and is complained about, elsewhere: it is about the one we wrote to.
        return [(to[0], named[0][1] if named else "")]
    found = named or [(address, "") for address in to]
    return list(dict(found).items()) or [("", "")]


def _named(one: object) -> tuple[str, str]:
    if isinstance(one, str):
        return _bare(one), ""
    if not isinstance(one, dict):
        return "", ""
    said = one.get("diagnosticCode") or one.get("status") or ""
    return _bare(str(one.get("emailAddress") or "")), str(said)


def _bare(address: str) -> str:
    found = re.fullmatch(r".*<([^<>]*)>\s*", address, re.DOTALL)
    return _clean(found[1] if found else address).strip()


# --- Facts -------------------------------------------------------------------------------------------------


def _nothing(_part: Json) -> tuple[str, str]:
    return "", ""


def _bounce(part: Json) -> tuple[str, str]:
    return f"{part.get('bounceType') or 'Undetermined'} {part.get('bounceSubType') or 'Undetermined'}", ""


def _complaint(part: Json) -> tuple[str, str]:
    return " ".join(str(part[k]) for k in ("complaintFeedbackType", "complaintSubType") if part.get(k)), ""


def _failure(part: Json) -> tuple[str, str]:
    return str(part.get("templateName") or ""), str(part.get("errorMessage") or "The template could not be filled.")


_FACTS: dict[EventKind, Callable[[Json], tuple[str, str]]] = {
    EventKind.BOUNCE: _bounce,
    EventKind.COMPLAINT: _complaint,
    EventKind.REJECT: lambda part: ("", str(part.get("reason") or "SES gives no reason")),
    EventKind.RENDERING_FAILURE: _failure,
    EventKind.DELAY: lambda part: (str(part.get("delayType") or "Undetermined"), ""),
    EventKind.CLICK: lambda part: (str(part.get("link") or ""), ""),
}


def _tags(mail: Json) -> dict[str, str]:
    """Tag → its first value: SES gives each as a list, and others have been seen to give the bare value."""
    tags = mail.get("tags")
    if not isinstance(tags, dict):
        return {}
    return {name: str(value[0] if isinstance(value, list) and value else value) for name, value in tags.items()}


def _number(value: str | None) -> int:
    fits = value is not None and re.fullmatch(r"[0-9]{1,10}", value) and int(value) <= _LARGEST
    return int(value) if fits and value else 0


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else []


def _clean(value: object) -> str:
    return _harmless(value if isinstance(value, str) else "")[:_LONGEST]


def _harmless(text: str) -> str:
    """Without what databases refuse in a text: NUL and halves of characters."""
    if text.isascii():
        return text.replace("\x00", "")
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")
