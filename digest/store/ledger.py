"""The ledger: rosters, batches and deliveries, and every step between their states.

    batch      planned ─claim─► claimed ─call─► calling ─record─► recorded
                  ▲  ◄──release──┘                 │  └─try again─► planned
                  └──lease ran out──claimed        └─lease ran out, reply lost─► uncertain
    delivery   planned ─► accepted | refused | skipped | uncertain

*calling* is committed before the request leaves, so a crash leaves either a batch that was surely not sent or one
that is marked as doubtful; nothing in between. A batch's `attempt` counts its claims, and a worker may only record
the attempt that it claimed. Uncertain deliveries are never claimed again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    Connection,
    Integer,
    Select,
    Text,
    Update,
    bindparam,
    case,
    column,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from digest.model import BatchState, DeliveryState, IssueState, Receipt, Recipient
from digest.store import schema

_b = schema.batch
_d = schema.delivery
_i = schema.issue


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A batch in a worker's hands."""

    issue_id: int
    number: int
    edition_id: int
    first: int
    last: int
    attempt: int
    worker: str
    #: What the issue's approval is bound to at this moment.
    fingerprint: str = ""

    @property
    def size(self) -> int:
        return self.last - self.first + 1


# --- Freezing ----------------------------------------------------------------------------------------------


#: What a roster keeps of a subscriber.
_READER = ("subscriber_id", "address", "name")


def freeze(conn: Connection, issue_id: int, edition_id: int, audience: Select[Any], *, batch_size: int) -> int:
    """Freeze an audience into the issue's roster, planned in batches; how many recipients it has.

    `audience` selects subscriber_id, address and name; by what it selects beside them the roster is ordered first.
    Two statements whatever the number of readers.
    """
    start = int(
        conn.execute(select(func.coalesce(func.max(_d.c.position), 0)).where(_d.c.issue_id == issue_id)).scalar() or 0
    )
    batches = int(
        conn.execute(select(func.coalesce(func.max(_b.c.number), 0)).where(_b.c.issue_id == issue_id)).scalar() or 0
    )
    who = audience.subquery()
    order = [column for column in who.c if column.name not in _READER]
    roster = select(
        literal(issue_id),
        start + func.row_number().over(order_by=[*order, who.c.subscriber_id]),
        who.c.subscriber_id,
        who.c.address,
        who.c.name,
        literal(DeliveryState.PLANNED.value),
    )
    columns = ["issue_id", "position", "subscriber_id", "address", "name", "state"]
    # PostgreSQL's driver counts what was inserted, but SQLAlchemy keeps that count only when asked to.
    keep = {"preserve_rowcount": True}
    count = conn.execute(insert(_d).from_select(columns, roster), execution_options=keep).rowcount
    if count:
        _plan(conn, issue_id, edition_id, batches=batches, start=start, count=count, size=batch_size)
    return int(count)


def _plan(conn: Connection, issue_id: int, edition_id: int, *, batches: int, start: int, count: int, size: int) -> None:
    """Divide the positions after `start` into batches. They have no gaps, so none of them has to be read."""
    zero = select(literal(0, Integer).label("at")).cte("step", recursive=True)
    step = zero.union_all(select(zero.c.at + size).where(zero.c.at + size < count))
    last = case((step.c.at + size < count, start + step.c.at + size), else_=start + count)
    plan = select(
        literal(issue_id),
        batches + 1 + step.c.at // size,
        literal(edition_id),
        start + step.c.at + 1,
        last,
        literal(BatchState.PLANNED.value),
    )
    conn.execute(insert(_b).from_select(["issue_id", "number", "edition_id", "first", "last", "state"], plan))


