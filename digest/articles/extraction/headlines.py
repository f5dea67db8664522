"""A page's headline without the name of its site, and never that name alone.

Titles read "Rivers rise | Riverbend Courier" or "riverbend.example » Rivers rise", and a blog's only `<h1>` may name
the blog. A headline that only says where the reader is says nothing: rather none, which an editor is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

_PARTING = re.compile(r"\s+(?:[|–—·•»«›-]|//|::)(?:\s*(?:[|·•»«›]|//|::))*\s+|(?<=\S)\|+\s+|\s+\|+(?=\S)")
#: What sites add to their name.
_KIND = re.compile(
    r"(?:web)?blog$|weblog$|news$|online$|magazine?$|website$|homepage$|com$|org$|net$|de$|fr$|couk$|uk$"
)
_SECOND_LEVEL = frozenset({"co", "com", "org", "net", "ac", "gov", "edu", "gob", "gouv"})
#: Longer than any headline.
_LONGEST = 600
#: Characters; a shorter one ends on dots because somebody trails off.
_LEAST_CUT = 20


def squashed(text: str) -> str:
    """ "The Hill" and "TheHill" are one name."""
    return re.sub(r"[\W_]+", "", text.casefold()).removeprefix("the")


def bare_name(name: str) -> str:
    """ "riverbend.com" and "Riverbend Online" are what "Riverbend" calls itself."""
    return _KIND.sub("", squashed(name)) or squashed(name)


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """Where an article stands, by all the names that its pages may print."""

    publisher: str = ""
    names: frozenset[str] = frozenset()

    @classmethod
    def of(cls, publisher: str, *addresses: str, also: Iterable[str] = ()) -> Site:
        hosts = [name for address in addresses for name in _host_names(address)]
        names = {squashed(name) for name in (publisher, *also, *hosts)}
        return cls(publisher=publisher, names=frozenset(name for name in names if len(name) > 1))

    def is_named(self, text: str) -> bool:
        """Is `text` nothing but the site's name, give or take "Blog" or "Online"?"""
        name = squashed(text)
        bare = _KIND.sub("", name)
        return bool(name) and (
            name in self.names or bare in self.names or name in {_KIND.sub("", n) for n in self.names}
        )


def without_site(headline: str, site: Site) -> str:
    """ "Rivers rise | Riverbend Courier" → "Rivers rise"; empty when it is the site's name and no more."""
    if len(headline) > _LONGEST:
        return headline
    parts = _parted(headline)
    whole = len(parts)
    while len(parts) > 1 and _closes(parts[-1][1], site):
        parts.pop()
    while len(parts) > 1 and site.is_named(parts[0][1]):
        parts.pop(0)
    if len(parts) == whole > 1 and _looks_like_site(parts):
        parts.pop()
    text = "".join(mark + part for mark, part in parts).removeprefix(parts[0][0])
    return "" if site.is_named(text) else text


def best(candidates: Iterable[str], site: Site) -> str:
    """The first candidate that says more than where the reader is."""
    return next(filter(None, (without_site(candidate, site) for candidate in candidates)), "")


def uncut(headline: str, headings: Iterable[str]) -> str:
    """ "Rivers rise, and nobody …" as the page prints it in full; a headline is stated in so many characters."""
    start = headline.rstrip(" .…")
    if not headline.endswith(("…", "...")) or len(start) < _LEAST_CUT:
        return headline
    return next((text for text in headings if text.startswith(start) and len(text) <= _LONGEST), headline)


def named_in_address(headings: Iterable[str], address: str) -> str:
    """The first heading whose words stand in the address too: "/what-the-tide-leaves/" → "What the tide leaves"."""
    slug = set(re.findall(r"[^\W_]+", urlsplit(address).path.casefold()))
    for heading in headings:
        words = re.findall(r"[^\W_]+", heading.casefold())
        if len(words) >= 2 and sum(word in slug for word in words) >= 0.6 * len(words):
            return heading
    return ""


def closing_names(title: str, headings: Iterable[str]) -> list[str]:
    """Headings that close the title too: "Rivers rise | The Reed" over `<h1>The Reed</h1>` names the site."""
    _, *rest = _parted(title[:_LONGEST])
    return [heading for heading in headings if rest and squashed(heading) == squashed(rest[-1][1])]


def _parted(headline: str) -> list[tuple[str, str]]:
    """The headline's parts, each with the mark before it."""
    pieces: list[tuple[str, str]] = []
    mark, start = "", 0
    for found in _PARTING.finditer(headline):
        pieces.append((mark, headline[start : found.start()]))
        mark, start = found.group(), found.end()
    return [*pieces, (mark, headline[start:])]


def _closes(tail: str, site: Site) -> bool:
    if site.is_named(tail):
        return True
    told, published = set(tail.casefold().split()), set(site.publisher.casefold().split())
    return bool(told) and (told <= published or (len(published) > 1 and published <= told))


def _looks_like_site(parts: list[tuple[str, str]]) -> bool:
    """A bar parts a site's name, known or not, from the headline; "Opinion | …" opens one."""
    mark, tail = parts[-1]
    before = sum(len(part.split()) for _, part in parts[:-1])
    return "|" in mark and len(tail.split()) <= min(4, before)


def _host_names(address: str) -> list[str]:
    """Of "https://www.riverbend-courier.co.uk/…": the host and its telling parts; of an archived page its own host."""
    archived = address.rfind("http", 8)
    try:
        host = urlsplit(address[archived:] if archived > 0 else address).hostname or ""
    except ValueError:
        return []
    host = host.removeprefix("www.")
    labels = host.split(".")
    if len(labels) < 2:
        return []
    telling = labels[:-2] if len(labels) > 2 and labels[-2] in _SECOND_LEVEL else labels[:-1]
    return [host, telling[-1] if telling else "", labels[0]]
