"""Facts about an article, whoever states them, and how a stated text or address becomes one."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from digest.articles.blocks import tidy
from digest.articles.extraction.bylines import names_in
from digest.model import Image

_TRACKING = re.compile(
    r"^(utm_.+|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_cid|mc_eid|cmpid|ocid|ncid|smid|ref_src|at_.+)$"
)
#: As much of a stated fact as is looked at.
_LONGEST_FACT = 5000
#: Halves of surrogate pairs come in by JSON, and no database takes them.
_NOT_IN_LINKS = re.compile(r"[\s<>\"\x00-\x1f\ud800-\udfff]")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """Facts about an article, each empty where nothing states it."""

    url: str = ""
    headline: str = ""
    standfirst: str = ""
    byline: str = ""
    published_at: datetime | None = None
    publisher: str = ""
    language: str = ""
    image: Image | None = None
    categories: tuple[str, ...] = ()
    #: What kind of piece it is, in a section's words ("Opinion", "Live"); added to whatever else states categories.
    forms: tuple[str, ...] = ()
    #: The publisher says that readers have to pay or register.
    locked: bool = False
    #: Words that the whole article has, as the publisher says; 0 where nothing says so.
    length: int = 0

    def over(self, other: Found) -> Found:
        """These facts, with the gaps filled from `other`."""
        gaps = {field.name: getattr(other, field.name) for field in fields(self) if not getattr(self, field.name)}
        return replace(self, **gaps)

    @property
    def complete(self) -> bool:
        """Nothing left that is worth a guess."""
        return bool(self.headline and self.byline)


def plain(text: str) -> str:
    """Tidy text without the markup that feeds and JSON-LD carry inside headlines."""
    return tidy(_TAG.sub("", tidy(text[:_LONGEST_FACT])))


def absolute(url: str, base: str = "") -> str:
    """`url` as an absolute http(s) address, or nothing."""
    if not url.strip(" /") or len(url) > 8000:
        return ""
    try:
        joined = urljoin(base, url.strip()) if base.startswith(("http://", "https://")) else url.strip()
        parts = urlsplit(joined)
    except ValueError:
        return ""
    clean = parts.scheme.lower() in {"http", "https"} and parts.hostname and not _NOT_IN_LINKS.search(joined)
    return joined if clean else ""


def readable_url(url: str) -> str:
    """A link for readers: without tracking parameters and fragment; everything else as the publisher wrote it."""
    parts = urlsplit(url)
    query = parts.query
    if query and any(_TRACKING.match(name) for name, _ in parse_qsl(query, keep_blank_values=True)):
        kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if not _TRACKING.match(name)]
        query = urlencode(kept)
    fragment = parts.fragment if parts.fragment.startswith("!") else ""  # "#!/…" is the page's own routing
    return urlunsplit(parts._replace(query=query, fragment=fragment))


def as_byline(text: str) -> str:
    """Names only: no "By", no dates, no profile links, addresses or login names."""
    return names_in(plain(text))
