"""Every paragraph's mark: the reason to leave it out, or none. First each by itself, then the row as a whole.

Bios are looked for upwards from the end, an appeal takes its neighbours along, and from the first bio, credit or appeal
in the second half everything is closing matter when little prose follows (the cascade).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.articles.blocks import Block, BlockKind
from digest.articles.extraction import phrases
from digest.articles.extraction.verdicts import (
    Known,
    Place,
    asks_for_support,
    ends_as_sentence,
    is_bio,
    is_prose,
    tells_of_house,
    verdict,
)
from digest.model import DropReason

Marks = list[DropReason | None]

CLOSING = {DropReason.BIO, DropReason.CREDIT, DropReason.APPEAL}
#: The cascade never swallows more than so many blocks.
_LONGEST_TAIL = 14
#: Blocks from the end in which a house may speak of itself.
_LONGEST_ABOUT = 8


def marks_of(blocks: list[Block], known: Known) -> Marks:
    marks: Marks = [verdict(block, Place(at=at, of=len(blocks)), known) for at, block in enumerate(blocks)]
    _mark_above_headline(blocks, marks)
    _mark_labelled_corrections(blocks, marks)
    _mark_closing(blocks, marks, known)
    _mark_opening(blocks, marks, known)
    _mark_about_house(blocks, marks, known)
    _mark_about_boxes(blocks, marks)
    _spread_appeals(blocks, marks)
    _cut_tail(blocks, marks)
    _mark_teasers(blocks, marks)
    _mark_empty_headings(blocks, marks)
    return marks


def _mark_above_headline(blocks: list[Block], marks: Marks) -> None:
    """What stands above the headline is a kicker or another story's teaser."""
    for at, (block, mark) in enumerate(zip(blocks, marks, strict=True)):
        if mark is DropReason.HEADLINE and block.kind is BlockKind.HEADING:
            marks[:at] = [above or DropReason.FRAGMENT for above in marks[:at]]


def _mark_labelled_corrections(blocks: list[Block], marks: Marks) -> None:
    """ "Correction" over a notice that does not say so itself."""
    for at in range(len(blocks) - 1):
        if phrases.CORRECTION_LABEL.search(blocks[at].text) and ends_as_sentence(blocks[at + 1].text):
            marks[at] = marks[at + 1] = DropReason.CORRECTION


# --- Bios and single asks -------------------------------------------------------------------------------


def _mark_closing(blocks: list[Block], marks: Marks, known: Known) -> None:
    """Upwards from the end, through closing matter and short lines, as long as no prose stands below."""
    for at in range(len(blocks) - 1, max(-1, len(blocks) - 1 - 2 * _LONGEST_TAIL), -1):
        if marks[at] is not None:
            continue
        if is_bio(at, blocks, known, marked=_is_marked(at, blocks, marks)):
            marks[at] = DropReason.BIO
            _mark_continuation(at, blocks, marks)
        elif asks_for_support(blocks[at].text, near_edge=True):
            marks[at] = DropReason.APPEAL
        elif is_prose(blocks[at]) and not _may_close(at, blocks, marks):
            break


