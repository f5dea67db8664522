"""The words of the digest mailer as values: what is said, and what became of it.

Everything here is frozen, keyword-only and free of I/O; stages meet in these types and not in each other.
`docs/language.md` defines each word. Times are timezone-aware; spans are character offsets.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

# --- Articles -------------------------------------------------------------------------------------------


class DocumentKind(StrEnum):
    """How raw bytes from a source are to be read."""

    HTML = "html"
    MARKDOWN = "markdown"
    TEXT = "text"


class SourceKind(StrEnum):
    FEED = "feed"  # RSS 2.0, Atom or JSON Feed, by URL or file
    PAGE = "page"  # one article page
    WORDPRESS = "wordpress"  # a site's REST API
    SITEMAP = "sitemap"  # what a site without a feed tells search engines
    FOLDER = "folder"  # local .txt, .md and .html files


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Where articles come from."""

    #: Unique within the newsletter; shown to editors.
    name: str
    kind: SourceKind
    #: http(s) URL, or an absolute path for local feeds, files and folders.
    location: str
    #: Slug of the newsletter's section that its articles go to; empty for the newsletter's first.
    section: str = ""
    weight: float = 1.0
    #: At most so many articles are read at one gathering, newest first.
    limit: int = 20
    #: Whether the site's robots.txt is obeyed; not where its owner agreed to be read.
    robots: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    #: Absolute http(s) address. Never fetched by us; the reader's mail program does.
    url: str
    #: What a reader who does not see it should know; empty when the publisher gave none.
    alt: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hints:
    """What a source says about a document beside its text (a feed entry, an editor's option).

    Stated by the source, so believed before anything found in the page: feed > JSON-LD > OpenGraph > guess.
    """

    headline: str = ""
    standfirst: str = ""
    byline: str = ""
    published_at: datetime | None = None
    language: str = ""
    image: Image | None = None
    #: Categories of the feed entry, as written there.
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """A raw document as gathered: not yet an article."""

    #: Where it was read: an http(s) URL, or a file's absolute path.
    location: str
    kind: DocumentKind
    #: Bytes as received (charset from `charset`, the page itself, or detected), at most the fetch limit.
    content: bytes
    charset: str = ""
    #: Name of the source that led here; empty for an article added by hand.
    source: str = ""
    hints: Hints = field(default_factory=Hints)


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Where in `Article.body` a sentence stands: `body[start:end]`."""

    start: int
    end: int


class Rung(StrEnum):
    """The rung of the ladder that a summary came from, best first."""

    EDITOR = "editor"
    STANDFIRST = "standfirst"
    MODEL = "model"
    EXTRACT = "extract"
    #: The first clean sentence(s): the body was too short or odd for the extract.
    LEAD = "lead"


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """Our words about an article, with the spans of the body they rest on (none for editor or standfirst)."""

    text: str
    rung: Rung
    spans: tuple[Span, ...] = ()
    #: Why each rung above had none, best first, in sentences for an editor; empty for the editor's own.
    why: tuple[str, ...] = ()
    #: `Article.mark` as it was when an editor wrote this; empty for all other rungs.
    about: str = ""


class DropReason(StrEnum):
    """Why a paragraph of the page is not part of the body."""

    HEADLINE = "headline"
    STANDFIRST = "standfirst"  # the publisher's own summary line, above the text: kept as such
    BYLINE = "byline"
    CAPTION = "caption"
    CREDIT = "credit"
    APPEAL = "appeal"
    PROMOTION = "promotion"  # newsletter sign-ups, follow us, read more, comments, cookies
    BIO = "bio"
    CORRECTION = "correction"  # the publisher's own: kept apart and shown
    FRAGMENT = "fragment"  # a line that is no sentence: label, number, address
    TAIL = "tail"  # what follows the end of the article, such as the publisher's name


class Access(StrEnum):
    """Whether the text that came is the article, and whether readers will get to it."""

    FREE = "free"
    #: Readers have to pay or to register; the whole text came all the same.
    PAID = "paid"
    #: Only its beginning came: nothing to summarise from.
    CUT = "cut"


@dataclass(frozen=True, kw_only=True, slots=True)
class Dropped:
    """A paragraph that was left out of the body, kept so that the preview can show it."""

    text: str
    reason: DropReason


@dataclass(frozen=True, kw_only=True, slots=True)
class Article:
    """A piece published elsewhere, as we read it."""

    #: Canonical http(s) URL; empty for a local text that names none.
    url: str
    #: Empty when the document has none: an editor must give it before the article can be drafted.
    headline: str
    #: Clean paragraphs joined by one blank line ("\n\n"), without bio, credit, appeal, captions or promotion.
    body: str
    #: The publisher's own summary line (dek), empty when there is none.
    standfirst: str = ""
    byline: str = ""
    #: Who the author is ("… is a journalist and lawyer."); never summarised.
    bio: str = ""
    #: Who first published it ("This article was originally published by …"); always shown.
    credit: str = ""
    #: Somebody else's ask for support found in the text; not ours to summarise or show.
    appeal: str = ""
    #: The publisher's own correction ("An earlier version of this article …"); always shown.
    correction: str = ""
    #: How much of it came, and whether its readers have to pay.
    access: Access = Access.FREE
    #: The headline on the page itself; the source may state another.
    own_headline: str = ""
    image: Image | None = None
    #: Lower-case BCP 47 primary language ("en", "he"); empty when unknown.
    language: str = ""
    #: As stated by the source; None rather than a guess.
    published_at: datetime | None = None
    #: The publisher's name ("Riverbend Courier").
    publisher: str = ""
    categories: tuple[str, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    #: What an editor should look at, in plain sentences.
    warnings: tuple[str, ...] = ()

    @property
    def words(self) -> int:
        return len(self.body.split())

    @property
    def mark(self) -> str:
        """Changes when the body does, but not with white space: tells whether a summary is about this text."""
        return hashlib.sha256(" ".join(self.body.split()).encode()).hexdigest()[:16]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What an article's page or file said when it was looked at: what is compared before an issue goes out."""

    #: The page's own headline; empty when nobody knows it.
    headline: str = ""
    correction: str = ""
    access: Access = Access.FREE
    #: How we know that it is not there any more, such as "404 Not Found"; empty while it is.
    gone: str = ""
    #: When it was looked at last; None when never since it was gathered.
    at: datetime | None = None
    #: Validators for a conditional GET.
    etag: str = ""
    last_modified: str = ""
    #: Why the last look saw nothing; the rest is of the look before. Empty when it did.
    trouble: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """An article on offer to a newsletter: what `select` chooses from."""

    article_id: int
    article: Article
    #: Name of the source; empty for an article added by hand.
    source: str = ""
    #: Slug of the newsletter's section that the source (or the editor) put it in.
    section: str = ""
    #: Higher wins; 1.0 is neutral.
    weight: float = 1.0
    gathered_at: datetime
    #: An editor asked for it: it is in whatever its age.
    pinned: bool = False


