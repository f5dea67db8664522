"""Fetching one document from a machine we do not trust.

Every hop of a redirect is checked anew (`addresses`), and connecting, reading and the whole have time limits
(`network`). What came back is read by `answer`. What a source leads to is asked for with manners: in turn (`manners`),
and as robots.txt allows (`robots`).
"""

from __future__ import annotations

import copy
import re
import ssl
import threading
import time
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Self

import httpcore
import httpx

from digest.articles.sources.addresses import Guard, Resolver, host_of, port_of, refused, system_resolver
from digest.articles.sources.answer import Fetched, Redirect
from digest.articles.sources.answer import read as read_answer
from digest.articles.sources.manners import Manners
from digest.articles.sources.network import CheckedBackend, Clock, Deadline, Term
from digest.articles.sources.robots import NAME, Robots
from digest.errors import DigestError, FetchError, Postponed

USER_AGENT = f"{NAME} (a newsroom's email digest)"

_ACCEPT = (
    "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, application/feed+json, "
    "application/json;q=0.9, application/xml;q=0.9, text/*;q=0.8, */*;q=0.1"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Seconds and bytes that one document may cost."""

    connect: float = 5.0
    read: float = 10.0
    #: From the first look-up to the last byte, redirects included.
    total: float = 30.0
    #: After decompression.
    size: int = 10 * 1024 * 1024
    #: … of a feed or a sitemap, which may list years.
    list_size: int = 20 * 1024 * 1024
    redirects: int = 5


class Fetcher:
    """Fetches documents within limits. Safe to use from several threads; keeps no connection and no cookie.

    As it is made it asks at once and for anything, as a person's browser does; `within` makes one that has manners.
    """

    def __init__(
        self,
        *,
        allow_hosts: Iterable[str] = (),
        limits: Limits | None = None,
        resolver: Resolver = system_resolver,
        user_agent: str = USER_AGENT,
        clock: Clock = time.monotonic,
    ) -> None:
        self._guard = Guard(allow_hosts=allow_hosts, resolver=resolver)
        self._limits = limits or Limits()
        self._user_agent = user_agent
        self._clock = clock
        self._tls = _Tls()
        # Shared with all copies.
        self._manners, self._robots = Manners(clock=clock), Robots(clock)
        self._is_polite, self._obeys = False, False
        self._term = Term(clock=clock)
        self._declared: str | None = None

    def within(self, location: str, *, robots: bool = True, term: Term | None = None) -> Self:
        """This fetcher for what `location` leads to, with manners, and until the `term` is over.

        Of the allowed hosts it reaches only the location's own: a feed is written by strangers; that the newsroom
        reads its own intranet must not let them read it too. Files on this machine are the newsroom's own.
        """
        narrow = copy.copy(self)
        narrow._is_polite, narrow._obeys = True, robots  # noqa: SLF001 - a copy of ourselves
        narrow._term = term or self._term  # noqa: SLF001
        if location.strip().lower().startswith(("http://", "https://")):
            narrow._declared = host_of(_parse(location))  # noqa: SLF001
        return narrow

    def sitemaps(self, url: str) -> list[str]:
        """The sitemaps that the robots.txt of a URL's site names."""
        return self._robots.sitemaps(_parse(url), self._without_robots().get, self._term)

    def _without_robots(self) -> Self:
        bare = copy.copy(self)
        bare._obeys = False  # noqa: SLF001 - a copy of ourselves
        return bare

    def get(self, url: str) -> Fetched:
        """The document at `url`. Raises FetchError, which names the URL and the reason."""
        fetched = self._fetch(url, {}, self._limits.size)
        if fetched is None:
            raise FetchError(f"Could not fetch {url}: the server says that it has not changed.", status=304)
        return fetched

    def get_if_changed(self, url: str, *, etag: str = "", last_modified: str = "") -> Fetched | None:
        """The feed or sitemap at `url`, or None when the server says that it has not changed. Raises FetchError."""
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        return self._fetch(url, {name: value for name, value in conditions.items() if value}, self._limits.list_size)

    def _fetch(self, url: str, conditions: Mapping[str, str], size: int) -> Fetched | None:
        try:
            return self._follow(url, {name: value for name, value in conditions.items() if value.isascii()}, size)
        except DigestError as trouble:
            if self._term.is_over and not isinstance(trouble, Postponed):
                raise Postponed(f"{url} was not read: the time for gathering was up.") from trouble
            raise
        except Exception as trouble:
            # Servers answer, and links name, what no library foresaw; that is a document we could not have.
            raise FetchError(
                f"Could not fetch {url}: it makes no sense to us ({type(trouble).__name__}: {trouble}).",
                hint="Open it in a browser; if it is fine there, report it.",
            ) from trouble

    def _follow(self, url: str, headers: Mapping[str, str], size: int) -> Fetched | None:
        deadline = Deadline(self._limits.total, self._clock, self._term)
        here, permanent = _parse(url), True
        declared = host_of(here) if self._declared is None else self._declared
        for _hop in range(self._limits.redirects + 1):
            with self._in_turn(here, deadline):
                answer = self._ask(here, headers, deadline, declared, size)
            if not isinstance(answer, Redirect):
                moved = permanent and answer is not None and answer.url != str(_parse(url))
                return _with_move(answer) if answer and moved else answer
            permanent = permanent and answer.permanent
            here = _parse(answer.target)
        raise FetchError(
            f"Could not fetch {url}: more than {self._limits.redirects} redirects.",
            hint="Open it in a browser and use the address it ends at.",
        )

    @contextmanager
    def _in_turn(self, url: httpx.URL, deadline: Deadline) -> Iterator[None]:
        """When the site's robots.txt allows it and others have had their turn."""
        if not self._is_polite:
            yield
            return
        before = self._clock()
        # An address that is refused is refused here already, before its robots.txt is asked for.
        delay = self._robots.insist(url, self._without_robots().get, self._term) if self._obeys else 0.0
        with self._manners.turn(_place(url), self._term, delay=delay):
            deadline.shift(self._clock() - before)
            yield

    def _ask(
        self, url: httpx.URL, headers: Mapping[str, str], deadline: Deadline, declared: str, size: int
    ) -> Fetched | Redirect | None:
        backend = CheckedBackend(self._guard.admit(url, declared=declared), deadline)
        timeout = {"connect": self._limits.connect, "read": self._limits.read, "write": self._limits.read}
        request = httpcore.Request(
            b"GET",
            # From parts, never from text: what was checked and what is asked for cannot be read differently.
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=port_of(url), target=url.raw_path),
            headers=[*self._headers(url).items(), *headers.items()],
            extensions={"timeout": timeout},
        )
        context = self._tls.context() if url.scheme == "https" else None
        try:
            with httpcore.ConnectionPool(ssl_context=context, network_backend=backend) as pool:
                response = pool.handle_request(request)
                try:
                    return read_answer(url, response, size)
                finally:
                    response.close()
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as trouble:
            raise _network_error(url, trouble, self._limits) from trouble

    def _headers(self, url: httpx.URL) -> dict[str, str]:
        return {
            "Host": url.netloc.decode("ascii"),
            "User-Agent": self._user_agent,
            "Accept": _ACCEPT,
            # Only what we can unpack piece by piece; brotli's library cannot be told where to stop.
            "Accept-Encoding": "gzip",
            "Connection": "close",
        }


