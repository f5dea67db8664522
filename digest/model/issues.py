"""Issues: from a draft to the bytes that were approved."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from digest.model.articles import Image, Rung, Summary
from digest.model.newsletters import Appeal, Link, Supporter


class IssueState(StrEnum):
    """The life of an issue; `digest.issue.lifecycle` holds the legal steps."""

    DRAFT = "draft"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True, slots=True)
class Issue:
    """One dated number of a newsletter: where it is in its life. Its stories and editions are stored beside it."""

    id: int
    newsletter: str
    #: Counts up within the newsletter, from 1.
    number: int
    state: IssueState
    #: The day printed on it, in the newsletter's zone.
    date: date
    #: Empty until an editor sets them: then they follow from the stories.
    subject: str = ""
    preheader: str = ""
    created_at: datetime
    #: The moment of the newsletter's cadence that it was drafted for, in UTC; None when drafted by hand.
    slot_at: datetime | None = None
    #: When it is to be sent, in UTC.
    scheduled_at: datetime | None = None
    approved_at: datetime | None = None
    approved_by: str = ""
    #: Fingerprint over all editions that was approved; empty without approval.
    fingerprint: str = ""
    #: Readers who would have got it at approval.
    audience: int = 0
    #: Why it is paused or waits; empty when it does neither.
    hold: str = ""
    held_until: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    #: A line of the editors' above the stories; empty for none.
    note: str = ""
    #: Breaking news: its batches go before those of other issues.
    urgent: bool = False
    #: The issue that it puts right: it goes to those alone who were sent the wrong text. None for any other issue.
    corrects: int | None = None
    #: Readers that it is for, as `subscribers.segments` reads it; empty for all. Part of what is approved.
    segment: str = ""
    #: When who got it was deleted; since then there are only figures. None while it is known.
    pruned_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Mention:
    """Another publisher's copy of a story, merged into it."""

    publisher: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """One article as this issue tells it."""

    #: Database id; 0 before the story is stored.
    id: int = 0
    article_id: int
    section: str
    headline: str
    summary: Summary
    url: str = ""
    byline: str = ""
    credit: str = ""
    #: The publisher's own correction of the article.
    correction: str = ""
    publisher: str = ""
    image: Image | None = None
    also: tuple[Mention, ...] = ()
    #: Lower-case BCP 47 primary language of the article; empty when unknown.
    language: str = ""
    #: Why it is in the issue.
    reason: str = ""
    #: An earlier issue carried it, and it changed since: readers are told so.
    update: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A heading and its stories, in order; slug and title come from the newsletter's settings."""

    slug: str
    title: str
    stories: tuple[Story, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Envelope:
    """Who an edition is from, the same for every reader; part of what is approved."""

    sender_name: str
    sender_address: str
    reply_to: str
    #: RFC 2919 List-Id without angle brackets, such as "daily.news.example.org".
    list_id: str
    #: Whether clicks and openings are told to us. Approved with the rest: a tracked link is not the link one sees.
    track_clicks: bool = False
    track_opens: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Edition:
    """An issue as one audience gets it, composed but not yet rendered: all that a theme may show."""

    #: Short name within the issue: "everyone", "ask", "thanks".
    key: str
    #: Readers it is for; every supporter value belongs to exactly one edition of an issue.
    supporters: tuple[Supporter, ...]
    newsletter: str
    newsletter_name: str
    tagline: str
    issue_number: int
    #: The day printed on the issue, in the newsletter's zone.
    date: date
    #: Lower-case BCP 47 primary language of the newsletter ("en", "he", "ar").
    language: str
    subject: str
    preheader: str
    #: A line of the editors' above the stories; empty for none.
    note: str = ""
    lead: Story | None
    sections: tuple[Section, ...]
    appeal: Appeal | None
    social: tuple[Link, ...]
    website: str
    postal_address: str
    #: Why the reader gets this, in the newsletter's words; empty for the theme's own sentence.
    why: str
    envelope: Envelope

    @property
    def stories(self) -> tuple[Story, ...]:
        """All stories in reading order, the lead first."""
        rest = tuple(story for section in self.sections for story in section.stories)
        return (self.lead, *rest) if self.lead else rest

    @property
    def by_model(self) -> bool:
        """Did a language model write a summary in it? Then the mail says so, in every theme."""
        return any(story.summary.rung is Rung.MODEL for story in self.stories)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendered:
    """Subject, preheader, html and text of an edition, with slots still open (`digest.render.slots`)."""

    edition: str
    subject: str
    preheader: str
    html: str
    text: str
    envelope: Envelope

    @property
    def fingerprint(self) -> str:
        """SHA-256 in hex over everything a reader of this edition would be sent."""
        e = self.envelope
        parts = [
            self.edition,
            self.subject,
            self.preheader,
            self.html,
            self.text,
            e.sender_name,
            e.sender_address,
            e.reply_to,
            e.list_id,
            *(["clicks are tracked"] if e.track_clicks else []),
            *(["openings are tracked"] if e.track_opens else []),
        ]
        return hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).hexdigest()


class Level(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Something the check noticed. An error keeps the issue from being approved."""

    level: Level
    #: Stable name such as "html-too-large", for filters and docs.
    code: str
    #: One sentence for an editor: what is wrong and what to do.
    message: str
    #: Edition key, or story headline, that it is about.
    where: str = ""
