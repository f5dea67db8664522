"""Rules on the note above the stories: it is text, it is short, and no theme may leave it out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.model import Finding
from digest.render.reading import one_spaced
from digest.render.rules.mail import Mail

#: Beyond so many words it is a story of its own, and pushes the others off the screen of a phone.
LONG = 60

_TAG = re.compile(r"</?[a-z][^<>]*>|&(?:[a-z]+|#\d+);", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://|\bwww\.", re.IGNORECASE)


def note_is_shown(mail: Mail) -> Iterator[Finding]:
    note = one_spaced(mail.shown.note)
    for part, seen in (("html", mail.page.words), ("text", mail.text)):
        if note and note not in seen:
            said = f"The {part} part does not show the note; the theme must (edition.note), or take the note away."
            yield mail.error("note-missing", said, where="note")


def note_is_short(mail: Mail) -> Iterator[Finding]:
    words = len(mail.edition.note.split())
    if words > LONG:
        yield mail.warning("note-long", f"The note has {words} words; a reader comes for the stories.", where="note")


def note_is_plain_text(mail: Mail) -> Iterator[Finding]:
    if found := _TAG.search(mail.edition.note):
        said = f"A note is plain text: readers would see “{found[0]}” as it stands."
        yield mail.warning("note-markup", said, where="note")
    if _ADDRESS.search(mail.edition.note):
        said = "An address in a note is text and no link; name the story that has the link instead."
        yield mail.warning("note-address", said, where="note")
