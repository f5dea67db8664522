"""How the lists of phrases become patterns: matched without regard to case against one tidy paragraph."""

from __future__ import annotations

import re

#: Regular expressions by language.
Patterns = dict[str, tuple[str, ...]]


def compiled(patterns: Patterns) -> re.Pattern[str]:
    """One pattern that matches where any of them does."""
    return re.compile("|".join(f"(?:{pattern})" for group in patterns.values() for pattern in group), re.IGNORECASE)


def hinted(text: str, hints: tuple[str, ...]) -> bool:
    """Does it hold one of these? Far quicker to tell than whether a pattern matches."""
    lowered = text.lower()
    return any(hint in lowered for hint in hints)


def each(patterns: Patterns) -> tuple[re.Pattern[str], ...]:
    """Pattern by pattern, so that hits can be counted."""
    return tuple(re.compile(pattern, re.IGNORECASE) for group in patterns.values() for pattern in group)