def survey(conn: Connection) -> None:
    """Let PostgreSQL know the new roster now: by itself it looks a minute later, and plans badly until then."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("ANALYZE batch, delivery"))


# --- Claiming ----------------------------------------------------------------------------------------------


_SENDING = (
    select(_i.c.id)
    .where(
        _i.c.id == bindparam("in_issue"),
        _i.c.state == IssueState.SENDING.value,
        or_(_i.c.held_until.is_(None), _i.c.held_until <= bindparam("now")),
    )
    .exists()
)
#: Longer than any batch is put off.
_FAR = timedelta(minutes=1)
_NEXT_FREE = (
    select(_b.c.number)
    .where(
        _b.c.issue_id == bindparam("in_issue"),
        _b.c.state == BatchState.PLANNED.value,
        or_(
            _b.c.not_before.is_(None),
            _b.c.not_before <= bindparam("now"),
            # Nothing is put off for so long: the clock that said so was ahead, and is set right.
            _b.c.not_before > bindparam("far"),
        ),
    )
    .order_by(_b.c.number)
    .limit(1)
)
_NEXT = _NEXT_FREE.with_for_update(skip_locked=True)
_APPROVED = select(_i.c.fingerprint).where(_i.c.id == bindparam("in_issue")).scalar_subquery()
# What a worker says for every batch is built once: composing a statement costs more than running it.
_CLAIM = (
    update(_b)
    .where(_b.c.issue_id == bindparam("in_issue"), _b.c.number == _NEXT.scalar_subquery(), _SENDING)
    .values(
        state=BatchState.CLAIMED.value,
        attempt=_b.c.attempt + 1,
        worker=bindparam("by"),
        lease_until=bindparam("until"),
    )
    .returning(_b.c.number, _b.c.edition_id, _b.c.first, _b.c.last, _b.c.attempt, _APPROVED)
)


def claim(conn: Connection, issue_id: int, *, worker: str, lease: float, now: datetime) -> Claim | None:
    """Take the issue's next batch that may go; None when there is none, or when the issue is not sending."""
    until = now + timedelta(seconds=lease)
    values = {"in_issue": issue_id, "now": now, "far": now + _FAR, "by": worker, "until": until}
    taken = conn.execute(_CLAIM, values).first()
    if taken is None:
        return None
    number, edition_id, first, last, attempt, fingerprint = taken
    return Claim(
        issue_id=issue_id,
        number=number,
        edition_id=edition_id,
        first=first,
        last=last,
        attempt=attempt,
        worker=worker,
        fingerprint=fingerprint,
    )


def batches(conn: Connection, issue_id: int) -> Iterator[Claim]:
    """Every batch of the issue in order, claimed by nobody: what a dry run walks through. Reads page by page."""
    columns = (_b.c.number, _b.c.edition_id, _b.c.first, _b.c.last, _b.c.attempt)
    query = select(*columns).where(_b.c.issue_id == issue_id).order_by(_b.c.number).limit(500)
    page = conn.execute(query).all()
    while page:
        for number, edition_id, first, last, attempt in page:
            yield Claim(
                issue_id=issue_id,
                number=number,
                edition_id=edition_id,
                first=first,
                last=last,
                attempt=attempt,
                worker="",
            )
        page = conn.execute(query.where(_b.c.number > page[-1].number)).all()


_PLANNED = (
    select(_d.c.position, _d.c.subscriber_id, _d.c.address, _d.c.name)
    .where(
        _d.c.issue_id == bindparam("in_issue"),
        _d.c.position.between(bindparam("first"), bindparam("last")),
        _d.c.state == DeliveryState.PLANNED.value,
    )
    .order_by(_d.c.position)
)


def planned(conn: Connection, claim: Claim) -> list[Recipient]:
    """The batch's recipients that are still to be mailed, in order."""
    rows = conn.execute(_PLANNED, {"in_issue": claim.issue_id, "first": claim.first, "last": claim.last})
    return [
        Recipient(position=position, subscriber_id=subscriber, address=address, name=name)
        for position, subscriber, address, name in rows
    ]


