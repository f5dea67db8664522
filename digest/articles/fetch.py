"""Fetching one document from a machine we do not trust.

Every hop of a redirect is checked anew (`digest.articles.addresses`), and connecting, reading and the whole have time
limits (`digest.articles.network`). What came back is read by `digest.articles.answer`.
"""

from __future__ import annotations

import copy
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Self

import httpcore
import httpx

from digest.articles.addresses import Guard, Resolver, host_of, port_of, refused, system_resolver
from digest.articles.answer import Fetched, Redirect
from digest.articles.answer import read as read_answer
from digest.articles.network import CheckedBackend, Clock, Deadline
from digest.errors import DigestError, FetchError

USER_AGENT = "digest-mailer (a newsroom's email digest)"

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
    redirects: int = 5


class Fetcher:
    """Fetches documents within limits. Safe to use from several threads; keeps no connection and no cookie."""

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
        self._declared: str | None = None

    def within(self, location: str) -> Self:
        """This fetcher for what `location` leads to: of the allowed hosts it reaches only the location's own.

        A feed is written by strangers; that the newsroom reads its own intranet must not let them read it too. Files
        on this machine are the newsroom's own.
        """
        narrow = copy.copy(self)
        if location.strip().lower().startswith(("http://", "https://")):
            narrow._declared = host_of(_parse(location))  # noqa: SLF001 - a copy of ourselves
        return narrow

    def get(self, url: str) -> Fetched:
        """The document at `url`. Raises FetchError, which names the URL and the reason."""
        fetched = self.get_if_changed(url)
        if fetched is None:
            raise FetchError(f"Could not fetch {url}: the server says that it has not changed.", status=304)
        return fetched

    def get_if_changed(self, url: str, *, etag: str = "", last_modified: str = "") -> Fetched | None:
        """The document at `url`, or None when the server says that it has not changed since. Raises FetchError."""
        try:
            return self._follow(url, etag=etag, last_modified=last_modified)
        except DigestError:
            raise
        except Exception as trouble:
            # Servers answer, and links name, what no library foresaw; that is a document we could not have.
            raise FetchError(
                f"Could not fetch {url}: it makes no sense to us ({type(trouble).__name__}: {trouble}).",
                hint="Open it in a browser; if it is fine there, report it.",
            ) from trouble

    def _follow(self, url: str, *, etag: str, last_modified: str) -> Fetched | None:
        deadline = Deadline(self._limits.total, self._clock)
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {name: value for name, value in conditions.items() if value and value.isascii()}
        here, permanent = _parse(url), True
        declared = host_of(here) if self._declared is None else self._declared
        for _hop in range(self._limits.redirects + 1):
            answer = self._ask(here, headers, deadline, declared)
            if not isinstance(answer, Redirect):
                moved = permanent and answer is not None and answer.url != str(_parse(url))
                return _with_move(answer) if answer and moved else answer
            permanent = permanent and answer.permanent
            here = _parse(answer.target)
        raise FetchError(
            f"Could not fetch {url}: more than {self._limits.redirects} redirects.",
            hint="Open it in a browser and use the address it ends at.",
        )

    def _ask(
        self, url: httpx.URL, headers: Mapping[str, str], deadline: Deadline, declared: str
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
                    return read_answer(url, response, self._limits.size)
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


def _parse(url: str) -> httpx.URL:
    try:
        return httpx.URL(url.strip()).copy_with(fragment=None)
    except (httpx.InvalidURL, UnicodeError, ValueError) as trouble:
        raise refused(url, f"it is not a web address ({trouble})") from trouble


def _with_move(fetched: Fetched) -> Fetched:
    return replace(fetched, moved_to=fetched.url)


def _network_error(url: httpx.URL, trouble: Exception, limits: Limits) -> FetchError:
    if isinstance(trouble, httpcore.ConnectTimeout):
        reason, hint = f"no connection within {limits.connect:g} seconds", "Is the server up?"
    elif isinstance(trouble, httpcore.TimeoutException):
        reason, hint = f"it took too long (limit {limits.total:g} seconds)", "It is tried again at the next gathering."
    elif isinstance(trouble, httpcore.ConnectError) and "certificate" in str(trouble).lower():
        reason, hint = f"its certificate is not valid ({trouble})", "Tell the site's owner; we do not read past it."
    elif isinstance(trouble, httpcore.ConnectError):
        reason, hint = f"no connection ({trouble})", "Is the server up, and the address right?"
    else:
        reason, hint = f"the connection broke ({trouble})", "It is tried again at the next gathering."
    return FetchError(f"Could not fetch {url}: {reason}.", hint=hint)
