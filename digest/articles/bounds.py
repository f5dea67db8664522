"""How much of a document is read, so that no stranger's page holds the newsroom up.

Reading takes time in proportion to characters, tags and blocks, and some libraries take the square of it. Articles are
far below these bounds (the largest of some hundred pages: 430,000 characters, 3,000 tags); what is above them is read
in part, and the editor is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from digest.articles.blocks import Block

#: Characters of a plain text, Markdown file or article body; a novella has as many.
MOST_TEXT = 200_000
#: Of a Markdown file: brackets that nothing closes take its reader three seconds at this length.
MOST_MARKDOWN = 120_000
#: Characters and tags of a page, scripts and styles not counted. 20,000 tags take about a second.
MOST_MARKUP = 1_000_000
MOST_TAGS = 20_000
#: Blocks of an article, and characters of one. A longer block is parted, not cut.
MOST_BLOCKS = 2000
LONGEST_BLOCK = 5000
#: Characters without a tag between them. An element with 100,000 attributes takes libxml2 half a minute.
_LONGEST_RUN = 60_000
#: JSON-LD is kept up to this.
_MOST_FACTS = 300_000

CUT = "It is very long, and only its first part was read: check that nothing is missing."

_RUN = re.compile(rf"(?<![^<>])([^<>]{{{_LONGEST_RUN}}})[^<>]++")
_UNREAD = re.compile(r"<(script|style)\b([^<>]{0,2000})>", re.IGNORECASE)
_CLOSED = {name: re.compile(rf"</{name}\b[^<>]{{0,100}}>", re.IGNORECASE) for name in ("script", "style")}
#: Pictures inside of a page, mostly.
_LONG_VALUE = re.compile(r"""=(?:"[^"]{4000,}+"|'[^']{4000,}+')""")
#: Rows of dots and dashes: nobody reads the sixty-first, and patterns try each of them anew.
_MARKS = re.compile(r"(\W{60})\W++")


def text_within(text: str) -> tuple[str, bool]:
    """As much of a plain text as is read, and whether something was cut."""
    return text[:MOST_TEXT], len(text) > MOST_TEXT


def markdown_within(text: str) -> tuple[str, bool]:
    return text[:MOST_MARKDOWN], len(text) > MOST_MARKDOWN


def markup_within(page: str) -> tuple[str, bool]:
    """As much of an HTML page as is read, and whether something was cut that may be article."""
    if len(page) <= MOST_MARKUP and page.count("<") <= MOST_TAGS and not _RUN.search(page):
        return page, False
    slim = _LONG_VALUE.sub('=""', "".join(_without_code(page)))
    cut = _RUN.sub(r"\1", slim)[:MOST_MARKUP]
    if cut.count("<") > MOST_TAGS:
        cut = "<".join(cut.split("<", MOST_TAGS)[:MOST_TAGS])
    return cut, len(cut) < len(slim)


def _without_code(page: str) -> Iterator[str]:
    """The page in pieces without its scripts and styles; JSON-LD stays."""
    at, facts = 0, 0
    while opened := _UNREAD.search(page, at):
        yield page[at : opened.start()]
        closed = _CLOSED[opened[1].lower()].search(page, opened.end())
        at = closed.end() if closed else len(page)
        facts += (at - opened.start()) * ("ld+json" in opened[2].lower())
        if "ld+json" in opened[2].lower() and facts <= _MOST_FACTS:
            yield page[opened.start() : at]
    yield page[at:]


def blocks_within(blocks: list[Block]) -> tuple[list[Block], bool]:
    """The blocks that are read, long ones parted, and whether some were left."""
    kept: list[Block] = []
    room = MOST_TEXT
    for block in blocks:
        for piece in _parted(_MARKS.sub(r"\1", block.text)):
            if len(kept) == MOST_BLOCKS or len(piece) > room:
                return kept, True
            kept.append(block if piece == block.text else replace(block, text=piece))
            room -= len(piece)
    return kept, False


def _parted(text: str) -> Iterator[str]:
    """The text in pieces of bearable length, parted after a sentence, else between words, else anywhere."""
    while len(text) > LONGEST_BLOCK:
        window = text[:LONGEST_BLOCK]
        end = max(window.rfind(f"{mark} ", LONGEST_BLOCK // 2) + 1 for mark in ".!?؟。") or window.rfind(" ") + 1
        yield text[: end or LONGEST_BLOCK].strip()
        text = text[end or LONGEST_BLOCK :].strip()
    yield text