#: The batch, as long as it is in the hands of the worker that claimed this attempt.
_OURS = (
    (_b.c.issue_id == bindparam("in_issue"))
    & (_b.c.number == bindparam("at_number"))
    & (_b.c.attempt == bindparam("at_attempt"))
    & (_b.c.worker == bindparam("by"))
)
# Without the hold: a batch that was claimed before the quota was used up still has its part of it.
_STILL_SENDING = (
    select(_i.c.id).where(_i.c.id == bindparam("in_issue"), _i.c.state == IssueState.SENDING.value).exists()
)
_CALL = (
    update(_b)
    .where(
        _OURS,
        _b.c.state == BatchState.CLAIMED.value,
        # Not what was approved before: a batch in hand while the issue was corrected is given back.
        _b.c.edition_id == bindparam("of_edition"),
        _STILL_SENDING,
    )
    .values(state=BatchState.CALLING.value, called_at=bindparam("now"), lease_until=bindparam("until"))
)
_RELEASE = (
    update(_b)
    .where(_OURS, _b.c.state == BatchState.CLAIMED.value)
    .values(state=BatchState.PLANNED.value, worker="", lease_until=None)
)
_RECORD = (
    update(_b)
    .where(_OURS, or_(_b.c.state == BatchState.CALLING.value, _b.c.state == BatchState.UNCERTAIN.value))
    .values(
        state=bindparam("new_state"),
        recorded_at=bindparam("now"),
        lease_until=None,
        worker="",
        not_before=bindparam("try_again"),
    )
)


def _names(claim: Claim) -> dict[str, Any]:
    return {
        "in_issue": claim.issue_id,
        "at_number": claim.number,
        "at_attempt": claim.attempt,
        "by": claim.worker,
    }


def call(conn: Connection, claim: Claim, *, lease: float, now: datetime) -> bool:
    """Say that the request leaves now. False when the claim is no longer ours or the issue stopped: do not send."""
    until = now + timedelta(seconds=lease)
    values = {"now": now, "until": until, "of_edition": claim.edition_id}
    return bool(conn.execute(_CALL, _names(claim) | values).rowcount)


def release(conn: Connection, claim: Claim) -> bool:
    """Give a claimed batch back unsent."""
    return bool(conn.execute(_RELEASE, _names(claim)).rowcount)


def repoint(conn: Connection, issue_id: int, editions: Mapping[str, int]) -> set[str]:
    """Batches that have not left get the edition of their key in `editions` (key → id); keys that it has none for."""
    e = schema.edition
    waiting = _b.c.state.in_([BatchState.PLANNED.value, BatchState.CLAIMED.value])
    here = (_b.c.issue_id == issue_id) & waiting & _b.c.edition_id.not_in(list(editions.values()))
    keys = select(e.c.key).distinct().join(_b, _b.c.edition_id == e.c.id).where(here)
    left = set(conn.execute(keys).scalars())
    for key in left & editions.keys():
        of_key = select(e.c.id).where(e.c.issue_id == issue_id, e.c.key == key)
        conn.execute(update(_b).where(here, _b.c.edition_id.in_(of_key)).values(edition_id=editions[key]))
    return left - editions.keys()


def edition_of(conn: Connection, claim: Claim) -> int:
    """The edition that the batch is of now."""
    here = (_b.c.issue_id == claim.issue_id) & (_b.c.number == claim.number)
    return int(conn.execute(select(_b.c.edition_id).where(here)).scalar_one())


# --- Recording ---------------------------------------------------------------------------------------------


def skip(conn: Connection, claim: Claim, reasons: dict[int, str], *, now: datetime) -> None:
    """Mark recipients (position → reason) as skipped."""
    if reasons:
        _mark(conn, claim, [(position, DeliveryState.SKIPPED, "", why) for position, why in reasons.items()], now)


