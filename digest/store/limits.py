"""How often strangers may do what costs us or somebody else a mail: in the database, so that all processes agree.

A rule lets a handful pass at once and then one at a time (GCRA): one number is kept for each key, the moment from
which the whole handful is free again. Whoever is refused uses nothing up, so knocking on keeps nobody out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from digest.store import schema

_l = schema.limits


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """`times` in `seconds`, and so many at once."""

    times: int
    seconds: float

    @property
    def interval(self) -> float:
        return self.seconds / self.times


def admit(rule: Rule, free_at: float, now: float) -> float | None:
    """The next `free_at` when one more may pass now; None when it may not."""
    # A clock that was ahead must not keep anybody out for longer than the rule itself would.
    begins = max(min(free_at, now + rule.seconds), now)
    ends = begins + rule.interval
    # A thousandth: many intervals added up are not to the last bit what they are multiplied.
    return ends if ends - now <= rule.seconds + 0.001 else None


def take(conn: Connection, key: str, rule: Rule, *, now: datetime) -> bool:
    """Use the limit of `key` once. False when it is used up."""
    row = schema.new_row(conn, _l).values(key=key).on_conflict_do_nothing()
    conn.execute(row)
    # The row is this transaction's until its end: two processes never take the same place.
    free_at = conn.execute(select(_l.c.free_at).where(_l.c.key == key).with_for_update()).scalar_one()
    later = admit(rule, free_at, now.timestamp())
    if later is None:
        return False
    conn.execute(update(_l).where(_l.c.key == key).values(free_at=later))
    return True


def give_back(conn: Connection, key: str, rule: Rule) -> None:
    """What was taken a moment ago, in the same transaction, was not needed."""
    conn.execute(update(_l).where(_l.c.key == key).values(free_at=_l.c.free_at - rule.interval))


def sweep(conn: Connection, *, now: datetime) -> None:
    """Drop what says nothing any more: a key whose whole limit is free again."""
    conn.execute(delete(_l).where(_l.c.free_at < now.timestamp()))
