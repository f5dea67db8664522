"""The log of what people said: appended to, never changed, so that we can always show why somebody is mailed."""

from __future__ import annotations

from sqlalchemy import Connection, select

from subscribers import schema
from subscribers.model import Act, Consent

_log = schema.consent.c


def record(conn: Connection, subscriber_id: int, newsletter: str, consent: Consent) -> None:
    conn.execute(
        schema.consent.insert().values(
            subscriber_id=subscriber_id,
            newsletter=newsletter,
            at=consent.at,
            act=consent.act.value,
            how=consent.how,
            evidence=consent.evidence,
        )
    )


def history(conn: Connection, subscriber_id: int, newsletter: str | None = None) -> tuple[tuple[str, Consent], ...]:
    """(newsletter, consent) in the order it was recorded."""
    rows = select(_log.newsletter, _log.at, _log.act, _log.how, _log.evidence).where(
        _log.subscriber_id == subscriber_id
    )
    if newsletter is not None:
        rows = rows.where(_log.newsletter == newsletter)
    return tuple(
        (row.newsletter, Consent(at=row.at, act=Act(row.act), how=row.how, evidence=row.evidence))
        for row in conn.execute(rows.order_by(_log.id))
    )