def record(
    conn: Connection, claim: Claim, receipts: Sequence[Receipt], *, now: datetime, try_again: datetime | None = None
) -> bool:
    """Write down what became of a called batch; False when it was not ours to record.

    A worker that lost its lease while calling finds the batch uncertain. Its receipts are evidence about that very
    attempt, so they are written all the same; but nothing is, once the batch went on to another attempt.
    Receipts that say PLANNED leave their deliveries to be tried again, not before `try_again`.
    """
    values = {"new_state": _state_after(receipts).value, "now": now, "try_again": try_again}
    if not conn.execute(_RECORD, _names(claim) | values).rowcount:
        return False
    if _state_after(receipts) is BatchState.PLANNED and _is_finished(conn, claim.issue_id):
        # The reply came so late that nobody works on the issue any more: a person must look.
        receipts = [replace(r, state=DeliveryState.UNCERTAIN) if r.state is _AGAIN else r for r in receipts]
        here = (_b.c.issue_id == claim.issue_id) & (_b.c.number == claim.number)
        conn.execute(update(_b).where(here).values(state=BatchState.UNCERTAIN.value))
    _mark(conn, claim, [(r.position, r.state, r.message_id, r.reason) for r in receipts], now)
    return True


#: In a receipt: known not to have been accepted.
_AGAIN = DeliveryState.PLANNED


def _state_after(receipts: Sequence[Receipt]) -> BatchState:
    states = {receipt.state for receipt in receipts}
    if _AGAIN in states:
        return BatchState.PLANNED
    return BatchState.UNCERTAIN if DeliveryState.UNCERTAIN in states else BatchState.RECORDED


def _is_finished(conn: Connection, issue_id: int) -> bool:
    """For good: whoever is about to finish it locks it too, and counts its batches afterwards."""
    state = conn.execute(select(_i.c.state).where(_i.c.id == issue_id).with_for_update()).scalar_one()
    return bool(state == IssueState.FINISHED.value)


def _mark_from(receipts: CTE) -> Update:
    """One statement for all receipts of a batch."""
    return (
        update(_d)
        .where(
            _d.c.issue_id == bindparam("in_issue"),
            # Said although it follows: so PostgreSQL takes the index, even before it knows a new roster.
            _d.c.position.between(bindparam("first"), bindparam("last")),
            _d.c.position == receipts.c.position,
            or_(_d.c.state == DeliveryState.PLANNED.value, _d.c.state == DeliveryState.UNCERTAIN.value),
        )
        .values(
            state=receipts.c.state,
            message_id=receipts.c.message_id,
            reason=receipts.c.reason,
            attempt=bindparam("at_attempt"),
            edition_id=bindparam("of_edition"),
            updated_at=bindparam("now"),
        )
    )


def _of_sqlite() -> CTE:
    rows = func.json_each(bindparam("receipts")).table_valued("value")

    def member(name: str, type_: Any) -> Any:
        return func.json_extract(rows.c.value, f"$.{name}", type_=type_).label(name)

    return select(*(member(name, type_) for name, type_ in _RECEIPT.items())).cte("receipt")


def _of_postgresql() -> CTE:
    columns = [column(name, type_) for name, type_ in _RECEIPT.items()]
    text_ = bindparam("receipts", type_=JSONB)
    rows = func.jsonb_to_recordset(text_).table_valued(*columns).render_derived(with_types=True)
    return select(*(rows.c[name] for name in _RECEIPT)).cte("receipt")


#: A receipt as it travels into the database, which takes fifty of them as one value.
_RECEIPT: dict[str, type[TypeEngine[Any]]] = {"position": Integer, "state": Text, "message_id": Text, "reason": Text}
# Materialized: otherwise SQLite reads the receipts once for each delivery.
_MARK = {
    "sqlite": _mark_from(_of_sqlite().prefix_with("MATERIALIZED")),
    "postgresql": _mark_from(_of_postgresql().prefix_with("MATERIALIZED")),
}


