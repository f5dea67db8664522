"""Slots: the named places of an edition that are filled for each reader, and how they are escaped.

A theme writes `{{ slots.unsubscribe_url }}`; rendering leaves the mark `%%{unsubscribe_url}%%`, which survives MJML
and CSS inlining, also inside an href. Marks are filled once per reader and part: escaped for HTML in the html part,
plain in the text part, plain on one line in the subject. Text from articles can never become a mark (`neutral`).
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

#: Every slot there is, and what it holds. A theme that names another one is a mistake.
SLOTS: dict[str, str] = {
    "name": "the reader's name, or the newsletter's word for a reader without one",
    "address": "the reader's email address",
    "unsubscribe_url": "leaves this newsletter; shows a page on GET, acts on POST",
    "preferences_url": "the reader's choices",
    "view_url": "this edition in a browser, the same for every reader",
    "canary_url": "a link that no reader sees, the same for all: who follows it follows everything",
}

_MARK = re.compile(r"%%\{([a-z_]+)\}%%")


class SlotMark(str):
    """A mark as a theme writes it: markup by itself, so that autoescaping leaves it alone."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def mark(name: str) -> SlotMark:
    """The mark of a slot. Raises KeyError for a name that is not in `SLOTS`."""
    if name not in SLOTS:
        raise KeyError(name)
    return SlotMark(f"%%{{{name}}}%%")


def neutral(text: str) -> str:
    """`text` with anything that looks like a mark made harmless by an invisible word joiner (U+2060).

    Also where only the tail of a mark opens the text: the `%` before it may come from the text before it.
    """
    if text.startswith(("%{", "{")):
        text = f"\u2060{text}"
    return text.replace("%%{", "%\u2060%{") if "%%{" in text else text


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an edition, cut at its marks once, so that filling it is a join."""

    #: Literals and slot names by turns: literal, name, literal, …, literal.
    pieces: tuple[str, ...]
    escape: Callable[[str], str]

    @classmethod
    def of_html(cls, source: str) -> Part:
        return cls(tuple(_MARK.split(source)), escape_html)

    @classmethod
    def of_text(cls, source: str) -> Part:
        return cls(tuple(_MARK.split(source)), str)

    @classmethod
    def of_subject(cls, source: str) -> Part:
        return cls(tuple(_MARK.split(source)), one_line)

    @property
    def names(self) -> frozenset[str]:
        """The slots that this part uses."""
        return frozenset(self.pieces[1::2])

    def fill(self, slots: Mapping[str, str]) -> str:
        """The part for one reader. Raises KeyError when a value is missing: never an empty place."""
        pieces = list(self.pieces)
        for at in range(1, len(pieces), 2):
            pieces[at] = self.escape(slots[pieces[at]])
        return "".join(pieces)

    def translate(self, literal: Callable[[str], str], slot: Callable[[str], str]) -> str:
        """The part in another template language: `literal` and `slot` say how each piece is written there."""
        return "".join(slot(piece) if at % 2 else literal(piece) for at, piece in enumerate(self.pieces))


def escape_html(value: str) -> str:
    return html.escape(value, quote=True)


def one_line(value: str) -> str:
    """`value` without line breaks or other control characters, as a header must be."""
    return " ".join(value.split())
