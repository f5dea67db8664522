"""Issues, their stories, editions and journal."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from digest.errors import IllegalStep, UsageMistake
from digest.issue.lifecycle import Step, step
from digest.model import Envelope, Image, Issue, IssueState, Mention, Rendered, Rung, Story, Summary, Supporter
from digest.store import readings, schema
from digest.store.articles import summary_of, summary_values

_i = schema.issue
_s = schema.story
_FIELDS = tuple(field.name for field in dataclasses.fields(Issue))


# --- Issues ------------------------------------------------------------------------------------------------


def create(conn: Connection, newsletter: str, *, on: date, slot_at: datetime | None, at: datetime) -> Issue:
    """A new draft with the newsletter's next number."""
    number = conn.execute(select(func.coalesce(func.max(_i.c.number), 0)).where(_i.c.newsletter == newsletter)).scalar()
    row = {
        "newsletter": newsletter,
        "number": int(number or 0) + 1,
        "state": IssueState.DRAFT.value,
        "date": on,
        "created_at": at,
        "slot_at": slot_at,
    }
    issue_id = conn.execute(insert(_i).values(row).returning(_i.c.id)).scalar_one()
    return get(conn, issue_id)


def get(conn: Connection, issue_id: int, *, lock: bool = False) -> Issue:
    """The issue; with `lock` nobody else changes it until this transaction ends. Raises UsageMistake."""
    issue = find(conn, issue_id, lock=lock)
    if issue is None:
        raise UsageMistake(f"There is no issue {issue_id}.", hint="`digest issues list` shows what is there.")
    return issue


def find(conn: Connection, issue_id: int, *, lock: bool = False) -> Issue | None:
    query = select(_i).where(_i.c.id == issue_id)
    row = conn.execute(query.with_for_update() if lock else query).first()
    return _issue(row) if row else None


def listed(
    conn: Connection, *, newsletter: str = "", states: Sequence[IssueState] = (), limit: int = 50
) -> list[Issue]:
    """Issues, newest first."""
    query = select(_i).order_by(_i.c.id.desc()).limit(limit)
    if newsletter:
        query = query.where(_i.c.newsletter == newsletter)
    if states:
        query = query.where(_i.c.state.in_([state.value for state in states]))
    return [_issue(row) for row in conn.execute(query)]


def for_slot(conn: Connection, newsletter: str, slot_at: datetime) -> Issue | None:
    row = conn.execute(select(_i).where((_i.c.newsletter == newsletter) & (_i.c.slot_at == slot_at))).first()
    return _issue(row) if row else None


def on_their_way(conn: Connection) -> list[Issue]:
    """Issues that are sending, held ones too: the most urgent first, then the one that started first."""
    query = select(_i).where(_i.c.state == IssueState.SENDING.value)
    return [_issue(row) for row in conn.execute(query.order_by(_i.c.urgent.desc(), _i.c.started_at, _i.c.id))]


def end_holds(conn: Connection, *, now: datetime) -> None:
    """Sending issues whose hold is over go on, and do not show it any more."""
    over = (_i.c.state == IssueState.SENDING.value) & (_i.c.held_until <= now)
    conn.execute(update(_i).where(over).values(hold="", held_until=None))


def take(
    conn: Connection, issue: Issue, action: Step, *, actor: str, at: datetime, detail: str = "", **also: Any
) -> Issue:
    """Take a legal step from the state that `issue` was read in, write it into the journal, and set `also`.

    Raises IllegalStep when the table of steps has none, or when somebody else moved the issue meanwhile.
    """
    after = step(issue.state, action, issue=issue.id)
    here = (_i.c.id == issue.id) & (_i.c.state == issue.state.value)
    changed = conn.execute(update(_i).where(here).values({"state": after.value} | also))
    if not changed.rowcount:
        now = get(conn, issue.id).state
        raise IllegalStep(f"Issue {issue.id} was {issue.state} a moment ago and is {now} now.", hint="Look again.")
    note(conn, issue.id, actor=actor, what=action.value, detail=detail, at=at)
    return get(conn, issue.id)


def change(conn: Connection, issue_id: int, **values: Any) -> None:
    """Set plain fields that have no step of their own."""
    conn.execute(update(_i).where(_i.c.id == issue_id).values(values))


def last_created(conn: Connection, newsletter: str, *, before: int = 0) -> datetime | None:
    """When the newsletter's latest issue that still stands was made."""
    query = select(func.max(_i.c.created_at)).where(_i.c.newsletter == newsletter, _i.c.state != IssueState.CANCELLED)
    if before:
        query = query.where(_i.c.id < before)
    return conn.execute(query).scalar()


def not_mailed(conn: Connection, issue_id: int) -> Mapping[str, int]:
    """Readers who were not mailable when the roster was frozen: reason → count."""
    return dict(conn.execute(select(_i.c.not_mailed).where(_i.c.id == issue_id)).scalar_one())


def _issue(row: Row[Any]) -> Issue:
    values = {name: getattr(row, name) for name in _FIELDS}
    return Issue(**values | {"state": IssueState(row.state), "urgent": bool(row.urgent)})


# --- Stories -----------------------------------------------------------------------------------------------


