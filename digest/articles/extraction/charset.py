"""From bytes to characters without mojibake.

What a server or a page declares is often wrong in one way: UTF-8 served as Latin-1. Bytes that are valid UTF-8 with
letters beyond ASCII are UTF-8 whatever single-byte charset was declared; chance does not produce them.
"""

from __future__ import annotations

import codecs
import re

from digest.errors import InputError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_META = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([a-zA-Z0-9_:.-]{3,20})""", re.IGNORECASE)
_BINARY = (
    b"%PDF",
    b"PK\x03\x04",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"\x1f\x8b",
    b"RIFF",
    b"ID3",
    b"\xd0\xcf\x11\xe0",
)
#: Browsers read these as their Windows supersets, and so do we: "smart quotes" live in the difference.
_SUPERSETS = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-8": "cp1255",
    "gb2312": "gb18030",
}
_SINGLE_BYTE = ("cp125", "iso8859", "koi8", "mac-", "cp43", "cp85")


def decode(content: bytes, declared: str = "") -> str:
    """The characters of `content`. Raises InputError for something that is no text at all."""
    _refuse_binary(content)
    for bom, name in _BOMS:
        if content.startswith(bom):
            return content[len(bom) :].decode(name, "replace")
    charset = _known(declared) or _known(_in_page(content)) or _wide(content)
    if _is_utf8(content) and (not charset or charset.startswith(_SINGLE_BYTE)):
        charset = "utf-8"
    return _decoded(content, charset or _detected(content))


def _refuse_binary(content: bytes) -> None:
    start = content[:1024]
    strange = sum(byte < 9 or 13 < byte < 27 for byte in start)
    wide = content.startswith(tuple(bom for bom, _ in _BOMS)) or _wide(content)
    if content.startswith(_BINARY) or (strange > len(start) // 20 and not wide):
        raise InputError(
            "This is not a text: it looks like a PDF, an office file, a picture or other binary data.",
            hint="Save the article as .html, .md or .txt, or give its web address.",
        )


def _in_page(content: bytes) -> str:
    head = content[:4096]
    found = _META.search(head) if b"<" in head else None
    return found.group(1).decode("ascii", "ignore") if found else ""


def _known(charset: str) -> str:
    """Python's name for a charset that is a text encoding, or nothing."""
    try:
        info = codecs.lookup(charset.strip().strip("\"'"))
    except (LookupError, ValueError):
        return ""
    # A page that could be read as far as its meta tag is not UTF-16, whatever the tag says.
    if info.name.startswith(("utf-16", "utf-32")):
        return ""
    return _SUPERSETS.get(info.name, info.name) if info._is_text_encoding else ""  # noqa: SLF001 — nothing public tells codecs like "hex" apart


def _wide(content: bytes) -> str:
    """UTF-16 without a byte-order mark: one byte of two names the script, and is 0 for spaces."""
    start = content[: len(content[:400]) // 2 * 2]
    first, second = set(start[::2]), set(start[1::2])
    if 0 in second and len(second) <= 4 < len(first):
        return "utf-16-le"
    return "utf-16-be" if 0 in first and len(first) <= 4 < len(second) else ""


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        # A document cut at the size limit may end in the middle of a letter.
        return error.start >= len(content) - 3 and error.start > 0
    return True


def _is_mostly_utf8(content: bytes) -> bool:
    """UTF-8 into which somebody pasted a few bytes of something else: chance makes next to no valid letters."""
    text = content.decode("utf-8", "replace")
    strays = text.count("\ufffd")
    return 3 * (sum(character > "\x7f" for character in text) - strays) >= strays


def _detected(content: bytes) -> str:
    if _is_mostly_utf8(content):
        return "utf-8"
    import charset_normalizer

    best = charset_normalizer.from_bytes(content[:60_000]).best()
    return _known(best.encoding) if best else "cp1252"


def _decoded(content: bytes, charset: str) -> str:
    if charset == "utf-8":
        return content.decode("utf-8", _STRAY)
    try:
        return content.decode(charset or "cp1252", "replace")
    except LookupError:
        return content.decode("utf-8", _STRAY)


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """A stray byte in UTF-8 is nearly always a Windows quote or accent pasted into it."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


_STRAY = "digest-stray-windows-byte"
codecs.register_error(_STRAY, _as_windows)
