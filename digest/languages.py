"""The languages that pages and mails speak, and which of them somebody is spoken to in.

A reader's own choice comes first; then the language of the newsletter that a page or a mail is about. What a browser
says it would like counts only where neither is known: a link that is broken, the front page of the house. A link from
a mail would otherwise speak another language than the mail, on a borrowed machine or behind a company's default.
"""

from __future__ import annotations

from collections.abc import Collection

#: By code, with the name that their speakers give them.
LANGUAGES = {"en": "English", "fr": "Français", "de": "Deutsch", "es": "Español", "he": "עברית", "ar": "العربية"}

#: Characters of Accept-Language that are read; browsers write a few dozen.
_LONGEST = 500


def spoken_to(chosen: str, newsletters: str) -> str:
    """The language of a reader who chose `chosen`, of a newsletter in another one; the latter where we lack words."""
    return chosen if chosen in LANGUAGES else newsletters


def wished(accept_language: str, offered: Collection[str]) -> str:
    """The first of `offered` that a browser asks for in its Accept-Language; empty when it asks for none of them."""
    wishes: list[tuple[float, int, str]] = []
    for part in accept_language[:_LONGEST].split(","):
        tag, _, weight = part.partition(";")
        language = tag.strip().partition("-")[0].lower()
        if language in offered and (much := _weight(weight)) > 0:
            wishes.append((-much, len(wishes), language))
    return min(wishes)[2] if wishes else ""


def _weight(said: str) -> float:
    name, _, value = said.strip().partition("=")
    if not said.strip():
        return 1.0
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
