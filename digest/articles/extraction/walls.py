"""What stands in an article's way: pages that are none, and texts that break off for who does not pay.

An error, a test of humanity, a log-in or a form of consent comes with "200 OK" and words enough to be summarised. They
are told by their titles, and by how little else they say; a page with a whole article on it is never one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from digest.articles.blocks import Block, tidy
from digest.articles.extraction import phrases
from digest.articles.extraction.facts import Found
from digest.articles.extraction.headlines import Site, without_site
from digest.articles.extraction.verdicts import asks_to_pay, ends_as_sentence, is_prose
from digest.errors import InputError
from digest.model import Access

#: Words of prose; with so many a page holds an article, whatever its title is.
_ARTICLE = 250
#: With so few it holds none, and a field for a password is what it is about.
_NOTHING = 40
#: A text that readers must pay for is whole from here on, unless it breaks off; and where a notice stands below it.
_WHOLE = 120
_WHOLE_ABOVE_NOTICE = 400
#: Words of a notice.
_LONGEST_NOTICE = 60
_MOST_TITLES = 5
#: Of the words that the publisher counted.
_LEAST_SHARE = 0.6
#: Characters of a page that are looked at for what it says of itself.
_LOOKED_AT = 3000

_NAME = re.compile(r"\s[|–—·•»-]\s(?=(?:\S++ ?+){1,4}+$)")
#: Characters; what is longer is no title of such a page.
_LONGEST_TITLE = 200

CUT_OFF = (
    "Only its beginning is free to read, so nothing is summarised from it: write the summary yourself, or leave it out."
)
PAID = "The publisher says that readers have to pay or to register: some will not get to read it."
_ELSEWHERE = "Save the article in a browser where you can read it (.html, .txt), and add the file."


def refuse(root: Any, blocks: Sequence[Block], location: str) -> None:
    """Raise InputError, in words for an editor, when the page is something else than an article."""
    prose = sum(block.words for block in blocks if is_prose(block))
    if prose >= _ARTICLE:
        return
    titles = _titles(root, location)
    said = _words_of(root)
    if named := _matching(phrases.ERROR_TITLE, titles):
        raise InputError(
            f"{location} is an error page (“{named}”), not an article.",
            hint="Open the address in a browser: the article may have moved, or been taken down.",
        )
    if named := _matching(phrases.CHALLENGE, [*titles, said[:300]]):
        raise InputError(
            f"{location} tests whether a person is reading (“{named[:60]}”), and shows no article.",
            hint=f"The site turns programs away: ask it for a feed. {_ELSEWHERE}",
        )
    if _asks_for_consent(said, prose):
        raise InputError(f"{location} asks for consent to cookies, and shows no article.", hint=_ELSEWHERE)
    if phrases.SCRIPTS.search(said) and prose < _NOTHING:
        raise InputError(f"{location} is empty until scripts run in it, and they are not run here.", hint=_ELSEWHERE)
    if _matching(phrases.LOGIN_TITLE, titles) or (prose < _NOTHING and _has_password(root)):
        raise InputError(f"{location} asks to log in, and shows no article.", hint=_ELSEWHERE)


def _titles(root: Any, location: str) -> list[str]:
    title = root.find(".//title")
    lines = [title.text or ""] if title is not None else []
    lines += [heading.text_content() for heading in root.iter("h1")]
    names = [tag.get("content") or "" for tag in root.xpath('//meta[@property="og:site_name"]')]
    site = Site.of("", location, also=names)
    tidied = (tidy(line[: 2 * _LONGEST_TITLE]) for line in lines[:_MOST_TITLES])
    whole = [without_site(line, site) for line in tidied if 0 < len(line) <= _LONGEST_TITLE]
    # "Page introuvable - Les Nouvelles", of a site that does not name itself.
    firsts = [_NAME.split(line, 1)[0] for line in whole]
    return whole + firsts


def _words_of(root: Any) -> str:
    """What the page shows first, without scripts."""
    pieces: list[str] = []
    room = _LOOKED_AT
    for element in root.iter():
        if not isinstance(element.tag, str) or element.tag in {"script", "style", "template", "head", "title"}:
            text = element.tail
        else:
            text = f"{element.text or ''} {element.tail or ''}"
        if text and (said := text.strip()):
            pieces.append(said)
            room -= len(said)
        if room < 0:
            break
    return tidy(" ".join(pieces))[:_LOOKED_AT]


def _matching(pattern: Any, lines: Sequence[str]) -> str:
    return next((line for line in lines if line and pattern.search(line)), "")


def _asks_for_consent(said: str, prose: int) -> bool:
    hits = len({found.group().casefold() for found in phrases.CONSENT.finditer(said)})
    return hits >= 2 and (prose < _NOTHING or hits >= 3) and len(said) < _LOOKED_AT


def _has_password(root: Any) -> bool:
    return any((field.get("type") or "").lower() == "password" for field in root.iter("input"))


# --- Paying ------------------------------------------------------------------------------------------------


def access_of(found: Found, blocks: Sequence[Block], body: str) -> Access:
    """Whether the body is the article, and whether its readers get to it."""
    asked = any(block.words <= _LONGEST_NOTICE and asks_to_pay(block.text) for block in blocks)
    if not (asked or found.locked):
        return Access.FREE
    words = len(body.split())
    is_short = words < (_WHOLE_ABOVE_NOTICE if asked else _WHOLE) or words < _LEAST_SHARE * found.length
    return Access.CUT if is_short or _breaks_off(body) else Access.PAID


def _breaks_off(body: str) -> bool:
    last = body.rstrip().rpartition("\n")[2]
    return last.endswith(("…", "...", "…]", "...]")) or not ends_as_sentence(last)
