"""Tags and topics in a cell: several words, told apart the way other systems do."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from functools import lru_cache

from subscribers.wishes import clean

#: More in one row is a mistake, or another column.
MOST = 100

#: What would part a word, or be taken off it.
_PARTING = frozenset(',;|"[]{}')

_BETWEEN = re.compile(r"\s*[;|\n]\s*")


@lru_cache(4096)  # a list has few tags and many rows
def split(cell: str) -> tuple[str, ...]:
    """The words in a cell as they are kept, each once. Commas part them unless semicolons or bars do."""
    text = cell.strip()
    if not text:
        return ()
    if text[0] in "[{" and text[-1] in "]}":
        text = text[1:-1]
    if '"' in text:
        parts = next(csv.reader([text], skipinitialspace=True), [])
    else:
        parts = _BETWEEN.split(text) if re.search("[;|\n]", text) else text.split(",")
    return tuple(dict.fromkeys(word for part in parts if (word := clean(part))))[:MOST]


def joined(words: Sequence[str]) -> str:
    """The other way: what `split` takes apart again, whatever is in the words."""
    if not any(set(word) & _PARTING for word in words):
        return ", ".join(words)
    return ",".join('"' + word.replace('"', '""') + '"' for word in words)
