"""An entry: what a feed, or a site's API, says of one article before the article itself is read.

All readers of feeds make the same value, so that gathering does not care which kind of source it talks to. What is
stated is kept, what is guessed is not; text is plain text, links are absolute.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

from lxml import html as lxml_html
from lxml.etree import LxmlError

from digest.articles.blocks import visible
from digest.articles.bounds import markup_within
from digest.articles.similarity import canonical_url
from digest.model import Hints, Image

_Raw = TypeVar("_Raw")


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One article as its source announces it."""

    #: What the source calls it (guid, id), else its canonical link: the same for as long as it is in the source.
    key: str
    #: Where the article is: an http(s) URL, or as written in a local feed, relative to that feed.
    link: str
    hints: Hints = field(default_factory=Hints)
    #: The article itself as HTML, when the source carries all of it; else empty.
    content: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """All that a source announces, newest first, each article once."""

    #: Such as "RSS 2.0", "JSON Feed 1.1", "WordPress site".
    format: str
    title: str = ""
    entries: tuple[Entry, ...] = ()
    #: What is wrong with the source itself, in sentences.
    problems: tuple[str, ...] = ()


#: Read of one source at a time, the newest. Most feeds hold some tens of entries, a few whole archives.
MOST_ENTRIES = 1000
#: A key is an address or a number. A longer one is remembered by its hash.
_LONGEST_KEY = 500


def listing(
    name: str,
    title: str,
    stated: Sequence[Any],
    read: Callable[[Any], Entry],
    *,
    problem: str = "",
    when: Callable[[Any], datetime | None] = lambda _raw: None,
) -> Listing:
    """The readable ones of the entries in order, and what is wrong with the others. `when` dates an entry unread."""
    problems = [problem] if problem else []
    entries: list[Entry] = []
    for raw in _newest(stated, when):
        try:
            entry = read(raw)
        except Exception as trouble:  # noqa: BLE001 - one entry, whatever it holds, must not cost the others
            problems.append(f"An entry could not be read ({type(trouble).__name__}).")
            continue
        entries.append(replace(entry, key=_storable(entry.key)))
        if not entry.link:
            called = entry.hints.headline or entry.key or "An entry"
            problems.append(f"“{called}” has no web address, so readers could not open it.")
    return Listing(
        format=name,
        title=title,
        entries=newest_first(entry for entry in entries if entry.link),
        problems=tuple(problems),
    )


def _newest(stated: Sequence[Any], when: Callable[[Any], datetime | None]) -> Iterable[Any]:
    """Of more entries than are read the newest, wherever they stand: some archives begin with the oldest."""
    if len(stated) <= MOST_ENTRIES:
        return stated
    return islice((raw for _, raw in _by_date((when(raw), raw) for raw in stated)), MOST_ENTRIES)


def _by_date(dated: Iterable[tuple[datetime | None, _Raw]]) -> list[tuple[datetime, _Raw]]:
    """Newest first; what has no date stays behind what it followed."""
    last = datetime.max.replace(tzinfo=UTC)
    known: list[tuple[datetime, _Raw]] = []
    for moment_of, raw in dated:
        last = moment_of or last
        known.append((last, raw))
    return sorted(known, key=lambda pair: pair[0], reverse=True)  # stable: the source's own order among equals


def _storable(key: str) -> str:
    """The key without what a database refuses (NUL, half of a surrogate pair), and never a whole article long."""
    clean = visible(key)
    if len(clean) > _LONGEST_KEY:
        return hashlib.sha256(clean.encode()).hexdigest()
    return clean


#: A standfirst is a sentence or two; a longer description is the article itself, or a part of it.
STANDFIRST_WORDS = 80
#: Less than this is a teaser when it stands where feeds put descriptions.
FULL_TEXT_WORDS = 100
#: What a feed calls the content may be shorter: a brief, if it is so many words in whole sentences.
BRIEF_WORDS = 40

#: What browsers and servers take; a longer one is data, not an address.
LONGEST_LINK = 8000
#: Control characters, and halves of surrogate pairs that JSON can state and no database or server takes.
_UNLINKED = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
#: Longer than anything that is appended to a description.
_END = 700
#: As much of a text of a feed as is looked at.
_MOST = 300_000
_CUT_OFF = re.compile(r"(…|\.\.\.|\[…\]|\[\.\.\.\]|\[&hellip;\])\s*$")
#: What is left of HTML that was escaped twice. A lonely "<" is a sign of arithmetic.
_ESCAPED = re.compile(r"&(#\d{2,6}|#x[0-9a-fA-F]{2,6}|[a-zA-Z]{2,8}\d?);")
_INLINE = re.compile(
    r"<(i|em|b|strong|u|span|sup|sub|small|cite|q|p|a)(\s[^<>]{0,500})?>[^<>]{0,500}</\1>", re.IGNORECASE
)
#: What WordPress appends to every description.
_WORDPRESS_TAIL = re.compile(r"\s*(The post .{1,300} (first appeared on|appeared first on) .{1,200}\.)\s*$", re.DOTALL)
_READ_ON = re.compile(r"\s*(continue reading|read more|read the full (story|article))\b.{0,120}$", re.IGNORECASE)