class Cause(StrEnum):
    """Why a candidate is in an issue (the first four) or not: what a program can tell apart; words are for people."""

    NEW = "new"
    PINNED = "pinned"
    #: An earlier issue carried it, and it changed so much that it is told again.
    UPDATE = "update"
    #: Not new: the search was widened because too little was.
    WIDENED = "widened"
    OLD = "old"
    CARRIED = "carried"
    FULL = "full"  # … the issue, of what ranks higher
    SOURCE = "source"  # its source has its share already
    SECTION = "section"  # its section has its share already
    HEADLINE = "headline"  # it has none
    TEXT = "text"  # it has none that could be summarised


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """What `select` decided on one candidate, and why, in words an editor understands."""

    candidate: Candidate
    chosen: bool
    cause: Cause
    reason: str
    #: Other copies of the same story that were merged into this one.
    also: tuple[Candidate, ...] = ()
    #: An earlier issue carried it, and it changed so much that it is told again.
    update: bool = False

    @property
    def is_new(self) -> bool:
        """It is news, or an editor says so: what an issue needs a few of to be worth a reader's time."""
        return self.chosen and self.cause is not Cause.WIDENED


# --- Newsletters ----------------------------------------------------------------------------------------


class Supporter(StrEnum):
    """What we know of a reader's giving."""

    NONE = "none"
    ONE_TIME = "one-time"
    MONTHLY = "monthly"
    LAPSED = "lapsed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Button:
    label: str
    #: http(s) URL; an edition's buttons carry their campaign parameters.
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Appeal:
    """The ask for support in the footer. Without buttons it is a thank-you."""

    headline: str
    text: str
    one_time: Button | None = None
    monthly: Button | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Heading:
    """A section as the newsletter declares it."""

    slug: str
    title: str
    #: Stories that selection puts there at most; 0 is no limit of its own.
    stories: int = 0
    #: … and at least, where so many are new: places that other sections do not fill.
    least: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Newsletter:
    """A named series: its sender, cadence, sections, theme, audience. Declared in settings, never stored."""

    slug: str
    name: str
    tagline: str
    sender_name: str
    sender_address: str
    reply_to: str
    list_id: str
    postal_address: str
    #: IANA name; cadence, schedule and the printed date are in it.
    timezone: str
    language: str
    theme: str
    website: str
    social: tuple[Link, ...]
    #: Why the reader gets this; empty for the theme's own sentence.
    why: str
    #: What a reader without a name is called.
    reader: str
    #: "weekdays 06:00", "mon,thu 17:30", or cron; empty for none.
    cadence: str
    #: Hours before its slot at which an issue is drafted.
    draft_ahead: float
    #: Subject of a new issue; {lead}, {name}, {date} and {number} are filled.
    subject: str
    sections: tuple[Heading, ...]
    sources: tuple[Source, ...]
    #: How many stories an issue carries, lead included.
    stories: int
    #: Fewer new ones than this make no issue.
    least_new: int = 0
    #: At most so many stories from one source.
    per_source: int
    #: Articles older than this many hours (or than the last issue) are not news.
    window_hours: float
    #: Words of an extracted summary, least and most.
    summary_words: tuple[int, int]
    ask: Appeal | None
    #: Supporters who get the ask; everyone else gets the thanks.
    ask_for: tuple[Supporter, ...]
    thanks: Appeal | None
    #: Extra campaign parameters on the appeal's links, such as utm_source.
    campaign: dict[str, str]
    #: Breaking news: its issues go before those of other newsletters.
    urgent: bool = False
    #: Readers that its issues are for, as `subscribers.segments` reads it; empty for all.
    segment: str = ""
    #: Whether clicks and openings are told to us; both are said on the reader's page.
    track_clicks: bool = False
    track_opens: bool = False
    #: Anybody may sign up on the public pages.
    join: bool = True
    #: The newsroom's own words in the welcome mail; empty for none.
    welcome: str = ""
    #: Who left on our pages gets a last mail with a way back.
    goodbye: bool = True
    #: Past issues stand on public pages.
    archive: bool = False
    #: What readers may choose within it.
    topics: tuple[Heading, ...] = ()


