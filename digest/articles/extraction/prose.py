"""Markdown and plain text as blocks and stated facts.

The hard part of plain text is what a line break means. Where lines are wrapped at a width, a break is soft when the
next word would not have fitted; every other break parts two paragraphs. Where lines are long, every break does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from digest.articles.blocks import Block, BlockKind, tidy, visible
from digest.articles.extraction.facts import Found, absolute, as_byline, plain, readable_url
from digest.articles.extraction.times import stated_time
from digest.model import Image

#: Lines longer than this were not wrapped by anybody: each is a paragraph.
_WIDEST_WRAP = 110
_HASHES = re.compile(r"^ {0,3}#{1,6}[ \t]+(\S.*?)(?:[ \t]+#+)?[ \t]*$")
#: A line drawn under a headline or between two parts.
_RULE = re.compile(r"^[ \t]*(?:={3,}|-{3,}|_{3,}|~{3,}|\*{3,})[ \t]*$")
_FRONT = re.compile(r"\A(---|\+\+\+)[ \t]*\n(.*?)\n\1[ \t]*(?:\n|\Z)", re.DOTALL)
_PAIR = re.compile(r"^([A-Za-z][\w-]{0,60})[ \t]{0,40}[:=](.+)$", re.MULTILINE)
_SENTENCE_END = re.compile(r"[.!…:;,؟。]['\"”’»)\]]*$")
_BYLINE_OR_CREDIT = re.compile(
    r"^\W*(?:by|par|por|von|מאת|بقلم|dear|published|updated|source|photo|copyright|©|https?:|www\.|\d+[./-]\d+)\b",
    re.IGNORECASE,
)


def read_text(text: str, location: str) -> tuple[list[Block], Found]:
    """Blocks of a plain text; a headline only where the first line is unmistakably one."""
    del location  # a file's path is no address for readers
    plain_lines = visible(text).replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").split("\n")
    lines = ["" if _RULE.match(line) else line.rstrip() for line in plain_lines]
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    if heading := _HASHES.match(lines[first]):
        return list(_hashed(lines[first + 1 :])), Found(headline=tidy(heading.group(1)))
    blocks = [Block(text=line) for line in _paragraphs(lines)]
    stands_alone = first + 1 < len(lines) and not lines[first + 1].strip()
    if stands_alone and len(blocks) > 1 and _is_title(blocks[0].text, blocks[1:]):
        title, *blocks = blocks
        return blocks, Found(headline=title.text)
    return blocks, Found()


def _hashed(lines: list[str]) -> Iterator[Block]:
    """Blocks of a text whose author marks headings as Markdown does, whatever the file is called."""
    section: list[str] = []
    for line in lines:
        if heading := _HASHES.match(line):
            yield from (Block(text=paragraph) for paragraph in _paragraphs(section))
            yield Block(text=tidy(heading.group(1)), kind=BlockKind.HEADING)
            section = []
        else:
            section.append(line)
    yield from (Block(text=paragraph) for paragraph in _paragraphs(section))


def _is_title(line: str, rest: Sequence[Block]) -> bool:
    from digest.articles.extraction.verdicts import is_clutter

    words = len(line.split())
    if not 3 <= words <= 16 or len(line) > 110 or _SENTENCE_END.search(line) or _BYLINE_OR_CREDIT.match(line):
        return False
    if is_clutter(line) or re.search(r"www\.|https?:", line):
        return False
    # A title stands over an article, not over more lines of its own kind; a byline may come between.
    prose = next((block for block in rest[:3] if block.words >= 20), None)
    return prose is not None and not line[0].islower()


def _paragraphs(lines: list[str]) -> Iterator[str]:
    width = max((len(line) for line in lines), default=0)
    current: list[str] = []
    for line in lines:
        if current and (not line.strip() or not _is_soft(current[-1], line, width)):
            yield tidy(" ".join(current))
            current = []
        if line.strip():
            current.append(line)
    if current:
        yield tidy(" ".join(current))


def _is_soft(line: str, following: str, width: int) -> bool:
    """Was the line broken only because it was full?"""
    if width > _WIDEST_WRAP:
        return False
    word = following.split(maxsplit=1)[0]
    if _SENTENCE_END.search(line) or not word[0].isalpha():
        return len(line) + 1 + len(word) > width
    # People wrap unevenly: in the middle of a sentence a line need not be quite full.
    return len(line) >= 0.6 * width or word[0].islower()


# --- Markdown -------------------------------------------------------------------------------------------


def read_markdown(text: str, location: str) -> tuple[list[Block], Found]:
    """Blocks of a Markdown text: front matter for facts, the first `#` heading for the headline."""
    from markdown_it import MarkdownIt

    text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    front = _FRONT.match(text)
    facts = _front_matter(front.group(2), location) if front else Found()
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text[front.end() :] if front else text)
    blocks: list[Block] = []
    title = ""
    for kind, level, inline in _inlines(tokens):
        if level == 1 and not title and not any(block.words >= 20 for block in blocks):
            title = tidy(_plain(inline))
            continue
        facts = facts.over(Found(image=_image(inline)))
        blocks += _blocks(inline, kind)
    return blocks, facts.over(Found(headline=title))


def _front_matter(text: str, location: str) -> Found:
    pairs = {name.lower(): value.strip().strip("\"' ") for name, value in _PAIR.findall(text)}

    def first(*names: str) -> str:
        return next((pairs[name] for name in names if pairs.get(name)), "")

    url = absolute(first("url", "canonical", "canonical_url", "link", "permalink"), location)
    image = absolute(first("image", "cover", "thumbnail"), location)
    return Found(
        url=readable_url(url) if url else "",
        headline=plain(first("title", "headline")),
        standfirst=plain(first("standfirst", "description", "summary", "subtitle", "excerpt")),
        byline=as_byline(first("author", "authors", "byline", "by").strip("[]")),
        published_at=stated_time(first("date", "published", "published_at", "pubdate")),
        publisher=plain(first("publisher", "publication", "source")),
        language=first("lang", "language"),
        image=Image(url=image, alt=plain(first("image_alt", "alt"))) if image else None,
    )


def _inlines(tokens: list[Any]) -> Iterator[tuple[BlockKind, int, Any]]:
    """Each run of text with the kind of block that it stands in and, for a heading, its level."""
    kind, level, items, tables = BlockKind.PARAGRAPH, 0, 0, 0
    for token in tokens:
        # A table's cells are no sentences; of web pages they are left out too.
        tables += (token.type == "table_open") - (token.type == "table_close")
        items += (token.type == "list_item_open") - (token.type == "list_item_close")
        if token.type == "heading_open":
            kind, level = BlockKind.HEADING, int(token.tag[1:])
        elif token.type == "inline" and not tables:
            yield (BlockKind.ITEM if items and not level else kind), level, token
        elif token.type == "heading_close":
            kind, level = BlockKind.PARAGRAPH, 0


def _plain(inline: Any) -> str:
    pieces = []
    for child in inline.children or []:
        if child.type in {"text", "code_inline"}:
            pieces.append(child.content)
        elif child.type == "softbreak":
            pieces.append(" ")
        elif child.type == "hardbreak":
            pieces.append("\n")
    return "".join(pieces)


def _blocks(inline: Any, kind: BlockKind) -> Iterator[Block]:
    children = inline.children or []
    words = [child for child in children if child.type in {"text", "code_inline"} and child.content.strip()]
    linked = bool(words) and len(words) == 1 and any(child.type == "link_open" for child in children)
    for line in map(tidy, _plain(inline).split("\n")):
        if line:
            yield replace(Block(text=line, kind=kind), linked=linked)


def _image(inline: Any) -> Image | None:
    for child in inline.children or []:
        if child.type == "image" and (url := absolute(str(child.attrs.get("src", "")))):
            return Image(url=url, alt=tidy(child.content))
    return None
