"""In which encoding a file of text is, when nobody says so: UTF-8 nearly always, else what its letters look like."""

from __future__ import annotations

import codecs
import re
from typing import IO

_BLOCK = 1 << 20

#: What decoding does with bytes that are not UTF-8 in a text that mostly is.
AS_WINDOWS = "subscribers.as_windows"

#: Longer marks first: UTF-32's begins like UTF-16's.
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}

#: So much of the lines with letters beyond ASCII is looked at.
_SAMPLE = 64_000

#: Letters beyond ASCII in a row: words of another script than Latin.
_RUN = re.compile(rb"[\x80-\xff]{3,}")
_HIGH = re.compile(rb"[\x80-\xff]")

#: Encodings of other scripts that spreadsheets and mail programs still write.
_SCRIPTS = [
    *("cp1251", "cp1255", "cp1256", "cp1253", "koi8_r", "cp866", "iso8859_5", "iso8859_8", "cp874"),
    *("shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"),
]

#: Signs that are in nobody's name: a wrong table makes them of letters.
_ODD = frozenset("¹³¼½¾£¥¦§¨©ª«¬®¯°±²´µ¶·¸º»¿×÷†‡‰ˆ˜›‹€‚„…")

#: Letters of Icelandic that are Turkish ones in Windows-1254, and those that Icelandic has beside them and Turkish not.
_ICELANDIC, _ICELANDIC_TOO = frozenset("þðýÞÐÝ"), frozenset("áéíóúæÁÉÍÓÚÆ")


def found(raw: IO[bytes], head: bytes, notes: list[str]) -> str:
    """The encoding of `raw`, whose first block is `head`; says so in `notes` when it had to be guessed."""
    if marked := marked_or_utf16(head):
        return marked
    sample = _what_is_not_utf8(raw)
    if sample is None:
        return "utf-8"
    if _mostly_utf8(sample):
        notes.append("Some letters in the file are not UTF-8; those were read as Windows-1252 (Western European).")
        return "utf-8"
    guess = _by_letters(sample)
    notes.append(
        f"The file is not UTF-8; it was read as {_NAMES.get(guess, guess)}. "
        "If names look wrong, save it as UTF-8 and import it again."
    )
    return guess


def marked_or_utf16(head: bytes) -> str:
    """By its mark; without one UTF-16 by zeros in every other byte only, and an @ among what they make."""
    if marked := next((name for mark, name in _MARKS.items() if head.startswith(mark)), ""):
        return marked
    sample = head[:20_000]
    zeros = sample[::2].count(0), sample[1::2].count(0)
    for encoding, (none, some) in {"utf-16-le": zeros, "utf-16-be": zeros[::-1]}.items():
        if some > len(sample) / 8 and none <= some / 100 and "@" in sample.decode(encoding, errors="replace"):
            return encoding
    return ""


def _what_is_not_utf8(raw: IO[bytes]) -> bytes | None:
    """Lines with letters beyond ASCII; None when all of the file is UTF-8: the first accent may be in the last line."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    sample, is_utf8 = bytearray(), True
    raw.seek(0)
    while block := raw.read(_BLOCK):
        if is_utf8:
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                is_utf8 = False
        if len(sample) < _SAMPLE and not block.isascii():
            sample += b"\n".join(line for line in block.splitlines() if not line.isascii())[:_SAMPLE]
        if not is_utf8 and len(sample) >= _SAMPLE:
            break
    try:
        decoder.decode(b"", final=is_utf8)
    except UnicodeDecodeError:
        is_utf8 = False
    return None if is_utf8 else bytes(sample)


def _mostly_utf8(sample: bytes) -> bool:
    """Two lists in one file, or letters that a database cut in the middle. Lines of another encoding never look so."""
    lines = sample.splitlines()
    return sum(map(_is_utf8, lines)) * 2 >= len(lines)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", errors="replace"), error.end


codecs.register_error(AS_WINDOWS, _as_windows)


def _by_letters(sample: bytes) -> str:
    """Words of letters beyond ASCII are another script; single ones among Latin are accents."""
    high = len(_HIGH.findall(sample))
    if sum(map(len, _RUN.findall(sample))) > high / 2 and (script := _another_script(sample)):
        return script
    return _latin(sample)


def _another_script(sample: bytes) -> str:
    from charset_normalizer import from_bytes

    # The words alone: headings, addresses and digits tell nothing and make every guess look alike.
    words = b" ".join(re.findall(rb"[^\x00-\x40\x5b-\x60\x7b-\x7f]*[\x80-\xff][^\x00-\x3f\x7b-\x7f]*", sample))
    best = from_bytes(words[:16_000], cp_isolation=_SCRIPTS, preemptive_behaviour=False).best()
    return best.encoding if best else ""


def _latin(sample: bytes) -> str:
    """Windows-1252, unless what it makes of the letters is in no name and another one makes letters of it."""
    western = set(sample.decode("cp1252", errors="replace"))
    if western & _ICELANDIC and not western & _ICELANDIC_TOO:
        return "cp1254"
    return max(("cp1252", "cp1250", "mac_roman"), key=lambda encoding: _likely(sample, encoding))


def _likely(sample: bytes, encoding: str) -> float:
    text = sample.decode(encoding, errors="replace")
    beyond = [char for char in text if char > "\x7f"]
    letters = sum(char.isalpha() and char not in _ODD for char in beyond)
    # A capital inside a word is what a wrong table makes of a small letter.
    wrong = len(re.findall(r"[a-zà-ÿ][À-ÖØ-Þ][a-zà-ÿ]", text)) + sum(
        char in _ODD or char == "\ufffd" for char in beyond
    )
    return letters - 3 * wrong + (0.5 if encoding == "cp1252" else 0)


_NAMES = {
    "cp1252": "Windows-1252 (Western European)",
    "cp1250": "Windows-1250 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "koi8_r": "KOI8-R (Cyrillic)",
    "mac_roman": "Mac Roman",
    "shift_jis": "Shift JIS (Japanese)",
    "gb18030": "GB 18030 (Chinese)",
    "big5": "Big5 (Chinese)",
    "euc_kr": "EUC-KR (Korean)",
}
