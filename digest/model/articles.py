"""Articles: from a raw document to what an issue chooses."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


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
