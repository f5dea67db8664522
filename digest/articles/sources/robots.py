"""What a site's robots.txt wants of us (RFC 9309), read once for each site and kept for a while.

No robots.txt (4xx) allows everything. A site that cannot say (5xx) is left alone until it can.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx
from protego import Protego

from digest.articles.sources.answer import Fetched
from digest.articles.sources.network import Clock, Term
from digest.errors import FetchError, Forbidden, Postponed

#: What robots.txt files call us.
NAME = "digest-mailer"
#: Seconds for which an answer is kept when it does not say; what it says counts within bounds.
_KEPT = 12 * 3600.0
_LEAST, _MOST = 3600.0, 24 * 3600.0
#: … and the news that there was no answer.
_KEPT_TROUBLE = 300.0
#: As much of a robots.txt as RFC 9309 asks to be read.
_MOST_BYTES = 500 * 1024
_MAX_AGE = re.compile(r"\bmax-age\s*=\s*(\d{1,9})\b")
_HINT = "Ask its owner. Once they agree, `robots = false` with the source reads it all the same."


@dataclass(frozen=True, slots=True)
class _Kept:
    rules: Protego | None
    #: Why there are no rules.
    trouble: FetchError | None
    until: float


class Robots:
    """Safe to use from several threads."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[str, _Kept] = {}
        self._asking: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def insist(self, url: httpx.URL, fetch: Callable[[str], Fetched], term: Term) -> float:
        """Seconds that the site wants between two requests. Raises Forbidden, or Postponed when it cannot say."""
        site = f"{url.scheme}://{url.netloc.decode('ascii')}"
        kept = self._look(site, fetch, term)
        if kept.trouble:
            raise _about(url, site, kept.trouble)
        if kept.rules is None:
            return 0.0
        if not kept.rules.can_fetch(str(url), NAME):
            raise Forbidden(f"Did not fetch {url}: the site's robots.txt asks programs not to read it.", hint=_HINT)
        return kept.rules.crawl_delay(NAME) or 0.0

    def sitemaps(self, url: httpx.URL, fetch: Callable[[str], Fetched], term: Term) -> list[str]:
        """The sitemaps that a site's robots.txt names."""
        rules = self._look(f"{url.scheme}://{url.netloc.decode('ascii')}", fetch, term).rules
        return list(rules.sitemaps) if rules else []

    def _look(self, site: str, fetch: Callable[[str], Fetched], term: Term) -> _Kept:
        with self._lock:
            asking = self._asking.setdefault(site, threading.Lock())
        if not asking.acquire(timeout=max(0.0, min(term.left, threading.TIMEOUT_MAX))):
            raise Postponed(f"{site} was not asked: the time for gathering was up.")
        try:
            kept = self._kept.get(site)
            if kept is None or kept.until <= self._clock():
                kept = self._kept[site] = self._ask(f"{site}/robots.txt", fetch)
            return kept
        finally:
            asking.release()

    def _ask(self, address: str, fetch: Callable[[str], Fetched]) -> _Kept:
        try:
            answer = fetch(address)
        except FetchError as trouble:
            if trouble.unanswered or trouble.status >= 500 or isinstance(trouble, Postponed):
                return _Kept(None, trouble, self._clock() + _KEPT_TROUBLE)
            return _Kept(None, None, self._clock() + _KEPT)
        stated = _MAX_AGE.search(answer.headers.get("cache-control", ""))
        age = min(max(float(stated[1]), _LEAST), _MOST) if stated else _KEPT
        text = answer.content[:_MOST_BYTES].decode("utf-8-sig", "replace")
        return _Kept(Protego.parse(text), None, self._clock() + age)


def _about(url: httpx.URL, site: str, trouble: FetchError) -> FetchError:
    """The trouble with robots.txt as one with the page that was wanted."""
    if trouble.unanswered:
        reason = trouble.message.removeprefix(f"Could not fetch {site}/robots.txt: ")
        return FetchError(f"Could not fetch {url}: {reason}", hint=trouble.hint, unanswered=True)
    wait = trouble.wait if isinstance(trouble, Postponed) else 0.0
    said = f"Did not fetch {url}: the site's robots.txt answered {trouble.status}, so what it allows is not known."
    return Postponed(said, hint="It is asked again at the next gathering.", status=trouble.status, wait=wait)