def plain(markup: object) -> str:
    """The text of a piece of HTML on one line; anything that is not a string is empty."""
    if not isinstance(markup, str) or not markup.strip():
        return ""
    markup, _ = markup_within(markup[:_MOST])
    if "<" not in markup:
        return " ".join(visible(html.unescape(markup)).split())
    try:
        tree = lxml_html.fragment_fromstring(markup, create_parent="div")
    except (LxmlError, ValueError):  # ValueError: control characters, or a declared encoding
        return " ".join(visible(html.unescape(re.sub(r"<[^<>]*>", " ", markup))).split())
    for unread in tree.xpath(".//script | .//style | .//comment()"):
        unread.drop_tree()
    for block in tree.xpath(".//p | .//br | .//div | .//li"):
        block.tail = f" {block.tail or ''}"
    return " ".join(visible(tree.text_content()).split())


def text_of(markup: object) -> str:
    """`plain`, also of what was escaped once too often, as "Tom &amp;amp; Jerry" was."""
    text = plain(markup)
    for _ in range(2):
        if not _ESCAPED.search(text) and not _INLINE.search(text):
            break
        text = plain(text)
    return text


def standfirst(description: object, *, headline: str) -> str:
    """A description as the publisher's summary line; empty when it is cut off, too long, or only the headline."""
    text = _without_end(_READ_ON, _without_end(_WORDPRESS_TAIL, text_of(description))).strip()
    if _CUT_OFF.search(text) or text.casefold() == headline.casefold() or len(text.split()) > STANDFIRST_WORDS:
        return ""
    return text


def _without_end(pattern: re.Pattern[str], text: str) -> str:
    """The text without what the pattern finds at its end; far from there nothing is looked for."""
    at = max(0, len(text) - _END)
    return text[:at] + pattern.sub("", text[at:])


def full_text(*contents: object, description: object = "") -> str:
    """The longest of the given pieces of HTML, if it is an article and not a teaser; else empty."""
    candidates = [markup for markup in (*contents, description) if isinstance(markup, str)]
    longest = max(candidates, key=len, default="")
    text = _without_end(_WORDPRESS_TAIL, plain(longest))
    if _CUT_OFF.search(text) or _READ_ON.search(text[-_END:]):
        return ""
    brief = longest in contents and longest != description and _is_brief(text)
    return longest if brief or len(text.split()) >= FULL_TEXT_WORDS else ""


def _is_brief(text: str) -> bool:
    sentences = re.findall(r"\S{2,}[.!?؟。]+[\"'”’»)]*(?=\s|$)", text)
    return len(text.split()) >= BRIEF_WORDS and len(sentences) >= 2 and text.endswith(sentences[-1])


def page_of(entry: Entry, *, language: str) -> bytes:
    """The entry's own content as an HTML document, as if it had been fetched."""
    head = f'<meta charset="utf-8"><title>{html.escape(entry.hints.headline)}</title>'
    link = f'<link rel="canonical" href="{html.escape(entry.link, quote=True)}">'
    start = f'<!doctype html><html lang="{html.escape(language, quote=True)}"><head>{head}{link}</head>'
    return f"{start}<body><article>{entry.content}</article></body></html>".encode("utf-8", "replace")


def absolute(link: object, base: str) -> str:
    """`link` resolved against `base`; empty unless it is http(s), or relative while `base` is empty (a local feed)."""
    if not isinstance(link, str) or not link.strip():
        return ""
    try:
        resolved = urljoin(base, link.strip())
        scheme, netloc = urlsplit(resolved)[:2]
    except ValueError:
        return ""
    if len(resolved) > LONGEST_LINK or _UNLINKED.search(resolved):
        return ""
    if scheme in ("http", "https"):
        return resolved if netloc else ""
    return resolved if not scheme and not base else ""


def image(link: object, base: str, alt: object = "") -> Image | None:
    url = absolute(link, base)
    return Image(url=url, alt=plain(alt)) if url.startswith(("http://", "https://")) else None


def language(tag: object) -> str:
    """The primary language of a BCP 47 tag: "en" of "en-GB"."""
    if not isinstance(tag, str):
        return ""
    primary = re.split(r"[-_]", tag.strip().lower())[0]
    return primary if re.fullmatch(r"[a-z]{2,3}", primary) else ""


def moment(text: object) -> datetime | None:
    """An ISO 8601 time in UTC; None for none, or for one without an offset."""
    if not isinstance(text, str):
        return None
    try:
        stated = datetime.fromisoformat(text.strip())
        return stated.astimezone(UTC) if stated.tzinfo else None
    except (ValueError, OverflowError):
        return None


def newest_first(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries by date, each key and each link once."""
    kept: list[Entry] = []
    seen: set[str] = set()
    for _, entry in _by_date((entry.hints.published_at, entry) for entry in entries):
        names = {entry.key, canonical_url(entry.link)}
        if not names & seen:
            kept.append(entry)
        seen |= names
    return tuple(kept)
