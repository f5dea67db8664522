"""The tables of what is said and what became of it. Rows become model values in the modules beside this one.

Subscribers have tables of their own (`subscribers.schema`); a delivery keeps the address it was frozen with, so
figures stay true when a subscriber is erased.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from subscribers.schema import UtcTime
from subscribers.schema import insert as new_row

#: Names for every constraint, so that migrations can drop them on both databases.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _text(name: str, **options: Any) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="", **options)


def _json(name: str, default: str) -> Column[Any]:
    return Column(name, JSON, nullable=False, server_default=default)


article = Table(
    "article",
    metadata,
    Column("id", Integer, primary_key=True),
    # Canonical URL, or a hash of the text for an article that has none: the same piece is stored once.
    Column("key", String(2048), nullable=False, unique=True),
    _text("url"),
    _text("headline"),
    _text("body"),
    _text("standfirst"),
    _text("byline"),
    _text("bio"),
    _text("credit"),
    _text("appeal"),
    _text("correction"),
    # "free", "paid" or "cut"; empty is free.
    _text("access"),
    _text("own_headline"),
    # Where it was read: an address, or a file's path.
    _text("location"),
    _text("image_url"),
    _text("image_alt"),
    _text("language"),
    _text("publisher"),
    Column("published_at", UtcTime),
    _json("categories", "[]"),
    _json("dropped", "[]"),
    _json("warnings", "[]"),
    _text("summary"),
    _text("rung"),
    _json("spans", "[]"),
    # Why the rungs above had none; and the mark of the body that an editor's words are about.
    _json("why", "[]"),
    _text("about"),
    # Columns that an editor set: reading the article again leaves them alone.
    _json("edited", "[]"),
    # When its text was found to have changed since it was gathered first.
    Column("changed_at", UtcTime),
    Column("gathered_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)

# What the page or file of a story said when it was looked at again; the article itself stays as the issue took it.
reading = Table(
    "reading",
    metadata,
    Column("article_id", ForeignKey("article.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    _text("headline"),
    _text("correction"),
    _text("access"),
    _text("gone"),
    _text("etag"),
    _text("last_modified"),
    _text("trouble"),
)

offer = Table(
    "offer",
    metadata,
    Column("newsletter", String(64), nullable=False),
    Column("article_id", ForeignKey("article.id", ondelete="CASCADE"), nullable=False),
    _text("source"),
    _text("section"),
    Column("weight", Float, nullable=False, server_default="1"),
    Column("pinned", Integer, nullable=False, server_default="0"),
    Column("offered_at", UtcTime, nullable=False),
    PrimaryKeyConstraint("newsletter", "article_id"),
)

# What a source's last gathering left for the next, and how the source fares.
source_memory = Table(
    "source_memory",
    metadata,
    Column("newsletter", String(64), nullable=False),
    Column("source", String(200), nullable=False),
    _text("memory"),
    # The location that the rest is about: the settings may name another one now.
    _text("location"),
    Column("checked_at", UtcTime),
    # When it was last read without trouble, and when it last had something new.
    Column("good_at", UtcTime),
    Column("new_at", UtcTime),
    Column("failures", Integer, nullable=False, server_default="0"),
    _text("problem"),
    _text("moved_to"),
    # Gone for good, as its server says: not asked again before a person says so.
    Column("retired_at", UtcTime),
    # Not to be asked before, as its server wants.
    Column("wait_until", UtcTime),
    # The longest pause between its last articles, in seconds.
    Column("rhythm", Float),
    PrimaryKeyConstraint("newsletter", "source"),
)

# What a language model was asked about an article (by a hash of all of it), what came of it, and what it cost. Without
# a newsletter it was for none in particular.
asked = Table(
    "asked",
    metadata,
    Column("key", String(64), primary_key=True),
    _text("newsletter"),
    # The key of the article, which may be read by another newsletter or not be stored at all.
    Column("article_key", String(2048), nullable=False, index=True),
    _text("model"),
    Column("tokens", Integer, nullable=False, server_default="0"),
    # By the prices that the settings stated then.
    Column("dollars", Float, nullable=False, server_default="0"),
    Column("answers", Integer, nullable=False, server_default="0"),
    # The summary, or why there is none, once that is settled.
    _text("text"),
    _text("reason"),
    Column("settled", Integer, nullable=False, server_default="0"),
    Column("asked_at", UtcTime, nullable=False),
)

issue = Table(
    "issue",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("newsletter", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("date", Date, nullable=False),
    _text("subject"),
    _text("preheader"),
    Column("created_at", UtcTime, nullable=False),
    Column("slot_at", UtcTime),
    Column("scheduled_at", UtcTime),
    Column("approved_at", UtcTime),
    _text("approved_by"),
    _text("fingerprint"),
    Column("audience", Integer, nullable=False, server_default="0"),
    _text("hold"),
    Column("held_until", UtcTime),
    Column("started_at", UtcTime),
    Column("finished_at", UtcTime),
    # Readers who were not mailable when the roster was frozen: reason → count.
    _json("not_mailed", "{}"),
    # A line of the editors' above the stories.
    _text("note"),
    # Breaking news: its batches go before those of the others.
    Column("urgent", Integer, nullable=False, server_default="0"),
    # The issue whose readers it puts right, and nobody else.
    Column("corrects", Integer),
    # The readers that it is for, in the words of `subscribers.segments`.
    _text("segment"),
    # When who got it was deleted; since then there are only figures.
    Column("pruned_at", UtcTime),
    UniqueConstraint("newsletter", "number"),
    # A slot of the cadence makes one issue, however many workers see it come due.
    UniqueConstraint("newsletter", "slot_at"),
)

story = Table(
    "story",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("issue_id", ForeignKey("issue.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("article_id", ForeignKey("article.id"), nullable=False, index=True),
    _text("section"),
    _text("headline"),
    _text("summary"),
    _text("rung"),
    _json("spans", "[]"),
    # Why the rungs above had none; and the mark of the body that an editor's words are about.
    _json("why", "[]"),
    _text("about"),
    _text("reason"),
    _json("also", "[]"),
    Column("is_update", Integer, nullable=False, server_default="0"),
    # The article as it was when the issue took it, and as it was approved: what changed since is told.
    _json("basis", "{}"),
    UniqueConstraint("issue_id", "article_id"),
)

# Why each candidate is in an issue or not, as it was when the issue was drafted.
choice = Table(
    "choice",
    metadata,
    Column("issue_id", ForeignKey("issue.id", ondelete="CASCADE"), nullable=False),
    Column("article_id", Integer, nullable=False),
    # 1 for the best; the order in which they are told.
    Column("rank", Integer, nullable=False),
    Column("chosen", Integer, nullable=False),
    Column("cause", String(16), nullable=False),
    _text("reason"),
    _text("headline"),
    _text("publisher"),
    _text("source"),
    _text("section"),
    Column("published_at", UtcTime),
    # Copies of the story that were merged into it: [article, headline, publisher, source].
    _json("also", "[]"),
    # What editors did with it since: [at, actor, what].
    _json("since", "[]"),
    PrimaryKeyConstraint("issue_id", "article_id"),
)

# Times of a newsletter's cadence for which too little was new: no worker drafts for them any more.
skipped_slot = Table(
    "skipped_slot",
    metadata,
    Column("newsletter", String(64), nullable=False),
    Column("slot_at", UtcTime, nullable=False),
    Column("at", UtcTime, nullable=False),
    _text("why"),
    PrimaryKeyConstraint("newsletter", "slot_at"),
)

edition = Table(
    "edition",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("issue_id", ForeignKey("issue.id", ondelete="CASCADE"), nullable=False),
    Column("key", String(64), nullable=False),
    # Counts approvals of the issue while it was on its way: what readers got before stays known.
    Column("revision", Integer, nullable=False, server_default="1"),
    _json("supporters", "[]"),
    _text("subject"),
    _text("preheader"),
    _text("html"),
    _text("text"),
    _json("envelope", "{}"),
    _text("fingerprint"),
    UniqueConstraint("issue_id", "revision", "key"),
)

batch = Table(
    "batch",
    metadata,
    Column("issue_id", ForeignKey("issue.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("edition_id", ForeignKey("edition.id"), nullable=False),
    # The positions of the roster that it covers, both included.
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("state", String(16), nullable=False, server_default="planned"),
    # Counts claims: a worker may only record what it claimed (fencing).
    Column("attempt", Integer, nullable=False, server_default="0"),
    _text("worker"),
    Column("lease_until", UtcTime),
    # Not to be claimed before: how a throttled batch waits.
    Column("not_before", UtcTime),
    Column("called_at", UtcTime),
    Column("recorded_at", UtcTime),
    PrimaryKeyConstraint("issue_id", "number"),
    Index("ix_batch_work", "issue_id", "state", "number"),
)

# No row id: the roster is read and written by position, in order, so the table is its own index.
delivery = Table(
    "delivery",
    metadata,
    # No foreign key: looking up the same issue a million times takes PostgreSQL a quarter of the time to freeze.
    Column("issue_id", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("subscriber_id", BigInteger, nullable=False),
    Column("address", Text, nullable=False),
    _text("name"),
    Column("state", String(16), nullable=False, server_default="planned"),
    _text("reason"),
    _text("message_id"),
    # The attempt that the state is about: an event names it, and an older one proves nothing about a newer.
    Column("attempt", Integer, nullable=False, server_default="0"),
    # The edition that the state is about, which has the fingerprint of what the reader got; NULL before any call.
    Column("edition_id", Integer),
    Column("updated_at", UtcTime),
    PrimaryKeyConstraint("issue_id", "position"),
    # Nobody gets an issue twice, in whatever edition.
    UniqueConstraint("issue_id", "subscriber_id"),
    sqlite_with_rowid=False,
)

#: States of the batches that are in workers' hands: a look for abandoned ones must not read those of past years.
HELD = ("claimed", "calling")
Index(
    "ix_batch_held",
    batch.c.issue_id,
    sqlite_where=batch.c.state.in_(HELD),
    postgresql_where=batch.c.state.in_(HELD),
)

#: States that few deliveries are in: counting them while millions go out must cost nothing.
RARE = ("skipped", "refused", "uncertain", "bounced", "complained")
Index(
    "ix_delivery_rare",
    delivery.c.issue_id,
    delivery.c.state,
    sqlite_where=delivery.c.state.in_(RARE),
    postgresql_where=delivery.c.state.in_(RARE),
)

# One row for each sender's account: the next free moment (GCRA), shared by all workers. Seconds since 1970.
pace = Table(
    "pace",
    metadata,
    Column("sender", String(32), primary_key=True),
    Column("next_free", Float, nullable=False, server_default="0"),
    # The next moment for a call, where calls have a limit of their own.
    Column("next_call", Float, nullable=False, server_default="0"),
    # What the account allows, and what we allow ourselves after throttling, in recipients per second.
    Column("max_rate", Float, nullable=False),
    Column("rate", Float, nullable=False),
    # Bulk calls per second, learned from throttling (NULL: never throttled), and the number that was refused.
    Column("calls", Float),
    Column("calls_refused", Float, nullable=False, server_default="0"),
    # Counts how often we eased off: calls that were in the air together are one piece of news.
    Column("eased", Integer, nullable=False, server_default="0"),
    # Recipients per 24 hours, and those that are left of them; NULL is no limit.
    Column("quota", Integer),
    Column("quota_left", Integer),
    # A day in UTC, counted from 1970, and the recipients who had a turn in it.
    Column("day", Integer, nullable=False, server_default="0"),
    Column("day_count", Integer, nullable=False, server_default="0"),
    Column("checked_at", Float, nullable=False, server_default="0"),
)

# What people and workers did to an issue, in order.
journal = Table(
    "journal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("issue_id", Integer, nullable=False, index=True),
    Column("at", UtcTime, nullable=False),
    _text("actor"),
    _text("what"),
    _text("detail"),
    ForeignKeyConstraint(["issue_id"], ["issue.id"], ondelete="CASCADE"),
)

# Notices to one person (confirm, welcome …), from the wish to what became of it. It names no address: who was forgotten
# meanwhile is not mailed.
outgoing = Table(
    "outgoing",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("notice", String(16), nullable=False),
    _text("newsletter"),
    Column("subscriber_id", BigInteger, nullable=False),
    # planned → calling (committed before the request leaves) → accepted, skipped, refused, uncertain.
    Column("state", String(16), nullable=False, server_default="planned"),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("asked_at", UtcTime, nullable=False),
    Column("not_before", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    _text("reason"),
    _text("message_id"),
)
Index(None, outgoing.c.state, outgoing.c.not_before)

# How much of a limit is used (GCRA): the moment, in seconds since 1970, from which all of it is free again. The key is
# a pseudonym of the address or network that it is about.
limits = Table(
    "limits",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("free_at", Float, nullable=False, server_default="0"),
)

# --- Events ------------------------------------------------------------------------------------------------

event = Table(
    "event",
    metadata,
    # A hash of what makes it this event and no other: told twice, it is written once.
    Column("key", LargeBinary(16), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    # The delivery that it is about; NULL for a message of nobody's.
    Column("issue_id", Integer),
    Column("position", Integer),
    Column("attempt", Integer, nullable=False, server_default="0"),
    _text("message_id"),
    # Type of bounce, delay or complaint, or the link that was followed.
    _text("what"),
    # Of opens and clicks: by a machine, which says nothing about the reader.
    Column("machine", Integer, nullable=False, server_default="0"),
    # Of opens and clicks: something about this one alone shows the machine.
    _text("sign"),
    # As it came, of the rare kinds alone.
    _text("raw"),
    Index(None, "issue_id", "position"),
)

# Messages that nobody could read as events: kept for a person to look at.
event_aside = Table(
    "event_aside",
    metadata,
    Column("key", LargeBinary(16), primary_key=True),
    Column("at", UtcTime, nullable=False),
    _text("way"),
    _text("reason"),
    _text("body"),
)

# What is left of an issue's opens and clicks once those of each reader are deleted.
event_figure = Table(
    "event_figure",
    metadata,
    Column("issue_id", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("machine", Integer, nullable=False),
    Column("events", Integer, nullable=False),
    Column("readers", Integer, nullable=False),
    PrimaryKeyConstraint("issue_id", "kind", "machine"),
)

# When each way in (queue, hook) last brought an event.
event_way = Table(
    "event_way",
    metadata,
    Column("way", String(16), primary_key=True),
    Column("heard_at", UtcTime, nullable=False),
)

__all__ = [
    "UtcTime",
    "article",
    "asked",
    "batch",
    "choice",
    "delivery",
    "edition",
    "event",
    "event_aside",
    "event_figure",
    "event_way",
    "issue",
    "journal",
    "limits",
    "metadata",
    "new_row",
    "offer",
    "outgoing",
    "pace",
    "reading",
    "skipped_slot",
    "source_memory",
    "story",
]
