"""How newsrooms word what is not their article: corrections, credits, appeals, promotion, captions, bylines, bios.

The lists name wordings, never sites. All languages are always tried: pages lie about theirs, and a pattern is specific
enough to be silent in the others.
"""

from __future__ import annotations

from digest.articles.extraction.phrases.appeals import ADDRESS, APPEAL, HINT, REPORTED, THANKS
from digest.articles.extraction.phrases.captions import CAPTION
from digest.articles.extraction.phrases.corrections import CORRECTION, CORRECTION_HINTS, CORRECTION_LABEL
from digest.articles.extraction.phrases.credits import AGENCIES, LICENCE, NO_ORIGIN, ORIGIN, REPORTERS
from digest.articles.extraction.phrases.people import (
    BIO_GOES_ON,
    BIO_HIGH,
    BIO_PLAIN,
    BIO_UNCASED,
    BIO_WRITER,
    BY_NAMES,
    BYLINE,
    HOUSE,
    NAME,
)
from digest.articles.extraction.phrases.promotion import CLOSING, PROMOTION
from digest.articles.extraction.phrases.walls import (
    CHALLENGE,
    CONSENT,
    ERROR_TITLE,
    LOGIN_TITLE,
    PAYWALL,
    PAYWALL_HINTS,
    SCRIPTS,
)
from digest.articles.extraction.phrases.wording import hinted

__all__ = [
    "ADDRESS",
    "AGENCIES",
    "APPEAL",
    "BIO_GOES_ON",
    "BIO_HIGH",
    "BIO_PLAIN",
    "BIO_UNCASED",
    "BIO_WRITER",
    "BYLINE",
    "BY_NAMES",
    "CAPTION",
    "CHALLENGE",
    "CLOSING",
    "CONSENT",
    "CORRECTION",
    "CORRECTION_HINTS",
    "CORRECTION_LABEL",
    "ERROR_TITLE",
    "HINT",
    "HOUSE",
    "LICENCE",
    "LOGIN_TITLE",
    "NAME",
    "NO_ORIGIN",
    "ORIGIN",
    "PAYWALL",
    "PAYWALL_HINTS",
    "PROMOTION",
    "REPORTED",
    "REPORTERS",
    "SCRIPTS",
    "THANKS",
    "hinted",
]
