"""What a staged row comes to, as expressions of SQL that deciding (`staging`) and applying share.

Each row ends with a `fate`: added, updated, unchanged, or the reason why the person stays out. `known` rows are those
whose standing the file may not create.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import and_, case, exists, literal, or_, select

from subscribers import schema
from subscribers.model import State
from subscribers.rows import FILE_BITS
from subscribers.stage_table import ADDED
from subscribers.stage_table import label as _label
from subscribers.stage_table import stage as _stage

UPDATED, UNCHANGED = "updated", "unchanged"

_row = _stage.c
_words = _label.c
_people = schema.subscriber.c
_tags = schema.subscriber_tag.c
_topics = schema.subscriber_topic.c

#: The line within its file.
LINE = _row.place.op("&")(literal((1 << FILE_BITS) - 1, sa.BigInteger))
FILE = _row.place.op(">>")(literal(FILE_BITS, sa.Integer))

#: What the report says of a row: what the list decided, or else what the file itself says against mailing.
TOLD = case(
    (_row.fate.not_in([ADDED, UPDATED, UNCHANGED]), _row.fate),
    (_row.suppressed != "", _row.suppressed),
    (_row.state == State.LEFT.value, State.LEFT.value),
    else_=_row.fate,
)


def differs(ours: Any) -> sa.ColumnElement[bool]:
    return or_(
        and_(_row.name != "", _row.name != ours.name),
        and_(_row.language != "", _row.language != ours.language),
        and_(_row.supporter != "unknown", _row.supporter != ours.supporter),
    )


def missing_tags() -> sa.Select[Any]:
    had = exists().where(_tags.subscriber_id == _people.id, _tags.tag == _words.word)
    return select(_people.id, _words.word).distinct().where(_labels("tag"), ~had)


def missing_topics(newsletter: str) -> sa.Select[Any]:
    """Only for those who have not chosen any: without any they get all, with one more they may get too much."""
    chose = exists().where(_topics.subscriber_id == _people.id, _topics.newsletter == newsletter)
    here = literal(newsletter)
    return select(_people.id, here, _words.word).distinct().where(_labels("topic"), ~chose)


def _labels(kind: str) -> sa.ColumnElement[bool]:
    """Joins a staged row to its person and their words; of those who stay out for what we knew, none is kept."""
    return and_(
        _words.kind == kind,
        _words.address_key == _row.address_key,
        _people.address_key == _row.address_key,
        _row.fate.in_([ADDED, UPDATED, UNCHANGED]),
    )