# --- Issues ---------------------------------------------------------------------------------------------


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


# --- Delivery -------------------------------------------------------------------------------------------


class DeliveryState(StrEnum):
    """What became of one message."""

    PLANNED = "planned"
    ACCEPTED = "accepted"
    SKIPPED = "skipped"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


#: How the reason begins of a delivery that SES accepted and did not send.
NOT_SENT = "SES did not send it"


class BatchState(StrEnum):
    PLANNED = "planned"
    CLAIMED = "claimed"
    #: Committed before the request leaves: from here on a crash means doubt.
    CALLING = "calling"
    RECORDED = "recorded"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    """A subscriber frozen into an edition."""

    #: 1-based place in the issue's roster; with the issue it names the delivery.
    position: int
    subscriber_id: int
    address: str
    #: Empty when the subscriber gave none.
    name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One recipient's share of an edition: all that differs from reader to reader."""

    recipient: Recipient
    #: Value of every slot, unescaped.
    slots: dict[str, str]
    #: Header name → value, ASCII, without line breaks.
    headers: dict[str, str]
    #: SES message tags; they come back in events.
    tags: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What the sender says of one message."""

    position: int
    #: ACCEPTED, REFUSED, UNCERTAIN, or PLANNED for "known not accepted, may be tried again".
    state: Literal[DeliveryState.ACCEPTED, DeliveryState.REFUSED, DeliveryState.UNCERTAIN, DeliveryState.PLANNED]
    #: The sender's own id of the message; empty unless accepted.
    message_id: str = ""
    #: Why not, in the sender's words.
    reason: str = ""


class EventKind(StrEnum):
    """What SES or a reader tells us later."""

    SEND = "send"
    DELIVERY = "delivery"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    #: SES took the message and found that it will not send it: a virus, or a template that it cannot fill.
    REJECT = "reject"
    RENDERING_FAILURE = "rendering failure"
    DELAY = "delay"
    OPEN = "open"
    CLICK = "click"
    SUBSCRIPTION = "subscription"
    #: A kind that SES has invented since; kept as it came.
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One thing that became of one message, or that its reader did."""

    #: Same key, same event: SES may tell it more than once.
    key: bytes
    kind: EventKind
    at: datetime
    message_id: str
    #: The recipient it is about; empty when it names none.
    address: str = ""
    #: Of the message's tags; 0 where they are missing.
    issue: int = 0
    position: int = 0
    attempt: int = 0
    #: Bounce type and subtype, kind of complaint or delay, or the link that was followed.
    what: str = ""
    #: What a person would want to read: the server's answer, SES's reason.
    detail: str = ""
    #: What opened or followed it, and from where: looked at and not kept.
    agent: str = ""
    network: str = ""
    #: As it came; empty for the kinds of which there are millions.
    raw: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """What the sender's account allows right now. Counts are recipients, not calls."""

    #: Recipients per second.
    max_rate: float
    #: Recipients per rolling 24 hours; None is no limit.
    max_per_day: int | None = None
    sent_last_day: int = 0
    sending_enabled: bool = True
    #: Why sending is not enabled, or what else the operator should know.
    note: str = ""

    @property
    def remaining(self) -> int | None:
        if self.max_per_day is None:
            return None
        return max(0, self.max_per_day - self.sent_last_day)


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """An issue in numbers, counted from the ledger and from nothing else."""

    issue: int
    newsletter: str
    state: IssueState
    recipients: int
    planned: int
    accepted: int
    skipped: int
    refused: int
    uncertain: int
    #: Reason → number of readers.
    skipped_why: dict[str, int]
    refused_why: dict[str, int]
    #: Edition key → recipients.
    editions: dict[str, int]
    #: Of the accepted: taken by the reader's server, sent back by it, reported as spam by the reader.
    delivered: int = 0
    bounced: int = 0
    complained: int = 0
    #: Readers who got it before it was corrected on its way.
    outdated: int = 0
    #: The issue that it puts right, and those that put it right.
    corrects: int | None = None
    corrected_by: tuple[int, ...] = ()
    #: Why the issue is held or paused; empty when it is not.
    hold: str = ""
    held_until: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
