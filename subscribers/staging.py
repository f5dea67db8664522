"""A file's rows side by side with the list: a temporary table, and the set-based statements that apply it.

All rows are staged first. Nothing of the list is touched, or even locked, until the whole file has been read and
found good; then a handful of statements do for a million rows what they do for one:

    1. drop duplicates within the file          4. leave, confirm, update those we know
    2. mark those who must stay out             5. enter those we do not
    3. mark those we know already               6. count

Each row ends with a `fate`: added, updated, unchanged, or the reason why the person stays out. `known` rows are those
whose standing the file may not create.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Table, and_, case, exists, func, literal, or_, select

from subscribers import schema
from subscribers.model import Act, KeptOut, Reason, State
from subscribers.rows import FILE_BITS, Label, Row
from subscribers.stage_table import ADDED, Filling, drop, fresh
from subscribers.stage_table import label as _label
from subscribers.stage_table import stage as _stage

UPDATED, UNCHANGED = "updated", "unchanged"

_row = _stage.c
_people = schema.subscriber.c
_places = schema.subscription.c
_held = schema.suppression.c
_words = _label.c
_tags = schema.subscriber_tag.c
_topics = schema.subscriber_topic.c

#: The line within its file.
_LINE = _row.place.op("&")(literal((1 << FILE_BITS) - 1, sa.BigInteger))
_FILE = _row.place.op(">>")(literal(FILE_BITS, sa.Integer))

#: What the report says of a row: what the list decided, or else what the file itself says against mailing.
_TOLD = case(
    (_row.fate.not_in([ADDED, UPDATED, UNCHANGED]), _row.fate),
    (_row.suppressed != "", _row.suppressed),
    (_row.state == State.LEFT.value, State.LEFT.value),
    else_=_row.fate,
)


class Stage:
    """The staged rows of a file, or of the files of an archive, for one newsletter.

    `sources` name the files in the log of consents.
    """

    def __init__(self, conn: Connection, *, newsletter: str, sources: Sequence[str], at: datetime) -> None:
        self._conn = conn
        self._newsletter = newsletter
        self._sources = sources
        self._at = literal(at, schema.UtcTime)
        if conn.dialect.name == "postgresql":
            # Joins and sorts of a million rows in memory: a server as it comes allows 4 MB. Ends with the transaction.
            conn.execute(sa.text("SET LOCAL work_mem = '64MB'"))
        fresh(conn)
        self._fill = Filling(conn)

    def put(self, rows: Sequence[Row], labels: Sequence[Label] = ()) -> None:
        self._fill.rows(rows)
        self._fill.labels(labels)

    def drop(self) -> None:
        drop(self._conn)

    def drop_duplicates(self) -> int:
        """Of rows for one address the most careful stays, and of equals the first. Returns how many went."""
        # Built now, because a sorted build is three times faster than inserting in the file's order; counted, because
        # PostgreSQL knows nothing of a fresh temporary table and would plan for a handful of rows.
        self._conn.execute(sa.text(f"CREATE INDEX ix_{_stage.name} ON {_stage.name} (address_key)"))
        self._conn.execute(sa.text(f"ANALYZE {_stage.name}"))
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

    def fates(self) -> dict[str, int]:
        told = select(_TOLD.label("fate")).subquery()
        rows = select(told.c.fate, func.count()).group_by(told.c.fate)
        return dict(self._conn.execute(rows).all())

    def unconfirmed(self) -> int:
        """Of those who are added, how many are not mailed before they confirm."""
        rows = select(func.count()).where(_TOLD == ADDED, _row.state == State.UNCONFIRMED.value)
        return self._conn.execute(rows).scalar_one()

    def kept_out(self, limit: int) -> tuple[KeptOut, ...]:
        rows = (
            select(_LINE, _FILE, _row.address, _TOLD)
            .where(_TOLD.not_in([ADDED, UPDATED, UNCHANGED]))
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
            (or_(confirms, _differs(mine.c)), UPDATED),
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
            .where(_row.fate == UNCHANGED, exists(self._missing_tags()) | exists(self._missing_topics()))
            .values(fate=UPDATED)
        )

    # --- applying ---

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
            .values(state=State.LEFT.value, left_at=left_at, left_how=_row.left_how)
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
        complained = and_(_held.reason == Reason.BOUNCE.value, entry.excluded.reason == Reason.COMPLAINT.value)
        self._conn.execute(
            entry.on_conflict_do_update(
                index_elements=["address_hash"],
                set_={column: entry.excluded[column] for column in ("reason", "at", "detail")},
                where=complained,
            )
        )

    def _update_details(self) -> None:
        """A cell that is empty or unknown changes nothing."""
        self._conn.execute(
            schema.subscriber.update()
            .where(
                _people.address_key == _row.address_key,
                _TOLD.in_([ADDED, UPDATED]),
                _differs(_people),
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
            _TOLD == UPDATED,
            _row.state == State.ACTIVE.value,
            _places.state == State.UNCONFIRMED.value,
        )
        since = func.coalesce(_row.joined_at, self._at)
        self._log(Act.IMPORTED, since, confirming)
        self._conn.execute(schema.subscription.update().where(confirming).values(state=State.ACTIVE.value, since=since))

    def _enter_subscribers(self) -> None:
        columns = ["address", "address_key", "address_hash", "name", "language", "supporter"]
        rows = select(*(_row[column] for column in columns), self._at, self._at).where(~_row.known)
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
        self._enter(schema.subscription, columns, rows)

    def _enter_labels(self) -> None:
        """Tags and topics are only ever added: what somebody chose here is newer than any file."""
        if self._labelled():
            self._enter(schema.subscriber_tag, ["subscriber_id", "tag"], self._missing_tags())
            self._enter(schema.subscriber_topic, ["subscriber_id", "newsletter", "topic"], self._missing_topics())

    def _missing_tags(self) -> sa.Select[Any]:
        had = exists().where(_tags.subscriber_id == _people.id, _tags.tag == _words.word)
        return select(_people.id, _words.word).distinct().where(self._labels("tag"), ~had)

    def _missing_topics(self) -> sa.Select[Any]:
        """Only for those who have not chosen any: without any they get all, with one more they may get too much."""
        chose = exists().where(_topics.subscriber_id == _people.id, _topics.newsletter == self._newsletter)
        here = literal(self._newsletter)
        return select(_people.id, here, _words.word).distinct().where(self._labels("topic"), ~chose)

    def _labels(self, kind: str) -> sa.ColumnElement[bool]:
        """Joins a staged row to its person and their words; of those who stay out for what we knew, none is kept."""
        return and_(
            _words.kind == kind,
            _words.address_key == _row.address_key,
            _people.address_key == _row.address_key,
            _row.fate.in_([ADDED, UPDATED, UNCHANGED]),
        )

    def _labelled(self) -> bool:
        return bool(self._conn.execute(select(exists(select(_words.kind)))).scalar_one())

    def _source(self) -> sa.ColumnElement[str]:
        if len(self._sources) == 1:
            return literal(self._sources[0])
        return case(dict(enumerate(self._sources)), value=_FILE)

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
        stood = self._source() + ", line " + sa.cast(_LINE, sa.Text)
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
        """Nothing happens to a row that is there already: somebody else was quicker."""
        self._conn.execute(schema.insert(self._conn, table).from_select(columns, rows).on_conflict_do_nothing())


def _differs(ours: Any) -> sa.ColumnElement[bool]:
    return or_(
        and_(_row.name != "", _row.name != ours.name),
        and_(_row.language != "", _row.language != ours.language),
        and_(_row.supporter != "unknown", _row.supporter != ours.supporter),
    )
