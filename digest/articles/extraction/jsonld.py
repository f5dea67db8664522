"""What a page states in JSON-LD: the article that this page is about, whatever else is described beside it.

Publishers break theirs in few ways, which are mended: comments and CDATA around it, a comma too many, entities, several
values in a row, line breaks in strings. What is broken otherwise is passed over, and the meta tags come next.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from digest.articles.blocks import tidy
from digest.articles.extraction.facts import plain
from digest.articles.extraction.headlines import squashed

_ARTICLE = re.compile(r"(article|posting|report|review|blog)$", re.IGNORECASE)
_SITE = re.compile(r"(website|organization)$", re.IGNORECASE)
_WEBSITE = re.compile(r"^website$", re.IGNORECASE)
_TRAIL = re.compile(r"^breadcrumblist$", re.IGNORECASE)
#: An article states itself once; the others are teasers of more.
_MOST_THINGS = 20
_MOST_KNOWN = 500
_DEEPEST = 6
_AROUND = re.compile(r"^\s*(?://\s*)?(?:<!--|<!\[CDATA\[)|(?://\s*)?(?:-->|\]\]>)\s*$")
_LINE_COMMENT = re.compile(r"^[ \t]{0,40}//[^\n]*", re.MULTILINE)
_BETWEEN = re.compile(r"[\s,;]*")
_COMMA_TOO_MANY = re.compile(r",(?=\s*[}\]])")

Thing = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Statements:
    """All that a page states in JSON-LD."""

    things: tuple[Thing, ...]
    #: Things by their "@id": authors and publishers are stated once and pointed to.
    known: dict[str, Thing]

    @classmethod
    def of(cls, root: Any) -> Statements:
        things = tuple(islice(_all_things(root), _MOST_KNOWN))
        return cls(things=things, known={name: thing for thing in reversed(things) if (name := word(thing.get("@id")))})

    def articles(self, addresses: set[str], titles: set[str]) -> list[Thing]:
        """The article that the page is about, then others of the same headline, which may fill its gaps.

        `addresses` are the page's own, `titles` its title and headings. Of several articles the one that names an
        address of these is meant, then the one that is titled so, then the first.
        """
        found = list(islice((thing for thing in self.things if is_a(thing, _ARTICLE)), _MOST_THINGS))
        if not found:
            return []
        here = {_place(address) for address in addresses if address}
        called = {squashed(title) for title in titles if title}
        best = max(found, key=lambda thing: 2 * self._is_at(thing, here) + self._is_called(thing, called))
        name = squashed(self._headline(best))
        return [best] + [thing for thing in found if thing is not best and squashed(self._headline(thing)) == name]

    def _headline(self, thing: Thing) -> str:
        return plain(word(thing.get("headline"))) or plain(word(thing.get("name")))

    def _is_called(self, thing: Thing, called: set[str]) -> bool:
        name = squashed(self._headline(thing))
        return bool(name) and any(name == title or (len(name) > 20 and title.startswith(name)) for title in called)

    @staticmethod
    def _is_at(thing: Thing, here: set[str]) -> bool:
        pointers = [thing.get("url"), thing.get("@id"), thing.get("mainEntityOfPage")]
        stated = [p.get("@id") or p.get("url") if isinstance(p, dict) else p for p in pointers]
        return any(isinstance(address, str) and _place(address) in here for address in stated)

    def site_says(self) -> set[str]:
        """What the site says of itself, on every page."""
        things = islice((thing for thing in self.things if is_a(thing, _SITE)), _MOST_THINGS)
        return {plain(word(thing.get("description"))) for thing in things}

    def site_names(self) -> list[str]:
        return [plain(word(thing.get("name"))) for thing in self.things if is_a(thing, _WEBSITE)]

    def trail(self) -> list[str]:
        """The sections above the article, as its breadcrumbs have them, outermost first."""
        steps: Any = next((thing.get("itemListElement") for thing in self.things if is_a(thing, _TRAIL)), [])
        named = (_step(step) for step in steps) if isinstance(steps, list) else iter(())
        return [name for name in named if name]

    def names(self, value: Any) -> Iterator[str]:
        """Names of people and houses: words, things, or pointers to things."""
        for entry in value if isinstance(value, list) else [value]:
            meant = self.resolved(entry)
            name = meant.get("name") if isinstance(meant, dict) else meant
            yield from (tidied for tidied in map(tidy, words(name)) if tidied)

    def resolved(self, entry: Any) -> Any:
        if isinstance(entry, dict) and "@id" in entry and not entry.get("name") and not entry.get("url"):
            return self.known.get(word(entry["@id"]), entry)
        return entry


def is_a(thing: Thing, kinds: re.Pattern[str]) -> bool:
    return any(kinds.search(kind) for kind in words(thing.get("@type")))


def words(value: Any) -> list[str]:
    return [entry for entry in (value if isinstance(value, list) else [value]) if isinstance(entry, str)]


def word(value: Any) -> str:
    """The first of one or several."""
    return next(iter(words(value)), "")


def _step(step: Any) -> str:
    item = step.get("item") if isinstance(step, dict) else None
    inner = item.get("name") if isinstance(item, dict) else ""
    return plain(word(step.get("name")) or word(inner)) if isinstance(step, dict) else ""


def _place(address: str) -> str:
    """An address without what does not matter to where it leads."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return address
    return (
        f"{(parts.hostname or '').removeprefix('www.')}{parts.path.rstrip('/')}" if parts.path.strip("/") else address
    )


# --- Reading scripts ---------------------------------------------------------------------------------------


def _all_things(root: Any) -> Iterator[Thing]:
    for script in root.xpath('//script[contains(@type, "ld+json")]'):
        for value in _values(script.text or ""):
            yield from _things(value)


def _values(text: str) -> Iterator[Any]:
    bare = _AROUND.sub("", _AROUND.sub("", text)).strip().rstrip(";").strip()
    for attempt in (bare, _COMMA_TOO_MANY.sub("", _without_comments(bare)).strip(), html.unescape(bare)):
        if (found := _in_a_row(attempt)) is not None:
            yield from found
            return


def _without_comments(text: str) -> str:
    first, *others = _LINE_COMMENT.sub("", text).split("/*")
    return first + "".join(other.partition("*/")[2] for other in others)


def _in_a_row(text: str) -> list[Any] | None:
    """The values in `text`, mostly one; None where it is broken."""
    decoder, at = json.JSONDecoder(strict=False), 0
    values: list[Any] = []
    while at < len(text) and len(values) < _MOST_THINGS:
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return values or None
        values.append(value)
        between = _BETWEEN.match(text, at)
        at = between.end() if between else at
    return values


def _things(value: Any, depth: int = 0) -> Iterator[Thing]:
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for entry in value:
            yield from _things(entry, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "subjectOf"):
            yield from _things(value.get(key), depth + 1)
