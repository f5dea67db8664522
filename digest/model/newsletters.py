"""Newsletters, and what they ask of readers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from digest.model.articles import Source


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
