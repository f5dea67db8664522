"""First tables: articles, issues, the ledger, subscribers.

Written out, so that this stays what it was when the tables in the code move on.

Revision ID: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

#: SQLite only counts ids up by itself in a column that is exactly INTEGER.
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def _text(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=default)


def _json(name: str, default: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=False, server_default=default)


def upgrade() -> None:
    for tables in (_list, _articles, _issues, _ledger, _doors, _events):
        tables()


def _list() -> None:
    op.create_table(
        "subscriber",
        sa.Column("id", _ID, nullable=False),
        sa.Column("address", sa.Text()),
        sa.Column("address_key", sa.Text()),
        sa.Column("address_hash", sa.LargeBinary(32)),
        _text("name"),
        _text("language"),
        _text("supporter", "unknown"),
        sa.Column("soft_bounces", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("forgotten_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_subscriber"),
        sa.UniqueConstraint("address_key", name="uq_subscriber_address_key"),
    )
    op.create_table(
        "subscription",
        sa.Column("subscriber_id", _ID, nullable=False),
        sa.Column("newsletter", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("left_at", _MOMENT),
        _text("left_how"),
        _text("left_why"),
        sa.Column("paused_until", _MOMENT),
        sa.Column("min_days", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("last_issue_at", _MOMENT),
        sa.Column("clicked_at", _MOMENT),
        sa.Column("opened_at", _MOMENT),
        sa.PrimaryKeyConstraint("subscriber_id", "newsletter", name="pk_subscription"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_subscription_newsletter_state_subscriber_id", "subscription", ["newsletter", "state", "subscriber_id"]
    )
    op.create_table(
        "consent",
        sa.Column("id", _ID, nullable=False),
        sa.Column("subscriber_id", _ID, nullable=False),
        sa.Column("newsletter", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        _text("evidence"),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
    )
    op.create_index("ix_consent_subscriber_id", "consent", ["subscriber_id"])
    op.create_table(
        "suppression",
        sa.Column("address_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("address_key", sa.Text()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        _text("detail"),
        sa.PrimaryKeyConstraint("address_hash", name="pk_suppression"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "subscriber_topic",
        sa.Column("subscriber_id", _ID, nullable=False),
        sa.Column("newsletter", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", "newsletter", "topic", name="pk_subscriber_topic"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_subscriber_topic_newsletter_topic_subscriber_id",
        "subscriber_topic",
        ["newsletter", "topic", "subscriber_id"],
    )
    op.create_table(
        "subscriber_tag",
        sa.Column("subscriber_id", _ID, nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", "tag", name="pk_subscriber_tag"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_subscriber_tag_tag_subscriber_id", "subscriber_tag", ["tag", "subscriber_id"])


def _articles() -> None:
    op.create_table(
        "article",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(2048), nullable=False),
        _text("url"),
        _text("headline"),
        _text("body"),
        _text("standfirst"),
        _text("byline"),
        _text("bio"),
        _text("credit"),
        _text("appeal"),
        _text("correction"),
        _text("access"),
        _text("own_headline"),
        _text("location"),
        _text("image_url"),
        _text("image_alt"),
        _text("language"),
        _text("publisher"),
        sa.Column("published_at", _MOMENT),
        _json("categories", "[]"),
        _json("dropped", "[]"),
        _json("warnings", "[]"),
        _text("summary"),
        _text("rung"),
        _json("spans", "[]"),
        _json("why", "[]"),
        _text("about"),
        _json("edited", "[]"),
        sa.Column("changed_at", _MOMENT),
        sa.Column("gathered_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_article"),
        sa.UniqueConstraint("key", name="uq_article_key"),
    )
    op.create_table(
        "reading",
        sa.Column("article_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at", _MOMENT, nullable=False),
        _text("headline"),
        _text("correction"),
        _text("access"),
        _text("gone"),
        _text("etag"),
        _text("last_modified"),
        _text("trouble"),
        sa.PrimaryKeyConstraint("article_id", name="pk_reading"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_reading_article_id", ondelete="CASCADE"),
    )
    op.create_table(
        "offer",
        sa.Column("newsletter", sa.String(64), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        _text("source"),
        _text("section"),
        sa.Column("weight", sa.Float(), nullable=False, server_default="1"),
        sa.Column("pinned", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("offered_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("newsletter", "article_id", name="pk_offer"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_offer_article_id", ondelete="CASCADE"),
    )
    op.create_table(
        "source_memory",
        sa.Column("newsletter", sa.String(64), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        _text("memory"),
        _text("location"),
        sa.Column("checked_at", _MOMENT),
        sa.Column("good_at", _MOMENT),
        sa.Column("new_at", _MOMENT),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        _text("problem"),
        _text("moved_to"),
        sa.Column("retired_at", _MOMENT),
        sa.Column("wait_until", _MOMENT),
        sa.Column("rhythm", sa.Float()),
        sa.PrimaryKeyConstraint("newsletter", "source", name="pk_source_memory"),
    )
    op.create_table(
        "asked",
        sa.Column("key", sa.String(64), nullable=False),
        _text("newsletter"),
        sa.Column("article_key", sa.String(2048), nullable=False),
        _text("model"),
        sa.Column("tokens", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("dollars", sa.Float(), nullable=False, server_default="0"),
        sa.Column("answers", sa.Integer(), nullable=False, server_default="0"),
        _text("text"),
        _text("reason"),
        sa.Column("settled", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_asked"),
    )
    op.create_index("ix_asked_article_key", "asked", ["article_key"])


def _issues() -> None:
    op.create_table(
        "issue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("newsletter", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        _text("subject"),
        _text("preheader"),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("slot_at", _MOMENT),
        sa.Column("scheduled_at", _MOMENT),
        sa.Column("approved_at", _MOMENT),
        _text("approved_by"),
        _text("fingerprint"),
        sa.Column("audience", sa.Integer(), nullable=False, server_default="0"),
        _text("hold"),
        sa.Column("held_until", _MOMENT),
        sa.Column("started_at", _MOMENT),
        sa.Column("finished_at", _MOMENT),
        _json("not_mailed", "{}"),
        _text("note"),
        sa.Column("urgent", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("corrects", sa.Integer()),
        _text("segment"),
        sa.Column("pruned_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_issue"),
        sa.UniqueConstraint("newsletter", "number", name="uq_issue_newsletter_number"),
        sa.UniqueConstraint("newsletter", "slot_at", name="uq_issue_newsletter_slot_at"),
    )
    op.create_index("ix_issue_state", "issue", ["state"])
    op.create_table(
        "story",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        _text("section"),
        _text("headline"),
        _text("summary"),
        _text("rung"),
        _json("spans", "[]"),
        _json("why", "[]"),
        _text("about"),
        _text("reason"),
        _json("also", "[]"),
        sa.Column("is_update", sa.Integer(), nullable=False, server_default="0"),
        _json("basis", "{}"),
        sa.PrimaryKeyConstraint("id", name="pk_story"),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name="fk_story_article_id"),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name="fk_story_issue_id", ondelete="CASCADE"),
        sa.UniqueConstraint("issue_id", "article_id", name="uq_story_issue_id_article_id"),
    )
    op.create_index("ix_story_article_id", "story", ["article_id"])
    op.create_table(
        "choice",
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("chosen", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(16), nullable=False),
        _text("reason"),
        _text("headline"),
        _text("publisher"),
        _text("source"),
        _text("section"),
        sa.Column("published_at", _MOMENT),
        _json("also", "[]"),
        _json("since", "[]"),
        sa.PrimaryKeyConstraint("issue_id", "article_id", name="pk_choice"),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name="fk_choice_issue_id", ondelete="CASCADE"),
    )
    op.create_table(
        "skipped_slot",
        sa.Column("newsletter", sa.String(64), nullable=False),
        sa.Column("slot_at", _MOMENT, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        _text("why"),
        sa.PrimaryKeyConstraint("newsletter", "slot_at", name="pk_skipped_slot"),
    )
    op.create_table(
        "edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False, server_default="1"),
        _json("supporters", "[]"),
        _text("subject"),
        _text("preheader"),
        _text("html"),
        _text("text"),
        _json("envelope", "{}"),
        _text("fingerprint"),
        sa.PrimaryKeyConstraint("id", name="pk_edition"),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name="fk_edition_issue_id", ondelete="CASCADE"),
        sa.UniqueConstraint("issue_id", "revision", "key", name="uq_edition_issue_id_revision_key"),
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        _text("actor"),
        _text("what"),
        _text("detail"),
        sa.PrimaryKeyConstraint("id", name="pk_journal"),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name="fk_journal_issue_id", ondelete="CASCADE"),
    )
    op.create_index("ix_journal_issue_id", "journal", ["issue_id"])


def _ledger() -> None:
    op.create_table(
        "batch",
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False, server_default="planned"),
        sa.Column("attempt", sa.Integer(), nullable=False, server_default="0"),
        _text("worker"),
        sa.Column("lease_until", _MOMENT),
        sa.Column("not_before", _MOMENT),
        sa.Column("called_at", _MOMENT),
        sa.Column("recorded_at", _MOMENT),
        sa.PrimaryKeyConstraint("issue_id", "number", name="pk_batch"),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name="fk_batch_edition_id"),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name="fk_batch_issue_id"),
    )
    op.create_index("ix_batch_work", "batch", ["issue_id", "state", "number"])
    held = sa.column("state").in_(["claimed", "calling"])
    op.create_index("ix_batch_held", "batch", ["issue_id"], sqlite_where=held, postgresql_where=held)
    op.create_table(
        "delivery",
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        _text("name"),
        sa.Column("state", sa.String(16), nullable=False, server_default="planned"),
        _text("reason"),
        _text("message_id"),
        sa.Column("attempt", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("edition_id", sa.Integer()),
        sa.Column("updated_at", _MOMENT),
        sa.PrimaryKeyConstraint("issue_id", "position", name="pk_delivery"),
        sa.UniqueConstraint("issue_id", "subscriber_id", name="uq_delivery_issue_id_subscriber_id"),
        sqlite_with_rowid=False,
    )
    rare = sa.column("state").in_(["skipped", "refused", "uncertain", "bounced", "complained"])
    op.create_index("ix_delivery_rare", "delivery", ["issue_id", "state"], sqlite_where=rare, postgresql_where=rare)
    op.create_table(
        "pace",
        sa.Column("sender", sa.String(32), nullable=False),
        sa.Column("next_free", sa.Float(), nullable=False, server_default="0"),
        sa.Column("next_call", sa.Float(), nullable=False, server_default="0"),
        sa.Column("max_rate", sa.Float(), nullable=False),
        sa.Column("rate", sa.Float(), nullable=False),
        sa.Column("calls", sa.Float()),
        sa.Column("calls_refused", sa.Float(), nullable=False, server_default="0"),
        sa.Column("eased", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("quota", sa.Integer()),
        sa.Column("quota_left", sa.Integer()),
        sa.Column("day", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("day_count", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("checked_at", sa.Float(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("sender", name="pk_pace"),
    )


def _doors() -> None:
    """What the public pages keep."""
    op.create_table(
        "outgoing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice", sa.String(16), nullable=False),
        _text("newsletter"),
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False, server_default="planned"),
        sa.Column("attempt", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("not_before", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        _text("reason"),
        _text("message_id"),
        sa.PrimaryKeyConstraint("id", name="pk_outgoing"),
    )
    op.create_index("ix_outgoing_state_not_before", "outgoing", ["state", "not_before"])
    op.create_table(
        "limits",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("free_at", sa.Float(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("key", name="pk_limits"),
    )


def _events() -> None:
    """What SES and readers told us."""
    op.create_table(
        "event",
        sa.Column("key", sa.LargeBinary(16), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("issue_id", sa.Integer()),
        sa.Column("position", sa.Integer()),
        sa.Column("attempt", sa.Integer(), nullable=False, server_default="0"),
        _text("message_id"),
        _text("what"),
        sa.Column("machine", sa.Integer(), nullable=False, server_default="0"),
        _text("sign"),
        _text("raw"),
        sa.PrimaryKeyConstraint("key", name="pk_event"),
    )
    op.create_index("ix_event_issue_id_position", "event", ["issue_id", "position"])
    op.create_table(
        "event_aside",
        sa.Column("key", sa.LargeBinary(16), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        _text("way"),
        _text("reason"),
        _text("body"),
        sa.PrimaryKeyConstraint("key", name="pk_event_aside"),
    )
    op.create_table(
        "event_figure",
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("machine", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("readers", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("issue_id", "kind", "machine", name="pk_event_figure"),
    )
    op.create_table(
        "event_way",
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("heard_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("way", name="pk_event_way"),
    )
