"""What a text has between quotation marks, in any of the marks that newsrooms set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LETTER = r"[^\W\d_]"
#: Where a mark is its own other half, a lost one would pair off all that follows.
_LONGEST = 800
#: Each pair with what may stand between them. An apostrophe or gershayim within a word is no mark.
_PAIRS = (
    re.compile(r"“([^“”]+)”"),
    re.compile(r"„([^„“”]+)[“”]"),
    re.compile(r"«([^«»]+)»"),
    re.compile(r"»([^«»]+)«"),
    re.compile(rf"(?<!{_LETTER})[\"״]((?:[^\"״]|(?<={_LETTER})[\"״](?={_LETTER})){{1,{_LONGEST}}}?)[\"״](?!{_LETTER})"),
    re.compile(r"‚([^‚‘]+)‘"),
    re.compile(rf"(?<!\w)‘((?:[^‘’]|’(?={_LETTER}))+)’"),
    # Straight single marks are apostrophes more often: two words at least.
    re.compile(rf"(?<!\w)'(?=[^'\s]+ )((?:[^'\n]|(?<={_LETTER})'(?={_LETTER})){{3,{_LONGEST}}}?)'(?!\w)"),
)
_ANY_MARK = re.compile(r"[“”„«»\"״]")
#: Gershayim, inches, seconds: marks that quote nothing.
_INNER = re.compile(rf"(?<={_LETTER})[\"״׳'’](?={_LETTER})|(?<=\d)[\"”](?=\W|$)")
#: Left out or put in by who quotes.
_GAP = re.compile(r"\s*(?:\[[^\]]*\]|\(…\)|\(\.\.\.\)|…|\.\.\.)\s*")


@dataclass(frozen=True, slots=True)
class Quotation:
    start: int
    end: int
    #: What stands between the marks.
    text: str


def quotations(text: str) -> list[Quotation]:
    """What stands between quotation marks, the outermost pair only, in order."""
    found = sorted(
        (Quotation(*match.span(), text=match.group(1)) for pair in _PAIRS for match in pair.finditer(text)),
        key=lambda one: (one.start, -one.end),
    )
    return list(_outermost(found))


def _outermost(found: list[Quotation]) -> Iterator[Quotation]:
    end = 0
    for one in found:
        if one.start >= end:
            yield one
            end = one.end


def pieces(quotation: str) -> list[str]:
    """The parts of a quotation that must stand as they are: what a quoter leaves out or puts in divides them."""
    return [piece for piece in map(spelled, _GAP.split(quotation)) if piece]


_SAME = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "״": '"', "\u00a0": " "})


def spelled(text: str) -> str:
    """`text` as quotations compare: one kind of mark and space, no marks around it, small letters."""
    return " ".join(text.translate(_SAME).split()).strip(" \"'.,;:!?،؟").casefold()


def is_balanced(text: str) -> bool:
    """Has every quotation mark and bracket its other half?"""
    plain = _INNER.sub("", text)
    if plain.count("(") != plain.count(")") or plain.count("[") != plain.count("]"):
        return False
    if (plain.count('"') + plain.count("״")) % 2 or plain.count("«") != plain.count("»"):
        return False
    # „deutsch“ opens low and closes with the mark that opens elsewhere.
    low, opening, closing = plain.count("„"), plain.count("“"), plain.count("”")
    return low == opening + closing if low else opening == closing


def without_quotations(text: str) -> str:
    """`text` with blanks in place of what is quoted, so that places stay the same."""
    for one in quotations(text):
        text = text[: one.start] + " " * (one.end - one.start) + text[one.end :]
    return text


def is_quoted_in(piece: str, source: str) -> bool:
    """Stands `piece` in `source`, in a paragraph that quotes somebody?"""
    paragraphs = (paragraph for paragraph in source.split("\n\n") if piece in spelled(paragraph))
    return any(_ANY_MARK.search(_INNER.sub("", paragraph)) or quotations(paragraph) for paragraph in paragraphs)
