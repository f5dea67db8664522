"""Rules on what a reader sees before opening: subject and preheader."""

from __future__ import annotations

from collections.abc import Iterator

from digest.model import Finding
from digest.render.rules.mail import Mail

#: Phones show 35 to 50 characters of a subject, desktops about 70.
SUBJECT_FITS = 70
#: Shorter ones are names and abbreviations, in which capitals say nothing.
_SHOUT_LETTERS = 8


def subject_says_something(mail: Mail) -> Iterator[Finding]:
    if not mail.rendered.subject.strip():
        yield mail.error("subject-missing", "The subject is empty; write one.")


def subject_fits_the_list_of_mails(mail: Mail) -> Iterator[Finding]:
    length = len(mail.rendered.subject)
    if length > SUBJECT_FITS:
        yield mail.warning(
            "subject-long", f"The subject has {length} characters; most readers see no more than {SUBJECT_FITS}."
        )


def subject_does_not_shout(mail: Mail) -> Iterator[Finding]:
    # Scripts without capitals have no upper case to be in.
    subject = mail.rendered.subject
    if subject.isupper() and sum(letter.isalpha() for letter in subject) >= _SHOUT_LETTERS:
        yield mail.warning("subject-shouts", "The subject is all capitals, which spam filters and readers dislike.")


def subject_is_one_line(mail: Mail) -> Iterator[Finding]:
    if any(len(text.splitlines()) > 1 for text in (mail.edition.subject, mail.rendered.subject)):
        yield mail.error("subject-broken", "The subject has a line break; write it on one line.")


def preheader_adds_something(mail: Mail) -> Iterator[Finding]:
    preheader = mail.rendered.preheader.strip()
    if not preheader:
        yield mail.warning(
            "preheader-missing",
            "There is no preheader; mail programs will show whatever comes first instead.",
        )
    elif preheader.casefold() == mail.rendered.subject.strip().casefold():
        yield mail.warning("preheader-repeats", "The preheader repeats the subject; say something more.")
