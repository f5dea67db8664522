"""Whose export a file is, by its columns and its name, and what that system means by words that others use otherwise.

Nothing depends on a system being recognised: an unknown file is read by its headings, as carefully as any.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from subscribers.errors import FileMistake
from subscribers.headings import letters
from subscribers.model import Reason, State


@dataclass(frozen=True, kw_only=True, slots=True)
class System:
    name: str
    #: Each is a set of headings, by their letters, that no other system has together.
    signs: tuple[frozenset[str], ...] = ()
    #: What its words for a standing mean, where that is not what they mean elsewhere.
    standings: Mapping[str, State | Reason] = field(default_factory=dict)
    #: What the beginning of a file's name says about everybody in it.
    files: Mapping[str, State | Reason] = field(default_factory=dict)
    #: A status, plan or tier that means somebody pays again and again.
    paid: frozenset[str] = frozenset()


def _signs(*headings: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(letters(word) for word in words.split(",")) for words in headings)


UNKNOWN = System(name="")
OURS = System(name="this mailer", signs=_signs("newsletter_slug,suppressed_detail"))
MAILCHIMP = System(
    name="Mailchimp",
    signs=_signs("email address,leid", "email address,euid", "email address,optin_time", "email address,member_rating"),
    files={
        "unsubscribed": State.LEFT,
        "cleaned": Reason.BOUNCE,
        "nonsubscribed": State.UNCONFIRMED,
        "archived": State.LEFT,
    },
)
SUBSTACK = System(
    name="Substack",
    signs=_signs("email,active_subscription", "email,email_disabled", "email,stripe plan,start date"),
    paid=frozenset({"paid", "monthly", "annual", "yearly", "founding", "monthlysubscription", "annualsubscription"}),
)
GHOST = System(
    name="Ghost",
    signs=_signs("email,subscribed_to_emails", "email,complimentary_plan"),
    standings={"comped": State.ACTIVE, "complimentary": State.ACTIVE, "gift": State.ACTIVE},
    paid=frozenset({"paid"}),
)
KIT = System(
    name="Kit",
    signs=_signs(
        "email,first_name,tags,created_at",
        "email address,first name,subscribed at,tags",
        "email_address,first_name,state,created_at",
    ),
    # Kit's inactive have not confirmed; its cold have not opened for long, and are on the list.
    standings={"inactive": State.UNCONFIRMED, "cold": State.ACTIVE},
)
# Its inactive have left; whether its premium readers pay every month, or anything, is not said.
BEEHIIV = System(
    name="beehiiv",
    signs=_signs(
        "email,status,tier,stripe_customer_id", "email,status,tier,unsubscribed_at", "email,free tier,premium tier"
    ),
)
LISTMONK = System(name="listmonk", signs=_signs("uuid,email,attributes", "email,attributes,status"))

_SYSTEMS = (OURS, MAILCHIMP, SUBSTACK, GHOST, LISTMONK, BEEHIIV, KIT)

#: Names of lists that nobody wants to mail, whoever made them.
_BY_NAME: dict[str, State | Reason] = {
    "unsubscrib": State.LEFT,
    "unsubs": State.LEFT,
    "optout": State.LEFT,
    "optedout": State.LEFT,
    "bounce": Reason.BOUNCE,
    "hardbounce": Reason.BOUNCE,
    "complain": Reason.COMPLAINT,
    "spamcomplain": Reason.COMPLAINT,
    "suppress": Reason.MANUAL,
    "blocklist": Reason.MANUAL,
    "blacklist": Reason.MANUAL,
    "unconfirmed": State.UNCONFIRMED,
}

#: A file with this column tells what happened to single issues, not who is on the list.
_OF_ISSUES = frozenset({"postid"})


def system_of(headings: Sequence[str]) -> System:
    seen = frozenset(map(letters, headings))
    return next((system for system in _SYSTEMS if any(sign <= seen for sign in system.signs)), UNKNOWN)


def standing_by_name(system: System, name: str) -> State | Reason | None:
    """What a file's name says about everybody in it; only its beginning counts."""
    beginning = re.sub(r"[\W\d_]+", "", name.casefold())
    names = {**_BY_NAME, **system.files}
    return next((told for word, told in names.items() if beginning.startswith(word)), None)


def lists_among(found: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Of the files in an archive, by name with their headings, those that belong to one list. Raises FileMistake."""
    lists = {name: headings for name, headings in found.items() if not _OF_ISSUES & set(map(letters, headings))}
    known = {name: system for name, headings in lists.items() if (system := system_of(headings).name)}
    if len(set(known.values() if known else map(tuple, lists.values()))) == 1:
        return tuple(known or lists)
    raise FileMistake(
        f"The archive holds {_listed(lists)} with addresses, and it is not clear which belong to one list. "
        "Nothing was changed.",
        hint="Unpack it and import the files that you want one by one.",
    )


def _listed(names: Collection[str]) -> str:
    shown = ", ".join(sorted(names)[:5])
    return f"{len(names)} files ({shown}{', …' if len(names) > 5 else ''})" if names else "no file"
