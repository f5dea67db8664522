"""An HTML page as blocks and stated facts.

trafilatura finds the body (best of ten extractors measured on scrapinghub's benchmark, F1 .962); its one systematic
miss is an article whose body is cut into several containers, of which it takes one. Then, and when it finds next to
nothing, readability gives a second opinion.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from digest.articles.blocks import Block, BlockKind, tidy
from digest.articles.extraction import phrases
from digest.articles.extraction.facts import Found, as_byline
from digest.articles.extraction.headlines import Site, without_site
from digest.articles.extraction.metadata import read_facts
from digest.articles.extraction.repairs import repair
from digest.articles.extraction.walls import refuse
from digest.errors import InputError

_BLOCKS = frozenset(
    [
        "p",
        "head",
        "item",
        "list",
        "quote",
        "blockquote",
        "ab",
        "div",
        "code",
        "pre",
        "article",
        "section",
        "main",
        "aside",
        "header",
        "footer",
        "table",
        "row",
        "cell",
        "tr",
        "td",
        "th",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "figure",
        "figcaption",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "body",
    ]
)
_KINDS = {"head": BlockKind.HEADING, "item": BlockKind.ITEM, "li": BlockKind.ITEM} | {
    f"h{level}": BlockKind.HEADING for level in range(1, 7)
}
_SPACE = re.compile(r"\s+")
_BREAK = re.compile(r"\n[ \t\r]*\n\s*")
_SETTING_APART = ("strong", "b", "p", "div", "span", "h2", "h3", "h4")
#: What newsrooms call their standfirst in markup.
_STANDFIRST = re.compile(
    r"(?<![a-z])(?:stand-?first|chap(?:o|eau|ô)|de[ck]k?|subdeck|sub-?(?:title|head|headline|line)|strapline|alternativeHeadline"
    r"|description|excerpt|summary|vorspann|teaser-?text|accroche|entradilla|bajada|copete|sommario|occhiello)(?![a-z])",
    re.IGNORECASE,
)
_LONGEST_STANDFIRST = 1000
#: Words; shorter ones are a label, or the name of a page that lists corrections.
_NOTICE_HINTS = phrases.CORRECTION_HINTS + phrases.PAYWALL_HINTS
_LEAST_NOTICE = 5
_LONGEST_NOTICE = 150
#: Words of an article that does not break off.
_WHOLE = 400
#: Below so many words trafilatura has most likely missed the article.
_FEW = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class _Marks:
    """What the markup says of lines, and an extractor does not hand on."""

    #: Texts of links.
    anchors: frozenset[str]
    #: Texts set apart as a standfirst is.
    standfirsts: frozenset[str]

    @classmethod
    def of(cls, root: Any) -> _Marks:
        anchors = frozenset(tidy(link.text_content()) for link in root.iter("a"))
        lines = (tidy(element.text_content()) for element in root.iter(*_SETTING_APART) if _sets_apart(element))
        return cls(anchors=anchors, standfirsts=frozenset(line for line in lines if len(line) < _LONGEST_STANDFIRST))


def _sets_apart(element: Any) -> bool:
    named = f"{element.get('itemprop') or ''} {element.get('class') or ''}"
    return element.tag in {"strong", "b", "h2", "h3"} or bool(_STANDFIRST.search(named[:500]))


def read_page(text: str, location: str) -> tuple[list[Block], Found]:
    """Blocks of the article in `text`, and what the page states about it."""
    root = _parsed(text)
    marks = _Marks.of(root)
    facts = read_facts(root, location)
    facts = replace(facts, standfirst=_as_printed(facts.standfirst, marks))
    blocks = _body(root, text, marks)
    blocks += list(_missed_notices(root, blocks))
    refuse(root, blocks, location)
    if not facts.complete:
        facts = facts.over(_guessed(root, location, facts))
    return blocks, facts


def _as_printed(standfirst: str, marks: _Marks) -> str:
    """As it stands above the text, where the stated one was cut off, or runs on into the text."""
    from digest.articles.extraction.verdicts import is_cut_from

    printed = (line for line in marks.standfirsts if is_cut_from(standfirst, line) or is_cut_from(line, standfirst))
    return max(printed, key=len, default=standfirst)


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
    repair(root)
    return root


def _body(root: Any, text: str, marks: _Marks) -> list[Block]:
    blocks = _by_trafilatura(root, marks)
    found, prose = _words(blocks), _words_of_long_paragraphs(root)
    if found >= _FEW and found >= 0.5 * prose:
        return blocks
    second = _by_readability(text, marks)
    if found < _FEW:
        return second if _words(second) > found else blocks
    return second if _words(second) >= 1.5 * found and _holds(second, blocks) else blocks


def _missed_notices(root: Any, blocks: list[Block]) -> Iterator[Block]:
    """Corrections, and notices that the rest is paid for: they stand in boxes, which extractors take for clutter."""
    from digest.articles.extraction.verdicts import asks_to_pay, is_correction

    # Below a whole article it is a template that only who does not pay gets to see.
    may_break_off = _words(blocks) < _WHOLE
    known = {block.text for block in blocks}
    for element in root.iter("p", "div", "aside", "section", "footer", "li"):
        line = _own_line(element)
        words = len(line.split())
        if line in known or not _LEAST_NOTICE <= words <= _LONGEST_NOTICE:
            continue
        notice = is_correction(line) or (may_break_off and words <= _FEW and asks_to_pay(line))
        if notice and not _is_of_another_page(element):
            known.add(line)
            yield Block(text=line)


def _own_line(element: Any) -> str:
    """What it says, where it holds no other blocks and may be a notice; else nothing."""
    if any(child.tag in _BLOCKS for child in element):
        return ""
    text = element.text_content()
    may_be = 16 <= len(text) < 2 * _LONGEST_STANDFIRST and phrases.hinted(text, _NOTICE_HINTS)
    return tidy(text) if may_be else ""


def _is_of_another_page(element: Any) -> bool:
    """In a link, a menu or a list of stories, it speaks of another piece."""
    around = {ancestor.tag for ancestor in element.iterancestors()}
    linked = sum(len(link.text_content()) for link in element.iter("a"))
    return bool(around & {"a", "nav"}) or linked > len(element.text_content()) / 2


def _words(blocks: list[Block]) -> int:
    return sum(block.words for block in blocks)


def _holds(second: list[Block], first: list[Block]) -> bool:
    """Is nearly all of `first` in `second` too, so that it is the same article, only more of it?"""
    texts = {block.text for block in second}
    return sum(block.words for block in first if block.text in texts) >= 0.7 * _words(first)


def _words_of_long_paragraphs(root: Any) -> int:
    counts = (len(p.text_content().split()) for p in root.iter("p"))
    return sum(count for count in counts if count >= 20)


def _by_trafilatura(root: Any, marks: _Marks) -> list[Block]:
    # It logs pages without an article as errors; here the caller says so.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    import trafilatura

    found: Any = trafilatura.bare_extraction(root, fast=True, include_comments=False, include_tables=False)
    return [] if found is None else list(_blocks(found.body, marks))


def _by_readability(text: str, marks: _Marks) -> list[Block]:
    logging.getLogger("readability").setLevel(logging.CRITICAL)
    from lxml import etree, html
    from readability import Document
    from readability.readability import Unparseable

    try:
        root = html.fromstring(Document(_without_comments(text)).summary())
    except (Unparseable, etree.LxmlError, ValueError, TypeError, AttributeError):
        return []  # a second opinion that has none
    return list(_blocks(root, marks))


def _without_comments(page: str) -> str:
    """What readability's own patterns would remove, each time searching the whole page for an end that may not come."""
    first, *others = page.replace("<![CDATA[", "").split("<!--")
    return first + "".join(other.partition("-->")[2] for other in others)


