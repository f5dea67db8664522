"""What the words in a file's cells mean: standings, giving, yes and no, moments.

Where a word could let somebody be mailed who should not be, what is not understood is not taken for a yes.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

from subscribers.model import Reason, State, Supporter

_STANDINGS: dict[State | Reason, str] = {
    State.ACTIVE: """active, subscribed, subscriber, enabled, confirmed, regular, premium, paid, free, yes, opted in,
        ok, valid, live, on, 1, true, abonné, aktiv, activo, attivo, ativo, פעיל, активен""",
    State.UNCONFIRMED: """unconfirmed, pending, unactivated, unverified, not confirmed, validating, nonsubscribed,
        not subscribed, never subscribed, transactional, requires verification""",
    State.LEFT: """left, unsubscribed, unsub, opted out, cancelled, canceled, disabled, inactive, removed, deleted,
        archived, churned, no, off, 0, false, désabonné, désinscrit, abgemeldet, inactivo, inativo, הוסר""",
    Reason.BOUNCE: "bounce, bounced, cleaned, hard bounce, hard bounced, undeliverable, invalid, invalid email",
    Reason.COMPLAINT: "complaint, complained, spam, spam complaint, marked as spam, reported spam, abuse",
    Reason.MANUAL: "manual, suppressed, blocklisted, blacklisted, blocked, banned",
}

_GIVING: dict[Supporter, str] = {
    Supporter.NONE: "none, no, false, 0, never, free, non donor, not a donor, non supporter, non member, nein, non",
    Supporter.ONE_TIME: "one time, once, single, one off, einmalig, ponctuel, única, único, una vez, חד פעמי",
    Supporter.MONTHLY: """monthly, recurring, sustainer, sustaining, regular, annual, yearly, quarterly, mensuel,
        monatlich, mensual, mensile, maandelijks, חודשי""",
    Supporter.LAPSED: "lapsed, former, expired, past, cancelled, canceled, ex",
    Supporter.UNKNOWN: "unknown, n/a, na, unbekannt, inconnu",
}

_YES = frozenset(["yes", "y", "true", "t", "1", "x", "on", "oui", "ja", "si", "sí", "sim", "да", "כן", "✓", "✔"])
_NO = frozenset(["no", "n", "false", "f", "0", "off", "non", "nein", "não", "нет", "לא", "null", "none", "nil", "-"])

#: No way to write a moment takes more; a longer cell is prose.
_LONGEST_MOMENT = 60

_GIVER = re.compile(r"(?:donors?|supporters?|members?|gifts?|donations?|givers?)$")


def _letters(word: str) -> str:
    return "".join(char for char in word.casefold() if char.isalnum())


_STANDING_OF = {_letters(word): standing for standing, words in _STANDINGS.items() for word in words.split(",")}
_GIVING_OF = {_letters(word): giving for giving, words in _GIVING.items() for word in words.split(",")}


@lru_cache(4096)
def standing(word: str) -> State | Reason | None:
    """None for a word that we do not know. An empty cell in a column of standings is no yes: unconfirmed."""
    return _STANDING_OF.get(_letters(word)) if word.strip() else State.UNCONFIRMED


@lru_cache(4096)
def giving(word: str) -> Supporter | None:
    """None for a word that does not say how somebody gives, such as a bare "yes"."""
    text = _letters(word)
    if not text:
        return Supporter.UNKNOWN
    return _GIVING_OF.get(text) or _GIVING_OF.get(_GIVER.sub("", text))


def is_set(word: str) -> bool:
    """Whether a mark against somebody stands there: anything but an empty cell or a no, also a date or a text."""
    return word.strip().casefold() not in _NO and bool(word.strip())


def is_yes(word: str) -> bool:
    """Whether a mark for somebody stands there: a yes, or the date of one; nothing else counts."""
    return word.strip().casefold() in _YES or moment(word) is not None


def moment(word: str) -> datetime | None:
    """ISO 8601 or mail dates, UTC where no zone is given. None for others: 03/04/2020 may be March or April."""
    text = word.strip()[:_LONGEST_MOMENT].removesuffix(" UTC")
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        try:
            found = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    # Before 1971 is a spreadsheet's zero.
    return found.astimezone(UTC) if 1970 < found.year < 9000 else None