def stories(conn: Connection, issue_id: int) -> list[Story]:
    """The issue's stories in order; what the article knows comes from the article, words from the issue."""
    a = schema.article
    query = (
        select(
            _s,
            a.c.url,
            a.c.byline,
            a.c.credit,
            a.c.correction,
            a.c.publisher,
            a.c.image_url,
            a.c.image_alt,
            a.c.language,
        )
        .join(a, a.c.id == _s.c.article_id)
        .where(_s.c.issue_id == issue_id)
        .order_by(_s.c.position, _s.c.id)
    )
    return [_story(row) for row in conn.execute(query)]


def arrange(conn: Connection, issue_id: int, ordered: Sequence[Story]) -> None:
    """Make `ordered` the issue's stories, in this order; stories with an id are kept, others are new."""
    kept = [story.id for story in ordered if story.id]
    conn.execute(delete(_s).where((_s.c.issue_id == issue_id) & _s.c.id.not_in(kept)))
    for position, story in enumerate(ordered, start=1):
        row = _story_row(story) | {"issue_id": issue_id, "position": position}
        if story.id:
            conn.execute(update(_s).where(_s.c.id == story.id).values(row))
        else:
            conn.execute(insert(_s).values(row | {"basis": readings.take(conn, story.article_id)}))


def _story_row(story: Story) -> dict[str, Any]:
    return {
        "article_id": story.article_id,
        "section": story.section,
        "headline": story.headline,
        "reason": story.reason,
        "is_update": int(story.update),
        "also": [[mention.publisher, mention.url] for mention in story.also],
    } | summary_values(story.summary)


def _story(row: Row[Any]) -> Story:
    return Story(
        id=row.id,
        article_id=row.article_id,
        section=row.section,
        headline=row.headline,
        summary=summary_of(row) or Summary(text="", rung=Rung.LEAD),
        url=row.url,
        byline=row.byline,
        credit=row.credit,
        correction=row.correction,
        publisher=row.publisher,
        image=Image(url=row.image_url, alt=row.image_alt) if row.image_url else None,
        also=tuple(Mention(publisher=publisher, url=url) for publisher, url in row.also),
        language=row.language,
        reason=row.reason,
        update=bool(row.is_update),
    )


# --- Editions ----------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class StoredEdition:
    id: int
    #: Counts approvals of an issue on its way, from 1; the last one's editions are those that are sent.
    revision: int
    supporters: tuple[Supporter, ...]
    rendered: Rendered
    #: The fingerprint that was approved; the rendered's own must equal it.
    fingerprint: str


def keep_editions(conn: Connection, issue_id: int, editions: Sequence[tuple[Rendered, Sequence[Supporter]]]) -> None:
    """Store what was approved, byte for byte, in place of what was before; or beside it, once readers may have that."""
    e = schema.edition
    frozen = conn.execute(select(schema.batch.c.number).where(schema.batch.c.issue_id == issue_id).limit(1)).first()
    if not frozen:
        conn.execute(delete(e).where(e.c.issue_id == issue_id))
    revision = _revision(conn, issue_id) + 1
    for rendered, supporters in editions:
        row = {
            "issue_id": issue_id,
            "key": rendered.edition,
            "revision": revision,
            "supporters": [supporter.value for supporter in supporters],
            "subject": rendered.subject,
            "preheader": rendered.preheader,
            "html": rendered.html,
            "text": rendered.text,
            "envelope": dataclasses.asdict(rendered.envelope),
            "fingerprint": rendered.fingerprint,
        }
        conn.execute(insert(e).values(row))


def editions(conn: Connection, issue_id: int) -> list[StoredEdition]:
    """The issue's editions as they were approved last."""
    e = schema.edition
    last = (e.c.issue_id == issue_id) & (e.c.revision == _revision(conn, issue_id))
    return [_edition(row) for row in conn.execute(select(e).where(last).order_by(e.c.id))]


def outdated_editions(conn: Connection, issue_id: int) -> list[int]:
    """Ids of editions that were approved before the last time, while the issue was on its way."""
    e = schema.edition
    earlier = (e.c.issue_id == issue_id) & (e.c.revision < _revision(conn, issue_id))
    return list(conn.execute(select(e.c.id).where(earlier).order_by(e.c.id)).scalars())


def _revision(conn: Connection, issue_id: int) -> int:
    e = schema.edition
    query = select(func.coalesce(func.max(e.c.revision), 0)).where(e.c.issue_id == issue_id)
    return int(conn.execute(query).scalar_one())


def _edition(row: Row[Any]) -> StoredEdition:
    rendered = Rendered(
        edition=row.key,
        subject=row.subject,
        preheader=row.preheader,
        html=row.html,
        text=row.text,
        envelope=Envelope(**row.envelope),
    )
    return StoredEdition(
        id=row.id,
        revision=row.revision,
        supporters=tuple(Supporter(word) for word in row.supporters),
        rendered=rendered,
        fingerprint=row.fingerprint,
    )


# --- Journal -----------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    at: datetime
    actor: str
    what: str
    detail: str


def note(conn: Connection, issue_id: int, *, actor: str, what: str, detail: str = "", at: datetime) -> None:
    row = {"issue_id": issue_id, "at": at, "actor": actor, "what": what, "detail": detail}
    conn.execute(insert(schema.journal).values(row))


def journal(conn: Connection, issue_id: int) -> list[Entry]:
    j = schema.journal
    rows = conn.execute(select(j).where(j.c.issue_id == issue_id).order_by(j.c.id))
    return [Entry(at=row.at, actor=row.actor, what=row.what, detail=row.detail) for row in rows]
