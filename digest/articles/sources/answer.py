"""What a server answered, read with suspicion: a document, a redirect, "not changed", or why not.

The size limit counts bytes after decompression: a small bomb does not fill the memory. An answer that is neither
page, feed, JSON nor text is refused before its body is read.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpcore
import httpx

from digest.articles.sources.addresses import refused
from digest.errors import FetchError, Postponed

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
#: How the first byte of a page, a feed or JSON looks when the server does not say what it sends.
_MARKUP = (b"<", b"{", b"[")
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
#: More digits are no length and no waiting time, and Python refuses to read thousands of them.
_MOST_DIGITS = 15
#: Packed files, as sitemaps are kept, and how they begin.
_PACKED_KINDS = ("application/gzip", "application/x-gzip", "application/octet-stream")
_GZIP = b"\x1f\x8b"
#: Seconds to wait when a server says "too many requests" and not until when; and the longest that we believe.
_USUAL_WAIT = 600
_LONGEST_WAIT = 24 * 60 * 60
#: Parts of one gzip file. Tools that write several make some hundred in 10 MB; empty ones by the million cost time.
_MOST_MEMBERS = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    """A document as a server sent it."""

    #: Where it was found in the end.
    url: str
    content: bytes
    #: Lower case, without parameters ("text/html"); empty when the server did not say.
    content_type: str = ""
    charset: str = ""
    etag: str = ""
    last_modified: str = ""
    #: The new address when the old one was left for good (every redirect was a permanent one).
    moved_to: str = ""
    #: All headers, names in lower case.
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Redirect:
    target: str
    permanent: bool


def read(url: httpx.URL, response: httpcore.Response, limit: int) -> Fetched | Redirect | None:
    headers = httpx.Headers(response.headers)
    if response.status == HTTPStatus.NOT_MODIFIED:
        return None
    if response.status in _REDIRECTS and headers.get("location"):
        return Redirect(_join(url, headers["location"]), response.status in _PERMANENT)
    if response.status != HTTPStatus.OK:
        raise _status_error(url, response.status, headers)
    kind, charset = _content_type(headers)
    _check_kind(url, kind)
    content = _unpacked(url, _body(url, response, headers, limit), limit)
    if kind in ("", *_PACKED_KINDS) and not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_MARKUP):
        raise FetchError(f"Could not fetch {url}: its kind is not stated, and it looks like neither page nor feed.")
    return Fetched(
        url=str(url),
        content=content,
        content_type=kind,
        charset=charset,
        etag=_sendable(headers.get("etag", "")),
        last_modified=_sendable(headers.get("last-modified", "")),
        headers=dict(headers),
    )


def _sendable(validator: str) -> str:
    """A validator as it can be sent back; nothing when it cannot, and the document is simply read again."""
    return validator if validator.isascii() else ""


def _join(url: httpx.URL, location: str) -> str:
    try:
        return str(url.join(location))
    except (httpx.InvalidURL, UnicodeError, ValueError) as trouble:
        raise refused(url, f"it redirects to something that is not a web address ({trouble})") from trouble


def _content_type(headers: httpx.Headers) -> tuple[str, str]:
    stated = headers.get("content-type", "")
    charset = _CHARSET.search(stated)
    return stated.partition(";")[0].strip().lower(), charset.group(1).lower() if charset else ""


def _check_kind(url: httpx.URL, kind: str) -> None:
    known = kind.startswith("text/") or kind.endswith(("/json", "+json", "/xml", "+xml"))
    if kind and not known and kind not in _PACKED_KINDS:
        raise FetchError(f"Could not fetch {url}: it is {kind}, not a page, feed or text.")


def _body(url: httpx.URL, response: httpcore.Response, headers: httpx.Headers, limit: int) -> bytes:
    stated = headers.get("content-length", "")
    if stated.isdecimal() and (len(stated) > _MOST_DIGITS or int(stated) > limit):
        raise _too_large(url, limit)
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in _UNPACKERS:
        raise FetchError(f"Could not fetch {url}: it came compressed as {encoding}, which we did not ask for.")
    unpacker = _UNPACKERS[encoding]
    unpack = unpacker() if unpacker else None
    content, received = bytearray(), 0
    for chunk in response.iter_stream():
        received += len(chunk)
        try:
            content += unpack.unpack(chunk, limit - len(content)) if unpack else chunk
        except zlib.error as trouble:
            raise _damaged(url, trouble) from trouble
        if max(len(content), received) > limit:
            raise _too_large(url, limit)
    if unpack and content and not unpack.complete:
        raise FetchError(f"Could not fetch {url}: its compressed answer ends too early.")
    return bytes(content)


def _unpacked(url: httpx.URL, content: bytes, limit: int) -> bytes:
    """What a packed file holds, such as sitemap.xml.gz; anything else as it is."""
    if not content.startswith(_GZIP):
        return content
    try:
        unpacked = _Gunzip().unpack(content, limit)
    except zlib.error as trouble:
        raise _damaged(url, trouble) from trouble
    if len(unpacked) > limit:
        raise _too_large(url, limit)
    return unpacked


class _Inflate:
    """Unpacks "deflate", which some servers wrap as its standard says and some do not."""

    def __init__(self) -> None:
        self._stream: zlib._Decompress | None = None

    @property
    def complete(self) -> bool:
        return self._stream is not None and self._stream.eof

    def unpack(self, chunk: bytes, room: int) -> bytes:
        if self._stream is None:
            wrapped = chunk[:1] == b"\x78"
            self._stream = zlib.decompressobj(wbits=zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
        return self._stream.decompress(self._stream.unconsumed_tail + chunk, room + 1)


class _Gunzip:
    """Unpacks gzip, never much more than there is room for."""

    def __init__(self) -> None:
        self._member = self._new()
        self._members = 1

    @staticmethod
    def _new() -> zlib._Decompress:
        return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)

    @property
    def complete(self) -> bool:
        return self._member.eof

    def unpack(self, chunk: bytes, room: int) -> bytes:
        content = bytearray()
        while chunk and len(content) <= room:
            if self._member.eof:  # a file may be several gzip members in a row
                self._member = self._new()
                self._members += 1
                if self._members > _MOST_MEMBERS:
                    raise zlib.error(f"it is in more than {_MOST_MEMBERS} parts")
            content += self._member.decompress(chunk, room - len(content) + 1)
            chunk = self._member.unconsumed_tail or self._member.unused_data
        return bytes(content)


#: How answers may come compressed. Only gzip is asked for; brotli's library cannot be told where to stop.
_UNPACKERS: dict[str, type[_Gunzip | _Inflate] | None] = {
    "": None,
    "identity": None,
    "none": None,
    "gzip": _Gunzip,
    "x-gzip": _Gunzip,
    "deflate": _Inflate,
}


def _damaged(url: httpx.URL, trouble: zlib.error) -> FetchError:
    return FetchError(f"Could not fetch {url}: its compressed answer is damaged ({trouble}).")


def _too_large(url: httpx.URL, limit: int) -> FetchError:
    return FetchError(
        f"Could not fetch {url}: it is larger than {limit / 1024 / 1024:.3g} MB.",
        hint="An article page is rarely over 2 MB; is this the right address?",
    )


_STATUS_HINTS = {
    401: "It wants a password; use a public address.",
    402: "It is behind a paywall.",
    403: "The site refuses programs like this one; ask its owner to let the digest read it.",
    404: "Check the address; the page may have moved.",
    410: "It was taken down for good; remove it.",
    429: "We asked too often.",
    451: "It is withheld for legal reasons.",
}


def _status_error(url: httpx.URL, status: int, headers: httpx.Headers) -> FetchError:
    try:
        phrase = f" {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = ""
    message = f"Could not fetch {url}: the server answered {status}{phrase}."
    hint = _STATUS_HINTS.get(status, "The server is in trouble; it is tried again next time." if status >= 500 else "")
    stated = _retry_after(headers.get("retry-after", ""), datetime.now(UTC))
    wait = stated or (_USUAL_WAIT if status == HTTPStatus.TOO_MANY_REQUESTS else 0)
    if not wait or status not in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        return FetchError(message, hint=hint, status=status)
    asks = f"It asks to wait {_in_words(stated)}." if stated else ""
    return Postponed(message, hint=f"{hint} {asks}".strip(), status=status, wait=min(wait, _LONGEST_WAIT))


def _retry_after(value: str, now: datetime) -> int:
    """The seconds that a Retry-After header asks for; 0 when there is none, or it is nonsense."""
    value = value.strip()
    if value.isdecimal():
        return int(value) if len(value) <= _MOST_DIGITS else 0
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0
    return max(0, round((until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds()))


def _in_words(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 120 else f"{round(seconds / 60)} minutes"
