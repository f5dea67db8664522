"""Why one paragraph, where it stands, is not part of the body.

A verdict looks at wording and place together: "is a lawyer" in the middle of a story is news, at its end a bio. The
whole row of paragraphs is judged in `boilerplate`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from digest.articles.blocks import Block, BlockKind
from digest.articles.extraction import phrases
from digest.articles.extraction.facts import as_byline
from digest.articles.extraction.headlines import bare_name, squashed
from digest.model import DropReason

_END = re.compile(r"[.!?…؟。׃][\"'”’»›)\]]*$")
_LINK = re.compile(r"https?://|www\.|\.com/")
#: Words; longer ones are an article about a mistake.
_LONGEST_CORRECTION = 150
_QUOTED = re.compile(r"[“«„].*?[”»“]|(?<!\w)\"[^\"]*\"(?!\w)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What is known about the article before its paragraphs are judged."""

    headline: str = ""
    standfirst: str = ""
    byline: str = ""
    publisher: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a block stands: its index, and how many there are."""

    at: int
    of: int

    @property
    def is_top(self) -> bool:
        return self.at < 3

    @property
    def is_end(self) -> bool:
        """Where closing matter may begin; a long appeal moves everything else up."""
        return self.at >= 0.4 * self.of


def ends_as_sentence(text: str) -> bool:
    return bool(_END.search(text))


def is_prose(block: Block) -> bool:
    """A paragraph of running text, as a body is made of."""
    return block.words >= 12 and ends_as_sentence(block.text)


def verdict(block: Block, place: Place, known: Known) -> DropReason | None:
    """The reason to leave `block` out, judged by itself and its place; None for body."""
    text = block.text
    if not any(character.isalpha() for character in text) or (block.words == 1 and _LINK.search(text)):
        return DropReason.FRAGMENT
    if place.at < 5 and repeats(text, known.headline):
        return DropReason.HEADLINE
    if place.at < 4 and _is_standfirst(block, known):
        return DropReason.STANDFIRST
    if is_correction(text):
        return DropReason.CORRECTION
    return _by_wording(block, place, known)


def is_correction(text: str) -> bool:
    """Does the newsroom say here what it got wrong in this very piece?"""
    if len(text.split()) > _LONGEST_CORRECTION or not phrases.hinted(text, phrases.CORRECTION_HINTS):
        return False
    return bool(phrases.CORRECTION.search(text))


def _is_standfirst(block: Block, known: Known) -> bool:
    """The page's own description again, and set as no paragraph of the text is."""
    if block.kind is not BlockKind.HEADING and not block.set_apart:
        return False
    said = known.standfirst
    return repeats(block.text, said) or is_cut_from(said, block.text) or is_cut_from(block.text, said)


def is_cut_from(standfirst: str, text: str) -> bool:
    """Is `standfirst` only the beginning of `text`? Descriptions are cut to the length that search engines show."""
    start = standfirst.rstrip(" .…")
    return len(start.split()) >= 8 and len(text) > len(standfirst) and text.startswith(start)


def _by_wording(block: Block, place: Place, known: Known) -> DropReason | None:
    text, words = block.text, block.words
    if _is_byline(block, place, known):
        return DropReason.BYLINE
    if words <= 60 and phrases.CAPTION.search(text):
        return DropReason.CAPTION
    if _is_credit(block, place) or (words <= 60 and phrases.REPORTERS.search(text)):
        return DropReason.CREDIT
    if asks_for_support(text):
        return DropReason.APPEAL
    if _is_promotion(block):
        return DropReason.PROMOTION
    return None


def is_origin(block: Block, place: Place) -> bool:
    """Does it say who first published the piece? At the edges only: in the middle it speaks of something else."""
    return _is_credit(block, place) and _names_origin(block.text)


def _names_origin(text: str) -> bool:
    return bool(phrases.ORIGIN.search(text)) and not phrases.NO_ORIGIN.search(text)


def _is_credit(block: Block, place: Place) -> bool:
    """Is it about where the piece was published, or how it is licensed? Only the first of these is kept."""
    at_edge = block.words <= 80 and (place.is_top or place.is_end)
    return at_edge and bool(phrases.ORIGIN.search(block.text) or phrases.LICENCE.search(block.text))


def asks_for_support(text: str, *, near_edge: bool = False) -> bool:
    """Does the publisher ask its readers for support here? Reported speech and quotations ask nobody.

    One wording of an ask may stand in any column; it counts `near_edge` only, where nothing but closing matter follows.
    """
    if not phrases.HINT.search(text):
        return False
    plain = _QUOTED.sub(" ", _quotable(text))
    hits = sum(bool(pattern.search(plain)) for pattern in phrases.APPEAL)
    if not hits or phrases.REPORTED.search(plain):
        return hits >= 3
    addressed = bool(phrases.ADDRESS.search(plain))
    return hits + addressed >= 2 if near_edge else hits >= 2 and addressed


