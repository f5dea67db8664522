"""What a person may be called and which language they read, brought into the form that the list keeps.

The same cleaning stands at every door (form, command line, file), so that an export comes back as it went out.
"""

from __future__ import annotations

import re
from functools import lru_cache

#: Longer names are cut; they are mistakes or mischief, and a greeting has no room for them.
LONGEST_NAME = 200

#: Characters of an answer, why somebody left, that are kept.
LONGEST_WHY = 600

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+")
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)*(?:\.[A-Za-z0-9-]+)?")


def clean_name(written: str) -> str:
    """`written` as it will stand in a greeting and in a header."""
    return one_line(written, LONGEST_NAME)


def one_line(written: str, longest: int) -> str:
    """`written` on one line, without control characters, cut where it is longer."""
    # What is printable has no space but the ordinary one.
    if written.isprintable() and "  " not in written and len(written) <= longest:
        return written.strip()
    return " ".join(_CONTROL.sub(" ", written).split())[:longest].rstrip()


@lru_cache(4096)  # a list has few languages and many rows
def clean_language(written: str) -> str:
    """The primary language of a tag such as "en-US" or "pt_BR"; empty when it is none."""
    found = _LANGUAGE.fullmatch(written.strip())
    return found[1].lower() if found else ""
