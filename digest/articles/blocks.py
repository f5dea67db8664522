"""Blocks: a document as a row of paragraphs, headings and list items, before anyone decides what is body.

HTML, Markdown and plain text meet here, so that every later rule is written once.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class BlockKind(StrEnum):
    PARAGRAPH = "paragraph"
    HEADING = "heading"
    ITEM = "item"


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """One paragraph, heading or list item: tidy text on one line."""

    text: str
    kind: BlockKind = BlockKind.PARAGRAPH
    #: The whole of it is a link: a teaser for another page more often than a sentence.
    linked: bool = False
    #: The page sets it apart as its standfirst: named so in the markup, or bold as a whole.
    set_apart: bool = False

    @property
    def words(self) -> int:
        return len(self.text.split())


# Zero-width spaces and joiners, soft hyphens, bidirectional controls, private use, lone surrogates, noncharacters,
# and the control characters that are not white space.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\ufe00-\ufe0e\ufeff\ufff0-\ufffb\ufffe\uffff\ue000-\uf8ff\ud800-\udfff"
    "\U000f0000-\U0010ffff]"
)
# ZWNJ and ZWJ shape Arabic and Indic words and join emoji; between other letters they are dirt.
_JOINER = re.compile("(?<![\u0600-\u06ff\u0900-\u0dff\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]")
#: More accents on one letter than any script has, which composing takes the square of (as in UAX #15, 13).
_STACK = re.compile(r"([^\w\s]{100})[^\w\s]++")
_SPACE = re.compile(r"[\s\x1c-\x1f]+")
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{2,6}|#x[0-9a-fA-F]{2,5});")


def visible(text: str) -> str:
    """`text` in composed form (NFC), without characters that nobody sees; white space is left as it is."""
    if text.isascii():
        return _INVISIBLE.sub("", text)
    return _JOINER.sub("", _INVISIBLE.sub("", unicodedata.normalize("NFC", _STACK.sub(r"\1", text))))


def tidy(text: str) -> str:
    """`text` on one line: visible characters only, single spaces, entities that survived parsing decoded."""
    if "&" in text and _ENTITY.search(text):
        text = html.unescape(text)
    return _SPACE.sub(" ", visible(text)).strip()


def word_set(text: str) -> frozenset[str]:
    """A list of words as it is written in the lists of this package: parted by white space."""
    return frozenset(text.split())
