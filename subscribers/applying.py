"""Bringing the list up to a file whose rows are staged and decided: a handful of statements for a million rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Table, and_, case, exists, func, literal, select
from sqlalchemy.exc import IntegrityError

from subscribers import schema
from subscribers.fates import FILE, LINE, TOLD, UPDATED, differs, missing_tags, missing_topics
from subscribers.model import Act, Reason, State
from subscribers.stage_table import ADDED
from subscribers.stage_table import stage as _stage
from subscribers.stage_table import wish as _wish
from subscribers.suppression import OUTWEIGH_BOUNCES

_row = _stage.c
_people = schema.subscriber.c
_places = schema.subscription.c
_held = schema.suppression.c

#: Only for those who are new to the newsletter: what people chose here is newer than any file.
_WISHED = (
    func.coalesce(_wish.c.left_why, ""),
    _wish.c.paused_until,
    func.coalesce(_wish.c.min_days, 0),
    _wish.c.last_issue_at,
)


class Applying:
    """The steps for one newsletter. `sources` name the files in the log of consents.

    `labelled`, some rows have tags or topics; `wished`, some say why people left, or want fewer issues or none now.
    """

    def __init__(
        self, conn: Connection, *, newsletter: str, sources: Sequence[str], at: datetime, labelled: bool, wished: bool
    ) -> None:
        self._conn = conn
        self._newsletter = newsletter
        self._sources = sources
        self._at = literal(at, schema.UtcTime)
        self._labelled = labelled
        self._wished = wished
        self._on_postgresql = conn.dialect.name == "postgresql"

    @property
    def steps(self) -> tuple[Callable[[], None], ...]:
        """What brings the list up to the file, in this order; single steps, so that the caller can show progress."""
        return (
            self._leave,
            self._suppress,
            self._update_details,
            self._confirm,
            self._enter_subscribers,
            self._enter_consents,
            self._enter_subscriptions,
            self._enter_labels,
        )

    def _leave(self) -> None:
        """Those whom we mail and the file says have left. Fails closed: without a date the file is believed."""
        if not self._any(_row.state == State.LEFT.value):
            return  # or SQLite would look for them from the list's end: 2 µs for everybody on it
        leaving = and_(self._standing(), _row.state == State.LEFT.value, _places.state != State.LEFT.value)
        left_at = func.coalesce(_row.left_at, self._at)
        self._log(Act.LEFT, left_at, leaving)
        self._conn.execute(
            schema.subscription.update()
            .where(leaving)
            .values(state=State.LEFT.value, left_at=left_at, left_how=_row.left_how, left_why=self._why())
        )

    def _suppress(self) -> None:
        rows = select(
            _row.address_hash,
            _row.address_key,
            _row.suppressed,
            func.coalesce(_row.suppressed_at, self._at),
            _row.suppressed_detail,
        ).where(_row.suppressed != "")
        columns = ["address_hash", "address_key", "reason", "at", "detail"]
        entry = schema.insert(self._conn, schema.suppression).from_select(columns, rows)
        # Who bounced and complained has complained: a mailbox that works again is still not to be mailed.
        outweighs = entry.excluded.reason.in_([reason.value for reason in OUTWEIGH_BOUNCES])
        self._conn.execute(
            entry.on_conflict_do_update(
                index_elements=["address_hash"],
                set_={column: entry.excluded[column] for column in ("reason", "at", "detail")},
                where=and_(_held.reason == Reason.BOUNCE.value, outweighs),
            )
        )

    def _update_details(self) -> None:
        """A cell that is empty or unknown changes nothing."""
        self._conn.execute(
            schema.subscriber.update()
            .where(
                _people.address_key == _row.address_key,
                TOLD.in_([ADDED, UPDATED]),
                differs(_people),
            )
            .values(
                name=case((_row.name != "", _row.name), else_=_people.name),
                language=case((_row.language != "", _row.language), else_=_people.language),
                supporter=case((_row.supporter != "unknown", _row.supporter), else_=_people.supporter),
                updated_at=self._at,
            )
        )

    def _confirm(self) -> None:
        confirming = and_(
            self._standing(),
            TOLD == UPDATED,
            _row.state == State.ACTIVE.value,
            _places.state == State.UNCONFIRMED.value,
        )
        since = func.coalesce(_row.joined_at, self._at)
        self._log(Act.IMPORTED, since, confirming)
        self._conn.execute(schema.subscription.update().where(confirming).values(state=State.ACTIVE.value, since=since))

    def _enter_subscribers(self) -> None:
        columns = ["address", "address_key", "address_hash", "name", "language", "supporter"]
        rows = select(*(_row[column] for column in columns), self._at, self._at).where(~_row.known)
        if self._on_postgresql:
            rows = rows.where(~exists().where(_people.address_key == _row.address_key))
        # In the file's order, so that an export comes back as it went out; left to itself, PostgreSQL mixes it up.
        self._enter(schema.subscriber, [*columns, "created_at", "updated_at"], rows.order_by(_row.place))

    def _enter_consents(self) -> None:
        new = and_(_people.address_key == _row.address_key, ~_row.known)
        left = _row.state == State.LEFT.value
        at = func.coalesce(case((left, _row.left_at), else_=_row.joined_at), self._at)
        self._log(case((left, Act.LEFT.value), else_=Act.IMPORTED.value), at, new)

    def _enter_subscriptions(self) -> None:
        left = _row.state == State.LEFT.value
        rows = (
            select(
                _people.id,
                literal(self._newsletter),
                _row.state,
                func.coalesce(_row.joined_at, self._at),
                case((left, func.coalesce(_row.left_at, self._at))),
                _row.left_how,
            )
            .join_from(_stage, schema.subscriber, _people.address_key == _row.address_key)
            .where(~_row.known)
        )
        columns = ["subscriber_id", "newsletter", "state", "since", "left_at", "left_how"]
        if self._wished:
            rows = rows.add_columns(*_WISHED).outerjoin(_wish, _wish.c.place == _row.place)
            columns += ["left_why", "paused_until", "min_days", "last_issue_at"]
        self._enter(schema.subscription, columns, rows)

    def _enter_labels(self) -> None:
        """Tags and topics are only ever added: what somebody chose here is newer than any file."""
        if self._labelled:
            self._enter(schema.subscriber_tag, ["subscriber_id", "tag"], missing_tags())
            self._enter(
                schema.subscriber_topic, ["subscriber_id", "newsletter", "topic"], missing_topics(self._newsletter)
            )

    def _why(self) -> Any:
        if not self._wished:
            return ""
        why = select(_wish.c.left_why).where(_wish.c.place == _row.place)
        return func.coalesce(why.scalar_subquery(), "")

    def _source(self) -> sa.ColumnElement[str]:
        if len(self._sources) == 1:
            return literal(self._sources[0])
        return case(dict(enumerate(self._sources)), value=FILE)

    def _standing(self) -> sa.ColumnElement[bool]:
        """Joins a staged row to the subscription that its person has with this newsletter."""
        return and_(
            _people.address_key == _row.address_key,
            _places.subscriber_id == _people.id,
            _places.newsletter == self._newsletter,
        )

    def _any(self, which: sa.ColumnElement[bool]) -> bool:
        return bool(self._conn.execute(select(exists(select(_row.place).where(which)))).scalar_one())

    def _log(self, act: Any, at: Any, which: sa.ColumnElement[bool]) -> None:
        stood = self._source() + ", line " + sa.cast(LINE, sa.Text)
        evidence = case((_row.evidence != "", _row.evidence + "; " + stood), else_=stood)
        rows = select(
            _people.id,
            literal(self._newsletter),
            at,
            literal(act) if isinstance(act, str) else act,
            literal("import"),
            evidence,
        ).where(which)
        columns = ["subscriber_id", "newsletter", "at", "act", "how", "evidence"]
        self._conn.execute(schema.consent.insert().from_select(columns, rows))

    def _enter(self, table: Table, columns: Sequence[str], rows: sa.Select[Any]) -> None:
        """Nothing happens to a row that is there already: somebody else was quicker.

        PostgreSQL takes twice the work for every row that might be there, so it is first told that none is: `rows` has
        left out those that are, and only who joins at this very moment proves it wrong.
        """
        if self._on_postgresql:
            with suppress(IntegrityError), self._conn.begin_nested():
                self._conn.execute(table.insert().from_select(columns, rows))
                return
        self._conn.execute(schema.insert(self._conn, table).from_select(columns, rows).on_conflict_do_nothing())