def _quotable(text: str) -> str:
    """The text without marks that open what nothing closes: each would be followed to the end, and the end anew."""
    closed = max(text.rfind(mark) for mark in "”»“") + 1
    return text[:closed] + text[closed:].replace("«", " ").replace("„", " ")


def is_clutter(text: str) -> bool:
    """Promotion, appeal, credit, caption or byline rather than a line of the story."""
    patterns = (
        phrases.PROMOTION,
        phrases.REPORTERS,
        phrases.ORIGIN,
        phrases.LICENCE,
        phrases.CAPTION,
        phrases.BYLINE,
        phrases.CLOSING,
    )
    short = len(text.split()) <= 12
    return any(pattern.search(text) for pattern in patterns) or asks_for_support(text, near_edge=short)


def _is_promotion(block: Block) -> bool:
    if block.words <= 60 and phrases.PROMOTION.search(block.text):
        return True
    if block.words <= 60 and asks_to_pay(block.text):
        return True
    # A teaser: the whole line is a link, and it is no sentence.
    return block.linked and block.words >= 3 and not is_prose(block)


def asks_to_pay(text: str) -> bool:
    """Is it the notice that a text breaks off at? Reported speech asks nobody."""
    if not phrases.hinted(text, phrases.PAYWALL_HINTS):
        return False
    return bool(phrases.PAYWALL.search(text)) and not phrases.REPORTED.search(text)


def _is_byline(block: Block, place: Place, known: Known) -> bool:
    if block.words > 16:
        return False
    if known.byline and place.at < 6 and not ends_as_sentence(block.text):
        names = {name.lower() for name in re.findall(r"[^\W\d_]{3,}", known.byline)}
        words = {word.lower() for word in re.findall(r"[^\W\d_]{3,}", block.text)}
        if names and names <= words and len(words) <= len(names) + 6:
            return True
    return bool(phrases.BYLINE.search(block.text))


def repeats(text: str, line: str) -> bool:
    """Is `text` the same line as `line`, give or take a word and the punctuation?"""
    if not line or len(text) > 2 * len(line) + 20:
        return False
    from rapidfuzz import fuzz, utils

    score = fuzz.token_sort_ratio(text, line, processor=utils.default_process)
    subset = fuzz.token_set_ratio(text, line, processor=utils.default_process)
    lengths = sorted((len(text.split()), len(line.split())))
    return score >= 85 or (subset >= 90 and lengths[0] >= 0.6 * lengths[1] and lengths[0] >= 3)


def is_bio(at: int, blocks: Sequence[Block], known: Known, *, marked: bool) -> bool:
    """Is block `at`, which only closing matter follows, about the author?

    `marked`: other closing matter (a credit, an appeal) stands next to it, or it is set in brackets. A news story
    can end on "… is a lawyer" too; but then its subject has been named before.
    """
    block = blocks[at]
    text = block.text
    if block.words > 120:
        return False
    if phrases.BIO_WRITER.search(text):
        return True
    by_author = _names_author(text, known.byline)
    straight = text.replace("“", '"').replace("”", '"')
    if not by_author and (phrases.REPORTED.search(text) or _QUOTED.search(_quotable(straight))):
        return False
    if phrases.BIO_UNCASED.search(text):
        return True
    if not by_author and _named_before(at, blocks):
        return False
    high = phrases.BIO_HIGH.search(text) and (by_author or marked)
    return bool(phrases.BIO_PLAIN.search(text) or high)


def tells_of_house(text: str, publisher: str) -> bool:
    """Does it say what the publisher is and does, as below press releases? "The Courier is told …" is news."""
    name = bare_name(publisher)
    if len(name) < 3 or not squashed(text[: len(publisher) + 20]).startswith(name):
        return False
    return bool(phrases.HOUSE.search(text[:200])) and not phrases.REPORTED.search(text)


def _names_author(text: str, byline: str) -> bool:
    names = [name.lower() for name in re.findall(r"[^\W\d_]{2,}", byline)]
    opening = text.lower()[: max(60, len(byline) + 20)]
    return bool(names) and names[-1] in opening and names[0] in opening


def _named_before(at: int, blocks: Sequence[Block]) -> bool:
    found = phrases.NAME.match(blocks[at].text)
    if not found:
        return False
    surname = re.compile(rf"\b{re.escape(found.group(1).split()[-1].rstrip('.,’'))}\b")
    # A byline line names the author too; only prose makes somebody a subject of the story.
    return any(is_prose(block) and surname.search(block.text) for block in blocks[:at])


def byline_among(blocks: Sequence[Block]) -> str:
    """The names of a "By …" line at the top; empty when there is none."""
    for block in blocks[:4]:
        if block.words <= 16 and phrases.BYLINE.search(block.text) and phrases.BY_NAMES.match(block.text):
            return as_byline(re.split(r"\s[|•–—]\s|, \d", block.text)[0])
    return ""
