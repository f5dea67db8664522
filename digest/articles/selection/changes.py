"""What changed on the page of a story since an editor approved it: pure, from two readings of it.

Four things are worth an editor's morning: the page is gone, it has another headline, the publisher corrected it, or
readers have to pay for it now. Everything else on a page changes all day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from digest.model import Access, Finding, Level, Reading


class Changed(StrEnum):
    """What is worth an editor's morning."""

    VANISHED = "vanished"
    HEADLINE = "headline"
    CORRECTION = "correction"
    PAYWALL = "paywall"


class Then(StrEnum):
    """What a change of a kind does to an issue that is to be sent."""

    STOP = "stop"
    WARN = "warn"
    IGNORE = "ignore"


#: What each kind does where the settings say nothing else. A summary may repeat what was corrected, and a link that
#: leads nowhere is worse than a day without the story.
USUAL: Mapping[Changed, Then] = {
    Changed.VANISHED: Then.STOP,
    Changed.HEADLINE: Then.WARN,
    Changed.CORRECTION: Then.STOP,
    Changed.PAYWALL: Then.WARN,
}

_CODES = {
    Changed.VANISHED: "story-vanished",
    Changed.HEADLINE: "story-headline-changed",
    Changed.CORRECTION: "story-corrected",
    Changed.PAYWALL: "story-behind-paywall",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    kind: Changed
    #: A sentence about the page.
    said: str


def between(then: Reading, now: Reading) -> Iterator[Change]:
    """What changed from one reading to the other."""
    if now.gone:
        if not then.gone:
            yield Change(kind=Changed.VANISHED, said=f"Its page is gone: {now.gone}.")
        return
    if then.headline and now.headline and _plain(then.headline) != _plain(now.headline):
        said = f"Its publisher changed the headline from “{then.headline}” to “{now.headline}”."
        yield Change(kind=Changed.HEADLINE, said=said)
    if now.correction and _plain(now.correction) != _plain(then.correction):
        yield Change(kind=Changed.CORRECTION, said=f"Its publisher corrected it: “{now.correction}”")
    if _WALLS.index(now.access) > _WALLS.index(then.access):
        what = "have to pay for it or log in" if now.access is Access.PAID else "see only its beginning"
        yield Change(kind=Changed.PAYWALL, said=f"Its readers {what} now.")


_WALLS = (Access.FREE, Access.PAID, Access.CUT)


def in_words(headline: str, change: Change, then: Then) -> Finding:
    """What an editor is told of a change."""
    todo = " The issue is not sent until somebody approves it again." if then is Then.STOP else ""
    return Finding(level=Level.WARNING, code=_CODES[change.kind], message=change.said + todo, where=headline)


def not_read(headline: str, now: Reading) -> Finding:
    """Whether it changed is not known; that stops nothing."""
    said = f"Its page could not be looked at again: {now.trouble}"
    return Finding(level=Level.HINT, code="story-not-read-again", message=said, where=headline)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
