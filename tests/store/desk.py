"""A ledger in a real database, with the steps of sending as short methods: what the tests of this folder share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

import subscribers
from digest.model import (
    BatchState,
    DeliveryState,
    Envelope,
    IssueState,
    Receipt,
    Rendered,
    Supporter,
)
from digest.store import deliveries, issues, ledger, schema
from digest.store.database import Database
from digest.store.ledger import Claim

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ENVELOPE = Envelope(
    sender_name="The Harbour Post",
    sender_address="daily@harbour.example",
    reply_to="",
    list_id="daily.harbour.example",
)
EVERYBODY = tuple(Supporter)
LEASE = 60.0


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def rendered(edition: str = "everyone", text: str = "Good morning, %%{name}%%.") -> Rendered:
    return Rendered(edition=edition, subject="Pier", preheader="", html=f"<p>{text}</p>", text=text, envelope=ENVELOPE)


class Desk:
    def __init__(self, database: Database) -> None:
        self.database = database

    def subscribe(self, *names: str, newsletter: str = "daily", supporter: str = "none") -> list[int]:
        consent = subscribers.Consent(at=NOON, act=subscribers.Act.JOINED, how="form")
        with self.database.write() as conn:
            return [
                subscribers.add(
                    conn,
                    f"{name.lower()}@example.com",
                    newsletter=newsletter,
                    name=name,
                    supporter=subscribers.Supporter(supporter),
                    consent=consent,
                    at=NOON,
                ).subscriber_id
                for name in names
            ]

    def subscribe_many(self, count: int) -> None:
        """reader1001@example.com and so on, by two statements."""
        numbers = f"WITH RECURSIVE n(x) AS (SELECT 1001 UNION ALL SELECT x + 1 FROM n WHERE x < 1000 + {count})"
        people = (
            f"INSERT INTO subscriber (id, address, address_key, created_at, updated_at, supporter) {numbers} "
            "SELECT x, 'reader' || x || '@example.com', 'reader' || x || '@example.com', :now, :now, 'none' FROM n"
        )
        places = (
            f"INSERT INTO subscription (subscriber_id, newsletter, state, since) {numbers} "
            "SELECT x, 'daily', 'active', :now FROM n"
        )
        now = sa.bindparam("now", NOON, type_=schema.UtcTime)
        with self.database.write() as conn:
            for sql in (people, places):
                conn.execute(sa.text(sql).bindparams(now))

    def issue(self, editions: dict[str, Sequence[Supporter]] | None = None) -> int:
        """An issue that is sending, its roster not frozen yet."""
        with self.database.write() as conn:
            issue = issues.create(conn, "daily", on=date(2026, 11, 22), slot_at=None, at=NOON)
            shown = [(rendered(key), who) for key, who in (editions or {"everyone": EVERYBODY}).items()]
            issues.keep_editions(conn, issue.id, shown)
            issues.change(conn, issue.id, state=IssueState.SENDING.value)
        return issue.id

    def freeze(self, issue_id: int, *, batch_size: int = 50) -> list[int]:
        """Recipients of each edition."""
        with self.database.write() as conn:
            return [
                ledger.freeze(
                    conn,
                    issue_id,
                    edition.id,
                    subscribers.audience("daily", at=NOON, supporters=[word.value for word in edition.supporters]),
                    batch_size=batch_size,
                )
                for edition in issues.editions(conn, issue_id)
            ]

    def frozen(self, *names: str, batch_size: int = 50) -> int:
        self.subscribe(*names)
        issue_id = self.issue()
        self.freeze(issue_id, batch_size=batch_size)
        return issue_id

    # --- A worker's steps ----------------------------------------------------------------------------------

    def claim(self, issue_id: int, worker: str = "Wanda", *, at: datetime = NOON) -> Claim | None:
        with self.database.write() as conn:
            return ledger.claim(conn, issue_id, worker=worker, lease=LEASE, now=at)

    def claimed(self, issue_id: int, worker: str = "Wanda", *, at: datetime = NOON) -> Claim:
        claim = self.claim(issue_id, worker, at=at)
        assert claim is not None
        return claim

    def call(self, claim: Claim, *, at: datetime = NOON) -> bool:
        with self.database.write() as conn:
            return ledger.call(conn, claim, lease=LEASE, now=at)

    def calling(self, issue_id: int, worker: str = "Wanda", *, at: datetime = NOON) -> Claim:
        claim = self.claimed(issue_id, worker, at=at)
        assert self.call(claim, at=at)
        return claim

    def release(self, claim: Claim) -> bool:
        with self.database.write() as conn:
            return ledger.release(conn, claim)

    def record(self, claim: Claim, *receipts: Receipt, at: datetime = NOON, try_again: datetime | None = None) -> bool:
        with self.database.write() as conn:
            return ledger.record(conn, claim, receipts, now=at, try_again=try_again)

    def reap(self, *, at: datetime = NOON, dead: Sequence[str] = (), issue_id: int | None = None) -> int:
        with self.database.write() as conn:
            return ledger.reap(conn, now=at, is_dead=lambda worker: worker in dead, issue_id=issue_id)

    # --- What the ledger says ------------------------------------------------------------------------------

    def deliveries(self, issue_id: int) -> list[deliveries.Delivery]:
        with self.database.read() as conn:
            return deliveries.listed(conn, issue_id, limit=1_000_000)

    def states(self, issue_id: int) -> dict[str, DeliveryState]:
        """Name → state."""
        return {row.address.partition("@")[0].title(): row.state for row in self.deliveries(issue_id)}

    def reasons(self, issue_id: int) -> dict[str, str]:
        return {row.address.partition("@")[0].title(): row.reason for row in self.deliveries(issue_id)}

    def batches(self, issue_id: int) -> dict[BatchState, int]:
        with self.database.read() as conn:
            return ledger.open_batches(conn, issue_id)

    def plan(self, issue_id: int) -> list[tuple[int, str, int, int]]:
        """Number, edition, first and last of each batch, in order."""
        b, e = schema.batch.c, schema.edition.c
        rows = sa.select(b.number, e.key, b.first, b.last).join_from(schema.batch, schema.edition, e.id == b.edition_id)
        with self.database.read() as conn:
            found = conn.execute(rows.where(b.issue_id == issue_id).order_by(b.number))
            return [(number, key, first, last) for number, key, first, last in found]


def accepted(position: int, message_id: str = "") -> Receipt:
    return Receipt(position=position, state=DeliveryState.ACCEPTED, message_id=message_id or f"id-{position}")


def refused(position: int, reason: str = "MESSAGE_REJECTED") -> Receipt:
    return Receipt(position=position, state=DeliveryState.REFUSED, reason=reason)


def throttled(position: int) -> Receipt:
    return Receipt(position=position, state=DeliveryState.PLANNED, reason="ACCOUNT_THROTTLED")


def doubtful(position: int, reason: str = "The answer was lost.") -> Receipt:
    return Receipt(position=position, state=DeliveryState.UNCERTAIN, reason=reason)
