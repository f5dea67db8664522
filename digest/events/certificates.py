"""The certificates that SNS signs with: fetched from SNS's own hosts, kept, and no more of it than is good for us.

Whoever knows the name of our topic can post messages that each name a certificate nobody ever asked for, and every
fetch keeps a thread waiting that readers' pages need. So few are fetched at a time and in a minute, what came to
nothing is not fetched again for a while, and whoever comes meanwhile is sent away at once: SNS tries again. A
certificate that a message for us was signed with stays whatever else is fetched, so that no stranger can drive it out.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from digest.errors import DigestError, FetchError

#: Where SNS keeps the certificates that it signs with, written in one way and no other.
_ADDRESS = re.compile(
    r"https://sns\.[a-z]{2,4}(?:-[a-z]+){1,3}-[0-9]{1,2}\.amazonaws\.com(?:\.cn)?/SimpleNotificationService-[A-Za-z0-9]+\.pem"
)
#: SNS signs with one certificate for months, in each region; more than a handful are somebody's attempt.
_MOST = 8
#: Fetches at a time and in a minute.
_AT_ONCE, _IN_A_MINUTE = 2, 10
_MINUTE = timedelta(minutes=1)
#: For so long an address is not asked again that had no certificate, or that could not be asked.
_NOTHING_THERE, _UNANSWERED = timedelta(minutes=5), timedelta(seconds=15)
#: More are not remembered than can be fetched in that time.
_MOST_FAILED = 50


class Forged(DigestError):
    """Not from SNS, not for us, or not from now. The message is for our log: the sender is told nothing."""


class Busy(DigestError):
    """The certificate is not fetched at this moment, which says nothing of the message."""


class Certificates:
    """Safe for threads; only as many wait here as fetch."""

    def __init__(self, fetch: Callable[[str], bytes], *, clock: Callable[[], datetime]) -> None:
        """`fetch` gets a certificate (PEM) from an https address; it gives up soon, and may raise a DigestError."""
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        #: By which a message for us was proven; and those that were only fetched, the oldest first.
        self._proven: OrderedDict[str, Any] = OrderedDict()
        self._fetched: OrderedDict[str, Any] = OrderedDict()
        #: Address → until when it is not asked, and why.
        self._failed: OrderedDict[str, tuple[datetime, DigestError]] = OrderedDict()
        self._going: set[str] = set()
        self._begun: deque[datetime] = deque(maxlen=_IN_A_MINUTE)

    def at(self, url: str) -> Any:
        """The certificate at an address of SNS's. Raises Forged; Busy or a FetchError when it cannot be had now."""
        _insist_on_address(url)
        now = self._clock()
        with self._lock:
            known = self._proven.get(url) or self._fetched.get(url)
            if known is not None and _is_valid(known, now):
                return known
            self._insist_on_room(url, now)
            self._going.add(url)
            self._begun.append(now)
        try:
            certificate = _read(self._fetch(url), now)
        except DigestError as error:
            self._remember(url, error)
            raise
        finally:
            with self._lock:
                self._going.discard(url)
        with self._lock:
            _put(self._proven if url in self._proven else self._fetched, url, certificate)
        return certificate

    def proved(self, url: str, certificate: Any) -> None:
        """A message for us was signed with this one."""
        with self._lock:
            self._fetched.pop(url, None)
            _put(self._proven, url, certificate)

    def _insist_on_room(self, url: str, now: datetime) -> None:
        until, why = self._failed.get(url, (now, None))
        if why is not None and now < until:
            if isinstance(why, Forged):
                raise Forged(why.message)
            raise Busy(f"{why.message} It is not tried again before {until:%H:%M:%S}.")
        if url in self._going or len(self._going) >= _AT_ONCE:
            raise Busy("Certificates are being fetched, and no more at a time.")
        # A clock that was set back must not keep us waiting.
        if sum(timedelta(0) <= now - begun < _MINUTE for begun in self._begun) >= _IN_A_MINUTE:
            raise Busy(f"{_IN_A_MINUTE} certificates were fetched within a minute: somebody may be forging messages.")

    def _remember(self, url: str, error: DigestError) -> None:
        answered = isinstance(error, Forged) or (isinstance(error, FetchError) and 400 <= error.status < 429)
        until = self._clock() + (_NOTHING_THERE if answered else _UNANSWERED)
        with self._lock:
            _put(self._failed, url, (until, error), most=_MOST_FAILED)


def _put(into: OrderedDict[str, Any], url: str, value: Any, *, most: int = _MOST) -> None:
    into[url] = value
    into.move_to_end(url)
    if len(into) > most:
        into.popitem(last=False)


def _insist_on_address(url: str) -> None:
    if not _ADDRESS.fullmatch(url):
        raise Forged(f"Its certificate is not at SNS: {url[:200]!r}.")


def _read(pem: bytes, now: datetime) -> Any:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    try:
        certificate = x509.load_pem_x509_certificate(pem)
        is_rsa = isinstance(certificate.public_key(), RSAPublicKey)
    except ValueError:
        is_rsa = False
    if not is_rsa:
        raise Forged("What is at its certificate's address is no certificate of SNS's.")
    if not _is_valid(certificate, now):
        raise Forged("Its certificate is not valid now.")
    return certificate


def _is_valid(certificate: Any, now: datetime) -> bool:
    return bool(certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc)