def _mark_opening(blocks: list[Block], marks: Marks, known: Known) -> None:
    """An ask or the author's bio above the piece."""
    for at in range(min(2, len(blocks) // 3)):
        if marks[at] is not None:
            continue
        if known.byline and is_bio(at, blocks, known, marked=False):
            marks[at] = DropReason.BIO
        elif blocks[at].words <= 40 and asks_for_support(blocks[at].text, near_edge=True):
            marks[at] = DropReason.APPEAL


def _is_marked(at: int, blocks: list[Block], marks: Marks) -> bool:
    follows = any(mark in CLOSING for mark in marks[at + 1 : at + 4])
    precedes = at > 0 and (marks[at - 1] in CLOSING or marks[at - 1] is DropReason.FRAGMENT)
    return follows or precedes or blocks[at].text.startswith(("(", "[", "—", "–", "*"))


def _may_close(at: int, blocks: list[Block], marks: Marks) -> bool:
    """Prose that may stand below a bio: more about the author, a disclaimer, or words around an appeal."""
    text = blocks[at].text
    above = next((marks[up] for up in range(at - 1, -1, -1) if marks[up] is not None or is_prose(blocks[up])), None)
    around = DropReason.APPEAL in marks[at + 1 : at + 4] or above in {DropReason.APPEAL, DropReason.CREDIT}
    return bool(phrases.BIO_GOES_ON.search(text) or phrases.CLOSING.search(text) or around)


def _mark_continuation(at: int, blocks: list[Block], marks: Marks) -> None:
    for below in range(at + 1, min(at + 4, len(blocks))):
        if marks[below] is not None or not phrases.BIO_GOES_ON.search(blocks[below].text):
            return
        marks[below] = DropReason.BIO


def _mark_about_house(blocks: list[Block], marks: Marks, known: Known) -> None:
    """ "Riverbend Mills is a maker of …" at the end of its own press release: who publishes is not the news."""
    for at in range(len(blocks) - 1, max(-1, len(blocks) - 1 - _LONGEST_ABOUT), -1):
        if marks[at] is None and is_prose(blocks[at]):
            if at < len(blocks) / 2 or not tells_of_house(blocks[at].text, known.publisher):
                return
            marks[at] = DropReason.BIO


def _mark_about_boxes(blocks: list[Block], marks: Marks) -> None:
    """ "About Riverbend Mills" over the last paragraphs of a press release, to the end."""
    for at in range(len(blocks) // 2, len(blocks) - 1):
        block = blocks[at]
        opens = re.match(r"^(?:about|à propos d|über|sobre|acerca de) ?\S", block.text, re.IGNORECASE)
        if opens and block.words <= 8 and not ends_as_sentence(block.text) and len(blocks) - at <= 8:
            marks[at:] = [mark or DropReason.BIO for mark in marks[at:]]
            return


# --- Appeals and the cascade ----------------------------------------------------------------------------


def _spread_appeals(blocks: list[Block], marks: Marks) -> None:
    """The paragraphs next to an appeal that speak to the reader too, or that two parts of it enclose."""
    for step in (1, -1):
        order = range(len(blocks)) if step == 1 else range(len(blocks) - 1, -1, -1)
        for at in order:
            before = at - step
            if marks[at] is None and 0 <= before < len(blocks) and marks[before] is DropReason.APPEAL:
                text = blocks[at].text
                if asks_for_support(text, near_edge=True) or (phrases.THANKS.search(text) and blocks[at].words <= 25):
                    marks[at] = DropReason.APPEAL
    for at in range(1, len(blocks) - 1):
        if marks[at] is None and marks[at - 1] is marks[at + 1] is DropReason.APPEAL:
            marks[at] = DropReason.APPEAL


def _cut_tail(blocks: list[Block], marks: Marks) -> None:
    """The cascade: from the first bio, credit or appeal in the second half, when little prose follows, to the end."""
    start = next((at for at in range(len(blocks)) if _opens_tail(at, blocks, marks)), None)
    if start is None:
        return
    for at in range(start, len(blocks)):
        if marks[at] is None:
            marks[at] = _in_tail(at, blocks, marks)
    # The publisher's name, or "About the author", stands right above what it announces.
    for at in range(start - 1, 0, -1):
        if marks[at] is None and (
            blocks[at].words > 6 or ends_as_sentence(blocks[at].text) or blocks[at].text.endswith(":")
        ):
            return
        marks[at] = marks[at] or DropReason.TAIL


def _opens_tail(at: int, blocks: list[Block], marks: Marks) -> bool:
    rest = range(at + 1, len(blocks))
    if marks[at] not in CLOSING or len(rest) > _LONGEST_TAIL or at < _words_half(blocks):
        return False
    last_closing = max((below for below in rest if marks[below] in CLOSING), default=at)
    prose = [below for below in rest if marks[below] is None and is_prose(blocks[below])]
    enclosed = [below for below in prose if below < last_closing]
    # Prose after the last bio, credit or appeal is body again, unless it closes the piece in so many words.
    beyond = [below for below in prose if below > last_closing and not phrases.CLOSING.search(blocks[below].text)]
    return not beyond and len(enclosed) <= max(2, len(rest) // 2)


def _words_half(blocks: list[Block]) -> int:
    """Index of the block that a third of all words stand above: long appeals move the middle up."""
    total, so_far = sum(block.words for block in blocks), 0
    for at, block in enumerate(blocks):
        if so_far >= total / 3 or at >= len(blocks) / 2:
            return at
        so_far += block.words
    return len(blocks)


def _in_tail(at: int, blocks: list[Block], marks: Marks) -> DropReason:
    """Prose in the tail belongs to the appeal it stands by; anything else is only tail."""
    if not is_prose(blocks[at]) or phrases.CLOSING.search(blocks[at].text):
        return DropReason.TAIL
    near = [*marks[max(0, at - 1) : at], *marks[at + 1 : at + 3]]
    return DropReason.APPEAL if DropReason.APPEAL in near else DropReason.TAIL


# --- Teasers and headings without text ------------------------------------------------------------------


def _mark_teasers(blocks: list[Block], marks: Marks) -> None:
    """A list that opens with links, with no prose below it, is "read also"; further up it may be the story itself."""
    last_prose = max((at for at, block in enumerate(blocks) if marks[at] is None and _is_paragraph(block)), default=0)
    for run in _runs(blocks, BlockKind.ITEM):
        teasers = [at for at in run if marks[at] is DropReason.PROMOTION or blocks[at].linked]
        whole = all(marks[at] is DropReason.PROMOTION for at in teasers)
        if len(teasers) >= 0.6 * len(run) and (whole or (len(run) >= 3 and run[0] > last_prose)):
            for at in run:
                marks[at] = marks[at] or DropReason.PROMOTION


def _is_paragraph(block: Block) -> bool:
    return block.kind is BlockKind.PARAGRAPH and is_prose(block)


def _runs(blocks: list[Block], kind: BlockKind) -> Iterator[list[int]]:
    run: list[int] = []
    for at, block in enumerate(blocks):
        if block.kind is kind:
            run.append(at)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _mark_empty_headings(blocks: list[Block], marks: Marks) -> None:
    """A heading whose whole section was left out goes with it, as does one that closes the page."""
    for at in range(len(blocks) - 1, -1, -1):
        if marks[at] is not None or not _is_heading(blocks[at]):
            continue
        if marks[at + 1 : at + 3] == [DropReason.PROMOTION] * 2:
            marks[at] = DropReason.PROMOTION
            continue
        if blocks[at].kind is not BlockKind.HEADING:
            continue
        below = next((down for down in range(at + 1, len(blocks)) if marks[down] is None), None)
        if below is None:
            marks[at] = DropReason.TAIL
        elif below > at + 1 and blocks[below].kind is BlockKind.HEADING:
            marks[at] = DropReason.FRAGMENT


def _is_heading(block: Block) -> bool:
    return block.kind is BlockKind.HEADING or (block.words <= 8 and not ends_as_sentence(block.text))
