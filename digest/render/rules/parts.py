"""Rules on what every mail must have: the appeal, the address, the way out, a text part, a size that arrives whole."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.model import Finding
from digest.render.reading import one_spaced
from digest.render.rules.mail import Mail
from digest.render.slots import Part

#: Gmail clips a mail beyond 102 KB, and with it the postal address and the way to leave.
CLIPPED = 102_000
#: Slots are filled and links rewritten on the way: from here on it gets close.
NEARLY_CLIPPED = 95_000

_UNFILLED = re.compile(r"\b(?:TODO|TBD|FIXME|TKTK)\b|(?i:lorem ipsum)|\{\{|\}\}|\{%|%\}|\*\|[A-Z_]+\|\*")
#: "Todo" is a word in these languages.
_TODO_IS_A_WORD = frozenset(("es", "gl", "pt"))
#: A text part with less than this share of the words of the html has lost something.
_SHARE = 0.6


def appeal_can_be_followed(mail: Mail) -> Iterator[Finding]:
    composed, appeal = mail.edition.appeal, mail.shown.appeal
    if composed is None or appeal is None:
        return
    for name in ("monthly", "one_time"):
        wanted, button = getattr(composed, name), getattr(appeal, name)
        if wanted and not button:
            yield mail.error("appeal-unlinked", f"The button “{wanted.label}” has no web link.", where="appeal")
        elif button and not (_links_to(mail, button.url) and button.url in mail.rendered.text):
            said = f"The button “{button.label}” is not in the html and the text."
            yield mail.error("appeal-missing", said, where="appeal")
    if one_spaced(appeal.headline) not in mail.page.words or one_spaced(appeal.headline) not in mail.text:
        yield mail.error("appeal-missing", "The appeal is not in the html and the text.", where="appeal")


def postal_address_is_there(mail: Mail) -> Iterator[Finding]:
    lines = [one_spaced(line) for line in mail.shown.postal_address.splitlines() if line.strip()]
    if not lines:
        yield mail.error("address-missing", "There is no postal address; the law asks for one in every newsletter.")
    elif not all(line in mail.page.words and line in mail.text for line in lines):
        yield mail.error("address-missing", "The postal address is not in the html and the text.")


def readers_can_leave(mail: Mail) -> Iterator[Finding]:
    if "%%{unsubscribe_url}%%" not in mail.page.links:
        yield mail.error("leave-missing", "The html has no link to leave the newsletter (slots.unsubscribe_url).")
    if "unsubscribe_url" not in Part.of_text(mail.rendered.text).names:
        yield mail.error("leave-missing", "The text has no link to leave the newsletter (slots.unsubscribe_url).")


def nothing_is_left_to_fill_in(mail: Mail) -> Iterator[Finding]:
    read = f"{mail.rendered.subject} {mail.rendered.preheader} {mail.page.words} {mail.text}"
    words = (
        {"TODO"} if _TODO_IS_A_WORD & {mail.edition.language, *(s.language for s in mail.edition.stories)} else set()
    )
    for said in sorted({match[0] for match in _UNFILLED.finditer(read)} - words):
        yield mail.warning("unfilled", f"“{said}” looks like something that was to be filled in.")


def text_part_is_whole(mail: Mail) -> Iterator[Finding]:
    words, of = len(mail.text.split()), len(mail.page.words.split())
    if not mail.text:
        yield mail.error("text-missing", "There is no text part; some readers and filters see nothing else.")
    elif words < of * _SHARE:
        yield mail.warning("text-short", f"The text part has {words} words, the html {of}: something is missing.")


def html_is_not_clipped(mail: Mail) -> Iterator[Finding]:
    size = len(mail.rendered.html.encode())
    said = f"The html has {size:,} bytes; Gmail clips a mail at {CLIPPED:,}, with the way to leave. Drop a story."
    if size >= CLIPPED:
        yield mail.error("html-too-large", said)
    elif size >= NEARLY_CLIPPED:
        yield mail.warning("html-too-large", said)


def _links_to(mail: Mail, url: str) -> bool:
    # The html writer percent-encodes what is no ASCII; what is left tells the links apart well enough.
    return any(link == url or _ascii(link) == _ascii(url) for link in mail.page.links)


def _ascii(url: str) -> str:
    return re.sub(r"%[0-9A-Fa-f]{2}|[^\x21-\x7e]", "", url)
