"""A file's rows side by side with the list: a temporary table, and the set-based statements that apply it.

All rows are staged first. Nothing of the list is touched, or even locked, until the whole file has been read and
found good; then a handful of statements do for a million rows what they do for one:

    1. drop duplicates within the file          4. leave, confirm, update those we know
    2. mark those who must stay out             5. enter those we do not
    3. mark those we know already               6. count

What rows come to is in `fates`, and the second half of the work in `applying`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection, and_, case, exists, func, or_, select

from subscribers import schema
from subscribers.applying import Applying
from subscribers.fates import FILE, LINE, TOLD, UNCHANGED, UPDATED, differs, missing_tags, missing_topics
from subscribers.model import KeptOut, State
from subscribers.rows import Label, Row
from subscribers.stage_table import ADDED, Filling, drop, fresh
from subscribers.stage_table import label as _label
from subscribers.stage_table import stage as _stage
from subscribers.stage_table import wish as _wish
from subscribers.wished import Wish

_row = _stage.c
_people = schema.subscriber.c
_places = schema.subscription.c
_held = schema.suppression.c
_words = _label.c
_tags = schema.subscriber_tag.c
_topics = schema.subscriber_topic.c


class Stage:
    """The staged rows of a file, or of the files of an archive, for one newsletter.

    `sources` name the files in the log of consents.
    """

    def __init__(self, conn: Connection, *, newsletter: str, sources: Sequence[str], at: datetime) -> None:
        self._conn = conn
        self._newsletter = newsletter
        self._sources = sources
        self._at = at
        if conn.dialect.name == "postgresql":
            # Joins and sorts of a million rows in memory: a server as it comes allows 4 MB. Ends with the transaction.
            conn.execute(sa.text("SET LOCAL work_mem = '64MB'"))
        fresh(conn)
        self._fill = Filling(conn)

    def being_filled(self) -> AbstractContextManager[object]:
        """Within it rows are put, and nothing else is asked of the database."""
        return self._fill

    def put(self, rows: Sequence[Row], labels: Sequence[Label] = (), wishes: Sequence[Wish] = ()) -> None:
        self._fill.rows(rows)
        self._fill.labels(labels)
        self._fill.wishes(wishes)

    def drop(self) -> None:
        drop(self._conn)

    def drop_duplicates(self) -> int:
        """Of rows for one address the most careful stays, and of equals the first. Returns how many went."""
        # Built now, because a sorted build is three times faster than inserting in the file's order; counted, because
        # PostgreSQL knows nothing of a fresh temporary table and would plan for a handful of rows.
        self._conn.execute(sa.text(f"CREATE INDEX ix_{_stage.name} ON {_stage.name} (address_key)"))
        self._conn.execute(sa.text(f"CREATE INDEX ix_{_wish.name} ON {_wish.name} (place)"))
        for table in (_stage, _wish):
            self._conn.execute(sa.text(f"ANALYZE {table.name}"))
        twice = select(_row.address_key).group_by(_row.address_key).having(func.count() > 1)
        other = _stage.alias("other")
        better = exists().where(
            other.c.address_key == _row.address_key,
            or_(
                other.c.caution > _row.caution,
                and_(other.c.caution == _row.caution, other.c.place < _row.place),
            ),
        )
        return self._conn.execute(_stage.delete().where(_row.address_key.in_(twice), better)).rowcount

    def settle(self, *, for_good: bool = True) -> None:
        """Decide the fate of each row; only the stage changes. `for_good`, nobody else may write from now on."""
        if for_good:
            self._conn.execute(schema.suppression.update().where(sa.false()).values(detail=""))
        self._mark_suppressed()
        self._mark_known()
        if self._labelled():
            self._mark_labelled()

    @property
    def steps(self) -> tuple[Callable[[], None], ...]:
        """What brings the list up to the file, once the rows are settled."""
        applying = Applying(
            self._conn,
            newsletter=self._newsletter,
            sources=self._sources,
            at=self._at,
            labelled=self._labelled(),
            wished=bool(self._conn.execute(select(exists(select(_wish.c.place)))).scalar_one()),
        )
        return applying.steps

    def fates(self) -> dict[str, int]:
        told = select(TOLD.label("fate")).subquery()
        rows = select(told.c.fate, func.count()).group_by(told.c.fate)
        return dict(self._conn.execute(rows).all())

    def unconfirmed(self) -> int:
        """Of those who are added, how many are not mailed before they confirm."""
        rows = select(func.count()).where(TOLD == ADDED, _row.state == State.UNCONFIRMED.value)
        return self._conn.execute(rows).scalar_one()

    def kept_out(self, limit: int) -> tuple[KeptOut, ...]:
        rows = (
            select(LINE, FILE, _row.address, TOLD)
            .where(TOLD.not_in([ADDED, UPDATED, UNCHANGED]))
            .order_by(_row.place)
            .limit(limit)
        )
        several = len(self._sources) > 1
        return tuple(
            KeptOut(line=line, address=address, reason=reason, file=self._sources[file] if several else "")
            for line, file, address, reason in self._conn.execute(rows)
        )

    # --- deciding ---

    def _mark_suppressed(self) -> None:
        held = _held.address_hash == _row.address_hash
        self._conn.execute(_stage.update().where(held).values(fate=_held.reason, known=True))

    def _mark_known(self) -> None:
        """Those who have a standing with this newsletter. An import never brings back who left."""
        mine = (
            select(_people.address_key, _people.name, _people.language, _people.supporter, _places.state, _places.since)
            .join_from(schema.subscriber, schema.subscription, _places.subscriber_id == _people.id)
            .where(_places.newsletter == self._newsletter)
            .subquery("mine")
        )
        confirms = and_(mine.c.state == State.UNCONFIRMED.value, _row.state == State.ACTIVE.value)
        # A file from before they came back says nothing about today.
        stale = and_(_row.state == State.LEFT.value, _row.left_at < mine.c.since)
        fate = case(
            (_row.known, _row.fate),
            (mine.c.state == State.LEFT.value, State.LEFT.value),
            (or_(confirms, differs(mine.c)), UPDATED),
            else_=UNCHANGED,
        )
        self._conn.execute(
            _stage.update()
            .where(_row.address_key == mine.c.address_key)
            .values(fate=fate, known=True, state=case((stale, mine.c.state), else_=_row.state))
        )

    def _mark_labelled(self) -> None:
        """A tag that somebody has not had is news."""
        self._conn.execute(
            _stage.update()
            .where(_row.fate == UNCHANGED, exists(missing_tags()) | exists(missing_topics(self._newsletter)))
            .values(fate=UPDATED)
        )

    def _labelled(self) -> bool:
        return bool(self._conn.execute(select(exists(select(_words.kind)))).scalar_one())
