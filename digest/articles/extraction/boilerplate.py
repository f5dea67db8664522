"""What on a page is the article, and what only stands around it.

Every paragraph is judged by itself (`verdicts`), then the row as a whole (`marking`). Nothing vanishes: what is left
out keeps its reason, and a filter that would leave too little is not believed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from digest.articles.blocks import Block
from digest.articles.extraction.marking import CLOSING, Marks, marks_of
from digest.articles.extraction.verdicts import Known, Place, is_origin
from digest.model import Dropped, DropReason

#: What is known for what it is, even where the rest was misread.
_KNOWN = CLOSING | {DropReason.HEADLINE, DropReason.STANDFIRST, DropReason.CORRECTION}
#: Of what a warning names.
_NAMED = 4
#: A filter that leaves less than this share has misread the page.
_LEAST_LEFT = 0.4
#: A body of so many words stands by itself, however long an appeal came with it.
_ENOUGH = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Cleaned:
    """The body's paragraphs, and everything else in its own place."""

    body: tuple[str, ...]
    bio: str = ""
    credit: str = ""
    appeal: str = ""
    correction: str = ""
    dropped: tuple[Dropped, ...] = ()
    warnings: tuple[str, ...] = field(default=())


def clean(blocks: list[Block], known: Known) -> Cleaned:
    """Part the body from what stands around it."""
    blocks = list(_without_repeats(blocks))
    marks = marks_of(blocks, known)
    if _left_too_little(blocks, marks):
        kept = [mark if mark in _KNOWN | {DropReason.TAIL} else None for mark in marks]
        kept = [None] * len(blocks) if _left_too_little(blocks, kept) else kept
        return _sorted(blocks, kept, (_unfiltered(blocks, marks, kept),))
    return _sorted(blocks, marks, ())


def _unfiltered(blocks: list[Block], marks: Marks, kept: Marks) -> str:
    """What an editor is told, with what the filter would have left out."""
    spared = [(block, mark) for block, mark, left in zip(blocks, marks, kept, strict=True) if mark and not left]
    named = "; ".join(f"{mark.value}: “{_opening(block.text)}”" for block, mark in spared[:_NAMED])
    more = f"; and {len(spared) - _NAMED} more" if len(spared) > _NAMED else ""
    return (
        "Nearly all of it looked like boilerplate, so the text was kept unfiltered: read it before you use it."
        f" It would have gone as {named}{more}."
    )


def _opening(text: str) -> str:
    words = text.split()
    return " ".join(words[:8]) + (" …" if len(words) > 8 else "")


def _without_repeats(blocks: list[Block]) -> Iterator[Block]:
    """Pages print pull quotes and captions twice, close together; a question asked again further down stays."""
    for at, block in enumerate(blocks):
        if block.words < 8 or all(block.text != other.text for other in blocks[max(0, at - 3) : at]):
            yield block


# --- The outcome ----------------------------------------------------------------------------------------


def _left_too_little(blocks: list[Block], marks: Marks) -> bool:
    kept = sum(block.words for block, mark in zip(blocks, marks, strict=True) if mark is None)
    # A bio, a credit and an appeal are known for what they are; they say nothing about the rest having been misread.
    known = sum(block.words for block, mark in zip(blocks, marks, strict=True) if mark in _KNOWN)
    total = sum(block.words for block in blocks)
    return kept < _LEAST_LEFT * (total - known) or (kept < min(_ENOUGH, _LEAST_LEFT * total))


def _sorted(blocks: list[Block], marks: Marks, warnings: tuple[str, ...]) -> Cleaned:
    pairs = list(zip(blocks, marks, strict=True))
    places = [Place(at=at, of=len(blocks)) for at in range(len(blocks))]
    origins = [
        block.text
        for (block, mark), place in zip(pairs, places, strict=True)
        if mark is DropReason.CREDIT and is_origin(block, place)
    ]
    return Cleaned(
        body=tuple(block.text for block, mark in pairs if mark is None),
        bio=_joined(pairs, DropReason.BIO),
        credit=" ".join(origins),
        appeal=_joined(pairs, DropReason.APPEAL),
        correction=_joined(pairs, DropReason.CORRECTION, " "),
        dropped=tuple(Dropped(text=block.text, reason=mark) for block, mark in pairs if mark is not None),
        warnings=warnings,
    )


def _joined(pairs: list[tuple[Block, DropReason | None]], reason: DropReason, glue: str = "\n\n") -> str:
    return glue.join(block.text for block, mark in pairs if mark is reason)
