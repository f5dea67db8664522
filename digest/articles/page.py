"""An HTML page as blocks and stated facts.

trafilatura finds the body (best of ten extractors measured on scrapinghub's benchmark, F1 .962); its one systematic
miss is an article whose body is cut into several containers, of which it takes one. Then, and when it finds next to
nothing, readability gives a second opinion.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any

from digest.articles.blocks import Block, BlockKind, tidy
from digest.articles.metadata import Found, read_facts
from digest.errors import InputError

_KINDS = {"head": BlockKind.HEADING, "item": BlockKind.ITEM}
#: Inside a block: where lines and paragraphs part.
_PARTS = {"lb": "\n", "br": "\n", "p": "\n\n", "item": "\n\n", "list": "\n\n"}
_SPACE = re.compile(r"\s+")
_BREAK = re.compile(r"\n[ \t\r]*\n\s*")
#: Below so many words trafilatura has most likely missed the article.
_FEW = 50


def read_page(text: str, location: str) -> tuple[list[Block], Found]:
    """Blocks of the article in `text`, and what the page states about it."""
    root = _parsed(text)
    facts = read_facts(root, location)
    anchors = frozenset(tidy(a.text_content()) for a in root.iter("a"))
    blocks = _body(root, text, anchors)
    if not facts.complete:
        facts = facts.over(_guessed(root, location))
    return blocks, facts


def _parsed(text: str) -> Any:
    from lxml import etree, html

    # Bytes, because lxml refuses a str that declares an encoding; huge, because long live blogs nest deeply.
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True)
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, ValueError) as error:
        raise InputError(
            "The page is empty: there is no HTML in it.", hint="Open the address in a browser and check it."
        ) from error
    return root


def _body(root: Any, text: str, anchors: frozenset[str]) -> list[Block]:
    blocks = _by_trafilatura(root, anchors)
    found, prose = _words(blocks), _words_of_long_paragraphs(root)
    if found >= _FEW and found >= 0.5 * prose:
        return blocks
    second = _by_readability(text, anchors)
    if found < _FEW:
        return second if _words(second) > found else blocks
    return second if _words(second) >= 1.5 * found and _holds(second, blocks) else blocks


def _words(blocks: list[Block]) -> int:
    return sum(block.words for block in blocks)


def _holds(second: list[Block], first: list[Block]) -> bool:
    """Is nearly all of `first` in `second` too, so that it is the same article, only more of it?"""
    texts = {block.text for block in second}
    return sum(block.words for block in first if block.text in texts) >= 0.7 * _words(first)


def _words_of_long_paragraphs(root: Any) -> int:
    counts = (len(p.text_content().split()) for p in root.iter("p"))
    return sum(count for count in counts if count >= 20)


def _by_trafilatura(root: Any, anchors: frozenset[str]) -> list[Block]:
    # It logs pages without an article as errors; here the caller says so.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    import trafilatura

    found = trafilatura.bare_extraction(root, fast=True, include_comments=False, include_tables=False)
    return [] if found is None else list(_blocks(found.body, anchors))


def _by_readability(text: str, anchors: frozenset[str]) -> list[Block]:
    logging.getLogger("readability").setLevel(logging.CRITICAL)
    from lxml import etree, html
    from readability import Document
    from readability.readability import Unparseable

    try:
        root = html.fromstring(Document(text.encode("utf-8", "replace")).summary())
    except (Unparseable, etree.LxmlError, ValueError, TypeError, AttributeError):
        return []  # a second opinion that has none
    for heading in root.iter("h1", "h2", "h3", "h4", "h5", "h6"):
        heading.tag = "head"
    for item in root.iter("li"):
        item.tag = "item"
    return list(_blocks(root, anchors))


def _blocks(body: Any, anchors: frozenset[str]) -> Iterator[Block]:
    """Walk trafilatura's tree (p, head, list/item, quote, hi, lb …) or HTML with the same names."""
    for element in body.iter("p", "head", "item", "quote", "blockquote", "ab", "div", "code"):
        if element.tag in {"quote", "blockquote", "div"} and any(True for _ in element.iter("p", "item", "head")):
            continue  # its paragraphs come by themselves
        if any(parent.tag in {"p", "item", "head"} for parent in element.iterancestors()):
            continue  # has come already as part of that
        for piece in _BREAK.split(_text(element)):
            if line := tidy(piece):
                kind = _KINDS.get(element.tag, BlockKind.PARAGRAPH)
                yield Block(text=line, kind=kind, linked=_is_linked(line, anchors))


def _text(element: Any) -> str:
    """Text with a line break for each `<br>`, so that two in a row part paragraphs."""
    return "".join(_pieces(element))


def _pieces(element: Any) -> Iterator[str]:
    if element.text and isinstance(element.tag, str):
        yield _SPACE.sub(" ", element.text)
    for child in element:
        if child.tag in _PARTS:
            yield _PARTS[child.tag]
        yield from _pieces(child)
        if child.tail:
            yield _SPACE.sub(" ", child.tail)


def _is_linked(line: str, anchors: frozenset[str]) -> bool:
    if line in anchors:
        return True
    # "Related: Seven signs …": the label stands outside the link.
    _, colon, rest = line.partition(": ")
    return bool(colon) and rest in anchors


def _guessed(root: Any, location: str) -> Found:
    """Headline, byline and site as trafilatura guesses them; never its date, which is given even where none is stated."""
    from trafilatura.metadata import extract_metadata

    guess = extract_metadata(root, default_url=location if location.startswith("http") else None, extensive=False)
    if guess is None:
        return Found()
    return Found(
        headline=tidy(guess.title or ""),
        byline=tidy((guess.author or "").replace(";", ",")),
        publisher=tidy(guess.sitename or ""),
    )