def _blocks(body: Any, marks: _Marks) -> Iterator[Block]:
    long_anchors = tuple(anchor for anchor in marks.anchors if len(anchor.split()) >= 4)
    for kind, text in _runs(body, BlockKind.PARAGRAPH):
        for piece in _BREAK.split(text):
            if line := tidy(piece):
                linked = _is_linked(line, marks.anchors) or (kind is BlockKind.ITEM and line.startswith(long_anchors))
                yield Block(text=line, kind=kind, linked=linked, set_apart=line in marks.standfirsts)


def _runs(element: Any, kind: BlockKind) -> Iterator[tuple[BlockKind, str]]:
    """Text between the edges of block elements, in trafilatura's tree (p, head, list/item, hi, lb …) or in HTML."""
    run = [_flat(element.text)]
    for child in element:
        if child.tag in _BLOCKS:
            yield kind, "".join(run)
            yield from _runs(child, _KINDS.get(child.tag, kind))
            run = []
        elif child.tag in {"lb", "br"}:
            run.append("\n")
        elif isinstance(child.tag, str) and child.tag not in {"script", "style"}:
            inner = list(_runs(child, kind))
            run.append("\n\n".join(text for _, text in inner))
        run.append(_flat(child.tail))
    yield kind, "".join(run)


def _flat(text: str | None) -> str:
    return _SPACE.sub(" ", text) if text else ""


def _is_linked(line: str, anchors: frozenset[str]) -> bool:
    if line in anchors:
        return True
    # "Related: Seven signs …": the label stands outside the link.
    _, colon, rest = line.partition(": ")
    return bool(colon) and rest in anchors


def _guessed(root: Any, location: str, stated: Found) -> Found:
    """Headline, byline and site as trafilatura guesses them; never its date, which it makes up."""
    from trafilatura.metadata import extract_metadata

    guess = extract_metadata(root, default_url=location if location.startswith("http") else None, extensive=False)
    return Found(
        headline=without_site(tidy(guess.title or ""), Site.of(stated.publisher, location, stated.url)),
        byline=as_byline((guess.author or "").replace(";", ",")),
        publisher=tidy(guess.sitename or ""),
    )
