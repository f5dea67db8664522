"""The words of the list as frozen values: who is on it, what they said, and why somebody is not mailed.

Times are timezone-aware. A newsletter is named by its slug; this package knows nothing else about newsletters.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Supporter(StrEnum):
    """What we know of a reader's giving."""

    NONE = "none"
    ONE_TIME = "one-time"
    MONTHLY = "monthly"
    LAPSED = "lapsed"
    UNKNOWN = "unknown"


class State(StrEnum):
    """Where a subscriber stands with one newsletter.

    unconfirmed → active ⇄ left. Coming back from *left* takes the person's own consent, newer than the leaving.
    """

    UNCONFIRMED = "unconfirmed"
    ACTIVE = "active"
    LEFT = "left"


class Reason(StrEnum):
    """Why an address is suppressed, for every newsletter at once."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    MANUAL = "manual"
    #: Erased at the person's wish; only a hash of the address is left.
    FORGOTTEN = "forgotten"


class Act(StrEnum):
    """What somebody said, or what was said for them."""

    JOINED = "joined"
    CONFIRMED = "confirmed"
    PREFERENCES = "preferences"
    #: A newsroom's file says so; the person has not told us.
    IMPORTED = "imported"
    LEFT = "left"


#: The person's own yes. An import is the newsroom's word, so it never brings back anybody who left.
EXPLICIT = frozenset({Act.JOINED, Act.CONFIRMED, Act.PREFERENCES})


@dataclass(frozen=True, kw_only=True, slots=True)
class Consent:
    """When, how and to what someone said yes (or no)."""

    at: datetime
    act: Act
    #: The way it reached us: "form", "link", "one-click", "import", "command line" …
    how: str
    #: What could be shown to somebody who asks: the form's address, the file and line.
    evidence: str = ""

    @property
    def explicit(self) -> bool:
        return self.act in EXPLICIT


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscriber:
    id: int
    #: As it goes to the mail server: local part as given, domain in lower case and punycode.
    address: str
    name: str
    #: Lower-case BCP 47 primary language; empty when unknown.
    language: str
    supporter: Supporter
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscription:
    newsletter: str
    state: State
    #: Since when they have been on the newsletter, by their latest joining.
    since: datetime
    left_at: datetime | None = None
    left_how: str = ""
    #: What they said when they left; empty when they said nothing.
    left_why: str = ""
    #: No mail until then; a moment that has passed pauses nothing.
    paused_until: datetime | None = None
    #: At most one issue in so many days; 0 for every issue. Then, when they had the last one.
    min_days: int = 0
    last_issue_at: datetime | None = None
    #: What they want of it, in alphabetical order; empty for all of it.
    topics: tuple[str, ...] = ()
    #: When the person, and no machine, last followed a link and opened an issue; None for never.
    clicked_at: datetime | None = None
    opened_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SuppressionEntry:
    #: Empty when the person was forgotten.
    address: str
    reason: Reason
    at: datetime
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line of the list: the person, all their newsletters, and whether the address is suppressed."""

    subscriber: Subscriber
    subscriptions: tuple[Subscription, ...] = ()
    suppressed: Reason | None = None
    #: What the newsroom noted about them, in alphabetical order.
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    entries: tuple[Entry, ...]
    #: Pass as `after_id` for the next page; None when this is the last.
    next_after: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """A newsletter's list in numbers. `mailable` + `paused` + the sum of `suppressed` = `active`.

    Those who want fewer issues count as mailable: whether they get the next one depends on when it goes.
    """

    active: int
    unconfirmed: int
    left: int
    mailable: int
    #: Reason → active subscribers whose address is suppressed.
    suppressed: dict[str, int] = field(default_factory=dict)
    #: Active ones who are away for a while.
    paused: int = 0


class Outcome(StrEnum):
    """What `add` did."""

    ADDED = "added"
    REJOINED = "rejoined"
    #: Was unconfirmed, now active.
    CONFIRMED = "confirmed"
    #: Was active already; name, language or supporter changed.
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    #: Had left (or was forgotten); stays so until the person confirms.
    AWAITS_CONFIRMATION = "awaits confirmation"


@dataclass(frozen=True, kw_only=True, slots=True)
class Added:
    subscriber_id: int
    outcome: Outcome


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejected:
    """A row of a file that could not be taken."""

    #: 1-based line in the file; the row's first when it spans several.
    line: int
    #: What stood there, at most 200 characters.
    value: str
    reason: str
    #: Which file of an archive; empty when there was only one.
    file: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptOut:
    """A row of a file whose person must not be mailed; `reason` is a `Reason`, "left", or "another newsletter"."""

    line: int
    address: str
    reason: str
    file: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportReport:
    """What an import did, or would do. Every row is in exactly one of the counts."""

    rows: int
    added: int
    updated: int
    unchanged: int
    rejected: int
    #: The same address again within the file; the most careful row counts (suppressed before left before active).
    duplicates: int
    #: Reason → rows.
    kept_out: dict[str, int]
    #: The first `importing.LISTED` of them, in the file's order.
    rejected_rows: tuple[Rejected, ...] = ()
    kept_out_rows: tuple[KeptOut, ...] = ()
    #: What the operator should know about how the file was read, in plain sentences.
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    #: Nothing was changed: this is what would happen.
    dry_run: bool = False
    #: Whose export it is ("Mailchimp"); empty when it is nobody's that we know.
    system: str = ""
    #: Why rows were rejected → how many.
    rejected_for: dict[str, int] = field(default_factory=dict)
    #: Of those added, how many are not mailed before they confirm.
    unconfirmed: int = 0