def _mark(conn: Connection, claim: Claim, rows: list[tuple[int, DeliveryState, str, str]], now: datetime) -> None:
    if not rows:
        return
    receipts = [dict(zip(_RECEIPT, (position, state.value, *rest), strict=True)) for position, state, *rest in rows]
    values = {
        "in_issue": claim.issue_id,
        "first": claim.first,
        "last": claim.last,
        "at_attempt": claim.attempt,
        "of_edition": claim.edition_id,
        "now": now,
        "receipts": json.dumps(receipts) if conn.dialect.name == "sqlite" else receipts,
    }
    conn.execute(_MARK[conn.dialect.name], values)


# --- After a crash -----------------------------------------------------------------------------------------

#: Written into the statement, not bound: only then does SQLite know that the index on these states will do.
_HELD = _b.c.state.in_(bindparam("held", schema.HELD, expanding=True, literal_execute=True))


def reap(conn: Connection, *, now: datetime, is_dead: Callable[[str], bool], issue_id: int | None = None) -> int:
    """Take over from workers that died or fell silent; how many recipients became uncertain by it.

    A batch that was only claimed is planned again. One whose request may have left is uncertain.
    """
    columns = (
        _b.c.issue_id,
        _b.c.number,
        _b.c.edition_id,
        _b.c.state,
        _b.c.first,
        _b.c.last,
        _b.c.attempt,
        _b.c.worker,
        _b.c.lease_until,
    )
    query = select(*columns).where(_HELD)
    if issue_id is not None:
        query = query.where(_b.c.issue_id == issue_id)
    doubtful = 0
    for row in conn.execute(query.with_for_update(skip_locked=True)).all():
        if row.lease_until > now and not is_dead(row.worker):
            continue
        here = (_b.c.issue_id == row.issue_id) & (_b.c.number == row.number)
        if row.state == BatchState.CLAIMED.value:
            conn.execute(update(_b).where(here).values(state=BatchState.PLANNED.value, worker="", lease_until=None))
            continue
        conn.execute(update(_b).where(here).values(state=BatchState.UNCERTAIN.value, recorded_at=now, lease_until=None))
        doubtful += conn.execute(
            update(_d)
            .where(
                _d.c.issue_id == row.issue_id,
                _d.c.position.between(row.first, row.last),
                _d.c.state == DeliveryState.PLANNED.value,
            )
            .values(
                state=DeliveryState.UNCERTAIN.value,
                reason="the worker stopped between the request and the reply",
                attempt=row.attempt,
                edition_id=row.edition_id,
                updated_at=now,
            )
        ).rowcount
    return doubtful


def open_batches(conn: Connection, issue_id: int) -> dict[BatchState, int]:
    """How many of the issue's batches are in each state."""
    rows = conn.execute(select(_b.c.state, func.count()).where(_b.c.issue_id == issue_id).group_by(_b.c.state))
    return {BatchState(state): count for state, count in rows}


def is_waiting(conn: Connection, issue_id: int, *, now: datetime) -> bool:
    """The issue has a batch that may go now: a planned one, or one in the hands of a worker that waits for its turn."""
    if conn.execute(_NEXT_FREE, {"in_issue": issue_id, "now": now, "far": now + _FAR}).first():
        return True
    in_hand = (_b.c.state == BatchState.CLAIMED.value) & (_b.c.lease_until > now)
    return conn.execute(select(_b.c.number).where(_b.c.issue_id == issue_id, in_hand).limit(1)).first() is not None


def is_last(conn: Connection, claim: Claim) -> bool:
    """Every other batch of the issue is done with."""
    done = _b.c.state.in_([BatchState.RECORDED.value, BatchState.UNCERTAIN.value])
    others = select(_b.c.number).where(_b.c.issue_id == claim.issue_id, _b.c.number != claim.number, ~done)
    return conn.execute(others.limit(1)).first() is None