class _Tls:
    """The certificates we trust. Reading them takes 20 ms, so it is done once, and only when needed."""

    def __init__(self) -> None:
        self._context: ssl.SSLContext | None = None
        self._making = threading.Lock()

    def context(self) -> ssl.SSLContext:
        with self._making:
            self._context = self._context or httpx.create_ssl_context()
            return self._context


def user_agent(newsroom: str, contact: str) -> str:
    """Who we are, in the letters that a header may have, and where a site's owner finds somebody to talk to."""
    plain = unicodedata.normalize("NFKD", f"{newsroom}; +{contact}").encode("ascii", "ignore").decode()
    said = re.sub(r"[^ -~]|[()\\]", "", plain).strip("; ")
    return f"{NAME} ({said})"


def _parse(url: str) -> httpx.URL:
    try:
        return httpx.URL(url.strip()).copy_with(fragment=None)
    except (httpx.InvalidURL, UnicodeError, ValueError) as trouble:
        raise refused(url, f"it is not a web address ({trouble})") from trouble


def _with_move(fetched: Fetched) -> Fetched:
    return replace(fetched, moved_to=fetched.url)


def _place(url: httpx.URL) -> str:
    """Whose turn it is: a host, and its port where that is an unusual one."""
    return host_of(url) if port_of(url) in (80, 443) else f"{host_of(url)}:{port_of(url)}"


def _network_error(url: httpx.URL, trouble: Exception, limits: Limits) -> FetchError:
    unanswered = not isinstance(trouble, httpcore.ProtocolError)
    if isinstance(trouble, httpcore.ConnectTimeout):
        reason, hint = f"no connection within {limits.connect:g} seconds", "Is the server up?"
    elif isinstance(trouble, httpcore.TimeoutException):
        reason, hint = f"it took too long (limit {limits.total:g} seconds)", "It is tried again at the next gathering."
    elif isinstance(trouble, httpcore.ConnectError) and "certificate" in str(trouble).lower():
        reason, hint = f"its certificate is not valid ({trouble})", "Tell the site's owner; we do not read past it."
        unanswered = False
    elif isinstance(trouble, httpcore.ConnectError) and "ssl" in str(trouble).lower():
        reason, hint = f"it does not speak TLS as it should ({trouble})", "Tell the site's owner. Is it http only?"
        unanswered = False
    elif isinstance(trouble, httpcore.ConnectError):
        reason, hint = f"no connection ({trouble})", "Is the server up, and the address right?"
    else:
        reason, hint = f"the connection broke ({trouble})", "It is tried again at the next gathering."
    return FetchError(f"Could not fetch {url}: {reason}.", hint=hint, unanswered=unanswered)
